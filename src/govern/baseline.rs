//! The baseline: findings accepted as already known, in a file that merges well.
//!
//! One sorted line per finding: check, identity, subject, path. No dates, no line numbers, nothing
//! that changes while the finding stays. A moved file stays known; a copy is new.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::check::CheckId;
use super::finding::{Disposition, Finding, Subject};
use crate::secret::FindingKey;
use crate::source::RepoPath;

const HEADER: &str = "# keyward baseline 1: check, finding, subject, path";

/// One known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// Its check.
    pub check: CheckId,
    /// Its identity, 32 hex digits.
    pub key: String,
    /// What it is about: a credential's identity, `record:ID`, `governance:ID`; percent-encoded.
    pub subject: String,
    /// Where it was; percent-encoded.
    pub path: String,
}

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeSet<BaselineEntry>,
}

/// Why a baseline cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct BaselineError {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: &'static str,
}

fn subject_text(subject: &Subject) -> String {
    let encoded = |text: &str| RepoPath::new(text.as_bytes()).to_uri();
    match subject {
        Subject::Credential(id) => id.to_string(),
        Subject::Record(id) => format!("record:{}", encoded(id)),
        Subject::Governance(id) => format!("governance:{}", encoded(id)),
    }
}

impl BaselineEntry {
    fn of(finding: &Finding) -> Self {
        let path = finding.primary.path.to_uri();
        Self {
            check: finding.check,
            key: finding.key.to_string(),
            subject: subject_text(&finding.subject),
            path: if path.is_empty() { "-".to_owned() } else { path },
        }
    }
}

impl Baseline {
    /// The findings that are open or already known; excepted ones have their exception.
    pub fn of(findings: &[Finding]) -> Self {
        let kept = findings.iter().filter(|f| !matches!(f.disposition, Disposition::Excepted { .. }));
        Self { entries: kept.map(BaselineEntry::of).collect() }
    }

    /// Takes over the entries of an older one that `unseen` says nobody looked for, and tells how many they are.
    pub fn keep(&mut self, older: &Self, unseen: impl Fn(&BaselineEntry) -> bool) -> usize {
        let before = self.entries.len();
        self.entries.extend(older.entries.iter().filter(|e| unseen(e)).cloned());
        self.entries.len() - before
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for e in &self.entries {
            // Writing to a String succeeds.
            let _ = writeln!(text, "{} {} {} {}", e.check, e.key, e.subject, e.path);
        }
        text
    }

    /// Reads a baseline; comments and empty lines are skipped, order does not matter.
    pub fn parse(file: &str, text: &str) -> Result<Self, BaselineError> {
        let mut entries = BTreeSet::new();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fail = |problem| BaselineError { file: file.to_owned(), line: n + 1, problem };
            let fields: Vec<&str> = line.split(' ').collect();
            let [check, key, subject, path] = fields.as_slice() else {
                return Err(fail("expected four fields: check, finding, subject, path"));
            };
            let check = CheckId::parse(check).ok_or_else(|| fail("expected a check such as KW101"))?;
            if key.len() != 32 || !key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                return Err(fail("expected a finding's identity: 32 hex digits"));
            }
            let owned = |text: &&str| (*text).to_owned();
            entries.insert(BaselineEntry { check, key: owned(key), subject: owned(subject), path: owned(path) });
        }
        Ok(Self { entries })
    }

    /// Marks what is known, and tells which entries nothing answers to any more. `judged` says of a check
    /// whether it was judged for everything there is: only then absence means that something is gone.
    pub(crate) fn apply(&self, findings: &mut [Finding], judged: impl Fn(CheckId) -> bool) -> Vec<BaselineEntry> {
        let now: BTreeSet<FindingKey> = findings.iter().map(|f| f.key).collect();
        let now: BTreeSet<String> = now.iter().map(ToString::to_string).collect();
        let (still, mut gone): (Vec<_>, Vec<_>) = self.entries.iter().partition(|e| now.contains(&e.key));
        gone.retain(|e| judged(e.check));
        let known: BTreeSet<&str> = still.iter().map(|e| e.key.as_str()).collect();
        // What left its path may have moved: the same check and credential, one for one.
        let mut moved: BTreeMap<(CheckId, String), Vec<&BaselineEntry>> = BTreeMap::new();
        for entry in gone.iter().rev() {
            moved.entry((entry.check, entry.subject.clone())).or_default().push(entry);
        }
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|n| (findings[*n].check, findings[*n].primary.path.clone(), findings[*n].key));
        let mut answered: BTreeSet<&BaselineEntry> = BTreeSet::new();
        for n in order {
            let finding = &mut findings[n];
            let is_known = known.contains(finding.key.to_string().as_str());
            let from = (finding.check, subject_text(&finding.subject));
            let accepted =
                is_known || moved.get_mut(&from).and_then(Vec::pop).is_some_and(|entry| answered.insert(entry));
            if accepted && finding.is_open() {
                finding.disposition = Disposition::Baselined;
            }
        }
        gone.into_iter().filter(|e| !answered.contains(*e)).cloned().collect()
    }
}
