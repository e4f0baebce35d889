//! Encodings of documents.

use std::borrow::Cow;

/// Decodes UTF-16 with a byte-order mark to UTF-8 and drops a UTF-8 mark; everything else (UTF-8,
/// Latin-1, binary) is scanned as it stands, since credentials are ASCII.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        // Without a mark: the first characters are ASCII, so that every other byte is zero.
        [a, 0, b, 0, c, 0, d, 0, ..] if [a, b, c, d].iter().all(|x| is_text(**x)) => {
            Cow::Owned(utf16(bytes, u16::from_le_bytes))
        }
        [0, a, 0, b, 0, c, 0, d, ..] if [a, b, c, d].iter().all(|x| is_text(**x)) => {
            Cow::Owned(utf16(bytes, u16::from_be_bytes))
        }
        _ => Cow::Borrowed(bytes),
    }
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
