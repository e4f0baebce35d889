//! The classifier without vector instructions: the definition that `simd` is held to, and what
//! runs where those instructions are missing.

/// Sets bit i of `masks[w]` if byte `w * 64 + i` is a run byte; bits past the end are zero.
pub(super) fn classify(bytes: &[u8], masks: &mut [u64]) {
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
