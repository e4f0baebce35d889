//! Single facts about commits and their trees: what is at a path, who committed, which parent is first.
//!
//! Reads only what it needs, whole objects at a time; what cannot be read is not there.

use gix::ObjectId;
use gix::objs::Kind;

use super::objects::ObjectStore;
use super::range::{Walk, headers};

/// Looks up paths in commits' trees, quarantined objects included.
pub(crate) struct Lookup<'a>(Walk<'a>);

impl<'a> Lookup<'a> {
    pub(crate) fn new(store: &'a ObjectStore, limit: u64) -> Self {
        Self(Walk::new(store, limit))
    }

    /// The object at `path` in the tree of `commit`.
    pub(crate) fn object_at(&mut self, commit: ObjectId, path: &[u8]) -> Option<ObjectId> {
        let mut at = self.0.tree_of(commit)?;
        for name in path.split(|b| *b == b'/') {
            let tree = self.0.tree(at);
            at = tree.iter().find(|entry| entry.1 == name).map(|entry| entry.2)?;
        }
        Some(at)
    }

    /// A commit's committer time, in seconds since 1970, and its first parent.
    pub(crate) fn first_parent(&mut self, commit: ObjectId) -> Option<(i64, Option<ObjectId>)> {
        self.0.load(commit).then(|| {
            let commit = &self.0.commits[&commit];
            (commit.times.1, commit.parents.first().copied())
        })
    }

    /// The parents of a change's commits that are not part of it have a path that `tip` has not.
    pub(crate) fn removed(&mut self, path: &[u8], tip: ObjectId, boundary: &[ObjectId]) -> bool {
        self.object_at(tip, path).is_none() && boundary.iter().any(|base| self.object_at(*base, path).is_some())
    }

    /// Who wrote and who committed a commit: names and addresses, sorted.
    pub(crate) fn people(&mut self, commit: ObjectId) -> Vec<String> {
        let Some((Kind::Commit, bytes)) = self.0.read(commit) else { return Vec::new() };
        let mut all = Vec::new();
        for line in headers(&bytes) {
            let Some(rest) = line.strip_prefix(b"author ").or_else(|| line.strip_prefix(b"committer ")) else {
                continue;
            };
            let text = String::from_utf8_lossy(rest);
            let Some((name, mail)) = text.rsplit_once('>').and_then(|(who, _)| who.split_once('<')) else { continue };
            all.extend([name.trim().to_owned(), mail.trim().to_owned()]);
        }
        all.retain(|who: &String| !who.is_empty());
        all.sort();
        all.dedup();
        all
    }

    /// The address of whoever committed, or the name where there is none.
    pub(crate) fn committer(&mut self, commit: ObjectId) -> Option<String> {
        let Some((Kind::Commit, bytes)) = self.0.read(commit) else { return None };
        let line = headers(&bytes).find_map(|line| line.strip_prefix(b"committer "))?;
        let text = String::from_utf8_lossy(line);
        let (name, mail) = text.rsplit_once('>')?.0.split_once('<')?;
        [mail.trim(), name.trim()].into_iter().find(|who| !who.is_empty()).map(str::to_owned)
    }
}
