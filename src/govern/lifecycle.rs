//! KW4xx: ends, lifetimes, rotations, reviews, contracts.

use jiff::Timestamp;

use super::check::Level;
use super::facts;
use super::verdict::{Ask, Family, Verdict};
use super::world::{Case, Entry, World, name_of, record_spot};
use crate::inventory::{Status, Until, When};
use crate::observe::Observation;

pub(super) const FAMILY: Family = &[
    (401, Ask::Case(expired)),
    (402, Ask::Entry(no_expiry)),
    (409, Ask::Entry(never_reviewed)),
    (410, Ask::Entry(review_overdue)),
    (412, Ask::Entry(contract_ended)),
];

/// When a credential claims to end: seconds since 1970, or a date.
pub(super) fn claimed_end(observation: &Observation) -> Option<When> {
    let facts = &observation.claims.facts;
    ["exp", "expires_at", "expires", "not_after", "se"].iter().find_map(|name| as_time(facts.get(*name)?))
}

/// A time among the claims.
pub(super) fn as_time(value: &serde_json::Value) -> Option<When> {
    if let Some(seconds) = value.as_i64() {
        return Timestamp::from_second(seconds).ok().map(When::At);
    }
    let text = value.as_str()?;
    let day = || text.parse().ok().map(When::Day);
    text.parse().ok().map(When::At).or_else(day)
}

/// KW401: past its end, and still here.
fn expired(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let bound: Vec<&Entry<'_>> = world.bound(case).collect();
    let claimed = claimed_end(case.observation);
    let recorded = bound.iter().filter_map(|e| Some((*e, e.record.expires_at.when()?))).min_by_key(|(_, end)| *end);
    if !case.is_present() || (claimed.is_none() && recorded.is_none()) {
        return Verdict::NotApplicable;
    }
    let is_past = |end: When| past(world, end);
    if let Some((entry, end)) = recorded.filter(|(_, end)| is_past(*end)) {
        let message = format!("{} is past the end that record {} states, and still in the tree.", case.title(), name_of(entry.record));
        let finding = world.on_pair(case, entry).message(message).fact("expires_at", end.to_string());
        let active = entry.record.status == Some(Status::Active);
        return Verdict::fail(if active { finding.raise("the inventory still says active") } else { finding });
    }
    let Some(end) = claimed.filter(|end| is_past(*end)) else { return Verdict::Pass };
    let message = format!("{} claims an end that is past, and is still in the tree.", case.title());
    let long = end.days_until(world.as_of()) > 30;
    Verdict::fail(world.on_case(case).message(message).fact("claimed_end", end.to_string()).setting(|s| s.ended |= long))
}

/// Whether an end lies before today, grace included.
pub(super) fn past(world: &World<'_>, end: When) -> bool {
    end.is_past(world.as_of()) && end.days_until(world.as_of()) > world.input.policy.grace_days
}

/// KW402: access without end.
fn no_expiry(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let claims_end = world.cases_of(entry).any(|c| c.binding.is_strong() && claimed_end(c.observation).is_some());
    let name = name_of(record);
    match record.expires_at {
        Until::On(_) => Verdict::Pass,
        _ if claims_end => Verdict::Pass,
        Until::Never if world.input.policy.expiry.allow_never => Verdict::Pass,
        Until::Never => Verdict::fail(world.on_entry(entry).message(format!("Record {name} never expires."))),
        Until::Unknown => {
            let finding = world.on_entry(entry).message(format!("Record {name} does not say when it expires."));
            Verdict::fail(finding.cap(Level::Note, "unknown is not never"))
        }
    }
}

/// Days between reviews, and whether they are waived: the credential truly ends soon enough.
fn review_period(world: &World<'_>, entry: &Entry<'_>) -> Option<i64> {
    let record = entry.record;
    let policy = &world.input.policy.recertification;
    if record.expiry_enforced == Some(true)
        && let (Some(issued), Until::On(end)) = (record.issued_at, record.expires_at)
        && issued.days_until(end.day()) <= policy.waived_if_enforced_expiry_within
    {
        return None;
    }
    record.recert_days.map(i64::from).or(world.limits(entry).recertify_every)
}

/// KW409: older than a period, and never reviewed.
fn never_reviewed(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.last_recertified_at.is_some() {
        return if entry.is_in_force() { Verdict::Pass } else { Verdict::NotApplicable };
    }
    let Some(period) = review_period(world, entry) else { return Verdict::Pass };
    let Some(start) = record.issued_at.or(record.approved_at) else {
        return Verdict::NotEvaluated("the record has no date of issue or approval");
    };
    let age = start.days_until(world.as_of());
    Verdict::fail_if(age > period, || {
        let message = format!("Record {} is {age} days old and was never reviewed; the policy asks for it every {period} days.", name_of(record));
        world.on_entry(entry).message(message)
    })
}

/// KW410: the last review is too long ago.
fn review_overdue(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let Some(last) = record.last_recertified_at else { return Verdict::NotEvaluated("the record has no date of a review") };
    let Some(period) = review_period(world, entry) else { return Verdict::Pass };
    let age = last.days_until(world.as_of());
    Verdict::fail_if(age > period + world.input.policy.recertification.grace_days, || {
        let message = format!("Record {} was last reviewed {age} days ago; the policy asks for it every {period} days.", name_of(record));
        let finding = world.on_entry(entry).message(message).fact("last_recertified_at", last.to_string());
        if age > 2 * period { finding.raise("more than two periods late") } else { finding }
    })
}

/// KW412: the contract is over, the access is not.
fn contract_ended(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let present: Vec<&Case<'_>> = world.cases_of(entry).filter(|c| c.is_present()).collect();
    if !entry.is_in_force() && present.is_empty() {
        return Verdict::NotApplicable;
    }
    let Some(partner) = entry.partner else { return Verdict::NotEvaluated("the record's partner is not in the register") };
    let end = match partner.contract_end {
        Until::On(end) => end,
        Until::Never => return Verdict::Pass,
        Until::Unknown => return Verdict::NotEvaluated("the end of the partner's contract is not recorded"),
    };
    Verdict::fail_if(past(world, end), || {
        let state = match (entry.is_in_force(), present.is_empty()) {
            (true, true) => "is still in force",
            (true, false) => "is still in force and in the tree",
            (false, _) => "is still in the tree",
        };
        let message = format!("The contract with partner {} has ended, and record {} {state}.", partner.id, name_of(entry.record));
        let finding = world.on_entry(entry).message(message).fact(facts::CONTRACT_END, end.to_string());
        if partner.at == entry.record.at || partner.at.file.is_empty() {
            finding
        } else {
            finding.related(super::world::row_spot(&partner.at.file, partner.at.line, "partner record"))
        }
    })
}

/// The row of the record that replaces another, as a related place.
pub(super) fn successor_spot(entry: &Entry<'_>) -> super::finding::Spot {
    record_spot(entry.record, "its successor")
}
