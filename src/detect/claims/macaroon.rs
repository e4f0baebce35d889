//! Macaroons: tokens that list their own limits.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::{Claims, Input};

/// A package index's token: where it counts, its id, and what it is limited to.
pub(super) fn pypi(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let bytes = input.text().and_then(|t| t.split_once('-')).and_then(|(_, body)| {
        let body = body.trim_end_matches('=');
        BASE64URL_NOPAD.decode(&body.as_bytes()[..body.len() / 4 * 4]).ok()
    });
    let Some((&2, mut rest)) = bytes.as_deref().and_then(<[u8]>::split_first) else { return claims };
    while let Some((kind, value)) = packet(&mut rest) {
        let text = std::str::from_utf8(value).unwrap_or_default();
        match kind {
            1 => claims.add("location", text),
            2 if is_uuid(text) => claims.add_key_id("token_id", text),
            2 => caveat(text, &mut claims),
            6 => break,
            _ => {}
        }
    }
    claims
}

/// A type and a length, then the value; an end mark is skipped.
fn packet<'b>(rest: &mut &'b [u8]) -> Option<(u8, &'b [u8])> {
    while rest.first() == Some(&0) {
        *rest = &rest[1..];
    }
    let (&kind, tail) = rest.split_first()?;
    let (mut length, mut shift, mut tail) = (0_usize, 0, tail);
    loop {
        let (&b, more) = tail.split_first()?;
        tail = more;
        length |= usize::from(b & 0x7f) << shift;
        shift += 7;
        if b < 0x80 {
            break;
        }
        if shift > 21 {
            return None;
        }
    }
    let (value, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some((kind, value))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|b| *b == b'-').count() == 4
}

/// Limits are JSON: an array with a number first in newer tokens, an object in older ones.
fn caveat(text: &str, claims: &mut Claims) {
    match serde_json::from_str(text) {
        Ok(Value::Array(parts)) => match parts.first().and_then(Value::as_u64) {
            Some(0) => {
                claims.add("exp", parts.get(1).cloned().unwrap_or_default());
                claims.add("nbf", parts.get(2).cloned().unwrap_or_default());
            }
            Some(1 | 2) => claims.add("projects", parts.get(1).cloned().unwrap_or_default()),
            Some(3) => claims.add("user_id", parts.get(1).cloned().unwrap_or_default()),
            _ => {}
        },
        Ok(Value::Object(limits)) => match limits.get("permissions") {
            Some(Value::String(text)) => claims.add("scope", vec![text.as_str()]),
            Some(Value::Object(inner)) => claims.add("projects", inner.get("projects").cloned().unwrap_or_default()),
            _ => {}
        },
        _ => {}
    }
}
