//! What the sweep needs to know of a detector: candidates within a range, and its reach.

use std::ops::Range;

use crate::detect::Detector;
pub(crate) use crate::detect::{Candidate, Reach};

/// Finds candidates by bytes within a reach. The sweep is generic over it, so that tests can put
/// hostile detectors in its place.
pub(crate) trait Candidates: Sync {
    /// Pushes every candidate whose anchor lies in `range`, looking no further than the reach.
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>);
    /// How far from an anchor it looks.
    fn reach(&self) -> Reach;
}

impl Candidates for Detector {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        self.candidates(bytes, range, out);
    }

    fn reach(&self) -> Reach {
        self.reach()
    }
}
