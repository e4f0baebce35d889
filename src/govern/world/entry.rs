//! A record of the inventory, and what refers to its credential.

use std::collections::{BTreeMap, BTreeSet};

use super::super::finding::Spot;
use super::super::policy::same_environment;
use super::World;
use crate::inventory::{Partner, Record, Status, references_of};
use crate::source::Place;

/// What refers to a record's credential.
#[derive(Default)]
pub(crate) struct References<'r> {
    /// Places, by what the record calls it.
    pub by_name: BTreeMap<&'r str, Vec<Spot>>,
    /// The record names something of its own that can be looked for.
    pub asked: bool,
    /// Nobody looked for some of it.
    pub unknown: bool,
}

/// One record of the inventory.
pub(crate) struct Entry<'a> {
    pub index: usize,
    pub record: &'a Record,
    pub partner: Option<&'a Partner>,
    /// Numbers of the credentials bound to it.
    pub cases: Vec<usize>,
}

impl Entry<'_> {
    /// In force, or not known to be void: what ownership, approval and reach are asked of.
    pub(crate) fn is_in_force(&self) -> bool {
        self.record.status.unwrap_or(Status::Unknown).is_live()
    }

    /// Its status in an environment, or as a whole.
    pub(crate) fn status_in(&self, environment: Option<&str>) -> Option<Status> {
        let by_environment = &self.record.status_by_environment;
        let stated = environment
            .and_then(|name| by_environment.iter().find(|(e, _)| same_environment(e, name)).map(|(_, status)| *status));
        stated.or(self.record.status)
    }

    /// Void everywhere.
    pub(crate) fn is_revoked(&self) -> bool {
        let by_environment = &self.record.status_by_environment;
        self.record.status.is_some_and(Status::is_revoked) && by_environment.values().all(|status| !status.is_live())
    }
}

impl World<'_> {
    /// Where a reference stands, over all repositories; `None` where somewhere nobody looked for it
    /// and it stands nowhere else.
    pub(crate) fn references(&self, text: &str) -> Option<Vec<Spot>> {
        let by_repository = self.input.observed.iter().map(|o| o.references.as_ref()?.get(text));
        let (mut spots, mut looked) = (Vec::new(), !self.input.observed.is_empty());
        for places in by_repository {
            looked &= places.is_some();
            spots.extend(places.into_iter().flatten().map(|place| Spot {
                path: place.path.clone(),
                location: place.location,
                place: Some(Place::Tree),
                excerpt: None,
                exposure: None,
                note: "refers to it".to_owned(),
            }));
        }
        (looked || !spots.is_empty()).then_some(spots)
    }

    /// The references to a record's credential. What another record in force is referred to by as
    /// well says nothing about one that is void.
    pub(crate) fn references_to<'r>(&self, record: &'r Record) -> References<'r> {
        let void = !record.status.unwrap_or(Status::Unknown).is_live();
        let mut found = References::default();
        for (name, text) in references_of(record) {
            if void && self.references_in_force().contains(&text) {
                continue;
            }
            found.asked = true;
            match self.references(&text) {
                None => found.unknown = true,
                Some(spots) if spots.is_empty() => {}
                Some(spots) => found.by_name.entry(name).or_default().extend(spots),
            }
        }
        found
    }

    /// The texts by which records in force are referred to.
    fn references_in_force(&self) -> &BTreeSet<String> {
        let in_force = || self.entries.iter().filter(|e| e.is_in_force());
        self.in_force.get_or_init(|| in_force().flat_map(|e| references_of(e.record)).map(|(_, text)| text).collect())
    }
}
