//! Inline wishes to be left alone: `keyward:allow KW001 reason="test key" until=2027-01-31`, on the line
//! of the value, alone on the line before, or as `keyward:allow-begin ...` and `keyward:allow-end` around it.
//!
//! Detection only reads them. Whether one counts - it needs a reason, an end, and a trusted place -
//! is judged with everything else, so that what is scanned cannot silence the scan. The same holds for the
//! markers of other scanners, which are read only when the configuration asks for it.

mod listed;
mod markers;
mod stray;

pub(crate) use listed::ListedValues;
pub(crate) use listed::pattern_id;
pub(crate) use markers::ForeignMarker;
pub use stray::Stray;
pub(crate) use stray::strays;

use serde::{Deserialize, Serialize};

use crate::position::Span;

pub(crate) const MARK: &[u8] = b"keyward:allow";
const BEGIN: &[u8] = b"keyward:allow-begin";
const END: &[u8] = b"keyward:allow-end";
/// Longest block, in bytes before and behind a value.
const BLOCK: usize = 16 << 10;

/// What an inline comment asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Allow {
    /// Checks, `KW001`; empty where none is named.
    pub checks: Vec<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Last day on which it counts, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The marker of another scanner that stands there instead: `gitleaks:allow`. It names no check and
    /// has no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

/// What detection is to read of wishes to be left alone, beside keyward's own comments.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Markers of other scanners.
    pub(crate) markers: Vec<ForeignMarker>,
    /// Expressions over values.
    pub(crate) values: ListedValues,
}

/// The comment that belongs to a value; keyward's own before those of others.
pub(super) fn allow(bytes: &[u8], value: Span, wishes: &Wishes) -> Option<Allow> {
    let own = beside(bytes, value).map(|(_, allow)| allow);
    own.or_else(|| markers::beside(bytes, value, &wishes.markers))
}

/// The comment that belongs to a value, and where it begins: on its line, or alone on the line above.
fn beside(bytes: &[u8], value: Span) -> Option<(usize, Allow)> {
    const FAR: usize = 2000;
    let low = value.start.saturating_sub(FAR);
    let start = memchr::memrchr(b'\n', &bytes[low..value.start]).map_or(low, |n| low + n + 1);
    let high = bytes.len().min(value.end + FAR);
    let end = memchr::memchr(b'\n', &bytes[value.end..high]).map_or(high, |n| value.end + n);
    if let Some(at) = memchr::memmem::find(&bytes[start..end], MARK) {
        return Some((start + at, read(&bytes[start + at + MARK.len()..end])?));
    }
    let above_end = start.saturating_sub(1);
    let above = bytes[low..start].strip_suffix(b"\n").unwrap_or_default();
    let above = &above[memchr::memrchr(b'\n', above).map_or(0, |n| n + 1)..];
    let alone = |at: usize| above[..at].iter().all(|b| !b.is_ascii_alphanumeric());
    if let Some(at) = memchr::memmem::find(above, MARK).filter(|at| alone(*at))
        && let Some(allow) = read(&above[at + MARK.len()..])
    {
        return Some((above_end - above.len() + at, allow));
    }
    block(bytes, value)
}

/// The block that the value stands in. One that is not closed is none: it would cover the whole file.
fn block(bytes: &[u8], value: Span) -> Option<(usize, Allow)> {
    let low = value.start.saturating_sub(BLOCK);
    let before = &bytes[low..value.start];
    let at = memchr::memmem::rfind(before, BEGIN)?;
    if memchr::memmem::find(&before[at..], END).is_some() {
        return None;
    }
    let after = &bytes[value.end..bytes.len().min(value.end + BLOCK)];
    let end = memchr::memmem::find(after, END)?;
    if memchr::memmem::find(&after[..end], BEGIN).is_some() {
        return None;
    }
    let text = &before[at + BEGIN.len()..];
    let allow = read(&text[..memchr::memchr(b'\n', text).unwrap_or(text.len())])?;
    Some((low + at, allow))
}

fn read(text: &[u8]) -> Option<Allow> {
    // `keyward:allowed` is another word.
    if text.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let mut allow = Allow::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (word, tail) = rest.split_once([' ', '\t', ',']).unwrap_or((rest, ""));
        rest = tail.trim_start_matches([' ', '\t', ',']);
        if let Some(value) = word.strip_prefix("reason=") {
            // A quoted reason may hold spaces; a bare one runs to `until=`.
            let whole = if rest.is_empty() { value.to_owned() } else { format!("{value} {rest}") };
            let (reason, after) = match whole.strip_prefix('"').or_else(|| whole.strip_prefix('\'')) {
                Some(quoted) => quoted.split_once(['"', '\'']).unwrap_or((quoted, "")),
                None => whole.split_once("until=").map_or((whole.as_str(), ""), |(r, _)| (r, &whole[r.len()..])),
            };
            let reason = reason.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
            allow.reason = (!reason.is_empty()).then(|| reason.chars().take(200).collect());
            if let Some((_, until)) = after.split_once("until=") {
                allow.until = date(until);
            }
            break;
        }
        if let Some(value) = word.strip_prefix("until=") {
            allow.until = date(value);
        } else if word.len() == 5 && word.starts_with("KW") && word[2..].bytes().all(|b| b.is_ascii_digit()) {
            allow.checks.push(word.to_owned());
        }
    }
    Some(allow)
}

/// The day as it is written: ten characters of digits and hyphens, or whatever stands there.
fn date(text: &str) -> Option<String> {
    let day: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
    (!day.is_empty()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Allow> {
        let at = text.find("VALUE").unwrap();
        allow(text.as_bytes(), Span::new(at, at + 5), &Wishes::default())
    }

    #[test]
    fn same_line_and_line_above() {
        let want = Allow {
            checks: vec!["KW001".into()],
            reason: Some("sandbox key".into()),
            until: Some("2027-01-31".into()),
            marker: None,
        };
        assert_eq!(of("key = VALUE # keyward:allow KW001 reason=\"sandbox key\" until=2027-01-31"), Some(want.clone()));
        assert_eq!(of("// keyward:allow KW001 reason=sandbox key until=2027-01-31\nkey = VALUE"), Some(want.clone()));
        assert_eq!(of("# keyward:allow KW001 until=2027-01-31 reason='sandbox key'\nkey = VALUE"), Some(want));
        assert_eq!(of("other = 1 # keyward:allow KW001 reason=x\nkey = VALUE"), None);
        assert_eq!(of("# keyward:allowed\nkey = VALUE"), None);
        assert_eq!(of("key = VALUE # keyward:allow"), Some(Allow::default()));
    }

    #[test]
    fn blocks_have_an_end() {
        let begin = "# keyward:allow-begin KW001 reason='sandbox' until=2027-01-31\n";
        let block = |text: &str| of(text).map(|a| a.checks);
        let want = Some(vec!["KW001".to_owned()]);
        assert_eq!(block(&format!("{begin}a = 1\nkey = VALUE\n# keyward:allow-end\n")), want);
        assert_eq!(block(&format!("{begin}a = 1\nkey = VALUE\n")), None, "not closed");
        assert_eq!(
            block(&format!("{begin}# keyward:allow-end\nkey = VALUE\n# keyward:allow-end\n")),
            None,
            "behind it"
        );
        assert_eq!(block(&format!("key = VALUE\n{begin}# keyward:allow-end\n")), None, "before it");
    }
}
