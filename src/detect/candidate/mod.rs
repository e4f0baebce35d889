//! First phase: bytes to candidates.
//!
//! Whether a candidate exists depends on bytes within [`Reach`] of its anchor alone. That one line
//! lets the history sweep carry candidates through deltas and the cache keep them without knowing
//! paths or configuration.

mod encoded;
mod needed;
mod opening;
mod prefilter;
pub(crate) mod rule;
pub(crate) mod rule_file;
mod ruleset;
mod runs;
mod simd;
pub(crate) mod watchlist;
mod window;
#[cfg(test)]
mod work;

pub(crate) use prefilter::Prefilter;
pub(crate) use ruleset::Compiled;
pub use ruleset::RuleSet;
pub(crate) use ruleset::{ENCODED_TEXT, ESCAPED, RuleIndex, WATCHED_ANCHOR, WATCHED_DIGEST};
pub use watchlist::Watchlist;

/// Bytes that could be a credential. Offsets are the document's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Candidate {
    /// Which rule; or [`ESCAPED`].
    pub rule: RuleIndex,
    /// What woke it: a literal's start, a run's start or an escape.
    pub anchor: u32,
    /// First byte of the match.
    pub start: u32,
    /// One past the last byte seen within reach; longer formats are followed to their end when judged.
    pub end: u32,
}

/// What a search for candidates comes across on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noticed {
    /// Where the first character stands that is written as an escape.
    pub escape: Option<usize>,
    /// Whether `keyward:allow` stands somewhere.
    pub permission: bool,
}

/// How far from an anchor bytes can matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Bytes before the anchor.
    pub back: usize,
    /// Bytes from the anchor on.
    pub forward: usize,
}
