//! Literals that no long run promises (`://`, `-----BEGIN`), searched in all text at once.
//!
//! Each is represented by a few of its bytes, rare ones and shared with others where that can be, so
//! that the vectorised search looks for few things and stops seldom.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::ruleset::RuleIndex;
use super::super::simd::fragments::{BUCKETS, LONGEST, Masks, fold, word_of};
use super::rarity::{commonness_of, share_of};

/// A fragment commoner than this would stop the search too often to be worth sharing.
const COMMON: u32 = 38;

/// What a literal is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Woken {
    /// The rule may match at it.
    Rule(RuleIndex),
    /// The line may have to be read once more without its escapes.
    Escape,
}

/// All such literals.
pub(super) struct TextAnchors {
    masks: Masks,
    buckets: [Vec<Fragment>; BUCKETS],
    /// Bytes of the longest literal.
    longest: usize,
}

/// A few bytes that stand for literals.
#[derive(Clone)]
struct Fragment {
    /// Folded.
    bytes: Box<[u8]>,
    /// The same as one number, and which of its bytes count.
    word: (u32, u32),
    literals: Vec<Anchored>,
}

impl Fragment {
    fn new(bytes: &[u8], literals: Vec<Anchored>) -> Self {
        let mask = u32::MAX >> (8 * (LONGEST - bytes.len()));
        Self { bytes: bytes.into(), word: (word_of(bytes) & mask, mask), literals }
    }

    /// Whether text with these folded bytes begins with the fragment.
    fn begins(&self, word: u32) -> bool {
        word & self.word.1 == self.word.0
    }
}

/// A literal, where its fragment stands in it, and what it wakes.
#[derive(Clone)]
struct Anchored {
    literal: Box<[u8]>,
    offset: usize,
    woken: Woken,
}

impl TextAnchors {
    pub(super) fn new(all: &[(Box<[u8]>, Woken)]) -> Self {
        let buckets = dealt(fragments(all));
        let mut masks = Masks::default();
        for (bucket, fragments) in buckets.iter().enumerate() {
            for fragment in fragments {
                masks.add(&fragment.bytes, bucket);
            }
        }
        Self { masks, buckets, longest: all.iter().map(|(l, _)| l.len()).max().unwrap_or(0) }
    }

    /// Calls `found` with every literal that starts in `range`.
    pub(super) fn search(&self, text: &[u8], range: &Range<usize>, mut found: impl FnMut(usize, Woken)) {
        if self.longest == 0 {
            return;
        }
        // A fragment may stand behind the start of its literal.
        let end = (range.end + self.longest).min(text.len());
        self.masks.search(text, range.start..end, |at, mut buckets| {
            let word = word_of(&text[at..]);
            while buckets != 0 {
                let bucket = &self.buckets[buckets.trailing_zeros() as usize];
                buckets &= buckets - 1;
                for fragment in bucket.iter().filter(|f| f.begins(word)) {
                    for Anchored { literal, offset, woken } in &fragment.literals {
                        if let Some(start) = at.checked_sub(*offset)
                            && range.contains(&start)
                            && text[start..].starts_with(literal)
                        {
                            found(start, *woken);
                        }
                    }
                }
            }
        });
    }
}

/// Few fragments that stand for all literals.
fn fragments(all: &[(Box<[u8]>, Woken)]) -> Vec<Fragment> {
    // The shortest first: what stands for them often stands in longer ones too (`://`).
    let mut sorted: Vec<(Box<[u8]>, &[u8], Woken)> =
        all.iter().map(|(literal, woken)| (literal.iter().map(|b| fold(*b)).collect(), &**literal, *woken)).collect();
    sorted.sort_by(|a, b| (a.0.len(), &a.0, a.1, a.2).cmp(&(b.0.len(), &b.0, b.1, b.2)));
    let mut shared: BTreeMap<&[u8], u32> = BTreeMap::new();
    let short =
        |folded: &[u8]| sorted.iter().any(|(s, ..)| s.len() < LONGEST && memchr::memmem::find(folded, s).is_some());
    for (folded, ..) in sorted.iter().filter(|(folded, ..)| !short(folded)) {
        for fragment in folded.windows(LONGEST) {
            *shared.entry(fragment).or_default() += 1;
        }
    }
    // The best is in many literals and still rare.
    let worth = |fragment: &[u8]| {
        let common = commonness_of(fragment);
        let alone = common > COMMON || fragment.iter().all(|b| *b == fragment[0]);
        (if alone { 0 } else { shared.get(fragment).copied().unwrap_or(0) }, u32::MAX - common)
    };
    let mut chosen: BTreeMap<&[u8], Vec<Anchored>> = BTreeMap::new();
    for (folded, literal, woken) in &sorted {
        let has = chosen.keys().filter_map(|f| memchr::memmem::find(folded, f).map(|at| (commonness_of(f), *f, at)));
        let (fragment, offset) = has.min().map_or_else(
            || {
                let best = folded.windows(LONGEST).enumerate().max_by_key(|(_, f)| worth(f));
                best.map_or((&**folded, 0), |(at, fragment)| (fragment, at))
            },
            |(_, fragment, at)| (fragment, at),
        );
        chosen.entry(fragment).or_default().push(Anchored { literal: (*literal).into(), offset, woken: *woken });
    }
    chosen.into_iter().map(|(bytes, literals)| Fragment::new(bytes, literals)).collect()
}

/// Deals the fragments out to the buckets so that these stop the search seldom: one that is like
/// another costs little in its bucket.
fn dealt(mut fragments: Vec<Fragment>) -> [Vec<Fragment>; BUCKETS] {
    let mut buckets = [const { Vec::new() }; BUCKETS];
    // The commonest choose first.
    fragments.sort_by(|a, b| stops(&[b]).total_cmp(&stops(&[a])));
    for fragment in fragments {
        let dearer = |bucket: &Vec<Fragment>| {
            let mut with: Vec<&Fragment> = bucket.iter().collect();
            let before = stops(&with);
            with.push(&fragment);
            stops(&with) - before
        };
        let costs: Vec<f64> = buckets.iter().map(dearer).collect();
        let best = (0..BUCKETS).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).unwrap_or(0);
        buckets[best].push(fragment);
    }
    buckets
}

/// The share of places at which a bucket of these fragments stops the search, roughly.
fn stops(fragments: &[&Fragment]) -> f64 {
    if fragments.is_empty() {
        return 0.0;
    }
    let at = |place: usize| {
        let (mut low, mut high) = (0_u16, 0_u16);
        for fragment in fragments {
            let Some(b) = fragment.bytes.get(place) else { return 1.0 };
            low |= 1 << (b & 15);
            high |= 1 << (b >> 4);
        }
        share_of(low, high)
    };
    (0..LONGEST).map(at).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::RuleSet;
    use proptest::prelude::*;

    fn anchors(literals: &[&str]) -> TextAnchors {
        let all: Vec<_> =
            literals.iter().enumerate().map(|(i, l)| (l.as_bytes().into(), Woken::Rule(RuleIndex(i as u16)))).collect();
        TextAnchors::new(&all)
    }

    proptest! {
        #[test]
        fn every_literal_in_the_range_is_found_once(
            literals in proptest::collection::btree_set("[a-cA-C:/= ]{2,9}", 1..60),
            text in "[a-cA-C:/= ]{0,300}",
            ends in (0..300_usize, 0..300_usize),
        ) {
            let literals: Vec<&str> = literals.iter().map(|l| &**l).collect();
            let range = ends.0.min(ends.1).min(text.len())..ends.0.max(ends.1).min(text.len());
            let mut seen = Vec::new();
            anchors(&literals).search(text.as_bytes(), &range, |at, woken| seen.push((at, woken)));
            seen.sort_unstable();
            let mut expected = Vec::new();
            for at in range {
                expected.extend((0..literals.len()).filter(|i| text[at..].starts_with(literals[*i])).map(|i| (at, Woken::Rule(RuleIndex(i as u16)))));
            }
            prop_assert_eq!(seen, expected);
        }
    }

    /// The search is fast as long as it stops seldom: twice as many stops are a reason to look at the
    /// literals of the rules that were added.
    #[test]
    fn the_built_in_literals_stop_the_search_seldom() {
        let anchors: Vec<_> = RuleSet::builtin()
            .iter()
            .filter(|(_, r)| matches!(r.anchor, super::super::Place::Text | super::super::Place::Name))
            .flat_map(|(index, r)| r.literals.iter().map(move |l| (l.as_bytes().into(), Woken::Rule(index))))
            .collect();
        let buckets = TextAnchors::new(&anchors).buckets;
        let total: f64 = buckets.iter().map(|b| stops(&b.iter().collect::<Vec<_>>())).sum();
        assert!(total < 0.004, "{total}");
    }
}
