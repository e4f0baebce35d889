//! Which record an observation belongs to, and what that match may do.
//!
//! Certain and high bind. One single medium candidate binds weakly. Low and suggestion never bind.
//! Several records that fit equally well are all bound weakly: none of them may hide what another
//! one says.

use std::collections::BTreeSet;

use super::assess::{Assessment, Matched};
use super::world::name_of;
pub(crate) use super::standin::Level;
use super::standin::{Match, Matcher};
use crate::inventory::Inventory;
use crate::observe::Observation;

/// What is known of an observation's record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding {
    pub level: Option<Level>,
    pub by: &'static str,
    /// All that fit at `level`.
    pub records: Vec<usize>,
    /// Those that only a hint, a place or a name speaks for.
    pub probable: Vec<usize>,
    /// The inventory has digests of unknown peppers, so that absence means nothing.
    pub not_comparable: bool,
}

impl Binding {
    /// The records that it is bound to.
    pub(crate) fn bound(&self) -> &[usize] {
        match self.level {
            Some(Level::Certain | Level::High) => &self.records,
            Some(Level::Medium) if self.records.len() == 1 => &self.records,
            _ => &[],
        }
    }

    /// At `certain` or `high`.
    pub(crate) fn is_strong(&self) -> bool {
        matches!(self.level, Some(Level::Certain | Level::High)) && !self.records.is_empty()
    }

    /// Below `high`, or not unique: governance findings are capped at warning.
    pub(crate) fn is_weak(&self) -> bool {
        !self.is_strong() || self.records.len() > 1
    }

    /// The records to name as probable: those at a level that does not bind.
    pub(crate) fn suggested(&self) -> impl Iterator<Item = usize> {
        let unbound = if self.bound().is_empty() { self.records.as_slice() } else { &[] };
        unbound.iter().chain(&self.probable).copied()
    }

    /// `certain, by key id`.
    pub(crate) fn words(&self) -> Option<String> {
        self.level.map(|level| format!("{}, by {}", level.word(), self.by))
    }

    pub(crate) fn matched(&self, inventory: Option<&Inventory>) -> Matched {
        let name = |i: &usize| inventory.and_then(|inv| inv.records.get(*i)).map(name_of);
        let level = match self.level {
            Some(level) => level.word(),
            None if self.not_comparable => "not comparable",
            None => "none",
        };
        let records = if self.records.is_empty() { &self.probable } else { &self.records };
        Matched { level: level.to_owned(), by: self.by.to_owned(), records: records.iter().filter_map(name).collect() }
    }
}

/// Finds records.
pub(crate) struct Join<'a> {
    matcher: Option<Matcher<'a>>,
}

impl<'a> Join<'a> {
    pub(crate) fn new(input: &'a Assessment<'a>) -> Self {
        let peppers: BTreeSet<String> = input.observed.iter().flat_map(|o| o.peppers.iter().cloned()).collect();
        Self { matcher: input.inventory.map(|inventory| Matcher::new(inventory, &peppers)) }
    }

    /// The best match of one credential over the repositories that it was seen in.
    pub(crate) fn find(&self, seen: &[(usize, &Observation)]) -> Binding {
        let Some(matcher) = &self.matcher else { return Binding::default() };
        let mut best = Binding::default();
        let mut comparable = false;
        for (_, observation) in seen {
            let found = find(matcher, observation);
            comparable |= !found.not_comparable;
            if better(found.level, best.level) {
                best = Binding { level: found.level, by: found.by, records: found.records, ..best };
            }
            best.probable.extend(found.probable);
        }
        best.not_comparable = !comparable && best.level.is_none();
        best.probable.sort_unstable();
        best.probable.dedup();
        best
    }
}

fn find(matcher: &Matcher<'_>, observation: &Observation) -> Match {
    matcher.find(observation)
}

/// Whether `a` is stronger than `b`.
fn better(a: Option<Level>, b: Option<Level>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a < b,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
