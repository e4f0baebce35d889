//! Where one of a few dozen short fragments may stand, 32 bytes at a time.
//!
//! After Teddy (Langdale; as in Hyperscan and the aho-corasick crate): fragments are dealt out to
//! buckets; for each of a fragment's places, two tables of sixteen entries tell by a byte's halves
//! which buckets have it there. Unlike them, case is folded, so that `PASS` and `pass` are one
//! fragment, and nothing is compared here: a place and its buckets go to the caller, and the search
//! goes on without a restart.

use std::ops::Range;

/// Longest fragment. Of a longer literal some part stands for it; a shorter one matches whatever follows.
pub(in super::super) const LONGEST: usize = 4;
/// Buckets: two bytes of bits.
pub(in super::super) const BUCKETS: usize = 16;

/// A byte with the case bit set. Some signs become others too: what is found has to be compared.
pub(in super::super) const fn fold(b: u8) -> u8 {
    b | 0x20
}

/// The folded bytes of a fragment's length that begin `text`, the first of them lowest.
pub(in super::super) fn word_of(text: &[u8]) -> u32 {
    let word = text.first_chunk().map_or_else(
        || text.iter().rev().fold(0, |word, b| word << 8 | u32::from(*b)),
        |bytes| u32::from_le_bytes(*bytes),
    );
    word | u32::from_le_bytes([fold(0); LONGEST])
}

/// For each place in a fragment, by the low and by the high half of a byte there: the buckets that
/// have such a byte.
#[derive(Clone, Default)]
pub(in super::super) struct Masks {
    low: [[u16; 16]; LONGEST],
    high: [[u16; 16]; LONGEST],
}

impl Masks {
    /// Puts a fragment into a bucket. `fragment` is folded and has 1 to [`LONGEST`] bytes.
    pub(in super::super) fn add(&mut self, fragment: &[u8], bucket: usize) {
        let bit = 1 << bucket;
        for place in 0..LONGEST {
            if let Some(b) = fragment.get(place) {
                self.low[place][usize::from(b & 15)] |= bit;
                self.high[place][usize::from(b >> 4)] |= bit;
            } else {
                self.low[place].iter_mut().chain(&mut self.high[place]).for_each(|buckets| *buckets |= bit);
            }
        }
    }

    /// Calls `found` with each place in `range` where fragments of some buckets may begin, in order.
    /// A fragment may reach behind `range`, and no fragment is missed at the end of the text.
    pub(in super::super) fn search(&self, text: &[u8], range: Range<usize>, mut found: impl FnMut(usize, u16)) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { self.avx2(text, range, &mut found) };
            return;
        }
        self.scalar(text, range, &mut found);
    }

    /// The same, byte by byte.
    fn scalar(&self, text: &[u8], range: Range<usize>, found: &mut impl FnMut(usize, u16)) {
        for at in range.start..range.end.min(text.len()) {
            let buckets = self.buckets(&text[at..]);
            if buckets != 0 {
                found(at, buckets);
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn avx2(&self, text: &[u8], range: Range<usize>, found: &mut impl FnMut(usize, u16)) {
        let tables = avx2::Tables::new(self);
        let end = range.end.min(text.len());
        let mut padded = [0; avx2::STEP];
        let mut at = range.start;
        while at < end {
            let rest = &text[at..];
            let bytes = rest.first_chunk().unwrap_or_else(|| {
                padded[rest.len()..].fill(0);
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            let mut places = tables.places(bytes);
            while places != 0 {
                let place = places.trailing_zeros() as usize;
                places &= places - 1;
                if at + place < end {
                    // The buckets again, for this one place: it is seldom that one is reached.
                    found(at + place, self.buckets(&bytes[place..]));
                }
            }
            at += 32;
        }
    }

    /// The buckets that have a fragment which may begin `text`; what lies behind its end is zero.
    fn buckets(&self, text: &[u8]) -> u16 {
        (0..LONGEST).fold(u16::MAX, |buckets, place| {
            let b = fold(text.get(place).copied().unwrap_or(0));
            buckets & self.low[place][usize::from(b & 15)] & self.high[place][usize::from(b >> 4)]
        })
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{LONGEST, Masks};

    /// Bytes that a step looks at: 32 places, and the rest of a fragment behind the last.
    pub(super) const STEP: usize = 32 + LONGEST - 1;

    /// The entries of [`Masks`], each half of the buckets for itself, as a shuffle takes them.
    pub(super) struct Tables([[[__m256i; 2]; 2]; LONGEST]);

    impl Tables {
        #[target_feature(enable = "avx2")]
        pub(super) fn new(masks: &Masks) -> Self {
            // The entries twice: a shuffle looks up 16 bytes at a time.
            let table =
                |entries: &[u16; 16], half: usize| load(&std::array::from_fn(|i| entries[i & 15].to_le_bytes()[half]));
            Self(std::array::from_fn(|place| {
                [0, 1].map(|half| [table(&masks.low[place], half), table(&masks.high[place], half)])
            }))
        }

        /// One bit for each of the first 32 places of `bytes` where fragments may begin.
        #[target_feature(enable = "avx2")]
        #[inline]
        pub(super) fn places(&self, bytes: &[u8; STEP]) -> u32 {
            let (nibble, case) = (_mm256_set1_epi8(15), _mm256_set1_epi8(0x20));
            let (mut first, mut second) = (_mm256_set1_epi8(-1), _mm256_set1_epi8(-1));
            for place in 0..LONGEST {
                #[allow(clippy::expect_used, reason = "35 bytes hold 32 from each of their first four")]
                let v = load(bytes[place..].first_chunk().expect("a step is long enough for each place"));
                let v = _mm256_or_si256(v, case);
                let (low, high) = (_mm256_and_si256(v, nibble), _mm256_and_si256(_mm256_srli_epi16::<4>(v), nibble));
                let [[low1, high1], [low2, high2]] = self.0[place];
                let here = _mm256_and_si256(_mm256_shuffle_epi8(low1, low), _mm256_shuffle_epi8(high1, high));
                first = _mm256_and_si256(first, here);
                let here = _mm256_and_si256(_mm256_shuffle_epi8(low2, low), _mm256_shuffle_epi8(high2, high));
                second = _mm256_and_si256(second, here);
            }
            let none = _mm256_cmpeq_epi8(_mm256_or_si256(first, second), _mm256_setzero_si256());
            !_mm256_movemask_epi8(none).cast_unsigned()
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: `bytes` is 32 readable bytes; the load has no alignment requirement.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_vector_search_finds_what_the_scalar_one_finds(
            fragments in proptest::collection::vec("[a-d:=%]{1,4}", 1..40),
            text in "[a-fA-F:=% \n]{0,200}",
            ends in (0..210_usize, 0..210_usize),
        ) {
            let mut masks = Masks::default();
            for (i, fragment) in fragments.iter().enumerate() {
                masks.add(fragment.to_ascii_lowercase().as_bytes().iter().map(|b| fold(*b)).collect::<Vec<_>>().as_slice(), i % BUCKETS);
            }
            let text = text.as_bytes();
            let range = ends.0.min(ends.1).min(text.len())..ends.0.max(ends.1);
            let (mut a, mut b) = (Vec::new(), Vec::new());
            masks.search(text, range.clone(), |at, buckets| a.push((at, buckets)));
            masks.scalar(text, range.clone(), &mut |at, buckets| b.push((at, buckets)));
            prop_assert_eq!(&a, &b);
            // And none is missed, against a naive search.
            for (i, fragment) in fragments.iter().enumerate() {
                for at in range.start..range.end.min(text.len()) {
                    if text[at..].len() >= fragment.len() && text[at..at + fragment.len()].eq_ignore_ascii_case(fragment.as_bytes()) {
                        prop_assert!(a.iter().any(|(p, buckets)| *p == at && buckets >> (i % BUCKETS) & 1 == 1));
                    }
                }
            }
        }
    }
}
