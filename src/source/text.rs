//! Encodings of documents.

use std::borrow::Cow;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8, Latin-1 or binary: scanned as it stands, since credentials are ASCII.
    AsIs,
    /// UTF-16, the less significant byte first.
    Utf16Le,
    /// UTF-16, the more significant byte first.
    Utf16Be,
}

impl Encoding {
    /// By the first bytes; and the length of the mark among them, which is not part of the text.
    pub(crate) fn of(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            [0xef, 0xbb, 0xbf, ..] => (Self::AsIs, 3),
            // Without a mark: the first characters are ASCII, so that every other byte is zero.
            [a, 0, b, 0, c, 0, d, 0, ..] if [a, b, c, d].iter().all(|x| is_text(**x)) => (Self::Utf16Le, 0),
            [0, a, 0, b, 0, c, 0, d, ..] if [a, b, c, d].iter().all(|x| is_text(**x)) => (Self::Utf16Be, 0),
            _ => (Self::AsIs, 0),
        }
    }

    /// How two bytes of UTF-16 are read.
    pub(crate) fn unit(self) -> Option<fn([u8; 2]) -> u16> {
        match self {
            Self::AsIs => None,
            Self::Utf16Le => Some(u16::from_le_bytes),
            Self::Utf16Be => Some(u16::from_be_bytes),
        }
    }
}

/// Decodes UTF-16 to UTF-8 and drops marks; everything else stays as it stands.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (encoding, mark) = Encoding::of(bytes);
    let text = &bytes[mark..];
    encoding.unit().map_or(Cow::Borrowed(text), |unit| Cow::Owned(utf16(text, unit)))
}

fn is_text(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|p| unit(*p));
    let mut out = String::with_capacity(bytes.len());
    out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn utf_16_with_and_without_a_mark() {
        let little: Vec<u8> = "key = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "key = 1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little.clone(), big, [vec![0xff, 0xfe], little].concat()] {
            assert_eq!(&*decode(&bytes), b"key = 1\n");
        }
        let binary = [1, 0, 2, 0, 3, 0, 4, 0, 5];
        assert_eq!(&*decode(&binary), binary);
    }
}
