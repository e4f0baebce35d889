//! Tyk keys: session objects, in a list or under their key ids.
//!
//! Where the gateway stores keys hashed, the key id is a digest of its own (murmur) and serves as an
//! id alone. `expires` 0 is never.

use super::InventoryError;
use super::intake::{Draft, Intake};
use super::node::Node;
use super::shape;
use crate::inventory::Status;

const LISTS: [&str; 2] = ["keys", "sessions"];

fn is_session(node: &Node<'_>) -> bool {
    let session = node.get("data").unwrap_or(node);
    session.has("access_rights") && (session.has("expires") || session.has("date_created") || session.has("org_id"))
}

pub(super) fn recognises(root: &Node<'_>) -> bool {
    shape::starts_with(root, &LISTS, is_session) || root.entries().first().is_some_and(|(_, n)| is_session(n))
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    if !is_session(root) && root.entries().iter().any(|(_, n)| is_session(n)) {
        for (key, node) in root.entries().iter().filter(|(_, n)| is_session(n)) {
            session(intake.draft_of(node)?, node, key);
        }
        return Ok(());
    }
    shape::each(root, &LISTS, &mut |node| {
        session(intake.draft_of(node)?, node, "");
        Ok(())
    })
}

fn session(mut draft: Draft<'_, '_>, node: &Node<'_>, listed_as: &str) {
    let data = node.get("data").unwrap_or(node);
    draft.put_text("kind", "api_key");
    draft.put_text("direction", "inbound");
    draft.tags(data.get("meta_data"));
    draft.tags(data.get("tags"));
    draft.put("issued_at", data.get("date_created"));
    draft.put("expires_at", data.get("expires"));
    draft.record.expiry_enforced = Some(true);
    let inactive = data.truth_of("is_inactive") == Some(true);
    draft.record.status = Some(if inactive { Status::Suspended } else { Status::Active });
    draft.put("client_ids", data.get("oauth_client_id").filter(|n| n.text().is_some_and(|t| !t.is_empty())));
    for (id, right) in data.get("access_rights").map_or(&[][..], Node::entries) {
        let name = right.text_of("api_name");
        draft.record.apis.push(if name.is_empty() { id.to_string().into() } else { name.into() });
        for allowed in right.get("allowed_urls").into_iter().flat_map(Node::rows) {
            let methods: Vec<&str> = allowed.items_of("methods").iter().filter_map(Node::text).collect();
            draft.record.scopes.push(format!("{} {}", methods.join(","), allowed.text_of("url")).trim().into());
        }
    }
    for policy in data.get("apply_policies").into_iter().flat_map(Node::rows) {
        draft.record.scopes.extend(policy.text().map(|id| format!("policy:{id}").into()));
    }
    draft.secret_at(data, "hmac_string");
    for (part, key) in [("basic_auth_data", "password"), ("jwt_data", "secret")] {
        if let Some(part) = data.get(part) {
            draft.secret(key, part.text_of(key), part.has("password"));
        }
    }
    // Under `key`, or as the name it is listed by, stands the key itself unless keys are hashed.
    let clear = if listed_as.is_empty() { node.text_of("key") } else { listed_as };
    let hash = node.any(&["key_hash"]).or(data.any(&["key_hash"])).and_then(Node::text).unwrap_or_default();
    let hashed = clear == hash || matches!(clear.len(), 8 | 16 | 32) && clear.bytes().all(|b| b.is_ascii_hexdigit());
    if !hashed {
        draft.secret("key", clear, false);
    }
    let own = [hash, data.text_of("key_id"), data.text_of("alias"), if hashed { clear } else { "" }];
    let id = own.into_iter().find(|id| !id.is_empty()).unwrap_or_default().to_owned();
    let id = match (id.is_empty(), draft.record.fingerprints.first()) {
        (true, Some(fingerprint)) => fingerprint.digest[..12].to_owned(),
        (true, None) => format!("line {}", draft.line()),
        (false, _) => id,
    };
    draft.finish_as(&id);
}
