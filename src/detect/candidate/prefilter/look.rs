//! What a run looks like at first sight: drawn at random, or an identifier.

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
}
