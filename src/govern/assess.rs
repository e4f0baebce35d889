//! The reduce: everything that was observed, together with the inventory and the policy.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::baseline::{Baseline, BaselineEntry};
use super::check::CheckId;
use super::exception::Exceptions;
use super::finding::{Finding, clean};
use super::input::InventoryHistory;
use super::roster::Roster;
use super::verdict::{Family, Ledger, Trail};
use super::world::World;
use super::{
    Policy, approval, correlation, exceptions, leak, lifecycle, offboarding, ownership, placement, reach, reuse,
};
use crate::inventory::Inventory;
use crate::observe::Observed;
use crate::secret::{CredentialId, FindingKey};
use crate::source::coverage::{Coverage, Effect, Reason};

/// Everything that is judged together. What is missing makes checks "not evaluated".
#[derive(Clone, Copy)]
pub struct Assessment<'a> {
    /// What was observed, one entry per repository.
    pub observed: &'a [Observed],
    /// The inventory; without one only the leak checks are evaluated.
    pub inventory: Option<&'a Inventory>,
    /// Thresholds, environments, overrides.
    pub policy: &'a Policy,
    /// The day that governance is judged on, UTC.
    pub as_of: Date,
    /// People and teams.
    pub roster: Option<&'a Roster>,
    /// The inventory's own history, where it is kept in git.
    pub inventory_history: Option<&'a InventoryHistory>,
    /// Permissions to lower findings.
    pub exceptions: Option<&'a Exceptions>,
    /// What is already known.
    pub baseline: Option<&'a Baseline>,
    /// Permissions beside values (`keyward:allow`) count. Not where another side is trusted.
    pub own_permissions: bool,
}

impl<'a> Assessment<'a> {
    /// An assessment of observations alone; the rest is set field by field.
    pub fn new(observed: &'a [Observed], policy: &'a Policy, as_of: Date) -> Self {
        Self {
            observed,
            inventory: None,
            policy,
            as_of,
            roster: None,
            inventory_history: None,
            exceptions: None,
            baseline: None,
            own_permissions: true,
        }
    }
}

/// What the judgement says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Failed checks, sorted.
    pub findings: Vec<Finding>,
    /// How each check went.
    pub checks: BTreeMap<CheckId, CheckState>,
    /// Which record each observation was matched with.
    pub matches: BTreeMap<CredentialId, Matched>,
    /// Entries of the baseline that no finding answers to any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale_baseline: Vec<BaselineEntry>,
    /// What judging could not do; the pipeline adds it to the run's coverage.
    #[serde(skip)]
    pub coverage: Coverage,
}

/// How a check went over all its subjects. A check that could not be evaluated has not passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckState {
    /// Subjects for which it was evaluated.
    pub evaluated: u64,
    /// Of these, those for which it failed.
    pub failed: u64,
    /// Subjects for which its inputs are missing, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_evaluated: BTreeMap<String, u64>,
}

/// An observation's record, or records where several fit equally well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// `certain`, `high`, `medium`, `low`, `suggestion`, `none` or `not comparable`.
    pub level: String,
    /// What matched: `hmac-sha256`, `key id`, `last 8`.
    pub by: String,
    /// Ids of the records.
    pub records: Vec<String>,
    /// The days of a bound record's life, by field: `issued_at`, `approved_at`, `expires_at`, `revoked_at`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<String, String>,
}

/// All families but that of the exceptions, which looks at what these found.
const FAMILIES: [Family; 9] = [
    leak::FAMILY,
    correlation::FAMILY,
    ownership::FAMILY,
    approval::FAMILY,
    lifecycle::FAMILY,
    offboarding::FAMILY,
    reuse::FAMILY,
    reach::FAMILY,
    placement::FAMILY,
];

/// Judges.
pub fn assess(input: &Assessment<'_>) -> Judgement {
    judge(&World::new(input), Ledger::new(input.policy)).0
}

/// Judges, and tells what the ledger remembers of every subject.
pub(crate) fn judge(world: &World<'_>, mut ledger: Ledger<'_>) -> (Judgement, Trail) {
    let input = world.input;
    for family in FAMILIES {
        ledger.ask(world, family);
    }
    exceptions::judge(world, &mut ledger);
    let mut allowed = super::allowances::judge(world, &mut ledger);
    allowed.merge(super::inline::judge(world, &mut ledger));
    let (mut findings, checks, trail) = ledger.finish();
    sort(&mut findings);
    tell_apart(&mut findings);
    // A part of a repository or a change cannot tell what is gone.
    let whole = input.observed.iter().all(|o| o.scope.iter().any(|s| s == "tree"));
    let judged = |id| whole && checks.get(&id).is_none_or(|s: &CheckState| s.not_evaluated.is_empty());
    let mut stale_baseline = input.baseline.map(|b| b.apply(&mut findings, judged)).unwrap_or_default();
    if input.observed.iter().flat_map(|o| o.coverage.counts.keys()).any(|r| r.effect() == Effect::Gap) {
        stale_baseline.clear();
    }
    let matches = world.cases.iter().map(|c| (c.credential, c.binding.matched(input.inventory))).collect();
    (Judgement { findings, checks, matches, stale_baseline, coverage: coverage(world, allowed) }, trail)
}

fn coverage(world: &World<'_>, mut coverage: Coverage) -> Coverage {
    if let Some(inventory) = world.input.inventory {
        if world.nothing_comparable {
            coverage.add(Reason::NotComparable, "inventory", "fingerprints made with a pepper that was not supplied");
        }
        for name in &world.foreign_digests {
            let what = if name.len() == 8 { format!("pepper {name}") } else { format!("digests of {name}") };
            coverage.add(Reason::ForeignDigests, "inventory", what);
        }
        for observed in world.input.observed.iter().filter(|o| !o.watchlist) {
            coverage.add(Reason::NoWatchlist, clean(&observed.repository.name), "");
        }
        if inventory.records.is_empty() {
            // An export that failed looks like this, and nothing would ever be found wanting.
            coverage.add(Reason::NotComparable, "inventory", "it holds no record of a credential");
        }
        let set_aside = inventory.errors.iter().filter(|e| e.set_aside).map(|e| &e.at).collect::<BTreeSet<_>>();
        coverage.count(Reason::InventoryRows, set_aside.len() as u64);
    }
    coverage
}

/// The gravest first, then by check and place.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (b.level, a.check, &a.primary, &a.subject, &a.related, &a.message)
            .cmp(&(a.level, b.check, &b.primary, &b.subject, &b.related, &b.message))
    });
}

/// Findings that would have one identity (the same path in two repositories, one record id twice)
/// get different ones; the first by repository and place keeps its own.
fn tell_apart(findings: &mut [Finding]) {
    let mut by_key: BTreeMap<FindingKey, Vec<usize>> = BTreeMap::new();
    for (n, finding) in findings.iter().enumerate() {
        by_key.entry(finding.key).or_default().push(n);
    }
    for (key, mut same) in by_key {
        same.sort_by_key(|n| {
            let finding = &findings[*n];
            (finding.facts.get("repository").map(ToString::to_string), finding.primary.clone())
        });
        for (ordinal, n) in same.into_iter().enumerate().skip(1) {
            let repository = findings[n].facts.get("repository").map(ToString::to_string).unwrap_or_default();
            let parts = [key.to_string(), repository, ordinal.to_string()];
            let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
            findings[n].key = FindingKey::from_parts(&parts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_function_and_every_function_a_row() {
        let asked = FAMILIES.iter().flat_map(|f| f.iter().map(|(id, _)| CheckId(*id)));
        let asked: BTreeSet<CheckId> = asked.chain(exceptions::ALL.map(CheckId)).chain([CheckId(811)]).collect();
        let rows: BTreeSet<CheckId> = super::super::checks::all().iter().map(|c| c.id).collect();
        assert_eq!(asked, rows);
    }
}
