//! What a run looks like at first sight: drawn at random, or an identifier.

use crate::position::Span;

/// Shortest part that can look random.
const RANDOM_PART: u32 = 8;
/// A run with this many digits is a number, or a value.
const MANY_DIGITS: u32 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// In one of its parts (between `_`, `-`, `+`, `/`) digits stand among letters, or it is mostly
    /// digits. Identifiers have short parts, and digits at their ends.
    Random,
    Ordinary,
}

impl Look {
    /// Looks at a run, and calls `boundary` with the offset of each `-`, `+` and `/` in it.
    #[inline]
    pub(super) fn at(run: &[u8], mut boundary: impl FnMut(usize)) -> Self {
        // Eight bytes at a time: most runs have no digit, and are done with that.
        let mut digits = 0;
        let (words, rest) = run.as_chunks::<8>();
        for (w, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            digits |= digits_of(word);
            let mut signs = signs_of(word);
            while signs != 0 {
                boundary(w * 8 + signs.trailing_zeros() as usize / 8);
                signs &= signs - 1;
            }
        }
        let from = run.len() - rest.len();
        for (i, b) in rest.iter().enumerate() {
            digits |= u64::from(b.is_ascii_digit());
            if matches!(b, b'-' | b'+' | b'/') {
                boundary(from + i);
            }
        }
        if digits != 0 && looks_random(run) { Self::Random } else { Self::Ordinary }
    }
}

/// Eight times the byte.
const fn all(b: u8) -> u64 {
    u64::from_le_bytes([b; 8])
}

/// The high bits of those of eight ASCII bytes that are digits.
fn digits_of(word: u64) -> u64 {
    let low = word ^ all(b'0');
    !((low + all(0x80 - 10)) | low) & all(0x80)
}

/// The high bits of those of eight run bytes that are `-`, `+` or `/`: they alone are below `0`.
fn signs_of(word: u64) -> u64 {
    !((word | all(0x80)) - all(b'0')) & all(0x80)
}

/// Whether a run has a digit or a capital, as all long values have.
pub(super) fn may_hold_value(run: &[u8]) -> bool {
    run.chunks(16).any(|part| part.iter().fold(false, |has, b| has | b.is_ascii_digit() | b.is_ascii_uppercase()))
}

fn looks_random(run: &[u8]) -> bool {
    let (mut random, mut all_digits) = (false, 0);
    // Of the part that is being read; changes are those between letters and digits, and of case.
    let (mut length, mut digits, mut changes, mut last) = (0, 0, 0, 0);
    for b in run.iter().copied().chain([b'_']) {
        let class = class(b);
        if class == 0 {
            random |= length >= RANDOM_PART && digits >= 1 && changes >= 2;
            all_digits += digits;
            (length, digits, changes, last) = (0_u32, 0_u32, 0, 0);
            continue;
        }
        length += 1;
        digits += u32::from(class == 1);
        changes += u32::from(class != last && last != 0);
        last = class;
    }
    random || all_digits >= MANY_DIGITS
}

/// Whether a run is a number of source code and data, and no text in quotes or behind `=`: digits as
/// 64 bits make them, perhaps with an exponent, or hexadecimal ones with their `0x`.
pub(super) fn is_number(bytes: &[u8], run: Span) -> bool {
    const DIGITS: usize = 20;
    let assigned = run.start.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'"' | b'\'' | b'`' | b'='));
    let count = |text: &[u8], digit: fn(&u8) -> bool| text.iter().take_while(|b| digit(b)).count();
    let run = run.of(bytes);
    let (digits, rest) = match run {
        [b'0', b'x' | b'X', hex @ ..] => hex.split_at(count(hex, u8::is_ascii_hexdigit)),
        _ => run.split_at(count(run, u8::is_ascii_digit)),
    };
    let ends = match rest {
        [b'e' | b'E', b'-' | b'+', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
            exponent.len() <= 4 && exponent.iter().all(u8::is_ascii_digit)
        }
        suffix => suffix.iter().all(|b| matches!(b, b'u' | b'U' | b'l' | b'L' | b'n')),
    };
    !assigned && (1..=DIGITS).contains(&digits.len()) && ends
}

/// 1 for digits, 2 for small letters, 3 for capitals, 0 for what is between parts.
#[inline]
fn class(b: u8) -> u8 {
    const CLASS: [u8; 256] = {
        let mut table = [0; 256];
        let mut b = 0;
        while b < 256 {
            let c = b as u8;
            table[b] = match c {
                b'0'..=b'9' => 1,
                b'a'..=b'z' => 2,
                b'A'..=b'Z' => 3,
                _ => 0,
            };
            b += 1;
        }
        table
    };
    CLASS[usize::from(b)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn signs_and_digits_are_seen_in_words_as_one_by_one(run in "[A-Za-z0-9_+/-]{1,70}") {
            let run = run.as_bytes();
            let mut seen = Vec::new();
            let look = Look::at(run, |i| seen.push(i));
            let signs: Vec<usize> = (0..run.len()).filter(|i| matches!(run[*i], b'-' | b'+' | b'/')).collect();
            prop_assert_eq!(seen, signs);
            prop_assert_eq!(look == Look::Random, looks_random(run));
        }
    }

    #[test]
    fn identifiers_are_ordinary_and_values_are_not() {
        for run in ["some_long_identifier2", "camelCaseNameThatIsLong", "x86_64-unknown-linux-gnu"] {
            assert_eq!(Look::at(run.as_bytes(), |_| ()), Look::Ordinary, "{run}");
        }
        for run in ["prefix_a1b2c3d4e5f6a7b8", "0123456789012345"] {
            assert_eq!(Look::at(run.as_bytes(), |_| ()), Look::Random, "{run}");
        }
    }

    #[test]
    fn numbers_are_known_where_they_are_not_texts() {
        let number = |text: &str| is_number(text.as_bytes(), Span::new(1, text.len()));
        for text in [" 18446744073709551615", "(0xFFFFFFFFFFFFFFFFull", ".3549863193146328e+308", "-9007199254740991n"]
        {
            assert!(number(text), "{text}");
        }
        for text in
            ["\"1844674407370955", "=1844674407370955", " 012345678901234567890123", " 0123456789012345e1f2", " a1b2c3"]
        {
            assert!(!number(text), "{text}");
        }
    }
}
