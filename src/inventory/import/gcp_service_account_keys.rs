//! Google Cloud service-account keys: the last part of `name` is the `private_key_id` of the key file.
//!
//! Keys that Google manages itself cannot leak and are passed over. A key that was disabled because
//! it was exposed says so.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["keys"];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        n.text_of("name").contains("/serviceAccounts/") && n.text_of("name").contains("/keys/")
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        if node.text_of("keyType") == "SYSTEM_MANAGED" {
            return Ok(());
        }
        let name = node.text_of("name").to_owned();
        let account = name.split("/serviceAccounts/").nth(1).and_then(|n| n.split('/').next()).unwrap_or("");
        let mut draft = intake.draft_of(node)?;
        draft.put_text("kind", "service_account_key");
        draft.put_text("key_id", name.rsplit('/').next().unwrap_or(""));
        draft.put_text("client_ids", account);
        draft.put("issued_at", node.get("validAfterTime"));
        draft.put("expires_at", node.get("validBeforeTime"));
        draft.record.expiry_enforced = Some(true);
        let disabled = node.truth_of("disabled") == Some(true);
        draft.record.status = disabled.then_some(Status::Suspended);
        draft.record.dated_status = true;
        let reason = node.text_of("disableReason");
        let told = |text: &str| text.contains("EXPOSED") || text.contains("COMPROMISE");
        let extended = node.get("extendedStatus").into_iter().flat_map(Node::rows).any(|s| told(s.text_of("key")));
        if told(reason) || extended {
            draft.record.exposed = Some(true);
        }
        draft.secret_at(node, "privateKeyData");
        draft.finish_as(&name);
        Ok(())
    })
}
