//! One credential: who approved it, what it could reach, who answers for it, when it was removed.

use std::collections::{BTreeMap, BTreeSet};

use super::super::check::CheckId;
use super::super::finding::clean;
use super::super::lifecycle::review_period;
use super::super::ownership::all_owners;
use super::super::verdict::Outcome;
use super::super::world::{Case, Entry, World, name_of};
use super::super::{checks, reach as scopes};
use super::model::{
    Accountable, Approved, CredentialEvidence, FirstUse, Identity, MatchEvidence, PlaceEvidence, Reach, Seen,
};
use super::population::Line;
use super::removed;
use crate::detect::Kind;
use crate::source::Place;

/// A text, if there is one.
pub(super) fn text(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| clean(value))
}

/// A date or a date-time, if there is one.
pub(super) fn date(value: Option<crate::inventory::When>) -> Option<String> {
    value.map(|when| when.to_string())
}

/// Texts, without the empty ones.
pub(super) fn texts(list: &[impl AsRef<str>]) -> Vec<String> {
    list.iter().filter_map(|t| text(t.as_ref())).collect()
}

/// Everything about one credential.
pub(super) fn of(world: &World<'_>, line: &Line<'_, '_>) -> CredentialEvidence {
    let failed = || line.outcomes.iter().filter(|(_, o)| **o == Outcome::Fail).map(|(id, _)| *id);
    let mut missing: BTreeMap<&str, Vec<CheckId>> = BTreeMap::new();
    for (id, outcome) in &line.outcomes {
        if let Outcome::NotEvaluated(why) = outcome {
            missing.entry(why).or_default().push(*id);
        }
    }
    let not_evaluated: BTreeSet<CheckId> = missing.values().flatten().copied().collect();
    let worded = |(why, ids): (&&str, &Vec<CheckId>)| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        format!("{why} ({})", ids.join(", "))
    };
    CredentialEvidence {
        credential: identity(world, line),
        approved: approved(world, line),
        reach: reach(world, line),
        accountable: accountable(world, line),
        removed: removed::of(world, line),
        exceptions: line.exceptions.iter().cloned().collect(),
        findings: failed().collect(),
        accepted: line.accepted.iter().copied().collect(),
        evaluated: (line.outcomes.len() - not_evaluated.len()) as u64,
        limits: missing.iter().map(worded).collect(),
        not_evaluated: not_evaluated.into_iter().collect(),
        controls: controls(world, line, failed()),
    }
}

/// References of the checks that failed, under the organisation's own names where it has some.
fn controls(world: &World<'_>, line: &Line<'_, '_>, failed: impl Iterator<Item = CheckId>) -> Vec<String> {
    let ai = line.entry.and_then(|e| e.partner).is_some_and(|p| p.ai_service == Some(true));
    let own = &world.input.policy.controls;
    // PCI 8.6.2 is about accounts that people can log in with, and not about every key.
    let account = line.cases.iter().any(|c| matches!(c.kind(), Kind::BasicAuth | Kind::DbPassword));
    let of_accounts = |id: CheckId| (account && id == CheckId(901)).then_some("PCI 8.6.2");
    let taxa = failed.flat_map(|id| {
        let check = checks::get(id).into_iter().flat_map(|check| check.taxa_of(ai));
        check.chain(of_accounts(id))
    });
    let all: BTreeSet<String> = taxa.map(|t| own.get(t).cloned().unwrap_or_else(|| t.to_owned())).collect();
    all.into_iter().collect()
}

fn identity(world: &World<'_>, line: &Line<'_, '_>) -> Identity {
    let record = line.entry.map(|e| e.record);
    let observed: Vec<Seen> = line.cases.iter().map(|case| seen(world, case, record.is_some())).collect();
    let recorded_print = record.and_then(|r| r.fingerprints.first()).map(ToString::to_string);
    let sites = line.cases.iter().flat_map(|c| &c.sites);
    let repositories: BTreeSet<String> = sites.filter_map(|s| text(&s.repository.name)).collect();
    let best = || line.cases.iter().min_by_key(|c| c.binding.level).map(|c| matched(c));
    Identity {
        id: record.map(name_of),
        partner: line.partner().map(clean),
        kind: record.and_then(|r| text(&r.kind)).or_else(|| line.cases.first().map(|c| c.kind().word().to_owned())),
        environments: record.map(|r| texts(&r.environments)).unwrap_or_default(),
        fingerprint: observed.iter().find_map(|s| s.fingerprint.clone()).or(recorded_print),
        matched: if record.is_some() { best() } else { line.cases.first().map(|c| matched(c)) },
        purpose: record.and_then(|r| text(&r.purpose)),
        identifiers: record.map(identifiers).unwrap_or_default(),
        recorded_at: record.map(|r| super::run::row(&r.at.file, r.at.line, r.at.index)),
        repositories: repositories.into_iter().collect(),
        observed,
    }
}

/// How many identifiers of the record name one credential and no other.
pub(super) fn identifiers(record: &crate::inventory::Record) -> u64 {
    super::super::correlation::identifiers(record).count() as u64
}

fn matched(case: &Case<'_>) -> MatchEvidence {
    if case.binding.not_comparable {
        return MatchEvidence { level: "not comparable".to_owned(), by: None };
    }
    MatchEvidence {
        level: case.binding.level.map_or("none", crate::inventory::Level::word).to_owned(),
        by: text(case.binding.by),
    }
}

fn seen(world: &World<'_>, case: &Case<'_>, recorded: bool) -> Seen {
    let probable = || case.binding.suggested().filter_map(|i| world.entries.get(i)).map(|e| name_of(e.record));
    Seen {
        credential: case.credential.to_string(),
        title: clean(case.title()),
        visibility: case.observation.visibility.word().to_owned(),
        fingerprint: case.observation.fingerprint().map(ToString::to_string),
        matched: recorded.then(|| matched(case)),
        probable: if recorded { Vec::new() } else { probable().collect() },
    }
}

fn approved(world: &World<'_>, line: &Line<'_, '_>) -> Approved {
    let Some(entry) = line.entry else {
        return Approved { segregation: "unknown".to_owned(), first_use: first_use(line), ..Approved::default() };
    };
    let record = entry.record;
    Approved {
        by: text(&record.approved_by),
        at: date(record.approved_at),
        system: text(&record.approval_system),
        reference: text(&record.approval_ref),
        requested_by: text(&record.requested_by),
        complete: is_complete(world, entry),
        segregation: match line.passed(303) {
            Some(true) => "ok",
            Some(false) => "violated",
            None => "unknown",
        }
        .to_owned(),
        before_first_use: line.passed(304),
        first_use: first_use(line),
    }
}

/// Approver, reference and system as KW301, KW302 and KW305 ask for them; of records that are no
/// longer in force too.
fn is_complete(world: &World<'_>, entry: &Entry<'_>) -> Option<bool> {
    let (record, policy) = (entry.record, &world.input.policy.approval);
    if record.approved_by.trim().is_empty() || !policy.ref_patterns.is_match(record.approval_ref.trim()) {
        return Some(false);
    }
    let system = record.approval_system.trim();
    (!system.is_empty()).then(|| policy.allowed_systems.iter().any(|a| a.eq_ignore_ascii_case(system)))
}

fn first_use(line: &Line<'_, '_>) -> Option<FirstUse> {
    let all = line.cases.iter().filter_map(|case| Some((case.introduced()?, case.is_cut())));
    let ((commit, time), cut) = all.min_by_key(|((_, time), _)| *time)?;
    Some(FirstUse {
        commit: commit.commit.clone(),
        committer_time: time.to_string(),
        certainty: if cut { "not_later_than" } else { "exact" }.to_owned(),
    })
}

fn reach(world: &World<'_>, line: &Line<'_, '_>) -> Reach {
    let mut places: Vec<PlaceEvidence> = Vec::new();
    let mut environments: BTreeSet<String> = BTreeSet::new();
    for site in line.cases.iter().flat_map(|c| c.present()) {
        environments.extend(site.environment.map(|e| e.name.clone()));
        places.push(PlaceEvidence {
            repo: clean(&site.repository.name),
            path: clean(&site.path.to_string()),
            line: site.sighting.location.line,
            reference: match site.sighting.place {
                Place::Tree => "worktree",
                Place::Index => "index",
                Place::History => "HEAD",
                Place::Stdin => "stdin",
            }
            .to_owned(),
        });
    }
    places.sort();
    let other_places = places.len().saturating_sub(Reach::PLACES) as u64;
    places.truncate(Reach::PLACES);
    let mut reach = Reach {
        subset: "unknown".to_owned(),
        environments_observed: environments.into_iter().collect(),
        locations: places,
        other_places,
        ..Reach::default()
    };
    let claimed: BTreeSet<String> = line.cases.iter().flat_map(|c| scopes::claimed_scopes(c.observation)).collect();
    let Some(entry) = line.entry else {
        if !claimed.is_empty() {
            reach.observed_scopes = Some(claimed.iter().map(|s| clean(s)).collect());
            reach.observed_by = Some("claims".to_owned());
        }
        return reach;
    };
    let record = entry.record;
    let actual = scopes::actual_scopes(world, entry);
    if !actual.is_empty() {
        let sources = match (record.scopes.is_empty(), actual.iter().any(|s| !record.scopes.iter().any(|own| own == s)))
        {
            (true, _) => "claims",
            (false, false) => "inventory",
            (false, true) => "inventory and claims",
        };
        reach.observed_by = Some(sources.to_owned());
        reach.observed_scopes = Some(actual.iter().map(|s| clean(s)).collect());
    }
    let partner_regions = || entry.partner.map(|p| texts(&p.regions)).unwrap_or_default();
    let apis: BTreeSet<String> = record.apis.iter().chain(&record.approved_apis).filter_map(|a| text(a)).collect();
    Reach {
        approved_scopes: texts(&record.approved_scopes),
        subset: match line.passed(701) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        }
        .to_owned(),
        apis: apis.into_iter().collect(),
        data_classes: texts(&record.data_classes),
        regions: if record.regions.is_empty() { partner_regions() } else { texts(&record.regions) },
        access_mode: text(&record.access_mode),
        ..reach
    }
}

fn accountable(world: &World<'_>, line: &Line<'_, '_>) -> Accountable {
    let Some(entry) = line.entry else {
        return Accountable { owner_status: "missing".to_owned(), ..Accountable::default() };
    };
    let record = entry.record;
    let owners = all_owners(record);
    let status = match world.input.roster {
        _ if owners.is_empty() => "missing",
        None => "unknown",
        Some(roster) => {
            let found: Vec<_> = owners.iter().map(|o| roster.find(o)).collect();
            if found.iter().flatten().any(|p| p.has_left(world.as_of())) {
                "left"
            } else if found.iter().all(Option::is_some) {
                "active"
            } else {
                "unknown"
            }
        }
    };
    let start = record.last_recertified_at.or(record.issued_at).or(record.approved_at);
    let due = |days: i64| start?.day().checked_add(jiff::Span::new().days(days)).ok();
    let next = entry.is_in_force().then(|| review_period(world, entry)).flatten();
    Accountable {
        api_owner: text(&record.api_owner),
        credential_owner: text(&record.credential_owner),
        owner_status: status.to_owned(),
        recertified_at: date(record.last_recertified_at),
        recertified_by: text(&record.recertified_by),
        next_due: next.and_then(due).map(|day| day.to_string()),
    }
}
