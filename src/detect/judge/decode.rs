//! Values inside encoded values: a Kubernetes secret's base64, hex, percent escapes.
//!
//! Only what is a candidate already is decoded, to a bounded depth; what is found stands, for people,
//! where its encoded form stands in the document.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::detect::candidate::rule::Form;
use crate::detect::{Candidate, Detection, Detector};
use crate::position::Span;
use crate::source::Document;

/// How often a value is decoded.
const DEPTH: usize = 2;
/// Longest value that is decoded.
const MAX: usize = 64 << 10;

/// The text that `value` encodes, and the name of the encoding.
pub(super) fn text_of(value: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    if value.len() < 12 || value.len() > MAX {
        return None;
    }
    let hex = || HEXLOWER_PERMISSIVE.decode(value).ok().map(|b| (b, "hex"));
    let base64 = || {
        let clean = match memchr::memchr(b'%', value) {
            Some(_) => Cow::Owned(
                String::from_utf8_lossy(value).replace("%3D", "=").replace("%2B", "+").replace("%2F", "/").into_bytes(),
            ),
            None => Cow::Borrowed(value),
        };
        let plain = clean.split(|b| *b == b'=').next()?;
        BASE64_NOPAD.decode(plain).or_else(|_| BASE64URL_NOPAD.decode(plain)).ok().map(|b| (b, "base64"))
    };
    hex().filter(|(b, _)| is_text(b)).or_else(|| base64().filter(|(b, _)| is_text(b)))
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e))
}

/// The credential of a documented form that the value at `span` encodes.
pub(super) fn inner(detector: &Detector, document: &Document<'_>, span: Span) -> Option<Detection> {
    let mut chain = Vec::new();
    let (mut text, name) = text_of(span.of(document.bytes))?;
    chain.push(name);
    for _ in 0..DEPTH {
        let inside = Document::new(document.origin, &text);
        let mut candidates: Vec<Candidate> = Vec::new();
        detector.candidates(&text, 0..text.len(), &mut candidates);
        candidates.retain(|c| detector.rules.get(c.rule).form != Form::Contextual);
        let class = super::PathClass::of(&document.origin.path);
        let found = candidates.into_iter().find_map(|c| super::one(detector, &inside, class, c).ok());
        if let Some(mut detection) = found {
            detection.span = span;
            let key = super::structure::assignment(document.bytes, span).key;
            detection.key_path = super::key_path::key_path(document.bytes, span, &document.origin.path, key.as_deref());
            detection.key_name = key;
            detection.allow = super::suppress::allow(document.bytes, span, &detector.wishes);
            detection.claims.facts.insert("encoding".to_owned(), chain.into());
            return Some(detection);
        }
        let (next, name) = text_of(text.trim_ascii())?;
        text = next;
        chain.push(name);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_behind_encodings() {
        assert_eq!(text_of(b"c2VjcmV0IHZhbHVl"), Some((b"secret value".to_vec(), "base64")));
        assert_eq!(text_of(b"7365637265742076616c7565"), Some((b"secret value".to_vec(), "hex")));
        assert_eq!(text_of(b"q8Zr2LmX0vKp4TyB"), None);
    }
}
