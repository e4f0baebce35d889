//! Amazon Web Services: the account inside a key id, and presigned addresses.

use data_encoding::BASE32;

use super::azure::{around, parameters};
use super::encoded::unpack;
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
    signed(&around(input))
}

/// What a signed address says in its query.
fn signed(text: &str) -> Claims {
    let mut claims = Claims::default();
    let parameters = parameters(text);
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
    // The older forms name a time and no date.
    if let Some(id) = get("AWSAccessKeyId").or_else(|| get("GoogleAccessId")) {
        claims.add_key_id("access_key_id", id);
        claims.add("exp", get("Expires").and_then(|t| t.parse::<i64>().ok()));
    }
    claims
}

/// The user and the account of a Bedrock key that lasts: `BedrockAPIKey-x-at-ACCOUNT:secret`.
pub(super) fn bedrock_long(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let inner = input.text().and_then(|t| unpack(t.strip_prefix("ABSK")?));
    let inner = inner.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if let Some((user, _)) = inner.split_once(':') {
        claims.add_key_id("user", user);
        let account = user.rsplit_once("-at-").map(|(_, account)| account);
        claims.add("account_id", account.filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())));
    }
    claims
}

/// A Bedrock key that does not last is a signed address.
pub(super) fn bedrock_short(input: &Input<'_>) -> Claims {
    let inner = input.text().and_then(|t| unpack(t.strip_prefix("bedrock-api-key-")?)).unwrap_or_default();
    signed(&String::from_utf8_lossy(&inner))
}

/// The region that issued a session token stands in clear among its first bytes.
pub(super) fn session(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let head = input.text().and_then(|t| unpack(t.get(..t.len().min(64))?)).unwrap_or_default();
    let words = head.split(|b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-'));
    let region = words.filter_map(|w| std::str::from_utf8(w).ok()).find(|w| is_region(w));
    claims.add("region", region);
    claims
}

/// `us-east-1`, `ap-southeast-2`, `us-gov-west-1`.
fn is_region(word: &str) -> bool {
    let mut parts = word.split('-');
    let short = parts.next().is_some_and(|p| p.len() == 2);
    let number = parts.next_back().is_some_and(|p| p.len() == 1 && p.as_bytes()[0].is_ascii_digit());
    let names = || parts.clone().filter(|p| p.len() >= 3 && p.bytes().all(|b| b.is_ascii_lowercase()));
    short && number && names().count() >= 1 && names().count() == parts.clone().count()
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
    fn regions() {
        for (word, is) in [("us-east-1", true), ("us-gov-west-1", true), ("a-b-1", false), ("us-1", false)] {
            assert_eq!(is_region(word), is, "{word}");
        }
    }

    #[test]
    fn signed_addresses_of_three_kinds() {
        let s3 = signed(
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA0%2F20240101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20240101T000000Z&X-Amz-Expires=60",
        );
        assert_eq!(
            (s3.key_id.as_deref(), &s3.facts["region"], &s3.facts["exp"]),
            (Some("AKIA0"), &"eu-west-1".into(), &1_704_067_260.into())
        );
        let gcs = signed(
            "https://storage.googleapis.com/b/k?X-Goog-Credential=up%40p.iam.gserviceaccount.com%2F20240101%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20240101T000000Z&X-Goog-Expires=60",
        );
        assert_eq!(
            (gcs.key_id.as_deref(), &gcs.facts["exp"]),
            (Some("up@p.iam.gserviceaccount.com"), &1_704_067_260.into())
        );
        let old = signed("https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIA0&Expires=1704067260&Signature=x");
        assert_eq!((old.key_id.as_deref(), &old.facts["exp"]), (Some("AKIA0"), &1_704_067_260.into()));
    }

    #[test]
    fn compact_times() {
        assert_eq!(compact_time("20240101T000000Z"), Some(1_704_067_200));
    }
}
