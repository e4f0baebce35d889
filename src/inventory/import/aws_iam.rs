//! AWS IAM: the access-key list (JSON) and the credential report (CSV).
//!
//! The report has no key ids; the list has no last use. Both give a key's user and creation time,
//! by which they are merged. Access keys have no end of their own.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use super::table::{Header, Table};
use crate::inventory::Status;

const STATUS: &[(&str, Status)] =
    &[("Active", Status::Active), ("Inactive", Status::Suspended), ("Expired", Status::Expired)];
const LISTS: [&str; 1] = ["AccessKeyMetadata"];

pub(super) fn recognises_tree(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| n.has("AccessKeyId") && n.has("UserName"))
}

pub(super) fn recognises_table(header: &Header) -> bool {
    header.has(&["user", "access_key_1_active", "access_key_2_active"])
}

/// Reads the output of `list-access-keys`.
pub(super) fn read_tree(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        draft.put("key_id", node.get("AccessKeyId"));
        draft.put_status(node.get("Status"), STATUS);
        draft.put("issued_at", node.get("CreateDate"));
        draft.put("last_used_at", node.any(&["LastUsedDate"]).or(node.at(&["AccessKeyLastUsed", "LastUsedDate"])));
        draft.secret_at(node, "SecretAccessKey");
        let id = node.text_of("AccessKeyId").to_owned();
        end(draft, node.text_of("UserName"), &id);
        Ok(())
    })
}

/// Reads a credential report: up to two keys per user.
pub(super) fn read_table(table: Table<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    table.each(intake, |intake, row| {
        for number in ["1", "2"] {
            let get = |what: &str| row.get(&format!("access_key_{number}_{what}"));
            let active = get("active").eq_ignore_ascii_case("true");
            let rotated = get("last_rotated");
            if !active
                && matches!(rotated.to_ascii_lowercase().as_str(), "" | "n/a" | "not_supported" | "no_information")
            {
                continue;
            }
            let mut draft = intake.draft(row.line)?;
            draft.record.status = Some(if active { Status::Active } else { Status::Suspended });
            draft.put_text("issued_at", rotated);
            draft.put_text("last_rotated_at", rotated);
            draft.put_text("last_used_at", get("last_used_date"));
            let user = row.get("user");
            end(draft, user, &format!("{user}:access_key_{number}"));
        }
        Ok(())
    })
}

fn end(mut draft: Draft<'_, '_>, user: &str, id: &str) {
    draft.put_text("kind", "api_key_pair");
    draft.lives_on();
    if let (Some(issued), false) = (draft.record.issued_at, user.is_empty()) {
        draft.record.source_id = format!("iam:{user}:{}", issued.start().as_second());
    }
    draft.finish_as(id);
}
