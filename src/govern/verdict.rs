//! What a check says of one subject, and the ledger that counts it.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

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
                    let verdicts: Vec<Verdict> = world.cases.par_iter().map(|case| check(world, case)).collect();
                    for (number, verdict) in verdicts.into_iter().enumerate() {
                        self.remember(id, &verdict, |trail| trail.cases.entry(number).or_default());
                        self.record(id, verdict);
                    }
                }
                Ask::Whole(check) => check(world).into_iter().for_each(|verdict| self.record(id, verdict)),
                Ask::Entry(_) | Ask::Pair(_) if world.input.inventory.is_none() => {
                    self.record(id, Verdict::NotEvaluated(reason::NO_INVENTORY));
                }
                Ask::Entry(check) => {
                    let verdicts: Vec<Verdict> = world.entries.par_iter().map(|entry| check(world, entry)).collect();
                    for (entry, verdict) in world.entries.iter().zip(verdicts) {
                        self.remember(id, &verdict, |trail| trail.entries.entry(entry.index).or_default());
                        self.record(id, verdict);
                    }
                }
                Ask::Pair(check) => {
                    for (number, case) in world.cases.iter().enumerate() {
                        if case.binding.not_comparable {
                            let verdict = Verdict::NotEvaluated(reason::NOT_COMPARABLE);
                            self.remember(id, &verdict, |trail| trail.cases.entry(number).or_default());
                            self.record(id, verdict);
                        }
                        for entry in world.bound(case) {
                            let verdict = check(world, case, entry);
                            let key = (number, entry.index);
                            self.remember(id, &verdict, |trail| trail.pairs.entry(key).or_default());
                            self.record(id, verdict);
                        }
                    }
                }
            }
        }
    }

    fn remember(&mut self, id: CheckId, verdict: &Verdict, place: impl FnOnce(&mut Trail) -> &mut Outcomes) {
        let Some(trail) = &mut self.trail else { return };
        let outcome = match verdict {
            Verdict::NotApplicable => return,
            Verdict::Pass => Outcome::Pass,
            Verdict::NotEvaluated(why) => Outcome::NotEvaluated(why),
            Verdict::Fail(_) => Outcome::Fail,
        };
        place(trail).push((id, outcome));
    }

    /// Counts a verdict and keeps its findings.
    pub(crate) fn record(&mut self, id: CheckId, verdict: Verdict) {
        let Some(check) = checks::get(id) else { return };
        let state = self.states.entry(id).or_default();
        match verdict {
            Verdict::NotApplicable => {}
            Verdict::Pass => state.evaluated += 1,
            Verdict::NotEvaluated(why) => match state.not_evaluated.get_mut(why) {
                Some(n) => *n += 1,
                None => drop(state.not_evaluated.insert(why.to_owned(), 1)),
            },
            Verdict::Fail(findings) => {
                state.evaluated += 1;
                state.failed += 1;
                self.findings.extend(findings.into_iter().map(|f| f.build(check, self.policy)));
            }
        }
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
