//! Which bytes are run bytes, 64 at a time.

/// Sets bit i of `masks[w]` if byte `w * 64 + i` is a run byte; bits past the end are zero.
/// `masks` has `bytes.len() / 64` words, rounded up.
pub(in super::super) fn classify(bytes: &[u8], masks: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { avx2(bytes, masks) };
        return;
    }
    scalar(bytes, masks);
}

/// Classes by two table look-ups: for the low half of a byte, the set of high halves with which it
/// makes a run byte (bit 0 for 2x, bit 1 for 3x ... bit 5 for 7x); for the high half, its bit.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(bytes: &[u8], masks: &mut [u64]) {
    use std::arch::x86_64::{
        __m256i, _mm_setr_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };
    const P: i8 = 0b00_0001; // + - /
    const D: i8 = 0b00_0010; // 0-9
    const A: i8 = 0b01_0100; // @A-O `a-o without their first
    const Z: i8 = 0b10_1000; // P-Z p-z
    const U: i8 = 0b00_1000; // _
    let low = _mm_setr_epi8(
        D | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        D | A | Z,
        A | Z,
        A | P,
        A,
        A | P,
        A,
        A | P | U,
    );
    let high = _mm_setr_epi8(0, 0, 1, 2, 4, 8, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0);
    let low = _mm256_broadcastsi128_si256(low);
    let high = _mm256_broadcastsi128_si256(high);
    let nibble = _mm256_set1_epi8(15);
    let zero = _mm256_setzero_si256();
    let half = |chunk: &[u8; 32]| -> u32 {
        // SAFETY: `chunk` is 32 readable bytes; the load has no alignment requirement.
        let v: __m256i = unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) };
        let by_low = _mm256_shuffle_epi8(low, _mm256_and_si256(v, nibble));
        let by_high = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(v), nibble));
        let none = _mm256_cmpeq_epi8(_mm256_and_si256(by_low, by_high), zero);
        !_mm256_movemask_epi8(none).cast_unsigned()
    };
    let (chunks, rest) = bytes.as_chunks::<64>();
    let mut masks = masks.iter_mut();
    for (chunk, mask) in chunks.iter().zip(&mut masks) {
        let (halves, _) = chunk.as_chunks::<32>();
        *mask = u64::from(half(&halves[0])) | (u64::from(half(&halves[1])) << 32);
    }
    if let Some(mask) = masks.next() {
        scalar(rest, std::slice::from_mut(mask));
    }
}

/// The same, byte by byte.
fn scalar(bytes: &[u8], masks: &mut [u64]) {
    for (chunk, mask) in bytes.chunks(64).zip(masks) {
        *mask = chunk.iter().enumerate().fold(0, |m, (i, &b)| m | (u64::from(CLASS[usize::from(b)]) << i));
    }
}

const CLASS: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        table[b] = c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'+' | b'/');
        b += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn vector_and_scalar_classes_are_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let words = bytes.len().div_ceil(64);
            let (mut a, mut b) = (vec![0; words], vec![0; words]);
            classify(&bytes, &mut a);
            scalar(&bytes, &mut b);
            prop_assert_eq!(a, b);
        }
    }
}
