//! Private JSON web keys.

use serde_json::Value;

use super::{Claims, Input};
use crate::position::Span;

/// What a key says: kind, id, algorithm and use.
pub(super) fn decode(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let object = input.whole();
    let Ok(key) = serde_json::from_slice::<Value>(object) else { return claims };
    for name in ["kty", "alg", "use", "crv"] {
        if let Some(value) = key.get(name).and_then(Value::as_str) {
            claims.add(name, value);
        }
    }
    if let Some(kid) = key.get("kid").and_then(Value::as_str) {
        claims.add_key_id("kid", kid);
    }
    claims
}

/// The private member of the key in `object`: `d`, or `k` of a symmetric key.
pub(crate) fn private_member(bytes: &[u8], object: Span) -> Option<Span> {
    let text = object.of(bytes);
    let symmetric = memchr::memmem::find(text, b"\"oct").is_some();
    let names: &[&[u8]] = if symmetric { &[b"\"k\""] } else { &[b"\"d\""] };
    names.iter().find_map(|name| {
        let at = memchr::memmem::find(text, name)? + name.len();
        let rest = &text[at..];
        let lead = rest.iter().take_while(|b| matches!(b, b' ' | b':' | b'\n' | b'\r' | b'\t' | b'"')).count();
        let n =
            rest[lead..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=')).count();
        let start = object.start + at + lead;
        let quoted = rest[..lead].contains(&b':') && rest[..lead].ends_with(b"\"");
        (quoted && n >= 16).then(|| Span::new(start, start + n))
    })
}
