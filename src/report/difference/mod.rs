//! What changed from one report to another.
//!
//! Takes two stored reports, gives findings that are new, re-introduced, moved, changed or gone. They
//! are told apart by their keys and credentials; lines decide nothing. What is gone because nobody
//! looked for it says so: a difference is no all-clear either.

mod compare;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};

use serde::Serialize;

pub use snapshot::{Snapshot, SnapshotError};
pub use text::render as render_text;

use crate::govern::{CheckId, Disposition, Level, Subject};
use crate::position::Location;
use crate::secret::FindingKey;
use crate::source::{Place, RepoPath};

/// Name and version of the JSON form.
pub const SCHEMA: &str = "keyward.difference/1";

/// What happened to a finding between the two reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the new report has it.
    New,
    /// Only the new report has it; its credential was gone before, and is back.
    Reintroduced,
    /// Both have it, for the same credential and check, in another place.
    Moved,
    /// Both have it, with another level, or accepted in one and open in the other.
    Changed,
    /// Only the old report has it.
    Gone,
}

impl Change {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] = [Self::New, Self::Reintroduced, Self::Moved, Self::Changed, Self::Gone];

    /// The word of sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reintroduced => "re-introduced",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// One finding that is not the same in both reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What happened.
    pub change: Change,
    /// The finding: of the old report where it is gone, else of the new one.
    pub finding: Shown,
    /// What it was in the old report, where it was in that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Of what is gone: why it may only not have been looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// What is shown of a finding; the reports have the rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its identity.
    pub key: FindingKey,
    /// Its check.
    pub check: CheckId,
    /// Its level.
    pub level: Level,
    /// What it is about.
    pub subject: Subject,
    /// One sentence.
    pub message: String,
    /// Where it is.
    #[serde(flatten)]
    pub at: Where,
    /// Partner id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Inventory record id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Open, excepted or baselined.
    pub disposition: Disposition,
}

/// What a finding was before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Before {
    /// Its identity then.
    pub key: FindingKey,
    /// Its check then: what leaves the tree is in the history.
    pub check: CheckId,
    /// Its level then.
    pub level: Level,
    /// Where it was.
    #[serde(flatten)]
    pub at: Where,
    /// Open, excepted or baselined.
    pub disposition: Disposition,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Where {
    /// Path from the repository's top.
    pub path: RepoPath,
    /// Lines and columns.
    pub location: Location,
    /// Tree, index, history, stdin; `None` for inventory and configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// One of the two reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The file as it was named; not in JSON, so that the same reports give the same bytes.
    #[serde(skip)]
    pub file: String,
    /// The day that it was judged on.
    pub as_of: String,
    /// Version of keyward that made it.
    pub version: String,
    /// Which sources were asked for.
    pub scope: Vec<String>,
    /// Commits that were checked out.
    pub heads: Vec<String>,
    /// Whether everything that was asked for was scanned.
    pub complete: bool,
    /// How many findings it has.
    pub findings: usize,
}

/// How many findings changed in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// See [`Change::New`].
    pub new: usize,
    /// See [`Change::Reintroduced`].
    pub reintroduced: usize,
    /// See [`Change::Moved`].
    pub moved: usize,
    /// See [`Change::Changed`].
    pub changed: usize,
    /// See [`Change::Gone`].
    pub gone: usize,
    /// The same in both.
    pub unchanged: usize,
}

impl Summary {
    /// How many changed so.
    pub fn of(&self, change: Change) -> usize {
        match change {
            Change::New => self.new,
            Change::Reintroduced => self.reintroduced,
            Change::Moved => self.moved,
            Change::Changed => self.changed,
            Change::Gone => self.gone,
        }
    }
}

/// Everything that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The older report.
    pub old: Side,
    /// The newer report.
    pub new: Side,
    /// What a reader must know of the two: what only one of them looked at, and the like.
    pub notes: Vec<String>,
    /// Counts.
    pub summary: Summary,
    /// By change, level, check and path.
    pub changes: Vec<Entry>,
}

impl Difference {
    /// What changed from `old` to `new`.
    pub fn between(old: &Snapshot, new: &Snapshot) -> Self {
        compare::compare(old, new)
    }

    /// Whether something at `level` or above counts now that did not count before: it is new, it is
    /// back, its level rose, or it is accepted no more.
    pub fn is_worse(&self, level: Level) -> bool {
        let counts = |disposition: &Disposition, found: Level| *disposition == Disposition::Open && found >= level;
        self.changes.iter().filter(|entry| counts(&entry.finding.disposition, entry.finding.level)).any(|entry| match (
            entry.change, &entry.before,
        ) {
            (Change::New | Change::Reintroduced, _) => true,
            (Change::Moved | Change::Changed, Some(before)) => !counts(&before.disposition, before.level),
            (Change::Moved | Change::Changed, None) | (Change::Gone, _) => false,
        })
    }
}

/// Writes it as JSON.
pub fn render_json(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, difference)?;
    out.write_all(b"\n")
}
