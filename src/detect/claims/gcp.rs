//! Google Cloud key files.

use super::{Claims, Input};

/// The fields beside the private key. Read as text: the object may be escaped inside another.
pub(super) fn key_file(input: &Input<'_>) -> Claims {
    fields(&String::from_utf8_lossy(input.whole()))
}

/// The fields beside a user's refresh token: the match holds that alone.
pub(super) fn user_file(input: &Input<'_>) -> Claims {
    fields(&String::from_utf8_lossy(input.near()))
}

fn fields(object: &str) -> Claims {
    let mut claims = Claims::default();
    let field = |name: &str| {
        let at = object.find(&format!("\"{name}")).or_else(|| object.find(&format!("\\\"{name}")))?;
        let rest = object[at..].split_once(':')?.1;
        let rest = rest.trim_start_matches([' ', '\\', '"', '\n', '\t']);
        let end = rest.find(['"', '\\', ',', '}']).unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    };
    for name in ["type", "project_id", "client_email", "client_id", "universe_domain", "quota_project_id"] {
        claims.add(name, field(name));
    }
    if let Some(id) = field("private_key_id") {
        claims.add_key_id("private_key_id", &id);
    }
    claims
}
