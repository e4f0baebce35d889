//! What a change introduces: staged files, a range of commits, a push.
//!
//! A credential counts that the change's version of a file has and none of the versions before it
//! at that path; so touching a file does not bring back what was known of it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;

use super::history::{NoRepository, path_without_tree, time};
use super::worker::Progress;
use crate::detect::{Detector, Stray};
use crate::govern::text::plural;
use crate::observe::{CommitRef, Exposure, Governing, Sighted, see};
use crate::secret::CredentialId;
use crate::source::archive::{self, Met, is_archive};
use crate::source::coverage::{Coverage, Reason};
use crate::source::git::lookup::Lookup;
use crate::source::git::objects::ObjectStore;
use crate::source::git::pack::Scratch;
use crate::source::git::push::{pre_commit_push, pre_push, pre_receive};
use crate::source::git::range::{Change, Introduced, Span, introduced};
use crate::source::git::refs::Refs;
use crate::source::git::repository::{GitEnvironment, Repository};
use crate::source::git::revision::{Revisions, UnknownRevision};
use crate::source::git::staged::staged;
use crate::source::worktree::WalkOptions;
use crate::source::{Document, Origin, Place, RepoPath, decode};

/// Which change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeScope {
    /// What is about to be committed.
    Staged,
    /// What the pre-commit framework was run for: what is about to be committed, or the files it names
    /// if these are others (`run --all-files`, `run --files`).
    PreCommit {
        /// As the framework names them, relative to the folder.
        files: Vec<PathBuf>,
    },
    /// `A..B`: the commits that B leads to and A does not. A missing side is `HEAD`.
    Range(String),
    /// What is about to be pushed: the lines that git gives to its hook, and the remote's name.
    PrePush {
        /// Standard input of the hook.
        lines: Vec<u8>,
        /// The hook's first argument.
        remote: String,
    },
    /// What is about to be pushed, as the pre-commit framework tells it.
    PreCommitPush {
        /// `PRE_COMMIT_FROM_REF`
        from: Option<String>,
        /// `PRE_COMMIT_TO_REF`; for a new branch, which has none, `PRE_COMMIT_LOCAL_BRANCH`.
        to: Option<String>,
        /// `PRE_COMMIT_REMOTE_NAME`; without it, what lies between the two is looked at, whoever has it.
        remote: Option<String>,
    },
    /// What a push brings to this repository: the lines that git gives to its hook.
    PreReceive {
        /// Standard input of the hook.
        lines: Vec<u8>,
    },
}

impl ChangeScope {
    /// The word in reports.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Staged | Self::PreCommit { .. } => "staged",
            Self::Range(_) => "range",
            Self::PrePush { .. } | Self::PreCommitPush { .. } => "push",
            Self::PreReceive { .. } => "receive",
        }
    }
}

/// Why a change cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no repository.
    #[error(transparent)]
    NoRepository(#[from] NoRepository),
    /// One side of the range is nothing.
    #[error("expected a commit to compare with (--range, --trust-from)")]
    Revision(#[from] UnknownRevision),
    /// Not `A..B`.
    #[error("--range: expected A..B, as in main..HEAD")]
    NotARange,
    /// The hook's input.
    #[error("standard input: {0}")]
    Lines(String),
}

/// What a change brings.
pub(super) struct Seen {
    /// Sightings of what it introduces.
    pub(super) sighted: Vec<Sighted>,
    /// The files that decide on findings and that it adds, alters or removes.
    pub(super) governing: Vec<Governing>,
    /// Permissions that it brings and beside which no value stands.
    pub(super) strays: Vec<Stray>,
}

/// Looks at what a change introduces.
pub(super) fn observe_change(
    detector: &Detector,
    progress: &Progress,
    folder: &Path,
    environment: &GitEnvironment,
    scope: &ChangeScope,
    governing: &[Governing],
    (walk, coverage): (&WalkOptions, &mut Coverage),
) -> Result<Seen, ChangeError> {
    let max = walk.max_file_bytes;
    let missing = || NoRepository { path: folder.display().to_string() };
    let repository = Repository::discover(folder, environment).map_err(|_| missing())?;
    let store = repository.objects();
    let (change, tips) = match scope {
        ChangeScope::Staged | ChangeScope::PreCommit { .. } => {
            // Without a HEAD that can be read everything staged counts as new.
            let head = Refs::head(&repository).unwrap_or_else(|_| {
                coverage.add(Reason::RefsUnreadable, "HEAD", "");
                None
            });
            let change = staged(&repository, &store, head, max).unwrap_or_else(|_| {
                coverage.add(Reason::IndexUnreadable, "", "");
                Change::default()
            });
            (change, Vec::new())
        }
        other => {
            let span = span(other, Revisions::of(&repository).as_ref(), &store, &Refs::read(&repository))?;
            (introduced(&store, &span, max), span.tips)
        }
    };
    for (id, error) in &change.unread {
        let reason = if error.is_limit() { Reason::Bounded } else { Reason::MissingObject };
        coverage.add(reason, id.to_string(), error.to_string());
    }
    for (path, _) in &change.submodules {
        coverage.add(Reason::SubmoduleChange, RepoPath::new(path.to_vec()).to_string(), "");
    }
    if change.documents.is_empty() {
        coverage.add(Reason::EmptyScope, scope.word(), plural(change.commits as u64, "commit"));
    }
    let governing = touched(&store, &change, &tips, governing, max);
    let tips = Tips { lookup: Lookup::new(&store, max), commits: tips, found: BTreeMap::new() };
    let mut look = Look {
        detector,
        store: &store,
        max,
        scratch: Scratch::default(),
        bytes: Vec::new(),
        left: Vec::new(),
        strays: Vec::new(),
        coverage,
        tips,
    };
    let (mut seen, mut strays) = (Vec::new(), Vec::new());
    for document in &change.documents {
        if progress.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            break;
        }
        let path = document.path.as_ref().map(|p| RepoPath::new(p.to_vec()));
        if let Some(path) = path.filter(|p| walk.excluded.is_match(&*p.to_str_lossy())) {
            look.coverage.add(Reason::ExcludedByConfig, path.to_string(), "");
            continue;
        }
        let staged = matches!(scope, ChangeScope::Staged | ChangeScope::PreCommit { .. });
        seen.extend(look.introduced(document, staged));
        strays.append(&mut look.strays);
        progress.documents.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    Ok(Seen { sighted: seen, governing, strays })
}

/// Those of some files that a change adds, alters or removes.
fn touched(store: &ObjectStore, change: &Change, tips: &[ObjectId], files: &[Governing], max: u64) -> Vec<Governing> {
    let written: BTreeSet<&[u8]> =
        change.documents.iter().filter_map(|d| d.path.as_ref().map(|p| p.as_slice())).collect();
    let mut lookup = Lookup::new(store, max);
    let mut is_touched = |file: &&Governing| {
        let path = file.path.as_bytes();
        written.contains(path) || tips.iter().any(|tip| lookup.removed(path, *tip, &change.boundary))
    };
    files.iter().filter(&mut is_touched).cloned().collect()
}

fn span(
    scope: &ChangeScope,
    revisions: Option<&Revisions>,
    store: &ObjectStore,
    refs: &Refs,
) -> Result<Span, ChangeError> {
    let commit = |name: &str| {
        let name = if name.is_empty() { "HEAD" } else { name };
        let unknown = || UnknownRevision::Nothing(name.to_owned());
        revisions.ok_or_else(unknown)?.commit(name)
    };
    Ok(match scope {
        ChangeScope::Staged | ChangeScope::PreCommit { .. } => Span::default(),
        ChangeScope::Range(text) => {
            // `A...B` is what a pull request shows: from where B left A. For the commits that B adds
            // this is the same as `A..B`.
            let (a, b) = text.split_once("...").or_else(|| text.split_once("..")).ok_or(ChangeError::NotARange)?;
            Span { tips: vec![commit(b)?], hidden: vec![commit(a)?] }
        }
        ChangeScope::PrePush { lines, remote } => {
            pre_push(lines, remote, store, refs).map_err(|e| ChangeError::Lines(e.to_string()))?
        }
        ChangeScope::PreCommitPush { from, to, remote } => {
            let id = |name: &Option<String>| name.as_deref().and_then(|n| commit(n).ok());
            pre_commit_push((id(from), id(to)), refs.head, remote.as_deref(), store, refs)
        }
        ChangeScope::PreReceive { lines } => {
            pre_receive(lines, store, refs).map_err(|e| ChangeError::Lines(e.to_string()))?
        }
    })
}

/// Looks at the documents of one change.
struct Look<'a> {
    detector: &'a Detector,
    store: &'a ObjectStore,
    max: u64,
    scratch: Scratch,
    bytes: Vec<u8>,
    /// What was left out of the archive that was read last.
    left: Vec<(String, &'static str)>,
    /// Permissions beside no value of the document that was read last.
    strays: Vec<Stray>,
    coverage: &'a mut Coverage,
    tips: Tips<'a>,
}

impl Look<'_> {
    fn introduced(&mut self, document: &Introduced, staged: bool) -> Vec<Sighted> {
        let path = document.path.as_ref().map(|p| RepoPath::new(p.to_vec()));
        let path = path.unwrap_or_else(|| path_without_tree(document.kind));
        let in_tip = document.kind == Kind::Blob && self.tips.hold(&path, document.object);
        let place = match (staged, in_tip) {
            (true, _) => Place::Index,
            (false, true) => Place::Tree,
            (false, false) => Place::History,
        };
        let mut seen = self.see(document.object, &Origin { place, path: path.clone() });
        for (subject, why) in std::mem::take(&mut self.left) {
            self.coverage.add(Reason::Archive, subject, why);
        }
        self.coverage.documents += 1;
        self.coverage.bytes += self.bytes.len() as u64;
        let mut strays = std::mem::take(&mut self.strays);
        if seen.is_empty() && strays.is_empty() {
            return seen;
        }
        let mut before: BTreeSet<CredentialId> = BTreeSet::new();
        for base in &document.bases {
            before.extend(self.see(*base, &Origin { place, path: path.clone() }).iter().map(|s| s.credential));
            let known = std::mem::take(&mut self.strays);
            strays.retain(|s| !known.iter().any(|k| k.allow == s.allow));
        }
        self.strays = strays;
        seen.retain(|s| !before.contains(&s.credential));
        if let (Some(commit), false) = (document.commit, staged) {
            let (author, committer) = document.times;
            let introduced =
                CommitRef { commit: commit.to_string(), time: time(committer), author_time: Some(time(author)) };
            for s in &mut seen {
                s.sighting.exposure =
                    Some(Exposure { introduced: Some(introduced.clone()), at_head: in_tip, ..Exposure::default() });
            }
        }
        seen
    }

    fn see(&mut self, object: ObjectId, origin: &Origin) -> Vec<Sighted> {
        self.bytes.clear();
        if let Err(error) = self.store.read(&object, self.max, &mut self.scratch, &mut self.bytes) {
            let reason = if error.is_limit() { Reason::Bounded } else { Reason::MissingObject };
            self.coverage.add(reason, origin.path.to_string(), error.to_string());
            return Vec::new();
        }
        let (detector, bytes) = (self.detector, &self.bytes);
        let misfits = std::cell::Cell::new(0);
        let found = std::cell::RefCell::new(Vec::new());
        let scan = |origin: &Origin, bytes: &[u8]| {
            let decoded = decode(bytes);
            let document = Document::new(origin, &decoded);
            let judged = detector.detect(&document, &mut Vec::new());
            misfits.set(misfits.get() + judged.misfits());
            found.borrow_mut().extend(judged.strays);
            see(detector, &document, judged.detections)
        };
        let work = || {
            let (mut seen, mut left) = (scan(origin, bytes), Vec::new());
            if is_archive(bytes) {
                archive::walk(&origin.path, bytes, &mut |met| {
                    match met {
                        Met::Member(path, bytes) => seen.extend(scan(&Origin { place: origin.place, path }, bytes)),
                        Met::Left(path, why) => left.push((path.to_string(), why)),
                    }
                    true
                });
            }
            (seen, left)
        };
        let Ok((seen, left)) = catch_unwind(AssertUnwindSafe(work)) else {
            self.coverage.add(Reason::Panicked, origin.path.to_string(), "");
            return Vec::new();
        };
        self.left = left;
        self.strays = found.take();
        for _ in 0..misfits.get() {
            self.coverage.add(Reason::CheckValue, origin.path.to_string(), "");
        }
        seen
    }
}

/// The trees that the change ends in.
struct Tips<'a> {
    lookup: Lookup<'a>,
    commits: Vec<ObjectId>,
    found: BTreeMap<RepoPath, Vec<ObjectId>>,
}

impl Tips<'_> {
    /// Whether some tip has this very object at `path`.
    fn hold(&mut self, path: &RepoPath, object: ObjectId) -> bool {
        let (lookup, commits) = (&mut self.lookup, &self.commits);
        let at = self
            .found
            .entry(path.clone())
            .or_insert_with(|| commits.iter().filter_map(|tip| lookup.object_at(*tip, path.as_bytes())).collect());
        at.contains(&object)
    }
}

/// A file as the trusted side of a change has it. Configuration, exceptions and baselines of a change
/// must not come from the change itself.
pub fn trusted_file(
    folder: &Path,
    environment: &GitEnvironment,
    revision: &str,
    path: &str,
) -> Result<Option<Vec<u8>>, ChangeError> {
    const MAX: u64 = 64 << 20;
    let missing = || NoRepository { path: folder.display().to_string() };
    let repository = Repository::discover(folder, environment).map_err(|_| missing())?;
    let revisions = Revisions::of(&repository).ok_or_else(missing)?;
    let commit = revisions.commit(revision)?;
    Ok(revisions.file_at(commit, path, MAX))
}
