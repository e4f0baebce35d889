//! Apigee developer apps (X, hybrid, Edge): several credentials per app, approval per product.
//!
//! `consumerKey` is itself the API key where a proxy verifies keys, so it is treated as a secret. An
//! app that is revoked makes its credentials unusable, whatever they say.

use thin_vec::ThinVec;

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 3] = ["app", "apps", "developerApps"];
const STATUS: &[(&str, Status)] =
    &[("approved", Status::Active), ("revoked", Status::Revoked), ("pending", Status::Requested)];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.has("appId") && n.has("developerId")
            || n.get("credentials").is_some_and(|c| c.rows().any(|c| c.has("consumerKey")))
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |app| {
        let count = app.items_of("credentials").len();
        let Some(credentials) = app.get("credentials") else { return Ok(()) };
        for (number, node) in credentials.rows().enumerate() {
            let mut draft = intake.draft_of(&node)?;
            draft.put_text("kind", "api_key_pair");
            draft.put_text("direction", "inbound");
            draft.tags(node.get("attributes"));
            draft.tags(app.get("attributes"));
            draft.secret_at(&node, "consumerKey");
            draft.secret_at(&node, "consumerSecret");
            draft.put("requested_by", app.get("developerId"));
            draft.put("issued_at", node.get("issuedAt").or(app.get("createdAt")));
            match node.get("expiresAt") {
                Some(end) => draft.put("expires_at", Some(end)),
                None => draft.expires_after(app.get("keyExpiresIn"), 1_000),
            }
            draft.record.expiry_enforced = Some(true);
            draft.put("scopes", node.get("scopes").filter(|s| !s.items().is_empty()).or(app.get("scopes")));
            let (mut granted, mut pending) = (ThinVec::new(), 0);
            for product in node.get("apiProducts").into_iter().flat_map(Node::rows) {
                match product.text_of("status") {
                    "approved" | "" => granted.push(product.text_of("apiproduct").into()),
                    "pending" => pending += 1,
                    _ => {}
                }
            }
            draft.put_status(node.get("status"), STATUS);
            if app.text_of("status") == "revoked" {
                draft.record.status = Some(Status::Revoked);
            } else if granted.is_empty() && pending > 0 && draft.record.status == Some(Status::Active) {
                draft.record.status = Some(Status::Requested);
            }
            draft.record.approved_apis.clone_from(&granted);
            draft.record.apis = granted;
            let app_id = app.any(&["appId", "name"]).and_then(Node::text).unwrap_or_default();
            let id = if count == 1 { app_id.to_owned() } else { format!("{app_id}:{}", number + 1) };
            draft.finish_as(&id);
        }
        Ok(())
    })
}
