//! The register of exceptions: open, ended, renewed, with what protects in the meantime.

use super::sheet::{Cell, Row, Sheet, Tone, day, ids, list, none_of, number_of};
use crate::govern::evidence::{Evidence, ExceptionEvidence};

const COLUMNS: &[&str] = &[
    "exception", "type", "state", "fault", "checks", "credential", "other_subject", "covers", "reason", "requested_by",
    "approved_by", "approved_at", "ref", "starts_at", "expires_at", "days", "age_days", "renewals",
    "renewed_too_often", "retire_by", "compensating_controls", "incident", "reviewed_at", "findings", "recorded_at",
];

const HEADS: &[&str] =
    &["Exception", "Covers", "Who allowed it", "How long", "What protects in the meantime", "Findings"];

/// The register.
pub fn exceptions(evidence: &Evidence) -> Sheet<'_> {
    let all = &evidence.exceptions;
    let count = |wanted: fn(&ExceptionEvidence) -> bool| all.iter().filter(|e| wanted(e)).count();
    Sheet {
        title: "Exceptions register",
        lead: format!(
            "Every exception that is written down, on {}: what it covers, who allowed it, and when it ends.",
            evidence.run.as_of
        ),
        run: &evidence.run,
        figures: vec![
            number_of(count(|e| e.state == "open"), "open", "open"),
            none_of(count(|e| e.state == "expired"), "expired"),
            none_of(count(|e| e.over_renewed), "renewed more often than allowed"),
            none_of(count(|e| e.fault.is_some()), "not valid or over their longest duration"),
        ],
        columns: COLUMNS,
        heads: HEADS,
        rows: all.iter().map(row).collect(),
        nothing: "No exception is written down in what was given.",
    }
}

fn row(e: &ExceptionEvidence) -> Row {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let number = |field: Option<i64>| field.map(|n| n.to_string()).unwrap_or_default();
    let flat = vec![
        e.id.clone(),
        e.kind.clone(),
        e.state.clone(),
        text(&e.fault),
        e.checks.join(" "),
        text(&e.credential),
        text(&e.subject),
        e.covers.to_string(),
        text(&e.reason),
        text(&e.requested_by),
        text(&e.approved_by),
        text(&e.approved_at),
        text(&e.reference),
        text(&e.starts_at),
        text(&e.expires_at),
        number(e.days),
        number(e.age_days),
        e.renewals.to_string(),
        if e.over_renewed { "yes" } else { "no" }.to_owned(),
        text(&e.retire_by),
        list(&e.compensating_controls),
        text(&e.incident),
        text(&e.post_review_at),
        ids(&e.findings),
        e.recorded_at.clone(),
    ];
    Row { flat, cells: vec![identity(e), covers(e), allowed(e), term(e), protection(e), findings(e)] }
}

fn identity(e: &ExceptionEvidence) -> Cell {
    let tone = match e.state.as_str() {
        "open" => Tone::Good,
        "not begun" => Tone::Quiet,
        _ => Tone::Bad,
    };
    Cell::default()
        .add("", e.id.as_str(), Tone::Strong)
        .add("", e.kind.replace('_', " "), Tone::Plain)
        .add("", e.state.as_str(), tone)
        .maybe("", e.fault.as_deref(), Tone::Bad)
        .maybe("", e.reason.as_deref(), Tone::Quiet)
}

fn covers(e: &ExceptionEvidence) -> Cell {
    Cell::default()
        .add("", e.checks.join(" "), Tone::Code)
        .maybe("of", e.credential.as_deref(), Tone::Plain)
        .maybe("of", e.subject.as_deref(), Tone::Code)
        .add(
            "",
            if e.covers == 1 { "1 finding today".to_owned() } else { format!("{} findings today", e.covers) },
            Tone::Quiet,
        )
}

fn allowed(e: &ExceptionEvidence) -> Cell {
    Cell::default()
        .or_missing("", e.approved_by.as_deref(), Tone::Plain)
        .maybe("on", e.approved_at.as_deref().map(day), Tone::Plain)
        .or_missing("ref", e.reference.as_deref(), Tone::Quiet)
        .maybe("asked by", e.requested_by.as_deref(), Tone::Quiet)
        .maybe("incident", e.incident.as_deref(), Tone::Quiet)
}

fn term(e: &ExceptionEvidence) -> Cell {
    let mut cell = Cell::default().or_missing("from", e.starts_at.as_deref().map(day), Tone::Plain).or_missing(
        "to",
        e.expires_at.as_deref().map(day),
        if e.state == "expired" { Tone::Bad } else { Tone::Plain },
    );
    if let Some(days) = e.days {
        cell = cell.add("days", days.to_string(), Tone::Quiet);
    }
    if let Some(age) = e.age_days.filter(|age| *age >= 0) {
        cell = cell.add("age, days", age.to_string(), Tone::Quiet);
    }
    cell.add("renewed", format!("{} times", e.renewals), if e.over_renewed { Tone::Bad } else { Tone::Quiet })
}

fn protection(e: &ExceptionEvidence) -> Cell {
    let cell = if e.compensating_controls.is_empty() {
        Cell::default().add("", "nothing recorded", Tone::Quiet)
    } else {
        e.compensating_controls.iter().fold(Cell::default(), |cell, text| cell.add("", text.as_str(), Tone::Plain))
    };
    cell.maybe("retired by", e.retire_by.as_deref().map(day), Tone::Plain).maybe(
        "reviewed",
        e.post_review_at.as_deref().map(day),
        Tone::Plain,
    )
}

fn findings(e: &ExceptionEvidence) -> Cell {
    if e.findings.is_empty() {
        Cell::default().add("", "none", Tone::Good)
    } else {
        Cell::default().add("", ids(&e.findings), Tone::Code)
    }
}
