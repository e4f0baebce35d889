//! Which candidates of a base hold in a delta's result, and which ranges of it have to be scanned.
//!
//! An anchor whose whole neighbourhood lies inside one copied range sees the same bytes as in the
//! base, so whatever the detector said there holds here. All other anchors are dirty. Where the
//! neighbourhood would leave the document, it must leave it at the same place in the base.

use std::ops::Range;

use super::candidates::{Candidate, Candidates, Reach};
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

/// Anchors of the result that see what they saw in the base; `None` where there are none.
fn clean(copy: Copied, child: Extent, base: Extent, reach: Reach) -> Option<(Range<usize>, usize)> {
    // From objects to documents: a mark in front may be copied too.
    let cut = child.skip.saturating_sub(copy.at).max(base.skip.saturating_sub(copy.from));
    let len = copy.len.checked_sub(cut)?;
    let (at, from) = (copy.at + cut - child.skip, copy.from + cut - base.skip);
    let start = if at == 0 && from == 0 { 0 } else { at + reach.back + 1 };
    let end = if at + len == child.len && from + len == base.len {
        at + len
    } else {
        (at + len).saturating_sub(reach.forward)
    };
    (start + WORTH_CARRYING < end)
        .then_some((start..end, from))
        .map(|(anchors, from)| (anchors.clone(), from + (anchors.start - at)))
}

/// Finds the candidates of a delta's result: carries what holds from `carried` (the base's,
/// sorted), scans the rest. `out` becomes the sorted list. Returns how many anchors were scanned.
pub(crate) fn carry<C: Candidates + ?Sized>(
    detector: &C,
    document: &[u8],
    (child, base): (Extent, Extent),
    copies: &[Copied],
    carried: &[Candidate],
    out: &mut Vec<Candidate>,
) -> u64 {
    out.clear();
    let reach = detector.reach();
    let (mut scanned, mut done) = (0, 0);
    let mut scan = |range: Range<usize>, out: &mut Vec<Candidate>| {
        if !range.is_empty() {
            scanned += range.len() as u64;
            detector.candidates(document, range, out);
        }
    };
    for &copy in copies {
        let Some((anchors, from)) = clean(copy, child, base, reach) else {
            continue;
        };
        scan(done..anchors.start, out);
        done = anchors.end;
        let first = carried.partition_point(|c| (c.anchor as usize) < from);
        let moved = |offset: u32| (offset as usize + anchors.start - from) as u32;
        for c in &carried[first..] {
            if c.anchor as usize >= from + anchors.len() {
                break;
            }
            out.push(Candidate { anchor: moved(c.anchor), start: moved(c.start), end: moved(c.end), ..*c });
        }
    }
    scan(done..document.len(), out);
    out.sort_unstable_by_key(|c| (c.anchor, c.rule, c.start, c.end));
    scanned
}

#[cfg(test)]
mod tests;
