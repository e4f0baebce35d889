//! What of people, tickets, contracts and ids reports for auditors show.
//!
//! A field that says something and may not be shown reads `(withheld)`; `null` keeps meaning that
//! nothing is recorded, so that a report at a lower level shows no gap where there is none.

use crate::govern::evidence::{CredentialEvidence, Evidence, ExceptionEvidence, PartnerEvidence, Run};
use crate::report::Disclose;
use crate::report::disclose::token;

/// Stands for what is recorded and not shown.
const WITHHELD: &str = "(withheld)";

/// `evidence` as far as `level` allows; never more than it was written with.
pub fn disclose(evidence: &Evidence, level: Disclose) -> Evidence {
    let mut evidence = evidence.clone();
    if level == Disclose::Full {
        return evidence;
    }
    let word = if level == Disclose::Ids { "ids" } else { "none" };
    if evidence.run.disclose != "none" {
        word.clone_into(&mut evidence.run.disclose);
    }
    evidence.credentials.iter_mut().for_each(people_of_credential);
    evidence.partners.iter_mut().for_each(contract_of_partner);
    evidence.exceptions.iter_mut().for_each(people_of_exception);
    if level == Disclose::None {
        evidence.credentials.iter_mut().for_each(ids_of_credential);
        evidence.partners.iter_mut().for_each(ids_of_partner);
        evidence.exceptions.iter_mut().for_each(ids_of_exception);
        ids_of_run(&mut evidence.run);
        // The order must not tell what the ids do not.
        evidence.credentials.sort_by(|a, b| {
            let key = |c: &CredentialEvidence| (c.credential.partner.clone(), c.credential.id.clone());
            key(a).cmp(&key(b))
        });
        evidence.partners.sort_by(|a, b| a.id.cmp(&b.id));
        evidence.exceptions.sort_by(|a, b| a.id.cmp(&b.id));
    }
    evidence
}

fn hide(field: &mut Option<String>) {
    if field.is_some() {
        *field = Some(WITHHELD.to_owned());
    }
}

fn hide_all(list: &mut Vec<String>) {
    if !list.is_empty() {
        *list = vec![WITHHELD.to_owned()];
    }
}

/// People, tickets, contract dates, and texts that may name them.
fn people_of_credential(line: &mut CredentialEvidence) {
    hide(&mut line.credential.purpose);
    hide(&mut line.approved.by);
    hide(&mut line.approved.requested_by);
    hide(&mut line.approved.reference);
    if line.approved.system.as_ref().is_some_and(|s| s.contains('@')) {
        hide(&mut line.approved.system);
    }
    hide(&mut line.accountable.api_owner);
    hide(&mut line.accountable.credential_owner);
    hide(&mut line.accountable.recertified_by);
    hide(&mut line.removed.contract_end);
    hide(&mut line.removed.revoked_by);
    hide(&mut line.removed.evidence);
    for event in line.removed.ended.iter_mut().filter(|e| e.why == "contract ended") {
        hide(&mut event.on);
    }
    // Both ends of it are shown, or none.
    line.removed.days.contract_end_to_revoked = None;
    for reference in line.removed.references.iter_mut().flatten() {
        WITHHELD.clone_into(&mut reference.name);
    }
    for text in &mut line.removed.missing {
        if let Some((what, _)) = text.split_once(": ").filter(|(what, _)| *what == "still asked for by name") {
            *text = format!("{what}: {WITHHELD}");
        }
    }
    // Claims of a token, and a directory's names, may be addresses of people.
    for list in [&mut line.reach.approved_scopes, &mut line.reach.apis] {
        list.iter_mut().filter(|t| t.contains('@')).for_each(|t| WITHHELD.clone_into(t));
    }
    for scope in line.reach.observed_scopes.iter_mut().flatten().filter(|t| t.contains('@')) {
        WITHHELD.clone_into(scope);
    }
}

fn contract_of_partner(partner: &mut PartnerEvidence) {
    hide(&mut partner.contract_end);
    hide(&mut partner.contract_id);
    hide(&mut partner.business_owner);
}

fn people_of_exception(exception: &mut ExceptionEvidence) {
    hide(&mut exception.reason);
    hide(&mut exception.requested_by);
    hide(&mut exception.approved_by);
    hide(&mut exception.reference);
    hide(&mut exception.incident);
    // What protects is shown as a number: the words may name people and tickets.
    let n = exception.compensating_controls.len();
    if n > 0 {
        exception.compensating_controls = vec![format!("{n} {WITHHELD}")];
    }
}

fn ids_of_credential(line: &mut CredentialEvidence) {
    let id = &mut line.credential;
    id.id = id.id.as_deref().map(|id| token("record", id));
    id.partner = id.partner.as_deref().map(|id| token("partner", id));
    hide(&mut id.recorded_at);
    for seen in &mut id.observed {
        seen.probable = seen.probable.iter().map(|id| token("record", id)).collect();
        // The title names the provider.
        WITHHELD.clone_into(&mut seen.title);
    }
    line.exceptions = line.exceptions.iter().map(|id| token("exception", id)).collect();
    line.exceptions.sort();
    hide_all(&mut line.reach.approved_scopes);
    line.reach.observed_scopes.iter_mut().for_each(hide_all);
    hide_all(&mut line.reach.apis);
}

fn ids_of_partner(partner: &mut PartnerEvidence) {
    partner.id = token("partner", &partner.id);
    hide(&mut partner.name);
    for gone in &mut partner.vanished {
        gone.id = token("record", &gone.id);
    }
}

fn ids_of_exception(exception: &mut ExceptionEvidence) {
    exception.id = token("exception", &exception.id);
    exception.credential = exception.credential.as_deref().map(|id| token("record", id));
    hide(&mut exception.subject);
    WITHHELD.clone_into(&mut exception.recorded_at);
}

fn ids_of_run(run: &mut Run) {
    for input in &mut run.inputs {
        WITHHELD.clone_into(&mut input.name);
    }
    run.inputs.sort();
}
