//! The removal ledger: everything that has ended or was to end, with the dates of each step.

use super::register::{credential_cell, findings, is_secret, name};
use super::sheet::{Cell, Row, Sheet, Tone, day, ids, list, none_of, number_of, short, yes};
use crate::govern::evidence::{CredentialEvidence, Ended, Evidence};

const COLUMNS: &[&str] = &[
    "partner",
    "credential",
    "in_inventory",
    "kind",
    "status",
    "ended_because",
    "contract_end",
    "expires_at",
    "revoked_at",
    "revoked_by",
    "verified_at",
    "evidence",
    "in_tree",
    "removed_at",
    "removed_commit",
    "in_history",
    "refs",
    "refs_that_hold_it",
    "keys_revoked",
    "scopes_removed",
    "accounts_disabled",
    "invalidation_verified",
    "dependencies_confirmed",
    "references_that_remain",
    "days_contract_end_to_revoked",
    "days_first_use_to_revoked",
    "days_revoked_to_verified",
    "days_revoked_to_removed",
    "days_exposed",
    "missing",
    "not_looked_at",
    "findings",
    "recorded_at",
];

const HEADS: &[&str] = &[
    "Credential", "Ended because", "Revoked and verified", "Removed from the code", "Days", "Still missing", "Findings",
];

/// The ledger of credentials that [`Evidence::retain_ended`] kept, of `total` in all.
pub fn removals<'e>(evidence: &'e Evidence, total: usize, since: Option<&str>) -> Sheet<'e> {
    let all: Vec<&CredentialEvidence> = evidence.credentials.iter().filter(|c| is_secret(c)).collect();
    let count = |wanted: fn(&CredentialEvidence) -> bool| all.iter().filter(|c| wanted(c)).count();
    let period = match since {
        Some(day) => format!("from {day} to {}", evidence.run.as_of),
        None => format!("up to {}", evidence.run.as_of),
    };
    Sheet {
        title: "Removal ledger",
        lead: format!(
            "Every credential that has ended or was to end {period}: when it was revoked, when that was verified, and when it \
             left the code. {} of {total} credentials.",
            all.len()
        ),
        run: &evidence.run,
        figures: vec![
            number_of(count(|c| c.removed.revoked_at.is_some()), "revoked with a date", "revoked with a date"),
            number_of(
                count(|c| c.removed.invalidation_verified_at.is_some()),
                "verified to be void",
                "verified to be void",
            ),
            none_of(count(|c| c.removed.in_tree == Some(true)), "still in the tree"),
            none_of(
                count(|c| c.credential.id.is_some() && c.removed.in_force),
                "ended by contract, date or use case, and still in force",
            ),
            none_of(count(|c| c.credential.id.is_none()), "gone from the tree, in no record"),
        ],
        columns: COLUMNS,
        heads: HEADS,
        rows: all.into_iter().map(row).collect(),
        nothing: "Nothing has ended, and nothing was to end.",
    }
}

fn row(line: &CredentialEvidence) -> Row {
    let cells = vec![
        credential_cell(line),
        because(line),
        revoked(line),
        removed(line),
        days(line),
        missing(line),
        findings(line),
    ];
    Row { flat: flat(line), cells }
}

fn worded(event: &Ended) -> String {
    match &event.on {
        Some(on) => format!("{} {}", event.why, day(on)),
        None => event.why.clone(),
    }
}

fn flat(line: &CredentialEvidence) -> Vec<String> {
    let (id, removed) = (&line.credential, &line.removed);
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let number = |field: Option<i64>| field.map(|n| n.to_string()).unwrap_or_default();
    let because: Vec<String> = removed.ended.iter().map(worded).collect();
    let references = removed.references.iter().flatten().map(|r| format!("{} in {}", r.name, r.places.join(", ")));
    let references: Vec<String> = references.collect();
    let steps = removed.steps.all().map(|(_, at)| at.unwrap_or_default().to_owned());
    let mut flat = vec![
        text(&id.partner),
        name(line),
        if id.id.is_some() { "yes" } else { "no" }.to_owned(),
        text(&id.kind),
        text(&removed.status),
        list(&because),
        text(&removed.contract_end),
        text(&removed.expires_at),
        text(&removed.revoked_at),
        text(&removed.revoked_by),
        text(&removed.invalidation_verified_at),
        text(&removed.evidence),
        yes(removed.in_tree),
        text(&removed.removed_from_head),
        text(&removed.removed_commit),
        yes(removed.still_in_history),
        removed.refs_total.map(|n| n.to_string()).unwrap_or_default(),
        list(&removed.refs),
    ];
    flat.extend(steps);
    flat.extend([
        list(&references),
        number(removed.days.contract_end_to_revoked),
        number(removed.days.first_use_to_revoked),
        number(removed.days.revoked_to_verified),
        number(removed.days.revoked_to_removed),
        number(removed.days.exposed),
        list(&removed.missing),
        list(&removed.unseen),
        ids(&line.findings),
        text(&id.recorded_at),
    ]);
    flat
}

fn because(line: &CredentialEvidence) -> Cell {
    line.removed.ended.iter().fold(Cell::default(), |cell, event| cell.add("", worded(event), Tone::Plain))
}

fn revoked(line: &CredentialEvidence) -> Cell {
    let removed = &line.removed;
    if line.credential.id.is_none() {
        return Cell::default().add("", "nothing tells", Tone::Bad);
    }
    Cell::default()
        .or_missing("revoked", removed.revoked_at.as_deref().map(day), Tone::Good)
        .maybe("by", removed.revoked_by.as_deref(), Tone::Quiet)
        .or_missing("verified", removed.invalidation_verified_at.as_deref().map(day), Tone::Good)
        .maybe("shown in", removed.evidence.as_deref(), Tone::Quiet)
}

/// Where it is and was.
pub(super) fn removed(line: &CredentialEvidence) -> Cell {
    let removed = &line.removed;
    let cell = match removed.in_tree {
        Some(true) => {
            let mut cell = Cell::default().add("", "still in the tree", Tone::Bad);
            for place in line.reach.locations.iter().take(3) {
                cell = cell.add("", format!("{}:{}", place.path, place.line), Tone::Code);
            }
            cell
        }
        Some(false) => match (&removed.removed_from_head, &removed.removed_commit) {
            (Some(at), Some(commit)) => {
                Cell::default().add("removed", day(at), Tone::Good).add("in", short(commit), Tone::Code)
            }
            _ => Cell::default().add("", "not in the tree", Tone::Good),
        },
        None => Cell::default().add("", "could not be looked for", Tone::Bad),
    };
    let cell = match removed.still_in_history {
        Some(true) => cell.add("", "its value is in the history", Tone::Quiet),
        Some(false) => cell.add("", "never seen in the history", Tone::Quiet),
        None => cell.add("", "history not scanned", Tone::Quiet),
    };
    let cell = match removed.refs_total {
        Some(n) if n > 0 => {
            let names: Vec<&str> = removed.refs.iter().take(3).map(String::as_str).collect();
            let tips = if n == 1 { "the tip of" } else { "the tips of" };
            let more =
                if n > names.len() as u64 { format!(" and {} more", n - names.len() as u64) } else { String::new() };
            cell.add("on", format!("{tips} {}{more}", names.join(", ")), Tone::Bad)
        }
        Some(_) => cell.add("", "on no ref's tip", Tone::Good),
        None => cell,
    };
    match &removed.references {
        _ if line.credential.id.is_none() => cell,
        _ if !removed.referable => {
            cell.add("", "its record names no variable, vault path or address to look for", Tone::Quiet)
        }
        Some(list) if list.is_empty() => cell.add("", "no longer asked for by name", Tone::Good),
        _ => cell,
    }
}

fn days(line: &CredentialEvidence) -> Cell {
    let days = &line.removed.days;
    let mut cell = Cell::default();
    for (label, n) in [
        ("contract end to revoked", days.contract_end_to_revoked),
        ("first seen to revoked", days.first_use_to_revoked),
        ("revoked to verified", days.revoked_to_verified),
        ("revoked to removed", days.revoked_to_removed),
        ("exposed", days.exposed),
    ] {
        if let Some(n) = n {
            cell = cell.add(label, n.to_string(), Tone::Plain);
        }
    }
    cell
}

/// What keeps it from being called gone.
pub(super) fn missing(line: &CredentialEvidence) -> Cell {
    let removed = &line.removed;
    if removed.missing.is_empty() && removed.unseen.is_empty() {
        return Cell::default().add("", "nothing", Tone::Good);
    }
    let cell = removed.missing.iter().fold(Cell::default(), |cell, text| cell.add("", text.as_str(), Tone::Bad));
    removed.unseen.iter().fold(cell, |cell, text| cell.add("not looked at", text.as_str(), Tone::Quiet))
}
