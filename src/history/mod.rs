//! Every object of a repository once, and when and where what was found in it was exposed.
//!
//! [`sweep`] finds candidates in all objects, [`timeline`] places them in commits and paths.
//! Candidates depend on bytes alone; judging happens in between, in the pipeline.

#[cfg(test)]
mod bench;
pub(crate) mod candidates;
pub(crate) mod carry;
pub(crate) mod commits;
pub(crate) mod forest;
pub(crate) mod sweep;
