//! Runs that encode text: base64 or hex of printable characters, whatever they are called.
//!
//! Told from the run alone, and for lines of one text from the line before; what stands in the text is
//! judged with the document.

use super::ruleset::ENCODED_TEXT;
use super::{Candidate, runs::is_run_byte};
use crate::position::Span;

/// Shortest runs that hold a credential: sixteen characters.
const BASE64: usize = 24;
const HEX: usize = 32;
/// Longest line of a wrapped text.
const LINE: usize = 128;
/// Bytes before a run that tell whether it goes on with a text.
pub(super) const BACK: usize = 2 * LINE;
/// Bytes that are looked at before the whole run is.
const FIRST: usize = 24;

/// Pushes a candidate where `run` encodes text.
pub(super) fn probe(bytes: &[u8], run: Span, out: &mut Vec<Candidate>) {
    let text = run.of(bytes);
    let encodes = text.len() >= BASE64 && is_base64_text(text) || text.len() >= HEX && is_hex_text(text);
    if encodes && !continues_block(bytes, run) {
        out.push(Candidate {
            rule: ENCODED_TEXT,
            anchor: run.start as u32,
            start: run.start as u32,
            end: run.end as u32,
        });
    }
}

/// Whether four characters of base64 each encode printable ASCII or white space; with a zero after each
/// character, as 16 bits make them, too. The first of four tells most of the first byte.
fn is_base64_text(run: &[u8]) -> bool {
    run.chunks_exact(4).take(FIRST / 4).all(|four| matches!(four[0], b'C' | b'I'..=b'Z' | b'a'..=b'f' | b'A'))
        && run.chunks_exact(4).all(|four| {
            let Some(bits) = four.iter().try_fold(0_u32, |bits, b| Some(bits << 6 | sextet(*b)?)) else { return false };
            bits.to_be_bytes()[1..].iter().all(|b| is_printable(*b) || *b == 0)
        })
        && run[..4] != *b"AAAA"
}

fn sextet(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

fn is_hex_text(run: &[u8]) -> bool {
    let digits = run.strip_prefix(b"0x").unwrap_or(run);
    digits.len().is_multiple_of(2)
        && digits.chunks_exact(2).all(|two| {
            let value = |b: u8| char::from(b).to_digit(16);
            let byte = value(two[0]).zip(value(two[1])).map(|(a, b)| (a << 4 | b) as u8);
            byte.is_some_and(is_printable)
        })
}

fn is_printable(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

/// Whether the line before is as long and all of one run: the first line of such a block stands for it.
fn continues_block(bytes: &[u8], run: Span) -> bool {
    let low = run.start.saturating_sub(BACK);
    let Some(line) = memchr::memrchr(b'\n', &bytes[low..run.start]).map(|n| low + n) else { return false };
    let is_lead = |b: &u8| matches!(b, b' ' | b'\t');
    if !bytes[line + 1..run.start].iter().all(is_lead) {
        return false;
    }
    let above = bytes[low..line].strip_suffix(b"\r").unwrap_or(&bytes[low..line]);
    let length = above.iter().rev().take_while(|b| is_run_byte(**b)).count();
    let alone = above[..above.len() - length].iter().rev().take_while(|b| **b != b'\n').all(is_lead);
    alone && length >= run.len() && (BASE64..=LINE).contains(&length) && length.is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, u32)> {
        let mut out = Vec::new();
        super::super::runs::for_each_run(text.as_bytes(), |run| probe(text.as_bytes(), run, &mut out));
        out.iter().map(|c| (c.start, c.end)).collect()
    }

    #[test]
    fn text_is_told_from_what_is_random() {
        let base64 = data_encoding::BASE64.encode(b"key = some text and 1 number");
        let hex = data_encoding::HEXLOWER.encode(b"key = some text");
        assert_eq!(found(&format!("x = {base64}")), [(4, 42)]);
        assert_eq!(found(&format!("x = {hex}ab")), [] as [(u32, u32); 0]);
        assert_eq!(found(&format!("x = {hex}20")).len(), 1);
        for other in [
            "q8Zr2LmX0vKp4TyBq8Zr2LmX0vKp4TyB",
            "some_long_identifier_of_a_program",
            "0a1b9c3d7f3a4c1e9b2d8f604c1a7e9b",
        ] {
            assert!(found(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_wrapped_text_is_one() {
        let base64 = data_encoding::BASE64.encode("a line of text, and another one. ".repeat(5).as_bytes());
        let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        assert_eq!(found(&format!("x: |\n  {}\n", lines.join("\n  "))), [(7, 71)]);
    }
}
