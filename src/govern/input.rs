//! Inputs that only some runs have: the inventory's own history, and the change that is judged.

use crate::inventory::{Status, When};
use crate::source::RepoPath;

/// The versions of an inventory that is kept in git, as changes from one to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventoryHistory {
    /// Fields that changed, oldest first.
    pub changes: Vec<RecordChange>,
    /// Records that are no longer there.
    pub vanished: Vec<Vanished>,
    /// Handoffs that were written down.
    pub handoffs: Vec<Handoff>,
}

/// A field of a record that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordChange {
    /// The record's id.
    pub record: String,
    /// The field.
    pub field: String,
    /// When, by the committer's clock.
    pub at: When,
    /// The commit.
    pub commit: String,
    /// It had a value before, so that this is a change and not the first entry.
    pub was_set: bool,
}

/// A record that is no longer in the inventory.
#[derive(Clone, Debug, PartialEq)]
pub struct Vanished {
    /// Its id.
    pub record: String,
    /// Its partner.
    pub partner: String,
    /// The file it was in.
    pub file: String,
    /// Its last status.
    pub status: Option<Status>,
    /// When it went.
    pub at: When,
    /// The commit.
    pub commit: String,
}

/// A handoff that was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Handoff {
    /// The record's id.
    pub record: String,
    /// When.
    pub at: When,
}

impl InventoryHistory {
    /// Days between a handoff and the change of the record for which it counts.
    const HANDOFF_DAYS: i64 = 31;

    /// Whether a handoff around this time was written down.
    pub(crate) fn has_handoff(&self, record: &str, at: When) -> bool {
        let near = |h: &Handoff| h.at.days_until(at.day()).abs() <= Self::HANDOFF_DAYS;
        self.handoffs.iter().any(|h| h.record == record && near(h))
    }
}

/// The change that is being judged: a range of commits, a push, what is staged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Files that it changes and that decide on findings.
    pub governing: Vec<Governing>,
}

/// A changed file that decides on findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Governing {
    /// The file.
    pub path: RepoPath,
    /// What it is: `policy`, `exceptions`, `baseline`, `inventory`, `ignore file`.
    pub what: String,
}
