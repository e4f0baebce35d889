//! KW6xx: one credential for several environments, repositories, partners or customers.

use std::collections::BTreeSet;

use super::check::Level;
use super::correlation::same_credential;
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, World, name_of, record_spot};
use crate::detect::{Mode, Visibility};

pub(super) const FAMILY: Family = &[(603, Ask::Whole(across_partners)), (605, Ask::Case(mode_mismatch))];

/// The partners that a record names: one, if it is in order.
fn partners(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', ',']).map(str::trim).filter(|p| !p.is_empty())
}

/// KW603: one credential, several partners.
fn across_partners(world: &World<'_>) -> Vec<Verdict> {
    if world.input.inventory.is_none() {
        return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)];
    }
    if world.input.policy.reuse.allow_cross_partner {
        return vec![Verdict::NotApplicable];
    }
    let mut verdicts = Vec::new();
    let mut groups: BTreeSet<Vec<usize>> = same_credential(world).into_keys().collect();
    groups.extend(world.entries.iter().map(|e| vec![e.index]));
    // Records that one observation fits with certainty describe one credential as well.
    groups.extend(world.cases.iter().filter(|c| c.binding.is_strong()).map(|c| c.binding.records.clone()));
    for group in groups {
        let named: BTreeSet<&str> = group.iter().flat_map(|i| partners(&world.entries[*i].record.partner_id)).collect();
        let Some(entry) = group.last().map(|i| &world.entries[*i]) else { continue };
        if named.len() < 2 {
            verdicts.push(Verdict::Pass);
            continue;
        }
        let list: Vec<&str> = named.iter().take(5).copied().collect();
        let message = format!("The credential of record {} is assigned to {} partners: {}.", name_of(entry.record), named.len(), list.join(", "));
        let mut finding = world.on_entry(entry).message(message);
        for index in group.iter().filter(|i| **i != entry.index) {
            finding = finding.related(record_spot(world.entries[*index].record, "the same credential"));
        }
        verdicts.push(Verdict::fail(finding));
    }
    verdicts
}

/// KW605: a live credential in a test environment, or a test credential in production.
fn mode_mismatch(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let recorded = || world.bound(case).find_map(|e| match e.record.mode.as_str() {
        "live" => Some(Mode::Live),
        "test" => Some(Mode::Test),
        _ => None,
    });
    if case.observation.visibility != Visibility::Secret || !case.is_present() {
        return Verdict::NotApplicable;
    }
    let Some(mode) = case.observation.mode.or_else(recorded) else {
        return Verdict::NotEvaluated("neither the credential nor its record tells live from test");
    };
    let mut findings = Vec::new();
    let mut known = false;
    for site in case.present() {
        let Some(environment) = site.environment else { continue };
        known = true;
        let finding = || world.on_site(case, site);
        match (mode, environment.production) {
            (Mode::Live, false) => {
                findings.push(finding().message(format!("{} of live mode in the environment {}.", case.title(), environment.name)));
            }
            (Mode::Test, true) => {
                let message = format!("{} of test mode in the production environment {}.", case.title(), environment.name);
                findings.push(finding().message(message).cap(Level::Warning, "test mode acts on nothing real"));
            }
            _ => {}
        }
    }
    if known { Verdict::fail_each(findings) } else { Verdict::NotEvaluated("the environment of its paths is unknown") }
}
