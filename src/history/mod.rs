//! Every object of a repository once, and when and where what was found in it was exposed.
//!
//! [`sweep`] finds candidates in all objects, [`timeline`] places them in commits and paths.
//! Candidates depend on bytes alone; judging happens in between, in the pipeline.

mod cache;
pub(crate) mod candidates;
mod carry;
mod commits;
mod coverage;
mod documents;
mod exposure;
mod forest;
mod graph;
mod holding;
mod large;
mod pieces;
mod presence;
mod proof;
mod reach;
mod scanner;
mod sweep;
mod timeline;
mod trees;
mod units;

pub(crate) use cache::{Cache, CacheState};
pub(crate) use coverage::cover;
pub(crate) use documents::{History, HistoryDocument};
pub(crate) use exposure::{CommitNumber, Exposure, Held, Holders};
pub(crate) use pieces::{Piece, each_piece};
pub(crate) use proof::{decode_only, scan_whole};
pub(crate) use sweep::{Interrupted, Progress, SweepLimits, Swept, sweep, sweep_cached};

#[cfg(test)]
mod tests;
