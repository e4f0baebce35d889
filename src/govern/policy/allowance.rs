//! `[[allow]]` of keyward.toml: paths and values that may hold credentials, each with its reason.

use jiff::civil::Date;

use super::Globs;
use crate::govern::check::CheckId;
use crate::secret::Fingerprint;

/// One permission. It covers a finding whose paths and whose credential it names; where it names only
/// paths or only values, these alone decide.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The configuration file as it was named.
    pub file: String,
    /// Its line there.
    pub line: u32,
    /// Findings of these checks.
    pub checks: Vec<CheckId>,
    /// Below these paths.
    pub paths: Option<Globs>,
    /// Values; `None` if it names none.
    pub values: Option<Values>,
    /// Why.
    pub reason: String,
    /// Last day.
    pub until: Option<Date>,
}

/// The values that a permission names.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// By fingerprint.
    pub fingerprints: Vec<Fingerprint>,
    /// By the identity that reports show.
    pub credentials: Vec<String>,
    /// By the digests of expressions over the value.
    pub patterns: Vec<String>,
}

impl Allowance {
    /// The checks that are meant where none is named: that something is in plain text.
    pub const CHECKS: [CheckId; 4] = [CheckId(1), CheckId(2), CheckId(3), CheckId(4)];

    /// Its place, by which reports name it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// What it is about, for its identity: never its line.
    pub(crate) fn subject(&self) -> String {
        let mut parts = Vec::new();
        if self.checks != Self::CHECKS {
            parts.extend(self.checks.iter().map(ToString::to_string));
        }
        parts.extend(self.paths.iter().flat_map(|p| p.texts().iter().cloned()));
        if let Some(values) = &self.values {
            parts.extend(values.fingerprints.iter().map(ToString::to_string));
            parts.extend(values.credentials.iter().chain(&values.patterns).cloned());
        }
        format!("permission: {}", parts.join(", "))
    }
}
