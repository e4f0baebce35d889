//! Amazon Web Services: the account inside a key id, and presigned addresses.

use data_encoding::BASE32;

use super::azure::{around, parameters};
use super::{Claims, Input};

/// Key type by prefix, and the account number where the id carries it.
pub(super) fn key_id(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let Some(id) = input.text() else { return claims };
    let kind = match id.get(..4) {
        Some("AKIA") => "long_term",
        Some("ASIA") => "temporary",
        Some("ABIA") => "service_bearer",
        Some("ACCA") => "context",
        Some("AROA") => "role",
        Some("AIDA") => "user",
        _ => "other",
    };
    claims.add("key_type", kind);
    claims.add("account_id", account(id));
    claims
}

/// The account number: 40 bits of the id's body. Older ids have none.
fn account(id: &str) -> Option<String> {
    let body = id.get(4..20)?;
    if body.starts_with(['I', 'J']) {
        return None;
    }
    let bytes = BASE32.decode(body.as_bytes()).ok()?;
    let number = bytes.get(..6)?.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    Some(format!("{:012}", (number & 0x7fff_ffff_ff80) >> 7))
}

/// Key id, region, service, and the time at which a presigned address ends.
pub(super) fn presigned(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let text = around(input);
    let parameters = parameters(&text);
    let get = |name: &str| parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
    if let Some(credential) = get("X-Amz-Credential").or_else(|| get("X-Goog-Credential")) {
        let mut parts = credential.split('/');
        claims.add_key_id("access_key_id", parts.next().unwrap_or_default());
        let _date = parts.next();
        claims.add("region", parts.next().unwrap_or_default());
        claims.add("service", parts.next().unwrap_or_default());
    }
    let date = get("X-Amz-Date").or_else(|| get("X-Goog-Date")).and_then(compact_time);
    let lasts = get("X-Amz-Expires").or_else(|| get("X-Goog-Expires")).and_then(|t| t.parse::<i64>().ok());
    if let Some(date) = date {
        claims.add("iat", date);
        claims.add("exp", lasts.map(|s| date.saturating_add(s)));
    }
    claims
}

/// `20241122T101500Z` as Unix seconds.
fn compact_time(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let part = |t: &str, from: usize, to: usize| t.get(from..to).map(str::to_owned);
    let rfc = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(date, 0, 4)?,
        part(date, 4, 6)?,
        part(date, 6, 8)?,
        part(time, 0, 2)?,
        part(time, 2, 4)?,
        part(time, 4, 6)?
    );
    rfc.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_of_a_key_id() {
        // A sample from a published description of the encoding.
        assert_eq!(account(&["ASIAQNZGKI", "QY56JQ7WML"].concat()).as_deref(), Some("029608264753"));
        assert_eq!(account(&["AKIAIOSFOD", "NN7EXAMPLE"].concat()), None);
    }

    #[test]
    fn compact_times() {
        assert_eq!(compact_time("20240101T000000Z"), Some(1_704_067_200));
    }
}
