//! `KW5xx`: how access ends, and whether it did.

use super::facts;
use super::finding::{FindingBuilder, Subject};
use super::lifecycle::past;
use super::ownership::texts;
use super::policy::Offboarding;
use super::text::{list, plural};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, World, name_of, row_spot};
use crate::inventory::{Record, Status, When};

pub(super) const FAMILY: Family = &[
    (501, Ask::Pair(revoked_in_tree)),
    (502, Ask::Pair(revoked_in_history)),
    (503, Ask::Entry(no_path)),
    (504, Ask::Entry(incomplete)),
    (505, Ask::Entry(overdue)),
    (506, Ask::Entry(unverified)),
    (507, Ask::Case(reintroduced)),
    (508, Ask::Pair(removed_not_revoked)),
    (509, Ask::Entry(references_remain)),
    (510, Ask::Case(other_refs)),
    (511, Ask::Whole(vanished)),
];

/// What a record lacks to be ended in an orderly way.
pub(super) fn missing_path(record: &Record) -> Vec<&'static str> {
    let parts = [
        ("runbook", &record.offboarding_runbook),
        ("method", &record.offboarding_method),
        ("responsible team", &record.offboarding_team),
    ];
    parts.iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| *name).collect()
}

/// KW501: void, and still in the tree.
fn revoked_in_tree(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if record.status.is_none() && record.status_by_environment.is_empty() {
        return Verdict::NotEvaluated("the record has no status");
    }
    let revoked = |site: &super::world::Site<'_>| {
        entry.status_in(site.environment.map(|e| e.name.as_str())).is_some_and(Status::is_revoked)
    };
    Verdict::fail_if(case.present().any(revoked), || {
        let sure = if case.binding.is_weak() { "probably " } else { "" };
        let message = format!(
            "{} is {sure}that of record {}, which is revoked, and it is still in the tree.",
            case.title(),
            name_of(record)
        );
        let finding = world.on_pair(case, entry).message(message);
        let finding = match record.revoked_at {
            Some(when) => finding.fact("revoked_at", when.to_string()),
            None => finding,
        };
        if record.invalidation_verified_at.is_none() {
            finding.raise("nobody verified that it is void")
        } else {
            finding
        }
    })
}

/// KW503: nobody knows how to end it.
fn no_path(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let missing = missing_path(entry.record);
    Verdict::fail_if(!missing.is_empty(), || {
        let none: Vec<String> = missing.iter().map(|what| format!("no {what}")).collect();
        let message = format!("Record {} has {} for its offboarding.", name_of(entry.record), list(&none));
        world.on_entry(entry).message(message).fact("missing", texts(&missing))
    })
}

/// KW502: void, gone from the tree, and in the history for ever: evidence, not work.
fn revoked_in_history(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_revoked() || case.is_present() {
        return Verdict::NotApplicable;
    }
    if !case.tree_known() {
        return Verdict::NotEvaluated(reason::NO_TREE);
    }
    let message = format!(
        "{} is gone from the tree and remains in the history; record {} says that it is revoked.",
        case.title(),
        name_of(entry.record)
    );
    let mut finding = case.dated(world, world.on_pair(case, entry).message(message));
    if let Some(revoked) = entry.record.revoked_at {
        finding = finding.fact("revoked_at", revoked.to_string());
        // Below zero: it left the tree before it was void.
        if let Some((_, removed)) = case.removed() {
            finding = finding.fact("days_from_revocation_to_removal", revoked.days_until(When::At(removed).day()));
        }
    }
    Verdict::fail(finding)
}

/// When each step of an offboarding was done.
pub(super) fn step(record: &Record, name: &str) -> Option<When> {
    match name {
        "keys_revoked" => record.offb_keys_revoked_at.or(record.revoked_at),
        "accounts_disabled" => record.offb_accounts_disabled_at,
        "scopes_removed" => record.offb_scopes_removed_at,
        "invalidation_verified" => record.invalidation_verified_at,
        "dependencies_confirmed" => record.offb_dependencies_confirmed_at,
        _ => None,
    }
}

/// KW504: ended, but not every step of it.
fn incomplete(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_revoked() {
        return Verdict::NotApplicable;
    }
    let required =
        Offboarding::STEPS.iter().filter(|s| world.input.policy.offboarding.require_steps.iter().any(|r| r == *s));
    let missing: Vec<&str> = required.copied().filter(|s| step(record, s).is_none()).collect();
    Verdict::fail_if(!missing.is_empty(), || {
        let message = format!(
            "The offboarding of record {} lacks {}: {}.",
            name_of(record),
            plural(missing.len() as u64, "step"),
            missing.join(", ")
        );
        world.on_entry(entry).message(message).fact("missing", texts(&missing))
    })
}

/// KW505: it was to end, and did not.
fn overdue(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.revoked_at.is_some() {
        return Verdict::NotApplicable;
    }
    let contract = entry.partner.and_then(|p| p.contract_end.when());
    let offboarded = entry.partner.and_then(|p| p.offboarded_at);
    let Some(trigger) = [contract, offboarded].into_iter().flatten().min() else {
        return Verdict::NotEvaluated("no end of the contract is recorded");
    };
    let late = trigger.days_until(world.as_of());
    let most = world.input.policy.offboarding.revoke_within_days;
    Verdict::fail_if(past(world, trigger) && late > most, || {
        let message = format!(
            "Record {} was to be revoked within {} of the end of its contract, and is not.",
            name_of(record),
            plural(most, "day")
        );
        world.on_entry(entry).message(message).fact(facts::CONTRACT_END, trigger.to_string())
    })
}

/// KW506: revoked, they say.
fn unverified(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_revoked() {
        return Verdict::NotApplicable;
    }
    if record.invalidation_verified_at.is_some() || !record.evidence.trim().is_empty() {
        return Verdict::Pass;
    }
    let within = world.input.policy.offboarding.verify_within_days;
    if record.revoked_at.is_some_and(|when| when.days_until(world.as_of()) <= within) {
        return Verdict::Pass;
    }
    let message =
        format!("Record {} is revoked, and nothing shows that its credential stopped working.", name_of(record));
    Verdict::fail(world.on_entry(entry).message(message))
}

/// KW507: removed once, and back again.
fn reintroduced(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    if !case.history_known() {
        return Verdict::NotEvaluated(reason::NO_HISTORY);
    }
    // Of the credential as a whole: a file that is renamed there and back was never without it.
    match case.exposure.as_ref().and_then(|e| e.reintroduced.last()) {
        None if case.is_cut() => Verdict::NotEvaluated(reason::SHALLOW),
        None => Verdict::Pass,
        Some(commit) => {
            let message = format!("{} was removed once and brought back.", case.title());
            let finding = world.on_case(case).message(message);
            Verdict::fail(
                finding.fact("reintroduced", commit.time.as_str()).fact("reintroduced_commit", commit.commit.as_str()),
            )
        }
    }
}

/// KW508: taken out of the tree, and never revoked.
fn removed_not_revoked(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    if !case.observation.is_leak() || case.is_present() {
        return Verdict::NotApplicable;
    }
    if !case.tree_known() {
        return Verdict::NotEvaluated(reason::NO_TREE);
    }
    if entry.record.status.is_none() {
        return Verdict::NotEvaluated("the record has no status");
    }
    Verdict::fail_if(entry.is_in_force(), || {
        let message = format!(
            "{} was removed from the tree and stays readable in the history, but record {} is still in force.",
            case.title(),
            name_of(entry.record)
        );
        case.dated(world, world.on_pair(case, entry).message(message))
    })
}

/// KW509: revoked, and the code still asks for it.
fn references_remain(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_revoked() {
        return Verdict::NotApplicable;
    }
    let found = world.references_to(record);
    if !found.asked {
        return Verdict::NotEvaluated("the record names no variable, vault path or address of its own");
    }
    if found.by_name.is_empty() && found.unknown {
        return Verdict::NotEvaluated("references to vaults and variables were not looked for");
    }
    let found = found.by_name;
    Verdict::fail_if(!found.is_empty(), || {
        let named: Vec<&str> = found.keys().copied().collect();
        let message =
            format!("Record {} is revoked, and the code still refers to it: {}.", name_of(record), list(&named));
        let finding = world.on_entry(entry).message(message).fact("references", texts(&named));
        found.into_values().flatten().fold(finding, FindingBuilder::related)
    })
}

/// KW510: gone from here, and still on other branches, tags or stashes.
fn other_refs(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    if !case.history_known() {
        return Verdict::NotEvaluated(reason::NO_HISTORY);
    }
    if case.is_present() {
        return Verdict::NotApplicable;
    }
    let Some(exposure) = case.exposure.as_ref().filter(|e| e.refs_total > 0) else { return Verdict::Pass };
    let (refs, total): (Vec<&str>, u64) = (exposure.refs.iter().map(String::as_str).collect(), exposure.refs_total);
    let tips = if total == 1 {
        "the tip of 1 ref still holds it".to_owned()
    } else {
        format!("the tips of {} still hold it", plural(total, "ref"))
    };
    let message = format!("{} is gone from the tree, and {tips}.", case.title());
    Verdict::fail(world.on_case(case).message(message).fact("refs", texts(&refs)).fact("refs_total", total))
}

/// KW511: gone from the inventory, with no word of its end.
fn vanished(world: &World<'_>) -> Vec<Verdict> {
    let Some(history) = world.input.inventory_history else {
        return vec![Verdict::NotEvaluated(reason::NO_INVENTORY_HISTORY)];
    };
    let judge = |gone: &super::input::Vanished| {
        let closed = matches!(gone.status, Some(Status::Revoked | Status::Offboarded | Status::Archived));
        let back = world
            .entries
            .iter()
            .any(|e| e.record.id == gone.record || e.record.also_ids.iter().any(|id| *id == gone.record));
        Verdict::fail_if(!closed && !back, || {
            let spot = row_spot(&gone.file, 1, "");
            FindingBuilder::new(Subject::Record(gone.record.clone()), spot, &[])
                .record(&gone.record)
                .partner(&gone.partner)
                .message(format!(
                    "Record {} vanished from the inventory, and was neither revoked nor archived.",
                    gone.record
                ))
                .fact("vanished_at", gone.at.to_string())
                .fact("vanished_commit", gone.commit.as_str())
        })
    };
    let mut verdicts: Vec<Verdict> = history.vanished.iter().map(judge).collect();
    if history.cut {
        verdicts.push(Verdict::NotEvaluated(reason::INVENTORY_HISTORY_CUT));
    } else if verdicts.is_empty() {
        verdicts.push(Verdict::Pass);
    }
    verdicts
}
