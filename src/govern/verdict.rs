//! What a check says of one subject, and the ledger that counts it.

use std::collections::BTreeMap;

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;

use super::assess::CheckState;
use super::check::CheckId;
use super::checks;
use super::finding::{Finding, FindingBuilder};
use super::policy::Policy;
use super::world::{Case, Entry, World};

/// What a check says of one subject. Missing input is a verdict of its own: it never passes.
pub(crate) enum Verdict {
    /// The question does not arise.
    NotApplicable,
    /// Evaluated, and fine.
    Pass,
    /// An input is missing: which.
    NotEvaluated(&'static str),
    /// Evaluated, and not fine: one finding, or one per path.
    Fail(Vec<FindingBuilder>),
}

impl Verdict {
    /// Fails with one finding.
    pub(crate) fn fail(finding: FindingBuilder) -> Self {
        Self::Fail(vec![finding])
    }

    /// Fails with these findings, or passes if there are none.
    pub(crate) fn fail_each(findings: Vec<FindingBuilder>) -> Self {
        if findings.is_empty() { Self::Pass } else { Self::Fail(findings) }
    }

    /// Passes or fails with one finding.
    pub(crate) fn fail_if(fails: bool, finding: impl FnOnce() -> FindingBuilder) -> Self {
        if fails { Self::fail(finding()) } else { Self::Pass }
    }

    /// Without its findings; `None` where the question did not arise.
    fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::NotApplicable => None,
            Self::Pass => Some(Outcome::Pass),
            Self::NotEvaluated(why) => Some(Outcome::NotEvaluated(why)),
            Self::Fail(_) => Some(Outcome::Fail),
        }
    }
}

/// Why checks could not be evaluated; counted in the report.
pub(crate) mod reason {
    pub(crate) const NO_INVENTORY: &str = "no inventory was given";
    pub(crate) const NO_ROSTER: &str = "no roster of people was given";
    pub(crate) const NO_EXCEPTIONS: &str = "no exceptions were given";
    pub(crate) const NO_HISTORY: &str = "history was not scanned";
    pub(crate) const SHALLOW: &str = "history is cut short: a shallow clone";
    pub(crate) const NO_TREE: &str = "neither a working tree nor the tree at HEAD was scanned";
    pub(crate) const NOT_COMPARABLE: &str = "nothing in the inventory can be compared with it: pepper not supplied";
    pub(crate) const ROWS_SET_ASIDE: &str = "inventory rows were set aside, and one of them may be its record";
    pub(crate) const NO_INVENTORY_HISTORY: &str = "the inventory's own history was not given";
    pub(crate) const INVENTORY_HISTORY_CUT: &str = "earlier versions of the inventory were not read";
    pub(crate) const NO_CHANGE: &str = "no change is being judged: it needs a range of commits";
    pub(crate) const NO_PARTNERS: &str = "the inventory has no partner records";
    pub(crate) const NO_CLAIMS: &str = "the credential says nothing about it that can be read offline";
}

type CaseCheck = fn(&World<'_>, &Case<'_>) -> Verdict;
type EntryCheck = fn(&World<'_>, &Entry<'_>) -> Verdict;
type PairCheck = fn(&World<'_>, &Case<'_>, &Entry<'_>) -> Verdict;
type WholeCheck = fn(&World<'_>) -> Vec<Verdict>;

/// How a check is asked.
pub(crate) enum Ask {
    /// Of every credential that was observed.
    Case(CaseCheck),
    /// Of every record of the inventory.
    Entry(EntryCheck),
    /// Of every credential with every record that it is bound to.
    Pair(PairCheck),
    /// Of everything at once.
    Whole(WholeCheck),
}

/// Subjects that are asked together.
const CHUNK: usize = 512;

/// What one check said of several subjects.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    not_evaluated: Vec<(&'static str, u64)>,
    findings: Vec<Finding>,
    /// Of each subject, where they are remembered.
    outcomes: Vec<Option<Outcome>>,
}

impl Tally {
    fn count(&mut self, id: CheckId, verdict: Verdict, policy: &Policy) {
        match verdict {
            Verdict::NotApplicable => {}
            Verdict::Pass => self.passed += 1,
            Verdict::NotEvaluated(why) => match self.not_evaluated.iter_mut().find(|(known, _)| *known == why) {
                Some((_, n)) => *n += 1,
                None => self.not_evaluated.push((why, 1)),
            },
            Verdict::Fail(findings) => {
                self.failed += 1;
                let check = checks::get(id);
                self.findings.extend(findings.into_iter().filter_map(|f| Some(f.build(check?, policy))));
            }
        }
    }
}

/// The checks of one family.
pub(crate) type Family = &'static [(u16, Ask)];

/// What a check said of one subject, without its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Evaluated, and fine.
    Pass,
    /// Evaluated, and not fine.
    Fail,
    /// An input is missing: which.
    NotEvaluated(&'static str),
}

/// Outcomes of one subject, in the order in which it was asked.
pub(crate) type Outcomes = Vec<(CheckId, Outcome)>;

/// What every check said of every credential and record: the reproducible part of the evidence. Kept
/// only where it is asked for.
#[derive(Default)]
pub(crate) struct Trail {
    /// By number of the credential.
    pub cases: BTreeMap<usize, Outcomes>,
    /// By number of the record.
    pub entries: BTreeMap<usize, Outcomes>,
    /// By number of the credential and of the record.
    pub pairs: BTreeMap<(usize, usize), Outcomes>,
}

/// Counts verdicts and collects findings.
pub(crate) struct Ledger<'a> {
    policy: &'a Policy,
    findings: Vec<Finding>,
    states: BTreeMap<CheckId, CheckState>,
    trail: Option<Trail>,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(policy: &'a Policy) -> Self {
        let states = checks::all().iter().map(|check| (check.id, CheckState::default())).collect();
        Self { policy, findings: Vec::new(), states, trail: None }
    }

    /// The same, which remembers the outcome of every single subject.
    pub(crate) fn with_trail(policy: &'a Policy) -> Self {
        Self { trail: Some(Trail::default()), ..Self::new(policy) }
    }

    /// Asks the checks of a family.
    pub(crate) fn ask(&mut self, world: &World<'_>, family: Family) {
        for (number, ask) in family {
            let id = CheckId(*number);
            match ask {
                Ask::Case(check) => {
                    let tallies = self.tally(id, &world.cases, |case| check(world, case));
                    self.add_each(id, tallies, |trail, number| trail.cases.entry(number).or_default());
                }
                Ask::Whole(check) => {
                    let tally = self.tally_of(id, check(world));
                    self.add(id, tally);
                }
                Ask::Entry(_) | Ask::Pair(_) if world.input.inventory.is_none() => {
                    self.record(id, Verdict::NotEvaluated(reason::NO_INVENTORY));
                }
                Ask::Entry(check) => {
                    let tallies = self.tally(id, &world.entries, |entry| check(world, entry));
                    self.add_each(id, tallies, |trail, index| trail.entries.entry(index).or_default());
                }
                Ask::Pair(check) => {
                    for (number, case) in world.cases.iter().enumerate() {
                        if case.binding.not_comparable {
                            let verdict = Verdict::NotEvaluated(reason::NOT_COMPARABLE);
                            self.remember(verdict.outcome(), |trail| trail.cases.entry(number).or_default(), id);
                            self.record(id, verdict);
                        }
                        for entry in world.bound(case) {
                            let verdict = check(world, case, entry);
                            let key = (number, entry.index);
                            self.remember(verdict.outcome(), |trail| trail.pairs.entry(key).or_default(), id);
                            self.record(id, verdict);
                        }
                    }
                }
            }
        }
    }

    /// Asks one check of many subjects. A hundred thousand verdicts are counted where they are made.
    fn tally<T: Sync>(&self, id: CheckId, subjects: &[T], check: impl Fn(&T) -> Verdict + Sync) -> Vec<Tally> {
        subjects.par_chunks(CHUNK).map(|chunk| self.tally_of(id, chunk.iter().map(&check))).collect()
    }

    fn tally_of(&self, id: CheckId, verdicts: impl IntoIterator<Item = Verdict>) -> Tally {
        let mut tally = Tally::default();
        for verdict in verdicts {
            if self.trail.is_some() {
                tally.outcomes.push(verdict.outcome());
            }
            tally.count(id, verdict, self.policy);
        }
        tally
    }

    /// Adds the tallies of consecutive subjects.
    fn add_each(&mut self, id: CheckId, tallies: Vec<Tally>, place: impl Fn(&mut Trail, usize) -> &mut Outcomes) {
        let mut number = 0;
        for mut tally in tallies {
            for outcome in std::mem::take(&mut tally.outcomes) {
                self.remember(outcome, |trail| place(trail, number), id);
                number += 1;
            }
            self.add(id, tally);
        }
    }

    fn remember(&mut self, outcome: Option<Outcome>, place: impl FnOnce(&mut Trail) -> &mut Outcomes, id: CheckId) {
        if let (Some(trail), Some(outcome)) = (&mut self.trail, outcome) {
            place(trail).push((id, outcome));
        }
    }

    /// Counts a verdict and keeps its findings.
    pub(crate) fn record(&mut self, id: CheckId, verdict: Verdict) {
        let mut tally = Tally::default();
        tally.count(id, verdict, self.policy);
        self.add(id, tally);
    }

    fn add(&mut self, id: CheckId, tally: Tally) {
        let state = self.states.entry(id).or_default();
        state.evaluated += tally.passed + tally.failed;
        state.failed += tally.failed;
        for (why, count) in tally.not_evaluated {
            match state.not_evaluated.get_mut(why) {
                Some(n) => *n += count,
                None => drop(state.not_evaluated.insert(why.to_owned(), count)),
            }
        }
        self.findings.extend(tally.findings);
    }

    /// What was found so far; exceptions change its disposition.
    pub(crate) fn findings_mut(&mut self) -> &mut [Finding] {
        &mut self.findings
    }

    /// How the checks went so far.
    pub(crate) fn states(&self) -> &BTreeMap<CheckId, CheckState> {
        &self.states
    }

    pub(crate) fn finish(self) -> (Vec<Finding>, BTreeMap<CheckId, CheckState>, Trail) {
        (self.findings, self.states, self.trail.unwrap_or_default())
    }
}
