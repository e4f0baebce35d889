//! What was judged with what, and what that cannot show.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::super::assess::Judgement;
use super::super::correlation::incomparable;
use super::super::finding::{Subject, clean};
use super::super::world::World;
use super::model::{InputFile, RepositoryEvidence, Run};
use super::population::Population;
use crate::source::coverage::{Coverage, Effect, Reason};

/// File and line of a row; where the format has no lines, its number in the file.
pub(super) fn row(file: &str, line: u32, index: u32) -> String {
    clean(&if line > 0 { format!("{file}:{line}") } else { format!("{file}#{index}") })
}

/// The run.
pub(super) fn of(
    world: &World<'_>,
    judgement: &Judgement,
    population: &Population<'_, '_>,
    mut inputs: Vec<InputFile>,
) -> Run {
    let input = world.input;
    inputs.sort();
    inputs.dedup();
    let coverage = coverage(world, judgement);
    let mut scope: Vec<String> = input.observed.iter().flat_map(|o| o.scope.iter().cloned()).collect();
    scope.sort();
    scope.dedup();
    let policy = inputs.iter().find(|i| i.role == "policy").map(|i| i.sha256.clone());
    let repositories: BTreeSet<RepositoryEvidence> = input
        .observed
        .iter()
        .filter(|o| !o.repository.name.is_empty())
        .map(|o| RepositoryEvidence {
            name: clean(&o.repository.name),
            head: o.repository.head.clone(),
            shallow: o.repository.shallow,
        })
        .collect();
    let whole = judgement.findings.iter().filter(|f| match &f.subject {
        Subject::Governance(what) => !what.starts_with("partner:") && !what.starts_with("exception:"),
        _ => false,
    });
    let findings: BTreeSet<_> = whole.map(|f| f.check).collect();
    Run {
        tool: "keyward".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: input.as_of.to_string(),
        disclose: "full".to_owned(),
        profile: input.policy.profile.word().to_owned(),
        policy_sha256: policy,
        inventory_sha256: digest_of(&inputs, "inventory"),
        inventory_generated_at: input.inventory.and_then(|i| i.generated_at).map(|w| w.to_string()),
        repositories: repositories.into_iter().collect(),
        complete: !coverage.has_gap(),
        without_watchlist: without_watchlist(world),
        limits: limits(world, &coverage, population),
        scope,
        inputs,
        checks: judgement.checks.clone(),
        findings: findings.into_iter().collect(),
    }
}

/// The digest of one file; of several, that of their list as `sha256sum` prints it.
fn digest_of(inputs: &[InputFile], role: &str) -> Option<String> {
    let files: Vec<&InputFile> = inputs.iter().filter(|i| i.role == role).collect();
    match files.as_slice() {
        [] => None,
        [one] => Some(one.sha256.clone()),
        several => {
            let list: String = several.iter().map(|f| format!("{}  {}\n", f.sha256, f.name)).collect();
            Some(data_encoding::HEXLOWER.encode(&Sha256::digest(list.as_bytes())))
        }
    }
}

fn coverage(world: &World<'_>, judgement: &Judgement) -> Coverage {
    let mut coverage = judgement.coverage.clone();
    for observed in world.input.observed {
        coverage.merge(observed.coverage.clone());
    }
    coverage
}

/// Repositories in which nobody looked for what only the inventory could recognise.
fn without_watchlist(world: &World<'_>) -> Vec<String> {
    let blind = world.input.observed.iter().filter(|o| world.input.inventory.is_some() && !o.watchlist);
    let names: BTreeSet<String> = blind.map(|o| clean(&o.repository.name)).collect();
    names.into_iter().collect()
}

/// What the evidence cannot show.
fn limits(world: &World<'_>, coverage: &Coverage, population: &Population<'_, '_>) -> Vec<String> {
    let input = world.input;
    let mut all = Vec::new();
    // Foreign digests and missing watchlists are told below, in their own words.
    let told = [Reason::ForeignDigests, Reason::NoWatchlist];
    for (reason, n) in coverage.counts.iter().filter(|(reason, _)| !told.contains(reason)) {
        let what = if reason.effect() == Effect::Gap { "Missing" } else { "Left out" };
        all.push(format!("{what}: {} \u{d7} {}.", n, reason.text()));
    }
    for observed in input.observed {
        let mut absent_sources = String::new();
        for source in ["tree", "history"] {
            if !observed.scope.iter().any(|s| s == source) {
                let _ = write!(absent_sources, "{}{source}", if absent_sources.is_empty() { "" } else { " and " });
            }
        }
        if !absent_sources.is_empty() {
            all.push(format!("The {absent_sources} of {} was not scanned.", clean(&observed.repository.name)));
        }
        if observed.repository.shallow {
            all.push(format!(
                "The clone of {} is shallow: first uses and removals before its first commit are not known.",
                clean(&observed.repository.name)
            ));
        }
    }
    if input.observed.is_empty() {
        all.push("Nothing was scanned: the inventory alone was judged.".to_owned());
    }
    for (there, without) in [
        (input.inventory.is_some(), "No inventory was given: ownership, approval and removal cannot be told."),
        (input.roster.is_some(), "No roster was given: owners who left are not known, nor people with several names."),
        (input.exceptions.is_some(), "No exceptions were given: none can be shown, and none counted."),
        (
            input.inventory_history.is_some(),
            "The inventory's own history was not read: records that vanished from it are not known.",
        ),
        (
            input.observed.iter().any(|o| o.references.is_some()),
            "References to variables, vault paths and addresses were not looked for.",
        ),
    ] {
        if !there {
            all.push(without.to_owned());
        }
    }
    if input.inventory_history.is_some_and(|h| h.cut) {
        all.push("The inventory's own history is cut short: earlier versions were not read.".to_owned());
    }
    let foreign = world.entries.iter().filter(|e| incomparable(world, e.record)).count();
    if foreign > 0 {
        all.push(format!(
            "{foreign} records have only digests of a pepper or a salt that was not supplied: their values cannot be recognised."
        ));
    }
    for name in without_watchlist(world) {
        all.push(format!(
            "{name} was observed without a watchlist of the inventory: keys that only the inventory could recognise were not looked for."
        ));
    }
    let faceless = population.lines.iter().filter_map(|l| l.entry);
    let faceless = faceless.filter(|e| super::line::identifiers(e.record) == 0).count();
    if faceless > 0 {
        all.push(format!(
            "{faceless} records have neither a digest nor a public id: their values can be recognised by circumstances alone."
        ));
    }
    all.push(
        "Whether a credential works, when it was last used, and whether an approval or a revocation is genuine is what \
         the inventory states: nothing was asked of any other system."
            .to_owned(),
    );
    all
}
