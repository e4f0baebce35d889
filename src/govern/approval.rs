//! KW3xx: who allowed it, where that is written, and whether it came first.

use super::check::Level;
use super::facts;
use super::ownership::{all_owners, same_person};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, World, name_of};
use crate::inventory::Status;

pub(super) const FAMILY: Family = &[
    (301, Ask::Entry(no_approver)),
    (302, Ask::Entry(no_record)),
    (303, Ask::Entry(self_approved)),
    (308, Ask::Pair(not_approved)),
];

/// KW301: nobody is named.
fn no_approver(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.approved_by.trim().is_empty(), || {
        world.on_entry(entry).message(format!("Record {} names no approver.", name_of(entry.record)))
    })
}

/// KW302: somebody is named, and nothing shows it.
fn no_record(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.approved_by.trim().is_empty() {
        return Verdict::NotApplicable;
    }
    let reference = record.approval_ref.trim();
    let fits = world.input.policy.approval.ref_patterns.is_match(reference);
    Verdict::fail_if(!fits, || {
        let what = if reference.is_empty() { "no reference to the approval" } else { "a reference that is no ticket, change or address" };
        world
            .on_entry(entry)
            .message(format!("Record {} names an approver and {what}.", name_of(record)))
            .fact(facts::APPROVER, record.approved_by.as_str())
            .fact(facts::TICKET, reference)
    })
}

/// KW303: the approver approved their own.
fn self_approved(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let (record, roster) = (entry.record, world.input.roster);
    let approver = record.approved_by.trim();
    if !entry.is_in_force() || approver.is_empty() {
        return Verdict::NotApplicable;
    }
    let separated = |role: &str| world.input.policy.approval.separation_of_duties.iter().any(|s| s == role);
    let mut roles = Vec::new();
    if separated("owner") && all_owners(record).iter().any(|o| same_person(roster, o, approver)) {
        roles.push("owner");
    }
    if separated("requester") && same_person(roster, &record.requested_by, approver) {
        roles.push("requester");
    }
    let mut unknown_committer = false;
    if separated("introducing_committer") {
        for case in world.cases_of(entry).filter(|c| c.binding.is_strong()) {
            let Some((commit, _)) = case.introduced() else { continue };
            match world.input.committers.and_then(|c| c.get(&commit.commit)) {
                Some(names) if names.iter().any(|n| same_person(roster, n, approver)) => roles.push("introducing committer"),
                Some(_) => {}
                None => unknown_committer = true,
            }
        }
    }
    roles.dedup();
    if roles.is_empty() {
        if unknown_committer {
            return Verdict::NotEvaluated("who committed the credential is not known");
        }
        return Verdict::Pass;
    }
    let message = format!("The approver of record {} is also its {}.", name_of(record), roles.join(" and its "));
    let finding = world.on_entry(entry).message(message).fact(facts::APPROVER, approver);
    // Without aliases the names are compared by their letters alone.
    Verdict::fail(if roster.is_none() { finding.cap(Level::Warning, "no roster to tell people apart") } else { finding })
}

/// KW308: in use before anybody said yes, or after somebody said no.
fn not_approved(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let status = |environment: Option<&str>| entry.status_in(environment);
    let mut asked = case.present().map(|s| status(s.environment.map(|e| e.name.as_str())));
    if entry.record.status.is_none() && entry.record.status_by_environment.is_empty() {
        return Verdict::NotEvaluated("the record has no status");
    }
    Verdict::fail_if(asked.any(|s| s == Some(Status::Requested)), || {
        let message = format!("{} is in use, and record {} is not approved: its status is requested.", case.title(), name_of(entry.record));
        world.on_pair(case, entry).message(message)
    })
}

/// The reason why history cannot tell of a credential, if it cannot.
pub(super) fn history_missing(case: &Case<'_>) -> Option<&'static str> {
    (!case.history_known()).then_some(reason::NO_HISTORY)
}
