//! Metrics over what was observed: F, the distinct secrets that were seen.

use std::collections::BTreeSet;

use super::super::super::verdict::reason;
use super::super::super::world::Case;
use super::{Better, Ground, Metric, Tally, Vote, metric};
use crate::detect::Visibility;

/// The distinct secrets that were seen; key ids and publishable keys are none.
fn secrets<'g, 'a>(ground: &'g Ground<'_, '_, 'a>) -> impl Iterator<Item = &'g Case<'a>> {
    ground.world.cases.iter().filter(|c| c.observation.visibility == Visibility::Secret)
}

pub(super) fn metrics(ground: &Ground<'_, '_, '_>) -> Vec<Metric> {
    vec![coverage(ground), shadow(ground), reuse(ground), exposure(ground)]
}

/// Why an observed secret cannot be told to be in the inventory or not.
fn incomparable(ground: &Ground<'_, '_, '_>, case: &Case<'_>) -> Option<&'static str> {
    if ground.world.input.inventory.is_none() {
        Some(reason::NO_INVENTORY)
    } else if !case.binding.bound().is_empty() {
        None
    } else if case.binding.not_comparable || ground.world.nothing_comparable {
        Some(reason::NOT_COMPARABLE)
    } else if case.binding.set_aside {
        Some(reason::ROWS_SET_ASIDE)
    } else {
        None
    }
}

fn coverage(ground: &Ground<'_, '_, '_>) -> Metric {
    let tally = Tally::of(secrets(ground).map(|case| match incomparable(ground, case) {
        Some(why) => Vote::Unknown(why),
        None => Vote::of(case.binding.is_strong()),
    }));
    metric(
        "inventory-coverage",
        "Inventory coverage",
        "observed secrets that match a record with certainty or at a high level / observed secrets",
        &["CSF ID.AM-04", "CIS 5.5"],
    )
    .share(&tally)
    .at_least(100.0, "100 %")
}

fn shadow(ground: &Ground<'_, '_, '_>) -> Metric {
    let tally = Tally::of(secrets(ground).map(|case| match incomparable(ground, case) {
        Some(why) => Vote::Unknown(why),
        None => Vote::of(case.binding.bound().is_empty()),
    }));
    metric(
        "shadow-count",
        "Shadow credentials",
        "observed secrets that no record claims, of all observed ones",
        &["NHI2:2025"],
    )
    .count(&tally)
    .at_most(0.0, "0")
}

fn reuse(ground: &Ground<'_, '_, '_>) -> Metric {
    let vote = |case: &Case<'_>| {
        if !case.is_present() {
            return Vote::Skip;
        }
        let environments: BTreeSet<&str> =
            case.present().filter_map(|s| s.environment).map(|e| e.name.as_str()).collect();
        let repositories: BTreeSet<&str> = case.present().map(|s| s.repository.name.as_str()).collect();
        let places = case.present().count();
        let untold = case.present().any(|s| s.environment.is_none());
        if environments.len() > 1 || repositories.len() > 1 {
            Vote::Yes
        } else if places > 1 && untold {
            Vote::Unknown("the environment of its paths is unknown")
        } else {
            Vote::No
        }
    };
    let tally = Tally::of(secrets(ground).map(vote));
    let sharing: BTreeSet<&str> = ground
        .population
        .lines
        .iter()
        .filter(|l| l.passed(603) == Some(false))
        .filter_map(|l| l.entry.map(|e| e.record.partner_id.as_str()))
        .collect();
    metric(
        "reuse-index",
        "Reuse",
        "secrets in the tree that stand in several environments or repositories / secrets in the tree",
        &["NHI8:2025", "NHI9:2025"],
    )
    .share(&tally)
    .part("partners that share a credential with another one", sharing.len())
    .spoiled_if(!sharing.is_empty())
    .at_most(0.0, "0, and no partner shares")
}

fn exposure(ground: &Ground<'_, '_, '_>) -> Metric {
    let (mut answers, mut open) = (Vec::new(), 0u64);
    for case in secrets(ground) {
        if case.is_present() {
            open += 1;
            continue;
        }
        answers.push(match (case.introduced(), case.removed()) {
            _ if !case.history_known() => Err(reason::NO_HISTORY),
            _ if case.is_cut() => Err(reason::SHALLOW),
            (Some((_, from)), Some((_, to))) => Ok((to.as_second() - from.as_second()).max(0) / 86_400),
            _ => Err("it was never on the default branch"),
        });
    }
    metric(
        "exposure-window",
        "Exposure window",
        "days from the first commit that holds a secret to the last one that removed it from the default branch",
        &["NHI2:2025"],
    )
    .days(&Tally::of_days(answers))
    .part("still in the tree", open)
    .without_target(Better::Lower)
}
