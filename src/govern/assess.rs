//! The reduce: everything that was observed, together with the inventory and the policy.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::check::CheckId;
use super::{Finding, Policy};
use crate::inventory::Inventory;
use crate::observe::Observed;
use crate::secret::CredentialId;

/// Everything that is judged together.
pub struct Assessment<'a> {
    /// What was observed, one entry per repository.
    pub observed: &'a [Observed],
    /// The inventory; without one only the leak checks are evaluated.
    pub inventory: Option<&'a Inventory>,
    /// Thresholds, environments, overrides.
    pub policy: &'a Policy,
    /// The day that governance is judged on, UTC.
    pub as_of: Date,
}

/// What the judgement says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Failed checks, sorted.
    pub findings: Vec<Finding>,
    /// How each check went.
    pub checks: BTreeMap<CheckId, CheckState>,
    /// Which record each observation was matched with.
    pub matches: BTreeMap<CredentialId, Matched>,
}

/// How a check went over all its subjects. A check that could not be evaluated has not passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckState {
    /// Subjects for which it was evaluated.
    pub evaluated: u64,
    /// Of these, those for which it failed.
    pub failed: u64,
    /// Subjects for which its inputs are missing, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_evaluated: BTreeMap<String, u64>,
}

/// An observation's record, or records where several fit equally well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// `certain`, `high`, `medium`, `low`, `suggestion`, `none` or `not comparable`.
    pub level: String,
    /// What matched: `hmac-sha256`, `key id`, `last 8`.
    pub by: String,
    /// Ids of the records.
    pub records: Vec<String>,
}

/// Judges.
pub fn assess(input: &Assessment<'_>) -> Judgement {
    let _ = (input.observed, input.inventory, input.policy, input.as_of);
    Judgement::default()
}
