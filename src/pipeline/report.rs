//! The second half's end: everything together in one value.

use crate::govern::{Assessment, assess};
use crate::inventory::Inventory;
use crate::observe::Observed;
use crate::report::{InventoryFile, InventorySummary, Report, SCHEMA};
use crate::source::coverage::Coverage;

/// Judges what was observed and assembles the report.
pub fn report(input: &Assessment<'_>) -> Report {
    let mut judgement = assess(input);
    let mut coverage = Coverage::default();
    for observed in input.observed {
        coverage.merge(observed.coverage.clone());
    }
    coverage.merge(std::mem::take(&mut judgement.coverage));
    coverage.settle();
    let mut scope: Vec<String> = input.observed.iter().flat_map(|o| o.scope.iter().cloned()).collect();
    scope.sort();
    scope.dedup();
    let mut observations: Vec<_> = input.observed.iter().flat_map(|o| o.observations.iter().cloned()).collect();
    observations.sort_by(|a, b| (a.credential, &a.sightings).cmp(&(b.credential, &b.sightings)));
    Report {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: input.as_of.to_string(),
        scope,
        repositories: repositories(input.observed),
        inventory: input.inventory.map(summarise),
        complete: !coverage.has_gap(),
        coverage,
        judgement,
        observations,
    }
}

fn repositories(observed: &[Observed]) -> Vec<crate::observe::Repository> {
    let mut all: Vec<_> = observed.iter().map(|o| o.repository.clone()).filter(|r| !r.name.is_empty()).collect();
    all.sort();
    all.dedup();
    all
}

fn summarise(inventory: &Inventory) -> InventorySummary {
    let file = |(name, format): (&String, &String)| InventoryFile {
        name: name.clone(),
        format: format.clone(),
        sha256: inventory.digests.get(name).cloned().unwrap_or_default(),
    };
    InventorySummary {
        files: inventory.formats.iter().map(file).collect(),
        records: inventory.records.len() as u64,
        partners: inventory.partners.len() as u64,
        generated_at: inventory.generated_at.map(|w| w.to_string()),
        errors: inventory.errors.clone(),
    }
}
