//! Microsoft Entra applications and service principals: passwords and certificates by key id.
//!
//! `hint` is the first three characters of a password; the value itself is only in the answer that
//! created it. Owners come from a separate call that users attach as `owners`.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;

const LISTS: [&str; 1] = ["value"];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| n.has("appId") && (n.has("passwordCredentials") || n.has("keyCredentials")))
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |app| {
        for (list, kind) in [("passwordCredentials", "oauth_client_secret"), ("keyCredentials", "tls_client_key")] {
            for node in app.get(list).into_iter().flat_map(Node::rows) {
                let mut draft = intake.draft_of(&node)?;
                draft.put_text("kind", kind);
                of_app(&mut draft, app);
                draft.put("issued_at", node.get("startDateTime"));
                draft.put("expires_at", node.get("endDateTime"));
                draft.record.expiry_enforced = Some(true);
                draft.record.dated_status = true;
                draft.put("key_id", node.get("keyId"));
                let hint = node.text_of("hint");
                if hint.len() == 3 && hint.is_ascii() {
                    draft.record.hint = format!("{hint}...").into();
                }
                draft.secret_at(&node, "secretText");
                let id = node.text_of("keyId").to_owned();
                draft.finish_as(&id);
            }
        }
        Ok(())
    })
}

fn of_app(draft: &mut Draft<'_, '_>, app: &Node<'_>) {
    draft.put("client_ids", app.get("appId"));
    draft.put("purpose", app.any(&["notes", "description"]));
    draft.tags(app.get("tags"));
    let owners = app.get("owners").into_iter().flat_map(Node::rows);
    let names: Vec<String> = owners
        .filter_map(|o| {
            o.any(&["userPrincipalName", "mail", "displayName", "id"])
                .or(Some(&*o))
                .and_then(Node::text)
                .map(str::to_owned)
        })
        .collect();
    if let Some(first) = names.first() {
        draft.tag("credential_owner", first);
    }
    draft.record.owners = names.iter().map(|n| format!("engineering:{n}").into()).collect();
    for resource in app.get("requiredResourceAccess").into_iter().flat_map(Node::rows) {
        let of = resource.text_of("resourceAppId");
        for access in resource.get("resourceAccess").into_iter().flat_map(Node::rows) {
            draft.record.scopes.push(format!("{of}/{}", access.text_of("id")).into());
        }
    }
}
