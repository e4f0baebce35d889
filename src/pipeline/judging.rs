//! Candidates of a history judged with their whole documents.
//!
//! For which credentials there are: of a million places only numbers are kept, and the places that are
//! listed are judged once more in full. What is seen at fewer is kept at once. Members of archives are documents of their own, below the
//! archive's path.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::objs::Kind;
use rayon::prelude::*;

use crate::detect::{Candidate, Detector};
use crate::history::{self, HistoryDocument, Piece, SweepLimits, Swept, each_piece};
use crate::observe::{Sighted, see};
use crate::position::Location;
use crate::secret::CredentialId;
use crate::source::archive::{self, Met, is_archive};
use crate::source::coverage::{Coverage, Reason};
use crate::source::git::objects::ObjectStore;
use crate::source::git::pack::Scratch;
use crate::source::{Document, Origin, Place, RepoPath, decode};

/// Bytes that are judged after the run was to end: some thousandths of a second.
const JUDGED_LATE: u64 = 4 << 20;
/// Bytes of objects that each worker keeps for those that are deltas of them.
const BASES: usize = 16 << 20;
/// Documents that are judged before their sightings are looked through: memory is bounded by it.
const AT_ONCE: usize = 512;

/// What judging needs.
#[derive(Clone, Copy)]
pub(super) struct Judging<'j> {
    pub(super) detector: &'j Detector,
    pub(super) store: &'j ObjectStore,
    pub(super) swept: &'j Swept,
    pub(super) progress: history::Progress<'j>,
    /// The path of what no tree names.
    pub(super) path_of: fn(&HistoryDocument) -> RepoPath,
}

/// What was seen first of a credential in a document, by the document's number. Boxed: a tree of large
/// entries is half empty.
pub(super) type Told = BTreeMap<(u32, CredentialId), Box<Sighted>>;

/// Which credentials there are, and which documents have them.
#[derive(Default)]
pub(super) struct Judged {
    /// The credentials' numbers of each document.
    pub(super) keys: Vec<Vec<u32>>,
    /// The credentials, by number.
    pub(super) credentials: Vec<CredentialId>,
    /// Each of them at the first place where it was met.
    pub(super) first: Vec<Sighted>,
    /// All that was seen, unless it is more than can be kept: then what is listed is judged
    /// [again](Judging::again).
    pub(super) told: Option<Told>,
}

impl Judged {
    /// Numbers credentials as they come in the documents' order, which does not depend on how these are
    /// stored. So far their numbers are their places in `first`.
    fn number(&mut self, first: Vec<(u32, Sighted)>) {
        let mut first: Vec<Option<Sighted>> = first.into_iter().map(|(_, sighted)| Some(sighted)).collect();
        let mut renumbered = vec![0; first.len()];
        for key in self.keys.iter_mut().flatten() {
            let number = *key as usize;
            if let Some(sighted) = first[number].take() {
                renumbered[number] = self.first.len() as u32;
                self.credentials.push(sighted.credential);
                self.first.push(sighted);
            }
            *key = renumbered[number];
        }
    }
}

/// What one document gave, and how many values failed their check value.
type Seen = (Vec<Sighted>, usize);

impl Judging<'_> {
    /// Judges all documents, and keeps what is seen if it is at no more than `most` places.
    pub(super) fn all(&self, documents: &[HistoryDocument], most: usize, coverage: &mut Coverage) -> Judged {
        let mut judged =
            Judged { keys: vec![Vec::new(); documents.len()], told: Some(Told::new()), ..Judged::default() };
        let mut numbers: HashMap<CredentialId, u32> = HashMap::new();
        // For each credential: the first document that has it, and what is seen there.
        let mut first: Vec<(u32, Sighted)> = Vec::new();
        let work = Work::default();
        for some in self.as_they_are_stored(documents).chunks(AT_ONCE) {
            let these: Vec<&HistoryDocument> = some.iter().map(|n| &documents[*n as usize]).collect();
            for (&document, one) in some.iter().zip(self.some(&these, &work)) {
                let (seen, misfits) = one.unwrap_or_else(|()| {
                    coverage.add(Reason::Panicked, documents[document as usize].object.to_string(), "");
                    Seen::default()
                });
                coverage.count(Reason::CheckValue, misfits as u64);
                for s in seen {
                    let number = *numbers.entry(s.credential).or_insert(first.len() as u32);
                    judged.keys[document as usize].push(number);
                    match first.get_mut(number as usize) {
                        None => first.push((document, s.clone())),
                        Some(before) if document < before.0 => *before = (document, s.clone()),
                        Some(_) => {}
                    }
                    if let Some(told) = &mut judged.told {
                        told.entry((document, s.credential)).or_insert_with(|| Box::new(s));
                    }
                }
                if judged.told.as_ref().is_some_and(|told| told.len() > most) {
                    judged.told = None;
                }
            }
        }
        judged.number(first);
        judged
    }

    /// The documents' numbers in the order of the packs: versions of a file, which are deltas of one
    /// another, follow each other there.
    fn as_they_are_stored(&self, documents: &[HistoryDocument]) -> Vec<u32> {
        let mut order: Vec<u32> = (0..documents.len() as u32).collect();
        order.sort_by_cached_key(|n| self.store.place(&documents[*n as usize].object));
        order
    }

    /// Judges some documents again: what is seen of each credential first, by the document's number.
    pub(super) fn again(&self, documents: &[HistoryDocument], wanted: &[u32]) -> Told {
        let work = Work::default();
        let mut all = Told::new();
        for some in wanted.chunks(AT_ONCE) {
            let these: Vec<&HistoryDocument> = some.iter().map(|n| &documents[*n as usize]).collect();
            for (&number, one) in some.iter().zip(self.some(&these, &work)) {
                // A panic was told the first time.
                for s in one.unwrap_or_default().0 {
                    all.entry((number, s.credential)).or_insert_with(|| Box::new(s));
                }
            }
        }
        all
    }

    fn some(&self, documents: &[&HistoryDocument], work: &Work) -> Vec<Result<Seen, ()>> {
        let judge = |reading: &mut Reading, document: &&HistoryDocument| {
            let interrupted = self.progress.check().is_err();
            if interrupted && work.late.load(Ordering::Relaxed) > JUDGED_LATE {
                return Ok(Seen::default());
            }
            // Nothing of the buffers is used again after a panic but their memory.
            let judged = catch_unwind(AssertUnwindSafe(|| self.one(reading, document))).map_err(|_| {
                reading.holds = None;
            });
            work.late.fetch_add(if interrupted { reading.bytes.len() as u64 } else { 0 }, Ordering::Relaxed);
            judged
        };
        documents.par_iter().map_init(|| work.lend(), |lent, document| judge(&mut lent.reading, document)).collect()
    }

    fn one(&self, reading: &mut Reading, document: &HistoryDocument) -> Seen {
        let origin = Origin { place: Place::History, path: (self.path_of)(document) };
        let candidates = self.swept.candidates(&document.object);
        if reading.holds != Some(document.object) {
            reading.holds = None;
            let most = SweepLimits::default().object_bytes;
            match self.store.read(&document.object, most, &mut reading.scratch, &mut reading.bytes) {
                Ok(_) => reading.holds = Some(document.object),
                Err(error) if error.is_limit() => return self.large(document, &origin, candidates),
                // It was read once already; what has become unreadable since is in the sweep's coverage.
                Err(_) => return Seen::default(),
            }
        }
        let (mut seen, mut misfits) = self.judge(&origin, &reading.bytes, Some(candidates));
        if document.kind == Kind::Blob && is_archive(&reading.bytes) {
            // What was not read of it is in the sweep's coverage.
            archive::walk(&origin.path, &reading.bytes, &mut |met| {
                if let Met::Member(path, bytes) = met {
                    let (mut inside, more) = self.judge(&Origin { place: origin.place, path }, bytes, None);
                    seen.append(&mut inside);
                    misfits += more;
                }
                self.progress.check().is_ok()
            });
        }
        (seen, misfits)
    }

    /// Judges a text; without candidates these are looked for.
    fn judge(&self, origin: &Origin, bytes: &[u8], candidates: Option<&[Candidate]>) -> Seen {
        let decoded = decode(bytes);
        let document = Document::new(origin, &decoded);
        let judged = match candidates {
            Some(candidates) => self.detector.judge(&document, candidates),
            None => self.detector.detect(&document, &mut Vec::new()),
        };
        let misfits = judged.misfits();
        (see(self.detector, &document, judged.detections), misfits)
    }

    /// Judges what is too large to be held, piece by piece.
    fn large(&self, document: &HistoryDocument, origin: &Origin, candidates: &[Candidate]) -> Seen {
        let (mut all, mut misfits) = (Vec::new(), 0);
        let Ok(stream) = self.store.stream(&document.object) else { return (all, misfits) };
        // Damage was met by the sweep already.
        let _ = each_piece(stream, self.detector.reach(), |piece| {
            let from = |at: usize| piece.start + at as u64;
            let first = candidates.partition_point(|c| u64::from(c.anchor) < from(piece.anchors.start));
            let end = candidates.partition_point(|c| u64::from(c.anchor) < from(piece.anchors.end));
            let own: Vec<Candidate> = candidates[first..end].iter().filter_map(|c| within(piece, *c)).collect();
            if !own.is_empty() {
                let mut document = Document::new(origin, piece.text);
                document.binary |= piece.binary;
                let judged = self.detector.judge(&document, &own);
                misfits += judged.misfits();
                let mut seen = see(self.detector, &document, judged.detections);
                for s in &mut seen {
                    shift(piece, &mut s.sighting.location);
                }
                all.append(&mut seen);
            }
            end < candidates.len() && self.progress.check().is_ok()
        });
        (all, misfits)
    }
}

/// What all workers share.
#[derive(Default)]
struct Work {
    /// Bytes that were judged after the run was to end.
    late: AtomicU64,
    /// Buffers that no worker has just now, with the objects that were built in them: the next documents
    /// are often versions of the same file, whoever judges them.
    readings: Mutex<Vec<Reading>>,
}

impl Work {
    fn lend(&self) -> Lent<'_> {
        let idle = self.readings.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let new = || Reading { scratch: Scratch::with_bases(BASES), ..Reading::default() };
        Lent { of: self, reading: idle.unwrap_or_else(new) }
    }
}

/// Buffers that a worker has for a while.
struct Lent<'w> {
    of: &'w Work,
    reading: Reading,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.of.readings.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.reading));
    }
}

/// Buffers of one worker.
#[derive(Default)]
struct Reading {
    scratch: Scratch,
    bytes: Vec<u8>,
    /// The object that `bytes` is: one blob is often at many paths.
    holds: Option<ObjectId>,
}

/// A candidate of the whole text in a piece of it.
fn within(piece: &Piece<'_>, c: Candidate) -> Option<Candidate> {
    let to = |offset: u32| u32::try_from(u64::from(offset).checked_sub(piece.start)?).ok();
    Some(Candidate { anchor: to(c.anchor)?, start: to(c.start)?, end: to(c.end)?, ..c })
}

/// A place in a piece as one in the whole text.
fn shift(piece: &Piece<'_>, at: &mut Location) {
    let add = |n: u32, more: u64| u32::try_from(u64::from(n) + more).unwrap_or(u32::MAX);
    for (line, column) in [(&mut at.line, &mut at.column), (&mut at.end_line, &mut at.end_column)] {
        if *line == 1 {
            *column = add(*column, piece.column);
        }
        *line = add(*line, piece.lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::template::expand;
    use crate::detect::{RuleSet, Watchlist};
    use crate::history::{History, sweep};
    use crate::source::git::refs::Refs;
    use crate::source::git::repository::{GitEnvironment, Repository};
    use crate::source::git::tests::repo::Repo;

    /// Few places are kept when they are judged first; of many only what is listed is judged again.
    #[test]
    fn what_is_kept_is_what_is_seen_again() {
        let repo = Repo::new(&[]);
        for version in 0..4_u64 {
            let key = |n| expand("api_key = \"{base62:32}\"\n", n, None).unwrap();
            repo.write("client.py", &format!("# {version}\n{}{}", key(1), key(10 + version)));
            repo.write(&format!("copy-{version}.py"), &key(1));
            repo.git(&["add", "."]);
            repo.git(&["commit", "-q", "-m", "next"]);
        }
        let repository = Repository::discover(repo.path(), &GitEnvironment::default()).unwrap();
        let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
        let (store, refs, progress) = (repository.objects(), Refs::read(&repository), history::Progress::default());
        let limits = SweepLimits::default();
        let mut swept = sweep(&store, &detector, limits, progress);
        let history = History::attribute(&repository, &store, &refs, refs.head, &mut swept, (limits, progress));
        let path_of = |d: &HistoryDocument| RepoPath::new(d.path.as_ref().map_or_else(Vec::new, |p| p.to_vec()));
        let judging = Judging { detector: &detector, store: &store, swept: &swept, progress, path_of };
        let documents = history.documents();
        let mut coverage = Coverage::default();
        let kept = judging.all(documents, 100, &mut coverage);
        let bounded = judging.all(documents, 2, &mut coverage);
        assert_eq!(kept.credentials.len(), 5);
        assert_eq!((&kept.keys, &kept.credentials), (&bounded.keys, &bounded.credentials));
        assert!(bounded.told.is_none());
        let everything: Vec<u32> = (0..documents.len() as u32).collect();
        let places = |told: Told| told.into_iter().map(|(at, s)| (at, s.sighting)).collect::<Vec<_>>();
        let (kept, again) = (places(kept.told.unwrap()), places(judging.again(documents, &everything)));
        assert!(kept.len() > 8, "{}", kept.len());
        assert_eq!(kept, again);
    }
}
