//! Literals that no long run promises (`://`, `-----BEGIN`), searched in all text at once.
//!
//! Each is represented by its rarest few bytes, so that the vectorised search stops seldom.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::packed;

use super::super::ruleset::RuleIndex;

/// Bytes of a literal that stand for it.
const FRAGMENT: usize = 4;
/// The search takes this many fragments at a time at full speed.
const AT_ONCE: usize = 24;

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
        let mut fragments: BTreeMap<&[u8], Vec<Anchored>> = BTreeMap::new();
        // The shortest first: what stands for them often stands in longer ones too (`://`, `-----BEGIN`),
        // and the fewer fragments there are, the faster is the search.
        let mut sorted: Vec<&(Box<[u8]>, RuleIndex)> = all.iter().collect();
        sorted.sort_by_key(|(literal, rule)| (literal.len(), literal, *rule));
        for (literal, rule) in sorted {
            let shared = fragments
                .keys()
                .filter_map(|f| memchr::memmem::find(literal, f).map(|at| (cost(f), at, *f)))
                .min()
                .map(|(_, at, fragment)| (at, fragment));
            let (at, fragment) = shared.unwrap_or_else(|| {
                let at = rarest(literal);
                (at, &literal[at..literal.len().min(at + FRAGMENT)])
            });
            fragments.entry(fragment).or_default().push((literal.clone(), at, *rule));
        }
        // One short fragment would make the search look at fewer bytes of all the others.
        let (short, full): (Vec<_>, Vec<_>) = fragments.into_iter().partition(|(f, _)| f.len() < FRAGMENT);
        let searches = short
            .chunks(AT_ONCE)
            .chain(full.chunks(AT_ONCE))
            .map(|chunk| {
                let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostLongest).builder();
                builder.extend(chunk.iter().map(|(f, _)| f));
                #[allow(clippy::expect_used, reason = "fails only for no or too many fragments; a chunk has 1 to 24")]
                let packed = builder.build().expect("a chunk of fragments can be searched");
                // A fragment that begins with a shorter one stands for its literals too.
                let stands_for = |fragment: &[u8]| {
                    let mut all: Vec<_> = chunk
                        .iter()
                        .filter(|(f, _)| fragment.starts_with(f))
                        .flat_map(|(_, l)| l.iter().cloned())
                        .collect();
                    all.dedup();
                    all
                };
                Search { packed, literals: chunk.iter().map(|(f, _)| stands_for(f)).collect() }
            })
            .collect();
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

/// Where the rarest [`FRAGMENT`] bytes of a literal start.
fn rarest(literal: &[u8]) -> usize {
    let last = literal.len().saturating_sub(FRAGMENT);
    (0..=last).min_by_key(|at| cost(&literal[*at..literal.len().min(at + FRAGMENT)])).unwrap_or(0)
}

/// How common a fragment is, roughly; shorter ones are commoner.
fn cost(fragment: &[u8]) -> u32 {
    const MISSING: u32 = 14;
    let missing = FRAGMENT.saturating_sub(fragment.len()) as u32 * MISSING;
    fragment.iter().map(|b| u32::from(commonness(*b))).sum::<u32>() + missing
}

/// How common a byte is in source text, roughly, in bits of likelihood.
fn commonness(b: u8) -> u8 {
    match b {
        b' ' | b'e' | b't' => 12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 11,
        b'c' | b'd' | b'l' | b'p' | b'u' | b'm' | b'_' | b'\n' => 10,
        b'f' | b'g' | b'h' | b'b' | b'.' | b'-' | b'0' | b'1' | b'(' | b')' | b',' | b'"' => 9,
        b'y' | b'v' | b'x' | b'k' | b'w' | b'/' | b':' | b'=' | b'2' | b';' | b'*' => 8,
        b'j' | b'q' | b'z' | b'3'..=b'9' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'E' | b'T' | b'A' | b'S' => 7,
        b'A'..=b'Z' | b'#' | b'\'' | b'+' => 6,
        _ => 4,
    }
}
