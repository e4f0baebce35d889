//! What keeps objects alive: refs, the HEADs of all working trees, reflogs, and their indexes.
//!
//! Takes a repository; gives named roots, each with how strongly it holds its object. What cannot be
//! read is listed as a gap; it never hides objects, since those are swept from the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};

use super::repository::Repository;

/// Symbolic refs are followed this far.
const MOST_STEPS: usize = 8;
/// Names in a git directory, beside HEAD, that may hold an object id.
const PSEUDO_REFS: [&str; 6] =
    ["ORIG_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_EXPECTED_REV"];

/// The ref of the newest stash. Those before it live in its reflog, which git never lets expire.
pub(crate) const STASH: &str = "refs/stash";

/// How a [`Root`] holds its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Hold {
    /// A branch, a tag, a note, a stash, or a detached HEAD.
    Ref,
    /// An entry of a reflog or a pseudo ref: until git expires it.
    Reflog,
}

/// A name for an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Root {
    /// How strongly.
    pub(crate) hold: Hold,
    /// The full name of the ref, or of the reflog.
    pub(crate) name: String,
    /// The object: a commit, or a tag that leads to one.
    pub(crate) target: ObjectId,
}

/// A ref that is there and cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HEAD cannot be read")]
pub(crate) struct RefError;

/// All that keeps objects alive.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refs {
    /// Sorted: refs by name, then reflogs.
    pub(crate) roots: Vec<Root>,
    /// The commit of the current working tree's HEAD; none before the first commit.
    pub(crate) head: Option<ObjectId>,
    /// The index files of all working trees: the tree's name and the file.
    pub(crate) indexes: Vec<(String, PathBuf)>,
    /// What could not be read.
    pub(crate) gaps: Vec<String>,
    by_name: BTreeMap<String, ObjectId>,
}

impl Refs {
    /// Reads them all.
    pub(crate) fn read(repository: &Repository) -> Self {
        let mut refs = Self::default();
        if repository.reftable {
            refs.gaps.push("reftable".to_owned());
        } else {
            refs.read_store(repository);
        }
        for (name, target) in &refs.by_name {
            refs.roots.push(Root { hold: Hold::Ref, name: name.clone(), target: *target });
        }
        refs.head = refs.resolve(&repository.git_dir.join("HEAD"));
        for (worktree, dir) in repository.worktree_dirs() {
            refs.read_worktree(&worktree, &dir);
        }
        refs.roots.sort();
        refs.roots.dedup();
        refs
    }

    /// What a branch points at: one of this repository, else the one that a remote was seen with.
    pub(crate) fn branch(&self, name: &str) -> Option<ObjectId> {
        let local = [name.to_owned(), format!("refs/heads/{name}"), format!("refs/remotes/{name}")];
        let of_remote = |known: &&String| {
            let rest = known.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/'));
            rest.is_some_and(|(_, branch)| branch == name)
        };
        let named = || local.iter().find_map(|full| self.by_name.get(full));
        named().or_else(|| self.by_name.get(self.by_name.keys().find(of_remote)?)).copied()
    }

    /// The commit of the current working tree's HEAD alone, without reading all refs.
    pub(crate) fn head(repository: &Repository) -> Result<Option<ObjectId>, RefError> {
        if repository.reftable {
            return Err(RefError);
        }
        let content = fs::read(repository.git_dir.join("HEAD")).map_err(|_| RefError)?;
        let Some(name) = content.trim().strip_prefix(b"ref:") else {
            return ObjectId::from_hex(content.trim()).map(Some).map_err(|_| RefError);
        };
        let name: &gix::refs::FullNameRef = name.trim().as_bstr().try_into().map_err(|_| RefError)?;
        let options = gix::refs::store::init::Options::default();
        let mut store = gix::refs::file::Store::at_opts(repository.git_dir.clone(), repository.hash, options);
        if repository.git_dir != repository.common_dir {
            store = gix::refs::file::Store::for_linked_worktree_opts(
                repository.git_dir.clone(),
                repository.common_dir.clone(),
                repository.hash,
                options,
            );
        }
        let found = store.try_find(name).map_err(|_| RefError)?;
        match found.map(|r| r.target) {
            Some(gix::refs::Target::Object(id)) => Ok(Some(id)),
            Some(gix::refs::Target::Symbolic(_)) => Err(RefError),
            None => Ok(None),
        }
    }

    fn read_store(&mut self, repository: &Repository) {
        let options = gix::refs::store::init::Options::default();
        let store = gix::refs::file::Store::at_opts(repository.common_dir.clone(), repository.hash, options);
        let Ok(platform) = store.iter() else {
            self.gaps.push("packed-refs".to_owned());
            return;
        };
        let Ok(all) = platform.all() else {
            self.gaps.push("refs".to_owned());
            return;
        };
        for reference in all {
            let Ok(reference) = reference else {
                self.gaps.push("a ref".to_owned());
                continue;
            };
            // Symbolic refs name other refs, which are listed themselves.
            if let gix::refs::Target::Object(id) = reference.target {
                self.by_name.insert(reference.name.as_bstr().to_str_lossy().into_owned(), id);
            }
        }
    }

    fn read_worktree(&mut self, worktree: &str, dir: &Path) {
        let prefix = if worktree.is_empty() { String::new() } else { format!("worktrees/{worktree}/") };
        let head = dir.join("HEAD");
        // A HEAD on a branch holds nothing that the branch does not.
        let detached = fs::read(&head).is_ok_and(|content| !content.starts_with(b"ref:"));
        if detached && let Some(target) = self.resolve(&head) {
            self.roots.push(Root { hold: Hold::Ref, name: format!("{prefix}HEAD"), target });
        }
        for name in PSEUDO_REFS {
            if let Some(target) = self.resolve(&dir.join(name)) {
                self.roots.push(Root { hold: Hold::Reflog, name: format!("{prefix}{name}"), target });
            }
        }
        let index = dir.join("index");
        if index.is_file() {
            self.indexes.push((worktree.to_owned(), index));
        }
        self.read_logs(&prefix, &dir.join("logs"), "");
    }

    /// The ids of a folder of reflogs, each once for every log.
    fn read_logs(&mut self, prefix: &str, logs: &Path, below: &str) {
        for entry in fs::read_dir(logs.join(below)).into_iter().flatten().filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                self.read_logs(prefix, logs, &name);
                continue;
            }
            let Ok(bytes) = fs::read(entry.path()) else {
                self.gaps.push(format!("the reflog of {prefix}{name}"));
                continue;
            };
            let ids: BTreeSet<ObjectId> = bytes
                .lines()
                .flat_map(|line| line.splitn(3, |b| *b == b' ').take(2))
                .filter_map(|hex| ObjectId::from_hex(hex).ok())
                .filter(|id| !id.is_null())
                .collect();
            let name = format!("{prefix}{name}");
            let hold = if name == STASH { Hold::Ref } else { Hold::Reflog };
            self.roots.extend(ids.into_iter().map(|target| Root { hold, name: name.clone(), target }));
        }
    }

    /// The object that a HEAD-like file leads to.
    fn resolve(&self, file: &Path) -> Option<ObjectId> {
        let mut content: BString = fs::read(file).ok()?.into();
        let common = file.parent()?;
        for _ in 0..MOST_STEPS {
            let line = content.lines().next()?.trim();
            let Some(name) = line.strip_prefix(b"ref:") else {
                return ObjectId::from_hex(line.get(..line.find_byte(b'\t').unwrap_or(line.len()))?).ok();
            };
            let name = name.trim().to_str().ok()?;
            if let Some(id) = self.by_name.get(name) {
                return Some(*id);
            }
            if !name.starts_with("refs/") || name.split('/').any(|part| part == "..") {
                return None;
            }
            content = fs::read(common.join(name)).ok()?.into();
        }
        None
    }
}
