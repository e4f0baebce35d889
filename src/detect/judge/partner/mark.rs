//! A short hash of a text, read byte by byte: most texts are told from a table's in two look-ups.
//! Shared with the build script, which makes the tables.

/// A hash on its way (FNV-1a).
#[derive(Clone, Copy)]
pub(crate) struct Mark(u32);

impl Mark {
    /// Of no text.
    pub(crate) const fn new() -> Self {
        Self(0x811c_9dc5)
    }

    /// Reads a byte.
    #[inline]
    #[must_use]
    pub(crate) const fn then(self, b: u8) -> Self {
        Self((self.0 ^ b as u32).wrapping_mul(0x0100_0193))
    }

    /// Of a whole text.
    pub(crate) fn of(text: &[u8]) -> Self {
        text.iter().fold(Self::new(), |mark, b| mark.then(*b))
    }

    /// Two bits in a table of 1,024 words, each as its word and its mask. A text of the table has both;
    /// with one bit alone, a name of several words would seem listed every third time.
    #[inline]
    pub(crate) const fn places(self) -> [(usize, u64); 2] {
        const fn place(bits: u32) -> (usize, u64) {
            ((bits >> 6) as usize, 1 << (bits & 63))
        }
        [place((self.0 ^ self.0 >> 16) & 0xffff), place(self.0.wrapping_mul(0x9E37_79B1) >> 16)]
    }
}
