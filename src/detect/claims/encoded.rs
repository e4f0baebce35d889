//! Values that are, or hold, a small encoded document.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::Value;

use super::{Claims, Input};

/// Members of an encoded object and the facts that they become.
type Members = &'static [(&'static str, &'static str)];

/// Decoder, prefix to leave out, members, and the member that is the key id.
const OBJECTS: &[(&str, &str, Members, &str)] = &[
    ("grafana-cloud", "glc_", &[("/o", "organization_id"), ("/n", "name"), ("/m/r", "region")], "/n"),
    ("grafana-api-key", "", &[("/n", "name"), ("/id", "organization_id")], "/n"),
    (
        "sentry-org",
        "sntrys_",
        &[("/iat", "iat"), ("/url", "url"), ("/region_url", "region_url"), ("/org", "organization")],
        "/org",
    ),
    ("1password-service-account", "ops_", &[("/email", "email"), ("/signInAddress", "sign_in_address")], "/email"),
    ("mapbox", ".", &[("/u", "user"), ("/a", "token_id")], "/a"),
    (
        "airtable-oauth",
        ".",
        &[("/userId", "user_id"), ("/expiresAt", "expires_at"), ("/oauthApplicationId", "application_id")],
        "/userId",
    ),
];

/// Decodes by the decoder's name; `None` if it is none of these.
pub(super) fn decode(name: &str, input: &Input<'_>) -> Option<Claims> {
    let text = input.text()?;
    if let Some((_, prefix, members, id)) = OBJECTS.iter().find(|(n, ..)| *n == name) {
        let body = match *prefix {
            "." => text.split('.').nth(1)?,
            prefix => text.strip_prefix(prefix).unwrap_or(text),
        };
        // What follows the document after an underscore is the secret.
        let bytes = unpack(body).or_else(|| unpack(body.split('_').next()?));
        let mut claims = Claims::default();
        if let Some(object) = bytes.and_then(|b| serde_json::from_slice::<Value>(&b).ok()) {
            for (pointer, fact) in *members {
                let value = object.pointer(pointer).cloned().unwrap_or_default();
                claims.add(
                    fact,
                    if *fact == "iat" { value.as_f64().map_or(Value::Null, |f| Value::from(f as i64)) } else { value },
                );
            }
            claims.key_id = object.pointer(id).and_then(Value::as_str).map(str::to_owned);
        }
        return Some(claims);
    }
    let mut claims = Claims::default();
    let inner = || unpack(text).and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
    match name {
        // `reftkn:version:expiry:random`
        "jfrog-reference-token" => {
            let inner = inner();
            let exp =
                inner.strip_prefix("reftkn:").and_then(|r| r.split(':').nth(1)).and_then(|t| t.parse::<i64>().ok());
            match exp {
                Some(0) => claims.add("no_expiry", true),
                exp => claims.add("exp", exp),
            }
        }
        // `id:key`
        "elastic-api-key" | "workos-key-id" => {
            if let Some((id, _)) = inner().split_once([':', ',']) {
                claims.add_key_id("key_id", id);
            }
        }
        // `id:random bytes`
        "atlassian-dc-pat" => {
            let id: String = unpack(text)
                .unwrap_or_default()
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .map(|b| char::from(*b))
                .collect();
            claims.add_key_id("token_id", &id);
        }
        _ => return None,
    }
    Some(claims)
}

/// base64 in either alphabet, as far as it goes.
fn unpack(text: &str) -> Option<Vec<u8>> {
    let clean = text.trim_end_matches('=');
    let whole = |t: &str| BASE64_NOPAD.decode(t.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(t.as_bytes())).ok();
    whole(clean).or_else(|| whole(&clean[..clean.len() / 4 * 4]))
}
