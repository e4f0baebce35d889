//! Where the watchlist's references stand: variables, vault paths, addresses of APIs.
//!
//! Takes bytes; gives places. Knows nothing of values; what it finds is public by itself.

use aho_corasick::AhoCorasick;
use daachorse::DoubleArrayAhoCorasick;

use super::candidate::Watchlist;
use crate::position::Span;

/// More names than this, and the automaton that searches fastest takes seconds to build.
const FEW: usize = 2000;

/// Finds references.
pub(crate) struct Mentions {
    names: Vec<String>,
    automaton: Automaton,
}

/// Where names stand, the longest of those that begin at one place.
enum Automaton {
    /// There are none.
    Nothing,
    /// Skips through text with vector instructions.
    Few(AhoCorasick),
    /// Built in time that grows with the names alone.
    Many(DoubleArrayAhoCorasick<u32>),
}

impl Automaton {
    fn new(names: &[String]) -> Self {
        if names.is_empty() {
            Self::Nothing
        } else if names.len() <= FEW {
            let kind = aho_corasick::MatchKind::LeftmostLongest;
            AhoCorasick::builder().match_kind(kind).build(names).map_or(Self::Nothing, Self::Few)
        } else {
            let kind = daachorse::MatchKind::LeftmostLongest;
            let builder = daachorse::DoubleArrayAhoCorasickBuilder::new().match_kind(kind);
            builder.build(names).map_or(Self::Nothing, Self::Many)
        }
    }

    /// Numbers of names with their places.
    fn find<'a>(&'a self, bytes: &'a [u8]) -> Box<dyn Iterator<Item = (usize, Span)> + 'a> {
        match self {
            Self::Nothing => Box::new(std::iter::empty()),
            Self::Few(automaton) => {
                Box::new(automaton.find_iter(bytes).map(|m| (m.pattern().as_usize(), Span::new(m.start(), m.end()))))
            }
            Self::Many(automaton) => Box::new(
                automaton.leftmost_find_iter(bytes).map(|m| (m.value() as usize, Span::new(m.start(), m.end()))),
            ),
        }
    }
}

impl Mentions {
    /// Looks for the references of a watchlist; without any there is nothing to do.
    pub(crate) fn new(list: &Watchlist) -> Self {
        let names: Vec<String> = list.references.iter().filter(|n| !n.is_empty()).cloned().collect();
        Self { automaton: Automaton::new(&names), names }
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.automaton, Automaton::Nothing)
    }

    /// What is looked for.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Every reference that stands by itself: `ACME_KEY` in `$ACME_KEY`, not in `MY_ACME_KEY`.
    pub(crate) fn find<'n>(&'n self, bytes: &'n [u8]) -> impl Iterator<Item = (&'n str, Span)> {
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let alone = move |span: &Span| {
            let before = span.start.checked_sub(1).and_then(|at| bytes.get(at));
            !before.is_some_and(word) && !bytes.get(span.end).is_some_and(word)
        };
        let named = self.automaton.find(bytes).map(|(number, span)| (self.names[number].as_str(), span));
        named.filter(move |(_, span)| alone(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_only() {
        find_whole_names(0);
    }

    #[test]
    fn whole_names_only_among_many() {
        find_whole_names(FEW);
    }

    fn find_whole_names(others: usize) {
        let mut list = Watchlist::new();
        list.references.extend(["ACME_KEY", "kv/acme", "ACME_KEY_OLD"].map(str::to_owned));
        list.references.extend((0..others).map(|n| format!("OTHER_{n}_KEY")));
        let mentions = Mentions::new(&list);
        let found =
            |text: &str| mentions.find(text.as_bytes()).map(|(n, s)| (n.to_owned(), s.start)).collect::<Vec<_>>();
        assert_eq!(found("a=$ACME_KEY;"), [("ACME_KEY".to_owned(), 3)]);
        assert_eq!(found("vault read kv/acme#api"), [("kv/acme".to_owned(), 11)]);
        assert_eq!(found("${ACME_KEY_OLD}"), [("ACME_KEY_OLD".to_owned(), 2)]);
        assert_eq!(found("MY_ACME_KEY ACME_KEYS ACME_KEY2 acme_key"), []);
        assert!(Mentions::new(&Watchlist::new()).is_empty());
    }
}
