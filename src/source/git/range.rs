//! What a change introduces: the documents of the commits that some tips have and others have not.
//!
//! `A..B` means what it means to git: all commits that B leads to and A does not, so that what one of
//! them added and a later one removed is seen too. For each commit, a path counts whose blob is that
//! of no parent; the parents' blobs there come with it as bases, so that the caller can tell what was
//! there before. Reads only what it needs, whole objects at a time.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::Kind;

use super::objects::{ObjectError, ObjectStore};
use super::pack::Scratch;

/// Trees nested deeper than this are made to be endless.
const DEEPEST_TREE: usize = 2048;
/// Trees that are kept parsed.
const MOST_TREES: usize = 2000;
/// Blobs of removed paths that stand as bases of an added path.
pub(super) const MOST_REMOVED: usize = 64;

/// Which commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Everything these lead to: commits, or tags of commits.
    pub(crate) tips: Vec<ObjectId>,
    /// Nothing that these lead to. Objects that are not there are passed over.
    pub(crate) hidden: Vec<ObjectId>,
}

/// A document that a change introduces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Introduced {
    /// Path; `None` for messages.
    pub(crate) path: Option<BString>,
    /// The object.
    pub(crate) object: ObjectId,
    /// Blob, or commit or tag for messages.
    pub(crate) kind: Kind,
    /// What was there before: the blobs of the parents at this path, or, for a path that is new,
    /// those of the paths that the same commit removed.
    pub(crate) bases: Vec<ObjectId>,
    /// The commit; none in an index, and for tags.
    pub(crate) commit: Option<ObjectId>,
    /// Its author and committer time, in seconds since 1970.
    pub(crate) times: (i64, i64),
}

/// All that a change introduces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Sorted; one object at one path may come with several commits.
    pub(crate) documents: Vec<Introduced>,
    /// How many commits there are.
    pub(crate) commits: usize,
    /// Where the change begins: parents of its commits that are not part of it, sorted.
    pub(crate) boundary: Vec<ObjectId>,
    /// Objects that could not be read, sorted.
    pub(crate) unread: Vec<(ObjectId, ObjectError)>,
    /// Submodules whose commit the change sets: path and commit.
    pub(crate) submodules: Vec<(BString, ObjectId)>,
}

/// One commit, as the walk knows it.
#[derive(Clone)]
pub(super) struct Commit {
    tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    pub(super) times: (i64, i64),
    hidden: bool,
    walked: bool,
}

/// Walks a span of commits and compares their trees.
pub(super) struct Walk<'a> {
    store: &'a ObjectStore,
    limit: u64,
    scratch: Scratch,
    pub(super) commits: BTreeMap<ObjectId, Commit>,
    pub(super) change: Change,
    trees: BTreeMap<ObjectId, Tree>,
}

/// A tree's entries: mode, name, object.
pub(super) type Tree = Arc<[(Mode, BString, ObjectId)]>;

/// What a tree entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Tree,
    Blob,
    Submodule,
}

/// Collects what `span` introduces. Objects larger than `limit` are not read.
pub(crate) fn introduced(store: &ObjectStore, span: &Span, limit: u64) -> Change {
    let mut walk = Walk::new(store, limit);
    let inside = walk.select(span);
    walk.change.commits = inside.len();
    for id in &inside {
        walk.commit(*id);
    }
    let inside: BTreeSet<ObjectId> = inside.into_iter().collect();
    walk.change.boundary.retain(|id| !inside.contains(id));
    walk.finish()
}

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a ObjectStore, limit: u64) -> Self {
        Self {
            store,
            limit,
            scratch: Scratch::default(),
            commits: BTreeMap::new(),
            change: Change::default(),
            trees: BTreeMap::new(),
        }
    }

    /// Sorts what was found.
    pub(super) fn finish(self) -> Change {
        let mut change = self.change;
        change.boundary.sort_unstable();
        change.boundary.dedup();
        change.documents.sort_unstable();
        change.documents.dedup();
        change.unread.sort_unstable_by_key(|(id, _)| *id);
        change.unread.dedup_by_key(|(id, _)| *id);
        change.submodules.sort_unstable();
        change.submodules.dedup();
        change
    }

    /// The tree of a commit.
    pub(super) fn tree_of(&mut self, commit: ObjectId) -> Option<ObjectId> {
        self.load(commit).then(|| self.commits[&commit].tree)
    }

    pub(super) fn read(&mut self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        let mut bytes = Vec::new();
        match self.store.read(&id, self.limit, &mut self.scratch, &mut bytes) {
            Ok(kind) => Some((kind, bytes)),
            Err(error) => {
                self.change.unread.push((id, error));
                None
            }
        }
    }

    /// Follows tags to a commit; tags on the way are documents if `collect`.
    fn peel(&mut self, mut id: ObjectId, collect: bool) -> Option<ObjectId> {
        for _ in 0..16 {
            let (kind, bytes) = self.read(id)?;
            match kind {
                Kind::Commit => return Some(id),
                Kind::Tag => {
                    let target = header(&bytes, b"object ")?;
                    let time = time(&bytes, b"tagger ");
                    if collect {
                        self.change.documents.push(Introduced {
                            path: None,
                            object: id,
                            kind,
                            bases: Vec::new(),
                            commit: None,
                            times: (time, time),
                        });
                    }
                    id = target;
                }
                Kind::Tree => {
                    if collect {
                        self.compare(BString::default(), id, &[], None, (0, 0));
                    }
                    return None;
                }
                Kind::Blob => {
                    if collect {
                        let (bases, times) = (Vec::new(), (0, 0));
                        self.change.documents.push(Introduced {
                            path: None,
                            object: id,
                            kind,
                            bases,
                            commit: None,
                            times,
                        });
                    }
                    return None;
                }
            }
        }
        None
    }

    /// Loads a commit; `false` where it cannot be read.
    pub(super) fn load(&mut self, id: ObjectId) -> bool {
        if self.commits.contains_key(&id) {
            return true;
        }
        let Some((Kind::Commit, bytes)) = self.read(id) else { return false };
        let Some(tree) = header(&bytes, b"tree ") else {
            self.change.unread.push((id, ObjectError::Malformed));
            return false;
        };
        let parents = headers(&bytes).filter_map(|l| ObjectId::from_hex(l.strip_prefix(b"parent ")?).ok()).collect();
        let times = (time(&bytes, b"author "), time(&bytes, b"committer "));
        self.commits.insert(id, Commit { tree, parents, times, hidden: false, walked: false });
        true
    }

    /// The commits of the span. Newest first by committer time; ends when only hidden commits are
    /// left to walk that are older than all others. Where times lie, too many commits are given,
    /// never too few.
    fn select(&mut self, span: &Span) -> Vec<ObjectId> {
        let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        // Queued commits that nothing hidden was seen to lead to yet.
        let mut open: BTreeSet<ObjectId> = BTreeSet::new();
        let known = self.change.unread.len();
        for &id in &span.hidden {
            if let Some(id) = self.peel(id, false).filter(|id| self.load(*id)) {
                self.hide(id, &mut open);
                queue.push((self.commits[&id].times.1, id));
            }
        }
        self.change.unread.truncate(known);
        for &id in &span.tips {
            if let Some(id) = self.peel(id, true).filter(|id| self.load(*id) && !self.commits[id].hidden) {
                open.insert(id);
                queue.push((self.commits[&id].times.1, id));
            }
        }
        let (mut inside, mut oldest) = (Vec::new(), i64::MAX);
        while let Some((time, id)) = queue.pop() {
            if open.is_empty() && time < oldest {
                break;
            }
            open.remove(&id);
            let Some(commit) = self.commits.get_mut(&id).filter(|c| !c.walked) else { continue };
            commit.walked = true;
            let (hidden, parents) = (commit.hidden, commit.parents.clone());
            if !hidden {
                inside.push(id);
                oldest = oldest.min(time);
            }
            for parent in parents {
                // A parent that is not there is a shallow clone's cut, which the repository says itself.
                let known = self.change.unread.len();
                if !self.load(parent) {
                    self.change.unread.truncate(known);
                    continue;
                }
                if hidden {
                    self.hide(parent, &mut open);
                }
                let parent_commit = &self.commits[&parent];
                if !parent_commit.walked {
                    if !parent_commit.hidden {
                        open.insert(parent);
                    }
                    queue.push((parent_commit.times.1, parent));
                }
            }
        }
        inside.retain(|id| !self.commits[id].hidden);
        inside
    }

    /// Hides a commit and what was already walked from it.
    fn hide(&mut self, id: ObjectId, open: &mut BTreeSet<ObjectId>) {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if let Some(commit) = self.commits.get_mut(&id)
                && !commit.hidden
            {
                commit.hidden = true;
                open.remove(&id);
                if commit.walked {
                    pending.extend(commit.parents.iter().copied());
                }
            }
        }
    }

    /// Adds a commit's message and what its tree has that no parent's has.
    fn commit(&mut self, id: ObjectId) {
        let commit = self.commits[&id].clone();
        self.change.documents.push(Introduced {
            path: None,
            object: id,
            kind: Kind::Commit,
            bases: Vec::new(),
            commit: Some(id),
            times: commit.times,
        });
        self.change.boundary.extend(commit.parents.iter().copied());
        let mut parents = Vec::new();
        for &parent in &commit.parents {
            let known = self.change.unread.len();
            if self.load(parent) {
                parents.push(self.commits[&parent].tree);
            }
            self.change.unread.truncate(known);
        }
        self.compare(BString::default(), commit.tree, &parents, Some(id), commit.times);
    }

    pub(super) fn tree(&mut self, id: ObjectId) -> Tree {
        if let Some(tree) = self.trees.get(&id) {
            return Tree::clone(tree);
        }
        let entries = match self.read(id) {
            Some((Kind::Tree, bytes)) => parse_tree(&bytes, self.store.hash().len_in_bytes()),
            _ => Some(Vec::new()),
        };
        if entries.is_none() {
            self.change.unread.push((id, ObjectError::Malformed));
        }
        let tree: Tree = entries.unwrap_or_default().into();
        if self.trees.len() >= MOST_TREES {
            self.trees.clear();
        }
        self.trees.insert(id, Tree::clone(&tree));
        tree
    }

    /// Compares the tree at `path` with its parents' trees. Without parents everything in it is new.
    pub(super) fn compare(
        &mut self,
        path: BString,
        tree: ObjectId,
        parents: &[ObjectId],
        commit: Option<ObjectId>,
        times: (i64, i64),
    ) {
        let (mut added, mut removed): (Vec<Introduced>, Vec<ObjectId>) = (Vec::new(), Vec::new());
        let mut pending = vec![(path, Some(tree), parents.to_vec(), 0)];
        while let Some((path, tree, parents, depth)) = pending.pop() {
            if tree.is_some_and(|tree| parents.contains(&tree)) || depth > DEEPEST_TREE {
                continue;
            }
            let before: Vec<Tree> = parents.iter().map(|&p| self.tree(p)).collect();
            let now = tree.map(|t| self.tree(t)).unwrap_or_default();
            let at = |tree: &Tree, name: &BString| {
                tree.binary_search_by(|e| e.1.cmp(name)).ok().map(|at| (tree[at].0, tree[at].2))
            };
            for (mode, name, id) in now.iter() {
                let bases: Vec<(Mode, ObjectId)> = before.iter().filter_map(|t| at(t, name)).collect();
                if bases.iter().any(|(m, b)| m == mode && b == id) {
                    continue;
                }
                let same_kind = |wanted| bases.iter().filter(move |(m, _)| *m == wanted).map(|(_, id)| *id).collect();
                match mode {
                    Mode::Tree => pending.push((below(&path, name), Some(*id), same_kind(Mode::Tree), depth + 1)),
                    Mode::Submodule => self.change.submodules.push((below(&path, name), *id)),
                    Mode::Blob => added.push(Introduced {
                        path: Some(below(&path, name)),
                        object: *id,
                        kind: Kind::Blob,
                        bases: same_kind(Mode::Blob),
                        commit,
                        times,
                    }),
                }
            }
            // What went: its blobs are bases of what came.
            for gone in before
                .iter()
                .flat_map(|t| t.iter())
                .filter(|e| at(&now, &e.1).is_none_or(|(mode, _)| (mode == Mode::Tree) != (e.0 == Mode::Tree)))
            {
                match gone.0 {
                    Mode::Blob if removed.len() < MOST_REMOVED => removed.push(gone.2),
                    Mode::Tree if removed.len() < MOST_REMOVED => {
                        pending.push((below(&path, &gone.1), None, vec![gone.2], depth + 1));
                    }
                    _ => {}
                }
            }
        }
        self.keep(added, &removed);
    }

    /// Takes up new documents of one step, with what the same step removed as bases of new paths.
    pub(super) fn keep(&mut self, added: Vec<Introduced>, removed: &[ObjectId]) {
        for mut document in added {
            if document.bases.is_empty() {
                if removed.contains(&document.object) {
                    continue; // renamed as it was
                }
                document.bases = removed.to_vec();
            }
            document.bases.sort_unstable();
            document.bases.dedup();
            self.change.documents.push(document);
        }
    }
}

/// The name of an entry below a path.
pub(super) fn below(path: &[u8], name: &[u8]) -> BString {
    let slash: &[u8] = if path.is_empty() { b"" } else { b"/" };
    [path, slash, name].concat().into()
}

fn parse_tree(bytes: &[u8], hash_len: usize) -> Option<Vec<(Mode, BString, ObjectId)>> {
    let (mut rest, mut entries) = (bytes, Vec::new());
    while !rest.is_empty() {
        let space = memchr::memchr(b' ', rest)?;
        let zero = space + memchr::memchr(0, &rest[space..])?;
        let end = zero + 1 + hash_len;
        let id = ObjectId::try_from(rest.get(zero + 1..end)?).ok()?;
        let mode = match &rest[..space] {
            b"40000" | b"040000" => Mode::Tree,
            b"160000" => Mode::Submodule,
            _ => Mode::Blob,
        };
        entries.push((mode, BString::from(&rest[space + 1..zero]), id));
        rest = &rest[end..];
    }
    // Git sorts folders as if a slash followed; here plain names serve for finding.
    entries.sort_by(|a, b| a.1.cmp(&b.1));
    Some(entries)
}

pub(super) fn headers(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty())
}

fn header(bytes: &[u8], name: &[u8]) -> Option<ObjectId> {
    headers(bytes).find_map(|line| ObjectId::from_hex(line.strip_prefix(name)?).ok())
}

/// The time in `Name <mail> seconds zone`.
fn time(bytes: &[u8], name: &[u8]) -> i64 {
    let seconds = |line: &[u8]| {
        let after = line.rsplit(|b| *b == b'>').next()?;
        std::str::from_utf8(after).ok()?.split_whitespace().next()?.parse().ok()
    };
    headers(bytes).find_map(|line| line.strip_prefix(name).map(|line| seconds(line).unwrap_or(0))).unwrap_or(0)
}
