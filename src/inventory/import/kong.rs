//! Kong: declarative files and deck dumps, YAML or JSON, with credentials in clear.
//!
//! Credentials stand under their consumers, or in lists at the top that name the consumer. Such a
//! file is often committed: it is an inventory and a leak at once.

use super::InventoryError;
use super::intake::Intake;
use super::node::Node;

/// Lists of credentials, their kind, and the keys that hold values.
const CREDENTIALS: &[(&str, &str, &[&str])] = &[
    ("keyauth_credentials", "api_key", &["key"]),
    ("jwt_secrets", "signing_key", &["secret"]),
    ("basicauth_credentials", "basic_auth", &["password"]),
    ("hmacauth_credentials", "signing_key", &["secret"]),
    ("oauth2_credentials", "oauth_client_secret", &["client_secret"]),
];

pub(super) fn recognises(root: &Node<'_>) -> bool {
    root.has("_format_version") || CREDENTIALS.iter().any(|(list, ..)| root.has(list))
}

pub(super) fn read(root: &Node<'_>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    credentials(root, None, intake)?;
    for consumer in root.get("consumers").into_iter().flat_map(Node::rows) {
        credentials(&consumer, Some(&consumer), intake)?;
    }
    Ok(())
}

fn credentials(holder: &Node<'_>, consumer: Option<&Node<'_>>, intake: &mut Intake<'_>) -> Result<(), InventoryError> {
    for (list, kind, secrets) in CREDENTIALS {
        for (number, node) in holder.get(list).into_iter().flat_map(Node::rows).enumerate() {
            let mut draft = intake.draft_of(&node)?;
            draft.put_text("kind", kind);
            draft.put_text("direction", "inbound");
            draft.tags(node.get("tags"));
            draft.tags(consumer.and_then(|c| c.get("tags")));
            for key in *secrets {
                let value = node.text_of(key);
                // A database dump has the digest of a password, salted with the consumer's id.
                let digest = *kind == "basic_auth" && value.len() == 40 && value.bytes().all(|b| b.is_ascii_hexdigit());
                if !digest {
                    draft.secret(key, value, *kind == "basic_auth");
                }
            }
            let client = match *list {
                "oauth2_credentials" => node.get("client_id"),
                "jwt_secrets" => node.get("key"),
                _ => node.get("username"),
            };
            draft.put("client_ids", client);
            draft.put("issued_at", node.get("created_at"));
            let groups = consumer.and_then(|c| c.get("acls"));
            draft.record.scopes = groups.into_iter().flat_map(Node::rows).map(|g| g.text_of("group").into()).collect();
            draft.record.dated_status = true;
            draft.expires_after(node.get("ttl"), 1);
            let id = node.text_of("id");
            let id = if id.is_empty() {
                let names = ["username", "custom_id", "id"];
                let owner = consumer.and_then(|c| c.any(&names)).or(node.get("consumer"));
                format!("{}:{list}:{}", owner.and_then(Node::text).unwrap_or("anonymous"), number + 1)
            } else {
                id.to_owned()
            };
            draft.finish_as(&id);
        }
    }
    Ok(())
}
