//! GitHub's own hash of a line, for uploads by tools that compare it with ours.
//!
//! Source: what code scanning's upload action computes from the checkout. Each line is known by the 100
//! characters that begin with it, blanks left out, so that an edit further down changes it too; keyward's
//! own value, which is the default, has no such effect.

use std::collections::HashMap;

/// Characters that a line is known by.
const WINDOW: usize = 100;
/// Base of the polynomial, modulo 2^64.
const BASE: u64 = 37;
/// What stands for the end of the file.
const END: u16 = 0xffff;

/// For each line of a file, in order: `HASH:N`, where N counts lines with the same hash.
pub fn github_line_hashes(text: &str) -> Vec<String> {
    let (units, starts) = normalise(text);
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut lines = Vec::with_capacity(starts.len());
    for start in starts {
        // Behind the end of the file stand zeros.
        let window = units[start..].iter().copied().chain(std::iter::repeat(0)).take(WINDOW);
        let hash = window.fold(0_u64, |hash, unit| hash.wrapping_mul(BASE).wrapping_add(u64::from(unit)));
        let n = seen.entry(hash).or_default();
        *n += 1;
        lines.push(format!("{hash:x}:{n}"));
    }
    lines
}

/// UTF-16 units without blanks, each kind of line end as one LF, and where lines begin.
fn normalise(text: &str) -> (Vec<u16>, Vec<usize>) {
    const LF: u16 = 10;
    const CR: u16 = 13;
    let (mut units, mut starts) = (Vec::with_capacity(text.len() + 1), Vec::new());
    let (mut line_begins, mut after_cr) = (true, false);
    for unit in text.encode_utf16().chain([END]) {
        let blank = unit == u16::from(b' ') || unit == u16::from(b'\t') || after_cr && unit == LF;
        after_cr = unit == CR;
        if blank {
            continue;
        }
        if std::mem::take(&mut line_begins) {
            starts.push(units.len());
        }
        let unit = if after_cr { LF } else { unit };
        line_begins = unit == LF;
        units.push(unit);
    }
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_vectors() {
        let greetings = github_line_hashes(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n");
        assert_eq!((&*greetings[0], &*greetings[4]), ("e9496ae3ebfced30:1", "b3edc88f2938467e:1"));
        let lorem = github_line_hashes(&"Lorem ipsum dolor sit amet.\n".repeat(10));
        assert_eq!((&*lorem[1], &*lorem[7]), ("a7f2ff13bc495cf2:2", "a9cf91f7bbf1862b:1"));
    }

    #[test]
    fn line_ends_are_one_and_each_line_has_a_hash() {
        let unix = github_line_hashes("a\nb\n\nc");
        assert_eq!(unix.len(), 4);
        assert_eq!(github_line_hashes("a\r\nb\r\r\nc"), unix);
        assert_eq!(github_line_hashes("").len(), 1);
    }
}
