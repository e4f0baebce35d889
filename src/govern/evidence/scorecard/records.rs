//! Metrics over the inventory: I, the records that are not archived, and A, those of them in force.

use super::super::super::lifecycle::{claimed_end, review_period};
use super::super::super::ownership::is_split;
use super::super::super::verdict::{Outcome, reason};
use super::super::super::world::{Entry, name_of};
use super::super::line::identifiers;
use super::super::model::CredentialEvidence;
use super::super::population::Line;
use super::{Better, Ground, Metric, Tally, Vote, metric, percent};
use crate::inventory::{Status, Until, When};

/// A record with its line and its evidence.
struct Row<'g, 'w, 'a> {
    line: &'g Line<'w, 'a>,
    entry: &'w Entry<'a>,
    evidence: &'g CredentialEvidence,
    production: bool,
}

/// The records that are not archived.
fn recorded<'g, 'w, 'a>(ground: &'g Ground<'_, 'w, 'a>) -> Vec<Row<'g, 'w, 'a>> {
    let by_place: std::collections::BTreeMap<(Option<&str>, Option<&str>), &CredentialEvidence> = ground
        .evidence
        .iter()
        .map(|e| ((e.credential.id.as_deref(), e.credential.recorded_at.as_deref()), e))
        .collect();
    let mut rows = Vec::new();
    for line in &ground.population.lines {
        let Some(entry) = line.entry.filter(|e| e.record.status != Some(Status::Archived)) else { continue };
        let at = &entry.record.at;
        let (id, place) = (name_of(entry.record), super::super::run::row(&at.file, at.line, at.index));
        let Some(evidence) = by_place.get(&(Some(id.as_str()), Some(place.as_str()))) else { continue };
        rows.push(Row { line, entry, evidence, production: ground.world.is_production(entry) });
    }
    rows
}

pub(super) fn metrics(ground: &Ground<'_, '_, '_>) -> Vec<Metric> {
    let all = recorded(ground);
    let active: Vec<&Row<'_, '_, '_>> = all.iter().filter(|r| r.entry.is_in_force()).collect();
    vec![
        identifiable(&all),
        owners(&active),
        orphans(&active),
        accountable(&active),
        approval(&active),
        segregation(&active),
        govern_lag(&all),
        expiry(ground, &active),
        standing_access(&active),
        age(ground, &active),
        remaining(ground, &active),
        recertified(ground, &active),
        over_scope(&active),
        readiness(&active),
        data_classes(&active),
    ]
}

fn identifiable(all: &[Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(all.iter().map(|r| Vote::of(identifiers(r.entry.record) > 0)));
    metric(
        "identifiable-entries",
        "Identifiable records",
        "records with a digest or a public id of their value / records that are not archived",
        &["CSF PR.AA-02"],
    )
    .share(&tally)
    .at_least(90.0, "at least 90 %")
}

fn owners(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| {
        let owner = &r.evidence.accountable;
        if owner.api_owner.is_none() || owner.credential_owner.is_none() {
            return Vote::No;
        }
        owner_vote(&owner.owner_status, r)
    }));
    metric(
        "owner-coverage",
        "Owner coverage",
        "records in force with an API owner and a credential owner, all of them active by the roster / records in force",
        &["CIS 5.5", "SOC2 CC6.2"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

/// Yes for owners who are there.
fn owner_vote(status: &str, row: &Row<'_, '_, '_>) -> Vote {
    match status {
        "active" => Vote::Yes,
        "left" | "missing" => Vote::No,
        _ => Vote::Unknown(match row.line.outcome(202) {
            Some(Outcome::NotEvaluated(why)) => why,
            _ => reason::NO_ROSTER,
        }),
    }
}

fn orphans(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| match owner_vote(&r.evidence.accountable.owner_status, r) {
        Vote::Yes => Vote::No,
        Vote::No => Vote::Yes,
        other => other,
    }));
    metric(
        "orphans",
        "Orphans",
        "records in force whose owner left or is missing, of all records in force",
        &["NHI1:2025"],
    )
    .count(&tally)
    .at_most(0.0, "0")
}

fn accountable(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| {
        let record = r.entry.record;
        let somebody = !record.owners.is_empty() || !record.api_owner.trim().is_empty();
        Vote::of(somebody && !is_split(record))
    }));
    metric(
        "single-accountable-rate",
        "One accountable owner",
        "records in force with exactly one accountable owner / records in force",
        &["CSF GV.SC-02"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

fn approval(active: &[&Row<'_, '_, '_>]) -> Metric {
    let vote = |r: &Row<'_, '_, '_>| match r.evidence.approved.complete {
        Some(complete) => Vote::of(complete),
        None => Vote::Unknown("the record does not say in which system it was approved"),
    };
    let tally = Tally::of(active.iter().map(|r| vote(r)));
    let production = Tally::of(active.iter().filter(|r| r.production).map(|r| vote(r)));
    let share = percent(production.yes, production.yes + production.no);
    metric(
        "approval-coverage",
        "Approval coverage",
        "records in force with an approver, a resolvable reference and an allowed system / records in force",
        &["CSF PR.AA-05", "SOC2 CC6.2"],
    )
    .share(&tally)
    .part("in production", production.yes + production.no)
    .part("in production, approved", production.yes)
    .part("in production, not evaluated", production.left_out())
    .aimed_at(share, production.left_out())
    .at_least(100.0, "100 % in production")
}

fn segregation(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| match r.line.outcome(303) {
        None => Vote::Skip,
        Some(Outcome::Pass) => Vote::Yes,
        Some(Outcome::Fail) => Vote::No,
        Some(Outcome::NotEvaluated(why)) => Vote::Unknown(why),
    }));
    metric(
        "segregation-rate",
        "Separation of duties",
        "approvals whose approver is neither owner, requester nor introducing committer / approvals of records in force",
        &["PCI 7.2.3"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

fn govern_lag(all: &[Row<'_, '_, '_>]) -> Metric {
    let days = all.iter().map(|r| {
        let Some(approved) = r.entry.record.approved_at else { return Err("the record has no date of approval") };
        if r.line.cases.is_empty() {
            return Err("its value was not seen in what was scanned");
        }
        if !r.line.cases.iter().any(|c| c.history_known()) {
            return Err(reason::NO_HISTORY);
        }
        if r.line.cases.iter().any(|c| c.is_cut()) {
            return Err(reason::SHALLOW);
        }
        let first = r.line.cases.iter().filter_map(|c| c.introduced()).map(|(_, time)| time).min();
        let first = first.ok_or("no commit is known that introduced it")?;
        Ok(When::At(first).days_until(approved.day()))
    });
    let tally = Tally::of_days(days);
    let used_first = tally.days.iter().filter(|d| **d > 0).count();
    metric(
        "govern-lag",
        "Govern lag",
        "days from the first commit that holds the value to its approval; positive means used first",
        &["CSF PR.AA-01"],
    )
    .days(&tally)
    .part("used before approval", used_first)
    .at_most(0.0, "a median of at most 0 days")
}

/// What the record's token says of its own end.
fn claims_end(row: &Row<'_, '_, '_>) -> bool {
    row.line.cases.iter().any(|c| c.binding.is_strong() && claimed_end(c.observation).is_some())
}

fn expiry(ground: &Ground<'_, '_, '_>, active: &[&Row<'_, '_, '_>]) -> Metric {
    let policy = &ground.world.input.policy.expiry;
    let tally = Tally::of(active.iter().map(|r| {
        let record = r.entry.record;
        let listed = |list: &[String]| list.iter().any(|s| s.eq_ignore_ascii_case(&record.source));
        match (record.expires_at, record.expiry_enforced) {
            _ if claims_end(r) => Vote::Yes,
            (Until::On(_), Some(enforced)) => Vote::of(enforced),
            (Until::On(_), None) if listed(&policy.unenforced) || listed(&policy.sliding) => Vote::No,
            (Until::On(_), None) => Vote::Unknown("the source does not say whether its dates take effect"),
            (Until::Never | Until::Unknown, _) => Vote::No,
        }
    }));
    metric(
        "expiry-coverage",
        "Expiry coverage",
        "records in force with an end that takes effect by itself / records in force",
        &["NHI7:2025"],
    )
    .share(&tally)
    .at_least(95.0, "at least 95 %")
}

fn standing_access(active: &[&Row<'_, '_, '_>]) -> Metric {
    let endless = |r: &Row<'_, '_, '_>| r.entry.record.expires_at.when().is_none() && !claims_end(r);
    let tally = Tally::of(active.iter().map(|r| Vote::of(endless(r))));
    let count = |wanted: fn(&Row<'_, '_, '_>) -> bool| active.iter().filter(|r| endless(r) && wanted(r)).count();
    let production = count(|r| r.production);
    let there = active.iter().any(|r| r.production);
    metric(
        "standing-access",
        "Standing access",
        "records in force whose end is never, unknown or missing, of all records in force",
        &["NHI7:2025"],
    )
    .count(&tally)
    .part("in production", production)
    .part("never", count(|r| r.entry.record.expires_at == Until::Never))
    .part("unknown", count(|r| r.entry.record.expires_at == Until::Unknown && r.entry.record.is_unknown("expires_at")))
    .part("missing", count(|r| r.entry.record.expires_at == Until::Unknown && !r.entry.record.is_unknown("expires_at")))
    .aimed_at(there.then_some(production as f64), 0)
    .at_most(0.0, "0 in production")
}

fn age(ground: &Ground<'_, '_, '_>, active: &[&Row<'_, '_, '_>]) -> Metric {
    let today = ground.world.as_of();
    let age_of = |r: &Row<'_, '_, '_>| {
        let seen = || r.line.cases.iter().filter_map(|c| c.introduced()).map(|(_, time)| When::At(time)).min();
        r.entry.record.issued_at.or_else(seen).map(|start| start.days_until(today))
    };
    let too_old = active.iter().filter(|r| {
        let most = ground.world.limits(r.entry).max_lifetime;
        matches!((age_of(r), most), (Some(age), Some(most)) if age > most)
    });
    let tally =
        Tally::of_days(active.iter().map(|r| age_of(r).ok_or("neither a date of issue nor its first commit is known")));
    let too_old = too_old.count();
    let value = (!tally.days.is_empty()).then_some(too_old as f64);
    let left_out = tally.left_out();
    metric("age", "Age", "days since the credential was issued, or first seen, over records in force", &["NHI7:2025"])
        .days(&tally)
        .part("older than its class may get", too_old)
        .aimed_at(value, left_out)
        .at_most(0.0, "none older than its class may get")
}

fn remaining(ground: &Ground<'_, '_, '_>, active: &[&Row<'_, '_, '_>]) -> Metric {
    let today = ground.world.as_of();
    let past = |r: &&&Row<'_, '_, '_>| r.entry.record.expires_at.when().is_some_and(|end| end.is_past(today));
    let over = active.iter().filter(past).count();
    let days = active.iter().filter(|r| !past(r)).map(|r| match r.entry.record.expires_at {
        Until::On(end) => Ok(-end.days_until(today)),
        Until::Never => Err("it never ends"),
        Until::Unknown => Err("its end is not known"),
    });
    metric(
        "remaining-life",
        "Remaining life",
        "days until the stated end, over records in force whose end is not past",
        &["NHI7:2025"],
    )
    .days(&Tally::of_days(days))
    .part("past their end and in force", over)
    .without_target(Better::Neither)
}

fn recertified(ground: &Ground<'_, '_, '_>, active: &[&Row<'_, '_, '_>]) -> Metric {
    let today = ground.world.as_of();
    let grace = ground.world.input.policy.recertification.grace_days;
    let (mut not_due, mut waived) = (0u64, 0u64);
    let mut votes = Vec::new();
    for r in active {
        let record = r.entry.record;
        let Some(period) = review_period(ground.world, r.entry) else {
            waived += 1;
            continue;
        };
        votes.push(match (record.last_recertified_at, record.issued_at.or(record.approved_at)) {
            (Some(last), _) => Vote::of(last.days_until(today) <= period + grace),
            (None, Some(start)) if start.days_until(today) <= period => {
                not_due += 1;
                Vote::Skip
            }
            (None, Some(_)) => Vote::No,
            (None, None) => Vote::Unknown("the record has no date of issue, approval or review"),
        });
    }
    metric(
        "recertified-in-period",
        "Recertified in their period",
        "records in force whose last review lies within their period and its grace / records in force that were due for one",
        &["PCI 7.2.4", "ISO A.5.18"],
    )
    .share(&Tally::of(votes))
    .part("first review not due yet", not_due)
    .part("need none, because they end soon by themselves", waived)
    .at_least(95.0, "at least 95 %")
}

fn over_scope(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| match r.line.outcome(701) {
        None => Vote::Skip,
        Some(Outcome::Pass) => Vote::No,
        Some(Outcome::Fail) => Vote::Yes,
        Some(Outcome::NotEvaluated(why)) => Vote::Unknown(why),
    }));
    metric(
        "over-scope-count",
        "Wider than approved",
        "records in force whose scopes go beyond the approved ones, of those whose scopes are known",
        &["NHI5:2025"],
    )
    .count(&tally)
    .at_most(0.0, "0")
}

fn readiness(active: &[&Row<'_, '_, '_>]) -> Metric {
    let missing = super::super::super::offboarding::missing_path;
    let tally = Tally::of(active.iter().map(|r| Vote::of(missing(r.entry.record).is_empty())));
    metric(
        "offboarding-readiness",
        "Offboarding readiness",
        "records in force with a runbook, a method and a team to end them / records in force",
        &["NHI1:2025", "CSF GV.SC-10"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

fn data_classes(active: &[&Row<'_, '_, '_>]) -> Metric {
    let tally = Tally::of(active.iter().map(|r| Vote::of(!r.evidence.reach.data_classes.is_empty())));
    metric(
        "data-class-coverage",
        "Data-class coverage",
        "records in force that name a data class / records in force",
        &["CSF ID.AM-07"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}
