//! What the sweep needs to know of a detector: candidates within a range, and its reach.

use std::ops::Range;

use crate::detect::Detector;
pub(crate) use crate::detect::{Candidate, Reach};

/// Finds candidates by bytes within a reach, and lines with escapes by their own bytes. The sweep is
/// generic over it, so that tests can put hostile detectors in its place.
pub(crate) trait Candidates: Sync {
    /// Pushes every candidate whose anchor lies in `range`, looking no further than the reach. Says
    /// whether escapes are there.
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) -> bool;
    /// Pushes what stands behind escapes in `range`, which is made of whole lines, looking no further than
    /// the line.
    fn escaped(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>);
    /// How far from an anchor it looks.
    fn reach(&self) -> Reach;

    /// Both for a whole text, sorted.
    fn all(&self, text: &[u8]) -> Vec<Candidate> {
        let mut out = Vec::new();
        if self.candidates(text, 0..text.len(), &mut out) {
            self.escaped(text, 0..text.len(), &mut out);
        }
        sort(&mut out);
        out
    }
}

/// The order in which candidates are kept.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by_key(|c| (c.anchor, c.rule, c.start, c.end));
}

impl Candidates for Detector {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) -> bool {
        self.candidates(bytes, range, out).escape.is_some()
    }

    fn escaped(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        self.escaped(bytes, range, out);
    }

    fn reach(&self) -> Reach {
        self.reach()
    }
}
