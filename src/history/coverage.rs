//! What of a repository's history was read, what was not, and what cannot be concluded from it.
//!
//! Takes the facts that opening, sweeping and attributing left behind; fills the one coverage table.
//! Ids and names only: no content.

use std::collections::BTreeMap;

use super::documents::History;
use super::sweep::Swept;
use crate::source::coverage::{Coverage, Reason};
use crate::source::git::objects::{ObjectStore, StoreGapKind};
use crate::source::git::refs::Refs;
use crate::source::git::repository::Repository;

/// Notes all of it. `history` is `None` where nothing had to be attributed.
pub(crate) fn cover(
    repository: &Repository,
    store: &ObjectStore,
    refs: &Refs,
    swept: &Swept,
    history: Option<&History>,
    coverage: &mut Coverage,
) {
    coverage.documents += swept.counts.blobs + swept.counts.messages;
    coverage.bytes += swept.counts.bytes;
    if !repository.shallow.is_empty() {
        let cuts = repository.shallow.len();
        coverage.add(
            Reason::Shallow,
            "",
            format!("commits where it is cut: {cuts}; what is there was introduced not later than that"),
        );
    }
    if repository.promisor {
        coverage.add(Reason::PartialClone, "", "objects that a remote promised may be missing");
    }
    for gap in store.gaps() {
        let path = gap.path.strip_prefix(&repository.common_dir).unwrap_or(&gap.path).display().to_string();
        let (reason, detail) = match gap.kind {
            StoreGapKind::UnreadableDirectory => (Reason::Unreadable, "an object directory"),
            StoreGapKind::MissingAlternate => (Reason::MissingObject, "an alternate object database is not there"),
            StoreGapKind::UnreadablePack => (Reason::CorruptObject, "a pack or its index is damaged"),
            StoreGapKind::PackWithoutIndex => (Reason::CorruptObject, "a pack without an index"),
            StoreGapKind::PartlyIndexedPack => (Reason::CorruptObject, "an index that does not list its whole pack"),
        };
        coverage.add(reason, path, detail);
    }
    for gap in &refs.gaps {
        coverage.add(Reason::RefsUnreadable, gap.as_str(), "");
    }
    // What cannot be read has no kind, so the sweep and the pass over trees both name it.
    let unread: BTreeMap<_, _> =
        history.into_iter().flat_map(|h| &h.unread_trees).chain(&swept.unread).copied().collect();
    for (id, error) in unread {
        let reason = if error.is_limit() { Reason::Bounded } else { Reason::CorruptObject };
        coverage.add(reason, id.to_string(), error.to_string());
    }
    for id in &swept.panicked {
        coverage.add(Reason::Panicked, id.to_string(), "");
    }
    for (member, why) in &swept.left_in_archives {
        coverage.add(Reason::Archive, member.as_str(), *why);
    }
    for id in &swept.lfs_pointers {
        coverage.add(Reason::LfsPointer, id.to_string(), "");
    }
    // What was not read before the end of the run is not missing.
    let Some(history) = history.filter(|_| !swept.interrupted) else { return };
    for id in &history.missing_trees {
        coverage.add(Reason::MissingObject, id.to_string(), "a tree");
    }
    for worktree in &history.unread_indexes {
        coverage.add(Reason::IndexUnreadable, worktree.as_str(), "");
    }
    if history.cut {
        coverage.add(Reason::Bounded, "", "too many paths; credentials may be at more of them");
    }
}
