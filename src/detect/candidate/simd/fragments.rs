//! Where one of a few dozen short fragments may stand, 32 or 64 bytes at a time.
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
/// have such a byte, the first eight and the others.
#[derive(Clone, Default)]
pub(in super::super) struct Masks([[Table; 2]; LONGEST]);

/// Sixteen entries, as often as the longest vector has sixteen bytes: an instruction looks up each sixteen
/// in entries of their own.
const COPIES: usize = 64;

/// Buckets by half a byte.
#[derive(Clone, Copy)]
struct Table {
    low: [u8; COPIES],
    high: [u8; COPIES],
}

impl Default for Table {
    fn default() -> Self {
        Self { low: [0; COPIES], high: [0; COPIES] }
    }
}

impl Table {
    fn add(&mut self, bit: u8, b: u8) {
        for half in (0..COPIES).step_by(16) {
            self.low[half + usize::from(b & 15)] |= bit;
            self.high[half + usize::from(b >> 4)] |= bit;
        }
    }

    fn buckets(&self, b: u8) -> u8 {
        self.low[usize::from(b & 15)] & self.high[usize::from(b >> 4)]
    }
}

impl Masks {
    /// Puts a fragment into a bucket. `fragment` is folded and has 1 to [`LONGEST`] bytes.
    pub(in super::super) fn add(&mut self, fragment: &[u8], bucket: usize) {
        let (half, bit) = (bucket / 8, 1 << (bucket % 8));
        for (place, tables) in self.0.iter_mut().enumerate() {
            match fragment.get(place) {
                Some(b) => tables[half].add(bit, *b),
                None => (0..=u8::MAX).for_each(|b| tables[half].add(bit, b)),
            }
        }
    }

    /// Calls `found` with each place in `range` where fragments of some buckets may begin, in order.
    /// A fragment may reach behind `range`, and no fragment is missed at the end of the text.
    pub(in super::super) fn search(&self, text: &[u8], range: Range<usize>, mut found: impl FnMut(usize, u16)) {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512bw") {
                // SAFETY: the processor has AVX-512 BW.
                unsafe { self.avx512(text, range, &mut found) };
                return;
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2.
                unsafe { self.avx2(text, range, &mut found) };
                return;
            }
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
        self.step_by_step::<{ avx2::STEP }>(text, range, found, |bytes| u64::from(self.places(bytes)));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512bw")]
    fn avx512(&self, text: &[u8], range: Range<usize>, found: &mut impl FnMut(usize, u16)) {
        self.step_by_step::<{ avx512::STEP }>(text, range, found, |bytes| self.places_of_64(bytes));
    }

    /// Reads `STEP` bytes at a time, and goes on behind those that `places` has told of: one bit for each
    /// but the last, which are the rest of a fragment.
    #[allow(clippy::inline_always, reason = "only inside its callers do the vector instructions of `places` inline")]
    #[inline(always)]
    fn step_by_step<const STEP: usize>(
        &self,
        text: &[u8],
        range: Range<usize>,
        found: &mut impl FnMut(usize, u16),
        places: impl Fn(&[u8; STEP]) -> u64,
    ) {
        let end = range.end.min(text.len());
        let mut padded = [0; STEP];
        let mut at = range.start;
        while at < end {
            let rest = &text[at..];
            let bytes = rest.first_chunk().unwrap_or_else(|| {
                padded[rest.len()..].fill(0);
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            let mut places = places(bytes);
            while places != 0 {
                let place = places.trailing_zeros() as usize;
                places &= places - 1;
                if at + place < end {
                    // The buckets again, for this one place: it is seldom that one is reached.
                    found(at + place, self.buckets(&bytes[place..]));
                }
            }
            at += STEP - (LONGEST - 1);
        }
    }

    /// The buckets that have a fragment which may begin `text`; what lies behind its end is zero.
    fn buckets(&self, text: &[u8]) -> u16 {
        self.0.iter().enumerate().fold(u16::MAX, |buckets, (place, [first, second])| {
            let b = fold(text.get(place).copied().unwrap_or(0));
            buckets & u16::from_le_bytes([first.buckets(b), second.buckets(b)])
        })
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{COPIES, LONGEST, Masks, Table};

    /// Bytes that a step looks at: 32 places, and the rest of a fragment behind the last.
    pub(super) const STEP: usize = 32 + LONGEST - 1;

    impl Masks {
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
                let [first_table, second_table] = &self.0[place];
                first = _mm256_and_si256(first, look_up(first_table, low, high));
                second = _mm256_and_si256(second, look_up(second_table, low, high));
            }
            let none = _mm256_cmpeq_epi8(_mm256_or_si256(first, second), _mm256_setzero_si256());
            !_mm256_movemask_epi8(none).cast_unsigned()
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn look_up(table: &Table, low: __m256i, high: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_shuffle_epi8(entries(&table.low), low), _mm256_shuffle_epi8(entries(&table.high), high))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn entries(table: &[u8; COPIES]) -> __m256i {
        #[allow(clippy::expect_used, reason = "a table has 64 bytes")]
        load(table.first_chunk().expect("a table is long enough"))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: `bytes` is 32 readable bytes; the load has no alignment requirement.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_and_si512, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8, _mm512_shuffle_epi8,
        _mm512_srli_epi16, _mm512_test_epi8_mask,
    };

    use super::{LONGEST, Masks, Table};

    /// Bytes that a step looks at: 64 places, and the rest of a fragment behind the last.
    pub(super) const STEP: usize = 64 + LONGEST - 1;

    impl Masks {
        /// One bit for each of the first 64 places of `bytes` where fragments may begin.
        #[target_feature(enable = "avx512bw")]
        #[inline]
        pub(super) fn places_of_64(&self, bytes: &[u8; STEP]) -> u64 {
            let (nibble, case) = (_mm512_set1_epi8(15), _mm512_set1_epi8(0x20));
            let (mut first, mut second) = (_mm512_set1_epi8(-1), _mm512_set1_epi8(-1));
            for place in 0..LONGEST {
                #[allow(clippy::expect_used, reason = "67 bytes hold 64 from each of their first four")]
                let v = load(bytes[place..].first_chunk().expect("a step is long enough for each place"));
                let v = _mm512_or_si512(v, case);
                let (low, high) = (_mm512_and_si512(v, nibble), _mm512_and_si512(_mm512_srli_epi16::<4>(v), nibble));
                let [first_table, second_table] = &self.0[place];
                first = _mm512_and_si512(first, look_up(first_table, low, high));
                second = _mm512_and_si512(second, look_up(second_table, low, high));
            }
            let some = _mm512_or_si512(first, second);
            _mm512_test_epi8_mask(some, some)
        }
    }

    #[target_feature(enable = "avx512bw")]
    #[inline]
    fn look_up(table: &Table, low: __m512i, high: __m512i) -> __m512i {
        _mm512_and_si512(_mm512_shuffle_epi8(load(&table.low), low), _mm512_shuffle_epi8(load(&table.high), high))
    }

    #[target_feature(enable = "avx512bw")]
    #[inline]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: `bytes` is 64 readable bytes; the load has no alignment requirement.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
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
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // The longer vectors were asked above, where the processor has them.
                let mut shorter = Vec::new();
                // SAFETY: the processor has AVX2.
                unsafe { masks.avx2(text, range.clone(), &mut |at, buckets| shorter.push((at, buckets))) };
                prop_assert_eq!(&shorter, &b);
            }
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
