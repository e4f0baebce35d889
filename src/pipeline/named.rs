//! A run of the pre-commit framework: is it for a commit, or for files that somebody named?
//!
//! For a commit the framework names the staged files, and what counts is what they introduce. With
//! `run --all-files` or `run --files` it names others, and all of each counts; a scan of what is staged
//! would find nothing to look at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::worker::{Progress, Worker};
use crate::detect::{Detector, Stray};
use crate::observe::Sighted;
use crate::source::RepoPath;
use crate::source::coverage::Coverage;
use crate::source::git::refs::Refs;
use crate::source::git::repository::{GitEnvironment, Repository};
use crate::source::git::staged::staged;
use crate::source::worktree::{WalkOptions, read_named};

/// The files to look at as wholes, absolute and sorted; `None` where the run is for a commit.
pub(super) fn named_files(
    top: &Path,
    folder: &Path,
    files: &[PathBuf],
    environment: &GitEnvironment,
    limit: u64,
) -> Option<Vec<PathBuf>> {
    // Git names its index to the hook of a commit.
    if files.is_empty() || environment.index_file.is_some() {
        return None;
    }
    let mut files: Vec<PathBuf> = files.iter().map(|f| folder.join(f)).collect();
    files.sort();
    files.dedup();
    let repository = Repository::discover(folder, environment).ok()?;
    let head = Refs::head(&repository).unwrap_or(None);
    let change = staged(&repository, &repository.objects(), head, limit).ok()?;
    let about: BTreeSet<RepoPath> =
        change.documents.iter().filter_map(|d| d.path.as_ref()).map(|p| RepoPath::new(p.to_vec())).collect();
    let all_staged = files.iter().all(|f| about.contains(&RepoPath::from_path(f.strip_prefix(top).unwrap_or(f))));
    (!all_staged).then_some(files)
}

/// Sightings and stray permissions in the files, each as a whole.
pub(super) fn observe_named(
    detector: &Detector,
    progress: &Progress,
    top: &Path,
    files: &[PathBuf],
    (walk, coverage): (&WalkOptions, &mut Coverage),
) -> (Vec<Sighted>, Vec<Stray>) {
    let share = files.len().div_ceil(walk.threads.max(1)).max(1);
    let workers: Vec<Worker<'_>> = std::thread::scope(|scope| {
        let work = |files| {
            scope.spawn(move || {
                let mut worker = Worker::new(detector, progress);
                read_named(top, files, walk, &mut worker);
                worker
            })
        };
        let running: Vec<_> = files.chunks(share).map(work).collect();
        // A panic in a document is contained by the worker.
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let (mut seen, mut strays) = (Vec::new(), Vec::new());
    for worker in workers {
        seen.extend(worker.seen);
        strays.extend(worker.strays);
        coverage.merge(worker.coverage);
    }
    (seen, strays)
}
