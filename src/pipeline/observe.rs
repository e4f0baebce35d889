//! The first half: documents to observations. The map of map and reduce.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::change::{ChangeError, ChangeScope, observe_change};
use super::history::{NoRepository, Seen, committers, observe_history};
use super::named::{named_files, observe_named};
use super::worker::{Progress, Worker};
use crate::detect::Detector;
use crate::observe::{Governing, Observed, References, Repository, Sighted, merge};
use crate::source::coverage::Reason;
use crate::source::git::WorkTree;
use crate::source::git::repository::GitEnvironment;
use crate::source::worktree::{Visit, WalkOptions, walk};
use crate::source::{Origin, Place, RepoPath, stdin};

/// Where documents come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files below a path, or one file.
    Tree(PathBuf),
    /// Standard input, under a name.
    Stdin(String),
    /// What a change introduces, in the repository that a folder is in.
    Change(PathBuf, ChangeScope),
}

/// What `observe` is to look at, validated.
pub struct ObservePlan {
    /// The sources.
    pub sources: Vec<Source>,
    /// Every object of the repositories' databases as well.
    pub history: bool,
    /// The databases of submodules too.
    pub submodules: bool,
    /// Folder that remembers objects of the history that were scanned already.
    pub cache: Option<PathBuf>,
    /// What git's environment variables say, when run from a hook.
    pub git: GitEnvironment,
    /// How trees are walked.
    pub walk: WalkOptions,
    /// The branch on which removal counts, where that is not the one that is checked out.
    pub default_branch: Option<String>,
    /// Files that decide on findings, and what they are: a change that touches one says so.
    pub governing: Vec<(PathBuf, &'static str)>,
}

impl ObservePlan {
    /// The files of the repository at `top` that decide on findings, by their paths there.
    fn governing_in(&self, top: &Path) -> Vec<Governing> {
        let inside = |(file, what): &(PathBuf, &str)| {
            let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let path = folder.canonicalize().ok()?.join(file.file_name()?);
            let path = RepoPath::from_path(path.strip_prefix(top).ok()?);
            Some(Governing { path, what: (*what).to_owned() })
        };
        let mut all: Vec<Governing> = self.governing.iter().filter_map(inside).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Why nothing was observed at all.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// A path that was named and is not there.
    #[error("{path}: {source}")]
    Path {
        /// As it was named.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// History was asked for where there is none.
    #[error(transparent)]
    NoRepository(#[from] NoRepository),
    /// A change that cannot be looked at.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Observes every source; one entry per repository, sorted by name.
pub fn observe(
    plan: &ObservePlan,
    detector: &Detector,
    progress: &Progress,
    input: &mut dyn Read,
) -> Result<Vec<Observed>, ObserveError> {
    let mut roots: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let mut all = Vec::new();
    for source in &plan.sources {
        match source {
            Source::Tree(path) => {
                let real = path
                    .canonicalize()
                    .map_err(|source| ObserveError::Path { path: path.display().to_string(), source })?;
                let top = WorkTree::above(&real).map_or_else(|| real.clone(), |t| t.top);
                roots.entry(top).or_default().push(real);
            }
            Source::Change(folder, scope) => all.push(from_change(plan, detector, progress, folder, scope)?),
            Source::Stdin(name) => all.push(from_stdin(plan, detector, progress, input, name)),
        }
    }
    for (top, mut paths) in roots {
        // A path inside another one is walked once.
        paths.sort();
        paths.dedup_by(|path, before| path.starts_with(&*before));
        all.push(from_tree(plan, detector, progress, &top, &paths)?);
    }
    Ok(all)
}

fn from_tree(
    plan: &ObservePlan,
    detector: &Detector,
    progress: &Progress,
    top: &Path,
    roots: &[PathBuf],
) -> Result<Observed, ObserveError> {
    // Of a part, absence says nothing about the rest.
    let scope = if roots.iter().any(|root| root == top) { "tree" } else { "paths" };
    let mut observed = Observed { repository: identify(top), scope: vec![scope.to_owned()], ..Observed::default() };
    // A bare repository has no tree of its own.
    let bare = plan.history && WorkTree::above(top).is_none();
    let roots = if bare { &[] } else { roots };
    let (seen, references) = (Mutex::new(Vec::new()), Mutex::new(References::default()));
    let strays = Mutex::new(Vec::new());
    let coverage = Mutex::new(std::mem::take(&mut observed.coverage));
    for root in roots {
        let mut own = crate::source::coverage::Coverage::default();
        walk(
            root,
            &plan.walk,
            &mut own,
            || Worker::new(detector, progress),
            |worker: Worker<'_>| {
                if let (Ok(mut seen), Ok(mut coverage)) = (seen.lock(), coverage.lock()) {
                    seen.extend(worker.seen);
                    coverage.merge(worker.coverage);
                }
                if let (Ok(mut references), Ok(mut strays)) = (references.lock(), strays.lock()) {
                    references.merge(worker.references);
                    strays.extend(worker.strays);
                }
            },
        );
        if let Ok(mut coverage) = coverage.lock() {
            coverage.merge(own);
        }
    }
    let (mut seen, mut coverage) = (seen.into_inner().unwrap_or_default(), coverage.into_inner().unwrap_or_default());
    let mut history = Seen::default();
    if plan.history {
        if bare {
            observed.scope.clear();
        }
        observed.scope.push("history".to_owned());
        history = observe_history(detector, progress, top, plan, &mut coverage)?;
        seen.append(&mut history.sighted);
    }
    observed.coverage = coverage;
    observed.strays = strays.into_inner().unwrap_or_default();
    if !roots.is_empty() {
        let governing: Vec<RepoPath> = plan.governing_in(top).into_iter().map(|g| g.path).collect();
        observed.references = references.into_inner().unwrap_or_default().finish(detector, &governing);
    }
    // What was ended before it found anything may have had something to find.
    if observed.coverage.documents == 0 && !progress.interrupted.load(Ordering::Relaxed) {
        observed.coverage.add(Reason::NoDocuments, "", "");
    }
    let committers_in = plan.history.then_some((top, &plan.git));
    Ok(finish(observed, detector, progress, (seen, history), committers_in))
}

fn from_change(
    plan: &ObservePlan,
    detector: &Detector,
    progress: &Progress,
    folder: &Path,
    scope: &ChangeScope,
) -> Result<Observed, ObserveError> {
    let top = folder.canonicalize().ok().and_then(|f| WorkTree::above(&f)).map(|t| t.top);
    let mut observed = Observed {
        repository: top.as_deref().map(identify).unwrap_or_default(),
        scope: vec![scope.word().to_owned()],
        ..Observed::default()
    };
    let governing = top.as_deref().map(|t| plan.governing_in(t)).unwrap_or_default();
    let bounds = (&plan.walk, &mut observed.coverage);
    let seen = match (named(plan, top.as_deref(), folder, scope), top) {
        (Some(files), Some(top)) => {
            observed.scope = vec!["paths".to_owned()];
            let (seen, strays) = observe_named(detector, progress, &top, &files, bounds);
            observed.strays = strays;
            seen
        }
        _ => {
            let seen = observe_change(detector, progress, folder, &plan.git, scope, &governing, bounds)?;
            observed.governing = Some(seen.governing);
            observed.strays = seen.strays;
            seen.sighted
        }
    };
    Ok(finish(observed, detector, progress, (seen, Seen::default()), Some((folder, &plan.git))))
}

/// The files that the pre-commit framework was run for, where it was not run for a commit.
fn named(plan: &ObservePlan, top: Option<&Path>, folder: &Path, scope: &ChangeScope) -> Option<Vec<PathBuf>> {
    let ChangeScope::PreCommit { files } = scope else { return None };
    let folder = folder.canonicalize().ok()?;
    named_files(top?, &folder, files, &plan.git, plan.walk.max_file_bytes)
}

fn from_stdin(
    plan: &ObservePlan,
    detector: &Detector,
    progress: &Progress,
    input: &mut dyn Read,
    name: &str,
) -> Observed {
    let mut observed = Observed { scope: vec!["stdin".to_owned()], ..Observed::default() };
    let bytes = stdin::read(input, name, plan.walk.max_file_bytes, &mut observed.coverage);
    let mut worker = Worker::new(detector, progress);
    let origin = Origin { place: Place::Stdin, path: RepoPath::from_path(Path::new(name)) };
    worker.document(&origin, &bytes);
    observed.coverage.merge(worker.coverage);
    observed.strays = worker.strays;
    finish(observed, detector, progress, (worker.seen, Seen::default()), None)
}

/// Makes observations of what was seen, with the people behind its commits where there is a
/// repository to ask. What leaves is masked.
fn finish(
    mut observed: Observed,
    detector: &Detector,
    progress: &Progress,
    (seen, history): (Vec<Sighted>, Seen),
    repository: Option<(&Path, &GitEnvironment)>,
) -> Observed {
    observed.peppers = detector.comparable();
    observed.observations = merge(detector.rules(), seen, &mut observed.coverage);
    history.place(&mut observed.observations);
    if let Some((folder, git)) = repository {
        observed.committers = committers(folder, git, &observed, progress);
    }
    if progress.interrupted.load(Ordering::Relaxed) {
        observed.coverage.add(Reason::Interrupted, "", "");
    }
    for rule in detector.rules().disabled() {
        observed.coverage.add(Reason::RuleDisabled, &*rule.id, "");
    }
    observed.coverage.settle();
    observed.strays.sort();
    observed.mask(detector);
    observed
}

/// Names the repository whose top is `top`.
fn identify(top: &Path) -> Repository {
    let folder = top.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(tree) = WorkTree::above(top) else { return Repository { name: folder, ..Repository::default() } };
    let remote = tree.remote_url();
    let name = remote.as_deref().and_then(|r| r.rsplit('/').next()).map(|n| n.trim_end_matches(".git").to_owned());
    let (head, branch) = tree.head().map_or((None, None), |(id, branch)| (Some(id), branch));
    Repository {
        name: name.filter(|n| !n.is_empty()).unwrap_or(folder),
        remote,
        head,
        branch,
        shallow: tree.is_shallow(),
    }
}
