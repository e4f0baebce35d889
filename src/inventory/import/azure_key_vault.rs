//! Azure Key Vault secret lists, from the REST interface, the command line or the libraries.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["value"];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.text_of("id").contains(".vault.azure.net/") || n.text_of("vault_url").contains(".vault.azure.net")
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let attributes = node.get("attributes").unwrap_or(node);
        let mut draft = intake.draft_of(node)?;
        draft.tags(node.get("tags"));
        let id = node.text_of("id").to_owned();
        // Without the version: a reference to a vault means the current one.
        let secret = id
            .split_once("/secrets/")
            .map(|(vault, rest)| format!("{vault}/secrets/{}", rest.split('/').next().unwrap_or(rest)));
        draft.put_text("vault_ref", secret.as_deref().unwrap_or(&id));
        draft.put("issued_at", attributes.any(&["nbf", "notBefore", "not_before", "created", "created_on"]));
        draft.put("last_rotated_at", attributes.any(&["updated", "updated_on"]));
        match attributes.any(&["exp", "expires", "expires_on"]) {
            Some(expires) => {
                draft.put("expires_at", Some(expires));
                draft.record.expiry_enforced = Some(true);
            }
            None => draft.lives_on(),
        }
        let enabled = attributes.truth_of("enabled") != Some(false);
        draft.record.status = (!enabled).then_some(Status::Suspended);
        draft.record.dated_status = true;
        draft.secret_at(node, "value");
        draft.finish_as(secret.as_deref().unwrap_or(&id));
        Ok(())
    })
}
