//! The access register: every record and every credential without one, a row each.

use super::sheet::{Cell, Figure, Row, Sheet, Tone, day, ids, list, none_of, number_of, short, yes};
use crate::govern::evidence::{CredentialEvidence, Evidence};

const COLUMNS: &[&str] = &[
    "partner",
    "credential",
    "in_inventory",
    "kind",
    "purpose",
    "environments",
    "status",
    "approved_by",
    "approved_at",
    "approval_system",
    "approval_ref",
    "requested_by",
    "approval_complete",
    "separation_of_duties",
    "approved_before_first_use",
    "first_use_at",
    "first_use_commit",
    "approved_scopes",
    "observed_scopes",
    "scopes_within_approval",
    "access_mode",
    "apis",
    "data_classes",
    "regions",
    "environments_observed",
    "api_owner",
    "credential_owner",
    "owner_status",
    "last_review",
    "reviewed_by",
    "next_review_due",
    "expires_at",
    "expiry_takes_effect",
    "contract_end",
    "revoked_at",
    "in_tree",
    "places",
    "in_history",
    "match",
    "matched_by",
    "fingerprint",
    "findings",
    "accepted",
    "exceptions",
    "not_evaluated",
    "recorded_at",
];

const HEADS: &[&str] =
    &["Credential", "Who approved it", "What it could reach", "Who answers for it", "When it ends", "Findings"];

/// The register.
pub fn register(evidence: &Evidence) -> Sheet<'_> {
    let all = &evidence.credentials;
    let count = |wanted: fn(&CredentialEvidence) -> bool| all.iter().filter(|c| wanted(c)).count();
    let recorded = count(|c| c.credential.id.is_some());
    let unrecorded = count(|c| c.credential.id.is_none() && is_secret(c));
    let mut figures = vec![
        number_of(recorded, "record", "records"),
        number_of(count(|c| c.credential.id.is_some() && c.removed.in_force), "of them in force", "of them in force"),
        none_of(unrecorded, "seen and in no record"),
        none_of(
            count(|c| c.credential.id.is_some() && c.removed.in_force && c.approved.complete != Some(true)),
            "in force without a complete approval",
        ),
        none_of(count(|c| c.removed.in_tree == Some(true) && is_secret(c)), "still in a tree"),
    ];
    let others = count(|c| !is_secret(c) && c.credential.id.is_none());
    if others > 0 {
        figures.push(Figure {
            number: others.to_string(),
            label: "key ids and publishable keys".to_owned(),
            tone: Tone::Quiet,
        });
    }
    Sheet {
        title: "Access register",
        lead: format!(
            "Every credential that the inventory records and every one that was seen, on {}: who approved it, what it could \
             reach, who answers for it, and when it ends.",
            evidence.run.as_of
        ),
        run: &evidence.run,
        figures,
        columns: COLUMNS,
        heads: HEADS,
        rows: all.iter().map(row).collect(),
        nothing: "The inventory has no record, and nothing was seen.",
    }
}

/// Recorded, or seen as something that opens a door.
pub(super) fn is_secret(line: &CredentialEvidence) -> bool {
    line.credential.id.is_some() || line.credential.observed.iter().any(|s| s.visibility == "secret")
}

/// The record's id; what was seen without one by its own identity.
pub(super) fn name(line: &CredentialEvidence) -> String {
    match (&line.credential.id, line.credential.observed.first()) {
        (Some(id), _) => id.clone(),
        (None, Some(seen)) => format!("credential {}", short(&seen.credential)),
        (None, None) => "credential".to_owned(),
    }
}

fn row(line: &CredentialEvidence) -> Row {
    let cells = vec![credential_cell(line), approval(line), reach(line), owners(line), end(line), findings(line)];
    Row { flat: flat(line), cells }
}

fn flat(line: &CredentialEvidence) -> Vec<String> {
    let (id, approved, reach) = (&line.credential, &line.approved, &line.reach);
    let (owner, removed) = (&line.accountable, &line.removed);
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let first = approved.first_use.as_ref();
    let place = |p: &crate::govern::evidence::PlaceEvidence| format!("{}/{}:{}", p.repo, p.path, p.line);
    let mut places: Vec<String> = reach.locations.iter().map(place).collect();
    if reach.other_places > 0 {
        places.push(format!("and {} more", reach.other_places));
    }
    vec![
        text(&id.partner),
        name(line),
        if id.id.is_some() { "yes" } else { "no" }.to_owned(),
        text(&id.kind),
        text(&id.purpose),
        list(&id.environments),
        text(&removed.status),
        text(&approved.by),
        text(&approved.at),
        text(&approved.system),
        text(&approved.reference),
        text(&approved.requested_by),
        yes(approved.complete),
        approved.segregation.clone(),
        yes(approved.before_first_use),
        first.map(|f| f.committer_time.clone()).unwrap_or_default(),
        first.map(|f| f.commit.clone()).unwrap_or_default(),
        list(&reach.approved_scopes),
        reach.observed_scopes.as_deref().map(list).unwrap_or_default(),
        reach.subset.clone(),
        text(&reach.access_mode),
        list(&reach.apis),
        list(&reach.data_classes),
        list(&reach.regions),
        list(&reach.environments_observed),
        text(&owner.api_owner),
        text(&owner.credential_owner),
        owner.owner_status.clone(),
        text(&owner.recertified_at),
        text(&owner.recertified_by),
        text(&owner.next_due),
        text(&removed.expires_at),
        yes(removed.expiry_enforced),
        text(&removed.contract_end),
        text(&removed.revoked_at),
        yes(removed.in_tree),
        list(&places),
        yes(removed.still_in_history),
        id.matched.as_ref().map(|m| m.level.clone()).unwrap_or_default(),
        id.matched.as_ref().and_then(|m| m.by.clone()).unwrap_or_default(),
        text(&id.fingerprint),
        ids(&line.findings),
        ids(&line.accepted),
        list(&line.exceptions),
        ids(&line.not_evaluated),
        text(&id.recorded_at),
    ]
}

/// What it is; first in every register.
pub(super) fn credential_cell(line: &CredentialEvidence) -> Cell {
    let id = &line.credential;
    let cell = Cell::default()
        .add("", name(line), Tone::Strong)
        .maybe("", id.partner.as_deref(), Tone::Plain)
        .maybe("", id.kind.as_deref().map(|k| k.replace('_', " ")).as_deref(), Tone::Quiet)
        .maybe("", Some(id.environments.join(", ")).as_deref(), Tone::Quiet)
        .maybe("for", id.purpose.as_deref(), Tone::Quiet);
    if id.id.is_some() {
        return match &id.matched {
            Some(matched) => cell.add("", format!("seen, match {}", matched.level), Tone::Quiet),
            None => cell.add("", "not seen", Tone::Quiet),
        };
    }
    let titles: Vec<&str> = id.observed.iter().map(|s| s.title.as_str()).collect();
    let cell = cell.maybe("", Some(titles.join(", ")).as_deref(), Tone::Quiet);
    match id.observed.iter().flat_map(|s| &s.probable).next() {
        _ if !is_secret(line) => cell.add("", "no secret: needs no record", Tone::Quiet),
        Some(probable) => cell.add("", format!("in no record; probably {probable}"), Tone::Bad),
        None if id.matched.as_ref().is_some_and(|m| m.level == "not comparable") => {
            cell.add("", "cannot be compared with the inventory", Tone::Bad)
        }
        None => cell.add("", "in no record", Tone::Bad),
    }
}

fn approval(line: &CredentialEvidence) -> Cell {
    let approved = &line.approved;
    let used = |cell: Cell| match &approved.first_use {
        None => cell,
        Some(first) => {
            let bound = if first.certainty == "exact" { "" } else { "not later than " };
            cell.add("first seen", format!("{bound}{}", day(&first.committer_time)), Tone::Quiet)
        }
    };
    if line.credential.id.is_none() {
        return used(Cell::default());
    }
    let mut cell = Cell::default()
        .or_missing("", approved.by.as_deref(), Tone::Plain)
        .maybe("on", approved.at.as_deref().map(day), Tone::Plain)
        .maybe("in", approved.system.as_deref(), Tone::Quiet)
        .or_missing("ref", approved.reference.as_deref(), Tone::Quiet)
        .maybe("asked by", approved.requested_by.as_deref(), Tone::Quiet);
    if approved.segregation == "violated" {
        cell = cell.add("", "approved their own", Tone::Bad);
    }
    if approved.before_first_use == Some(false) {
        cell = cell.add("", "in use before it was approved", Tone::Bad);
    }
    used(cell)
}

fn reach(line: &CredentialEvidence) -> Cell {
    let reach = &line.reach;
    let mut cell = Cell::default();
    if line.credential.id.is_some() {
        let scopes = reach.approved_scopes.join(", ");
        cell = cell.or_missing("approved", Some(&scopes), Tone::Code).or_missing(
            "data",
            Some(&reach.data_classes.join(", ")),
            Tone::Plain,
        );
    }
    if let Some(observed) = &reach.observed_scopes {
        let tone = if reach.subset == "no" { Tone::Bad } else { Tone::Code };
        cell = cell.add("has", observed.join(", "), tone);
    }
    cell = cell
        .maybe("APIs", Some(&reach.apis.join(", ")), Tone::Code)
        .maybe("regions", Some(&reach.regions.join(", ")), Tone::Quiet)
        .maybe("access", reach.access_mode.as_deref(), Tone::Quiet);
    for place in reach.locations.iter().take(3) {
        cell = cell.add("in", format!("{}:{}", place.path, place.line), Tone::Code);
    }
    let more = reach.locations.len().saturating_sub(3) as u64 + reach.other_places;
    if more > 0 {
        cell = cell.add("", format!("and {more} more places"), Tone::Quiet);
    }
    cell
}

fn owners(line: &CredentialEvidence) -> Cell {
    let owner = &line.accountable;
    if line.credential.id.is_none() {
        return Cell::default();
    }
    let mut cell = Cell::default().or_missing("API", owner.api_owner.as_deref(), Tone::Plain).or_missing(
        "credential",
        owner.credential_owner.as_deref(),
        Tone::Plain,
    );
    cell = match owner.owner_status.as_str() {
        "left" => cell.add("", "an owner has left", Tone::Bad),
        "active" => cell.add("", "active by the roster", Tone::Good),
        _ => cell,
    };
    let cell = cell.maybe("reviewed", owner.recertified_at.as_deref().map(day), Tone::Quiet);
    match owner.next_due.as_deref() {
        Some(due) => cell.add("review due", due, Tone::Quiet),
        None => cell,
    }
}

fn end(line: &CredentialEvidence) -> Cell {
    let removed = &line.removed;
    let mut cell = Cell::default();
    if line.credential.id.is_some() {
        cell = cell.or_missing("status", removed.status.as_deref(), Tone::Plain);
        cell = match removed.expires_at.as_deref() {
            Some("never") if removed.in_force => cell.add("ends", "never", Tone::Bad),
            Some(end) => cell.add("ends", day(end), Tone::Plain),
            None => cell.add("ends", "not recorded", Tone::Bad),
        };
        if removed.expiry_enforced == Some(false) {
            cell = cell.add("", "the date takes no effect by itself", Tone::Bad);
        }
        cell = cell.maybe("contract ends", removed.contract_end.as_deref().map(day), Tone::Quiet).maybe(
            "revoked",
            removed.revoked_at.as_deref().map(day),
            Tone::Plain,
        );
    }
    if removed.in_tree == Some(true) && is_secret(line) {
        cell = cell.add("", "stands in the tree", Tone::Bad);
    } else if let Some(gone) = &removed.removed_from_head {
        cell = cell.add("gone from the tree", day(gone), Tone::Good);
    }
    cell
}

/// The checks that failed, and what could not be told.
pub(super) fn findings(line: &CredentialEvidence) -> Cell {
    let open: Vec<_> = line.findings.iter().filter(|id| !line.accepted.contains(id)).copied().collect();
    let mut cell = Cell::default();
    if open.is_empty() {
        cell = cell.add("", "none", Tone::Good);
    } else {
        cell = cell.add("", ids(&open), Tone::Code);
    }
    if !line.accepted.is_empty() {
        cell = cell.add("accepted", ids(&line.accepted), Tone::Quiet);
    }
    cell.maybe("by", Some(&line.exceptions.join(", ")), Tone::Quiet).add(
        "",
        format!("{} evaluated, {} not", line.evaluated, line.not_evaluated.len()),
        Tone::Quiet,
    )
}
