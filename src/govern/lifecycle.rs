//! `KW4xx`: ends, lifetimes, rotations, reviews, contracts.

use jiff::Timestamp;

use super::check::Level;
use super::facts;
use super::text::plural;
use super::verdict::{Ask, Family, Verdict};
use super::world::{Case, Entry, World, name_of};
use crate::inventory::{Status, Until, When};
use crate::observe::Observation;

pub(super) const FAMILY: Family = &[
    (401, Ask::Case(expired)),
    (402, Ask::Entry(no_expiry)),
    (403, Ask::Entry(lifetime_too_long)),
    (404, Ask::Pair(expiry_mismatch)),
    (405, Ask::Entry(not_enforced)),
    (406, Ask::Entry(expiring_soon)),
    (407, Ask::Entry(rotation_overdue)),
    (408, Ask::Pair(rotation_not_effective)),
    (409, Ask::Entry(never_reviewed)),
    (410, Ask::Entry(review_overdue)),
    (411, Ask::Entry(not_tied)),
    (412, Ask::Entry(contract_ended)),
    (413, Ask::Entry(temporary)),
    (414, Ask::Entry(purpose_ended)),
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

/// Whether a credential says itself that it has no end.
fn claims_no_end(observation: &Observation) -> bool {
    observation.claims.facts.get("no_expiry").and_then(serde_json::Value::as_bool) == Some(true)
}

/// KW401: past its end, and still here.
fn expired(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let bound: Vec<&Entry<'_>> = world.bound(case).collect();
    let claimed = claimed_end(case.observation);
    let recorded = bound.iter().filter_map(|e| Some((*e, e.record.expires_at.when()?))).min_by_key(|(_, end)| *end);
    if !case.is_present() {
        return Verdict::NotApplicable;
    }
    if claimed.is_none() && recorded.is_none() {
        let silent = bound.iter().any(|e| e.record.expires_at == Until::Unknown);
        return if silent {
            Verdict::NotEvaluated("neither the record nor the credential tells when it ends")
        } else {
            Verdict::NotApplicable
        };
    }
    let is_past = |end: When| past(world, end);
    if let Some((entry, end)) = recorded.filter(|(_, end)| is_past(*end)) {
        let message = format!(
            "{} is past the end that record {} states, and still in the tree.",
            case.title(),
            name_of(entry.record)
        );
        let finding = world.on_pair(case, entry).message(message).fact("expires_at", end.to_string());
        let active = entry.record.status == Some(Status::Active);
        return Verdict::fail(if active { finding.raise("the inventory still says active") } else { finding });
    }
    let Some(end) = claimed.filter(|end| is_past(*end)) else { return Verdict::Pass };
    let message = format!("{} claims an end that is past, and is still in the tree.", case.title());
    let long = end.days_until(world.as_of()) > 30;
    Verdict::fail(
        world.on_case(case).message(message).fact("claimed_end", end.to_string()).setting(|s| s.ended |= long),
    )
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
    let endless = world.cases_of(entry).any(|c| c.binding.is_strong() && claims_no_end(c.observation));
    let name = name_of(record);
    match record.expires_at {
        Until::On(_) => Verdict::Pass,
        _ if endless && !claims_end && !world.input.policy.expiry.allow_never => Verdict::fail(
            world.on_entry(entry).message(format!("The credential of record {name} claims to have no end.")),
        ),
        _ if claims_end => Verdict::Pass,
        Until::Never if world.input.policy.expiry.allow_never => Verdict::Pass,
        Until::Never => Verdict::fail(world.on_entry(entry).message(format!("Record {name} never expires."))),
        Until::Unknown if record.is_unknown("expires_at") => {
            let finding =
                world.on_entry(entry).message(format!("The source of record {name} does not know when it expires."));
            Verdict::fail(finding.cap(Level::Note, "unknown is not never"))
        }
        Until::Unknown => {
            let finding = world.on_entry(entry).message(format!("Record {name} does not say when it expires."));
            Verdict::fail(finding.cap(Level::Warning, "missing is not never"))
        }
    }
}

/// Days between reviews, and whether they are waived: the credential truly ends soon enough.
pub(super) fn review_period(world: &World<'_>, entry: &Entry<'_>) -> Option<i64> {
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
        let message = format!(
            "Record {} is {} old and was never reviewed; a review is due every {}.",
            name_of(record),
            plural(age, "day"),
            plural(period, "day")
        );
        world.on_entry(entry).message(message)
    })
}

/// KW410: the last review is too long ago.
fn review_overdue(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let Some(last) = record.last_recertified_at else {
        return Verdict::NotEvaluated("the record has no date of a review");
    };
    let Some(period) = review_period(world, entry) else { return Verdict::Pass };
    let age = last.days_until(world.as_of());
    Verdict::fail_if(age > period + world.input.policy.recertification.grace_days, || {
        let message = format!(
            "Record {} was last reviewed {} ago; a review is due every {}.",
            name_of(record),
            plural(age, "day"),
            plural(period, "day")
        );
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
    let Some(partner) = entry.partner else {
        return Verdict::NotEvaluated("the record's partner is not in the register");
    };
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
        let message = format!(
            "The contract with partner {} has ended, and record {} {state}.",
            partner.id,
            name_of(entry.record)
        );
        let finding = world.on_entry(entry).message(message).fact(facts::CONTRACT_END, end.to_string());
        if partner.at == entry.record.at || partner.at.file.is_empty() {
            finding
        } else {
            finding.related(super::world::row_spot(&partner.at.file, partner.at.line, "partner record"))
        }
    })
}

/// KW403: longer than its class may last.
fn lifetime_too_long(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let Some(most) = world.limits(entry).max_lifetime else {
        return Verdict::NotEvaluated("the policy sets no lifetime for its class");
    };
    let first_seen = || {
        let strong = world.cases_of(entry).filter(|c| c.binding.is_strong());
        strong.filter_map(|c| c.introduced().map(|(_, time)| When::At(time))).min()
    };
    let Some(start) = record.issued_at.or_else(first_seen) else {
        return Verdict::NotEvaluated("neither a date of issue nor its first commit is known");
    };
    let claimed = || world.cases_of(entry).filter(|c| c.binding.is_strong()).find_map(|c| claimed_end(c.observation));
    let (days, what) = match record.expires_at.when().or_else(claimed) {
        Some(end) => (start.days_until(end.day()), "is issued for"),
        None if record.expires_at == Until::Never => {
            (start.days_until(world.as_of()), "has no end and has been in use for")
        }
        None => (start.days_until(world.as_of()), "has no known end and has been in use for"),
    };
    Verdict::fail_if(days > most, || {
        let message = format!(
            "The credential of record {} {what} {}; the policy allows {most}.",
            name_of(record),
            plural(days, "day")
        );
        world.on_entry(entry).message(message).fact("days", days)
    })
}

/// KW404: the credential outlives what the inventory states.
fn expiry_mismatch(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let (Some(claimed), Some(recorded)) = (claimed_end(case.observation), entry.record.expires_at.when()) else {
        return Verdict::NotApplicable;
    };
    Verdict::fail_if(claimed.day() > recorded.day(), || {
        let days = recorded.days_until(claimed.day());
        let message = format!(
            "{} claims an end {} after the one that record {} states.",
            case.title(),
            plural(days, "day"),
            name_of(entry.record)
        );
        world
            .on_pair(case, entry)
            .message(message)
            .fact("claimed_end", claimed.to_string())
            .fact("expires_at", recorded.to_string())
    })
}

/// KW405: a date that does nothing.
fn not_enforced(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    let Some(end) = record.expires_at.when() else { return Verdict::NotApplicable };
    if record.status.is_some_and(Status::is_revoked) {
        return Verdict::NotApplicable;
    }
    let policy = &world.input.policy.expiry;
    let source = |list: &[String]| list.iter().any(|s| s.eq_ignore_ascii_case(&record.source));
    let why = if past(world, end) && record.status == Some(Status::Active) {
        "is past its end and still active"
    } else if !entry.is_in_force() {
        return Verdict::NotApplicable;
    } else if world.cases_of(entry).any(|c| c.binding.is_strong() && claims_no_end(c.observation)) {
        "claims to have no end, whatever its record states"
    } else if record.expiry_enforced == Some(false) || (record.expiry_enforced.is_none() && source(&policy.unenforced))
    {
        "has an end that takes no effect by itself"
    } else if record.expiry_enforced.is_none() && source(&policy.sliding) {
        "has an end that moves on with every use"
    } else if record.expiry_enforced.is_none() {
        return Verdict::NotEvaluated("the source does not say whether its dates take effect");
    } else {
        return Verdict::Pass;
    };
    Verdict::fail(
        world
            .on_entry(entry)
            .message(format!("The credential of record {} {why}.", name_of(record)))
            .fact("expires_at", end.to_string()),
    )
}

/// KW406: ends soon, and nothing follows.
fn expiring_soon(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    let Some(end) = record.expires_at.when() else { return Verdict::NotApplicable };
    if !entry.is_in_force() || end.is_past(world.as_of()) {
        return Verdict::NotApplicable;
    }
    let left = -end.days_until(world.as_of());
    let soon = left <= world.input.policy.expiry.notice_days;
    let follows = !record.replaced_by.is_empty() || world.superseded.contains(record.id.as_str());
    Verdict::fail_if(soon && !follows, || {
        let when = if left == 0 { "today".to_owned() } else { format!("in {}", plural(left, "day")) };
        let message = format!("The credential of record {} ends {when}, and no record follows it.", name_of(record));
        world.on_entry(entry).message(message).fact("expires_at", end.to_string())
    })
}

/// KW407: the value is older than it may get.
fn rotation_overdue(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let Some(period) = record.rotation_days.map(i64::from).or(world.limits(entry).rotate_every) else {
        return Verdict::NotApplicable;
    };
    let Some(last) = record.last_rotated_at.or(record.issued_at) else {
        return Verdict::NotEvaluated("the record has no date of rotation or issue");
    };
    let age = last.days_until(world.as_of());
    Verdict::fail_if(age > period, || {
        // A date of issue is no rotation.
        let (what, fact) = match record.last_rotated_at {
            Some(_) => ("last rotated", "last_rotated_at"),
            None => ("issued", "issued_at"),
        };
        let since = if record.last_rotated_at.is_some() { "" } else { " and never rotated since" };
        let message = format!(
            "The credential of record {} was {what} {} ago{since}; a rotation is due every {}.",
            name_of(record),
            plural(age, "day"),
            plural(period, "day")
        );
        world.on_entry(entry).message(message).fact(fact, last.to_string())
    })
}

/// KW408: rotated by the inventory, and the old value is still here.
fn rotation_not_effective(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    let Some(rotated) = record.last_rotated_at else { return Verdict::NotApplicable };
    // Two values during a rotation are legitimate: which is the old one, the record does not say.
    if !case.is_present() || record.fingerprints.len() > 1 || !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    if !case.binding.is_strong() {
        return Verdict::NotEvaluated("only a weak match links record and value");
    }
    if !case.history_known() {
        return Verdict::NotEvaluated(super::verdict::reason::NO_HISTORY);
    }
    let Some((commit, introduced)) = case.introduced() else {
        return Verdict::NotEvaluated("no commit is known that introduced it");
    };
    if introduced >= rotated.start() {
        return if case.is_cut() { Verdict::NotEvaluated(super::verdict::reason::SHALLOW) } else { Verdict::Pass };
    }
    let message = format!(
        "{} is older than the rotation that record {} states, and stands in the tree unchanged.",
        case.title(),
        name_of(record)
    );
    let finding = world.on_pair(case, entry).message(message);
    Verdict::fail(finding.fact("introduced", commit.time.as_str()).fact("last_rotated_at", rotated.to_string()))
}

/// KW411: the contract was renewed, the access was not looked at.
fn not_tied(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || !world.input.policy.recertification.tie_to_contract_renewal {
        return Verdict::NotApplicable;
    }
    let Some(partner) = entry.partner else {
        return Verdict::NotEvaluated("the record's partner is not in the register");
    };
    let Some(renewed) = partner.contract_renewed_at else {
        return Verdict::NotEvaluated("the partner's contract has no date of renewal");
    };
    if renewed.start() > super::world::end_of(world.as_of()) {
        return Verdict::Pass;
    }
    let reviewed = record.last_recertified_at.or(record.approved_at);
    Verdict::fail_if(reviewed.is_none_or(|r| r.day() < renewed.day()), || {
        let message = format!(
            "The contract with partner {} was renewed, and record {} was not reviewed since.",
            partner.id,
            name_of(record)
        );
        world.on_entry(entry).message(message).fact(facts::CONTRACT_RENEWED, renewed.to_string())
    })
}

/// KW413: temporary once.
fn temporary(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.temporary != Some(true) {
        return Verdict::NotApplicable;
    }
    let first_seen = || world.cases_of(entry).filter_map(|c| c.introduced().map(|(_, time)| When::At(time))).min();
    let Some(start) = record.issued_at.or(record.approved_at).or_else(first_seen) else {
        return Verdict::NotEvaluated("neither a date of issue nor its first commit is known");
    };
    let (days, most) = (start.days_until(world.as_of()), world.input.policy.temporary_days);
    Verdict::fail_if(days > most, || {
        let message = format!(
            "Record {} is temporary and has been in use for {}; the policy allows {most}.",
            name_of(record),
            plural(days, "day")
        );
        world.on_entry(entry).message(message).fact("days", days)
    })
}

/// KW414: what it was for is over.
fn purpose_ended(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    if record.use_case_status.trim().is_empty() {
        return Verdict::NotEvaluated("the record does not say whether its use case goes on");
    }
    Verdict::fail_if(record.use_case_status.eq_ignore_ascii_case("ended"), || {
        world
            .on_entry(entry)
            .message(format!("The use case of record {} has ended, and the record is still in force.", name_of(record)))
    })
}
