//! `CyberArk` accounts: the JSON of the accounts interface, and the bulk upload (CSV, JSON) that carries
//! secrets. Times are epoch seconds.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use super::table::{Header, Table};
use crate::inventory::Status;

const LISTS: [&str; 2] = ["value", "accounts"];

pub(super) fn recognises_tree(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| n.has("safeName") && n.has("platformId"))
}

pub(super) fn recognises_table(header: &Header) -> bool {
    header.has(&["safename", "platformid"]) || header.has(&["safe", "platformid"])
}

pub(super) fn read_tree(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.tags(node.get("platformAccountProperties"));
        draft.put("issued_at", node.get("createdTime"));
        draft.put("last_rotated_at", node.at(&["secretManagement", "lastModifiedTime"]));
        let key = node.text_of("secretType") == "key";
        draft.secret("secret", node.text_of("secret"), !key);
        account(&mut draft, key, node.text_of("userName"), node.text_of("safeName"), node.text_of("name"));
        draft.finish_as(node.any(&["id", "name"]).and_then(Node::text).unwrap_or_default());
        Ok(())
    })
}

pub(super) fn read_table(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    table.each(intake, |intake, row| {
        let mut draft = intake.draft(row.line)?;
        let key = row.any(&["secrettype", "secret_type"]) == "key";
        draft.secret("secret", row.any(&["secret", "password"]), !key);
        let (safe, name) = (row.any(&["safename", "safe"]), row.any(&["name", "objectname", "object"]));
        account(&mut draft, key, row.get("username"), safe, name);
        let id = if name.is_empty() { format!("{safe}:{}", row.get("username")) } else { name.to_owned() };
        draft.finish_as(&id);
        Ok(())
    })
}

fn account(draft: &mut Draft<'_, '_>, key: bool, user: &str, safe: &str, name: &str) {
    draft.put_text("kind", if key { "ssh_key" } else { "basic_auth" });
    draft.put_text("client_ids", user);
    if !name.is_empty() && draft.record.vault_ref.is_empty() {
        draft.record.vault_ref = format!("cyberark://{safe}/{name}").into();
    }
    draft.record.status = Some(Status::Active);
    draft.lives_on();
}
