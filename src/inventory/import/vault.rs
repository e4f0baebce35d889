//! `HashiCorp` Vault: KV version 2 metadata, and the Radar index of secrets (JSON lines).
//!
//! Metadata has no value and no path of its own: each answer stands under its path, or beside a
//! `path`. Radar's hashes need the project's salt and are only comparable where it is given.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 2] = ["secrets", "items"];

fn is_metadata(node: &Node<'_>) -> bool {
    let data = node.get("data").unwrap_or(node);
    data.has("versions") && (data.has("current_version") || data.has("created_time"))
}

pub(super) fn recognises_metadata(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, is_metadata) || root.entries().first().is_some_and(|(_, n)| is_metadata(n))
}

pub(super) fn read_metadata(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    if !is_metadata(root) && root.entries().iter().any(|(_, n)| is_metadata(n)) {
        for (path, node) in root.entries().iter().filter(|(_, n)| is_metadata(n)) {
            metadata(intake.draft_of(node)?, node, path);
        }
        return Ok(());
    }
    shape::each(root, &LISTS, &mut |node| {
        if !is_metadata(node) {
            intake.set_aside(node.line, "", "expected the metadata of a secret: `versions`, `created_time`");
            return Ok(());
        }
        let path = node.get("path").or(node.at(&["data", "path"])).and_then(Node::text).unwrap_or_default();
        metadata(intake.draft_of(node)?, node, path);
        Ok(())
    })
}

fn metadata(mut draft: Draft<'_, '_>, node: &Node<'_>, path: &str) {
    let data = node.get("data").unwrap_or(node);
    draft.tags(data.get("custom_metadata"));
    draft.put("issued_at", data.get("created_time"));
    let version = data.at(&["versions", data.text_of("current_version")]);
    draft.put("last_rotated_at", version.and_then(|v| v.get("created_time")).or(data.get("updated_time")));
    if let Some(version) = version {
        let deleted = !version.text_of("deletion_time").is_empty();
        let destroyed = version.truth_of("destroyed") == Some(true);
        // Where versions end by themselves, the day stands there before it has come.
        let ends = !matches!(data.text_of("delete_version_after"), "" | "0s" | "0");
        if deleted && ends && !destroyed {
            draft.put("expires_at", version.get("deletion_time"));
            draft.record.expiry_enforced = Some(true);
            draft.record.dated_status = true;
        }
        draft.record.status = match (destroyed, deleted) {
            (true, _) => Some(Status::Revoked),
            (_, true) if ends => None,
            (_, true) => Some(Status::Suspended),
            _ => Some(Status::Active),
        };
        if deleted {
            draft.put("revoked_at", version.get("deletion_time").filter(|_| destroyed));
        }
    }
    draft.lives_on();
    if path.is_empty() {
        draft.unusable("vault_ref", "metadata without its path: put each answer under its path, or add `path`");
    } else {
        let path = path.replace("/metadata/", "/");
        draft.put_text("vault_ref", &format!("vault://{}", path.trim_matches('/')));
    }
    draft.finish_as(path);
}

pub(super) fn recognises_radar(root: &Node<'_>) -> bool {
    shape::starts_with(root, &[], |n| n.has("value_hash") && n.has("location"))
}

pub(super) fn read_radar(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    shape::each(root, &[], &mut |node| {
        let mut draft = intake.draft_of(node)?;
        let hash = node.text_of("value_hash");
        let hash = hash.rsplit(':').next().unwrap_or(hash);
        draft.put_text("fingerprints", &format!("radar:{hash}"));
        let (location, key) = (node.text_of("location"), node.text_of("secret_key"));
        let place = location.split_once("?version=").map_or(location, |(place, _)| place);
        let vault_ref = if key.is_empty() { place.to_owned() } else { format!("{place}#{key}") };
        draft.put_text("vault_ref", &vault_ref);
        let id = format!("{location}#{key}");
        draft.finish_as(&id);
        Ok(())
    })
}
