use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::detect::{ESCAPED, RuleIndex};
use crate::source::git::delta::{self, tests::Writer};

/// What stands for an escape.
const ESCAPE: u8 = b'%';

/// Sees every byte within its reach, and the ends of the document: whatever is carried over
/// wrongly changes what it says.
pub(crate) struct Hostile {
    pub(crate) reach: Reach,
    /// One anchor in this many is a candidate.
    pub(crate) rarity: u64,
}

impl Candidates for Hostile {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) -> bool {
        let mut escapes = false;
        for anchor in range {
            escapes |= bytes[anchor] == ESCAPE;
            let (from, to) = (anchor.saturating_sub(self.reach.back), (anchor + self.reach.forward).min(bytes.len()));
            let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ (anchor - from) as u64 ^ ((to - anchor) as u64) << 16;
            for &b in &bytes[from..to] {
                hash = (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
            }
            if (hash >> 20).is_multiple_of(self.rarity) {
                let start = from + (hash >> 8) as usize % (anchor - from + 1);
                let end = start + (hash >> 40) as usize % (to - start + 1);
                out.push(Candidate {
                    rule: RuleIndex(hash as u16 % 7),
                    anchor: anchor as u32,
                    start: start as u32,
                    end: end as u32,
                });
            }
        }
        escapes
    }

    /// Sees every byte of a line that has an escape.
    fn escaped(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        assert!(range.is_empty() || range.start == 0 || bytes[range.start - 1] == b'\n', "whole lines");
        assert!(range.is_empty() || range.end == bytes.len() || bytes[range.end - 1] == b'\n', "whole lines");
        let mut at = range.start;
        for line in bytes[range].split_inclusive(|b| *b == b'\n') {
            let hash = line.iter().fold(7_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
            if let Some(n) = line.iter().position(|b| *b == ESCAPE).filter(|_| hash % 3 > 0) {
                let end = at as u32 + (hash >> 30) as u32 % (line.len() as u32 + 1);
                out.push(Candidate { rule: ESCAPED, anchor: (at + n) as u32, start: at as u32, end });
            }
            at += line.len();
        }
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}

/// One instruction of a random edit.
#[derive(Clone, Debug)]
enum Edit {
    Copy(usize, usize),
    Insert(Vec<u8>),
}

fn edit() -> impl Strategy<Value = Vec<Edit>> {
    let one = prop_oneof![
        3 => (0..2000_usize, 1..900_usize).prop_map(|(from, len)| Edit::Copy(from, len)),
        1 => Just(Edit::Copy(0, usize::MAX)),
        2 => prop::collection::vec(byte(), 0..80).prop_map(Edit::Insert),
    ];
    prop::collection::vec(one, 0..8)
}

/// Applies an edit the way a pack would: as a delta.
fn apply(edit: &[Edit], base: &[u8]) -> (Vec<u8>, Vec<Copied>) {
    let mut parts = Vec::new();
    let mut len = 0;
    for e in edit {
        match e {
            Edit::Copy(from, n) if !base.is_empty() => {
                let from = from % base.len();
                let n = (*n).min(base.len() - from);
                parts.push((from, n, None));
                len += n;
            }
            Edit::Copy(..) => {}
            Edit::Insert(bytes) => {
                parts.push((0, 0, Some(bytes)));
                len += bytes.len();
            }
        }
    }
    let mut w = Writer::new(base.len(), len);
    for (from, n, insert) in parts {
        match insert {
            Some(bytes) => w.insert(bytes),
            None => w.copy(from, n),
        }
    }
    let (mut out, mut copies) = (Vec::new(), Vec::new());
    delta::apply(&w.0, base, 1 << 20, &mut out, &mut copies).unwrap();
    (out, copies)
}

fn whole(detector: &Hostile, text: &[u8]) -> Vec<Candidate> {
    let mut out = Vec::new();
    detector.candidates(text, 0..text.len(), &mut out);
    out
}

fn lines(detector: &Hostile, text: &[u8]) -> Vec<Candidate> {
    let mut out = Vec::new();
    detector.escaped(text, 0..text.len(), &mut out);
    out
}

fn extent(bytes: &[u8]) -> Extent {
    let skip = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    Extent { skip, len: bytes.len() - skip }
}

/// Follows a chain of edits, comparing what is carried with a scan of the whole at every step.
fn follow(first: Vec<u8>, edits: &[Vec<Edit>], reach: Reach) {
    let detector = Hostile { reach, rarity: 3 };
    let mut base = first;
    let text = &base[extent(&base).skip..];
    let (mut carried, mut escapes) = (whole(&detector, text), lines(&detector, text));
    let mut any = text.contains(&ESCAPE);
    for edit in edits {
        let (child, copies) = apply(edit, &base);
        let (c, b) = (extent(&child), extent(&base));
        let (mut out, mut behind, text) = (Vec::new(), Vec::new(), &child[c.skip..]);
        any |= carry(&detector, text, (c, b), &copies, &carried, &mut out).1;
        assert_eq!(out, whole(&detector, text), "carried candidates are those of a whole scan");
        assert!(any || !text.contains(&ESCAPE), "an escape that nobody met");
        escaped(&detector, text, (c, b), &copies, &escapes, &mut behind);
        assert_eq!(behind, lines(&detector, text), "so are lines with escapes");
        (base, carried, escapes) = (child, out, behind);
    }
}

/// Some are ends of lines, few are escapes.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![60 => any::<u8>(), 3 => Just(b'\n'), 1 => Just(ESCAPE)]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    (any::<bool>(), prop::collection::vec(byte(), 0..3000)).prop_map(|(marked, mut bytes)| {
        if marked {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn chains_of_edits_carry_exactly(first in text(), edits in prop::collection::vec(edit(), 1..6),
                                     back in 0..64_usize, forward in 1..64_usize) {
        follow(first, &edits, Reach { back, forward });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn so_they_do_with_the_longest_reach(first in text(), edits in prop::collection::vec(edit(), 1..4)) {
        follow(first, &edits, Reach { back: 512, forward: 512 });
    }
}

#[test]
fn every_seam_is_scanned_with_its_neighbourhood() {
    let reach = Reach { back: 20, forward: 30 };
    let detector = Hostile { reach, rarity: 1 };
    let base: Vec<u8> = (0..1000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let carried = whole(&detector, &base);
    for seam in 0..=base.len() {
        let edit = [Edit::Copy(0, seam), Edit::Insert(b"new".to_vec()), Edit::Copy(seam, 1000)];
        let edit = if seam == 0 || seam == base.len() { &edit[1..] } else { &edit[..] };
        let (child, copies) = apply(edit, &base);
        let mut out = Vec::new();
        let scanned = carry(&detector, &child, (extent(&child), extent(&base)), &copies, &carried, &mut out).0;
        assert_eq!(out, whole(&detector, &child), "seam at {seam}");
        assert!(scanned <= 3 + 2 * (20 + 30 + 2 + 2 * WORTH_CARRYING as u64), "only the seam is scanned");
    }
}

#[test]
fn a_copy_without_change_scans_nothing() {
    let detector = Hostile { reach: Reach { back: 100, forward: 100 }, rarity: 2 };
    let base = vec![b'x'; 5000];
    let carried = whole(&detector, &base);
    let (child, copies) = apply(&[Edit::Copy(0, 5000)], &base);
    let mut out = Vec::new();
    assert_eq!(carry(&detector, &child, (extent(&child), extent(&base)), &copies, &carried, &mut out).0, 0);
    assert_eq!(out, carried);
}
