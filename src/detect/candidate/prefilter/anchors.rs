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
const COMMON: u32 = 45;

/// What a literal is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Woken {
    /// The rule may match at it.
    Rule(RuleIndex),
    /// The line may have to be read once more without its escapes.
    Escape,
    /// A comment allows something.
    Permission,
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
                            && text[start] == literal[0] // cheaper than the comparison, and most end here
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

/// A literal folded, as it is written, and what it wakes.
type Folded<'l> = (Box<[u8]>, &'l [u8], Woken);

/// Few fragments that stand for all literals.
fn fragments(all: &[(Box<[u8]>, Woken)]) -> Vec<Fragment> {
    // The shortest first: what stands for them often stands in longer ones too (`://`).
    let mut sorted: Vec<Folded<'_>> =
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
    /// Times that every fragment may move to a better bucket: later ones change next to nothing.
    const ROUNDS: usize = 4;
    // The commonest choose first.
    fragments.sort_by(|a, b| Mix::of([&b.bytes[..]]).stops().total_cmp(&Mix::of([&a.bytes[..]]).stops()));
    let mut bucket_of: Vec<Option<usize>> = vec![None; fragments.len()];
    for _ in 0..ROUNDS {
        for chosen in 0..fragments.len() {
            bucket_of[chosen] = None;
            let mut mixes = [Mix::default(); BUCKETS];
            for (fragment, bucket) in fragments.iter().zip(&bucket_of) {
                if let Some(bucket) = *bucket {
                    mixes[bucket] = mixes[bucket].with(&fragment.bytes);
                }
            }
            let costs = mixes.map(|mix| mix.with(&fragments[chosen].bytes).stops() - mix.stops());
            bucket_of[chosen] = (0..BUCKETS).min_by(|a, b| costs[*a].total_cmp(&costs[*b]));
        }
    }
    let mut buckets = [const { Vec::new() }; BUCKETS];
    for (fragment, bucket) in fragments.into_iter().zip(bucket_of) {
        buckets[bucket.unwrap_or(0)].push(fragment);
    }
    buckets
}

/// The halves of the bytes that a bucket's fragments have at each place.
#[derive(Clone, Copy, Default)]
struct Mix([(u16, u16); LONGEST]);

impl Mix {
    fn of<'f>(fragments: impl IntoIterator<Item = &'f [u8]>) -> Self {
        fragments.into_iter().fold(Self::default(), Self::with)
    }

    fn with(mut self, fragment: &[u8]) -> Self {
        for (place, (low, high)) in self.0.iter_mut().enumerate() {
            let (l, h) = fragment.get(place).map_or((u16::MAX, u16::MAX), |b| (1 << (b & 15), 1 << (b >> 4)));
            *low |= l;
            *high |= h;
        }
        self
    }

    /// The share of places at which such a bucket stops the search, roughly.
    fn stops(&self) -> f32 {
        /// Bytes that stand many in a row, and the share of text that is such rows.
        const ROWS: (&[u8], f32) = (b" -=/*#.0", 0.01);
        let may_be =
            |b: &&u8| self.0.iter().all(|(low, high)| low >> (**b & 15) & 1 == 1 && high >> (**b >> 4) & 1 == 1);
        let rows = ROWS.0.iter().filter(may_be).count() as f32 * ROWS.1;
        // Any byte at all: no need to add them up.
        let share = |(low, high): &(u16, u16)| if low & high == u16::MAX { 1.0 } else { share_of(*low, *high) };
        self.0.iter().map(share).product::<f32>() + rows
    }
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
            .chain(crate::detect::judge::escapes::BEGINNINGS.iter().map(|b| (b.as_bytes().into(), Woken::Escape)))
            .collect();
        let buckets = TextAnchors::new(&anchors).buckets;
        let total: f32 = buckets.iter().map(|b| Mix::of(b.iter().map(|f| &*f.bytes)).stops()).sum();
        assert!(total < 0.002, "{total}");
    }
}
