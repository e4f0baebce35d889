//! A judgement: a check that failed for an observation or a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::{CheckId, Level};
use crate::observe::{Excerpt, Exposure};
use crate::position::Location;
use crate::secret::{CredentialId, FindingKey};
use crate::source::{Place, RepoPath};

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A credential that was observed.
    Credential(CredentialId),
    /// A record of the inventory, by id (and source line where ids repeat).
    Record(String),
    /// An exception, a policy, the inventory as a whole.
    Governance(String),
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// Path from the repository's top, or the inventory's file as it was named.
    pub path: RepoPath,
    /// Lines and columns.
    pub location: Location,
    /// Tree, index, history, stdin; `None` for inventory and configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The masked line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// The time it was there, for history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// What it is, for related places: "inventory record", "also here".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What happened to a finding after it was made. It is never dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Counts.
    #[default]
    Open,
    /// A written, approved, unexpired permission covers it.
    Excepted {
        /// The exception's id.
        id: String,
        /// Its last day.
        until: String,
    },
    /// Accepted as already known.
    Baselined,
}

/// A change of level, with its reason; printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Modifier {
    /// Why: "production environment".
    pub reason: String,
    /// Steps up or down; 0 for a cap that had nothing to do.
    pub steps: i32,
}

/// A check that failed, with its evidence. Made by `FindingBuilder` alone, which demands a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Identity over runs.
    pub key: FindingKey,
    /// Which check.
    pub check: CheckId,
    /// Level after modifiers.
    pub level: Level,
    /// Why the level differs from the check's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
    /// What it is about.
    pub subject: Subject,
    /// One sentence with the specifics; no names of people, tickets or contract dates beyond what
    /// `disclose` allows.
    pub message: String,
    /// Where it is.
    pub primary: Spot,
    /// What else decides: the inventory's row, other sightings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Spot>,
    /// Partner id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Inventory record id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Match level and reason: `certain`, by `key id`.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<String>,
    /// Facts that decided, value-free.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
    /// Open, excepted or baselined.
    pub disposition: Disposition,
}

impl Finding {
    /// Whether it counts for the gate.
    pub fn is_open(&self) -> bool {
        self.disposition == Disposition::Open
    }
}
