//! Literals that no long run promises (`://`, `-----BEGIN`), searched in all text at once.
//!
//! Each is represented by a few of its bytes, rare ones and shared with others where that can be, so
//! that the vectorised search looks for few things and stops seldom.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::ruleset::RuleIndex;
use super::super::simd::fragments::{BUCKETS, LONGEST, Masks, fold, word_of};
use super::rarity::{Halves, share_of, share_of_text};

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

/// Few and rare fragments that stand for all literals.
///
/// A cover of the cheapest kind: again and again the fragment that costs least for each literal that
/// has none yet.
fn fragments(all: &[(Box<[u8]>, Woken)]) -> Vec<Fragment> {
    /// What one fragment more costs, as a share of the places of text: it makes a bucket less exact.
    const CROWD: f32 = 4e-6;
    let folded: Vec<Box<[u8]>> = all.iter().map(|(literal, _)| literal.iter().map(|b| fold(*b)).collect()).collect();
    // Where each fragment stands, by literal. One that is shorter is a whole literal, and may stand for
    // longer ones too (`wd=`).
    let mut places: BTreeMap<&[u8], Vec<(usize, usize)>> = BTreeMap::new();
    for (literal, text) in folded.iter().enumerate() {
        for (offset, fragment) in text.windows(LONGEST.min(text.len())).enumerate() {
            places.entry(fragment).or_default().push((literal, offset));
        }
        for (other, long) in folded.iter().enumerate().filter(|(_, l)| text.len() < LONGEST && l.len() > text.len()) {
            let known = places.entry(text).or_default();
            if known.iter().all(|(literal, _)| *literal != other) {
                known.extend(long.windows(text.len()).position(|w| w == &**text).map(|offset| (other, offset)));
            }
        }
    }
    let parts: Vec<Part<'_>> =
        places.into_iter().map(|(bytes, places)| Part { bytes, cost: share_of_text(bytes) + CROWD, places }).collect();
    let mut chosen: Vec<&Part<'_>> = Vec::new();
    let mut open = vec![true; all.len()];
    while open.contains(&true) {
        let each = parts.iter().filter_map(|part| {
            let news = part.places.iter().filter(|(literal, _)| open[*literal]).count();
            (news > 0).then(|| (part.cost / news as f32, part))
        });
        let Some((_, best)) = each.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        best.places.iter().for_each(|(literal, _)| open[*literal] = false);
        chosen.push(best);
    }
    // Each literal is looked for by the rarest of what was chosen.
    chosen.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let mut looked_for = vec![false; all.len()];
    let mut fragments = Vec::new();
    for part in chosen {
        let mut literals = Vec::new();
        for &(literal, offset) in &part.places {
            if !std::mem::replace(&mut looked_for[literal], true) {
                let (text, woken) = &all[literal];
                literals.push(Anchored { literal: text.clone(), offset, woken: *woken });
            }
        }
        if !literals.is_empty() {
            fragments.push(Fragment::new(part.bytes, literals));
        }
    }
    fragments
}

/// A part of literals that may become a fragment.
struct Part<'l> {
    bytes: &'l [u8],
    /// The share of places of text at which it stands, roughly.
    cost: f32,
    /// The literals that have it, and where in them.
    places: Vec<(usize, usize)>,
}

/// Deals the fragments out to the buckets so that these stop the search seldom: one that is like
/// another costs little in its bucket.
fn dealt(mut fragments: Vec<Fragment>) -> [Vec<Fragment>; BUCKETS] {
    /// Times that every fragment may move to a better bucket: later ones change next to nothing.
    const ROUNDS: usize = 2;
    // The commonest choose first.
    fragments.sort_by(|a, b| share_of_text(&b.bytes).total_cmp(&share_of_text(&a.bytes)));
    let mut buckets = [const { Bucket { fragments: Vec::new(), stops: 0.0 } }; BUCKETS];
    for round in 0..ROUNDS {
        for chosen in 0..fragments.len() {
            if round > 0
                && let Some(left) = buckets.iter_mut().find(|b| b.fragments.contains(&chosen))
            {
                left.fragments.retain(|f| *f != chosen);
                left.stops = left.mix(&fragments).stops();
            }
            let with = buckets.each_ref().map(|b| b.mix(&fragments).with(&fragments[chosen].bytes).stops());
            let more = |bucket: &usize| with[*bucket] - buckets[*bucket].stops;
            let best = (0..BUCKETS).min_by(|a, b| more(a).total_cmp(&more(b))).unwrap_or(0);
            buckets[best].stops = with[best];
            buckets[best].fragments.push(chosen);
        }
    }
    let mut fragments: Vec<Option<Fragment>> = fragments.into_iter().map(Some).collect();
    buckets.map(|b| b.fragments.into_iter().filter_map(|f| fragments[f].take()).collect())
}

/// A bucket while fragments are dealt out.
struct Bucket {
    fragments: Vec<usize>,
    /// [`Mix::stops`] of them.
    stops: f32,
}

impl Bucket {
    fn mix(&self, all: &[Fragment]) -> Mix {
        Mix::of(self.fragments.iter().map(|f| &*all[*f].bytes))
    }
}

/// The bytes that a bucket's fragments have at each place.
#[derive(Clone, Copy, Default)]
struct Mix([Halves; LONGEST]);

impl Mix {
    fn of<'f>(fragments: impl IntoIterator<Item = &'f [u8]>) -> Self {
        fragments.into_iter().fold(Self::default(), Self::with)
    }

    fn with(mut self, fragment: &[u8]) -> Self {
        for (place, halves) in self.0.iter_mut().enumerate() {
            halves.add(fragment.get(place).copied());
        }
        self
    }

    /// The share of places at which such a bucket stops the search, roughly.
    fn stops(&self) -> f32 {
        share_of(&self.0)
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
