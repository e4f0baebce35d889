//! Standard input as one document.

use std::io::Read;

use super::coverage::{Coverage, Reason};

/// Reads at most `max` bytes; a cut is in the coverage.
pub(crate) fn read(mut input: impl Read, name: &str, max: u64, coverage: &mut Coverage) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = input.by_ref().take(max.saturating_add(1)).read_to_end(&mut bytes) {
        coverage.add(Reason::Unreadable, name, error.kind().to_string());
    }
    if bytes.len() as u64 > max {
        bytes.truncate(max as usize);
        coverage.add(Reason::Cut, name, format!("{max} bytes scanned"));
    }
    bytes
}
