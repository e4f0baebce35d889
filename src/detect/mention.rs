//! Where the watchlist's references stand: variables, vault paths, addresses of APIs.
//!
//! Takes bytes; gives places. Knows nothing of values; what it finds is public by itself.

use aho_corasick::{AhoCorasick, MatchKind};

use super::candidate::Watchlist;
use crate::position::Span;

/// Finds references.
pub(crate) struct Mentions {
    names: Vec<String>,
    automaton: Option<AhoCorasick>,
}

impl Mentions {
    /// Looks for the references of a watchlist; without any there is nothing to do.
    pub(crate) fn new(list: &Watchlist) -> Self {
        let names: Vec<String> = list.references.iter().filter(|n| !n.is_empty()).cloned().collect();
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names).ok();
        let automaton = if names.is_empty() { None } else { build() };
        Self { names, automaton }
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.automaton.is_none()
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
        let found = self.automaton.iter().flat_map(move |automaton| automaton.find_iter(bytes));
        let named = found.map(|m| (self.names[m.pattern().as_usize()].as_str(), Span::new(m.start(), m.end())));
        named.filter(move |(_, span)| alone(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_only() {
        let mut list = Watchlist::new();
        list.references.extend(["ACME_KEY", "kv/acme", "ACME_KEY_OLD"].map(str::to_owned));
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
