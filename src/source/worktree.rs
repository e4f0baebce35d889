//! Files of a working tree: what .gitignore does not hide, everything that the index tracks, and
//! what was named on the command line.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::coverage::{Coverage, Reason};
use super::git::{Tracked, WorkTree};
use super::{Origin, Place, RepoPath};

/// How a tree is walked.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Read what .gitignore hides as well.
    pub no_ignore: bool,
    /// Bytes of one file that are scanned.
    pub max_file_bytes: u64,
    /// Workers.
    pub threads: usize,
    /// Whether an entry is left out by the configuration; gets paths relative to the top.
    pub excluded: Excluded,
}

/// Globs of paths left out by choice.
pub type Excluded = globset::GlobSet;

/// One worker of the walk: gets every document of its share.
pub(crate) trait Visit: Send {
    /// Raw bytes of one file.
    fn document(&mut self, origin: &Origin, bytes: &[u8]);
    /// Something that was not read, or not wholly.
    fn note(&mut self, reason: Reason, subject: &RepoPath, detail: &str);
    /// Whether to end the walk.
    fn interrupted(&self) -> bool;
}

/// Visits the documents below `root` (a file or a folder, absolute). The workers come from `worker`
/// and go to `done` when their share is over.
pub(crate) fn walk<V: Visit>(
    root: &Path,
    options: &WalkOptions,
    coverage: &mut Coverage,
    worker: impl Fn() -> V + Sync,
    done: impl Fn(V) + Sync,
) {
    let tree = WorkTree::above(root);
    // Identity comes from the repository's top, so that a subfolder scan says the same.
    let top = tree.as_ref().map_or_else(
        || if root.is_dir() { root.to_owned() } else { root.parent().unwrap_or(root).to_owned() },
        |t| t.top.clone(),
    );
    let tracked = tree.as_ref().map(WorkTree::tracked);
    if matches!(tracked, Some(None)) {
        coverage.add(Reason::IndexUnreadable, "", "");
    }
    let tracked = tracked.flatten();
    let walk = Walk {
        top: &top,
        options,
        // Outside a repository .gitignore has no meaning.
        hides: !options.no_ignore && tree.is_some(),
        tracked: tracked.as_ref(),
        listed: AtomicU64::new(0),
        met: AtomicU64::new(0),
        walked: Mutex::new(HashSet::new()),
    };
    let finished = Mutex::new(());
    walk.builder(root).build_parallel().run(|| {
        let mut share = Share { worker: Some(worker()), done: &done, buffer: Vec::new(), lock: &finished };
        let walk = &walk;
        Box::new(move |entry| {
            let Some(worker) = share.worker.as_mut() else { return WalkState::Quit };
            if worker.interrupted() {
                return WalkState::Quit;
            }
            walk.entry(entry, root, worker, &mut share.buffer);
            WalkState::Continue
        })
    });
    let (listed, mut met) = (walk.listed.into_inner(), walk.met.into_inner());
    let walked = walk.walked.into_inner().unwrap_or_default();
    let mut rest = Share { worker: Some(worker()), done: &done, buffer: Vec::new(), lock: &finished };
    if let (Some(tracked), Some(visit)) = (tracked, rest.worker.as_mut()) {
        // What was read after all is not left out.
        let read = read_tracked_rest(tracked, root, &top, options, visit, &mut rest.buffer);
        met += read.iter().filter(|path| walked.contains(folder_of(path))).count() as u64;
    }
    coverage.count(Reason::Ignored, listed.saturating_sub(met));
    if let (Some(tree), Some(visit)) = (&tree, rest.worker.as_mut())
        && root.is_dir()
        && let Some(config) = tree.config_file()
    {
        let origin = Origin { place: Place::Tree, path: RepoPath::new(*b".git/config") };
        read_file(&config, &origin, options.max_file_bytes, visit, &mut rest.buffer);
    }
}

/// Visits files that were named one by one, in one worker: plain files below `top` that the
/// configuration does not leave out.
pub(crate) fn read_named<V: Visit>(top: &Path, files: &[PathBuf], options: &WalkOptions, visit: &mut V) {
    let mut buffer = Vec::new();
    for file in files {
        if visit.interrupted() {
            return;
        }
        let path = RepoPath::from_path(file.strip_prefix(top).unwrap_or(file));
        match fs::symlink_metadata(file) {
            Ok(meta) if meta.is_symlink() => visit.note(Reason::Symlink, &path, ""),
            Ok(meta) if !meta.is_file() => visit.note(Reason::Special, &path, ""),
            Ok(_) if options.excluded.is_match(system_path(&path)) => visit.note(Reason::ExcludedByConfig, &path, ""),
            // What cannot be opened says so when it is read.
            _ => {
                let origin = Origin { place: Place::Tree, path };
                read_file(file, &origin, options.max_file_bytes, visit, &mut buffer);
            }
        }
    }
}

/// The folder that a path stands in; empty for the top.
fn folder_of(path: &RepoPath) -> &[u8] {
    let bytes = path.as_bytes();
    bytes.iter().rposition(|b| *b == b'/').map_or(b"", |at| &bytes[..at])
}

/// Tracked files that .gitignore hides, which it returns; submodules that are not checked out.
fn read_tracked_rest<V: Visit>(
    tracked: Tracked,
    root: &Path,
    top: &Path,
    options: &WalkOptions,
    visit: &mut V,
    buffer: &mut Vec<u8>,
) -> Vec<RepoPath> {
    let prefix = root.strip_prefix(top).map_or_else(|_| RepoPath::new(Vec::new()), RepoPath::from_path);
    let below = |path: &RepoPath| {
        let (path, prefix) = (path.as_bytes(), prefix.as_bytes());
        prefix.is_empty() || path == prefix || (path.starts_with(prefix) && path.get(prefix.len()) == Some(&b'/'))
    };
    let (mut files, submodules) = tracked.rest();
    files.retain(below);
    for path in &files {
        let file = top.join(system_path(path));
        // Deleted files and those left out of a sparse checkout are no part of the tree.
        let Ok(meta) = fs::symlink_metadata(&file) else { continue };
        if meta.is_file() && !options.excluded.is_match(system_path(path)) {
            let origin = Origin { place: Place::Tree, path: path.clone() };
            read_file(&file, &origin, options.max_file_bytes, visit, buffer);
        }
    }
    for path in submodules.iter().filter(|p| below(p)) {
        let populated = fs::read_dir(top.join(system_path(path))).is_ok_and(|mut d| d.next().is_some());
        if !populated {
            visit.note(Reason::Submodule, path, "not checked out");
        }
    }
    files
}

struct Share<'a, V: Visit, D: Fn(V)> {
    worker: Option<V>,
    done: &'a D,
    buffer: Vec<u8>,
    lock: &'a Mutex<()>,
}

impl<V: Visit, D: Fn(V)> Drop for Share<'_, V, D> {
    fn drop(&mut self) {
        let _one_at_a_time = self.lock.lock();
        if let Some(worker) = self.worker.take() {
            (self.done)(worker);
        }
    }
}

struct Walk<'a> {
    top: &'a Path,
    options: &'a WalkOptions,
    /// Whether .gitignore can hide something.
    hides: bool,
    tracked: Option<&'a Tracked>,
    /// Entries that the folders hold, and entries that the walk was given: the difference is hidden.
    listed: AtomicU64,
    met: AtomicU64,
    /// The folders whose entries were counted.
    walked: Mutex<HashSet<Vec<u8>>>,
}

impl Walk<'_> {
    fn builder(&self, root: &Path) -> WalkBuilder {
        let mut builder = WalkBuilder::new(root);
        builder
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .git_ignore(!self.options.no_ignore)
            .follow_links(false)
            .threads(self.options.threads)
            .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
        builder
    }

    fn entry<V: Visit>(
        &self,
        entry: Result<DirEntry, ignore::Error>,
        root: &Path,
        visit: &mut V,
        buffer: &mut Vec<u8>,
    ) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error_path(&error).map_or_else(|| RepoPath::new(Vec::new()), |p| self.repo_path(p));
                let kind = error.io_error().map(io::Error::kind);
                let reason = if kind == Some(io::ErrorKind::NotFound) { Reason::Vanished } else { Reason::Unreadable };
                visit.note(reason, &path, &kind.map(|k| k.to_string()).unwrap_or_default());
                return;
            }
        };
        if entry.depth() > 0 {
            self.met.fetch_add(1, Ordering::Relaxed);
        }
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            if self.hides {
                self.count_listed(entry.path());
            }
            return;
        }
        let path = self.repo_path(entry.path());
        if let Some(tracked) = self.tracked {
            tracked.meet(&path);
        }
        // What was named on the command line is always read.
        let named = entry.depth() == 0 && entry.path() == root;
        if kind.is_symlink() && !named {
            visit.note(Reason::Symlink, &path, "");
        } else if !kind.is_file() && !named {
            visit.note(Reason::Special, &path, "");
        } else if !named && self.options.excluded.is_match(system_path(&path)) {
            visit.note(Reason::ExcludedByConfig, &path, "");
        } else {
            let origin = Origin { place: Place::Tree, path };
            read_file(entry.path(), &origin, self.options.max_file_bytes, visit, buffer);
        }
    }

    fn count_listed(&self, dir: &Path) {
        let names = fs::read_dir(dir).into_iter().flatten().flatten();
        let n = names.filter(|e| e.file_name() != ".git").count();
        self.listed.fetch_add(n as u64, Ordering::Relaxed);
        if self.tracked.is_some()
            && let Ok(mut walked) = self.walked.lock()
        {
            walked.insert(self.repo_path(dir).as_bytes().to_vec());
        }
    }

    fn repo_path(&self, path: &Path) -> RepoPath {
        RepoPath::from_path(path.strip_prefix(self.top).unwrap_or(path))
    }
}

/// Reads one file into `buffer` and hands it to the worker.
fn read_file<V: Visit>(path: &Path, origin: &Origin, max: u64, visit: &mut V, buffer: &mut Vec<u8>) {
    match read_at_most(path, max.saturating_add(1), buffer) {
        Ok(mut filled) => {
            if filled as u64 > max {
                filled = max as usize;
                visit.note(Reason::Cut, &origin.path, &format!("first {max} bytes scanned"));
            }
            visit.document(origin, &buffer[..filled]);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => visit.note(Reason::Vanished, &origin.path, ""),
        Err(error) => visit.note(Reason::Unreadable, &origin.path, &error.kind().to_string()),
    }
    // One huge file must not hold its memory for the rest of the walk.
    if buffer.capacity() > 8 << 20 {
        *buffer = Vec::new();
    }
}

/// Reads up to `max` bytes and gives their number; what stands behind them in `buffer` is left from
/// earlier files, so that it need not be wiped for each.
fn read_at_most(path: &Path, max: u64, buffer: &mut Vec<u8>) -> io::Result<usize> {
    /// Most files of source code are smaller.
    const FIRST: usize = 64 << 10;
    let mut file = File::open(path)?;
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let mut filled = 0;
    // Read to the end without asking for the size first, which costs more than a read that finds nothing.
    while filled < max {
        if filled == buffer.len() {
            buffer.resize(filled.saturating_mul(2).max(FIRST), 0);
        }
        let end = buffer.len().min(max);
        match file.read(&mut buffer[filled..end]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The path of this system for a path of the repository.
fn system_path(path: &RepoPath) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        std::ffi::OsStr::from_bytes(path.as_bytes()).into()
    }
    #[cfg(not(unix))]
    {
        path.to_str_lossy().into_owned().into()
    }
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        ignore::Error::Partial(all) => all.iter().find_map(error_path),
        _ => None,
    }
}
