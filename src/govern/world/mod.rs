//! The joined view that checks read: every credential with its places and its record, every record
//! with its credentials.

mod case;
mod component;
mod entry;
mod finding;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use case::{Case, Site};
pub(crate) use entry::Entry;
pub(crate) use finding::{name_of, record_spot, row_spot, spot};

use super::assess::Assessment;
use super::input::RecordChange;
use super::join::Join;
use super::policy::{ClassSubject, Limits};
use crate::inventory::{Inventory, PartnerNames, Record, RecordRef, When};
use crate::observe::{Observation, name_digest};
use crate::secret::CredentialId;
use component::Components;

/// Everything that is judged, joined.
pub(crate) struct World<'a> {
    pub input: &'a Assessment<'a>,
    /// Credentials, by identity.
    pub cases: Vec<Case<'a>>,
    /// Records, in the inventory's order.
    pub entries: Vec<Entry<'a>>,
    /// Numbers of records that a credential probably belongs to, without being bound.
    pub suggested: BTreeSet<usize>,
    /// Ids of records that another one follows.
    pub superseded: BTreeSet<&'a str>,
    /// Changes of records, by record, where the inventory's history is known.
    changes: BTreeMap<&'a str, Vec<&'a RecordChange>>,
    in_force: OnceLock<BTreeSet<String>>,
    /// Numbers of records, sorted by id.
    by_id: OnceLock<Vec<usize>>,
    same_credential: OnceLock<BTreeMap<Vec<usize>, &'static str>>,
    /// Records by their place.
    by_place: BTreeMap<&'a RecordRef, usize>,
    /// Names of the peppers that were used.
    pub peppers: BTreeSet<&'a str>,
    /// Nothing in the inventory can be compared with anything that was found.
    pub nothing_comparable: bool,
    /// Peppers and schemes that digests of the inventory need and that the scan had not.
    pub foreign_digests: BTreeSet<String>,
    /// The names of the inventory's partners.
    names: Option<PartnerNames<'a>>,
    /// Which service a path belongs to.
    pub components: Components<'a>,
}

impl<'a> World<'a> {
    pub(crate) fn new(input: &'a Assessment<'a>) -> Self {
        let mut grouped: BTreeMap<CredentialId, Vec<(usize, &'a Observation)>> = BTreeMap::new();
        for (number, observed) in input.observed.iter().enumerate() {
            for observation in &observed.observations {
                grouped.entry(observation.credential).or_default().push((number, observation));
            }
        }
        let join = Join::new(input);
        let (nothing_comparable, foreign_digests) = (join.nothing_comparable(), join.missing());
        let mut cases: Vec<Case<'a>> = Vec::with_capacity(grouped.len());
        for (credential, mut seen) in grouped {
            seen.sort_by_key(|(number, o)| (o.confidence, *number));
            let Some(&(_, observation)) = seen.first() else { continue };
            let binding = join.find(&seen);
            let sites = case::sites(input, &seen);
            let exposure = case::anywhere(&seen, &sites);
            cases.push(Case { credential, observation, sites, exposure, binding });
        }
        let mut entries: Vec<Entry<'a>> = input
            .inventory
            .into_iter()
            .flat_map(|inventory| inventory.records.iter().map(|r| (r, inventory.partner_of(r))))
            .enumerate()
            .map(|(index, (record, partner))| Entry { index, record, partner, cases: Vec::new() })
            .collect();
        for (number, case) in cases.iter().enumerate() {
            for index in case.binding.bound() {
                if let Some(entry) = entries.get_mut(*index) {
                    entry.cases.push(number);
                }
            }
        }
        let superseded = entries.iter().map(|e| e.record.supersedes.as_str()).filter(|s| !s.is_empty()).collect();
        Self {
            input,
            suggested: cases.iter().flat_map(|c| c.binding.suggested()).collect(),
            superseded,
            changes: changes(input),
            in_force: OnceLock::new(),
            by_id: OnceLock::new(),
            same_credential: OnceLock::new(),
            by_place: entries.iter().map(|e| (&e.record.at, e.index)).collect(),
            peppers: input.observed.iter().flat_map(|o| o.peppers.iter().map(String::as_str)).collect(),
            cases,
            entries,
            nothing_comparable,
            foreign_digests,
            names: input.inventory.map(Inventory::partner_names),
            components: Components::new(input),
        }
    }

    pub(crate) fn as_of(&self) -> Date {
        self.input.as_of
    }

    /// The changes of a record, oldest first.
    pub(crate) fn changes_of(&self, entry: &Entry<'a>) -> impl Iterator<Item = &'a RecordChange> {
        let ids = std::iter::once(&entry.record.id).chain(&entry.record.also_ids);
        ids.filter_map(|id| self.changes.get(id.as_str())).flatten().copied()
    }

    /// Whether a person, by any of their names, wrote or committed a commit; `None` where nobody
    /// knows who did.
    pub(crate) fn committed_by(&self, commit: &str, person: &str) -> Option<bool> {
        let digests = self.input.observed.iter().find_map(|o| o.committers.get(commit))?;
        let names = super::roster::names_of(self.input.roster, person);
        Some(names.iter().any(|name| digests.contains(&name_digest(name))))
    }

    /// Whether a handoff of this record around this time was written down.
    pub(crate) fn has_handoff(&self, record: &Record, at: When) -> bool {
        /// Days between a handoff and the change of the record for which it counts.
        const DAYS: i64 = 31;
        let handoffs = self.input.inventory.into_iter().flat_map(|i| &i.handoffs);
        let of_it = |id: &str| record.id == id || record.also_ids.iter().any(|also| also == id);
        handoffs.filter(|h| of_it(h.record.as_str())).any(|h| h.at.days_until(at.day()).abs() <= DAYS)
    }

    /// The credential of an observation.
    pub(crate) fn case(&self, credential: CredentialId) -> Option<&Case<'a>> {
        self.cases.binary_search_by_key(&credential, |case| case.credential).ok().map(|at| &self.cases[at])
    }

    /// Numbers of records, sorted by id.
    pub(crate) fn by_id(&self) -> &[usize] {
        self.by_id.get_or_init(|| {
            let mut all: Vec<usize> = (0..self.entries.len()).collect();
            all.sort_by_key(|index| self.id_of(*index));
            all
        })
    }

    /// The record with this id; of several the first.
    pub(crate) fn entry(&self, id: &str) -> Option<&Entry<'a>> {
        let all = self.by_id();
        let first = all.get(all.partition_point(|index| self.id_of(*index) < id))?;
        (self.id_of(*first) == id).then(|| &self.entries[*first])
    }

    fn id_of(&self, index: usize) -> &str {
        &self.entries[index].record.id
    }

    /// Groups of records that share an identifier, as indices in order, with what they share.
    pub(crate) fn same_credential(&self) -> &BTreeMap<Vec<usize>, &'static str> {
        self.same_credential.get_or_init(|| super::correlation::same_credential(self))
    }

    /// The record at a place of the inventory.
    pub(crate) fn at(&self, place: &RecordRef) -> Option<&Entry<'a>> {
        self.by_place.get(place).map(|index| &self.entries[*index])
    }

    /// The records that a credential is bound to.
    pub(crate) fn bound<'w>(&'w self, case: &'w Case<'a>) -> impl Iterator<Item = &'w Entry<'a>> {
        case.binding.bound().iter().filter_map(|index| self.entries.get(*index))
    }

    /// The credentials that are bound to a record.
    pub(crate) fn cases_of<'w>(&'w self, entry: &'w Entry<'a>) -> impl Iterator<Item = &'w Case<'a>> {
        entry.cases.iter().map(|n| &self.cases[*n])
    }

    /// Whether a record serves production: it says so, or it was seen there.
    pub(crate) fn is_production(&self, entry: &Entry<'_>) -> bool {
        let environments = &self.input.policy.environments;
        entry.record.environments.iter().any(|e| environments.is_production(e))
            || self.cases_of(entry).any(|case| case.sites.iter().any(|s| s.environment.is_some_and(|e| e.production)))
    }

    /// The limits that hold for a record.
    pub(crate) fn limits(&self, entry: &Entry<'_>) -> Limits {
        let record = entry.record;
        self.input.policy.limits(&ClassSubject {
            kind: &record.kind,
            data_classes: &record.data_classes,
            access_mode: &record.access_mode,
            environments: &record.environments,
        })
    }
}

/// The last moment of a day, UTC.
pub(crate) fn end_of(day: Date) -> Timestamp {
    When::Day(day).end()
}

fn changes<'a>(input: &'a Assessment<'a>) -> BTreeMap<&'a str, Vec<&'a RecordChange>> {
    let mut all: BTreeMap<&str, Vec<&RecordChange>> = BTreeMap::new();
    for change in input.inventory_history.into_iter().flat_map(|h| &h.changes).filter(|c| !c.record.is_empty()) {
        all.entry(&change.record).or_default().push(change);
    }
    all
}
