//! Finds the few places where a rule is worth trying.
//!
//! Three triggers, each linear and independent of how many rules there are:
//! - **runs**: at the start of a long token run, at boundaries inside it and around its start, small
//!   tables of literals are asked (`sk_live_`, `SG.`, `T3BlbkFJ`);
//! - **text**: literals that no long run promises (`://`, `-----BEGIN`) are searched everywhere, by
//!   their rarest bytes, with vector instructions;
//! - **context**: runs that look drawn at random wake the contextual rules whose words stand within
//!   reach, and are compared with the watchlist.

mod anchors;
mod context;
mod literals;
mod look;
mod named;
mod rarity;
mod trigrams;

use std::ops::Range;
use std::sync::OnceLock;

use super::rule::{Place, Rule};
use super::rule_file::bounds;
use super::ruleset::{RuleIndex, RuleSet};
use super::runs::{for_each_run, is_run_byte};
use super::watchlist::Watched;
use super::{Candidate, Noticed, Reach, encoded, window};
use crate::detect::judge::{PARTNER_KEY, PERMISSION, escapes, names_one};
use crate::position::Span;
use anchors::{TextAnchors, Woken};
use context::{Context, Heard};
use literals::{Anchor, Keyed, Literal};
use look::{Look, is_number, may_hold_value};

/// Bytes before a run, on its line, in which a partner's name counts.
const NAME_BEFORE: usize = 80;
/// Longest run that can be a contextual value. Longer ones are data.
const MAX_VALUE: usize = 512;
/// Runs that hold a literal somewhere inside are at least this long.
const INFIX_RUN: usize = 32;

/// Ways in which a literal can begin before its run: its key ends with none, one or two bytes of it.
const TAILS: usize = 3;
/// The byte before a run may make its first bytes part of an escape.
const ESCAPED: u8 = 1 << TAILS;

/// The prefilter of a rule set and a watchlist.
pub(crate) struct Prefilter {
    prefix: Keyed<512>,
    tails: [Keyed<128>; TAILS],
    /// By the byte before a run: which of the tails a literal may have there, and [`ESCAPED`].
    ahead: Box<[u8; 256]>,
    infix: Keyed<256>,
    after: Keyed<64>,
    text: TextAnchors,
    /// Built when the first run that looks random is met: a small clean file never pays for it.
    context: OnceLock<Context>,
    reach: Reach,
    /// The rule for values whose only mark is whose they are.
    partner_key: Option<RuleIndex>,
}

impl Prefilter {
    /// Prepares the tables. Cheap: no automaton over the context words is built yet.
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let (mut prefix, mut infix, mut behind, mut text) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut tails = [const { Vec::new() }; TAILS];
        let mut ahead = Box::new([0; 256]);
        ahead[usize::from(b'\\')] = ESCAPED;
        ahead[usize::from(b'%')] = ESCAPED;
        let partner_key = rules.iter().find(|(_, r)| r.id == PARTNER_KEY).map(|(index, _)| index);
        let mut reach = Reach {
            back: encoded::BACK.max(usize::from(bounds::CONTEXT_BEFORE_MAX)),
            forward: MAX_VALUE + window::BEHIND.max(usize::from(bounds::CONTEXT_AFTER_MAX)) + 2,
        };
        for (index, rule) in rules.iter() {
            for literal in rule.literals.iter().map(|l| l.as_bytes()) {
                // The rule's words count around the match, which may begin before its literal.
                let (before, after) = if rule.context.is_empty() {
                    (0, 0)
                } else {
                    (usize::from(rule.context_before), usize::from(rule.context_after))
                };
                reach.back = reach.back.max(usize::from(rule.before) + before + 8);
                let forward = if rule.is_named() { named::REACH } else { usize::from(rule.reach) };
                reach.forward = reach.forward.max(literal.len() + forward + after + 2);
                match anchor(rule, literal) {
                    Anchor::Prefix => prefix.push(Literal::new(literal, 0, index)),
                    Anchor::Infix => infix.push(Literal::new(literal, 0, index)),
                    Anchor::After => behind.push(Literal::new(literal, 0, index)),
                    Anchor::Tail(k) => {
                        let run = run_offset(literal);
                        ahead[usize::from(literal[run - 1])] |= 1 << k;
                        tails[k].push(Literal::new(literal, run + k - 3, index));
                    }
                    Anchor::Text => text.push((literal.into(), Woken::Rule(index))),
                }
            }
        }
        text.extend(escapes::BEGINNINGS.iter().map(|b| (b.as_bytes().into(), Woken::Escape)));
        text.push((PERMISSION.into(), Woken::Permission));
        Self {
            prefix: Keyed::new(prefix),
            tails: tails.map(Keyed::new),
            ahead,
            infix: Keyed::new(infix),
            after: Keyed::new(behind),
            text: TextAnchors::new(&text),
            context: OnceLock::new(),
            reach,
            partner_key,
        }
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
    ) -> Noticed {
        let first = out.len();
        let low = range.start.saturating_sub(self.reach.back.max(MAX_VALUE));
        let high = range.end.saturating_add(self.reach.forward).min(bytes.len());
        let longest = self.tails.iter().map(Keyed::longest).max().unwrap_or(0);
        let mut search = Search {
            filter: self,
            rules,
            watched,
            bytes: &bytes[..high],
            range: &range,
            out,
            heard: Heard::default(),
            skips_numbers: rules.user().is_empty() && watched.anchors().next().is_none(),
        };
        for_each_run(&bytes[low..high], |run| {
            let run = Span::new(run.start + low, run.end + low);
            if run.end >= range.start && run.start < range.end + longest {
                search.run(run);
            }
        });
        let Search { out, .. } = search;
        let mut noticed = Noticed::default();
        self.text.search(&bytes[..high], &range, |at, woken| match woken {
            Woken::Rule(rule) => try_literal(rules, rule, &bytes[..high], at, out),
            Woken::Escape if noticed.escape.is_none() && escapes::is_escape(&bytes[at..]) => noticed.escape = Some(at),
            Woken::Escape => {}
            Woken::Permission => noticed.permission = true,
        });
        out[first..].sort_unstable();
        let mut kept = first;
        for i in first..out.len() {
            if i == first || out[i] != out[kept - 1] {
                out[kept] = out[i];
                kept += 1;
            }
        }
        out.truncate(kept);
        noticed
    }
}

/// How a rule's literal is looked for.
fn anchor(rule: &Rule, literal: &[u8]) -> Anchor {
    let offset = run_offset(literal);
    match (rule.anchor, offset) {
        (Place::Text | Place::Name, _) => Anchor::Text,
        (Place::After, _) => Anchor::After,
        (Place::Run, 0) if rule.before == 0 => Anchor::Prefix,
        (Place::Run, 0) => Anchor::Infix,
        (Place::Run, offset) => Anchor::Tail(3_usize.saturating_sub(offset)),
    }
}

/// How many bytes of the literal stand before the run that it leads to.
fn run_offset(literal: &[u8]) -> usize {
    literal.iter().rposition(|b| !is_run_byte(*b)).map_or(0, |n| n + 1)
}

/// Tries one rule at its literal. A rule with context needs one of its words too.
fn try_literal(rules: &RuleSet, index: RuleIndex, bytes: &[u8], at: usize, out: &mut Vec<Candidate>) {
    let rule = rules.get(index);
    if rule.is_named() {
        let literal = rule.literals.iter().filter(|l| bytes[at..].starts_with(l.as_bytes())).map(|l| l.len()).max();
        if let Some(value) = literal.and_then(|len| named::value_behind(bytes, at, at + len)) {
            out.push(Candidate { rule: index, anchor: at as u32, start: value.start as u32, end: value.end as u32 });
        }
        return;
    }
    let Some((start, end)) = window::match_at_literal(rule, rules.compiled(index), bytes, at) else { return };
    if !rule.context.is_empty() && !window::has_context(rule, bytes, Span::new(start, end)) {
        return;
    }
    out.push(Candidate { rule: index, anchor: at as u32, start: start as u32, end: end as u32 });
}

/// One search of one document.
struct Search<'s> {
    filter: &'s Prefilter,
    rules: &'s RuleSet,
    watched: &'s Watched,
    bytes: &'s [u8],
    range: &'s Range<usize>,
    out: &'s mut Vec<Candidate>,
    heard: Heard,
    /// No built-in rule takes a bare number for a value. One of the user's may, and a listed variable may
    /// have one.
    skips_numbers: bool,
}

impl Search<'_> {
    /// Asks the tables around and inside a run; then, if it looks random, the context.
    fn run(&mut self, run: Span) {
        let start = run.start;
        self.ask(&self.filter.prefix, start);
        if let Some(before) = start.checked_sub(1) {
            // Few of the bytes before a run end a literal's part there, or make an escape.
            let ahead = self.filter.ahead[usize::from(self.bytes[before])];
            if ahead != 0 {
                self.ahead(start, ahead);
            }
        }
        self.ask(&self.filter.after, run.end);
        let look = Look::at(run.of(self.bytes), |i| self.ask(&self.filter.prefix, start + i + 1));
        if run.len() >= INFIX_RUN && !self.filter.infix.is_empty() && may_hold_value(run.of(self.bytes)) {
            for at in start.max(self.range.start)..(run.end - 2).min(self.range.end) {
                self.ask(&self.filter.infix, at);
            }
        }
        if look == Look::Random && run.len() <= MAX_VALUE && self.range.contains(&start) {
            self.watched.probe(self.bytes, run, self.out);
            if !(self.skips_numbers && is_number(self.bytes, run)) {
                self.context(run);
            }
        }
    }

    /// Asks for literals that begin before a run, and for those behind an escape in it.
    fn ahead(&mut self, start: usize, ahead: u8) {
        for k in (0..TAILS).filter(|k| ahead >> k & 1 == 1) {
            if let Some(at) = (start + k).checked_sub(3) {
                self.ask(&self.filter.tails[k], at);
            }
        }
        let escaped = start + window::escape_len(self.bytes, start);
        if escaped != start {
            self.ask(&self.filter.prefix, escaped);
        }
    }

    /// Tries the rules of literals whose key stands at `at`.
    #[inline]
    fn ask<const WORDS: usize>(&mut self, table: &Keyed<WORDS>, at: usize) {
        if let Some(&key) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<3>)
            && table.may_have(key)
        {
            self.answer(table, at);
        }
    }

    #[cold]
    fn answer<const WORDS: usize>(&mut self, table: &Keyed<WORDS>, at: usize) {
        for (start, rules) in table.at(self.bytes, at) {
            if self.range.contains(&start) {
                for rule in rules {
                    try_literal(self.rules, *rule, self.bytes, start, self.out);
                }
            }
        }
    }

    fn context(&mut self, run: Span) {
        let context = self.filter.context.get_or_init(|| Context::new(self.rules, self.watched));
        for rule in context.rules_near(&mut self.heard, self.bytes, run) {
            window::match_in_run(self.rules.compiled(rule), self.bytes, run, |start, end| {
                self.out.push(Candidate { rule, anchor: run.start as u32, start: start as u32, end: end as u32 });
            });
        }
        // What bears a partner's name on its line: a look-up, no words of the automaton.
        let Some(rule) = self.filter.partner_key else { return };
        let low = run.start.saturating_sub(NAME_BEFORE);
        let low = memchr::memrchr(b'\n', &self.bytes[low..run.start]).map_or(low, |n| low + n + 1);
        if names_one(&self.bytes[low..run.start]) {
            window::match_in_run(self.rules.compiled(rule), self.bytes, run, |start, end| {
                self.out.push(Candidate { rule, anchor: run.start as u32, start: start as u32, end: end as u32 });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;
    use crate::detect::{Detector, Watchlist};
    use proptest::prelude::*;

    #[test]
    fn a_listed_variable_may_have_a_number() {
        let mut list = Watchlist::new();
        list.add_anchor("ACME_PARTNER_PIN", "acme");
        let detector = Detector::new(RuleSet::builtin(), list, Vec::new());
        let bytes = format!("env:\n  ACME_PARTNER_PIN: {}\n", "8412739950".repeat(2));
        let mut out = Vec::new();
        detector.candidates(bytes.as_bytes(), 0..bytes.len(), &mut out);
        assert_eq!(out.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Candidates of a part are those of the whole document whose anchors lie in it: what carries
        /// them through deltas rests on this.
        #[test]
        fn a_part_has_the_candidates_of_the_whole(
            picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..400_usize), 1..6),
            cut in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            seed in any::<u64>(),
        ) {
            let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
            let examples: Vec<(&Rule, &str)> =
                detector.rules().iter().flat_map(|(_, r)| r.examples.iter().map(move |e| (r, &**e))).collect();
            let mut text = String::new();
            for (pick, gap) in picks {
                let (rule, example) = pick.get(&examples);
                text.push_str(&expand(example, seed, Some(rule)).unwrap());
                text.push_str(&"x y\n".repeat(gap / 4));
            }
            let bytes = text.as_bytes();
            let (a, b) = (cut.0.index(bytes.len() + 1), cut.1.index(bytes.len() + 1));
            let range = a.min(b)..a.max(b);
            let (mut whole, mut part) = (Vec::new(), Vec::new());
            detector.candidates(bytes, 0..bytes.len(), &mut whole);
            whole.retain(|c| range.contains(&(c.anchor as usize)));
            detector.candidates(bytes, range.clone(), &mut part);
            prop_assert_eq!(&part, &whole);
            // And bytes beyond reach do not matter.
            let reach = detector.reach();
            let (low, high) = (range.start.saturating_sub(reach.back), (range.end + reach.forward).min(bytes.len()));
            let mut alone = Vec::new();
            if low > 0 && high < bytes.len() {
                let mut noise = bytes.to_vec();
                noise[..low].fill(b' ');
                noise[high..].fill(b' ');
                detector.candidates(&noise, range, &mut alone);
                prop_assert_eq!(&alone, &whole);
            }
        }
    }
}
