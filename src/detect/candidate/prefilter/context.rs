//! Words near values: which contextual rules a run wakes.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::super::rule::{Form, Rule};
use super::super::rule_file::bounds;
use super::super::ruleset::{RuleIndex, RuleSet, WATCHED_ANCHOR};
use super::super::watchlist::Watched;
use super::super::window;
use crate::position::Span;

/// The words of all contextual rules and of the watchlist.
pub(super) struct Context {
    words: AhoCorasick,
    /// Per word: the rules that it speaks for.
    speaks: Vec<Vec<Speaks>>,
    longest: usize,
}

#[derive(Clone, Copy)]
struct Speaks {
    rule: RuleIndex,
    before: u16,
    after: u16,
}

/// The words met so far in one document: text is searched once, however many values stand in it.
#[derive(Default)]
pub(super) struct Heard {
    searched: Option<Span>,
    /// Words with their places, sorted by start.
    words: Vec<(Span, u32)>,
}

impl Context {
    pub(super) fn new(rules: &RuleSet, watched: &Watched) -> Self {
        let mut words: BTreeMap<&str, Vec<Speaks>> = BTreeMap::new();
        let contextual = |rule: &Rule| rule.form == Form::Contextual && rule.literals.is_empty();
        for (rule, data) in rules.iter().filter(|(_, r)| contextual(r)) {
            for word in data.context.iter() {
                let speaks = Speaks { rule, before: data.context_before, after: data.context_after };
                words.entry(word).or_default().push(speaks);
            }
        }
        let (before, after) = (bounds::CONTEXT_BEFORE_MAX, bounds::CONTEXT_AFTER_MAX);
        for word in watched.anchors() {
            words.entry(word).or_default().push(Speaks { rule: WATCHED_ANCHOR, before, after });
        }
        #[allow(clippy::expect_used, reason = "a few thousand short words are far below the automaton's limits")]
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(words.keys())
            .expect("context words make an automaton");
        let longest = words.keys().map(|w| w.len()).max().unwrap_or(0);
        Self { words: automaton, speaks: words.into_values().collect(), longest }
    }

    /// The rules whose words stand within their reach of `run`, sorted.
    pub(super) fn rules_near(&self, heard: &mut Heard, bytes: &[u8], run: Span) -> Vec<RuleIndex> {
        let low = window::lines_before(bytes, run.start, usize::from(bounds::CONTEXT_BEFORE_MAX));
        let high = (run.end + usize::from(bounds::CONTEXT_AFTER_MAX)).min(bytes.len());
        heard.listen(self, bytes, Span::new(low, high));
        let first = heard.words.partition_point(|(word, _)| word.start < low);
        let mut woken = Vec::new();
        for (word, id) in heard.words[first..].iter().take_while(|(word, _)| word.start < high) {
            let near = |s: &&Speaks| {
                // A host may run on into the value's run: `.com/VALUE`.
                word.start < run.start && run.start - word.start <= usize::from(s.before)
                    || word.start >= run.end && word.end <= high && word.end - run.end <= usize::from(s.after)
            };
            woken.extend(self.speaks[*id as usize].iter().filter(near).map(|s| s.rule));
        }
        woken.sort_unstable();
        woken.dedup();
        woken
    }
}

impl Heard {
    /// Searches what of `part` has not been searched yet.
    fn listen(&mut self, context: &Context, bytes: &[u8], part: Span) {
        let from = match self.searched {
            Some(done) if done.end >= part.end => return,
            // A word may lie across the seam.
            Some(done) if done.end >= part.start => done.end.saturating_sub(context.longest).max(done.start),
            _ => {
                self.words.clear();
                self.searched = None;
                part.start
            }
        };
        let done = self.searched.map_or(part.start, |s| s.end);
        let before = self.words.len();
        for hit in context.words.find_overlapping_iter(&bytes[from..part.end]) {
            let word = Span::new(from + hit.start(), from + hit.end());
            if (self.searched.is_none() || word.end > done) && window::is_word(bytes, word) {
                self.words.push((word, hit.pattern().as_u32()));
            }
        }
        if self.words.len() > before {
            self.words.sort_unstable_by_key(|(word, id)| (word.start, *id));
        }
        self.searched = Some(Span::new(self.searched.map_or(part.start, |s| s.start), part.end));
    }
}
