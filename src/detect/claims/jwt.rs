//! JSON web tokens, signed or encrypted.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Map, Value};

use super::{Claims, Input};

/// Claims whose text is shown as it is. None is secret: a bearer's rights are in the signature.
const TEXTS: &[&str] = &[
    "iss", "sub", "azp", "jti", "client_id", "appid", "app_id", "tid", "oid", "ref", "role", "env", "environment",
    "typ", "token_type", "ver", "version", "name", "email", "org_id", "orgid", "organization", "account_id", "user_id",
    "uid", "region", "project_id", "gty", "cid", "uuid", "user_uuid", "actid", "rgn",
];
/// Claims that list rights or audiences.
const LISTS: &[(&str, &str)] = &[
    ("aud", "aud"),
    ("scope", "scope"),
    ("scp", "scope"),
    ("scopes", "scope"),
    ("roles", "roles"),
    ("permissions", "scope"),
    ("groups", "groups"),
];
const TIMES: &[&str] = &["exp", "nbf", "iat", "auth_time"];

/// A signed token: rejected where header or payload is not JSON.
pub(super) fn decode(input: &Input<'_>) -> Option<Claims> {
    // Some vendors put an id before the token; it begins at the first part that is a JSON object.
    let text = input.text()?;
    let start = text.find("eyJ").or_else(|| text.find("ewog")).or_else(|| text.find("ewoi"))?;
    read(&text[start..])
}

/// Reads `header.payload.signature`.
pub(super) fn read(text: &str) -> Option<Claims> {
    let mut parts = text.split('.');
    let header = object(parts.next()?)?;
    let payload = object(parts.next()?)?;
    let signature = parts.next().unwrap_or_default();
    let alg = header.get("alg")?.as_str()?;
    // The sample of jwt.io, which every tutorial shows.
    if payload.get("name").and_then(Value::as_str) == Some("John Doe")
        && payload.get("sub").and_then(Value::as_str) == Some("1234567890")
    {
        return None;
    }
    // A payload that says nothing is a lesson, not a token.
    if payload.len() <= 1 && !payload.keys().any(|k| TEXTS.contains(&k.as_str()) || TIMES.contains(&k.as_str())) {
        return None;
    }
    let unsigned = alg.eq_ignore_ascii_case("none");
    if signature.is_empty() && !unsigned {
        return None;
    }
    let mut claims = Claims::default();
    claims.add("alg", alg);
    if let Some(kid) = header.get("kid").and_then(Value::as_str) {
        claims.add("kid", kid);
    }
    if unsigned {
        claims.add("unsigned", true);
    }
    take(&payload, &mut claims);
    if !claims.facts.contains_key("exp") {
        claims.add("no_expiry", true);
    }
    if let Some(id) = payload.get("jti").and_then(Value::as_str) {
        claims.key_id = Some(id.to_owned());
    }
    // Supabase and its kin: the key that clients carry.
    claims.publishable = payload.get("role").and_then(Value::as_str) == Some("anon");
    Some(claims)
}

fn take(payload: &Map<String, Value>, claims: &mut Claims) {
    for name in TEXTS {
        match payload.get(*name) {
            Some(Value::String(text)) => claims.add(name, text.as_str()),
            Some(Value::Number(n)) => claims.add(name, n.to_string()),
            _ => {}
        }
    }
    for (name, fact) in LISTS {
        let list: Vec<Value> = match payload.get(*name) {
            Some(Value::String(text)) if *fact == "aud" => vec![Value::from(text.as_str())],
            Some(Value::String(text)) => text.split([' ', ',']).filter(|t| !t.is_empty()).map(Value::from).collect(),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).take(50).map(Value::from).collect(),
            _ => continue,
        };
        claims.add(fact, list);
    }
    for name in TIMES {
        if let Some(time) = payload.get(*name).and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64))) {
            // Some issuers count in milliseconds.
            claims.add(name, if time > 100_000_000_000 { time / 1000 } else { time });
        }
    }
}

/// A service account's token of a cluster; other tokens with the same start are rejected.
pub(super) fn kubernetes(input: &Input<'_>) -> Option<Claims> {
    let text = input.text()?;
    let mut claims = read(text)?;
    let payload = object(text.split('.').nth(1)?)?;
    let subject = payload.get("sub").and_then(Value::as_str).unwrap_or_default();
    let account = subject.strip_prefix("system:serviceaccount:")?;
    let (namespace, name) = account.split_once(':')?;
    claims.add("namespace", namespace);
    claims.add("service_account", name);
    claims.key_id.get_or_insert_with(|| account.to_owned());
    Some(claims)
}

/// An encrypted token: its header says how.
pub(super) fn encrypted(input: &Input<'_>) -> Option<Claims> {
    let text = input.text()?;
    if text.split('.').count() != 5 {
        return None;
    }
    let header = object(text.split('.').next()?)?;
    let mut claims = Claims::default();
    claims.add("enc", header.get("enc")?.as_str()?);
    for name in ["alg", "kid", "zip"] {
        if let Some(value) = header.get(name).and_then(Value::as_str) {
            claims.add(name, value);
        }
    }
    Some(claims)
}

/// A token that is encoded once more.
pub(super) fn wrapped(input: &Input<'_>) -> Option<Claims> {
    let inner =
        BASE64.decode(input.value).or_else(|_| BASE64.decode(&input.value[..input.value.len() / 4 * 4])).ok()?;
    let text = std::str::from_utf8(&inner).ok()?;
    read(text.trim_end())
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64URL_NOPAD.decode(part.trim_end_matches('=').as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;

    #[test]
    fn usual_claims() {
        let token = expand("{jwt:iss=acme,aud=orders,scope=read write,exp=1893456000}", 1, None).unwrap();
        let claims = read(&token).unwrap();
        assert_eq!(claims.facts["iss"], "acme");
        assert_eq!(claims.facts["exp"], 1_893_456_000);
        assert_eq!(claims.facts["scope"], serde_json::json!(["read", "write"]));
        assert!(read("eyJhbGciOiJIUzI1NiJ9.bm90LWpzb24.c2ln").is_none());
    }

    #[test]
    fn without_expiry_and_unsigned() {
        let claims = read(&expand("{jwt:exp=-,alg=none}", 1, None).unwrap()).unwrap();
        assert_eq!(claims.facts["no_expiry"], true);
        assert_eq!(claims.facts["unsigned"], true);
    }
}
