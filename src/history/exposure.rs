//! What a timeline says of a credential: where and when it was, and who still holds it.
//!
//! Times are committer times; a commit's author chooses
//! them, so the commit's id always stands beside them.

use std::sync::Arc;

use gix::ObjectId;
use thin_vec::ThinVec;

/// A commit, as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Its id.
    pub(crate) commit: ObjectId,
    /// Author time, in seconds since 1970.
    pub(crate) author_time: i64,
    /// Committer time, in seconds since 1970.
    pub(crate) committer_time: i64,
}

/// How firmly the database still holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Held {
    /// Reachable from a ref or a HEAD.
    ByRef,
    /// Only in the index of a working tree.
    ByIndex,
    /// Only from reflogs and pseudo refs; git expires those.
    ByReflog,
    /// Only in an alternate, which belongs to another repository.
    Borrowed,
    /// From nothing: until git collects garbage.
    Unreachable,
}

/// Refs that hold something. Shared by all that the same refs hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holders {
    /// Full names, sorted; at most [`Holders::LISTED`].
    pub(crate) names: Vec<String>,
    /// How many there are.
    pub(crate) total: u64,
}

impl Holders {
    /// How many are listed by name.
    pub(crate) const LISTED: usize = 20;

    /// Adds a name; names come sorted, and one may come several times in a row (the entries of a log).
    pub(crate) fn add(&mut self, name: &str) {
        if self.names.last().is_some_and(|last| last == name) {
            return;
        }
        self.total += 1;
        if self.names.len() < Self::LISTED {
            self.names.push(name.to_owned());
        }
    }
}

/// A commit (or an annotated tag) by its number; [`super::History::moment`] resolves it. Small,
/// because there can be a million sightings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CommitNumber(pub(crate) u32);

/// The time in which something was there: a credential at a path, or anywhere. Small, for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exposure {
    /// Of the commits that have it while no parent has it, the one with the smallest committer time.
    /// None where no commit has it (an index, a lone object).
    pub(crate) introduced: Option<CommitNumber>,
    /// Whether that commit's parents are missing: it was there "not later than" then.
    pub(crate) introduced_at_cut: bool,
    /// The last commit on the mainline that lost it; where the mainline never had it and no ref's tip
    /// has it, the last commit anywhere that lost it. None while it is at HEAD.
    pub(crate) removed: Option<CommitNumber>,
    /// Commits that have it while no parent has it, but an earlier ancestor had; oldest first.
    pub(crate) reintroduced: ThinVec<CommitNumber>,
    /// When it last was in the trees of the mainline (HEAD and its first parents): the commit with which
    /// it came, and the one with which it went.
    pub(crate) on_mainline: Option<(CommitNumber, Option<CommitNumber>)>,
    /// In the tree of HEAD.
    pub(crate) at_head: bool,
    /// Refs whose tip's tree has it; of a stash all its parts.
    pub(crate) tips: Arc<Holders>,
    /// How firmly it is held.
    pub(crate) held: Held,
    /// What holds it so: refs from which a commit that has it can be reached, else indexes, else
    /// reflogs.
    pub(crate) held_by: Arc<Holders>,
}

impl Default for Exposure {
    fn default() -> Self {
        Self {
            introduced: None,
            introduced_at_cut: false,
            removed: None,
            reintroduced: ThinVec::new(),
            on_mainline: None,
            at_head: false,
            tips: Arc::default(),
            held: Held::Unreachable,
            held_by: Arc::default(),
        }
    }
}

/// One credential at one path, or in one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HistorySighting {
    /// The caller's number of the credential.
    pub(crate) key: u32,
    /// The document it came with, by its place in [`super::History::documents`]; has the path.
    pub(crate) document: u32,
    /// When.
    pub(crate) exposure: Exposure,
}

/// All credentials of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// By key and document; one for each credential and path, as far as they are listed.
    pub(crate) sightings: Vec<HistorySighting>,
    /// How many more there are.
    pub(crate) left: usize,
    /// Each credential wherever it was, by key.
    pub(crate) credentials: Vec<(u32, Exposure)>,
}
