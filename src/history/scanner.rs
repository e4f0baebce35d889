//! The visitor of a sweep that looks for candidates, and notes what else an object is.
//!
//! Takes objects with what their bases carry; gives what was found in them. Archives are opened whole. A panic
//! of the detector is contained to its object and becomes a gap.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use gix::objs::Kind;

use super::cache::CachedBlob;
use super::candidates::{Candidate, Candidates, sort};
use super::carry::{self, Extent};
use super::commits::{CommitFacts, TagFacts};
use super::forest::{Object, Visitor};
use super::sweep::{Progress, Swept};
use crate::source::archive::{self, Met, is_archive};
use crate::source::git::delta::Copied;
use crate::source::git::objects::ObjectError;
use crate::source::{Encoding, RepoPath};

/// One thread's part of a sweep.
pub(super) struct Scanner<'a, C> {
    detector: &'a C,
    progress: Progress<'a>,
    /// Whether to list what was scanned.
    list: bool,
    pub(super) swept: Swept,
    out: Vec<Candidate>,
    /// What stands behind escapes; `None` where there are none.
    escaped: Option<Vec<Candidate>>,
}

/// What the children of an object carry over from it.
#[derive(Default)]
pub(super) struct Carried {
    /// Length of the byte-order mark that is not part of the text; `None` where the text had to be
    /// decoded, so that nothing can be carried over.
    skip: Option<u8>,
    candidates: Box<[Candidate]>,
    /// Lines behind whose escapes something stands; `None` where nothing is written with escapes.
    escaped: Option<Box<[Candidate]>>,
}

impl<'a, C: Candidates> Scanner<'a, C> {
    /// One that also lists what it scanned, if asked to.
    pub(super) fn new(detector: &'a C, progress: Progress<'a>, list: bool) -> Self {
        Self { detector, progress, list, swept: Swept::default(), out: Vec::new(), escaped: None }
    }

    /// Notes what was found in `object`, and gives what its children need.
    fn keep(&mut self, object: Object<'_>, skip: Option<u8>, scanned: Option<u64>) -> Carried {
        let panicked = scanned.is_none();
        let candidates: Box<[Candidate]> = self.out.as_slice().into();
        let escaped: Option<Box<[Candidate]>> = self.escaped.as_deref().map(Into::into);
        let carried = Carried { skip, candidates, escaped };
        let archive = object.first && object.kind == Kind::Blob && is_archive(object.bytes);
        let inside = archive && self.opens(object);
        let counts = &mut self.swept.counts;
        counts.scanned += scanned.unwrap_or(0);
        if !object.first {
            return carried;
        }
        counts.bytes += object.bytes.len() as u64;
        self.progress.objects.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(object.bytes.len() as u64, Ordering::Relaxed);
        match object.kind {
            Kind::Blob => {
                counts.blobs += 1;
                let lfs_pointer = object.bytes.starts_with(LFS_POINTER) && object.bytes.len() < 1024;
                if lfs_pointer {
                    self.swept.lfs_pointers.push(object.id.to_owned());
                }
                // What a panic left out is scanned again next time, and so are archives: the cache keeps no members.
                if self.list && !panicked && !archive {
                    let (id, size) = (object.id.to_owned(), object.bytes.len() as u64);
                    self.swept.scanned.push(CachedBlob { id, size, lfs_pointer, candidates: Box::default() });
                }
            }
            Kind::Commit => {
                counts.messages += 1;
                match CommitFacts::parse(object.id, object.bytes) {
                    Some(commit) => self.swept.commits.push(commit),
                    None => self.swept.unread.push((object.id.to_owned(), ObjectError::Malformed)),
                }
            }
            Kind::Tag => {
                counts.messages += 1;
                match TagFacts::parse(object.id, object.bytes) {
                    Some(tag) => self.swept.tags.push(tag),
                    None => self.swept.unread.push((object.id.to_owned(), ObjectError::Malformed)),
                }
            }
            Kind::Tree => {}
        }
        if let Some(escaped) = self.escaped.as_deref().filter(|e| !e.is_empty()) {
            self.out.extend_from_slice(escaped);
            sort(&mut self.out);
        }
        if inside || !self.out.is_empty() {
            self.swept.found.push((object.id.to_owned(), self.out.as_slice().into()));
        }
        carried
    }

    /// Whether members of an archive have candidates; they are documents of their own when judged. An archive
    /// is opened whole: deltas of compressed bytes say nothing about what is inside.
    fn opens(&mut self, object: Object<'_>) -> bool {
        let (detector, progress, swept) = (self.detector, self.progress, &mut self.swept);
        let mut any = false;
        let open = AssertUnwindSafe(|| {
            archive::walk(&RepoPath::new(object.id.to_string()), object.bytes, &mut |met| {
                match met {
                    Met::Member(_, bytes) if !any => {
                        any = !detector.all(&crate::source::decode(bytes)).is_empty();
                    }
                    Met::Member(..) => {}
                    Met::Left(path, why) => swept.left_in_archives.push((path.to_string(), why)),
                }
                progress.check().is_ok()
            });
        });
        if catch_unwind(open).is_err() {
            self.swept.panicked.push(object.id.to_owned());
        }
        any
    }

    /// Runs the detector, which gives how much it scanned; a panic in it is contained to this object and
    /// becomes a gap.
    fn contained(
        &mut self,
        object: Object<'_>,
        scan: impl FnOnce(&C, &mut Vec<Candidate>, &mut Option<Vec<Candidate>>) -> u64,
    ) -> Option<u64> {
        let (detector, out, escaped) = (self.detector, &mut self.out, &mut self.escaped);
        out.clear();
        *escaped = None;
        let scanned = catch_unwind(AssertUnwindSafe(|| scan(detector, out, escaped))).ok();
        if scanned.is_none() {
            self.out.clear();
            self.escaped = None;
            self.swept.panicked.push(object.id.to_owned());
        }
        scanned
    }
}

/// What git-lfs leaves in place of content.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// How many bytes of mark to leave out; `None` where the text is in another encoding.
fn mark(bytes: &[u8]) -> Option<u8> {
    let (encoding, mark) = Encoding::of(bytes);
    (encoding == Encoding::AsIs).then_some(mark as u8)
}

impl<C: Candidates> Visitor for Scanner<'_, C> {
    type State = Carried;

    fn whole(&mut self, object: Object<'_>) -> Carried {
        let text = crate::source::decode(object.bytes);
        let scanned = self.contained(object, |detector, out, escaped| {
            if detector.candidates(&text, 0..text.len(), out) {
                detector.escaped(&text, 0..text.len(), escaped.insert(Vec::new()));
            }
            sort(out);
            text.len() as u64
        });
        self.keep(object, scanned.and(mark(object.bytes)), scanned)
    }

    fn delta(&mut self, object: Object<'_>, (base, carried): (&[u8], &Carried), copies: &[Copied]) -> Carried {
        let (Some(skip), Some(base_skip)) = (mark(object.bytes), carried.skip) else {
            return self.whole(object);
        };
        let text = &object.bytes[usize::from(skip)..];
        let child = Extent { skip: skip.into(), len: text.len() };
        let base = Extent { skip: base_skip.into(), len: base.len() - usize::from(base_skip) };
        let scanned = self.contained(object, |detector, out, escaped| {
            let (scanned, escapes) = carry::carry(detector, text, (child, base), copies, &carried.candidates, out);
            if escapes || carried.escaped.is_some() {
                let before = carried.escaped.as_deref().unwrap_or_default();
                let lines = escaped.insert(Vec::new());
                carry::escaped(detector, text, (child, base), copies, before, lines);
            }
            scanned
        });
        self.keep(object, scanned.map(|_| skip), scanned)
    }
}
