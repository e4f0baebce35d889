//! What measurements and proofs on real repositories ask of a sweep: its floor, and whether carrying
//! candidates through deltas is exact.

use std::num::NonZero;
use std::path::Path;

use gix::ObjectId;
use gix::objs::Kind;

use super::history::NoRepository;
use super::worker::Progress;
use crate::detect::Detector;
use crate::history::{SweepLimits, decode_only, scan_whole, sweep};
use crate::source::git::objects::ObjectStore;
use crate::source::git::repository::{GitEnvironment, Repository};

/// What building every blob gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Blobs, each once.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Candidates found through deltas beside those of scanning every object whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarriedAndWhole {
    /// Blobs, commits and tags that both looked at.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that went through the detector with deltas used.
    pub scanned: u64,
    /// Candidates of the whole objects.
    pub candidates: u64,
    /// Ids of objects whose candidates differ.
    pub differing: Vec<String>,
    /// Ids of objects that were built to other bytes than their id says.
    pub misbuilt: Vec<String>,
    /// Objects that are too large or too damaged to be compared.
    pub left_out: u64,
}

/// Inflates every blob of the repository that `folder` is in and applies its delta; nothing more.
pub fn decoded(folder: &Path, threads: NonZero<usize>, progress: &Progress) -> Result<Decoded, NoRepository> {
    let store = objects(folder)?;
    let work = || decode_only(&store, Kind::Blob, SweepLimits::default(), progress.of_history());
    let built = super::worker::on_threads(threads.get(), work);
    Ok(Decoded { blobs: built.objects, bytes: built.bytes })
}

/// Sweeps the repository that `folder` is in as a scan does, and scans all its objects whole.
pub fn carried_and_whole(
    folder: &Path,
    detector: &Detector,
    threads: NonZero<usize>,
    progress: &Progress,
) -> Result<CarriedAndWhole, NoRepository> {
    let store = objects(folder)?;
    let limits = SweepLimits::default();
    let (carried, whole) = super::worker::on_threads(threads.get(), || {
        let carried = sweep(&store, detector, limits, progress.of_history());
        (carried, scan_whole(&store, detector, limits, progress.of_history()))
    });
    let mut differing: Vec<String> =
        whole.found.iter().filter(|(id, c)| carried.candidates(id) != &**c).map(|(id, _)| id.to_string()).collect();
    let left_out = |id: &ObjectId| whole.unread.iter().any(|(unread, _)| unread == id);
    // What is in archives is found when these are opened: they have no candidates of their own.
    let alone = carried
        .found
        .iter()
        .filter(|(_, candidates)| !candidates.is_empty())
        .map(|(id, _)| id)
        .filter(|id| whole.found.binary_search_by(|(found, _)| found.cmp(id)).is_err() && !left_out(id));
    differing.extend(alone.map(ToString::to_string));
    differing.sort();
    Ok(CarriedAndWhole {
        objects: whole.built.objects,
        bytes: whole.built.bytes,
        scanned: carried.counts.scanned,
        candidates: whole.found.iter().map(|(_, c)| c.len() as u64).sum(),
        differing,
        misbuilt: whole.misbuilt.iter().map(ToString::to_string).collect(),
        left_out: whole.unread.len() as u64,
    })
}

fn objects(folder: &Path) -> Result<ObjectStore, NoRepository> {
    let repository = Repository::discover(folder, &GitEnvironment::default());
    Ok(repository.map_err(|_| NoRepository { path: folder.display().to_string() })?.objects())
}
