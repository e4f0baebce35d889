//! One worker: documents in, sightings out.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::detect::{Candidate, Detector, Stray};
use crate::observe::{References, Sighted, see};
use crate::source::archive::{self, Met, is_archive};
use crate::source::coverage::{Coverage, Reason};
use crate::source::worktree::Visit;
use crate::source::{Document, Origin, RepoPath, decode};

/// How far a run has come, for a display; and the way to end it early.
#[derive(Debug, Default)]
pub struct Progress {
    /// Documents scanned so far.
    pub documents: AtomicU64,
    /// Bytes scanned so far.
    pub bytes: AtomicU64,
    /// Set to end the run; what was found by then is reported, with the gap stated.
    pub interrupted: AtomicBool,
    /// It was a deadline that ended it.
    pub late: AtomicBool,
    /// What happened on the way.
    pub notes: Notes,
}

impl Progress {
    /// As the room of the history takes it.
    pub(super) fn of_history(&self) -> crate::history::Progress<'_> {
        crate::history::Progress { interrupted: &self.interrupted, objects: &self.documents, bytes: &self.bytes }
    }
}

/// Does what runs in parallel on so many threads; where these cannot be had, on as many as there are.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Remarks of a run that change nothing about its result: a cache that could not be used.
#[derive(Debug, Default)]
pub struct Notes(Mutex<BTreeSet<&'static str>>);

impl Notes {
    pub(crate) fn add(&self, note: &'static str) {
        if let Ok(mut notes) = self.0.lock() {
            notes.insert(note);
        }
    }

    /// All of them, once each.
    pub fn all(&self) -> Vec<&'static str> {
        self.0.lock().map(|notes| notes.iter().copied().collect()).unwrap_or_default()
    }
}

/// Takes documents one at a time.
pub(crate) struct Worker<'d> {
    detector: &'d Detector,
    progress: &'d Progress,
    candidates: Vec<Candidate>,
    pub(crate) seen: Vec<Sighted>,
    pub(crate) coverage: Coverage,
    pub(crate) references: References,
    pub(crate) strays: Vec<Stray>,
}

impl<'d> Worker<'d> {
    pub(crate) fn new(detector: &'d Detector, progress: &'d Progress) -> Self {
        Self {
            detector,
            progress,
            candidates: Vec::new(),
            seen: Vec::new(),
            coverage: Coverage::default(),
            references: References::default(),
            strays: Vec::new(),
        }
    }

    fn scan(&mut self, origin: &Origin, bytes: &[u8]) {
        let decoded = decode(bytes);
        let document = Document::new(origin, &decoded);
        self.references.read(self.detector, &document);
        let judged = self.detector.detect(&document, &mut self.candidates);
        for _ in 0..judged.misfits() {
            self.note(Reason::CheckValue, &origin.path, "");
        }
        self.strays.extend(judged.strays);
        self.seen.extend(see(self.detector, &document, judged.detections));
    }
}

impl Worker<'_> {
    /// The members of an archive, each as a document of its own.
    fn open(&mut self, origin: &Origin, bytes: &[u8]) {
        archive::walk(&origin.path, bytes, &mut |met| {
            match met {
                Met::Member(path, bytes) => self.scan(&Origin { place: origin.place, path }, bytes),
                Met::Left(path, why) => self.note(Reason::Archive, &path, why),
            }
            !self.interrupted()
        });
    }
}

impl Visit for Worker<'_> {
    fn document(&mut self, origin: &Origin, bytes: &[u8]) {
        if is_lfs_pointer(bytes) {
            self.note(Reason::LfsPointer, &origin.path, "");
        }
        if u32::try_from(bytes.len()).is_err() {
            self.note(Reason::Bounded, &origin.path, "larger than 4 GiB");
            return;
        }
        // Nothing of the worker is left half-changed by a panic but the candidates, which are cleared.
        if catch_unwind(AssertUnwindSafe(|| self.scan(origin, bytes))).is_err() {
            self.note(Reason::Panicked, &origin.path, "");
        }
        if is_archive(bytes) && catch_unwind(AssertUnwindSafe(|| self.open(origin, bytes))).is_err() {
            self.note(Reason::Panicked, &origin.path, "its members");
        }
        // The repository's own configuration is looked at, and is nothing that one asked to be scanned:
        // a tree that holds nothing else is empty.
        if origin.path.as_bytes() != b".git/config" {
            self.coverage.documents += 1;
            self.coverage.bytes += bytes.len() as u64;
        }
        self.progress.documents.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    fn note(&mut self, reason: Reason, subject: &RepoPath, detail: &str) {
        self.coverage.add(reason, subject.to_string(), detail);
    }

    fn interrupted(&self) -> bool {
        self.progress.interrupted.load(Ordering::Relaxed)
    }
}

fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.len() < 1024 && bytes.starts_with(b"version https://git-lfs.github.com/spec/")
}
