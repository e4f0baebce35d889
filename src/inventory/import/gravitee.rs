//! Gravitee API keys, in clear. Their `hash` is an MD5 and is not kept.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 2] = ["data", "keys"];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.has("key")
            && (n.has("subscriptions")
                || n.has("daysToExpirationOnLastNotification")
                || (n.has("revoked") && n.has("paused")))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "api_key");
        draft.put_text("direction", "inbound");
        draft.secret_at(node, "key");
        draft.put("issued_at", node.get("created_at"));
        draft.until_or_never(node.get("expire_at"));
        draft.record.expiry_enforced = Some(true);
        draft.put("revoked_at", node.get("revoked_at"));
        let is = |key: &str| node.truth_of(key) == Some(true);
        let status = if is("revoked") {
            Status::Revoked
        } else if is("expired") {
            Status::Expired
        } else if is("paused") {
            Status::Suspended
        } else {
            Status::Active
        };
        draft.record.status = Some(status);
        let plans = node.get("subscriptions").into_iter().flat_map(Node::rows);
        let apis = plans.filter_map(|s| {
            s.any(&["api", "plan"]).and_then(|n| n.text().or(Some(n.text_of("name"))).map(str::to_owned))
        });
        draft.record.apis = apis.filter(|a| !a.is_empty()).collect();
        draft.finish_as(node.text_of("id"));
        Ok(())
    })
}
