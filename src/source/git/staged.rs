//! What is about to be committed: blobs of the index that HEAD does not have at their path.
//!
//! Looks at the index alone, never at the working tree, so that partial staging is seen as git will
//! commit it; honours `GIT_INDEX_FILE` through the repository. Folders that the index knows to be
//! HEAD's own (its cache of trees) are not read, as git does it. Mode changes and plain renames
//! introduce nothing.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode as IndexMode, Stage};
use gix::index::{Entry, extension};
use gix::objs::Kind;

use super::objects::ObjectStore;
use super::range::{Change, Introduced, MOST_REMOVED, Mode, Tree, Walk, below};
use super::repository::Repository;

/// Folders nested deeper are not compared as folders; all in them counts as new.
const DEEPEST_FOLDER: usize = 1000;

/// The index cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index cannot be read")]
pub(crate) struct IndexError;

/// Collects what the index would introduce. `head` is `None` before the first commit.
pub(crate) fn staged(
    repository: &Repository,
    store: &ObjectStore,
    head: Option<ObjectId>,
    limit: u64,
) -> Result<Change, IndexError> {
    let path = repository.index_path();
    if !path.exists() {
        return Ok(Change::default());
    }
    let options = gix::index::decode::Options::default();
    let index = gix::index::File::at(path, repository.hash, true, options).map_err(|_| IndexError)?;
    let mut walk = Walk::new(store, limit);
    let tree = head.and_then(|head| walk.tree_of(head));
    let mut compare = Compare { walk, index: &index, added: Vec::new(), removed: Vec::new() };
    compare.folder(b"".into(), 0..index.entries().len(), tree, index.tree(), 0);
    let Compare { mut walk, added, removed, .. } = compare;
    walk.keep(added, &removed);
    Ok(walk.finish())
}

/// A comparison of the index with HEAD.
struct Compare<'a> {
    walk: Walk<'a>,
    index: &'a gix::index::File,
    added: Vec<Introduced>,
    /// Blobs of paths that HEAD has and the index has not.
    removed: Vec<ObjectId>,
}

impl Compare<'_> {
    /// Compares a folder: its entries in the index with HEAD's tree for it.
    fn folder(
        &mut self,
        path: &BStr,
        range: std::ops::Range<usize>,
        tree: Option<ObjectId>,
        cached: Option<&extension::Tree>,
        depth: usize,
    ) {
        if cached.is_some_and(|c| c.num_entries.is_some() && Some(c.id) == tree) {
            return;
        }
        let before: Tree = tree.map(|t| self.walk.tree(t)).unwrap_or_default();
        let at = |name: &[u8]| before.binary_search_by(|e| e.1.as_slice().cmp(name)).ok().map(|at| &before[at]);
        let mut met = vec![false; before.len()];
        let mut next = range.start;
        while next < range.end {
            let entry = &self.index.entries()[next];
            let rest = &entry.path(self.index)[prefix(path)..];
            let Some(slash) = rest.find_byte(b'/').filter(|_| entry.mode != IndexMode::DIR && depth < DEEPEST_FOLDER)
            else {
                let name = rest.trim_end_with(|c| c == '/');
                if let Ok(at) = before.binary_search_by(|e| e.1.as_slice().cmp(name)) {
                    met[at] = before[at].0 != Mode::Tree || entry.mode == IndexMode::DIR;
                }
                self.file(entry, at(name).map(|e| (e.0, e.2)));
                next += 1;
                continue;
            };
            let name = rest[..slash].to_owned();
            let folder = below(path, &name);
            let inside = |e: &Entry| {
                let path = e.path(self.index);
                path.starts_with(&folder) && path.get(folder.len()) == Some(&b'/')
            };
            let end = next + self.index.entries()[next..range.end].partition_point(inside);
            if let Ok(at) = before.binary_search_by(|e| e.1.as_slice().cmp(&name)) {
                met[at] = before[at].0 == Mode::Tree;
            }
            let tree = at(&name).filter(|e| e.0 == Mode::Tree).map(|e| e.2);
            let cached = cached.and_then(|c| c.children.iter().find(|c| c.name.as_slice() == name));
            self.folder(folder.as_bstr(), next..end.max(next + 1), tree, cached, depth + 1);
            next = end.max(next + 1);
        }
        for (entry, _) in before.iter().zip(met).filter(|(_, met)| !met) {
            self.gone(entry.0, entry.2);
        }
    }

    fn file(&mut self, entry: &Entry, before: Option<(Mode, ObjectId)>) {
        let path = entry.path(self.index).to_owned();
        let same = before.is_some_and(|(_, id)| id == entry.id);
        if same || entry.flags.contains(Flags::INTENT_TO_ADD) || entry.stage() == Stage::Base {
            return;
        }
        match entry.mode {
            IndexMode::COMMIT => self.walk.change.submodules.push((path, entry.id)),
            IndexMode::DIR => {
                let base: Vec<ObjectId> = before.iter().map(|(_, id)| *id).collect();
                let path = path.trim_end_with(|c| c == '/').into();
                self.walk.compare(path, entry.id, &base, None, (0, 0));
            }
            _ => self.added.push(Introduced {
                path: Some(path),
                object: entry.id,
                kind: Kind::Blob,
                bases: before.iter().filter(|(mode, _)| *mode == Mode::Blob).map(|(_, id)| *id).collect(),
                commit: None,
                times: (0, 0),
            }),
        }
    }

    /// What went stands as a base of what came.
    fn gone(&mut self, mode: Mode, id: ObjectId) {
        let mut pending = vec![(mode, id)];
        while let Some((mode, id)) = pending.pop() {
            if self.removed.len() >= MOST_REMOVED {
                return;
            }
            match mode {
                Mode::Blob => self.removed.push(id),
                Mode::Tree => pending.extend(self.walk.tree(id).iter().map(|e| (e.0, e.2))),
                Mode::Submodule => {}
            }
        }
    }
}

/// How much of an entry's path a folder takes.
fn prefix(path: &BStr) -> usize {
    if path.is_empty() { 0 } else { path.len() + 1 }
}
