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

/// Whether it may lower anything today, and why not.
fn state(world: &World<'_>, e: &Exception) -> (&'static str, Option<String>) {
    let (rules, as_of) = (&world.input.policy.exceptions, world.as_of());
    if !e.is_approved() {
        let fault = if e.approved_by.is_empty() { "approved by nobody" } else { "approved by its requester" };
        return ("not valid", Some(fault.to_owned()));
    }
    if let Some(fault) = e.too_wide(rules) {
        return ("not valid", Some(fault));
    }
    if e.is_expired(as_of) {
        return ("expired", None);
    }
    if e.expires_at.is_none() {
        return ("not valid", Some("it has no end".to_owned()));
    }
    match e.start() {
        None => ("not valid", Some("it does not say when it begins".to_owned())),
        Some(start) if start.days_until(as_of) < 0 => ("not begun", None),
        Some(_) if !e.is_in_force(rules, as_of) => {
            ("over its longest duration", e.longest(rules).map(|days| format!("its type may last {days} days")))
        }
        Some(_) => ("open", None),
    }
}
