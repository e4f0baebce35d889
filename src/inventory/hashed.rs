//! Keys of records by their hash. Almost every key stands in one record, so that twelve bytes in a sorted
//! list do for a whole text; what is found is compared with the record itself.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The same for the same value in every run.
pub(crate) fn hash_of(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Records by the hash of a key.
pub(super) struct Hashed {
    entries: Vec<(u64, u32)>,
}

impl Hashed {
    pub(super) fn new(entries: impl Iterator<Item = (u64, u32)>) -> Self {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        Self { entries }
    }

    /// The records that may have this key, sorted: whether they do is the caller's to see.
    pub(super) fn get(&self, key: &(impl Hash + ?Sized)) -> impl Iterator<Item = usize> {
        let hash = hash_of(key);
        let start = self.entries.partition_point(|(h, _)| *h < hash);
        self.entries[start..].iter().take_while(move |(h, _)| *h == hash).map(|(_, record)| *record as usize)
    }
}
