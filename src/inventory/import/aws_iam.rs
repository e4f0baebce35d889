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
const LISTS: [&str; 2] = ["AccessKeyMetadata", "ServiceSpecificCredentials"];

pub(super) fn recognises_tree(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        (n.has("AccessKeyId") || n.has("ServiceSpecificCredentialId")) && n.has("UserName")
    })
}

pub(super) fn recognises_table(header: &Header) -> bool {
    header.has(&["user", "access_key_1_active", "access_key_2_active"])
}

/// Reads the output of `list-access-keys`.
pub(super) fn read_tree(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &LISTS, &mut |node| {
        let mut draft = intake.draft_of(node)?;
        if node.has("ServiceSpecificCredentialId") {
            service_specific(draft, node);
            return Ok(());
        }
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

/// A password for one service: it may have an end, and the name under which it is used.
fn service_specific(mut draft: Draft<'_, '_>, node: &Node<'_>) {
    draft.put_text("kind", "basic_auth");
    draft.put_status(node.get("Status"), STATUS);
    draft.put("issued_at", node.get("CreateDate"));
    draft.until_or_never(node.get("ExpirationDate"));
    draft.record.expiry_enforced = Some(true);
    draft.put("key_id", node.get("ServiceCredentialAlias"));
    draft.put("client_ids", node.get("ServiceUserName"));
    draft.put("apis", node.get("ServiceName"));
    draft.secret("ServicePassword", node.text_of("ServicePassword"), true);
    draft.secret_at(node, "ServiceCredentialSecret");
    draft.finish_as(node.text_of("ServiceSpecificCredentialId"));
}

/// Reads a credential report: up to two keys and two signing certificates per user.
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
        for number in ["1", "2"] {
            let get = |what: &str| row.get(&format!("cert_{number}_{what}"));
            if get("active").eq_ignore_ascii_case("true") {
                let mut draft = intake.draft(row.line)?;
                draft.put_text("kind", "signing_key");
                draft.record.status = Some(Status::Active);
                draft.put_text("last_rotated_at", get("last_rotated"));
                draft.lives_on();
                draft.finish_as(&format!("{}:cert_{number}", row.get("user")));
            }
        }
        Ok(())
    })
}

fn end(mut draft: Draft<'_, '_>, user: &str, id: &str) {
    draft.put_text("kind", "api_key_pair");
    draft.lives_on();
    if let (Some(issued), false) = (draft.record.issued_at, user.is_empty()) {
        draft.record.source_id = format!("iam:{user}:{}", issued.start().as_second()).into();
    }
    draft.finish_as(id);
}
