//! Long runs of token characters: where credentials can stand.
//!
//! Nearly every credential is a run of sixteen or more of `[A-Za-z0-9_-]` (base64's `+` and `/`
//! included), and most text has few of them. Bytes are classified 64 at a time into bit masks
//! (`simd::classes`); the masks are then eroded so that a set bit means
//! "the 16 bytes that end here are all token characters". Cost is independent of the rules.

use super::simd::classes::classify;
use crate::position::Span;

/// Shortest run that is reported.
pub(crate) const MIN_RUN: usize = 16;

/// Bytes classified at a time: fits the first-level cache beside the tables of the prefilter.
const BLOCK: usize = 8192;

/// Whether `b` belongs to a run.
pub(crate) fn is_run_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/')
}

/// Calls `found` with every maximal run of at least [`MIN_RUN`] run bytes, in order.
pub(crate) fn for_each_run(bytes: &[u8], mut found: impl FnMut(Span)) {
    let mut masks = [0_u64; BLOCK / 64];
    let mut open: Option<usize> = None;
    let mut previous = 0_u64;
    for (b, block) in bytes.chunks(BLOCK).enumerate() {
        let words = block.len().div_ceil(64);
        classify(block, &mut masks[..words]);
        for (w, &mask) in masks[..words].iter().enumerate() {
            let eroded = erode(mask, previous);
            previous = mask;
            if eroded == 0 && open.is_none() {
                continue;
            }
            emit(eroded, b * BLOCK + w * 64, &mut open, &mut found);
        }
    }
    if let Some(start) = open {
        found(Span::new(start, bytes.len()));
    }
}

/// Bit i is set if bits i-15..=i of `mask` (with `previous` below it) are all set.
fn erode(mask: u64, previous: u64) -> u64 {
    let mut x = (u128::from(mask) << 64) | u128::from(previous);
    x &= x << 1;
    x &= x << 2;
    x &= x << 4;
    x &= x << 8;
    (x >> 64) as u64
}

/// Walks the groups of set bits in one eroded word that stands for the bytes from `base`.
fn emit(mut eroded: u64, base: usize, open: &mut Option<usize>, found: &mut impl FnMut(Span)) {
    let mut done = 0; // bits of the word dealt with, shifted out of `eroded`
    loop {
        if let Some(start) = *open {
            let ones = eroded.trailing_ones();
            if done + ones >= 64 {
                return;
            }
            done += ones;
            eroded >>= ones;
            found(Span::new(start, base + done as usize));
            *open = None;
        }
        if eroded == 0 {
            return;
        }
        let zeros = eroded.trailing_zeros();
        done += zeros;
        eroded >>= zeros;
        *open = Some(base + done as usize + 1 - MIN_RUN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(bytes: &[u8]) -> Vec<Span> {
        let mut runs = Vec::new();
        let mut start = 0;
        for i in 0..=bytes.len() {
            if i == bytes.len() || !is_run_byte(bytes[i]) {
                if i - start >= MIN_RUN {
                    runs.push(Span::new(start, i));
                }
                start = i + 1;
            }
        }
        runs
    }

    fn all(bytes: &[u8]) -> Vec<Span> {
        let mut runs = Vec::new();
        for_each_run(bytes, |r| runs.push(r));
        runs
    }

    proptest! {
        #[test]
        fn runs_equal_a_naive_search(text in "([a-zA-Z0-9_+/-]{0,70}[ .=\u{e9}\n]{0,3}){0,12}") {
            prop_assert_eq!(all(text.as_bytes()), naive(text.as_bytes()));
        }
    }

    #[test]
    fn runs_cross_words_and_blocks() {
        for at in [0, 1, 48, 63, 64, 100, BLOCK - 20, BLOCK - 1, BLOCK] {
            for len in [15, 16, 17, 64, 128, 200, 9000] {
                let mut bytes = vec![b' '; at + len + 5];
                bytes[at..at + len].fill(b'a');
                assert_eq!(all(&bytes), naive(&bytes), "at {at} length {len}");
                assert_eq!(all(&bytes[..at + len]), naive(&bytes[..at + len]), "at {at} length {len}, cut");
            }
        }
    }

    #[test]
    fn every_byte_has_one_class() {
        for b in 0..=255_u8 {
            let mut mask = [0];
            classify(&[b], &mut mask);
            assert_eq!(mask[0] == 1, is_run_byte(b), "byte {b}");
        }
    }
}
