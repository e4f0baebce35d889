//! Marvin32, the keyed hash in the check values of Azure's keys.

/// The 32-bit hash of `data`; the seed is eight bytes read as a big-endian number.
pub(super) fn marvin32(data: &[u8], seed: [u8; 8]) -> u32 {
    let (low, high) = marvin(data, u64::from_be_bytes(seed));
    low ^ high
}

fn marvin(data: &[u8], seed: u64) -> (u32, u32) {
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        low = low.wrapping_add(u32::from_le_bytes(*word));
        mix(&mut low, &mut high);
    }
    let mut end = [0_u8; 4];
    end[..tail.len()].copy_from_slice(tail);
    end[tail.len()] = 0x80;
    low = low.wrapping_add(u32::from_le_bytes(end));
    mix(&mut low, &mut high);
    mix(&mut low, &mut high);
    (low, high)
}

fn mix(low: &mut u32, high: &mut u32) {
    *high ^= *low;
    *low = low.rotate_left(20).wrapping_add(*high);
    *high = high.rotate_left(9) ^ *low;
    *low = low.rotate_left(27).wrapping_add(*high);
    *high = high.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::marvin;

    /// Vectors published with the algorithm.
    #[test]
    fn vectors() {
        let of = |data: &[u8]| {
            let (low, high) = marvin(data, 0x004f_b61a_001b_dbcc);
            u64::from(high) << 32 | u64::from(low)
        };
        assert_eq!(of(&[]), 0x30ed_35c1_00cd_3c7d);
        assert_eq!(of(&[0xaf]), 0x48e7_3fc7_7d75_ddc1);
        assert_eq!(of(&[0xe7, 0x0f]), 0xb5f6_e1fc_485d_bff8);
        assert_eq!(of(&[0x86, 0x42, 0xdc, 0x59]), 0x7008_f2e8_7e9c_f556);
    }
}
