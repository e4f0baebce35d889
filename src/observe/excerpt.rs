//! Source lines that may be shown: every value on them is masked, detected or not.

use serde::{Deserialize, Serialize};

use crate::detect::Detection;
use crate::position::{LineIndex, Span};

/// One masked source line, cut to what people read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Excerpt {
    /// The line, without control characters.
    pub text: String,
    /// First character of the value in `text`, from 0.
    pub start: u32,
    /// One past its last character.
    pub end: u32,
}

/// Characters shown before a value and after it.
const BEFORE: usize = 60;
const AFTER: usize = 40;
/// Longest mask.
const STARS: usize = 24;

impl Excerpt {
    /// The first line of `span`, with all `spans` (sorted, and apart) and every other token-shaped run masked. The first
    /// `prefix` bytes of the value stay: they are its format's, not its own.
    pub(crate) fn new(bytes: &[u8], lines: &LineIndex, span: Span, prefix: usize, spans: &[Span]) -> Self {
        let line = lines.line(bytes, lines.line_of(span.start));
        let from = after_part(bytes, line.start, line.start.max(span.start.saturating_sub(BEFORE)));
        let until = line.end.min(span.end.saturating_add(AFTER)).max(span.start.min(line.end));
        let until = if until < line.end { before_part(bytes, until).max(span.start.min(line.end)) } else { until };
        let value_end = span.end.min(line.end);
        let low = spans.partition_point(|s| s.end <= from);
        let spans = &spans[low..low + spans[low..].partition_point(|s| s.start < until)];
        let mut text = String::new();
        if from > line.start {
            text.push('\u{2026}');
        }
        push_masked(&mut text, bytes, Span::new(from, span.start.min(until)), spans);
        let start = text.chars().count() as u32;
        let shown = (span.start + prefix).min(value_end);
        push_plain(&mut text, &bytes[span.start..shown]);
        text.extend(std::iter::repeat_n('*', (value_end - shown).min(STARS)));
        let end = text.chars().count() as u32;
        push_masked(&mut text, bytes, Span::new(value_end, until.max(value_end)), spans);
        if until < line.end {
            text.push('\u{2026}');
        }
        let trimmed = text.trim_start();
        let cut = (text.chars().count() - trimmed.chars().count()) as u32;
        let text = trimmed.trim_end().to_owned();
        Self { text, start: start.saturating_sub(cut), end: end.saturating_sub(cut) }
    }
}

/// Whether the detection's value begins with `literal`.
pub(super) fn starts_with(detection: &Detection, literal: &str) -> bool {
    detection.value_starts_with(literal.as_bytes())
}

/// Masks every token-shaped run of a short text: a key name, a path.
pub(crate) fn mask_text(text: &str) -> String {
    let mut out = String::new();
    push_masked(&mut out, text.as_bytes(), Span::new(0, text.len()), &[]);
    out
}

fn push_masked(out: &mut String, bytes: &[u8], part: Span, spans: &[Span]) {
    let mut at = part.start;
    while at < part.end {
        if let Some(span) = spans.iter().find(|s| s.start <= at && at < s.end) {
            let n = span.end.min(part.end) - at;
            out.extend(std::iter::repeat_n('*', n.min(STARS)));
            at += n;
            continue;
        }
        let next = spans.iter().map(|s| s.start).filter(|s| *s > at).min().unwrap_or(part.end).min(part.end);
        let run = bytes[at..next].iter().take_while(|b| is_token(**b)).count();
        if run == 0 {
            let plain = bytes[at..next].iter().take_while(|b| !is_token(**b)).count();
            push_plain(out, &bytes[at..at + plain]);
            at += plain;
        } else {
            // The run as it stands in the document, even where the part cuts it.
            let whole_start = at - bytes[..at].iter().rev().take(64).take_while(|b| is_token(**b)).count();
            let whole_end = at + bytes[at..].iter().take(256).take_while(|b| is_token(**b)).count();
            if is_value_like(&bytes[whole_start..whole_end]) {
                out.extend(std::iter::repeat_n('*', run.min(STARS)));
            } else {
                push_plain(out, &bytes[at..at + run]);
            }
            at += run;
        }
    }
}

fn push_plain(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        // What is no UTF-8 is most often Latin-1, of which each byte is the character of its number.
        for c in chunk.valid().chars().chain(chunk.invalid().iter().copied().map(char::from)) {
            // Control characters would act on the terminal; tabs would move the caret.
            out.push(if c == '\t' {
                ' '
            } else if is_harmful(c) {
                '\u{b7}'
            } else {
                c
            });
        }
    }
}

/// The first place from `at` on that is not inside of a character of UTF-8 which begins before it.
fn after_part(bytes: &[u8], line: usize, at: usize) -> usize {
    let rest = bytes[at..].iter().take(3).take_while(|b| is_continuation(**b)).count();
    let begins = (1..4).any(|n| at >= line + n && std::str::from_utf8(&bytes[at - n..at + rest]).is_ok());
    if rest > 0 && begins { at + rest } else { at }
}

/// The last place up to `at` that is not inside of a character of UTF-8 which ends after it.
fn before_part(bytes: &[u8], at: usize) -> usize {
    let begun = (1..4).filter(|n| at >= *n).find(|n| !is_continuation(bytes[at - n]));
    let whole = |n: usize| {
        (2..=4).any(|long| {
            long > n
                && bytes
                    .get(at - n..at - n + long)
                    .is_some_and(|c| std::str::from_utf8(c).is_ok_and(|t| t.chars().count() == 1))
        })
    };
    match begun {
        Some(n) if whole(n) => at - n,
        _ => at,
    }
}

fn is_continuation(b: u8) -> bool {
    b & 0xc0 == 0x80
}

/// Characters that move the cursor, change colours or turn the direction of text.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'~')
}

/// Whether a run could be a value: digits among letters, or capitals strewn about.
fn is_value_like(run: &[u8]) -> bool {
    let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = run.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let turns = run.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
    match run.len() {
        _ if is_numbered_name(run) => false,
        0..8 => false,
        8..12 => digits >= 2 && letters >= 1 || digits >= 8,
        12..20 => digits >= 1,
        _ => digits >= 1 || turns * 5 >= run.len(),
    }
}

/// `password_12`, `API-KEY-2`: a name of something and its number, of which no letter is by chance.
fn is_numbered_name(run: &[u8]) -> bool {
    const NAMES: [&[u8]; 8] = [b"password", b"passwd", b"secret", b"token", b"key", b"user", b"client", b"account"];
    let mut parts: Vec<&[u8]> = run.split(|b| matches!(b, b'_' | b'-')).collect();
    let number = parts.pop().is_some_and(|n| (1..=2).contains(&n.len()) && n.iter().all(u8::is_ascii_digit));
    let word = |part: &&[u8]| {
        let one_case = part.iter().all(u8::is_ascii_lowercase) || part.iter().all(u8::is_ascii_uppercase);
        (2..=12).contains(&part.len()) && one_case
    };
    let named = parts.last().is_some_and(|last| NAMES.iter().any(|n| last.eq_ignore_ascii_case(n)));
    number && named && parts.len() <= 3 && parts.iter().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_names_are_no_values() {
        for name in ["password_12", "DB_PASSWORD_12", "api-key-2"] {
            assert_eq!(mask_text(name), name);
        }
        for value in ["password12x9", "kq7_password_12", "password_123", "hunter_42pass"] {
            assert_ne!(mask_text(value), value);
        }
    }

    #[test]
    fn neighbours_are_masked_too() {
        let value = ["sk_", "live_", "q8Zr2LmX0vKp4TyB9sDf"].concat();
        let line = format!("\tstripe_key = \"{value}\" # was 7f3a9c1e5b2d8f60\u{1b}[31m");
        let at = line.find("sk_").unwrap();
        let span = Span::new(at, at + value.len());
        let excerpt = Excerpt::new(line.as_bytes(), &LineIndex::new(line.as_bytes()), span, 8, &[span]);
        assert_eq!(excerpt.text, "stripe_key = \"sk_live_********************\" # was ****************\u{b7}[31m");
        let marked: String = excerpt.text.chars().skip(excerpt.start as usize).take(8).collect();
        assert_eq!(marked, "sk_live_");
    }

    fn of(line: &[u8]) -> String {
        let value = "q8Zr2LmX0vKp4TyB9sDf";
        let at = line.windows(20).position(|w| w == value.as_bytes()).unwrap();
        let span = Span::new(at, at + value.len());
        Excerpt::new(line, &LineIndex::new(line), span, 0, &[span]).text
    }

    #[test]
    fn latin_1_is_shown_as_text() {
        assert_eq!(of(b"clave=q8Zr2LmX0vKp4TyB9sDf ; a\xf1o\x85"), "clave=******************** ; a\u{f1}o\u{b7}");
    }

    #[test]
    fn a_cut_falls_between_characters() {
        for shift in 0..4 {
            let pad = "a".repeat(shift);
            let many = "\u{5bc6}\u{f1}\u{1f511}".repeat(30);
            let line = format!("{pad}{many} q8Zr2LmX0vKp4TyB9sDf {pad}{many}");
            let text = of(line.as_bytes());
            assert!(text.chars().all(|c| "\u{2026}a* \u{5bc6}\u{f1}\u{1f511}".contains(c)), "{text}");
        }
    }
}
