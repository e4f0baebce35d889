//! A small matcher, until the inventory's own takes its place.

use std::collections::BTreeSet;

use crate::inventory::Inventory;
use crate::observe::Observation;
use crate::secret::Scheme;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Certain,
    High,
    Medium,
    Low,
    Suggestion,
}

impl Level {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Suggestion => "suggestion",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Match {
    pub(crate) level: Option<Level>,
    pub(crate) by: &'static str,
    pub(crate) records: Vec<usize>,
    pub(crate) not_comparable: bool,
    pub(crate) probable: Vec<usize>,
}

pub(crate) struct Matcher<'i> {
    inventory: &'i Inventory,
    peppers: BTreeSet<String>,
}

impl<'i> Matcher<'i> {
    pub(crate) fn new(inventory: &'i Inventory, peppers: &BTreeSet<String>) -> Self {
        Self { inventory, peppers: peppers.clone() }
    }

    pub(crate) fn find(&self, o: &Observation) -> Match {
        let all = |fits: &dyn Fn(&crate::inventory::Record) -> bool| -> Vec<usize> {
            let records = self.inventory.records.iter().enumerate();
            records.filter(|(_, r)| fits(r)).map(|(i, _)| i).collect()
        };
        let by_print = all(&|r| r.fingerprints.iter().any(|f| o.fingerprints.contains(f) || o.watched.contains(f)));
        if !by_print.is_empty() {
            return Match { level: Some(Level::Certain), by: "fingerprint", records: by_print, ..Match::default() };
        }
        let by_key = all(&|r| o.key_id.as_ref().is_some_and(|k| r.key_id.contains(k)));
        if !by_key.is_empty() {
            return Match { level: Some(Level::Certain), by: "key id", records: by_key, ..Match::default() };
        }
        let ends = |r: &crate::inventory::Record, n: usize| {
            o.hint.as_ref().is_some_and(|h| r.hint.len() >= n && r.hint.ends_with(&h.0)) && r.kind == o.kind.word()
        };
        let by_hint = all(&|r| ends(r, 12));
        if !by_hint.is_empty() {
            return Match { level: Some(Level::Medium), by: "last 4 and kind", records: by_hint, ..Match::default() };
        }
        let foreign = |f: &crate::secret::Fingerprint| {
            f.scheme == Scheme::HmacSha256 && f.kid.as_ref().is_some_and(|k| !self.peppers.contains(k))
        };
        let records = &self.inventory.records;
        let not_comparable = !records.is_empty()
            && records.iter().all(|r| !r.fingerprints.is_empty() && r.fingerprints.iter().all(foreign) && r.key_id.is_empty());
        Match { not_comparable, probable: all(&|r| ends(r, 4)), ..Match::default() }
    }
}
