//! An input that only some runs have: the inventory's own history.

use crate::inventory::{Status, When};

/// The versions of an inventory that is kept in git, as changes from one to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventoryHistory {
    /// Fields that changed, oldest first.
    pub changes: Vec<RecordChange>,
    /// Records that are no longer there.
    pub vanished: Vec<Vanished>,
    /// Earlier versions were not read: a shallow clone, or more of them than are looked at. What is
    /// missing here may have happened before.
    pub cut: bool,
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
