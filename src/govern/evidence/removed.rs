//! When a credential was removed, where it still is, and what keeps it from being called gone.

use arcstr::ArcStr;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::correlation::incomparable;
use super::super::finding::clean;
use super::super::offboarding::step;
use super::super::verdict::Outcome;
use super::super::world::{Case, Entry, World};
use super::line::{date, identifiers, text};
use super::model::{Days, Ended, Reach, ReferenceEvidence, Removed, Steps};
use super::population::Line;
use crate::detect::Visibility;
use crate::inventory::{Record, Status, Until, When};
use crate::observe::Exposure;

/// The removal of one credential.
pub(super) fn of(world: &World<'_>, line: &Line<'_, '_>) -> Removed {
    let mut removed = traces(world, line);
    if let Some(entry) = line.entry {
        let record = entry.record;
        removed.status = record.status.map(|s| s.word().to_owned());
        removed.in_force = entry.is_in_force();
        removed.expires_at = ends(record);
        removed.expiry_enforced = record.expiry_enforced;
        removed.contract_end = entry.partner.and_then(|p| until(p.contract_end, p.unknown_fields.as_slice()));
        removed.revoked_at = date(record.revoked_at);
        removed.revoked_by = text(&record.revoked_by);
        removed.invalidation_verified_at = date(record.invalidation_verified_at);
        removed.evidence = text(&record.evidence);
        removed.steps = steps(record);
        removed.referable = world.references_to(record).asked;
        removed.references = references(world, record);
    } else {
        removed.in_force = true;
    }
    removed.ended = ended(world, line, &removed);
    removed.days = days(world, line, &removed);
    judge(world, line, &mut removed);
    removed
}

/// Where it is and was, as far as anything was looked at.
fn traces(world: &World<'_>, line: &Line<'_, '_>) -> Removed {
    let (cases, mut removed) = (&line.cases, Removed::default());
    let scanned = |name: &str| world.input.observed.iter().any(|o| o.scope.iter().any(|s| s == name));
    let history = scanned("history") || cases.iter().any(|c| c.history_known());
    removed.in_tree = in_tree(world, line);
    let exposure = Exposure::join(cases.iter().filter_map(|c| c.exposure.as_ref()));
    if history && can_be_seen(world, line) {
        removed.still_in_history = Some(exposure.is_some());
        removed.refs_total = Some(exposure.as_ref().map_or(0, |e| e.refs_total));
        removed.refs = exposure.iter().flat_map(|e| e.refs.iter()).map(|name| clean(name)).collect();
    }
    if removed.in_tree == Some(false)
        && let Some(commit) = exposure.and_then(|e| e.removed)
    {
        removed.removed_from_head = Some(commit.time);
        removed.removed_commit = Some(commit.commit);
    }
    removed
}

/// Whether it stands in a tree that was looked at; `None` if none was, or it could not be recognised.
pub(super) fn in_tree(world: &World<'_>, line: &Line<'_, '_>) -> Option<bool> {
    let trees = world.input.observed.iter().flat_map(|o| &o.scope).any(|s| s == "tree" || s == "history");
    if line.cases.iter().any(|c| c.is_present()) {
        Some(true)
    } else {
        (trees && can_be_seen(world, line)).then_some(false)
    }
}

/// The day on which the last commit took it out of the default branch: gone when it is gone everywhere.
pub(super) fn gone_on(line: &Line<'_, '_>) -> Option<Date> {
    let exposure = Exposure::join(line.cases.iter().filter_map(|c| c.exposure.as_ref()))?;
    exposure.removed.and_then(|commit| commit.moment()).map(utc_day)
}

/// Whether the absence of its value would have been noticed.
fn can_be_seen(world: &World<'_>, line: &Line<'_, '_>) -> bool {
    let Some(entry) = line.entry else { return true };
    !line.cases.is_empty() || (identifiers(entry.record) > 0 && !incomparable(world, entry.record))
}

fn ends(record: &Record) -> Option<String> {
    until(record.expires_at, &record.unknown_fields)
}

/// A date, `never` or `unknown`; `None` where the field is missing.
pub(super) fn until(end: Until, unknown_fields: &[ArcStr]) -> Option<String> {
    match end {
        Until::On(when) => Some(when.to_string()),
        Until::Never => Some("never".to_owned()),
        Until::Unknown => {
            let stated = unknown_fields.iter().any(|f| f == "expires_at" || f == "contract_end");
            stated.then(|| "unknown".to_owned())
        }
    }
}

fn steps(record: &Record) -> Steps {
    let at = |name: &str| date(step(record, name));
    Steps {
        keys_revoked: at("keys_revoked"),
        scopes_removed: at("scopes_removed"),
        accounts_disabled: at("accounts_disabled"),
        invalidation_verified: at("invalidation_verified"),
        dependencies_confirmed: at("dependencies_confirmed"),
    }
}

/// References to it that are still there. `None` where nobody looked and some could be.
fn references(world: &World<'_>, record: &Record) -> Option<Vec<ReferenceEvidence>> {
    let found = world.references_to(record);
    if found.by_name.is_empty() && found.unknown {
        return None;
    }
    let told = found.by_name.into_iter().map(|(name, spots)| {
        let mut places: Vec<String> = spots.iter().map(|s| clean(&format!("{}:{}", s.path, s.location.line))).collect();
        places.sort();
        places.dedup();
        let other_places = places.len().saturating_sub(Reach::PLACES) as u64;
        places.truncate(Reach::PLACES);
        ReferenceEvidence { name: clean(name), places, other_places }
    });
    Some(told.collect())
}

/// Why it has ended, or was to end.
fn ended(world: &World<'_>, line: &Line<'_, '_>, removed: &Removed) -> Vec<Ended> {
    let mut all = Vec::new();
    let mut put = |why: &str, on: Option<String>| all.push(Ended { why: why.to_owned(), on });
    let past = |end: Option<When>| end.filter(|end| end.is_past(world.as_of()));
    if let Some(entry) = line.entry {
        let record = entry.record;
        if let Some(end) = past(entry.partner.and_then(|p| p.contract_end.when())) {
            put("contract ended", Some(end.to_string()));
        }
        if record.use_case_status.eq_ignore_ascii_case("ended") {
            put("use case ended", None);
        }
        if let Some(end) = past(record.expires_at.when()) {
            put("expired", Some(end.to_string()));
        }
        if record.revoked_at.is_some() || entry.is_revoked() {
            put("revoked", date(record.revoked_at));
        } else if let Some(status) = record.status.filter(|s| !entry.is_in_force() && *s != Status::Requested) {
            put(&format!("status {}", status.word()), None);
        }
    }
    if removed.in_tree == Some(false) && !line.cases.is_empty() {
        put("removed from the tree", removed.removed_from_head.clone());
    }
    all
}

fn utc_day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn days(world: &World<'_>, line: &Line<'_, '_>, removed: &Removed) -> Days {
    let introduced = line.cases.iter().filter_map(|c: &&Case<'_>| c.introduced()).map(|(_, t)| utc_day(t)).min();
    let gone = gone_on(line).filter(|_| removed.removed_from_head.is_some());
    let between = |from: Option<Date>, to: Option<Date>| Some(When::Day(from?).days_until(to?));
    let record = line.entry.map(|e| e.record);
    let revoked = record.and_then(|r| r.revoked_at).map(When::day);
    let verified = record.and_then(|r| r.invalidation_verified_at).map(When::day);
    let contract = line.entry.and_then(|e| e.partner).and_then(|p| p.contract_end.when());
    let contract = contract.filter(|end| end.is_past(world.as_of())).map(When::day);
    Days {
        contract_end_to_revoked: between(contract, revoked),
        first_use_to_revoked: between(introduced, revoked),
        revoked_to_verified: between(revoked, verified),
        revoked_to_removed: between(revoked, gone),
        exposed: between(introduced, gone),
    }
}

/// What keeps it from being called gone.
fn judge(world: &World<'_>, line: &Line<'_, '_>, removed: &mut Removed) {
    let mut missing = Vec::new();
    let mut unseen = Vec::new();
    match line.entry {
        // Key ids and publishable keys open nothing.
        None if line.cases.iter().all(|c| c.observation.visibility != Visibility::Secret) => return,
        None => missing.push("in no record of the inventory, so that nothing tells of its end".to_owned()),
        Some(entry) => {
            if entry.is_in_force() {
                let status = entry.record.status.map_or("not stated", Status::word);
                missing.push(format!("still in force: its status is {status}"));
            }
            let undated: Vec<&str> =
                removed.steps.all().iter().filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
            if !undated.is_empty() {
                missing.push(format!("no date for: {}", undated.join(", ")));
            }
            probable(world, entry, &mut missing);
            invisible(world, entry, line, &mut unseen);
        }
    }
    if removed.in_tree == Some(true) {
        let places = line.cases.iter().map(|c| c.present().count()).sum::<usize>();
        missing.push(format!("it stands in {}", counted(places as u64, "place of the tree", "places of the tree")));
    }
    match removed.refs_total {
        Some(0) => {}
        Some(n) => missing.push(format!("{} it", counted(n, "tip of a ref still holds", "tips of refs still hold"))),
        None if unseen.is_empty() => unseen.push("the history was not scanned: other refs may hold it".to_owned()),
        None => {}
    }
    if removed.in_tree.is_none() && unseen.is_empty() {
        unseen.push("no tree was scanned".to_owned());
    }
    match &removed.references {
        Some(list) if !list.is_empty() => {
            let names: Vec<&str> = list.iter().map(|r| r.name.as_str()).collect();
            missing.push(format!("still asked for by name: {}", names.join(", ")));
        }
        None if line.entry.is_some() => {
            unseen.push("references to it were not looked for".to_owned());
        }
        _ => {}
    }
    if line.cases.iter().any(|c| c.is_cut()) {
        unseen.push("history is cut short: earlier commits are not here".to_owned());
    }
    removed.missing = missing;
    removed.unseen = unseen;
}

/// Something that was seen is probably it, and is not bound to it.
fn probable(world: &World<'_>, entry: &Entry<'_>, missing: &mut Vec<String>) {
    if world.suggested.contains(&entry.index) && entry.cases.is_empty() {
        missing.push("a credential that was seen is probably this one".to_owned());
    }
}

/// Its value could stand anywhere without being recognised.
fn invisible(world: &World<'_>, entry: &Entry<'_>, line: &Line<'_, '_>, unseen: &mut Vec<String>) {
    if !line.cases.is_empty() {
        return;
    }
    if identifiers(entry.record) == 0 {
        unseen.push("nothing in its record identifies its value, so that it cannot be looked for".to_owned());
    } else if incomparable(world, entry.record) {
        unseen.push("its fingerprint was made with a pepper that was not supplied".to_owned());
    } else if matches!(line.outcome(102), Some(Outcome::NotEvaluated(_))) && world.input.observed.is_empty() {
        unseen.push("nothing was scanned".to_owned());
    }
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
