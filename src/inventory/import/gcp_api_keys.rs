//! Google Cloud API keys (version 2). A key without restrictions may call every API that is enabled.

use arcstr::ArcStr;

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["keys"];
/// The scope of a key without any restriction.
const UNRESTRICTED: &str = "*";

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        let name = n.text_of("name");
        name.contains("/keys/")
            && !name.contains("/serviceAccounts/")
            && (n.has("uid") || n.has("restrictions") || n.has("keyString"))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "api_key");
        draft.tags(node.get("annotations"));
        draft.secret_at(node, "keyString");
        draft.put("client_ids", node.get("serviceAccountEmail"));
        draft.put("issued_at", node.get("createTime"));
        draft.put("revoked_at", node.get("deleteTime"));
        let deleted = node.get("deleteTime").is_some();
        draft.record.status = Some(if deleted { Status::Revoked } else { Status::Active });
        let restrictions = node.get("restrictions");
        let targets = restrictions.and_then(|r| r.get("apiTargets")).into_iter().flat_map(Node::rows);
        draft.record.apis = targets.map(|t| t.text_of("service").into()).filter(|s: &ArcStr| !s.is_empty()).collect();
        if draft.record.apis.is_empty() {
            draft.record.scopes.push(UNRESTRICTED.into());
        }
        if restrictions.is_some_and(|r| r.has("serverKeyRestrictions")) {
            draft.put_text("conditions", "ip_allowlist");
        }
        draft.lives_on();
        let id = node.any(&["uid", "name"]).and_then(Node::text).unwrap_or_default().to_owned();
        draft.finish_as(&id);
        Ok(())
    })
}
