//! Values that keyward.toml lists by an expression. Detection says which expressions a value matches, by
//! the expression's digest, so that the judgement needs no value.
//!
//! An expression must be anchored at both ends and must not match what keys are made of: one that did
//! would swallow every finding there is.

use regex::bytes::{Regex, RegexBuilder};
use sha2::{Digest as _, Sha256};

/// Expressions over values.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListedValues(Vec<(String, Regex)>);

/// Why an expression is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooWide {
    /// It is none.
    Invalid,
    /// It does not begin with `^` and end with `$`, so that it matches parts of values.
    NotAnchored,
    /// It matches random values of the forms that keys have.
    Everything,
}

impl TooWide {
    /// What is wrong, and what was expected.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Invalid => "expected an expression of linear time (no look-around, no back-references)",
            Self::NotAnchored => "expected an expression over the whole value: ^...$",
            Self::Everything => {
                "it matches random values as keys have them, and would cover whatever is found; expected what is the \
                 same in these values and in no others, or their fingerprints"
            }
        }
    }
}

impl ListedValues {
    /// Adds an expression.
    pub(crate) fn add(&mut self, pattern: &str) -> Result<(), TooWide> {
        const SIZE: usize = 1 << 20;
        let whole = pattern.starts_with('^') && pattern.ends_with('$') && !pattern.ends_with("\\$");
        if !whole {
            return Err(TooWide::NotAnchored);
        }
        // An alternative has the anchors at one end only.
        let inner = format!("\\A(?:{})\\z", &pattern[1..pattern.len() - 1]);
        let compiled =
            RegexBuilder::new(&inner).unicode(false).size_limit(SIZE).build().map_err(|_| TooWide::Invalid)?;
        if probes().any(|probe| compiled.is_match(&probe)) {
            return Err(TooWide::Everything);
        }
        let id = pattern_id(pattern);
        if !self.0.iter().any(|(known, _)| *known == id) {
            self.0.push((id, compiled));
        }
        Ok(())
    }

    /// The digests of the expressions that match a value.
    pub(crate) fn matching(&self, value: &[u8]) -> Vec<String> {
        self.0.iter().filter(|(_, pattern)| pattern.is_match(value)).map(|(id, _)| id.clone()).collect()
    }
}

/// What stands for an expression in observations: it might hold a value itself.
pub(crate) fn pattern_id(pattern: &str) -> String {
    let digest = Sha256::digest(format!("keyward/v1/listed\n{pattern}"));
    data_encoding::HEXLOWER.encode(&digest[..8])
}

/// Values without a form, of every alphabet and length in which keys are made; always the same ones.
fn probes() -> impl Iterator<Item = Vec<u8>> {
    const ALPHABETS: [&[u8]; 6] = [
        b"0123456789",
        b"0123456789abcdef",
        b"0123456789ABCDEF",
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/!.",
    ];
    const LONGEST: usize = 128;
    /// Of each alphabet and length: an expression that leaves out some characters is met all the same.
    const EACH: u64 = 16;
    let kinds = (6..=LONGEST).flat_map(|length| ALPHABETS.into_iter().map(move |alphabet| (length, alphabet)));
    kinds.flat_map(|(length, alphabet)| {
        (0..EACH).map(move |n| {
            let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ length as u64;
            let mut next = || {
                // A linear congruential generator: nothing here has to be unguessable.
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            };
            (0..length).map(|_| next()).collect()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_cover_everything_is_refused() {
        for pattern in [
            "^.*$", "^.+$", "^[A-Za-z0-9]{20,}$", "^[0-9a-f]{32}$", "^x?.*$", "^[a-f][0-9a-f]{31}$", "^(?:demo|.*)$",
            "^\\S+$",
        ] {
            assert_eq!(ListedValues::default().add(pattern), Err(TooWide::Everything), "{pattern}");
        }
        for pattern in ["demo", "^demo", "demo$", ".*", "", "^demo\\$"] {
            assert_eq!(ListedValues::default().add(pattern), Err(TooWide::NotAnchored), "{pattern}");
        }
        assert_eq!(ListedValues::default().add("^(?<!x)demo$"), Err(TooWide::Invalid));
    }

    #[test]
    fn the_whole_value_is_matched() {
        let mut listed = ListedValues::default();
        listed.add("^(?:demo-[0-9]{4}|sample-[a-z]+)$").unwrap();
        let id = pattern_id("^(?:demo-[0-9]{4}|sample-[a-z]+)$");
        assert_eq!(listed.matching(b"demo-1234"), std::slice::from_ref(&id));
        assert_eq!(listed.matching(b"sample-x"), std::slice::from_ref(&id));
        assert!(listed.matching(b"demo-12345").is_empty() && listed.matching(b"demo-1234\n").is_empty());
    }
}
