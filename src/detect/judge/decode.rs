//! Values inside encoded values: a Kubernetes secret's base64, hex, a script in user data.
//!
//! Only what is a candidate already is decoded, to a bounded depth. What is found stands, for people,
//! where its encoded form stands in the document, and tells the chain of its decodings, outermost first.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::detect::candidate::rule::Form;
use crate::detect::{Candidate, Detection, Detector};
use crate::position::Span;
use crate::source::Document;

/// How often a value is decoded.
pub(super) const DEPTH: usize = 4;
/// Longest value that is decoded.
const MAX: usize = 64 << 10;
/// Lines of a wrapped text are this long or longer.
const WRAPPED: usize = 60;

/// The fact under which a detection tells its decodings.
pub(super) const ENCODING: &str = "encoding";

/// A text behind an encoding.
struct Opened {
    text: Vec<u8>,
    /// Where in the encoded value each byte of the text begins, and where the last ends.
    places: Vec<usize>,
    names: Vec<&'static str>,
}

/// The text that `value` encodes, and the name of the encoding.
pub(super) fn text_of(value: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let opened = open(value)?;
    Some((opened.text, opened.names.first()?))
}

fn open(value: &[u8]) -> Option<Opened> {
    if value.len() < 12 || value.len() > MAX {
        return None;
    }
    hex(value).or_else(|| base64(value))
}

fn hex(value: &[u8]) -> Option<Opened> {
    let lead = if value.starts_with(b"0x") { 2 } else { 0 };
    let text = HEXLOWER_PERMISSIVE.decode(&value[lead..]).ok().filter(|b| is_text(b))?;
    let places = (0..=text.len()).map(|i| lead + 2 * i).collect();
    Some(Opened { text, places, names: vec!["hex"] })
}

fn base64(value: &[u8]) -> Option<Opened> {
    // In an address its signs are escaped.
    let clean = match memchr::memchr(b'%', value) {
        Some(_) => Cow::Owned(
            String::from_utf8_lossy(value).replace("%3D", "=").replace("%2B", "+").replace("%2F", "/").into_bytes(),
        ),
        None => Cow::Borrowed(value),
    };
    let escaped = clean.len() != value.len();
    // A wrapped text has its line ends between.
    let (mut digits, mut at): (Vec<u8>, Vec<usize>) = clean
        .iter()
        .enumerate()
        .take_while(|(_, b)| **b != b'=')
        .filter(|(_, b)| !b.is_ascii_whitespace())
        .map(|(i, b)| (*b, i))
        .unzip();
    if digits.len() % 4 == 1 {
        digits.pop();
        at.pop();
    }
    let mut text = BASE64_NOPAD.decode(&digits).or_else(|_| BASE64URL_NOPAD.decode(&digits)).ok()?;
    let end = if escaped { value.len() } else { at.last()? + 1 };
    let place = |i: usize| if escaped { 0 } else { at.get(i / 3 * 4 + i % 3).copied().unwrap_or(end) };
    let mut places: Vec<usize> = (0..text.len()).map(place).chain([end]).collect();
    let mut names = vec!["base64"];
    // 16 bits a character, as PowerShell encodes its commands.
    if text.len() >= 24 && text.len().is_multiple_of(2) && text.iter().skip(1).step_by(2).all(|b| *b == 0) {
        text = text.into_iter().step_by(2).collect();
        places = places.into_iter().step_by(2).collect();
        names.push("UTF-16");
    }
    is_text(&text).then_some(Opened { text, places, names })
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e))
}

/// The credentials in the text that the value at `span` encodes.
pub(super) fn inner(detector: &Detector, document: &Document<'_>, span: Span, depth: usize) -> Vec<Detection> {
    if depth >= DEPTH {
        return Vec::new();
    }
    let span = with_block(document.bytes, span);
    // A part of a signed token says about it what it says; it holds no other.
    if document.bytes.get(span.end) == Some(&b'.') || span.start > 0 && document.bytes[span.start - 1] == b'.' {
        return Vec::new();
    }
    let Some(Opened { text, places, names }) = open(span.of(document.bytes)) else { return Vec::new() };
    let inside = Document::new(document.origin, &text);
    let mut candidates: Vec<Candidate> = Vec::new();
    let noticed = detector.candidates(&text, 0..text.len(), &mut candidates);
    if let Some(first) = noticed.escape {
        detector.escaped(&text, first..text.len(), &mut candidates);
    }
    let mut judged = super::judge_at(detector, &inside, &candidates, depth + 1);
    // One word in an encoding is judged by the name that the encoding bears.
    let lines = text.contains(&b'\n') || text.contains(&b' ') || text.contains(&b'=') || text.contains(&b':');
    judged.detections.retain(|d| lines || d.form != Form::Contextual);
    if judged.detections.is_empty() {
        return Vec::new();
    }
    let outer = super::structure::assignment(document.bytes, span);
    let path = super::key_path::key_path(document.bytes, span, &document.origin.path, outer.key.as_deref());
    for detection in &mut judged.detections {
        let place = |at: usize| span.start + places.get(at).or(places.last()).copied().unwrap_or(0);
        detection.span = Span::new(place(detection.span.start), place(detection.span.end));
        if detection.key_name.is_none() {
            detection.key_path.clone_from(&path);
            detection.key_name.clone_from(&outer.key);
        }
        if detection.partner.is_none() {
            let rule = detector.rules.get(detection.rule);
            detection.partner = detector.directory.name_partner(rule, document, span, &outer);
        }
        detection.allow = super::suppress::allow(document.bytes, span, &detector.wishes);
        told(detection, &names);
    }
    judged.detections
}

/// Puts decodings before those that a detection tells already.
pub(super) fn told(detection: &mut Detection, names: &[&'static str]) {
    let mut chain: Vec<serde_json::Value> = names.iter().map(|name| (*name).into()).collect();
    if let Some(serde_json::Value::Array(inner)) = detection.claims.facts.remove(ENCODING) {
        chain.extend(inner);
    }
    detection.claims.facts.insert(ENCODING.to_owned(), chain.into());
}

/// A run that is the first line of a wrapped text, with the lines that follow.
fn with_block(bytes: &[u8], span: Span) -> Span {
    if span.len() < WRAPPED || !span.len().is_multiple_of(4) {
        return span;
    }
    let mut end = span.end;
    while end - span.start < MAX {
        let rest = &bytes[end..];
        let gap = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t')).count();
        let line = &rest[gap..];
        let run = line.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
        let pad = line[run..].iter().take_while(|b| **b == b'=').count();
        let ends = line.get(run + pad).is_none_or(|b| matches!(b, b'\r' | b'\n' | b'"' | b'\'' | b' '));
        if !rest[..gap].contains(&b'\n') || run == 0 || run > span.len() || !ends {
            break;
        }
        end += gap + run;
        if run < span.len() {
            break;
        }
    }
    Span::new(span.start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;
    use crate::detect::{RuleSet, Watchlist};
    use crate::source::{Origin, Place, RepoPath};

    #[test]
    fn texts_behind_encodings() {
        assert_eq!(text_of(b"c2VjcmV0IHZhbHVl"), Some((b"secret value".to_vec(), "base64")));
        assert_eq!(text_of(b"7365637265742076616c7565"), Some((b"secret value".to_vec(), "hex")));
        assert_eq!(text_of(b"q8Zr2LmX0vKp4TyB"), None);
    }

    /// Rule, line and chain of what is found in a text.
    fn found(text: &str) -> Vec<String> {
        let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
        let origin = Origin { place: Place::Tree, path: RepoPath::new("deploy/app.conf") };
        let judged = detector.detect(&Document::new(&origin, text.as_bytes()), &mut Vec::new());
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let tell = |d: &Detection| {
            let chain = d.claims.facts.get(ENCODING).map(ToString::to_string).unwrap_or_default();
            format!("{} {} {chain}", detector.rules().get(d.rule).id, line(d.span.start))
        };
        judged.detections.iter().map(tell).collect()
    }

    #[test]
    fn nested_and_wrapped_texts_tell_their_place_and_chain() {
        let token = expand("sk_live_51{base62:97}", 3, None).unwrap();
        let opaque = expand("{base62:36}", 3, None).unwrap();
        let b64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        let hex = |text: &str| data_encoding::HEXLOWER.encode(text.as_bytes());
        let wide = |text: &str| {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            data_encoding::BASE64.encode(&bytes)
        };
        let percent = |text: &str| text.replace('_', "%5F").replace('=', "%3D");
        let wrap = |text: &str| {
            text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect::<Vec<_>>().join("\n  ")
        };
        let script = format!("#!/bin/sh\nexport PARTNER_API_KEY={opaque}\n");
        let long = format!("{}\nkey: {token}\n{}", "some text. ".repeat(9), "more text. ".repeat(9));
        for (what, text, want) in [
            ("bare", format!("x = \"{}\"", b64(&token)), r#"stripe-secret-key 1 ["base64"]"#),
            ("hex", format!("x = {}", hex(&token)), r#"stripe-secret-key 1 ["hex"]"#),
            ("twice", format!("\nx: {}", b64(&b64(&token))), r#"stripe-secret-key 2 ["base64","base64"]"#),
            (
                "thrice",
                format!("x: {}", b64(&b64(&b64(&token)))),
                r#"stripe-secret-key 1 ["base64","base64","base64"]"#,
            ),
            ("hex in base64", format!("x: {}", b64(&hex(&token))), r#"stripe-secret-key 1 ["base64","hex"]"#),
            (
                "UTF-16",
                format!("run -enc {}", wide(&format!("$k='{token}'"))),
                r#"stripe-secret-key 1 ["base64","UTF-16"]"#,
            ),
            (
                "escapes in base64",
                format!("x: {}", b64(&percent(&token))),
                r#"stripe-secret-key 1 ["base64","percent"]"#,
            ),
            (
                "base64 in escapes",
                format!("x%3D{}%3D", b64(&format!("k={token}")).replace('=', "")),
                r#"stripe-secret-key 1 ["percent","base64"]"#,
            ),
            (
                "escapes twice",
                percent(&percent(&token)).replace('%', "%25"),
                r#"stripe-secret-key 1 ["percent","percent"]"#,
            ),
            ("a script", format!("user_data: {}", b64(&script)), r#"api-key-assignment 1 ["base64"]"#),
            ("wrapped", format!("x: |\n  {}\n", wrap(&b64(&long))), r#"stripe-secret-key 4 ["base64"]"#),
        ] {
            assert_eq!(found(&text), [want], "{what}");
        }
        let deep = (0..=DEPTH).fold(token.clone(), |text, _| b64(&text));
        assert!(found(&format!("x: {deep}")).is_empty());
    }
}
