//! Words near values: which contextual rules a run wakes.

use std::collections::BTreeMap;

use super::super::rule::{Form, Rule};
use super::super::rule_file::bounds;
use super::super::ruleset::{RuleIndex, RuleSet, WATCHED_ANCHOR};
use super::super::watchlist::Watched;
use super::super::window;
use super::rarity::rarest;
use super::trigrams::{Trigram, Trigrams};
use crate::position::Span;

/// The words of all contextual rules and of the watchlist.
pub(super) struct Context {
    words: Vec<Word>,
    /// Words by the rarest three of their bytes, whatever their case.
    keys: Trigrams<Key, 1024>,
    longest: usize,
}

struct Word {
    text: Box<[u8]>,
    /// The rules that it speaks for.
    speaks: Vec<Speaks>,
}

/// A word, and where in it the key begins.
#[derive(Clone, Copy)]
struct Key {
    word: u32,
    offset: u32,
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
        let words: Vec<Word> =
            words.into_iter().map(|(word, speaks)| Word { text: word.as_bytes().into(), speaks }).collect();
        let mut keys = Vec::new();
        for (id, Word { text, .. }) in words.iter().enumerate() {
            let offset = rarest(text, 3);
            let key = Key { word: id as u32, offset: offset as u32 };
            match text[offset..] {
                [a, b, c, ..] => keys.push((Trigram::new([a, b, c].map(fold)), key)),
                // Whatever follows.
                [a, b] => keys.extend((0..=255).map(|c| (Trigram::new([a, b, c].map(fold)), key))),
                // One letter says nothing.
                _ => {}
            }
        }
        let longest = words.iter().map(|w| w.text.len()).max().unwrap_or(0);
        Self { words, keys: Trigrams::new(keys), longest }
    }

    /// Calls `found` with every word in `part`, however it is written.
    fn words_in(&self, bytes: &[u8], part: Span, mut found: impl FnMut(Span, u32)) {
        let text = part.of(bytes);
        let Some((first, rest)) = text.split_first_chunk::<2>() else { return };
        let mut key = Trigram::new([0, fold(first[0]), fold(first[1])]);
        for (at, &b) in rest.iter().enumerate() {
            key = key.then(fold(b));
            if self.keys.may_have(key) {
                for Key { word, offset } in self.keys.at(key) {
                    let Some(start) = at.checked_sub(*offset as usize) else { continue };
                    let listed = &self.words[*word as usize].text;
                    if text.get(start..start + listed.len()).is_some_and(|t| t.eq_ignore_ascii_case(listed)) {
                        found(Span::new(part.start + start, part.start + start + listed.len()), *word);
                    }
                }
            }
        }
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
            woken.extend(self.words[*id as usize].speaks.iter().filter(near).map(|s| s.rule));
        }
        woken.sort_unstable();
        woken.dedup();
        woken
    }
}

/// Letters whatever their case; some signs become others, which the comparison tells apart.
fn fold(b: u8) -> u8 {
    b | 0x20
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
        #[cfg(test)]
        super::super::work::add(part.end - from);
        let anew = self.searched.is_none();
        context.words_in(bytes, Span::new(from, part.end), |word, id| {
            if (anew || word.end > done) && window::is_word(bytes, word) {
                self.words.push((word, id));
            }
        });
        if self.words.len() > before {
            self.words.sort_unstable_by_key(|(word, id)| (word.start, *id));
        }
        self.searched = Some(Span::new(self.searched.map_or(part.start, |s| s.start), part.end));
    }
}
