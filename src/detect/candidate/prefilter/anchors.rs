//! Literals that no long run promises (`://`, `-----BEGIN`), searched in all text at once.
//!
//! Each is represented by a few of its bytes, rare ones and shared with others where that can be, so
//! that the vectorised search looks for few things and stops seldom.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::packed;

use super::super::ruleset::RuleIndex;
use super::rarity::commonness_of;

/// Bytes of a literal that stand for it.
const FRAGMENT: usize = 4;
/// The search takes this many fragments at a time at full speed; twice as many take four times as long.
const AT_ONCE: usize = 18;
/// A fragment commoner than this would stop the search too often to be worth sharing.
const COMMON: u32 = 38;

/// A literal, where its fragment stands in it, and the rule that it wakes.
type Anchored = (Box<[u8]>, usize, RuleIndex);

/// All such literals.
pub(super) struct TextAnchors {
    searches: Vec<Search>,
    longest: usize,
}

struct Search {
    packed: packed::Searcher,
    /// Per fragment: the literals it stands for, with its offset in each.
    literals: Vec<Vec<Anchored>>,
}

impl TextAnchors {
    pub(super) fn new(all: &[(Box<[u8]>, RuleIndex)]) -> Self {
        // One short fragment would make the search look at fewer bytes of all the others.
        let (short, full): (Vec<_>, Vec<_>) = fragments(all).into_iter().partition(|(f, _)| f.len() < FRAGMENT);
        let even = full.len().div_ceil(full.len().div_ceil(AT_ONCE).max(1)).max(1);
        let searches = short.chunks(AT_ONCE).chain(full.chunks(even)).map(Search::new).collect();
        Self { searches, longest: all.iter().map(|(l, _)| l.len()).max().unwrap_or(0) }
    }

    /// Calls `found` with every literal that starts in `range`.
    pub(super) fn search(&self, text: &[u8], range: &Range<usize>, mut found: impl FnMut(usize, RuleIndex)) {
        // A fragment may stand behind the start of its literal.
        let end = (range.end + self.longest).min(text.len());
        for search in &self.searches {
            let mut at = range.start;
            while let Some(hit) = search.packed.find_in(text, (at..end).into()) {
                for (literal, offset, rule) in &search.literals[hit.pattern().as_usize()] {
                    if let Some(start) = hit.start().checked_sub(*offset)
                        && range.contains(&start)
                        && text[start] == literal[0] // most of those that share a fragment end here
                        && text[start..].starts_with(literal)
                    {
                        found(start, *rule);
                    }
                }
                at = hit.start() + 1;
            }
        }
    }
}

impl Search {
    fn new(chunk: &[(&[u8], Vec<Anchored>)]) -> Self {
        let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostLongest).builder();
        builder.extend(chunk.iter().map(|(f, _)| f));
        #[allow(clippy::expect_used, reason = "fails only for no or too many fragments; a chunk has 1 to 18")]
        let packed = builder.build().expect("a chunk of fragments can be searched");
        // A fragment that begins with a shorter one stands for its literals too.
        let stands_for = |fragment: &[u8]| {
            let mut all: Vec<_> =
                chunk.iter().filter(|(f, _)| fragment.starts_with(f)).flat_map(|(_, l)| l.iter().cloned()).collect();
            all.dedup();
            all
        };
        Self { packed, literals: chunk.iter().map(|(f, _)| stands_for(f)).collect() }
    }
}

/// Few fragments that stand for all literals.
fn fragments(all: &[(Box<[u8]>, RuleIndex)]) -> Vec<(&[u8], Vec<Anchored>)> {
    // The shortest first: what stands for them often stands in longer ones too (`://`).
    let mut sorted: Vec<&(Box<[u8]>, RuleIndex)> = all.iter().collect();
    sorted.sort_by_key(|(literal, rule)| (literal.len(), literal, *rule));
    let mut shared: BTreeMap<&[u8], u32> = BTreeMap::new();
    let short =
        |literal: &[u8]| sorted.iter().any(|(s, _)| s.len() < FRAGMENT && memchr::memmem::find(literal, s).is_some());
    for (literal, _) in sorted.iter().filter(|(literal, _)| !short(literal)) {
        for fragment in literal.windows(FRAGMENT) {
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
    for (literal, rule) in sorted {
        let has = chosen.keys().filter_map(|f| memchr::memmem::find(literal, f).map(|at| (commonness_of(f), *f, at)));
        let (fragment, at) = has.min().map_or_else(
            || {
                let best = literal.windows(FRAGMENT).enumerate().max_by_key(|(_, f)| worth(f));
                best.map_or((&**literal, 0), |(at, fragment)| (fragment, at))
            },
            |(_, fragment, at)| (fragment, at),
        );
        chosen.entry(fragment).or_default().push((literal.clone(), at, *rule));
    }
    chosen.into_iter().collect()
}
