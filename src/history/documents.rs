//! Attribution: which documents the candidates are in, that is, objects at paths.
//!
//! Takes what a sweep found; gives every (blob, path) pair of the whole history, messages, and
//! objects that have no path. Knows nothing of credentials: the pipeline judges the documents, and
//! [`super::timeline`] then says when and where each credential was. Without candidates no tree is
//! read at all.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::bstr::BString;
use gix::hash::oid;
use gix::objs::Kind;

use super::commits::TagFacts;
use super::exposure::{CommitNumber, Moment};
use super::graph::Graph;
use super::presence::{EMPTY, Lister, Paths, Presence, TOP};
use super::sweep::{Interrupted, Progress, SweepLimits, Swept};
use super::trees::{Target, Trees};
use crate::source::git::objects::{ObjectError, ObjectStore};
use crate::source::git::refs::{Hold, Refs, Root};
use crate::source::git::repository::Repository;

/// Tags of tags are followed this far.
const LONGEST_TAG_CHAIN: usize = 16;

/// An object with candidates, at a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HistoryDocument {
    /// The object.
    pub(crate) object: ObjectId,
    /// Blob, or commit or tag for messages.
    pub(crate) kind: Kind,
    /// From the top of the tree; `None` for messages and for blobs in no tree.
    pub(crate) path: Option<BString>,
}

/// What a document is to the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A blob at a path of some tree or index.
    At {
        blob: u32,
        path: u32,
    },
    /// A blob that nothing gives a path.
    Lone {
        blob: u32,
    },
    CommitMessage {
        commit: u32,
    },
    TagMessage {
        tag: u32,
    },
}

/// What a root leads to, tags followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    Commit(u32),
    /// The node of a tree that is no commit's.
    Tree(u32),
    Blob(u32),
    Nowhere,
}

/// The history of one repository, as far as candidates are concerned.
pub(crate) struct History {
    pub(super) documents: Vec<HistoryDocument>,
    pub(super) places: Vec<Place>,
    /// Of each document, whether only an alternate has it.
    pub(super) borrowed: Vec<bool>,
    pub(super) blobs: Vec<ObjectId>,
    pub(super) graph: Graph,
    pub(super) tags: Vec<TagFacts>,
    pub(super) trees: Trees,
    pub(super) paths: Paths,
    /// Refs and reflogs, refs first, sorted, with what they lead to and the tags on the way.
    pub(super) roots: Vec<(Root, Leads, Vec<u32>)>,
    /// Blobs at paths that an index holds, by the working tree's name.
    pub(super) indexes: Vec<(String, Vec<(u32, u32)>)>,
    /// Trees that neither a commit nor a tree nor a ref names.
    pub(super) dangling: Vec<u32>,
    pub(super) mainline: Option<u32>,
    /// Trees that are named and not there, sorted.
    pub(crate) missing_trees: Vec<ObjectId>,
    /// Trees that could not be read, sorted.
    pub(crate) unread_trees: Vec<(ObjectId, ObjectError)>,
    /// Index files that could not be read, by working tree.
    pub(crate) unread_indexes: Vec<String>,
    /// Whether there were too many paths to list.
    pub(crate) cut: bool,
}

impl History {
    /// Attributes what `swept` found. `mainline` is the commit that stands for "now": HEAD, or the
    /// tip of the default branch.
    pub(crate) fn attribute(
        repository: &Repository,
        store: &ObjectStore,
        refs: &Refs,
        mainline: Option<ObjectId>,
        swept: &mut Swept,
        (limits, progress): (SweepLimits, Progress<'_>),
    ) -> Self {
        let commits = std::mem::take(&mut swept.commits);
        let tags = std::mem::take(&mut swept.tags);
        let mut blobs = Vec::new();
        let mut messages = Vec::new();
        for (id, _) in &swept.found {
            if commits.binary_search_by(|c| c.id.cmp(id)).is_ok() {
                messages.push((*id, Kind::Commit));
            } else if tags.binary_search_by(|t| t.id.cmp(id)).is_ok() {
                messages.push((*id, Kind::Tag));
            } else {
                blobs.push(*id);
            }
        }
        let trees = if blobs.is_empty() { Trees::default() } else { Trees::read(store, &blobs, limits, progress) };
        let mut history = Self {
            documents: Vec::new(),
            places: Vec::new(),
            borrowed: Vec::new(),
            graph: Graph::new(commits),
            tags,
            trees,
            blobs,
            paths: Paths::default(),
            roots: Vec::new(),
            indexes: Vec::new(),
            dangling: Vec::new(),
            mainline: None,
            missing_trees: Vec::new(),
            unread_trees: Vec::new(),
            unread_indexes: Vec::new(),
            cut: false,
        };
        history.mainline = mainline.and_then(|id| history.graph.find(&id));
        history.unread_trees = std::mem::take(&mut history.trees.unread);
        // What was scanned in pieces is no tree.
        history.unread_trees.retain(|(id, _)| swept.in_pieces.binary_search(id).is_err());
        history.read_indexes(repository, refs);
        let listed = history.list(refs, limits.paths, progress);
        swept.interrupted = listed.is_err();
        // Of a part of the trees nothing is said: which path was the first is not known either.
        history.settle(&listed.unwrap_or_default(), &messages);
        history.borrowed = history.documents.iter().map(|d| store.is_borrowed(&d.object)).collect();
        history
    }

    /// The documents that hold candidates, sorted.
    pub(crate) fn documents(&self) -> &[HistoryDocument] {
        &self.documents
    }

    /// The commit or tag behind a number.
    pub(crate) fn moment(&self, number: CommitNumber) -> Moment {
        let commits = self.graph.len();
        if number.0 < commits {
            let c = self.graph.commit(number.0);
            Moment { commit: c.id, author_time: c.author_time, committer_time: c.committer_time }
        } else {
            let t = self.tags[(number.0 - commits) as usize];
            Moment { commit: t.id, author_time: t.time, committer_time: t.time }
        }
    }

    /// The node of a commit's tree.
    pub(super) fn node(&self, presence: &Presence, commit: u32) -> u32 {
        self.trees.number(&self.graph.commit(commit).tree).map_or(EMPTY, |tree| presence.of_tree(tree))
    }

    /// Lists which blobs are at which paths of any tree or index.
    fn list(&mut self, refs: &Refs, most: usize, progress: Progress<'_>) -> Result<BTreeSet<(u32, u32)>, Interrupted> {
        progress.check()?;
        let presence = Presence::new(&self.trees, |_| true, progress)?;
        let mut paths = std::mem::take(&mut self.paths);
        let mut lister = Lister::new(&presence, most);
        for commit in 0..self.graph.len() {
            lister.list(self.node(&presence, commit), &mut paths, progress)?;
        }
        self.roots = refs
            .roots
            .iter()
            .map(|root| {
                let (leads, tags) = self.follow(&presence, root.target);
                (root.clone(), leads, tags)
            })
            .collect();
        for (_, leads, _) in &self.roots {
            if let Leads::Tree(node) = leads {
                lister.list(*node, &mut paths, progress)?;
            }
        }
        self.dangling = self.dangling_trees();
        for &tree in &self.dangling {
            lister.list(presence.of_tree(tree), &mut paths, progress)?;
        }
        self.cut = lister.cut;
        let mut pairs: BTreeSet<(u32, u32)> = lister.pairs.drain().collect();
        pairs.extend(self.indexes.iter().flat_map(|(_, held)| held.iter().copied()));
        self.paths = paths;
        Ok(pairs)
    }

    /// Makes the sorted list of documents.
    fn settle(&mut self, pairs: &BTreeSet<(u32, u32)>, messages: &[(ObjectId, Kind)]) {
        let mut all = Vec::with_capacity(pairs.len() + messages.len());
        let mut placed = vec![false; self.blobs.len()];
        for &(blob, path) in pairs {
            placed[blob as usize] = true;
            let document = HistoryDocument {
                object: self.blobs[blob as usize],
                kind: Kind::Blob,
                path: Some(self.paths.bytes(path, &self.trees).into()),
            };
            all.push((document, Place::At { blob, path }));
        }
        for (blob, _) in placed.iter().enumerate().filter(|(_, placed)| !**placed) {
            let object = self.blobs[blob];
            all.push((HistoryDocument { object, kind: Kind::Blob, path: None }, Place::Lone { blob: blob as u32 }));
        }
        for &(object, kind) in messages {
            let place = match kind {
                Kind::Tag => self
                    .tags
                    .binary_search_by(|t| t.id.cmp(&object))
                    .ok()
                    .map(|tag| Place::TagMessage { tag: tag as u32 }),
                _ => self.graph.find(&object).map(|commit| Place::CommitMessage { commit }),
            };
            all.extend(place.map(|place| (HistoryDocument { object, kind, path: None }, place)));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        (self.documents, self.places) = all.into_iter().unzip();
    }

    /// What an object leads to, and the tags on the way.
    fn follow(&self, presence: &Presence, id: ObjectId) -> (Leads, Vec<u32>) {
        let (mut id, mut tags) = (id, Vec::new());
        for _ in 0..LONGEST_TAG_CHAIN {
            let Ok(tag) = self.tags.binary_search_by(|t| t.id.cmp(&id)) else { break };
            tags.push(tag as u32);
            id = self.tags[tag].target;
        }
        let leads = if let Some(commit) = self.graph.find(&id) {
            Leads::Commit(commit)
        } else if let Some(tree) = self.trees.number(&id) {
            Leads::Tree(presence.of_tree(tree))
        } else {
            self.blobs.binary_search(&id).map_or(Leads::Nowhere, |blob| Leads::Blob(blob as u32))
        };
        (leads, tags)
    }

    /// Trees with blobs of interest that nothing names, and (into `missing_trees`) trees that are
    /// named and were not found.
    fn dangling_trees(&mut self) -> Vec<u32> {
        if self.trees.len() == 0 {
            return Vec::new();
        }
        let mut named = vec![false; self.trees.len() as usize];
        let unread: BTreeSet<&oid> = self.unread_trees.iter().map(|(id, _)| id.as_ref()).collect();
        for tree in 0..self.trees.len() {
            for edge in self.trees.edges(tree).unwrap_or_default() {
                if let Target::Tree(child) = edge.target() {
                    named[child as usize] = true;
                }
            }
        }
        let mut missing: BTreeSet<ObjectId> = self.trees.not_read().collect();
        for commit in 0..self.graph.len() {
            let tree = self.graph.commit(commit).tree;
            match self.trees.number(&tree) {
                Some(number) => named[number as usize] = true,
                None => {
                    missing.insert(tree);
                }
            }
        }
        missing.retain(|id| !unread.contains(id.as_ref()) && !id.is_empty_tree());
        self.missing_trees = missing.into_iter().collect();
        (0..self.trees.len()).filter(|&tree| !named[tree as usize]).collect()
    }

    /// Finds blobs of interest in the indexes of all working trees.
    fn read_indexes(&mut self, repository: &Repository, refs: &Refs) {
        if self.blobs.is_empty() {
            return;
        }
        for (worktree, file) in &refs.indexes {
            let options = gix::index::decode::Options::default();
            let Ok(index) = gix::index::File::at(file, repository.hash, true, options) else {
                self.unread_indexes.push(worktree.clone());
                continue;
            };
            let mut held = BTreeSet::new();
            for entry in index.entries() {
                let Ok(blob) = self.blobs.binary_search(&entry.id) else { continue };
                let path = entry.path(&index).split(|b| *b == b'/').fold(TOP, |path, name| {
                    let name = self.trees.names.number(name);
                    self.paths.below(path, name)
                });
                held.insert((blob as u32, path));
            }
            self.indexes.push((worktree.clone(), held.into_iter().collect()));
        }
    }

    /// Refs first: they are sorted that way.
    pub(super) fn ref_roots(&self) -> impl Iterator<Item = &(Root, Leads, Vec<u32>)> {
        self.roots.iter().filter(|(root, _, _)| root.hold == Hold::Ref)
    }
}
