//! Gates: which findings fail which stage.

use std::collections::BTreeMap;

use crate::govern::check::{CheckId, Level};
use crate::govern::finding::{Finding, Subject};

/// Checks that a gate looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// `KW0xx`.
    Leak,
    /// `KW1xx` is 1.
    Family(u16),
    /// One check.
    One(CheckId),
}

impl Selector {
    /// Reads `leak`, `KW1xx` or `KW605`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "leak" {
            return Some(Self::Leak);
        }
        if let Some(digit) = text.strip_prefix("KW").and_then(|t| t.strip_suffix("xx")) {
            return digit.parse().ok().filter(|d| *d < 10).map(Self::Family);
        }
        CheckId::parse(text).map(Self::One)
    }

    pub(crate) fn holds(&self, id: CheckId) -> bool {
        match self {
            Self::Leak => id.0 < 100,
            Self::Family(hundred) => id.0 / 100 == *hundred,
            Self::One(one) => id == *one,
        }
    }
}

/// What fails a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Lowest level that fails; `None` fails nothing.
    pub fail_on: Option<Level>,
    /// Only findings about credentials that are not in the baseline: nobody fails on somebody
    /// else's record.
    pub only_new: bool,
    /// Checks that it looks at; empty for all.
    pub checks: Vec<Selector>,
    /// A bound on time: what was not looked at until then is a gap.
    pub max_ms: Option<u64>,
    /// All of history is scanned.
    pub history: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { fail_on: Some(Level::Error), only_new: false, checks: Vec::new(), max_ms: None, history: false }
    }
}

impl Gate {
    /// Whether the gate looks at a check.
    pub fn selects(&self, id: CheckId) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|s| s.holds(id))
    }

    /// Whether a finding fails the stage.
    pub fn fails(&self, finding: &Finding) -> bool {
        let new = !self.only_new || matches!(finding.subject, Subject::Credential(_));
        finding.is_open()
            && new
            && self.selects(finding.check)
            && self.fail_on.is_some_and(|least| finding.level >= least)
    }

    pub(super) fn defaults() -> BTreeMap<String, Self> {
        let selected =
            vec![Selector::Leak, Selector::Family(1), Selector::One(CheckId(605)), Selector::One(CheckId(904))];
        BTreeMap::from([
            ("pre_commit".to_owned(), Self { checks: selected, ..Self::default() }),
            ("pull_request".to_owned(), Self { only_new: true, ..Self::default() }),
            ("main".to_owned(), Self { fail_on: None, ..Self::default() }),
            ("nightly".to_owned(), Self { history: true, ..Self::default() }),
        ])
    }
}
