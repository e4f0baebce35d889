//! How common bytes are in source text: what a search should hold on to.

/// Where the rarest `n` bytes of a text start; 0 if it is shorter.
pub(super) fn rarest(text: &[u8], n: usize) -> usize {
    let last = text.len().saturating_sub(n);
    (0..=last).min_by_key(|at| commonness_of(&text[*at..text.len().min(at + n)])).unwrap_or(0)
}

/// How common a fragment is, roughly, in bits of likelihood.
pub(super) fn commonness_of(fragment: &[u8]) -> u32 {
    fragment.iter().map(|b| u32::from(commonness(*b))).sum()
}

/// The share of bytes, of folded source text, whose low and high halves are in these sets, roughly.
pub(super) fn share_of(low: u16, high: u16) -> f32 {
    /// By a byte's halves. A bit of likelihood less is half as often; the commonest byte is one in ten.
    const SHARE: [[f32; 16]; 16] = {
        let mut table = [[0.0; 16]; 16];
        let mut b = 0;
        while b < 256 {
            table[b >> 4][b & 15] = 0.1 / (1_u32 << (12 - commonness(b as u8))) as f32;
            b += 1;
        }
        table
    };
    ones(high).map(|high| ones(low).map(|low| SHARE[high][low]).sum::<f32>()).sum()
}

/// The places of the bits that are set.
fn ones(mut set: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (set != 0).then_some(set.trailing_zeros() as usize);
        set &= set.wrapping_sub(1);
        at
    })
}

/// How common a byte is in source text, roughly, in bits of likelihood.
const fn commonness(b: u8) -> u8 {
    match b {
        b' ' | b'e' | b't' => 12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 11,
        b'c' | b'd' | b'l' | b'p' | b'u' | b'm' | b'_' | b'\n' => 10,
        b'f' | b'g' | b'h' | b'b' | b'.' | b'-' | b'0' | b'1' | b'(' | b')' | b',' | b'"' => 9,
        b'y' | b'v' | b'x' | b'k' | b'w' | b'/' | b':' | b'=' | b'2' | b';' | b'*' => 8,
        b'j' | b'q' | b'z' | b'3'..=b'9' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'E' | b'T' | b'A' | b'S' => 7,
        b'A'..=b'Z' | b'#' | b'\'' | b'+' => 6,
        _ => 4,
    }
}
