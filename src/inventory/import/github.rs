//! GitHub: fine-grained tokens of an organisation, credential authorisations (classic tokens and SSH
//! keys), app installations, and the audit log's token digests.
//!
//! Four exports with keys of their own. The audit log's `hashed_token` is the SHA-256 of a token in
//! base64: a list of identifiers without any secret.

use std::collections::BTreeSet;

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 1] = ["installations"];

fn is_token(n: &Node<'_>) -> bool {
    n.has("token_expires_at") || n.has("access_granted_at")
}

fn is_authorization(n: &Node<'_>) -> bool {
    n.has("credential_authorized_at") || n.has("token_last_eight")
}

fn is_installation(n: &Node<'_>) -> bool {
    n.has("app_slug") && n.has("permissions")
}

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, |n| {
        is_token(n) || is_authorization(n) || is_installation(n) || n.has("hashed_token")
    })
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    let mut digests = BTreeSet::new();
    shape::each(root, &LISTS, &mut |node| {
        if is_authorization(node) {
            authorization(intake.draft_of(node)?, node);
        } else if is_installation(node) {
            installation(intake.draft_of(node)?, node);
        } else if is_token(node) {
            token(intake.draft_of(node)?, node);
        } else if node.has("hashed_token") && digests.insert(node.text_of("hashed_token").to_owned()) {
            audited(intake.draft_of(node)?, node);
        }
        Ok(())
    })
}

fn token(mut draft: Draft<'_, '_>, node: &Node<'_>) {
    draft.put_text("kind", "personal_access_token");
    draft.put("credential_owner", node.at(&["owner", "login"]));
    draft.put("approved_at", node.get("access_granted_at"));
    draft.until_or_never(node.get("token_expires_at"));
    draft.record.expiry_enforced = Some(true);
    draft.put("last_used_at", node.get("token_last_used_at"));
    let expired = node.truth_of("token_expired") == Some(true);
    draft.record.status = Some(if expired { Status::Expired } else { Status::Active });
    permissions(&mut draft, node);
    draft.finish_as(node.any(&["token_id", "id"]).and_then(Node::text).unwrap_or_default());
}

fn authorization(mut draft: Draft<'_, '_>, node: &Node<'_>) {
    let ssh = node.text_of("credential_type").to_ascii_lowercase().contains("ssh");
    draft.put_text("kind", if ssh { "ssh_key" } else { "personal_access_token" });
    draft.put("credential_owner", node.get("login"));
    draft.put("approved_at", node.get("credential_authorized_at"));
    draft.put("last_used_at", node.get("credential_accessed_at"));
    draft.put("expires_at", node.get("authorized_credential_expires_at"));
    draft.put("scopes", node.get("scopes"));
    if let Some(last) = node.get("token_last_eight").and_then(Node::text) {
        draft.put_text("hint", &format!("...{last}"));
    }
    if ssh {
        draft.put("key_id", node.get("fingerprint"));
    }
    draft.record.dated_status = true;
    draft.finish_as(node.text_of("credential_id"));
}

fn installation(mut draft: Draft<'_, '_>, node: &Node<'_>) {
    draft.put_text("kind", "other");
    draft.record.connector = format!("product={}", node.text_of("app_slug")).into();
    draft.put("client_ids", node.get("app_id"));
    draft.put("issued_at", node.get("created_at"));
    let suspended = node.get("suspended_at").is_some();
    draft.record.status = Some(if suspended { Status::Suspended } else { Status::Active });
    permissions(&mut draft, node);
    draft.lives_on();
    draft.finish_as(node.text_of("id"));
}

fn audited(mut draft: Draft<'_, '_>, node: &Node<'_>) {
    draft.put_text("kind", "personal_access_token");
    let digest = node.text_of("hashed_token");
    draft.put_text("fingerprints", &format!("sha256-b64:{digest}"));
    draft.put("credential_owner", node.get("actor"));
    draft.put("last_used_at", node.any(&["created_at", "@timestamp"]));
    draft.put_text("scopes", &node.text_of("token_scopes").replace(',', ";"));
    let id = draft.record.fingerprints.first().map(|f| f.digest[..12].to_owned()).unwrap_or_default();
    draft.finish_as(&id);
}

/// `repository:contents:read`, flat or by section.
fn permissions(draft: &mut Draft<'_, '_>, node: &Node<'_>) {
    for (name, value) in node.get("permissions").map_or(&[][..], Node::entries) {
        if let Some(access) = value.text() {
            draft.record.scopes.push(format!("{name}:{access}").into());
            continue;
        }
        let inner = value.entries().iter().filter_map(|(n, v)| Some(format!("{name}:{n}:{}", v.text()?).into()));
        draft.record.scopes.extend(inner);
    }
    if let Some(selection) = node.get("repository_selection").and_then(Node::text) {
        draft.record.scopes.push(format!("repositories:{selection}").into());
    }
}
