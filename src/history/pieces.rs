//! A text that is too large to be held, as overlapping pieces.
//!
//! Takes a stream; gives decoded pieces, each with the anchors that are its own. Around every anchor
//! stands as much as a detector looks at, so that candidates are those of the whole text; for judging
//! there is some more before it, so that its line is whole where lines are not endless.

use std::ops::Range;

use super::candidates::Reach;
use crate::position::{LineIndex, Span};
use crate::source::Encoding;
use crate::source::git::objects::ObjectError;
use crate::source::git::stream::Stream;

/// Bytes read at once.
const PIECE: usize = 8 << 20;
/// Bytes kept before the first anchor of a piece, beyond the reach.
const CONTEXT: usize = 64 << 10;
/// How far a cut is moved to stand well.
const PATIENCE: usize = 16;

/// A part of a text.
pub(crate) struct Piece<'p> {
    /// The part, decoded.
    pub(crate) text: &'p [u8],
    /// Where it begins in the decoded text.
    pub(crate) start: u64,
    /// Places in `text` whose anchors belong to this piece and to no other.
    pub(crate) anchors: Range<usize>,
    /// Lines that end before the piece.
    pub(crate) lines: u64,
    /// UTF-16 units of its first line that stand before the piece.
    pub(crate) column: u64,
    /// The text has a zero byte near its beginning.
    pub(crate) binary: bool,
}

/// Calls `each` for the pieces in order until it says no; gives how many bytes were read.
pub(crate) fn each_piece(
    stream: Stream<'_>,
    reach: Reach,
    each: impl FnMut(&Piece<'_>) -> bool,
) -> Result<u64, ObjectError> {
    let mut stream = stream;
    in_pieces(|most, out| stream.read(most, out), PIECE, reach, each)
}

fn in_pieces(
    mut read: impl FnMut(usize, &mut Vec<u8>) -> Result<bool, ObjectError>,
    size: usize,
    reach: Reach,
    mut each: impl FnMut(&Piece<'_>) -> bool,
) -> Result<u64, ObjectError> {
    let keep = reach.back + 1 + CONTEXT.min(size);
    let (mut raw, mut text, mut total) = (Vec::new(), Vec::new(), 0);
    let mut encoding = None;
    // Of the piece: where it begins, and where its own anchors begin in it.
    let (mut start, mut own) = (0_u64, 0_usize);
    let (mut lines, mut column, mut binary) = (0, 0, false);
    loop {
        let before = raw.len();
        let end = read(size, &mut raw)?;
        total += (raw.len() - before) as u64;
        let encoding = *encoding.get_or_insert_with(|| {
            let (encoding, mark) = Encoding::of(&raw);
            raw.drain(..mark);
            encoding
        });
        decode(encoding, &mut raw, end, &mut text);
        if start == 0 && own == 0 {
            binary = memchr::memchr(0, &text[..text.len().min(8000)]).is_some();
        }
        let last = if end { text.len() } else { text.len().saturating_sub(reach.forward).max(own) };
        if !each(&Piece { text: &text, start, anchors: own..last, lines, column, binary }) || end {
            return Ok(total);
        }
        let mut cut = last.saturating_sub(keep);
        // Neither within a character nor between the two of a line's end.
        while cut > 0 && (text[cut] & 0xc0 == 0x80 || text[cut - 1] == b'\r') && last - cut < keep + PATIENCE {
            cut -= 1;
        }
        let gone = &text[..cut];
        let at = LineIndex::new(gone).locate(gone, Span::new(cut, cut));
        column = u64::from(at.column - 1) + if at.line == 1 { column } else { 0 };
        lines += u64::from(at.line - 1);
        text.drain(..cut);
        start += cut as u64;
        own = last - cut;
    }
}

/// Moves what is whole from `raw` to `text`.
fn decode(encoding: Encoding, raw: &mut Vec<u8>, end: bool, text: &mut Vec<u8>) {
    let Some(unit) = encoding.unit() else {
        text.append(raw);
        return;
    };
    let mut whole = raw.len() & !1;
    // The first half of a pair waits for the second one.
    if !end && whole >= 2 && unit([raw[whole - 2], raw[whole - 1]]) & 0xfc00 == 0xd800 {
        whole -= 2;
    }
    let (pairs, _) = raw[..whole].as_chunks::<2>();
    let mut buffer = [0; 4];
    for c in char::decode_utf16(pairs.iter().map(|p| unit(*p))) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
    raw.drain(..whole);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::candidates::{Candidate, Candidates as _};
    use super::super::tests::Tokens;
    use super::*;

    /// What is found in a text by pieces: candidates, and each one's line and column.
    fn by_pieces(bytes: &[u8], size: usize) -> Vec<(u64, u64, u64)> {
        let mut rest = bytes;
        let read = |most: usize, out: &mut Vec<u8>| {
            let (head, tail) = rest.split_at(most.min(rest.len()));
            out.extend_from_slice(head);
            rest = tail;
            Ok(rest.is_empty())
        };
        let mut found = Vec::new();
        let total = in_pieces(read, size, Tokens.reach(), |piece| {
            let mut out: Vec<Candidate> = Vec::new();
            Tokens.candidates(piece.text, piece.anchors.clone(), &mut out);
            let index = LineIndex::new(piece.text);
            for c in out {
                let at = index.locate(piece.text, Span::new(c.start as usize, c.end as usize));
                let column = u64::from(at.column) + if at.line == 1 { piece.column } else { 0 };
                found.push((piece.start + u64::from(c.start), u64::from(at.line) + piece.lines, column));
            }
            true
        });
        assert_eq!(total, Ok(bytes.len() as u64));
        found
    }

    fn whole(bytes: &[u8]) -> Vec<(u64, u64, u64)> {
        let text = crate::source::decode(bytes);
        let (mut out, index) = (Vec::new(), LineIndex::new(&text));
        Tokens.candidates(&text, 0..text.len(), &mut out);
        let place = |c: &Candidate| {
            let at = index.locate(&text, Span::new(c.start as usize, c.end as usize));
            (u64::from(c.start), u64::from(at.line), u64::from(at.column))
        };
        out.iter().map(place).collect()
    }

    proptest! {
        #[test]
        fn pieces_find_what_the_whole_text_has(
            parts in prop::collection::vec((0..4_usize, 0..60_usize), 0..40),
            size in 64..400_usize,
            encoding in 0..4_u8,
        ) {
            let mut text = String::new();
            for (kind, n) in parts {
                match kind {
                    0 => text.extend(["TOK", "_", &n.to_string(), " "]),
                    1 => text.push_str(&"x".repeat(n)),
                    2 => text.push_str(&"\u{1f511}\u{e9} ".repeat(n % 7)),
                    _ => text.push('\n'),
                }
            }
            let bytes = match encoding {
                0 => text.into_bytes(),
                3 => ["KEY\n", &text].concat().encode_utf16().flat_map(u16::to_be_bytes).collect(),
                1 => [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
                _ => [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            };
            prop_assert_eq!(by_pieces(&bytes, size), whole(&bytes));
        }
    }
}
