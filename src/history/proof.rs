//! What a sweep cannot be cheaper than, and what it has to equal: every object built and not looked
//! at, and every object scanned whole.
//!
//! For measurements and proofs on real repositories; both share the sweep's walk and nothing else of it.

use gix::ObjectId;
use gix::objs::Kind;

use super::candidates::{Candidate, Candidates};
use super::forest::{Object, Unread, Visitor};
use super::sweep::{Progress, SweepLimits, walk_all};
use crate::source::git::delta::Copied;
use crate::source::git::objects::ObjectStore;

/// How much was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Built {
    /// Objects.
    pub(crate) objects: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// Builds every object of a kind and does nothing with it.
pub(crate) fn decode_only(store: &ObjectStore, kind: Kind, limits: SweepLimits, progress: Progress<'_>) -> Built {
    let mut all = Built::default();
    walk_all(store, limits, progress, None, &|k| k == kind, Floor::default, |Floor(built)| {
        all.objects += built.objects;
        all.bytes += built.bytes;
    });
    all
}

#[derive(Default)]
struct Floor(Built);

impl Visitor for Floor {
    type State = ();

    fn whole(&mut self, object: Object<'_>) {
        if object.first {
            self.0.objects += 1;
            self.0.bytes += object.bytes.len() as u64;
        }
    }

    fn delta(&mut self, object: Object<'_>, _: (&[u8], &()), _: &[Copied]) {
        self.whole(object);
    }
}

/// What scanning every object whole gave.
#[derive(Debug, Default)]
pub(crate) struct ScannedWhole {
    /// Objects with candidates, sorted by id.
    pub(crate) found: Vec<(ObjectId, Box<[Candidate]>)>,
    /// Objects whose bytes are not what their id says.
    pub(crate) misbuilt: Vec<ObjectId>,
    /// Objects that were not scanned.
    pub(crate) unread: Vec<Unread>,
    /// How much was scanned.
    pub(crate) built: Built,
}

/// Scans every blob, commit and tag from its first byte to its last, whatever was copied into it.
pub(crate) fn scan_whole<C: Candidates>(
    store: &ObjectStore,
    detector: &C,
    limits: SweepLimits,
    progress: Progress<'_>,
) -> ScannedWhole {
    let mut all = ScannedWhole::default();
    let visitor = || Whole { detector, scanned: ScannedWhole::default() };
    all.unread = walk_all(store, limits, progress, None, &|kind| kind != Kind::Tree, visitor, |visitor| {
        all.found.extend(visitor.scanned.found);
        all.misbuilt.extend(visitor.scanned.misbuilt);
        all.built.objects += visitor.scanned.built.objects;
        all.built.bytes += visitor.scanned.built.bytes;
    });
    all.found.sort_unstable_by_key(|(id, _)| *id);
    all.misbuilt.sort_unstable();
    all
}

struct Whole<'d, C> {
    detector: &'d C,
    scanned: ScannedWhole,
}

impl<C: Candidates> Visitor for Whole<'_, C> {
    type State = ();

    fn whole(&mut self, object: Object<'_>) {
        if !object.first {
            return;
        }
        self.scanned.built.objects += 1;
        self.scanned.built.bytes += object.bytes.len() as u64;
        let id = gix::objs::compute_hash(object.id.kind(), object.kind, object.bytes);
        if !id.is_ok_and(|id| id == object.id) {
            self.scanned.misbuilt.push(object.id.to_owned());
        }
        let text = crate::source::decode(object.bytes);
        let found = self.detector.all(&text);
        if !found.is_empty() {
            self.scanned.found.push((object.id.to_owned(), found.into()));
        }
    }

    fn delta(&mut self, object: Object<'_>, _: (&[u8], &()), _: &[Copied]) {
        self.whole(object);
    }
}
