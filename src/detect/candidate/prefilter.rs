//! Finds the few places where a rule is worth trying.
//!
//! Three triggers, each linear and independent of how many rules there are:
//! - **runs**: at the boundaries inside a long token run, a table of literal prefixes is asked
//!   (`sk_live_`, `ghp_`); literals that are no run prefix go to
//! - **anchors**: one vectorised multi-literal search (`://`, `-----BEGIN`, `hooks.slack.com`);
//! - **context**: runs that look drawn at random wake the contextual rules whose words stand within
//!   reach, and are compared with the watchlist.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind, packed};

use super::rule::{Form, Rule};
use super::rule_file::bounds;
use super::ruleset::{RuleIndex, RuleSet, WATCHED_ANCHOR};
use super::runs::{for_each_run, is_run_byte};
use super::watchlist::Watched;
use super::{Candidate, Reach, window};
use crate::position::Span;

/// Longest run that can be a contextual value. Longer ones are data.
const MAX_VALUE: usize = 512;
/// The anchors' search takes this many literals at a time at full speed.
const ANCHORS_AT_ONCE: usize = 48;

/// The prefilter of a rule set and a watchlist.
pub struct Prefilter {
    /// 65,536 bits, indexed by a hash of a literal's first three bytes.
    prefix_bits: Vec<u64>,
    /// First three bytes -> literals that start so.
    prefixes: BTreeMap<[u8; 3], Vec<(Box<[u8]>, RuleIndex)>>,
    anchors: Vec<Anchors>,
    /// Built when the first run that looks random is met: a small clean file never pays for it.
    context: OnceLock<Context>,
    reach: Reach,
}

struct Anchors {
    search: packed::Searcher,
    /// Per literal: the rules that it wakes, those of its own prefixes included.
    rules: Vec<Vec<RuleIndex>>,
}

struct Context {
    words: AhoCorasick,
    /// Per word: its length and the rules that it speaks for, with their reach before and after.
    rules: Vec<Vec<Speaks>>,
}

#[derive(Clone, Copy)]
struct Speaks {
    rule: RuleIndex,
    before: u16,
    after: u16,
}

impl Prefilter {
    /// Prepares the tables. Cheap: no automaton is built yet.
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let mut prefix_bits = vec![0_u64; 1024];
        let mut prefixes: BTreeMap<[u8; 3], Vec<(Box<[u8]>, RuleIndex)>> = BTreeMap::new();
        let mut anchored: BTreeMap<&[u8], Vec<RuleIndex>> = BTreeMap::new();
        let mut reach = Reach {
            back: usize::from(bounds::CONTEXT_BEFORE_MAX),
            forward: MAX_VALUE + usize::from(bounds::CONTEXT_AFTER_MAX) + 2,
        };
        for (index, rule) in rules.iter() {
            for literal in rule.literals.iter().map(|l| l.as_bytes()) {
                reach.back = reach.back.max(usize::from(rule.before) + 8);
                reach.forward = reach.forward.max(literal.len() + usize::from(rule.reach) + 2);
                if rule.before == 0 && literal.iter().all(|&b| is_run_byte(b)) {
                    let key = [literal[0], literal[1], literal[2]];
                    let bit = hash3(key);
                    prefix_bits[bit >> 6] |= 1 << (bit & 63);
                    prefixes.entry(key).or_default().push((literal.into(), index));
                } else {
                    anchored.entry(literal).or_default().push(index);
                }
            }
        }
        let literals: Vec<&[u8]> = anchored.keys().copied().collect();
        let anchors = literals
            .chunks(ANCHORS_AT_ONCE)
            .map(|chunk| {
                let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostLongest).builder();
                builder.extend(chunk);
                let wakes = |literal: &[u8]| {
                    let mut woken: Vec<_> =
                        anchored.iter().filter(|(l, _)| literal.starts_with(l)).flat_map(|(_, r)| r.iter().copied()).collect();
                    woken.dedup();
                    woken
                };
                #[allow(clippy::expect_used, reason = "fails only for no or too many literals; chunks have 1 to 48")]
                let search = builder.build().expect("a chunk of literals can be searched");
                Anchors { search, rules: chunk.iter().map(|l| wakes(l)).collect() }
            })
            .collect();
        Self { prefix_bits, prefixes, anchors, context: OnceLock::new(), reach }
    }

    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// Pushes every candidate whose anchor lies in `range`, sorted, once each.
    pub(crate) fn candidates(
        &self,
        rules: &RuleSet,
        watched: &Watched,
        bytes: &[u8],
        range: Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        let first = out.len();
        let low = range.start.saturating_sub(self.reach.back.max(MAX_VALUE));
        let high = range.end.saturating_add(self.reach.forward).min(bytes.len());
        let seen = &bytes[..high];
        for_each_run(&seen[low..], |run| {
            let run = Span::new(run.start + low, run.end + low);
            if run.end > range.start && run.start < range.end {
                self.probe_run(rules, watched, seen, run, &range, out);
            }
        });
        for anchors in &self.anchors {
            let mut at = range.start;
            while let Some(hit) = anchors.search.find_in(seen, (at..high).into()) {
                if hit.start() >= range.end {
                    break;
                }
                for &rule in &anchors.rules[hit.pattern().as_usize()] {
                    self.try_literal(rules, rule, seen, hit.start(), out);
                }
                at = hit.start() + 1;
            }
        }
        out[first..].sort_unstable();
        let mut kept = first;
        for i in first..out.len() {
            if i == first || out[i] != out[kept - 1] {
                out[kept] = out[i];
                kept += 1;
            }
        }
        out.truncate(kept);
    }

    /// Asks the prefix table at the boundaries of a run; then, if it looks random, the context.
    fn probe_run(
        &self,
        rules: &RuleSet,
        watched: &Watched,
        bytes: &[u8],
        run: Span,
        range: &Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        let mut digits = 0;
        let mut probe = |at: usize| {
            if range.contains(&at) && at + 3 <= run.end {
                let key = [bytes[at], bytes[at + 1], bytes[at + 2]];
                let bit = hash3(key);
                if self.prefix_bits[bit >> 6] >> (bit & 63) & 1 == 1 {
                    self.probe_prefix(rules, key, bytes, at, out);
                }
            }
        };
        probe(run.start);
        let escaped = run.start + window::escape_len(bytes, run.start);
        if escaped != run.start {
            probe(escaped);
        }
        for (i, &b) in run.of(bytes).iter().enumerate() {
            digits += usize::from(b.is_ascii_digit());
            if matches!(b, b'-' | b'+' | b'/') {
                probe(run.start + i + 1);
            }
        }
        if digits > 0 && run.len() <= MAX_VALUE && range.contains(&run.start) {
            self.probe_context(rules, watched, bytes, run, out);
        }
    }

    #[cold]
    fn probe_prefix(&self, rules: &RuleSet, key: [u8; 3], bytes: &[u8], at: usize, out: &mut Vec<Candidate>) {
        for (literal, rule) in self.prefixes.get(&key).into_iter().flatten() {
            if bytes[at..].starts_with(literal) {
                self.try_literal(rules, *rule, bytes, at, out);
            }
        }
    }

    /// Tries one rule at its literal. A rule with context needs one of its words too.
    fn try_literal(&self, rules: &RuleSet, index: RuleIndex, bytes: &[u8], at: usize, out: &mut Vec<Candidate>) {
        let rule = rules.get(index);
        let Some((start, end)) = window::match_at_literal(rule, rules.compiled(index), bytes, at) else { return };
        if !rule.context.is_empty() && !window::has_context(rule, bytes, Span::new(start, end)) {
            return;
        }
        out.push(Candidate { rule: index, anchor: at as u32, start: start as u32, end: end as u32 });
    }

    fn probe_context(&self, rules: &RuleSet, watched: &Watched, bytes: &[u8], run: Span, out: &mut Vec<Candidate>) {
        watched.probe(bytes, run, out);
        let context = self.context.get_or_init(|| Context::new(rules, watched));
        let before = window::lines_before(bytes, run.start, usize::from(bounds::CONTEXT_BEFORE_MAX));
        let after = (run.end + usize::from(bounds::CONTEXT_AFTER_MAX)).min(bytes.len());
        let mut woken: Vec<Speaks> = Vec::new();
        let mut wake = |part: Span, near: &dyn Fn(&Speaks, Span) -> bool| {
            for hit in context.words.find_overlapping_iter(part.of(bytes)) {
                let word = Span::new(part.start + hit.start(), part.start + hit.end());
                if window::is_word(bytes, word) {
                    let speaks = &context.rules[hit.pattern().as_usize()];
                    woken.extend(speaks.iter().filter(|s| near(s, word)).copied());
                }
            }
        };
        wake(Span::new(before, run.start), &|s, word| run.start - word.start <= usize::from(s.before));
        wake(Span::new(run.end, after), &|s, word| word.end - run.end <= usize::from(s.after));
        woken.sort_unstable_by_key(|s| s.rule);
        woken.dedup_by_key(|s| s.rule);
        for Speaks { rule, .. } in woken {
            window::match_in_run(rules.compiled(rule), bytes, run, |start, end| {
                out.push(Candidate { rule, anchor: run.start as u32, start: start as u32, end: end as u32 });
            });
        }
    }
}

impl Context {
    fn new(rules: &RuleSet, watched: &Watched) -> Self {
        let mut words: BTreeMap<&str, Vec<Speaks>> = BTreeMap::new();
        let contextual = |rule: &Rule| rule.form == Form::Contextual && rule.literals.is_empty();
        for (rule, data) in rules.iter().filter(|(_, r)| contextual(r)) {
            for word in data.context.iter() {
                let speaks = Speaks { rule, before: data.context_before, after: data.context_after };
                words.entry(word).or_default().push(speaks);
            }
        }
        for word in watched.anchors() {
            let speaks = Speaks { rule: WATCHED_ANCHOR, before: bounds::CONTEXT_BEFORE_MAX, after: bounds::CONTEXT_AFTER_MAX };
            words.entry(word).or_default().push(speaks);
        }
        #[allow(clippy::expect_used, reason = "a few thousand short words are far below the automaton's limits")]
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(words.keys())
            .expect("context words make an automaton");
        Self { words: automaton, rules: words.into_values().collect() }
    }
}

/// Sixteen bits of three bytes.
fn hash3(key: [u8; 3]) -> usize {
    let x = u32::from_le_bytes([key[0], key[1], key[2], 0]).wrapping_mul(0x9E37_79B1);
    (x >> 16) as usize
}
