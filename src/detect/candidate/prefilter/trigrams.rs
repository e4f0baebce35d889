//! Entries found by three bytes of text: most questions end at one bit.

/// Sixteen bits of three bytes, the first of them lowest.
#[derive(Clone, Copy)]
pub(super) struct Trigram(u32);

impl Trigram {
    #[inline]
    pub(super) fn new(bytes: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]))
    }

    /// The three bytes that end with `b`, which comes behind these.
    #[inline]
    #[must_use]
    pub(super) fn then(self, b: u8) -> Self {
        Self(self.0 >> 8 | u32::from(b) << 16)
    }

    /// One of `64 * WORDS` slots; `WORDS` is a power of two.
    #[inline]
    fn slot<const WORDS: usize>(self) -> usize {
        const { assert!(WORDS.is_power_of_two() && WORDS <= 1024, "a table has so many words of bits") };
        (self.0.wrapping_mul(0x9E37_79B1) >> (32 - 6 - WORDS.trailing_zeros())) as usize
    }
}

/// Entries by trigram, in `64 * WORDS` slots: few for a small table, which then stays in the cache.
/// Several trigrams may share a slot: what stands there has to be compared.
pub(super) struct Trigrams<T, const WORDS: usize> {
    /// One bit for each slot that is taken.
    bits: Box<[u64; WORDS]>,
    /// For each word of `bits`: taken slots before it.
    before: Box<[u32; WORDS]>,
    /// For each taken slot, in order: where its entries begin; one more for the end.
    starts: Vec<u32>,
    entries: Vec<T>,
}

impl<T, const WORDS: usize> Trigrams<T, WORDS> {
    pub(super) fn new(entries: Vec<(Trigram, T)>) -> Self {
        let mut entries: Vec<(usize, T)> =
            entries.into_iter().map(|(key, entry)| (key.slot::<WORDS>(), entry)).collect();
        entries.sort_by_key(|(slot, _)| *slot);
        let (mut bits, mut before) = (Box::new([0_u64; WORDS]), Box::new([0_u32; WORDS]));
        let mut starts = Vec::new();
        for (i, (slot, _)) in entries.iter().enumerate() {
            if i == 0 || entries[i - 1].0 != *slot {
                bits[slot >> 6] |= 1 << (slot & 63);
                starts.push(i as u32);
            }
        }
        starts.push(entries.len() as u32);
        let mut taken = 0;
        for (word, before) in bits.iter().zip(before.iter_mut()) {
            *before = taken;
            taken += word.count_ones();
        }
        Self { bits, before, starts, entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// Whether some entry may have this key.
    #[inline]
    pub(super) fn may_have(&self, key: Trigram) -> bool {
        let slot = key.slot::<WORDS>();
        self.bits[slot >> 6] >> (slot & 63) & 1 == 1
    }

    /// The entries at this key's slot.
    pub(super) fn at(&self, key: Trigram) -> &[T] {
        let slot = key.slot::<WORDS>();
        let (word, bit) = (self.bits[slot >> 6], 1_u64 << (slot & 63));
        if word & bit == 0 {
            return &[];
        }
        let n = self.before[slot >> 6] as usize + (word & (bit - 1)).count_ones() as usize;
        &self.entries[self.starts[n] as usize..self.starts[n + 1] as usize]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_entry_is_found_at_its_key(keys in proptest::collection::vec(any::<[u8; 3]>(), 0..300), other: [u8; 3]) {
            let table: Trigrams<_, 4> = Trigrams::new(keys.iter().map(|k| (Trigram::new(*k), *k)).collect());
            for key in &keys {
                prop_assert!(table.may_have(Trigram::new(*key)));
                prop_assert!(table.at(Trigram::new(*key)).contains(key));
            }
            prop_assert_eq!(table.at(Trigram::new(other)).is_empty(), !table.may_have(Trigram::new(other)));
        }

        #[test]
        fn a_trigram_rolls(bytes in proptest::collection::vec(any::<u8>(), 4)) {
            let rolled = Trigram::new([bytes[0], bytes[1], bytes[2]]).then(bytes[3]);
            prop_assert_eq!(rolled.0, Trigram::new([bytes[1], bytes[2], bytes[3]]).0);
        }
    }
}
