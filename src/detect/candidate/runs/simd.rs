//! Byte classification with vector instructions. The only module of keyward with `unsafe` code.
//!
//! Two uses of it, each with its reason at the spot: calling a function that needs AVX2 after the
//! processor has been asked for it, and loading 32 bytes from a slice that holds at least 32.
//! A property test holds the result equal to `scalar`.
#![allow(unsafe_code, reason = "two intrinsics' preconditions, checked right before each")]

use super::scalar;

/// Sets bit i of `masks[w]` if byte `w * 64 + i` is a run byte; bits past the end are zero.
/// `masks` has `bytes.len() / 64` words, rounded up.
pub(super) fn classify(bytes: &[u8], masks: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { avx2(bytes, masks) };
        return;
    }
    scalar::classify(bytes, masks);
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
        scalar::classify(rest, std::slice::from_mut(mask));
    }
}
