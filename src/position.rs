//! From byte offsets to lines and columns, once, for every format.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span runs forwards");
        Self { start, end }
    }

    /// The bytes of the span.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.end]
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether no byte is covered.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Where something stands, for people and for SARIF: lines and columns from 1, columns in UTF-16
/// code units (SARIF's `utf16CodeUnits`), the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// First line, from 1.
    pub line: u32,
    /// First column, from 1.
    pub column: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
}

/// The line starts of a document. Lines end with LF, CRLF or a lone CR.
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // A CR followed by LF ends its line at the LF.
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at + 1);
            }
        }
        Self { starts }
    }

    /// Zero-based number of the line that holds `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&s| s <= offset) - 1
    }

    /// How many lines there are; an empty document has one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: see [`Self::len`].
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The bytes of a zero-based line, without its end.
    pub fn line(&self, bytes: &[u8], line: usize) -> Span {
        let start = self.starts[line];
        let mut end = self.starts.get(line + 1).copied().unwrap_or(bytes.len());
        if end > start && bytes[end - 1] == b'\n' {
            end -= 1;
        }
        if end > start && bytes[end - 1] == b'\r' {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// Lines and columns of `span`.
    pub fn locate(&self, bytes: &[u8], span: Span) -> Location {
        let line = self.line_of(span.start);
        let end_line = self.line_of(span.end.max(span.start));
        let column = |line: usize, offset: usize| utf16_len(&bytes[self.starts[line]..offset]) + 1;
        Location {
            line: line as u32 + 1,
            column: column(line, span.start),
            end_line: end_line as u32 + 1,
            end_column: column(end_line, span.end),
        }
    }
}

/// UTF-16 code units of `bytes`; a byte that is not UTF-8 counts one.
fn utf16_len(bytes: &[u8]) -> u32 {
    let mut units = 0;
    for chunk in bytes.utf8_chunks() {
        units += chunk.valid().chars().map(char::len_utf16).sum::<usize>();
        units += chunk.invalid().len();
    }
    units as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(bytes: &[u8], offset: usize) -> (u32, u32) {
        let (mut line, mut start, mut i) = (1, 0, 0);
        while i < offset {
            match bytes[i] {
                b'\n' => (line, start) = (line + 1, i + 1),
                b'\r' if bytes.get(i + 1) != Some(&b'\n') => (line, start) = (line + 1, i + 1),
                _ => {}
            }
            i += 1;
        }
        (line, utf16_len(&bytes[start..offset]) + 1)
    }

    proptest! {
        #[test]
        fn lines_and_columns_equal_a_naive_count(text in "[a\u{e9}\u{1f511}\r\n ]{0,60}", at in any::<prop::sample::Index>()) {
            let bytes = text.as_bytes();
            let offset = at.index(bytes.len() + 1);
            let got = LineIndex::new(bytes).locate(bytes, Span::new(offset, offset));
            prop_assert_eq!((got.line, got.column), naive(bytes, offset));
        }
    }

    #[test]
    fn columns_count_utf16_units() {
        let bytes = "\u{1f511} key".as_bytes();
        let at = LineIndex::new(bytes).locate(bytes, Span::new(5, 8));
        assert_eq!((at.line, at.column, at.end_column), (1, 4, 7));
    }
}
