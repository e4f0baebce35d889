//! A credential and the places where it is or was.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::assess::Assessment;
use super::super::finding::{FindingBuilder, Spot};
use super::super::join::Binding;
use super::super::policy::Environment;
use super::finding::spot;
use super::{World, end_of};
use crate::detect::{Kind, PathClass};
use crate::observe::{CommitRef, Exposure, Observation, Repository, Sighting};
use crate::secret::CredentialId;
use crate::source::{Place, RepoPath};

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

/// When a credential was anywhere. Files of observations that do not tell it as a whole tell it by path.
pub(super) fn anywhere(seen: &[(usize, &Observation)], sites: &[Site<'_>]) -> Option<Exposure> {
    let wholes = Exposure::join(seen.iter().filter_map(|(_, o)| o.exposure.as_ref()));
    wholes.or_else(|| Exposure::join(sites.iter().flat_map(Site::exposures)))
}

/// The paths of one credential, sorted; sightings of one path are one site.
pub(super) fn sites<'a>(input: &'a Assessment<'a>, seen: &[(usize, &'a Observation)]) -> Vec<Site<'a>> {
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
        let others = sightings;
        let beside = std::iter::once(sighting).chain(others.iter().copied()).find_map(|s| s.host.as_deref());
        let host = beside.or_else(|| seen.iter().find(|(n, _)| *n == number).and_then(|(_, o)| host_of(o)));
        let environment = input.policy.environments.of(path, host, repository.branch.as_deref());
        sites.push(Site { repository, path, sighting, others, present, exposure, environment, scope });
    }
    sites
}

/// The host that stood beside a credential.
fn host_of(observation: &Observation) -> Option<&str> {
    let partner = observation.partner.as_ref()?;
    let is_host = partner.evidence == "host" || partner.by.as_ref().is_some_and(|b| b.contains('.'));
    is_host.then_some(partner.by.as_deref()).flatten()
}
