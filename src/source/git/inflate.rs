//! Whole-buffer inflate of zlib streams of known size, into buffers that are used again.
//!
//! Takes compressed bytes and the size a header claims; gives exactly that many bytes or an error.
//! A claim is untrusted: nothing is allocated that the compressed bytes could not fill.

use gix::zlib::{Inflate, Status};

/// Deflate cannot do better than 1032 bytes out of one.
pub(super) const BEST_RATIO: u64 = 1032;

/// Why a stream cannot be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InflateError {
    /// The claimed size is over the limit.
    #[error("larger than the limit")]
    TooLarge,
    /// The stream is damaged, cut, or makes more or less than its header claims.
    #[error("its compressed data is damaged or does not have the size it claims")]
    Corrupt,
}

/// An inflater with its state, for one thread.
#[derive(Default)]
pub(crate) struct Inflater {
    state: Inflate,
}

impl Inflater {
    /// Inflates the stream at the start of `input` into `out`, which becomes `size` bytes long.
    pub(crate) fn inflate(
        &mut self,
        input: &[u8],
        size: u64,
        limit: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), InflateError> {
        if size > limit {
            return Err(InflateError::TooLarge);
        }
        if size > (input.len() as u64).saturating_mul(BEST_RATIO) {
            return Err(InflateError::Corrupt);
        }
        let size = size as usize;
        if out.len() < size {
            out.clear(); // nothing to keep: do not copy it when growing
            out.reserve_exact(size);
        }
        out.resize(size, 0);
        self.state.reset();
        match self.state.once(input, out) {
            Ok((Status::StreamEnd, _, written)) if written == size => Ok(()),
            // The last bytes may need no room in the output, but one more step to be read.
            Ok((_, read, written)) if written == size && self.ends(&input[read..]) => Ok(()),
            _ => Err(InflateError::Corrupt),
        }
    }

    /// Whether the stream ends without another byte of output.
    fn ends(&mut self, input: &[u8]) -> bool {
        let mut spill = [0; 1];
        matches!(self.state.once(input, &mut spill), Ok((Status::StreamEnd, _, 0)))
    }

    /// Inflates at most `out.len()` bytes of the stream at the start of `input`; how many there were.
    pub(crate) fn prefix(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, InflateError> {
        self.state.reset();
        self.state.prefix(input, out).map(|(_, _, written)| written).map_err(|_| InflateError::Corrupt)
    }
}
