//! What `[[allow]]` of keyward.toml covers, and whether it still covers anything.
//!
//! A covered finding is shown as accepted, by the place of its permission, and counted. A permission that
//! has ended covers nothing, and one that nothing needs any more is a finding.

use super::check::CheckId;
use super::finding::{Disposition, Finding, FindingBuilder, Subject, clean};
use super::policy::Allowance;
use super::text::plural;
use super::verdict::{Ledger, Verdict, reason};
use super::world::{Case, World, row_spot};
use crate::observe::mask_text;
use crate::source::coverage::{Coverage, Effect, Entry, Reason};

/// Lowers what is covered, then judges the permissions themselves.
pub(super) fn judge(world: &World<'_>, ledger: &mut Ledger<'_>) -> Coverage {
    let allowances = &world.input.policy.allowances;
    let mut uses = vec![Uses::default(); allowances.len()];
    for finding in ledger.findings_mut() {
        let Subject::Credential(credential) = finding.subject else { continue };
        let Some(case) = world.case(credential) else { continue };
        for (allowance, uses) in allowances.iter().zip(&mut uses) {
            if !covers(allowance, finding, case) {
                continue;
            }
            uses.named += 1;
            if finding.is_open() && is_in_force(world, allowance) {
                uses.covered += 1;
                let until = allowance.until.map(|d| d.to_string()).unwrap_or_default();
                finding.disposition = Disposition::Excepted { id: clean(&allowance.place()), until };
            }
        }
    }
    let mut coverage = Coverage::default();
    for (allowance, uses) in allowances.iter().zip(uses) {
        if uses.covered > 0 {
            coverage.count(Reason::AllowedByConfig, uses.covered);
            let detail = format!("{}: {}", plural(uses.covered, "finding"), clean(&mask_text(&allowance.reason)));
            coverage.entries.push(Entry { reason: Reason::AllowedByConfig, subject: allowance.place(), detail });
        }
        for (id, verdict) in verdicts(world, ledger, allowance, uses) {
            ledger.record(CheckId(id), verdict);
        }
    }
    coverage
}

/// How often a permission was called for.
#[derive(Clone, Copy, Default)]
struct Uses {
    /// Findings that it names, whether or not it is in force.
    named: u64,
    /// Findings that it covers.
    covered: u64,
}

fn is_in_force(world: &World<'_>, allowance: &Allowance) -> bool {
    allowance.until.is_none_or(|until| until >= world.as_of())
}

/// Whether all of a finding is within a permission: every place of it, and its credential.
fn covers(allowance: &Allowance, finding: &Finding, case: &Case<'_>) -> bool {
    let observation = case.observation;
    let paths = allowance.paths.as_ref().is_none_or(|paths| {
        let places = finding.related.iter().filter(|s| s.place.is_some());
        std::iter::once(&finding.primary).chain(places).all(|spot| paths.matches(&spot.path))
    });
    let values = allowance.values.as_ref().is_none_or(|values| {
        values.fingerprints.iter().any(|f| observation.fingerprints.contains(f))
            || values.credentials.contains(&case.credential.to_string())
            || values.patterns.iter().any(|p| observation.listed.contains(p))
    });
    allowance.checks.contains(&finding.check) && paths && values
}

fn verdicts(world: &World<'_>, ledger: &Ledger<'_>, allowance: &Allowance, uses: Uses) -> [(u16, Verdict); 2] {
    let finding = |message: String| {
        let spot = row_spot(&allowance.file, allowance.line, "");
        FindingBuilder::new(Subject::Governance(allowance.subject()), spot, &[])
            .message(format!("The permission at {} {message}", allowance.place()))
    };
    let ended = !is_in_force(world, allowance);
    let expired = Verdict::fail_if(ended && uses.named > 0, || {
        let are = if uses.named == 1 { "is" } else { "are" };
        finding(format!("has ended, and {} that it covered {are} open again.", plural(uses.named, "finding")))
    });
    [(801, expired), (809, unused(world, ledger, allowance, uses, &finding))]
}

/// KW809: nothing needs it. Only a scan of everything that it is about can say so.
fn unused(
    world: &World<'_>,
    ledger: &Ledger<'_>,
    allowance: &Allowance,
    uses: Uses,
    finding: &dyn Fn(String) -> FindingBuilder,
) -> Verdict {
    if uses.named > 0 {
        return Verdict::Pass;
    }
    let observed = world.input.observed;
    let whole = observed.iter().all(|o| o.scope.iter().any(|s| s == "tree"));
    let gap = observed.iter().flat_map(|o| o.coverage.counts.keys()).any(|r| r.effect() == Effect::Gap);
    if !whole || gap {
        return Verdict::NotEvaluated("not everything that a permission of keyward.toml is about was scanned");
    }
    let history = observed.iter().all(|o| o.scope.iter().any(|s| s == "history"));
    let asked: Vec<_> = allowance.checks.iter().filter(|id| history || **id != CheckId(2)).collect();
    if asked.is_empty() {
        return Verdict::NotEvaluated(reason::NO_HISTORY);
    }
    let unasked = |id: &&CheckId| ledger.states().get(id).is_some_and(|s| !s.not_evaluated.is_empty());
    if asked.iter().any(|id| **id != CheckId(2) && unasked(id)) {
        return Verdict::NotEvaluated("a check that a permission of keyward.toml covers was not evaluated");
    }
    let ended = if is_in_force(world, allowance) { "" } else { "has ended and " };
    Verdict::fail(finding(format!("{ended}covers nothing{}.", if history { "" } else { " in the tree" })))
}
