//! Candidates of every object in the database, each object built once.
//!
//! Takes the object stores and a detector; gives the candidates of every blob, commit and tag that
//! has any, the facts of all commits and tags, and what was and was not read. Knows no paths and no
//! refs. In deltas only what changed is scanned ([`super::carry`]). Every bound that cuts and every
//! object that cannot be read is in the coverage.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use gix::ObjectId;
use gix::hash::oid;
use gix::objs::Kind;

use super::cache::{Cache, CachedBlob};
use super::candidates::{Candidate, Candidates};
use super::commits::{CommitFacts, TagFacts};
use super::forest::{Forest, Known, Object, Unread, Visitor, WalkLimits, Walker};
use super::scanner::Scanner;
use crate::source::git::objects::{LooseObject, ObjectStore};
use crate::source::git::pack::Scratch;

/// Roots that a thread takes at once.
const BATCH: usize = 32;

/// Bounds of a sweep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SweepLimits {
    /// Larger objects are not held: they are scanned in pieces, or are a gap.
    pub(crate) object_bytes: u64,
    /// Bytes of bases kept by all threads together.
    pub(crate) kept_bytes: usize,
    /// Pairs of blob and path: a few objects can make any number of paths.
    pub(crate) paths: usize,
}

impl Default for SweepLimits {
    fn default() -> Self {
        Self { object_bytes: 64 << 20, kept_bytes: 96 << 20, paths: 2_000_000 }
    }
}

/// How far a sweep is; shared with whoever shows it, while it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress<'a> {
    /// Set from outside to end the sweep early.
    pub(crate) interrupted: &'a AtomicBool,
    /// Objects scanned so far.
    pub(crate) objects: &'a AtomicU64,
    /// Their bytes.
    pub(crate) bytes: &'a AtomicU64,
}

/// The run was to end before the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interrupted;

impl Progress<'_> {
    /// Whether to go on.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
impl Default for Progress<'_> {
    fn default() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self { interrupted: &NEVER, objects: &COUNT, bytes: &COUNT }
    }
}

/// What a sweep found.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// Objects with candidates, sorted by id. Offsets are in the decoded text
    /// ([`crate::source::decode`]) of the object.
    pub(crate) found: Vec<(ObjectId, Box<[Candidate]>)>,
    /// All commits, sorted by id.
    pub(crate) commits: Vec<CommitFacts>,
    /// All annotated tags, sorted by id.
    pub(crate) tags: Vec<TagFacts>,
    /// What was read.
    pub(crate) counts: Counts,
    /// Objects that could not be read, sorted by id.
    pub(crate) unread: Vec<Unread>,
    /// Objects in which the detector panicked, sorted.
    pub(crate) panicked: Vec<ObjectId>,
    /// Blobs that only point to content elsewhere (git-lfs), sorted.
    pub(crate) lfs_pointers: Vec<ObjectId>,
    /// Every blob scanned, if a cache asks for it; without candidates.
    pub(super) scanned: Vec<CachedBlob>,
    /// What of archives was not read, and why: the blob's id and the member's name; sorted.
    pub(crate) left_in_archives: Vec<(String, &'static str)>,
    /// Blobs that were too large to be held and were scanned in pieces, sorted.
    pub(crate) in_pieces: Vec<ObjectId>,
    /// Whether it was ended early.
    pub(crate) interrupted: bool,
}

/// How much was read. The first three are the same for every layout of packs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Blobs scanned.
    pub(crate) blobs: u64,
    /// Commit and tag messages scanned.
    pub(crate) messages: u64,
    /// Bytes of both.
    pub(crate) bytes: u64,
    /// Anchors that had to go through the detector.
    pub(crate) scanned: u64,
}

impl Swept {
    /// The candidates of one object.
    pub(crate) fn candidates(&self, id: &oid) -> &[Candidate] {
        self.found.binary_search_by(|(found, _)| found.as_ref().cmp(id)).map_or(&[], |at| &self.found[at].1)
    }

    fn merge(&mut self, other: Self) {
        self.found.extend(other.found);
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.unread.extend(other.unread);
        self.lfs_pointers.extend(other.lfs_pointers);
        self.panicked.extend(other.panicked);
        self.left_in_archives.extend(other.left_in_archives);
        self.scanned.extend(other.scanned);
        self.counts.blobs += other.counts.blobs;
        self.counts.messages += other.counts.messages;
        self.counts.bytes += other.counts.bytes;
        self.counts.scanned += other.counts.scanned;
    }

    fn sort(&mut self) {
        self.found.sort_unstable_by_key(|(id, _)| *id);
        self.found.dedup_by_key(|(id, _)| *id);
        self.commits.sort_unstable_by_key(|c| c.id);
        self.commits.dedup_by_key(|c| c.id);
        self.tags.sort_unstable_by_key(|t| t.id);
        self.tags.dedup_by_key(|t| t.id);
        self.unread.sort_unstable_by_key(|(id, _)| *id);
        self.unread.dedup_by_key(|(id, _)| *id);
        self.lfs_pointers.sort_unstable();
        self.lfs_pointers.dedup();
        self.left_in_archives.sort_unstable();
        self.left_in_archives.dedup();
        self.panicked.sort_unstable();
        self.panicked.dedup();
        self.in_pieces.sort_unstable();
    }
}

/// Sweeps all stores. Runs on the threads of the current rayon pool.
pub(crate) fn sweep<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    limits: SweepLimits,
    progress: Progress<'_>,
) -> Swept {
    sweep_new(store, detector, limits, progress, None)
}

/// Sweeps what `cache` does not know, and adds what it does know: the result is the same as without.
/// Gives the cache for the next time; of an interrupted sweep too.
pub(crate) fn sweep_cached<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    limits: SweepLimits,
    progress: Progress<'_>,
    cache: &Cache,
) -> (Swept, Cache) {
    let known = |id: &oid| cache.get(id).is_some();
    let mut swept = sweep_new(store, detector, limits, progress, Some(&known));
    let mut blobs = std::mem::take(&mut swept.scanned);
    for blob in &mut blobs {
        blob.candidates = swept.candidates(&blob.id).into();
    }
    for blob in cache.blobs().iter().filter(|b| store.contains(&b.id)) {
        swept.counts.blobs += 1;
        swept.counts.bytes += blob.size;
        if !blob.candidates.is_empty() {
            swept.found.push((blob.id, blob.candidates.clone()));
        }
        if blob.lfs_pointer {
            swept.lfs_pointers.push(blob.id);
        }
        if blob.size > limits.object_bytes {
            swept.in_pieces.push(blob.id);
        }
        blobs.push(blob.clone());
    }
    swept.sort();
    (swept, Cache::new(blobs))
}

fn sweep_new<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    limits: SweepLimits,
    progress: Progress<'_>,
    known: Known<'_>,
) -> Swept {
    let mut swept = Swept::default();
    let wanted = |kind| kind != Kind::Tree;
    let scanner = || Scanner::new(detector, progress, known.is_some());
    let unread = walk_all(store, limits, progress, known, &wanted, scanner, |scanner: Scanner<'_, C>| {
        swept.merge(scanner.swept);
    });
    let (large, unread): (Vec<Unread>, Vec<Unread>) = unread.into_iter().partition(|(_, error)| error.is_limit());
    swept.unread.extend(unread);
    super::large::scan(store, detector, progress, &large, known.is_some(), &mut swept);
    swept.sort();
    swept.interrupted = progress.interrupted.load(Ordering::Relaxed);
    swept
}

/// Hands every object of the wanted kinds to visitors, one of them per thread and pack; each is
/// given to `done` at its end, in no particular order. Where one copy of an object is damaged,
/// another one is used; gives the objects of which no copy can be read.
pub(crate) fn walk_all<V: Visitor + Send>(
    store: &ObjectStore,
    limits: SweepLimits,
    progress: Progress<'_>,
    known: Known<'_>,
    wanted: &(impl Fn(Kind) -> bool + Sync),
    visitor: impl Fn() -> V + Sync,
    mut done: impl FnMut(V),
) -> Vec<Unread> {
    let threads = rayon::current_num_threads().max(1);
    let limits = WalkLimits { object_bytes: limits.object_bytes, kept_bytes: limits.kept_bytes / threads };
    let mut unread = Vec::new();
    for (at, pack) in store.packs().iter().enumerate() {
        if progress.interrupted.load(Ordering::Relaxed) {
            return unread;
        }
        let forest = Forest::new(pack, &store.packs()[..at], &known, wanted);
        unread.extend(forest.lost(pack));
        let next = AtomicUsize::new(0);
        let ended = rayon::broadcast(|_| {
            let mut visitor = visitor();
            let mut walker = Walker::new(store, pack, &forest, limits, progress.interrupted);
            loop {
                let start = next.fetch_add(BATCH, Ordering::Relaxed);
                let Some(rest) = forest.roots().get(start..).filter(|r| !r.is_empty()) else { break };
                for &root in &rest[..rest.len().min(BATCH)] {
                    if progress.interrupted.load(Ordering::Relaxed) {
                        return (visitor, walker.unread);
                    }
                    walker.walk(root, wanted, &mut visitor);
                }
            }
            (visitor, walker.unread)
        });
        for (visitor, failed) in ended {
            done(visitor);
            unread.extend(failed);
        }
    }
    unread.extend(walk_loose(store, limits, progress, known, wanted, &visitor, &mut done));
    if progress.interrupted.load(Ordering::Relaxed) {
        return unread;
    }
    let mut last = visitor();
    let (mut scratch, mut bytes) = (Scratch::default(), Vec::new());
    unread.retain(|(id, _)| match store.read(id, limits.object_bytes, &mut scratch, &mut bytes) {
        Ok(kind) => {
            if wanted(kind) {
                last.whole(Object { id, kind, bytes: &bytes, first: true });
            }
            false
        }
        Err(_) => true,
    });
    done(last);
    unread
}

fn walk_loose<V: Visitor + Send>(
    store: &ObjectStore,
    limits: WalkLimits,
    progress: Progress<'_>,
    known: Known<'_>,
    wanted: &(impl Fn(Kind) -> bool + Sync),
    visitor: &(impl Fn() -> V + Sync),
    done: &mut impl FnMut(V),
) -> Vec<Unread> {
    let next = AtomicUsize::new(0);
    let ended = rayon::broadcast(|_| {
        let (mut visitor, mut unread) = (visitor(), Vec::new());
        let (mut scratch, mut bytes) = (Scratch::default(), Vec::new());
        while let Some(&object) = store.loose().get(next.fetch_add(1, Ordering::Relaxed)) {
            if progress.interrupted.load(Ordering::Relaxed) {
                break;
            }
            let LooseObject { id, .. } = object;
            if store.packs().iter().any(|p| p.contains(&id)) || known.is_some_and(|known| known(&id)) {
                continue;
            }
            match store.read_loose(object, limits.object_bytes, &mut scratch.inflater, &mut bytes) {
                Ok(kind) if wanted(kind) => {
                    visitor.whole(Object { id: &id, kind, bytes: &bytes, first: true });
                }
                Ok(_) => {}
                Err(e) => unread.push((id, e)),
            }
        }
        (visitor, unread)
    });
    let mut all = Vec::new();
    for (visitor, unread) in ended {
        done(visitor);
        all.extend(unread);
    }
    all
}
