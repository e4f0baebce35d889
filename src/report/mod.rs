//! The one serialisable view of a run; every format is a renderer of it and decides nothing.

use serde::{Deserialize, Serialize};

use crate::govern::Judgement;
use crate::inventory::RowError;
use crate::observe::{Observation, Repository};
use crate::source::coverage::Coverage;

/// Name and version of the JSON report.
pub const SCHEMA: &str = "keyward.report/1";

/// How much of people, tickets and contracts uploaded formats show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclose {
    /// Everything.
    Full,
    /// Record and partner ids, no names, tickets or contract dates.
    #[default]
    Ids,
    /// Not even ids.
    None,
}

/// Everything a renderer may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of keyward.
    pub version: String,
    /// The day that governance was judged on.
    pub as_of: String,
    /// Which sources were asked for.
    pub scope: Vec<String>,
    /// The repositories.
    pub repositories: Vec<Repository>,
    /// The inventory, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventorySummary>,
    /// Whether everything that was asked for was scanned.
    pub complete: bool,
    /// What was scanned and what was not.
    pub coverage: Coverage,
    /// Findings, states of the checks, matches.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// The credentials.
    pub observations: Vec<Observation>,
}

/// What the inventory consisted of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InventorySummary {
    /// The files.
    pub files: Vec<InventoryFile>,
    /// Records that were used.
    pub records: u64,
    /// Partners.
    pub partners: u64,
    /// When the export was made, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<String>,
    /// Rows and fields that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RowError>,
}

/// One export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryFile {
    /// As it was named.
    pub name: String,
    /// The format it was recognised as.
    pub format: String,
    /// Its digest.
    pub sha256: String,
}
