//! Blobs that are too large to be held: their candidates, piece by piece.
//!
//! What is stored as a delta cannot be read so and stays a gap; so does what lies beyond a bound.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use gix::hash::oid;
use gix::objs::Kind;

use super::cache::CachedBlob;
use super::candidates::{Candidate, Candidates, sort};
use super::forest::Unread;
use super::pieces::{Piece, each_piece};
use super::sweep::{Progress, Swept};
use crate::source::archive::is_archive;
use crate::source::git::inflate::InflateError;
use crate::source::git::objects::{ObjectError, ObjectStore};
use crate::source::git::pack::EntryError;

/// Candidates of one blob: memory stays bounded whatever it holds.
const MOST_CANDIDATES: usize = 1 << 20;
/// What is left out stands in the coverage as a bound that was met.
const TOO_LARGE: ObjectError = ObjectError::Entry(EntryError::Inflate(InflateError::TooLarge));

/// Scans what the sweep found too large; each blob once.
pub(super) fn scan<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    progress: Progress<'_>,
    large: &[Unread],
    list: bool,
    swept: &mut Swept,
) {
    let mut ids: Vec<_> = large.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        if progress.interrupted.load(Ordering::Relaxed) {
            return;
        }
        let mut out = Vec::new();
        // A panic is contained to this object and becomes a gap.
        let scanned = catch_unwind(AssertUnwindSafe(|| scan_one(store, detector, progress, &id, &mut out)));
        match scanned {
            Err(_) => swept.panicked.push(id),
            Ok(Err(error)) => swept.unread.push((id, error)),
            Ok(Ok(Whole { bytes, all, archive })) => {
                if archive {
                    swept.left_in_archives.push((id.to_string(), "too large to be opened in the history"));
                }
                swept.counts.blobs += 1;
                swept.counts.bytes += bytes;
                swept.counts.scanned += bytes;
                progress.objects.fetch_add(1, Ordering::Relaxed);
                swept.in_pieces.push(id);
                if !all {
                    swept.unread.push((id, TOO_LARGE));
                } else if list && !archive && !progress.interrupted.load(Ordering::Relaxed) {
                    swept.scanned.push(CachedBlob { id, size: bytes, lfs_pointer: false, candidates: Box::default() });
                }
            }
        }
        // What was found before the damage or the bound counts.
        if !out.is_empty() {
            sort(&mut out);
            swept.found.push((id, out.into()));
        }
    }
}

/// How far a blob was scanned.
struct Whole {
    bytes: u64,
    /// To its end.
    all: bool,
    /// It is an archive, whose members were not read.
    archive: bool,
}

fn scan_one<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    progress: Progress<'_>,
    id: &oid,
    out: &mut Vec<Candidate>,
) -> Result<Whole, ObjectError> {
    let stream = store.stream(id)?;
    if stream.kind != Kind::Blob {
        return Err(TOO_LARGE);
    }
    let (mut all, mut archive, mut found) = (true, false, Vec::new());
    let bytes = each_piece(stream, detector.reach(), |piece| {
        archive |= piece.start == 0 && is_archive(piece.text);
        found.clear();
        if detector.candidates(piece.text, piece.anchors.clone(), &mut found) {
            detector.escaped(piece.text, piece.anchors.clone(), &mut found);
        }
        progress.bytes.fetch_add(piece.anchors.len() as u64, Ordering::Relaxed);
        let room = MOST_CANDIDATES - out.len();
        all = found.len() <= room && found.iter().all(|c| moved(piece, *c).is_some());
        out.extend(found.iter().take(room).filter_map(|c| moved(piece, *c)));
        all && !progress.interrupted.load(Ordering::Relaxed)
    })?;
    Ok(Whole { bytes, all, archive })
}

/// A candidate of a piece in the whole text; `None` beyond 4 GiB.
fn moved(piece: &Piece<'_>, c: Candidate) -> Option<Candidate> {
    let to = |offset: u32| u32::try_from(piece.start + u64::from(offset)).ok();
    Some(Candidate { anchor: to(c.anchor)?, start: to(c.start)?, end: to(c.end)?, ..c })
}
