//! Two scorecards side by side, and what keeps them from being compared.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::model::{Evidence, Run};
use super::{Better, Metric, Standing};

/// Two evidence files, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison<'e> {
    /// The run of the first.
    pub old: &'e Run,
    /// The run of the second.
    pub new: &'e Run,
    /// What differs in how they were made, so that a change may come from there.
    pub caveats: Vec<String>,
    /// Every metric of either.
    pub metrics: Vec<Change<'e>>,
}

/// What became of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change<'e> {
    /// As it was; `null` if it was not there.
    pub old: Option<&'e Metric>,
    /// As it is; `null` if it is not there any more.
    pub new: Option<&'e Metric>,
    /// New value less old value; `null` if one of them is missing.
    pub change: Option<f64>,
    /// What that means.
    pub direction: Direction,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Better than before.
    Better,
    /// Worse than before.
    Worse,
    /// As before.
    Same,
    /// Another value, which is neither better nor worse.
    Changed,
    /// One of the two could not be evaluated.
    NotComparable,
}

impl Direction {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Changed => "changed",
            Self::NotComparable => "not comparable",
        }
    }
}

impl<'e> Comparison<'e> {
    /// Of two evidence files, the older one first.
    pub fn of(old: &'e Evidence, new: &'e Evidence) -> Self {
        let find = |all: &'e Evidence, id: &str| all.scorecard.metrics.iter().find(|m| m.id == id);
        let mut metrics: Vec<Change<'e>> =
            new.scorecard.metrics.iter().map(|m| change(find(old, &m.id), Some(m))).collect();
        let gone = old.scorecard.metrics.iter().filter(|m| find(new, &m.id).is_none());
        metrics.extend(gone.map(|m| change(Some(m), None)));
        Self { old: &old.run, new: &new.run, caveats: caveats(&old.run, &new.run), metrics }
    }

    /// How many metrics went this way.
    pub fn count(&self, direction: Direction) -> usize {
        self.metrics.iter().filter(|m| m.direction == direction).count()
    }
}

fn change<'e>(old: Option<&'e Metric>, new: Option<&'e Metric>) -> Change<'e> {
    let (before, after) = (old.and_then(|m| m.value), new.and_then(|m| m.value));
    let comparable = matches!((old, new), (Some(a), Some(b)) if a.formula == b.formula && a.measure == b.measure);
    let by = before.zip(after).filter(|_| comparable).map(|(a, b)| round(b - a));
    let direction = match (by, new.map(|m| m.better)) {
        (None, _) | (_, None) => Direction::NotComparable,
        (Some(0.0), _) => standing(old, new),
        (Some(by), Some(Better::Higher)) => {
            if by > 0.0 {
                Direction::Better
            } else {
                Direction::Worse
            }
        }
        (Some(by), Some(Better::Lower)) => {
            if by < 0.0 {
                Direction::Better
            } else {
                Direction::Worse
            }
        }
        (Some(_), Some(Better::Neither)) => Direction::Changed,
    };
    Change { old, new, change: by, direction }
}

/// The value is the same; what it is about may have changed all the same.
fn standing(old: Option<&Metric>, new: Option<&Metric>) -> Direction {
    match (old.map(|m| m.standing), new.map(|m| m.standing)) {
        (Some(Standing::Missed), Some(Standing::Met)) => Direction::Better,
        (Some(Standing::Met), Some(Standing::Missed)) => Direction::Worse,
        (a, b) if a == b => Direction::Same,
        _ => Direction::Changed,
    }
}

/// Shares have one decimal, medians a half.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn caveats(old: &Run, new: &Run) -> Vec<String> {
    let mut all = Vec::new();
    if old.as_of > new.as_of {
        all.push(format!("The first was judged on a later day ({}) than the second ({}).", old.as_of, new.as_of));
    }
    if old.version != new.version {
        all.push(format!("They were made by different versions: {} and {}.", old.version, new.version));
    }
    if (&old.profile, &old.policy_sha256) != (&new.profile, &new.policy_sha256) {
        all.push("The policy changed: limits and targets may be others.".to_owned());
    }
    if old.scope != new.scope {
        let words = |run: &Run| if run.scope.is_empty() { "nothing".to_owned() } else { run.scope.join(" and ") };
        all.push(format!("They looked at different sources: {} before, {} now.", words(old), words(new)));
    }
    let names = |run: &Run| run.repositories.iter().map(|r| r.name.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (names(old), names(new));
    for (here, there, word) in [(&before, &after, "only before"), (&after, &before, "only now")] {
        let alone: Vec<&str> = here.difference(there).map(String::as_str).collect();
        if !alone.is_empty() {
            let more = alone.len().saturating_sub(10);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            all.push(format!("Looked at {word}: {}{more}.", alone[..alone.len().min(10)].join(", ")));
        }
    }
    let has = |run: &Run, role: &str| run.inputs.iter().any(|i| i.role == role);
    for role in ["inventory", "roster", "exceptions"] {
        if has(old, role) != has(new, role) {
            let which = if has(new, role) { "the second" } else { "the first" };
            all.push(format!("Only {which} was judged with {} {role}.", if role == "roster" { "a" } else { "the" }));
        }
    }
    for (run, which) in [(old, "first"), (new, "second")] {
        if !run.complete {
            all.push(format!("The {which} is incomplete: not everything that was asked for was scanned."));
        }
    }
    all
}
