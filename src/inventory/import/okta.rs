//! Okta API tokens. Only active ones are listed; a token may do whatever its user may.
//!
//! `expiresAt` is the end of a window of inactivity that slides on use, and so no end at all.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &[], |n| {
        n.has("tokenWindow") || (n.has("clientName") && n.has("userId") && n.has("created"))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &[], &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "access_token");
        draft.put("credential_owner", node.get("userId"));
        draft.put("issued_at", node.get("created"));
        // The window begins anew with every use.
        draft.put("last_used_at", node.get("lastUpdated"));
        draft.put("expires_at", node.get("expiresAt"));
        draft.record.expiry_enforced = Some(false);
        if node.text_of("network").is_empty() && node.at(&["network", "include"]).is_some_and(|n| !n.items().is_empty())
        {
            draft.put_text("conditions", "ip_allowlist");
        }
        draft.record.status = Some(Status::Active);
        draft.secret_at(node, "token");
        draft.finish_as(node.text_of("id"));
        Ok(())
    })
}
