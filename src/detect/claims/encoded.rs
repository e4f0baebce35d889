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
            "." => text.split('.').find(|part| part.starts_with("ey"))?,
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
    // What stands behind a vendor's prefix; encodings of texts have no `_`.
    let body = text.rsplit_once('_').map_or(text, |(_, body)| body);
    let inner = || unpack(body).and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
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
        // base64 of the frontend's host and a dollar sign.
        "clerk-frontend-host" => {
            let inner =
                text.rsplit_once('_').and_then(|(_, body)| unpack(body)).and_then(|b| String::from_utf8(b).ok());
            claims.add("host", inner.and_then(|t| Some(t.strip_suffix('$')?.to_ascii_lowercase())));
        }
        // `tok:` and the token.
        "intercom-tok" => claims.add("token_form", inner().starts_with("tok:").then_some("tok")),
        // The user's id stands among the decoded bytes.
        "klarna-credential" => {
            let inner = text.splitn(4, '_').nth(3).and_then(unpack).unwrap_or_default();
            let id = inner.windows(36).find(|w| is_uuid(w)).map(|w| String::from_utf8_lossy(w).into_owned());
            if let Some(id) = id {
                claims.add_key_id("credential_id", &id);
            }
        }
        // An object of organisation, key and the digest's name: the key in it is what opens.
        "tyk-key" => {
            let object = unpack(text).and_then(|b| serde_json::from_slice::<Value>(&b).ok()).unwrap_or_default();
            claims.add("hash", object.get("h").cloned().unwrap_or_default());
            let organisation = object.get("org").and_then(Value::as_str).or(input.public());
            claims.add("organization_id", organisation);
            claims.key_id = organisation.map(str::to_owned);
        }
        _ => return None,
    }
    Some(claims)
}

fn is_uuid(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// base64 in either alphabet, as far as it goes.
pub(super) fn unpack(text: &str) -> Option<Vec<u8>> {
    let clean = text.split('=').next().unwrap_or_default();
    let whole = |t: &str| BASE64_NOPAD.decode(t.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(t.as_bytes())).ok();
    whole(clean).or_else(|| whole(clean.get(..clean.len() / 4 * 4)?))
}
