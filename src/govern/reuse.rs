//! `KW6xx`: one credential for several environments, repositories, partners or customers.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::check::Level;
use super::ownership::texts;
use super::policy::Environment;
use super::text::list;
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, Site, World, name_of, record_spot};
use crate::detect::{Mode, Visibility};
use crate::inventory::Record;

pub(super) const FAMILY: Family = &[
    (601, Ask::Case(across_environments)),
    (602, Ask::Case(across_repositories)),
    (603, Ask::Whole(across_partners)),
    (604, Ask::Entry(across_customers)),
    (605, Ask::Case(mode_mismatch)),
    (606, Ask::Pair(environment_not_approved)),
    (607, Ask::Case(sprawl)),
];

/// Whether reuse of it matters: it is a secret, or at least names one that acts.
fn counts(case: &Case<'_>) -> bool {
    case.observation.visibility == Visibility::Secret
}

/// KW601: one credential, several environments.
fn across_environments(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !counts(case) || !case.is_present() || world.input.policy.reuse.allow_cross_env {
        return Verdict::NotApplicable;
    }
    let seen: Vec<&Environment> = case.present().filter_map(|s| s.environment).collect();
    let named: BTreeSet<&str> = seen.iter().map(|e| e.name.as_str()).collect();
    if named.is_empty() {
        return Verdict::NotEvaluated("the environment of its paths is unknown");
    }
    Verdict::fail_if(named.len() > 1, || {
        let named: Vec<&str> = named.into_iter().collect();
        let message = format!("{} stands in {} environments: {}.", case.title(), named.len(), list(&named));
        let mixed = seen.iter().any(|e| e.production) && seen.iter().any(|e| !e.production);
        let finding = world.on_case(case).message(message).fact("environments", texts(&named));
        let finding = finding.setting(|s| s.production = false);
        if mixed { finding.raise("production and other environments") } else { finding }
    })
}

/// KW602: one credential, several repositories, or several services of one.
fn across_repositories(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !counts(case) || !case.is_present() {
        return Verdict::NotApplicable;
    }
    let services: BTreeSet<&str> =
        case.present().filter_map(|s| world.components.service(s.repository, s.path)).collect();
    let scanned: BTreeSet<&str> = world.input.observed.iter().map(|o| o.repository.name.as_str()).collect();
    if scanned.len() < 2 && services.is_empty() {
        return Verdict::NotEvaluated("one repository was judged; several observation files are needed");
    }
    let named: BTreeSet<&str> = case.present().map(|s| s.repository.name.as_str()).collect();
    let (named, what, fact) = if named.len() > 1 || services.len() < 2 {
        (named, "repositories", "repositories")
    } else {
        (services, "services", "services")
    };
    Verdict::fail_if(named.len() > 1, || {
        let named: Vec<&str> = named.into_iter().collect();
        let message = format!("{} stands in {} {what}: {}.", case.title(), named.len(), list(&named));
        world.on_case(case).message(message).fact(fact, texts(&named))
    })
}

/// KW604: one account, several customers.
fn across_customers(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let tenants: BTreeSet<&str> = record.tenants.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect();
    if tenants.is_empty() && record.shared_account.is_none() {
        return Verdict::NotEvaluated("the record does not say which customers it serves");
    }
    let shared = record.shared_account == Some(true);
    Verdict::fail_if(tenants.len() > 1 || shared, || {
        let what = if tenants.len() > 1 {
            format!("serves {} customers", tenants.len())
        } else {
            "is a shared account".to_owned()
        };
        world
            .on_entry(entry)
            .message(format!("The credential of record {} {what}.", name_of(record)))
            .fact("tenants", tenants.len())
    })
}

/// KW606: seen where it was not approved for.
fn environment_not_approved(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !case.is_present() {
        return Verdict::NotApplicable;
    }
    if record.environments.is_empty() {
        return Verdict::NotEvaluated("the record names no environments");
    }
    let known: Vec<&Site<'_>> = case.present().filter(|s| s.environment.is_some()).collect();
    if known.is_empty() {
        return Verdict::NotEvaluated("the environment of its paths is unknown");
    }
    let approved = |name: &str| record.environments.iter().any(|e| super::policy::same_environment(e, name));
    let outside = known.into_iter().filter_map(|s| Some((s, s.environment?))).filter(|(_, e)| !approved(&e.name));
    let findings = outside.map(|(site, environment)| {
        let message = format!(
            "{} stands in the environment {}, which record {} does not name.",
            case.title(),
            environment.name,
            name_of(record)
        );
        let finding = World::decided_by(world.on_site(case, site), case, entry).message(message);
        finding.fact("approved_environments", texts(&record.environments))
    });
    Verdict::fail_each(findings.collect())
}

/// KW607: one credential, more places than anybody can keep in mind.
fn sprawl(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !counts(case) || !case.is_present() {
        return Verdict::NotApplicable;
    }
    let (places, most) = (case.present().count(), world.input.policy.reuse.max_locations);
    Verdict::fail_if(places > most, || {
        let message = format!("{} stands in {places} files; the policy allows {most}.", case.title());
        world.on_case(case).message(message).fact("places", places)
    })
}

/// The partners that a record names: one, if it is in order.
fn partners(record: &Record) -> impl Iterator<Item = &str> {
    let others = record.other_partners.iter().map(ArcStr::as_str);
    std::iter::once(record.partner_id.as_str()).chain(others).map(str::trim).filter(|p| !p.is_empty())
}

/// KW603: one credential, several partners.
fn across_partners(world: &World<'_>) -> Vec<Verdict> {
    if world.input.inventory.is_none() {
        return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)];
    }
    if world.input.policy.reuse.allow_cross_partner {
        return vec![Verdict::NotApplicable];
    }
    // One finding per record: the last one of the largest group.
    let mut verdicts: BTreeMap<usize, Verdict> = BTreeMap::new();
    let mut groups: BTreeSet<&[usize]> = world.same_credential().keys().map(Vec::as_slice).collect();
    // Records that one observation fits with certainty describe one credential as well.
    groups.extend(world.cases.iter().filter(|c| c.binding.is_strong()).map(|c| c.binding.records.as_slice()));
    let numbers: Vec<usize> = (0..world.entries.len()).collect();
    groups.extend(numbers.chunks(1).filter(|of| !world.entries[of[0]].record.other_partners.is_empty()));
    let mut groups: Vec<&[usize]> = groups.into_iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    for group in groups {
        let named: BTreeSet<&str> = group.iter().map(|i| world.entries[*i].record).flat_map(partners).collect();
        if named.len() < 2 {
            continue;
        }
        // By name: the order of the rows must not decide where the finding stands.
        let Some(entry) = group.iter().map(|i| &world.entries[*i]).max_by_key(|e| name_of(e.record)) else { continue };
        if verdicts.contains_key(&entry.index) {
            continue;
        }
        let partners: Vec<&str> = named.iter().copied().collect();
        let message = format!(
            "The credential of record {} is assigned to {} partners: {}.",
            name_of(entry.record),
            named.len(),
            list(&partners)
        );
        let mut finding = world.on_entry(entry).message(message);
        for index in group.iter().filter(|i| **i != entry.index) {
            finding = finding.related(record_spot(world.entries[*index].record, "the same credential"));
        }
        verdicts.insert(entry.index, Verdict::fail(finding));
    }
    let sound = world.entries.len() - verdicts.len();
    verdicts.into_values().chain(std::iter::repeat_with(|| Verdict::Pass).take(sound)).collect()
}

/// KW605: a live credential in a test environment, or a test credential in production.
fn mode_mismatch(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let recorded = || {
        world.bound(case).find_map(|e| match e.record.mode.as_str() {
            "live" => Some(Mode::Live),
            "test" => Some(Mode::Test),
            _ => None,
        })
    };
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
                findings.push(finding().message(format!(
                    "{} is of live mode and stands in the environment {}.",
                    case.title(),
                    environment.name
                )));
            }
            (Mode::Test, true) => {
                let message = format!(
                    "{} is of test mode and stands in the production environment {}.",
                    case.title(),
                    environment.name
                );
                findings.push(finding().message(message).cap(Level::Warning, "test mode acts on nothing real"));
            }
            _ => {}
        }
    }
    if known { Verdict::fail_each(findings) } else { Verdict::NotEvaluated("the environment of its paths is unknown") }
}
