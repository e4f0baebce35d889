//! Google Cloud Secret Manager: secrets and, where attached, their versions. No value.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;
use crate::inventory::field::overall;

const LISTS: [&str; 1] = ["secrets"];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        let name = n.text_of("name");
        name.starts_with("projects/") && name.contains("/secrets/")
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    const STATES: [(&str, Status); 3] =
        [("ENABLED", Status::Active), ("DISABLED", Status::Suspended), ("DESTROYED", Status::Revoked)];
    shape::each(root, &LISTS, &mut |node| {
        let name = node.text_of("name").to_owned();
        let mut draft = intake.draft_of(node)?;
        draft.tags(node.get("labels"));
        draft.tags(node.get("annotations"));
        draft.put_text("vault_ref", &format!("gcpsm://{name}"));
        draft.put("issued_at", node.get("createTime"));
        if let Some(expires) = node.get("expireTime") {
            draft.put("expires_at", Some(expires));
            draft.record.expiry_enforced = Some(true);
        } else {
            draft.lives_on();
        }
        if let Some(period) = node.at(&["rotation", "rotationPeriod"]).and_then(Node::text) {
            let seconds = period.trim_end_matches('s').parse::<u32>();
            draft.record.rotation_days = seconds.ok().map(|s| s / 86_400);
        }
        let versions = || node.get("versions").into_iter().flat_map(Node::rows);
        // The latest version that is in force.
        let enabled = versions().find(|v| v.text_of("state") == "ENABLED");
        draft.put("last_rotated_at", enabled.as_ref().and_then(|v| v.get("createTime")));
        if versions().all(|v| v.text_of("state") == "DESTROYED") {
            let last = versions().next();
            draft.put("revoked_at", last.as_ref().and_then(|v| v.get("destroyTime")));
        }
        let states: Vec<_> =
            versions().filter_map(|v| STATES.iter().find(|(w, _)| *w == v.text_of("state")).map(|(_, s)| *s)).collect();
        let own = STATES.iter().find(|(w, _)| *w == node.text_of("state")).map(|(_, s)| *s);
        draft.record.status = own.or_else(|| overall(states.into_iter())).or(Some(Status::Active));
        draft.finish_as(&name);
        Ok(())
    })
}
