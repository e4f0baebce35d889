//! Values that are written with escapes: `\u0073k_live_...`, `postgres%3A%2F%2Fuser%3Apass%40host`.
//!
//! The escapes break what the prefilter looks for, so that lines which have some are read once more,
//! decoded. Where something stands there, the line is a candidate of its own, whose existence depends on
//! the bytes of that line alone; what it is judged to be stands, for people, where its escaped form stands
//! in the document.

use std::ops::Range;

use super::GENERIC;
use super::decode::DEPTH;
use crate::detect::candidate::{ENCODED_TEXT, ESCAPED};
use crate::detect::{Candidate, Detection, Detector};
use crate::position::Span;
use crate::source::Document;

/// Longest part of a line that is decoded, in bytes.
const LINE: usize = 16 << 10;

/// How escapes begin that stand for printable characters.
pub(crate) const BEGINNINGS: [&str; 13] =
    ["%2", "%3", "%4", "%5", "%6", "%7", "\\x2", "\\x3", "\\x4", "\\x5", "\\x6", "\\x7", "\\u00"];

/// Pushes the parts of the lines in `range` behind whose escapes a candidate stands, in order.
pub(crate) fn mark(detector: &Detector, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
    mark_at(detector, bytes, range, out, 0);
}

fn mark_at(detector: &Detector, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>, depth: usize) {
    let (mut at, mut inside) = (range.start, Vec::new());
    while let Some(n) = memchr::memchr2(b'\\', b'%', bytes.get(at..range.end).unwrap_or_default()) {
        at += n;
        if escape(&bytes[at..]).is_none() {
            at += 1;
            continue;
        }
        let low = at.saturating_sub(LINE / 4);
        let start = memchr::memrchr(b'\n', &bytes[low..at]).map_or(low, |n| low + n + 1);
        let high = bytes.len().min(start + LINE);
        let end = memchr::memchr(b'\n', &bytes[at..high]).map_or(high, |n| at + n);
        candidates(detector, &Decoded::new(bytes, Span::new(start, end)), &mut inside, depth);
        if !inside.is_empty() {
            out.push(Candidate { rule: ESCAPED, anchor: at as u32, start: start as u32, end: end as u32 });
        }
        at = end;
    }
}

/// What of a decoded text is worth judging: forms of which the escapes hid the beginning, texts in another
/// encoding, and escapes that were escaped.
fn candidates(detector: &Detector, decoded: &Decoded, out: &mut Vec<Candidate>, depth: usize) {
    out.clear();
    let noticed = detector.candidates(&decoded.text, 0..decoded.text.len(), out);
    out.retain(|c| {
        let rule = detector.rules().get(c.rule);
        c.rule == ENCODED_TEXT || rule.provider != GENERIC && !rule.literals.is_empty() && !rule.is_named()
    });
    if let Some(first) = noticed.escape
        && depth < DEPTH
    {
        mark_at(detector, &decoded.text, first..decoded.text.len(), out, depth + 1);
    }
}

/// Adds what stands behind the escapes of a [marked](mark) part of `document` and is not among `found`. The
/// document stands `depth` encodings deep in another.
pub(super) fn judge(
    detector: &Detector,
    document: &Document<'_>,
    marked: Candidate,
    found: &mut Vec<Detection>,
    depth: usize,
) {
    if depth >= DEPTH {
        return;
    }
    let decoded = Decoded::new(document.bytes, Span::new(marked.start as usize, marked.end as usize));
    let inside = Document::new(document.origin, &decoded.text);
    let mut all = Vec::new();
    candidates(detector, &decoded, &mut all, depth);
    let class = super::PathClass::of(&document.origin.path);
    let mut inner: Vec<Detection> = Vec::new();
    for candidate in all {
        if candidate.rule == ESCAPED {
            judge(detector, &inside, candidate, &mut inner, depth + 1);
        } else if candidate.rule == ENCODED_TEXT {
            let span = Span::new(candidate.start as usize, candidate.end as usize);
            inner.extend(super::decode::inner(detector, &inside, span, depth + 1));
        } else {
            inner.extend(super::one(detector, &inside, class, candidate));
        }
    }
    for mut detection in inner {
        detection.span = decoded.source(detection.span);
        if found.iter().any(|d| d.span.overlaps(detection.span)) {
            continue;
        }
        detection.allow = super::suppress::allow(document.bytes, detection.span, &detector.wishes);
        super::decode::told(&mut detection, &[decoded.name]);
        found.push(detection);
    }
    found.sort_by_key(|d| (d.span.start, d.span.end));
}

/// A line without its escapes, and where each of its bytes stands.
struct Decoded {
    text: Vec<u8>,
    places: Vec<usize>,
    name: &'static str,
}

impl Decoded {
    fn new(bytes: &[u8], span: Span) -> Self {
        let mut decoded = Self { text: Vec::new(), places: Vec::new(), name: "percent" };
        let mut at = span.start;
        while at < span.end {
            let (byte, length, name) = escape(&bytes[at..span.end]).unwrap_or((bytes[at], 1, decoded.name));
            decoded.text.push(byte);
            decoded.places.push(at);
            decoded.name = name;
            at += length;
        }
        decoded.places.push(span.end);
        decoded
    }

    fn source(&self, span: Span) -> Span {
        Span::new(self.places[span.start], self.places[span.end])
    }
}

/// Whether an escape of a printable character stands at the start of `text`.
pub(crate) fn is_escape(text: &[u8]) -> bool {
    escape(text).is_some()
}

/// The printable character that an escape at the start of `text` stands for, its length and its name.
fn escape(text: &[u8]) -> Option<(u8, usize, &'static str)> {
    let (digits, length, name) = match text {
        [b'\\', b'u', b'0', b'0', a, b, ..] => ([*a, *b], 6, "unicode escapes"),
        [b'\\', b'x', a, b, ..] => ([*a, *b], 4, "hex escapes"),
        [b'%', a, b, ..] => ([*a, *b], 3, "percent"),
        _ => return None,
    };
    let value = std::str::from_utf8(&digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok())?;
    // A space or a quote ends values, escaped or not.
    (value.is_ascii_graphic() && !matches!(value, b'"' | b'\'')).then_some((value, length, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;
    use crate::detect::{RuleSet, Watchlist};
    use crate::source::{Origin, Place, RepoPath};

    #[test]
    fn values_behind_escapes_stand_where_they_are_written() {
        let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
        let origin = Origin { place: Place::Tree, path: RepoPath::new("src/app.json") };
        let value = expand("sk_live_51{base62:97}", 1, None).unwrap();
        let escaped = |from: &str, to: &str| value.replacen(from, to, 1);
        for (text, name) in [
            (format!("{{\"key\": \"{}\"}}", escaped("sk_live", "\\u0073k\\u005flive")), "unicode escapes"),
            (format!("key = '{}'", escaped("_live", "\\x5flive")), "hex escapes"),
            (format!("https://acme.dev/?key={}&x=1", escaped("sk_live", "sk%5Flive")), "percent"),
        ] {
            let text = format!("first line\n{text}\n");
            let found = detector.detect(&Document::new(&origin, text.as_bytes()), &mut Vec::new()).detections;
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].claims.facts["encoding"], serde_json::json!([name]));
            let shown = String::from_utf8_lossy(found[0].span.of(text.as_bytes())).into_owned();
            assert!(shown.ends_with(&value[60..]) && shown.len() > value.len(), "{name}");
        }
        let plain = format!("a%20b key = {value}");
        let found = detector.detect(&Document::new(&origin, plain.as_bytes()), &mut Vec::new()).detections;
        assert_eq!((found.len(), found[0].claims.facts.contains_key("encoding")), (1, false));
    }
}
