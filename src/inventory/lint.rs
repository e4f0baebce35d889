//! What an inventory lacks: `keyward inventory lint`.
//!
//! Errors are rows and fields that could not be used; warnings are records that keyward cannot judge
//! or match; notes are oddities. Each line names its place and field and never a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::date::Until;
use super::field::hint_tail;
use super::record::{Inventory, Record, RecordRef, RowError, Status};
use crate::secret::Scheme;

/// How much a line of the lint matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LintLevel {
    /// Could not be used.
    Error,
    /// Cannot be judged or matched.
    Warning,
    /// Odd.
    Note,
}

/// One line of the lint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LintLine {
    /// Where.
    pub at: RecordRef,
    /// How much it matters.
    pub level: LintLevel,
    /// The record's or partner's id, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The field, empty for the row.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Whether a record lacks a field.
type Lacks = fn(&Record) -> bool;

/// Fields of the minimal profile whose absence a record may have.
const MINIMAL: [(&str, Lacks); 12] = [
    ("partner_id", |r| r.partner_id.is_empty()),
    ("kind", |r| r.kind.is_empty()),
    ("status", |r| r.status.is_none() && !r.dated_status),
    ("environments", |r| r.environments.is_empty()),
    ("purpose", |r| r.purpose.is_empty()),
    ("api_owner", |r| r.api_owner.is_empty()),
    ("credential_owner", |r| r.credential_owner.is_empty()),
    ("approved_by", |r| r.approved_by.is_empty()),
    ("approved_at", |r| r.approved_at.is_none()),
    ("approval_ref", |r| r.approval_ref.is_empty()),
    ("last_recertified_at", |r| r.last_recertified_at.is_none()),
    ("offboarding_runbook", |r| r.offboarding_runbook.is_empty()),
];

/// Everything that is wrong with an inventory, sorted by place.
pub fn lint(inventory: &Inventory) -> Vec<LintLine> {
    let mut lines = Vec::new();
    lines.extend(inventory.errors.iter().map(|e| of_row(e, LintLevel::Error)));
    lines.extend(inventory.remarks.iter().map(|e| of_row(e, LintLevel::Note)));
    let mut line = |record: &Record, level, field: &str, problem: String| {
        let (at, id) = (record.at.clone(), Some(super::import::shown(&record.id).to_string()));
        lines.push(LintLine { at, level, id, field: field.to_owned(), problem });
    };
    let names = inventory.partner_names();
    for record in &inventory.records {
        let mut missing: Vec<&str> = MINIMAL.iter().filter(|(_, lacks)| lacks(record)).map(|(name, _)| *name).collect();
        if record.expires_at == Until::Unknown && !record.is_unknown("expires_at") {
            missing.push("expires_at");
        }
        if !missing.is_empty() {
            line(record, LintLevel::Warning, "", format!("the minimal profile lacks: {}", missing.join(", ")));
        }
        if !is_matchable(record) {
            line(
                record,
                LintLevel::Warning,
                "fingerprints",
                "no identifier: nothing that is found can be matched with it".to_owned(),
            );
        } else if has_hint_alone(record) {
            line(
                record,
                LintLevel::Note,
                "hint",
                "only a hint or a place identifies it, which never binds; add a fingerprint".to_owned(),
            );
        }
        if !record.partner_id.is_empty() && !inventory.partners.is_empty() && names.find(&record.partner_id).is_none() {
            line(
                record,
                LintLevel::Warning,
                "partner_id",
                "names a partner that the inventory does not list".to_owned(),
            );
        }
        for field in &record.secret_fields {
            line(
                record,
                LintLevel::Error,
                field,
                "holds a raw secret; it was hashed on reading: replace it by its fingerprint and rotate it".to_owned(),
            );
        }
        lint_identifiers(record, &mut line);
        if let (Some(issued), Some(expires)) = (record.issued_at, record.expires_at.when())
            && expires.end() < issued.start()
        {
            line(record, LintLevel::Error, "expires_at", "lies before `issued_at`".to_owned());
        }
        if let Some(environment) =
            record.status_by_environment.keys().find(|e| !record.environments.iter().any(|of| of == *e))
        {
            let problem = format!(
                "has a status for an environment that `environments` does not list ({})",
                super::import::shown(environment)
            );
            line(record, LintLevel::Note, "status", problem);
        }
        if record.revoked_at.is_some() && record.status.is_some_and(Status::is_live) {
            line(record, LintLevel::Warning, "status", "live, although `revoked_at` has a date".to_owned());
        }
    }
    duplicates(inventory, &mut lines);
    shared_hints(inventory, &mut lines);
    for conflict in &inventory.conflicts {
        let other = format!("{}:{}", conflict.other.file, conflict.other.line);
        let problem = if conflict.merged {
            format!("differs from {other}; what stands here counts")
        } else {
            format!("shared with {other}; the two are not merged")
        };
        lines.push(LintLine {
            at: conflict.kept.clone(),
            level: LintLevel::Warning,
            id: Some(super::import::shown(&conflict.id).to_string()),
            field: conflict.field.clone(),
            problem,
        });
    }
    lines.sort();
    lines.dedup();
    lines
}

fn of_row(error: &RowError, level: LintLevel) -> LintLine {
    let problem =
        if error.set_aside { format!("{} (the row is set aside)", error.problem) } else { error.problem.clone() };
    LintLine { at: error.at.clone(), level, id: error.id.clone(), field: error.field.clone(), problem }
}

/// Whether anything identifies the record's credential.
pub fn is_matchable(record: &Record) -> bool {
    has_strong_identifier(record) || has_weak_identifier(record)
}

fn has_strong_identifier(record: &Record) -> bool {
    !(record.fingerprints.is_empty()
        && record.key_id.is_empty()
        && record.client_ids.is_empty()
        && record.jwt_ids.is_empty()
        && record.cert_sha256.is_empty())
}

fn has_weak_identifier(record: &Record) -> bool {
    !(record.hint.is_empty()
        && record.locations.is_empty()
        && record.env_vars.is_empty()
        && record.vault_ref.is_empty())
}

fn has_hint_alone(record: &Record) -> bool {
    !has_strong_identifier(record)
}

fn lint_identifiers(record: &Record, line: &mut impl FnMut(&Record, LintLevel, &str, String)) {
    let chosen = matches!(record.kind.as_str(), "basic_auth" | "db_password" | "connection_string" | "webhook_secret");
    let schemes = |scheme| record.fingerprints.iter().any(|f| f.scheme == scheme);
    if chosen && (schemes(Scheme::Sha256) || schemes(Scheme::Sha1)) {
        let problem = format!("a plain digest of a {} can be found by trying; use hmac-sha256", record.kind);
        line(record, LintLevel::Warning, "fingerprints", problem);
    } else if schemes(Scheme::Sha1) {
        line(
            record,
            LintLevel::Note,
            "fingerprints",
            "sha1 is read to migrate old baselines; use hmac-sha256".to_owned(),
        );
    }
    if let Some(tail) = hint_tail(&record.hint) {
        if chosen {
            let problem = format!("refused: too little of a {} remains secret beside a hint", record.kind);
            line(record, LintLevel::Warning, "hint", problem);
        } else if tail.len() < 4 {
            line(record, LintLevel::Note, "hint", "fewer than 4 last characters are never compared".to_owned());
        }
    }
}

fn duplicates(inventory: &Inventory, lines: &mut Vec<LintLine>) {
    let mut first: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in &inventory.records {
        if let Some(earlier) = first.get(record.id.as_str()) {
            lines.push(LintLine {
                at: record.at.clone(),
                level: LintLevel::Error,
                id: Some(super::import::shown(&record.id).to_string()),
                field: "id".to_owned(),
                problem: format!("the same id as {}:{}", earlier.at.file, earlier.at.line),
            });
        } else {
            first.insert(&record.id, record);
        }
    }
}

/// Hints that several records have.
fn shared_hints(inventory: &Inventory, lines: &mut Vec<LintLine>) {
    let mut owners: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in &inventory.records {
        if let Some(tail) = hint_tail(&record.hint).filter(|t| t.len() >= 4) {
            owners.entry(tail).or_default().push(record);
        }
    }
    for shared in owners.values().filter(|records| records.len() > 1) {
        for record in shared {
            lines.push(LintLine {
                at: record.at.clone(),
                level: LintLevel::Note,
                id: Some(super::import::shown(&record.id).to_string()),
                field: "hint".to_owned(),
                problem: format!("the last characters are those of {} records: no evidence for one", shared.len()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::import::tests::load_texts;

    fn problems(text: &str) -> Vec<String> {
        let inventory = load_texts(&[("a.csv", text)]).unwrap();
        let lines = lint(&inventory).into_iter();
        lines.map(|l| format!("{} {}: {}", l.at.line, l.field, l.problem)).collect()
    }

    #[test]
    fn what_a_bare_row_lacks() {
        let found = problems("id,partner_id,colour\na,acme,red\n");
        assert_eq!(
            found,
            [
                "1 colour: column 3 is not a field of a credential",
                "2 : the minimal profile lacks: kind, status, environments, purpose, api_owner, credential_owner, approved_by, \
                 approved_at, approval_ref, last_recertified_at, offboarding_runbook, expires_at",
                "2 fingerprints: no identifier: nothing that is found can be matched with it",
            ]
        );
    }

    #[test]
    fn identifiers_that_are_weak_or_shared() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let text = format!(
            "id,partner_id,kind,fingerprints,hint,issued_at,expires_at\na,p,db_password,{digest},...0001,2026-02-01,2026-01-01\n\
             a,p,api_key,{digest},,,\n"
        );
        let found = problems(&text);
        for expected in [
            "2 fingerprints: a plain digest of a db_password can be found by trying; use hmac-sha256",
            "2 hint: refused: too little of a db_password remains secret beside a hint",
            "2 expires_at: lies before `issued_at`",
            "2 fingerprints: shared with a.csv:3; the two are not merged",
            "3 id: the same id as a.csv:2",
        ] {
            assert!(found.iter().any(|f| f == expected), "{expected} in {found:#?}");
        }
    }

    #[test]
    fn a_full_row_is_clean() {
        for full in [false, true] {
            let text = crate::inventory::template(crate::inventory::TemplateFormat::Csv, full);
            assert_eq!(problems(&text), Vec::<String>::new(), "{text}");
        }
    }
}
