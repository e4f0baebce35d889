//! Azure API Management subscriptions.
//!
//! `expirationDate` is for audit only: the subscription goes on working, so the date is not
//! enforced. Listings never fill in the keys.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["value"];
/// What a subscription for all APIs may reach.
const EVERYTHING: &str = "*";
const STATUS: &[(&str, Status)] = &[
    ("submitted", Status::Requested),
    ("active", Status::Active),
    ("suspended", Status::Suspended),
    ("expired", Status::Expired),
    ("cancelled", Status::Revoked),
    ("rejected", Status::Revoked),
];

/// The properties, nested as in the REST interface or flat as command-line tools print them.
fn properties<'n, 'a>(node: &'n Node<'a>) -> &'n Node<'a> {
    node.get("properties").unwrap_or(node)
}

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        let p = properties(n);
        p.has("state") && p.has("scope") && (p.has("ownerId") || p.has("allowTracing"))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let p = properties(node);
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "api_key");
        draft.put_text("direction", "inbound");
        draft.put_status(p.get("state"), STATUS);
        draft.put("scopes", p.get("scope"));
        if p.text_of("scope").ends_with("/apis") {
            draft.record.scopes.push(EVERYTHING.into());
        }
        draft.put("issued_at", p.any(&["startDate", "createdDate"]));
        draft.put("requested_at", p.get("createdDate"));
        draft.until_or_never(p.get("expirationDate"));
        draft.record.expiry_enforced = Some(false);
        if draft.record.status == Some(Status::Revoked) {
            draft.put("revoked_at", p.get("endDate"));
        }
        draft.put("credential_owner", p.get("ownerId"));
        draft.secret_at(p, "primaryKey");
        draft.secret_at(p, "secondaryKey");
        let id = node.any(&["name", "id"]).and_then(Node::text).unwrap_or_default();
        draft.finish_as(id.rsplit('/').next().unwrap_or(id));
        Ok(())
    })
}
