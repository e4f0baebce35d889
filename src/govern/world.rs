//! The joined view that checks read: every credential with its places and its record, every record
//! with its credentials.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::assess::Assessment;
use super::finding::{FindingBuilder, Spot, Subject};
use super::input::RecordChange;
use super::join::{Binding, Join};
use super::policy::{ClassSubject, Environment, Limits};
use super::severity::Setting;
use crate::detect::{Form, Kind, PathClass};
use crate::inventory::{Inventory, Partner, PartnerNames, Record, RecordRef, Status, When, references_of};
use crate::observe::{CommitRef, Exposure, Observation, Repository, Sighting, name_digest};
use crate::position::Location;
use crate::secret::CredentialId;
use crate::source::{Place, RepoPath};

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
    in_force: OnceCell<BTreeSet<String>>,
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
}

/// One credential, over all repositories.
pub(crate) struct Case<'a> {
    pub credential: CredentialId,
    /// What is known of it; of several repositories, the best told.
    pub observation: &'a Observation,
    /// Where it is or was, by repository and path; never empty.
    pub sites: Vec<Site<'a>>,
    /// When it was anywhere in the histories, and what still holds it; where these were scanned.
    pub exposure: Option<Exposure>,
    /// Its record.
    pub binding: Binding,
}

/// One credential in one path of one repository.
pub(crate) struct Site<'a> {
    pub repository: &'a Repository,
    pub path: &'a RepoPath,
    /// The sighting to point at: the tree's before the history's.
    pub sighting: &'a Sighting,
    /// The others.
    pub others: Vec<&'a Sighting>,
    /// It is there now.
    pub present: bool,
    /// The times it was there, where history was scanned.
    pub exposure: Option<&'a Exposure>,
    pub environment: Option<&'a Environment>,
    /// Which sources were scanned.
    pub scope: Scope,
}

/// Which sources of a repository were scanned.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scope {
    pub tree: bool,
    pub history: bool,
    pub shallow: bool,
}

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
            let sites = sites(input, &seen);
            let exposure = anywhere(&seen, &sites);
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
            in_force: OnceCell::new(),
            by_place: entries.iter().map(|e| (&e.record.at, e.index)).collect(),
            peppers: input.observed.iter().flat_map(|o| o.peppers.iter().map(String::as_str)).collect(),
            cases,
            entries,
            nothing_comparable,
            foreign_digests,
            names: input.inventory.map(Inventory::partner_names),
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

    /// Whether a handoff of this record around this time was written down.
    pub(crate) fn has_handoff(&self, record: &Record, at: When) -> bool {
        /// Days between a handoff and the change of the record for which it counts.
        const DAYS: i64 = 31;
        let handoffs = self.input.inventory.into_iter().flat_map(|i| &i.handoffs);
        let of_it = |id: &String| *id == record.id || record.also_ids.contains(id);
        handoffs.filter(|h| of_it(&h.record)).any(|h| h.at.days_until(at.day()).abs() <= DAYS)
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

    /// What a record's circumstances do to levels.
    fn setting_of(&self, entry: &Entry<'_>, setting: &mut Setting) {
        let (record, policy) = (entry.record, self.input.policy);
        setting.sensitive = policy.is_sensitive(&record.data_classes);
        setting.elevated = matches!(record.access_mode.as_str(), "write" | "admin");
        setting.split_without_path =
            super::ownership::is_split(record) && !super::offboarding::missing_path(record).is_empty();
        let verified = record.status.is_some_and(Status::is_revoked) && record.invalidation_verified_at.is_some();
        let long_past =
            record.expires_at.when().is_some_and(|w| w.is_past(self.as_of()) && w.days_until(self.as_of()) > 30);
        setting.ended = verified || long_past;
    }

    /// A finding about a record; its circumstances count.
    pub(crate) fn on_entry(&self, entry: &Entry<'_>) -> FindingBuilder {
        let production = self.is_production(entry);
        self.on_row(entry).setting(|s| {
            self.setting_of(entry, s);
            s.production = production;
            s.ended = false;
        })
    }

    /// A finding about a row of the inventory as such; no circumstances count.
    pub(crate) fn on_row(&self, entry: &Entry<'_>) -> FindingBuilder {
        let spot = record_spot(entry.record, "");
        let mut finding = FindingBuilder::new(Subject::Record(name_of(entry.record)), spot, &[])
            .record(&name_of(entry.record))
            .partner(&entry.record.partner_id)
            .fact("source", entry.record.source.as_str());
        for case in self.cases_of(entry) {
            if let Some(site) = case.sites.iter().find(|s| s.present) {
                finding = finding.related(site.spot("seen here"));
            }
        }
        finding
    }

    /// A finding about a credential: once, at its first place.
    pub(crate) fn on_case(&self, case: &Case<'_>) -> FindingBuilder {
        let Some(first) = case.sites.iter().find(|s| s.present).or(case.sites.first()) else {
            unreachable!("an observation has sightings")
        };
        let mut finding = self.place(case, first, &[]);
        let production = case.sites.iter().find(|s| s.present && s.environment.is_some_and(|e| e.production));
        if let Some(environment) = production.and_then(|s| s.environment) {
            finding = finding.setting(|s| {
                s.production = true;
                s.environment = Some(environment.name.clone());
            });
        }
        for site in &case.sites {
            if !std::ptr::eq(site, first) {
                finding = finding.related(site.spot(if site.present { "also here" } else { "was here" }));
            }
        }
        finding
    }

    /// A finding about a credential in one path.
    pub(crate) fn on_site(&self, case: &Case<'_>, site: &Site<'_>) -> FindingBuilder {
        self.place(case, site, site.path.as_bytes())
    }

    /// A finding about a credential and its record: once, at the credential's first place.
    pub(crate) fn on_pair(&self, case: &Case<'_>, entry: &Entry<'_>) -> FindingBuilder {
        let finding = self.on_case(case);
        Self::decided_by(finding, case, entry)
    }

    /// Names the record that decides.
    pub(crate) fn decided_by(finding: FindingBuilder, case: &Case<'_>, entry: &Entry<'_>) -> FindingBuilder {
        finding
            .record(&name_of(entry.record))
            .partner(&entry.record.partner_id)
            .related(record_spot(entry.record, "inventory record"))
            .setting(|s| s.weak_match = case.binding.is_weak())
    }

    fn place(&self, case: &Case<'_>, site: &Site<'_>, anchor: &[u8]) -> FindingBuilder {
        let observation = case.observation;
        let mut finding = FindingBuilder::new(Subject::Credential(case.credential), site.spot(""), anchor);
        for other in &site.others {
            // What the history has at this path is told by the time it was there.
            if other.place != Place::History && other.location != site.sighting.location {
                finding = finding.related(spot(other, "also here"));
            }
        }
        if let Some(partner) = &observation.partner {
            // As the inventory calls it, where it does.
            let own = self.names.as_ref().and_then(|names| names.find(&partner.id));
            finding = finding.partner(own.unwrap_or(&partner.id));
        }
        if self.input.observed.len() > 1 {
            finding = finding.fact("repository", site.repository.name.as_str());
        }
        if let Some(environment) = site.environment {
            finding = finding.fact("environment", environment.name.as_str());
        }
        // In a test, a made-up id beside a made-up value confirms nothing.
        let secondary = site.sighting.path_class.is_secondary();
        let mut setting = Setting {
            environment: site.environment.map(|e| e.name.clone()),
            production: site.environment.is_some_and(|e| e.production),
            in_code: true,
            unconfirmed: is_unconfirmed(case) || secondary && is_common(case),
            secondary,
            ..Setting::default()
        };
        if let Some(how) = case.binding.words() {
            finding = finding.matched(how);
        }
        if let Some(entry) = self.bound(case).next() {
            self.setting_of(entry, &mut setting);
            // A weak match, or one of several, makes no leak lighter.
            setting.ended &= !case.binding.is_weak();
            finding = finding
                .record(&name_of(entry.record))
                .partner(&entry.record.partner_id)
                .related(record_spot(entry.record, "inventory record"));
        }
        finding.setting(|s| *s = setting)
    }
}

/// A contextual detection that neither the inventory nor a key id beside it confirms.
pub(crate) fn is_unconfirmed(case: &Case<'_>) -> bool {
    case.observation.key_id.is_none() && is_common(case)
}

/// A contextual detection that the inventory does not confirm.
fn is_common(case: &Case<'_>) -> bool {
    case.observation.confidence == Form::Contextual && !case.binding.is_strong()
}

/// The name of a record in findings: its id, or its place where it has none.
pub(crate) fn name_of(record: &Record) -> String {
    if record.id.is_empty() { format!("{}#{}", record.at.file, record.at.index) } else { record.id.clone() }
}

/// The row of a record.
pub(crate) fn record_spot(record: &Record, note: &str) -> Spot {
    row_spot(&record.at.file, record.at.line, note)
}

/// A line of an inventory, exceptions or configuration file.
pub(crate) fn row_spot(file: &str, line: u32, note: &str) -> Spot {
    let line = line.max(1);
    Spot {
        path: RepoPath::new(file.as_bytes()),
        location: Location { line, column: 1, end_line: line, end_column: 1 },
        place: None,
        excerpt: None,
        exposure: None,
        note: note.to_owned(),
    }
}

/// A sighting as a place of a finding.
pub(super) fn spot(sighting: &Sighting, note: &str) -> Spot {
    Spot {
        path: sighting.path.clone(),
        location: sighting.location,
        place: Some(sighting.place),
        excerpt: Some(sighting.excerpt.clone()),
        exposure: sighting.exposure.clone(),
        note: note.to_owned(),
    }
}

/// The last moment of a day, UTC.
pub(crate) fn end_of(day: Date) -> Timestamp {
    When::Day(day).end()
}

impl<'a> Case<'a> {
    /// The places where it is now.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Site<'a>> {
        self.sites.iter().filter(|s| s.present)
    }

    pub(crate) fn is_present(&self) -> bool {
        self.present().next().is_some()
    }

    /// Whether the tree of every repository it was seen in is known, so that absence means something.
    pub(crate) fn tree_known(&self) -> bool {
        self.sites.iter().all(|s| s.scope.tree || s.exposure.is_some())
    }

    /// Whether history was scanned where it was seen.
    pub(crate) fn history_known(&self) -> bool {
        self.sites.iter().any(|s| s.scope.history || s.exposure.is_some())
    }

    /// Whether history is cut short where it was seen, so that it may be older than it seems.
    pub(crate) fn is_cut(&self) -> bool {
        self.sites.iter().any(|s| s.scope.shallow || s.exposures().any(|e| e.introduced_at_cut))
    }

    /// The first commit that has it, over all paths and repositories.
    pub(crate) fn introduced(&self) -> Option<(&CommitRef, Timestamp)> {
        let commit = self.exposure.as_ref()?.introduced.as_ref()?;
        Some((commit, commit.moment()?))
    }

    /// The commit after which it was gone from every path.
    pub(crate) fn removed(&self) -> Option<(&CommitRef, Timestamp)> {
        let commit = self.exposure.as_ref()?.removed.as_ref()?;
        Some((commit, commit.moment()?))
    }

    /// Adds the dates between which it was in the history.
    pub(crate) fn dated(&self, world: &World<'_>, mut finding: FindingBuilder) -> FindingBuilder {
        if let Some((commit, _)) = self.introduced() {
            finding = finding.fact("introduced", commit.time.as_str());
        }
        if let Some((commit, _)) = self.removed() {
            finding = finding.fact("removed", commit.time.as_str());
        }
        match self.exposure.as_ref().and_then(|e| e.days(end_of(world.as_of()))) {
            Some(days) => finding.fact("days_exposed", days),
            None => finding,
        }
    }

    /// What it is, for a sentence: "Stripe secret key".
    pub(crate) fn title(&self) -> &'a str {
        &self.observation.title
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> Kind {
        self.observation.kind
    }
}

impl Site<'_> {
    /// The place, with the time it was there.
    pub(crate) fn spot(&self, note: &str) -> Spot {
        let mut spot = spot(self.sighting, note);
        spot.exposure = self.exposure.cloned();
        spot
    }

    /// Every time it was here.
    pub(crate) fn exposures(&self) -> impl Iterator<Item = &Exposure> {
        std::iter::once(self.sighting).chain(self.others.iter().copied()).filter_map(|s| s.exposure.as_ref())
    }

    pub(crate) fn class(&self) -> PathClass {
        self.sighting.path_class
    }
}

impl Entry<'_> {
    /// In force, or not known to be void: what ownership, approval and reach are asked of.
    pub(crate) fn is_in_force(&self) -> bool {
        self.record.status.unwrap_or(Status::Unknown).is_live()
    }

    /// Its status in an environment, or as a whole.
    pub(crate) fn status_in(&self, environment: Option<&str>) -> Option<Status> {
        let by_environment = &self.record.status_by_environment;
        let stated = environment.and_then(|name| {
            by_environment.iter().find(|(e, _)| super::policy::same_environment(e, name)).map(|(_, status)| *status)
        });
        stated.or(self.record.status)
    }

    /// Void everywhere.
    pub(crate) fn is_revoked(&self) -> bool {
        let by_environment = &self.record.status_by_environment;
        self.record.status.is_some_and(Status::is_revoked) && by_environment.values().all(|status| !status.is_live())
    }
}

/// When a credential was anywhere. Files of observations that do not tell it as a whole tell it by path.
fn anywhere(seen: &[(usize, &Observation)], sites: &[Site<'_>]) -> Option<Exposure> {
    let wholes = Exposure::join(seen.iter().filter_map(|(_, o)| o.exposure.as_ref()));
    wholes.or_else(|| Exposure::join(sites.iter().flat_map(Site::exposures)))
}

/// The paths of one credential, sorted; sightings of one path are one site.
fn sites<'a>(input: &'a Assessment<'a>, seen: &[(usize, &'a Observation)]) -> Vec<Site<'a>> {
    let mut by_path: BTreeMap<(usize, &RepoPath), Vec<&Sighting>> = BTreeMap::new();
    for (number, observation) in seen {
        for sighting in &observation.sightings {
            by_path.entry((*number, &sighting.path)).or_default().push(sighting);
        }
    }
    let mut sites = Vec::with_capacity(by_path.len());
    for ((number, path), mut sightings) in by_path {
        let observed = &input.observed[number];
        let repository = &observed.repository;
        let named = |name: &str| observed.scope.iter().any(|s| s == name);
        let scope = Scope {
            tree: named("tree") || sightings.iter().any(|s| s.place == Place::Tree),
            history: named("history"),
            shallow: repository.shallow,
        };
        sightings.sort();
        let here = |s: &Sighting| match s.place {
            Place::History => !scope.tree && s.exposure.as_ref().is_some_and(|e| e.at_head),
            Place::Tree | Place::Index | Place::Stdin => true,
        };
        let exposures = sightings.iter().filter_map(|s| s.exposure.as_ref());
        let exposure = exposures.min_by_key(|e| e.introduced.as_ref().map(|c| c.time.as_str()));
        let Some(at) = sightings.iter().position(|s| here(s)).or((!sightings.is_empty()).then_some(0)) else {
            continue;
        };
        let present = here(sightings[at]);
        let sighting = sightings.remove(at);
        let host = seen.iter().find(|(n, _)| *n == number).and_then(|(_, o)| host_of(o));
        let environment = input.policy.environments.of(path, host, repository.branch.as_deref());
        sites.push(Site { repository, path, sighting, others: sightings, present, exposure, environment, scope });
    }
    sites
}

fn changes<'a>(input: &'a Assessment<'a>) -> BTreeMap<&'a str, Vec<&'a RecordChange>> {
    let mut all: BTreeMap<&str, Vec<&RecordChange>> = BTreeMap::new();
    for change in input.inventory_history.into_iter().flat_map(|h| &h.changes).filter(|c| !c.record.is_empty()) {
        all.entry(&change.record).or_default().push(change);
    }
    all
}

/// The host that stood beside a credential.
fn host_of(observation: &Observation) -> Option<&str> {
    let partner = observation.partner.as_ref()?;
    let is_host = partner.evidence == "host" || partner.by.as_ref().is_some_and(|b| b.contains('.'));
    is_host.then_some(partner.by.as_deref()).flatten()
}
