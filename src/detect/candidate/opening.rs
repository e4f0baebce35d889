//! The bytes with which an expression's matches begin: a look at a few of them spares most attempts
//! at a common literal (`test_` of a test's name, where a key has 35 hexadecimal digits).

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Places that are looked at: names differ from keys long before.
const LONGEST: usize = 24;

/// For each of the first places of a match, the bytes that may stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening(Vec<Bytes>);

impl Opening {
    /// That of an expression, as far as it can be told; at worst nothing is, and any text may begin
    /// with a match.
    pub(crate) fn of(pattern: &str) -> Self {
        let mut walk = Walk::default();
        if let Ok(hir) = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern) {
            walk.go(&hir);
        }
        Self(walk.places)
    }

    /// Whether a match may begin `text`.
    pub(crate) fn fits(&self, text: &[u8]) -> bool {
        self.0.len() <= text.len() && self.0.iter().zip(text).all(|(place, b)| place.has(*b))
    }
}

/// A set of byte values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bytes([u64; 4]);

impl Bytes {
    fn add(&mut self, b: u8) {
        self.0[usize::from(b >> 6)] |= 1 << (b & 63);
    }

    fn has(&self, b: u8) -> bool {
        self.0[usize::from(b >> 6)] >> (b & 63) & 1 == 1
    }

    fn or(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }
}

/// Walks an expression from its beginning for as long as each place is certain.
#[derive(Default)]
struct Walk {
    places: Vec<Bytes>,
    /// What may stand at the next place instead: the beginning of something that may be left out or
    /// go on. No place behind that one is certain.
    instead: Option<Bytes>,
}

impl Walk {
    /// Whether what follows `hir` can be told as well.
    fn go(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => literal.0.iter().all(|b| {
                let mut bytes = Bytes::default();
                bytes.add(*b);
                self.place(bytes)
            }),
            HirKind::Class(Class::Bytes(class)) => {
                let mut bytes = Bytes::default();
                class.iter().flat_map(|r| r.start()..=r.end()).for_each(|b| bytes.add(b));
                self.place(bytes)
            }
            HirKind::Class(Class::Unicode(_)) => false,
            HirKind::Capture(capture) => self.go(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.go(part)),
            HirKind::Repetition(repeated) => {
                (0..repeated.min).all(|_| self.go(&repeated.sub))
                    && (repeated.max == Some(repeated.min) || self.may_go_on(&repeated.sub))
            }
            HirKind::Alternation(ways) => {
                let ways: Vec<(Self, bool)> = ways
                    .iter()
                    .map(|way| {
                        let mut walk = Self::default();
                        let certain = walk.go(way) && walk.instead.is_none();
                        (walk, certain)
                    })
                    .collect();
                let length = ways.iter().map(|(w, _)| w.places.len()).min().unwrap_or(0);
                let all = |i: usize| ways.iter().fold(Bytes::default(), |all, (w, _)| all.or(w.places[i]));
                (0..length).all(|i| self.place(all(i)))
                    && ways.iter().all(|(w, certain)| *certain && w.places.len() == length)
            }
        }
    }

    /// One place more; whether there can be another.
    fn place(&mut self, bytes: Bytes) -> bool {
        if self.places.len() == LONGEST {
            return false;
        }
        let instead = self.instead.take();
        self.places.push(bytes.or(instead.unwrap_or_default()));
        instead.is_none()
    }

    /// `hir` may stand here, or be left out.
    fn may_go_on(&mut self, hir: &Hir) -> bool {
        let mut inside = Self::default();
        inside.go(hir);
        let Some(first) = inside.places.first() else { return false };
        self.instead = Some(self.instead.unwrap_or_default().or(*first));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::RuleSet;
    use crate::detect::template::expand;

    fn fits(pattern: &str, text: &str) -> bool {
        Opening::of(pattern).fits(text.as_bytes())
    }

    #[test]
    fn what_cannot_begin_a_match_does_not_fit() {
        for (pattern, yes, no) in [
            ("test_[0-9a-f]{35}", "test_0123456789abcdef0123456789", "test_the_long_name_of_a_function"),
            ("(?P<secret>(?:live|test)_[a-z]{4})", "live_abcd", "live_ABCD"),
            (r"password\s{0,3}[=:]", "password :", "passwords are"),
            ("a(?:bc|b)d", "abcd", "acbd"),
            ("a[bc]*d{2}", "accd", "axxx"),
            ("(?i)key", "KeY", "kez"),
        ] {
            assert!(fits(pattern, yes), "{pattern}: {yes}");
            assert!(!fits(pattern, no), "{pattern}: {no}");
        }
        // What is not certain is let through.
        assert!(fits("a(?:bc|b)d", "abd?"));
        assert!(fits("(?:a|)b", "xyz"));
        assert!(!fits("abc", "ab"));
    }

    /// No match of any rule may be lost by it.
    #[test]
    fn every_match_of_every_example_fits() {
        let rules = RuleSet::builtin();
        let mut seen = 0;
        for (_, rule) in rules.iter() {
            let opening = Opening::of(&rule.pattern);
            for example in rule.examples.iter() {
                let text = expand(example, 7, Some(rule)).unwrap();
                let pattern = regex::bytes::RegexBuilder::new(&rule.pattern).unicode(false).build().unwrap();
                for found in pattern.find_iter(text.as_bytes()) {
                    assert!(opening.fits(found.as_bytes()), "{}: {text}", rule.id);
                    seen += 1;
                }
            }
        }
        assert!(seen > 1000, "{seen}");
    }
}
