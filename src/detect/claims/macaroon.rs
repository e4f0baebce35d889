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

/// A Fly.io token: a list of macaroons in `MessagePack`, each `[nonce, location, caveats, tail]`. The
/// caveats are types and bodies in turn; the narrowest end counts.
pub(super) fn fly(input: &Input<'_>) -> Claims {
    const ORGANIZATION: u64 = 0;
    const WINDOW: u64 = 4;
    const DEEPEST: usize = 32;
    let mut claims = Claims::default();
    let body = input.text().and_then(|t| t.split_once('_')).map_or("", |(_, body)| body);
    let Some(bytes) = super::encoded::unpack(body) else { return claims };
    let Ok(token) = rmpv::decode::read_value_with_max_depth(&mut &bytes[..], DEEPEST) else { return claims };
    let Some([_nonce, location, caveats, ..]) = token.as_array().map(Vec::as_slice) else { return claims };
    claims.add("location", location.as_str());
    let mut end: Option<i64> = None;
    for pair in caveats.as_array().map_or(&[][..], Vec::as_slice).chunks_exact(2) {
        let body = pair[1].as_array().map_or(&[][..], Vec::as_slice);
        match pair[0].as_u64() {
            Some(ORGANIZATION) => claims.add("organization_id", body.first().and_then(rmpv::Value::as_u64)),
            Some(WINDOW) => {
                claims.add("nbf", body.first().and_then(rmpv::Value::as_i64).filter(|t| *t > 0));
                let until = body.get(1).and_then(rmpv::Value::as_i64);
                end = [end, until].into_iter().flatten().min();
            }
            _ => {}
        }
    }
    match end {
        // How the issuer writes "for ever".
        Some(i64::MAX) | None => claims.add("no_expiry", true),
        end => claims.add("exp", end),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::claims::testing::decode_value;

    #[test]
    fn organisation_and_end_of_a_fly_token() {
        use rmpv::Value as V;
        let caveats = vec![
            V::from(0),
            V::Array(vec![V::from(4711), V::from(31)]),
            V::from(4),
            V::Array(vec![V::from(1_700_000_000), V::from(1_800_000_000)]),
            V::from(4),
            V::Array(vec![V::from(1_700_000_000), V::from(1_900_000_000)]),
        ];
        let nonce = V::Array(vec![V::Binary(b"kid".to_vec()), V::Binary(vec![7; 16]), V::from(false)]);
        let token = V::Array(vec![nonce, V::from("https://api.fly.io/v1"), V::Array(caveats), V::Binary(vec![9; 32])]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &token).unwrap();
        let claims = decode_value(fly, &format!("fm2_{}", data_encoding::BASE64.encode(&bytes)));
        assert_eq!(claims.facts["organization_id"], 4711);
        assert_eq!(claims.facts["exp"], 1_800_000_000);
        assert_eq!(claims.facts["location"], "https://api.fly.io/v1");
    }
}
