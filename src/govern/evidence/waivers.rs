//! Every exception: what it covers today, and whether it may.

use super::super::assess::Judgement;
use super::super::exception::Exception;
use super::super::finding::{Disposition, Subject, clean};
use super::super::world::World;
use super::line::{date, text, texts};
use super::model::ExceptionEvidence;
use super::run::row;

/// The exceptions, by id.
pub(super) fn of(world: &World<'_>, judgement: &Judgement) -> Vec<ExceptionEvidence> {
    let Some(exceptions) = world.input.exceptions else { return Vec::new() };
    let mut all: Vec<ExceptionEvidence> =
        exceptions.list.iter().map(|e| one(world, judgement, &exceptions.file, e)).collect();
    all.sort_by(|a, b| (&a.id, &a.recorded_at).cmp(&(&b.id, &b.recorded_at)));
    all
}

fn one(world: &World<'_>, judgement: &Judgement, file: &str, e: &Exception) -> ExceptionEvidence {
    let id = clean(&e.id);
    let about = Subject::Governance(format!("exception:{}", e.id));
    let own = judgement.findings.iter().filter(|f| f.subject == about);
    let mut findings: Vec<_> = own.map(|f| f.check).collect();
    findings.sort_unstable();
    findings.dedup();
    let covered = |d: &Disposition| matches!(d, Disposition::Excepted { id: by, .. } if *by == id);
    let (state, fault) = state(world, e);
    let subjects = [e.subject.fingerprint.as_str(), e.subject.path.as_str()];
    let subjects: Vec<String> = subjects.iter().filter_map(|s| text(s)).collect();
    ExceptionEvidence {
        kind: clean(&e.kind),
        state: state.to_owned(),
        fault,
        checks: texts(&e.checks),
        credential: text(&e.subject.credential),
        subject: (!subjects.is_empty()).then(|| subjects.join(", ")),
        reason: text(&e.reason),
        requested_by: text(&e.requested_by),
        approved_by: text(&e.approved_by),
        approved_at: date(e.approved_at),
        reference: text(&e.reference),
        starts_at: date(e.start()),
        expires_at: date(e.expires_at),
        days: e.days(),
        age_days: e.start().map(|s| s.days_until(world.as_of())),
        renewals: e.renewals,
        over_renewed: e.renewals > world.input.policy.exceptions.max_renewals,
        retire_by: date(e.retire_by),
        compensating_controls: texts(&e.compensating_controls),
        incident: text(&e.incident_ref),
        post_review_at: date(e.post_review_at),
        covers: judgement.findings.iter().filter(|f| covered(&f.disposition)).count() as u64,
        recorded_at: row(file, e.line, 0),
        findings,
        id,
    }
}

/// Whether it may lower anything today, and what is wrong with it.
fn state(world: &World<'_>, e: &Exception) -> (&'static str, Option<String>) {
    let (rules, as_of) = (&world.input.policy.exceptions, world.as_of());
    let fault = if e.approved_by.is_empty() {
        Some("approved by nobody".to_owned())
    } else if !e.is_approved() {
        Some("approved by its requester".to_owned())
    } else if let Some(fault) = e.too_wide(rules) {
        Some(fault)
    } else if e.expires_at.is_none() {
        Some("it has no end".to_owned())
    } else if e.start().is_none() {
        Some("it does not say when it begins".to_owned())
    } else {
        None
    };
    // What has ended has ended, valid or not.
    if e.is_expired(as_of) {
        ("expired", fault)
    } else if fault.is_some() {
        ("not valid", fault)
    } else if e.start().is_some_and(|start| start.days_until(as_of) < 0) {
        ("not begun", None)
    } else if e.is_in_force(rules, as_of) {
        ("open", None)
    } else {
        ("over its longest duration", e.longest(rules).map(|days| format!("its type may last {days} days")))
    }
}
