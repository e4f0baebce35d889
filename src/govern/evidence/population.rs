//! The whole population: every record, and every credential that no record claims.

use std::collections::{BTreeMap, BTreeSet};

use super::super::assess::Judgement;
use super::super::check::CheckId;
use super::super::finding::Subject;
use super::super::verdict::{Outcome, Trail};
use super::super::world::{Case, Entry, World, name_of};

/// Everything that belongs to one record, or to one credential without a record.
pub(super) struct Line<'w, 'a> {
    /// The record.
    pub entry: Option<&'w Entry<'a>>,
    /// The credentials bound to it, or the one that is not bound.
    pub cases: Vec<&'w Case<'a>>,
    /// What the checks said; of several credentials of one record, the worst.
    pub outcomes: BTreeMap<CheckId, Outcome>,
    /// Checks whose findings are all accepted.
    pub accepted: BTreeSet<CheckId>,
    /// Exceptions that accept something.
    pub exceptions: BTreeSet<String>,
}

/// All lines, in the order of the inventory, then of the credentials.
pub(super) struct Population<'w, 'a> {
    pub lines: Vec<Line<'w, 'a>>,
}

/// What became of the findings about one subject, by check.
#[derive(Default)]
struct Told {
    failed: BTreeSet<CheckId>,
    open: BTreeSet<CheckId>,
    exceptions: BTreeSet<String>,
}

impl<'w, 'a> Population<'w, 'a> {
    pub(super) fn new(world: &'w World<'a>, judgement: &Judgement, trail: &Trail) -> Self {
        let told = tell(judgement);
        let mut lines = Vec::with_capacity(world.entries.len() + world.cases.len());
        for entry in &world.entries {
            let mut line = Line::new(Some(entry), entry.cases.iter().map(|n| &world.cases[*n]).collect());
            line.add(trail.entries.get(&entry.index));
            for number in &entry.cases {
                line.add(trail.cases.get(number));
                line.add(trail.pairs.get(&(*number, entry.index)));
            }
            line.judge(&told);
            lines.push(line);
        }
        for (number, case) in world.cases.iter().enumerate() {
            if case.binding.bound().is_empty() {
                let mut line = Line::new(None, vec![case]);
                line.add(trail.cases.get(&number));
                line.judge(&told);
                lines.push(line);
            }
        }
        Self { lines }
    }
}

impl<'w, 'a> Line<'w, 'a> {
    fn new(entry: Option<&'w Entry<'a>>, cases: Vec<&'w Case<'a>>) -> Self {
        Self { entry, cases, outcomes: BTreeMap::new(), accepted: BTreeSet::new(), exceptions: BTreeSet::new() }
    }

    fn add(&mut self, outcomes: Option<&Vec<(CheckId, Outcome)>>) {
        for (id, outcome) in outcomes.into_iter().flatten() {
            let known = self.outcomes.entry(*id).or_insert(*outcome);
            if rank(*outcome) > rank(*known) {
                *known = *outcome;
            }
        }
    }

    /// Adds what checks of the whole inventory said of it, and what is accepted.
    fn judge(&mut self, told: &BTreeMap<Subject, Told>) {
        let mut open = BTreeSet::new();
        for subject in self.subjects() {
            let Some(told) = told.get(&subject) else { continue };
            for id in &told.failed {
                // What a check said of another record of the same credential is that record's.
                let whole = !self.outcomes.contains_key(id) && matches!(subject, Subject::Record(_));
                if whole {
                    self.outcomes.insert(*id, Outcome::Fail);
                }
                self.accepted.insert(*id);
            }
            open.extend(told.open.iter().copied());
            self.exceptions.extend(told.exceptions.iter().cloned());
        }
        let outcomes = &self.outcomes;
        self.accepted.retain(|id| !open.contains(id) && outcomes.get(id) == Some(&Outcome::Fail));
    }

    fn subjects(&self) -> Vec<Subject> {
        let record = self.entry.map(|e| Subject::Record(name_of(e.record)));
        record.into_iter().chain(self.cases.iter().map(|c| Subject::Credential(c.credential))).collect()
    }

    /// What a check said; `None` where the question does not arise.
    pub(super) fn outcome(&self, number: u16) -> Option<Outcome> {
        self.outcomes.get(&CheckId(number)).copied()
    }

    /// Whether a check passed or failed; `None` where it was not evaluated.
    pub(super) fn passed(&self, number: u16) -> Option<bool> {
        match self.outcome(number)? {
            Outcome::Pass => Some(true),
            Outcome::Fail => Some(false),
            Outcome::NotEvaluated(_) => None,
        }
    }

    /// Whose it is.
    pub(super) fn partner(&self) -> Option<&str> {
        let recorded = self.entry.map(|e| e.record.partner_id.as_str()).filter(|p| !p.is_empty());
        recorded.or_else(|| self.cases.iter().find_map(|c| c.observation.partner.as_ref()).map(|p| p.id.as_str()))
    }
}

/// What matters most of several outcomes: a failure, then what could not be told.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => 0,
        Outcome::NotEvaluated(_) => 1,
        Outcome::Fail => 2,
    }
}

fn tell(judgement: &Judgement) -> BTreeMap<Subject, Told> {
    use super::super::finding::Disposition;
    let mut all: BTreeMap<Subject, Told> = BTreeMap::new();
    for finding in &judgement.findings {
        let told = all.entry(finding.subject.clone()).or_default();
        told.failed.insert(finding.check);
        match &finding.disposition {
            Disposition::Open => drop(told.open.insert(finding.check)),
            Disposition::Excepted { id, .. } => drop(told.exceptions.insert(id.clone())),
            Disposition::Baselined => {}
        }
    }
    all
}
