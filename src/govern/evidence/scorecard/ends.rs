//! Metrics over what has ended, or was to end; and over exceptions.

use super::super::super::ownership::all_owners;
use super::super::super::verdict::reason;
use super::super::super::world::{Entry, World};
use super::super::population::Line;
use super::super::removed::gone_on;
use super::{Ground, Metric, Tally, Vote, metric};
use crate::inventory::When;

pub(super) fn metrics(ground: &Ground<'_, '_, '_>) -> Vec<Metric> {
    vec![revocation(ground), removal(ground), zombies(ground), verified(ground), exceptions(ground)]
}

/// Lines of records that are void.
fn revoked<'g, 'w, 'a>(ground: &'g Ground<'_, 'w, 'a>) -> impl Iterator<Item = (&'g Line<'w, 'a>, &'w Entry<'a>)> {
    let lines = ground.population.lines.iter().filter_map(|l| Some((l, l.entry?)));
    lines.filter(|(_, entry)| entry.is_revoked())
}

/// The first event that called for revocation: the end of the contract, the last owner's leaving, the
/// first commit that held the value.
fn trigger(world: &World<'_>, line: &Line<'_, '_>, entry: &Entry<'_>) -> Option<When> {
    let contract = entry.partner.and_then(|p| p.contract_end.when()).filter(|end| end.is_past(world.as_of()));
    let leaked = line.cases.iter().filter(|c| c.observation.is_leak() && c.binding.is_strong());
    let leaked = leaked.filter_map(|c| c.introduced()).map(|(_, time)| When::At(time)).min();
    contract.into_iter().chain(last_owner_left(world, entry)).chain(leaked).min()
}

/// The day on which the last of its owners left; `None` while one of them is there, or not known.
fn last_owner_left(world: &World<'_>, entry: &Entry<'_>) -> Option<When> {
    let roster = world.input.roster?;
    let owners = all_owners(entry.record);
    let left: Vec<When> = owners
        .iter()
        .filter_map(|owner| roster.find(owner).filter(|p| p.has_left(world.as_of())))
        .filter_map(|person| person.end_date)
        .collect();
    (!owners.is_empty() && left.len() == owners.len()).then(|| left.into_iter().max()).flatten()
}

fn revocation(ground: &Ground<'_, '_, '_>) -> Metric {
    let world = ground.world;
    let most = world.input.policy.offboarding.revoke_within_days;
    let (mut answers, mut waiting, mut overdue) = (Vec::new(), 0u64, 0u64);
    for (line, entry) in ground.population.lines.iter().filter_map(|l| Some((l, l.entry?))) {
        let Some(trigger) = trigger(world, line, entry) else { continue };
        match entry.record.revoked_at {
            // Revoked for another reason, before there was one of these.
            Some(revoked) if trigger.day() > revoked.day() => answers.push(Ok(0)),
            Some(revoked) => answers.push(Ok(trigger.days_until(revoked.day()))),
            None if entry.is_in_force() => {
                waiting += 1;
                overdue += u64::from(trigger.days_until(world.as_of()) > most);
            }
            None => answers.push(Err("the record has no date of revocation")),
        }
    }
    metric(
        "time-to-revoke",
        "Time to revoke",
        "days from the first trigger (end of contract, last owner left, value first committed) to revocation",
        &["CIS 6.2"],
    )
    .days(&Tally::of_days(answers))
    .part("triggered and still in force", waiting)
    .part("triggered, in force and overdue", overdue)
    .spoiled_if(overdue > 0)
    .at_most(most as f64, &format!("a median of at most {most} d, none overdue"))
}

fn removal(ground: &Ground<'_, '_, '_>) -> Metric {
    let world = ground.world;
    let most = world.input.policy.offboarding.remove_from_head_within_days;
    let (mut answers, mut present, mut overdue) = (Vec::new(), 0u64, 0u64);
    for (line, entry) in revoked(ground).filter(|(line, _)| !line.cases.is_empty()) {
        let revoked = entry.record.revoked_at;
        if line.cases.iter().any(|c| c.is_present()) {
            present += 1;
            overdue += u64::from(revoked.is_none_or(|r| r.days_until(world.as_of()) > most));
            continue;
        }
        answers.push(match (revoked, gone_on(line)) {
            (None, _) => Err("the record has no date of revocation"),
            (_, None) if !line.cases.iter().any(|c| c.history_known()) => Err(reason::NO_HISTORY),
            (_, None) => Err("it was never on the default branch"),
            (Some(revoked), Some(gone)) => Ok(revoked.days_until(gone)),
        });
    }
    metric(
        "revocation-to-removal",
        "Time from revocation to removal",
        "days from revocation to the commit that removed the value from the default branch; negative means removed first",
        &["NHI1:2025", "CSF GV.SC-10"],
    )
    .days(&Tally::of_days(answers))
    .part("revoked and still in the tree", present)
    .part("revoked, in the tree and overdue", overdue)
    .spoiled_if(overdue > 0)
    .at_most(most as f64, &format!("a median of at most {most} d, none overdue"))
}

fn zombies(ground: &Ground<'_, '_, '_>) -> Metric {
    let votes = revoked(ground).map(|(line, _)| match super::super::removed::in_tree(ground.world, line) {
        Some(there) => Vote::of(there),
        None if ground.world.input.observed.is_empty() => Vote::Unknown(reason::NO_TREE),
        None => Vote::Unknown("its value could not be recognised"),
    });
    metric(
        "zombie-count",
        "Zombies",
        "revoked records whose value is in the tree, of all revoked records",
        &["NHI1:2025"],
    )
    .count(&Tally::of(votes))
    .at_most(0.0, "0")
}

fn verified(ground: &Ground<'_, '_, '_>) -> Metric {
    let proven =
        |entry: &Entry<'_>| entry.record.invalidation_verified_at.is_some() || !entry.record.evidence.trim().is_empty();
    let tally = Tally::of(revoked(ground).map(|(_, entry)| Vote::of(proven(entry))));
    metric(
        "verified-revocations",
        "Verified revocations",
        "revoked records with a date of verification or a reference to its evidence / revoked records",
        &["CSF GV.SC-10"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

fn exceptions(ground: &Ground<'_, '_, '_>) -> Metric {
    let world = ground.world;
    let list = world.input.exceptions.map(|e| e.list.as_slice()).unwrap_or_default();
    let (rules, today) = (&world.input.policy.exceptions, world.as_of());
    let expired = list.iter().filter(|e| e.is_expired(today)).count() as u64;
    let open: Vec<_> = list.iter().filter(|e| e.is_in_force(rules, today)).collect();
    let ages: Vec<i64> = open.iter().filter_map(|e| e.start()).map(|s| s.days_until(today)).collect();
    let over_renewed = list.iter().filter(|e| e.renewals > rules.max_renewals).count();
    let mut tally = Tally { yes: expired, no: list.len() as u64 - expired, ..Tally::default() };
    if world.input.exceptions.is_none() {
        tally.unknown.insert(reason::NO_EXCEPTIONS, 0);
    }
    let builder = metric(
        "exceptions",
        "Exceptions past their end",
        "exceptions that have ended, of all exceptions",
        &["CSF ID.RA-07"],
    )
    .count(&tally)
    .part("open", open.len())
    .part("renewed more often than allowed", over_renewed);
    let builder = if ages.is_empty() {
        builder
    } else {
        let mean = ages.iter().sum::<i64>() as f64 / ages.len() as f64;
        builder.part("mean age of the open ones, days", mean.round() as i64)
    };
    let absent = world.input.exceptions.is_none();
    let mut metric = builder.at_most(0.0, "0");
    if absent {
        metric.value = None;
        metric.standing = super::Standing::Undecided;
    }
    metric
}
