//! What of people, tickets, contracts and partners a report shows: the one place that decides it.
//!
//! Takes a full report and gives one that says no more than the level allows. Facts are told apart by
//! their names; what they held is also taken out of messages, so that a sentence does not tell what
//! a fact may not.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Disclose, Report};
use crate::govern::{Finding, Matched, Subject};
use crate::secret::CredentialId;

/// Parts of fact names that mean people, teams, tickets and contracts.
const PRIVATE: &[&str] = &[
    "author", "by", "committer", "contact", "contract", "email", "mail", "manager", "member", "owner", "owners",
    "people", "person", "purpose", "recertifier", "ref", "requester", "reviewer", "runbook", "sub", "subject", "team",
    "tenant", "tenants", "ticket", "tickets", "user", "vault",
];

/// `report` as far as `level` allows.
pub(super) fn disclose(report: &Report, level: Disclose) -> Cow<'_, Report> {
    if level == Disclose::Full {
        return Cow::Borrowed(report);
    }
    Cow::Owned(disclosed(report.clone(), level))
}

/// `report` as far as `level` allows.
pub(super) fn disclosed(mut report: Report, level: Disclose) -> Report {
    if level == Disclose::Full {
        return report;
    }
    for finding in &mut report.judgement.findings {
        withhold_facts(finding);
    }
    for observation in &mut report.observations {
        observation.claims.facts.retain(|name, value| !is_private(name, value));
        if observation.key_id.as_deref().is_some_and(is_mailbox) {
            observation.key_id = None;
        }
        for sighting in &mut observation.sightings {
            for name in [&mut sighting.key_name, &mut sighting.key_path] {
                if name.as_deref().is_some_and(is_mailbox) {
                    *name = None;
                }
            }
        }
    }
    if level == Disclose::None {
        Ids::of(&report).apply(&mut report);
    }
    report
}

/// Removes private facts, and their values from the message.
fn withhold_facts(finding: &mut Finding) {
    let facts = std::mem::take(&mut finding.facts);
    let (withheld, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = facts.into_iter().partition(|(n, v)| is_private(n, v));
    finding.facts = kept;
    for (name, value) in &withheld {
        for text in texts(value) {
            finding.message = replaced(&finding.message, text, &format!("({})", name.replace('_', " ")));
            for modifier in &mut finding.modifiers {
                modifier.reason = replaced(&modifier.reason, text, &format!("({})", name.replace('_', " ")));
            }
        }
    }
}

fn is_private(name: &str, value: &Value) -> bool {
    is_private_name(name) || texts(value).iter().any(|t| t.contains('@'))
}

/// Whether a key id or a name is somebody's address; a service account's is the account's.
fn is_mailbox(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(_, host)| host.contains('.') && !host.ends_with("gserviceaccount.com"))
}

/// Whether what has this name is about people, teams, tickets or contracts.
pub(super) fn is_private_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split(['_', '-', '.', ' ']).any(|part| PRIVATE.contains(&part)) || lower.starts_with("approver")
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// `text` with every occurrence of `what` that is not part of a longer word replaced.
fn replaced(text: &str, what: &str, with: &str) -> String {
    if what.chars().count() < 3 {
        return text.to_owned();
    }
    let inside = |c: char| c.is_alphanumeric();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(what) {
        let before = out.chars().next_back().filter(|_| at == 0).or_else(|| rest[..at].chars().next_back());
        let after = rest[at + what.len()..].chars().next();
        out.push_str(&rest[..at]);
        let whole = !before.is_some_and(inside) && !after.is_some_and(inside);
        out.push_str(if whole { with } else { what });
        rest = &rest[at + what.len()..];
    }
    out.push_str(rest);
    out
}

/// Ids of records and partners with what stands for them.
struct Ids {
    records: BTreeMap<String, String>,
    partners: BTreeMap<String, String>,
    /// Words for messages, longest first, so that an id inside another does not spoil it.
    words: Vec<(String, String)>,
}

impl Ids {
    fn of(report: &Report) -> Self {
        let (mut records, mut partners, mut words) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        for finding in &report.judgement.findings {
            records.extend(finding.record.clone());
            partners.extend(finding.partner.clone());
            match &finding.subject {
                Subject::Record(id) | Subject::Governance(id) => records.extend([id.clone()]),
                Subject::Credential(_) => {}
            }
        }
        records.extend(report.judgement.matches.values().flat_map(|m| m.records.iter().cloned()));
        for named in report.observations.iter().filter_map(|o| o.partner.as_ref()) {
            partners.insert(named.id.clone());
            words.insert(named.name.clone(), token("partner", &named.id));
        }
        let records: BTreeMap<_, _> = records.into_iter().map(|id| (id.clone(), token("record", &id))).collect();
        let partners: BTreeMap<_, _> = partners.into_iter().map(|id| (id.clone(), token("partner", &id))).collect();
        words.extend(partners.clone());
        words.extend(records.clone());
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        Self { records, partners, words }
    }

    fn apply(&self, report: &mut Report) {
        for finding in &mut report.judgement.findings {
            finding.record = finding.record.as_deref().map(|id| self.record(id));
            finding.partner = finding.partner.as_deref().map(|id| self.partner(id));
            match &mut finding.subject {
                Subject::Record(id) | Subject::Governance(id) => *id = self.record(id),
                Subject::Credential(_) => {}
            }
            finding.facts.clear();
            finding.message = self.scrubbed(&finding.message);
            for modifier in &mut finding.modifiers {
                modifier.reason = self.scrubbed(&modifier.reason);
            }
            for spot in std::iter::once(&mut finding.primary).chain(&mut finding.related) {
                spot.note = self.scrubbed(&spot.note);
            }
        }
        let matches = std::mem::take(&mut report.judgement.matches);
        report.judgement.matches =
            matches.into_iter().map(|(id, m): (CredentialId, Matched)| (id, self.matched(m))).collect();
        for observation in &mut report.observations {
            observation.key_id = None;
            observation.hint = None;
            observation.claims.facts.clear();
            if let Some(named) = &mut observation.partner {
                named.id = self.partner(&named.id);
                named.name.clone_from(&named.id);
                named.by = None;
            }
        }
        if let Some(inventory) = &mut report.inventory {
            for error in &mut inventory.errors {
                error.id = error.id.as_deref().map(|id| self.record(id));
                error.problem = self.scrubbed(&error.problem);
            }
        }
    }

    fn matched(&self, mut matched: Matched) -> Matched {
        matched.records = matched.records.iter().map(|id| self.record(id)).collect();
        matched.dates.clear();
        matched
    }

    fn record(&self, id: &str) -> String {
        self.records.get(id).cloned().unwrap_or_else(|| token("record", id))
    }

    fn partner(&self, id: &str) -> String {
        self.partners.get(id).cloned().unwrap_or_else(|| token("partner", id))
    }

    fn scrubbed(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, token)| replaced(&text, word, token))
    }
}

/// What stands for an id: the same in every report, not the id.
pub(super) fn token(kind: &str, id: &str) -> String {
    let digest = CredentialId::from_parts("keyward/v1/withheld", &[kind.as_bytes(), id.as_bytes()]).to_string();
    format!("{kind}-{}", &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::sample;

    fn json(level: Disclose) -> String {
        serde_json::to_string(&*disclose(&sample(), level)).unwrap()
    }

    #[test]
    fn people_tickets_and_contracts_need_full() {
        for private in ["Dana Approver", "CHG-4711", "2026-10-12"] {
            assert!(json(Disclose::Full).contains(private), "{private}");
            assert!(!json(Disclose::Ids).contains(private), "{private}");
            assert!(!json(Disclose::None).contains(private), "{private}");
        }
        assert!(json(Disclose::Ids).contains("cred-017"));
    }

    #[test]
    fn a_user_that_is_a_mailbox_is_a_person_and_a_service_account_is_not() {
        let shown = |id: &str, level| {
            let mut report = sample();
            report.observations[0].key_id = Some(id.to_owned());
            report.observations[0].sightings[0].key_name = Some(id.to_owned());
            serde_json::to_string(&*disclose(&report, level)).unwrap().contains(id)
        };
        assert!(shown("dana@acme-corp.net", Disclose::Full) && !shown("dana@acme-corp.net", Disclose::Ids));
        assert!(shown("ci@shop.iam.gserviceaccount.com", Disclose::Ids));
    }

    #[test]
    fn every_guarded_fact_is_private() {
        for name in crate::govern::facts::GUARDED {
            assert!(is_private(name, &Value::Null), "{name}");
        }
    }

    #[test]
    fn none_shows_no_id_of_record_or_partner() {
        let text = json(Disclose::None);
        for id in ["cred-017", "acme-logistics", "Acme Logistics"] {
            assert!(json(Disclose::Ids).contains(id), "{id}");
            assert!(!text.contains(id), "{id}");
        }
        assert!(text.contains("record-") && text.contains("partner-"));
    }

    #[test]
    fn ids_inside_longer_words_stay() {
        assert_eq!(replaced("box in boxes, box", "box", "x"), "x in boxes, x");
        assert_eq!(replaced("boxbox", "box", "x"), "boxbox");
    }
}
