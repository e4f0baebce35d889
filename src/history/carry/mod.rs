//! Which candidates of a base hold in a delta's result, and which ranges of it have to be scanned.
//!
//! An anchor whose whole neighbourhood lies inside one copied range sees the same bytes as in the
//! base, so whatever the detector said there holds here. All other anchors are dirty. Where the
//! neighbourhood would leave the document, it must leave it at the same place in the base. Lines with
//! escapes depend on the whole line instead: those that lie in one copy are carried.

use std::ops::Range;

use super::candidates::{Candidate, Candidates, Reach, sort};
use crate::source::git::delta::Copied;

/// A clean range shorter than this is scanned too: a call costs more than the bytes.
const WORTH_CARRYING: usize = 32;

/// A document cut out of an object: without its byte-order mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Bytes of the object before the document.
    pub(crate) skip: usize,
    /// Length of the document.
    pub(crate) len: usize,
}

/// A copied range between documents.
#[derive(Clone, Copy)]
struct Shared {
    /// Where it stands in the result, and where it ends.
    at: usize,
    end: usize,
    /// Where it stands in the base.
    from: usize,
    /// Both documents begin with it, or end with it.
    first: bool,
    last: bool,
}

impl Shared {
    /// From objects to documents: a mark in front may be copied too.
    fn of(copy: Copied, child: Extent, base: Extent) -> Option<Self> {
        let cut = child.skip.saturating_sub(copy.at).max(base.skip.saturating_sub(copy.from));
        let len = copy.len.checked_sub(cut)?;
        let (at, from) = (copy.at + cut - child.skip, copy.from + cut - base.skip);
        let last = at + len == child.len && from + len == base.len;
        Some(Self { at, end: at + len, from, first: at == 0 && from == 0, last })
    }

    /// What of `carried` has its anchor in a part of the copied range, moved to where that stands now.
    fn moved(self, part: Range<usize>, carried: &[Candidate]) -> impl Iterator<Item = Candidate> {
        let (from, to) = (part.start - self.at + self.from, part.end - self.at + self.from);
        let first = carried.partition_point(|c| (c.anchor as usize) < from);
        let moved = move |offset: u32| (offset as usize + self.at - self.from) as u32;
        let held = carried[first..].iter().take_while(move |c| (c.anchor as usize) < to);
        held.map(move |c| Candidate { anchor: moved(c.anchor), start: moved(c.start), end: moved(c.end), ..*c })
    }

    /// Anchors of the result that see what they saw in the base; `None` where there are none.
    fn clean(self, reach: Reach) -> Option<Range<usize>> {
        let start = if self.first { 0 } else { self.at + reach.back + 1 };
        let end = if self.last { self.end } else { self.end.saturating_sub(reach.forward) };
        (start + WORTH_CARRYING < end).then_some(start..end)
    }

    /// The whole lines of the result that are lines of the base.
    fn lines(self, document: &[u8]) -> Option<Range<usize>> {
        let text = &document[self.at..self.end];
        let start = if self.first { 0 } else { self.at + memchr::memchr(b'\n', text)? + 1 };
        let end = if self.last { self.end } else { self.at + memchr::memrchr(b'\n', text)? + 1 };
        (start < end).then_some(start..end)
    }
}

/// Finds the candidates of a delta's result: carries what holds from `carried` (the base's,
/// sorted), scans the rest. `out` becomes the sorted list. Returns how many anchors were scanned, and whether
/// escapes are among them.
pub(crate) fn carry<C: Candidates + ?Sized>(
    detector: &C,
    document: &[u8],
    (child, base): (Extent, Extent),
    copies: &[Copied],
    carried: &[Candidate],
    out: &mut Vec<Candidate>,
) -> (u64, bool) {
    out.clear();
    let reach = detector.reach();
    let (mut scanned, mut escapes, mut done) = (0, false, 0);
    let mut scan = |range: Range<usize>, out: &mut Vec<Candidate>| {
        if !range.is_empty() {
            scanned += range.len() as u64;
            escapes |= detector.candidates(document, range, out);
        }
    };
    for &copy in copies {
        let Some(shared) = Shared::of(copy, child, base) else { continue };
        let Some(anchors) = shared.clean(reach) else { continue };
        scan(done..anchors.start, out);
        done = anchors.end;
        out.extend(shared.moved(anchors, carried));
    }
    scan(done..document.len(), out);
    sort(out);
    (scanned, escapes)
}

/// Finds the lines of a delta's result behind whose escapes something stands: carries those of whole lines
/// that were copied, and looks at the others. `out` becomes the sorted list.
pub(crate) fn escaped<C: Candidates + ?Sized>(
    detector: &C,
    document: &[u8],
    (child, base): (Extent, Extent),
    copies: &[Copied],
    carried: &[Candidate],
    out: &mut Vec<Candidate>,
) {
    out.clear();
    let mut done = 0;
    for &copy in copies {
        let Some(shared) = Shared::of(copy, child, base) else { continue };
        let Some(lines) = shared.lines(document) else { continue };
        detector.escaped(document, done..lines.start, out);
        done = lines.end;
        out.extend(shared.moved(lines, carried));
    }
    detector.escaped(document, done..document.len(), out);
    sort(out);
}

#[cfg(test)]
mod tests;
