//! Git's object database, read without git: repositories, packs and their deltas, loose objects,
//! alternates, refs, and what the index tracks.
//!
//! gix opens what it can open (refs, index files, mapped packs, configuration); the delta reader and
//! the object table are ours, because the history sweep needs each delta's instructions. All bytes
//! here are untrusted. Nothing here writes, runs or connects.

mod bases;
pub(crate) mod delta;
pub(crate) mod hooks;
pub(crate) mod inflate;
pub(crate) mod lookup;
pub(crate) mod objects;
pub(crate) mod pack;
pub(crate) mod push;
pub(crate) mod range;
pub(crate) mod refs;
pub(crate) mod repository;
pub(crate) mod revision;
pub(crate) mod staged;
pub(crate) mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod tracked;
pub(crate) mod versions;

pub(crate) use tracked::{Tracked, WorkTree};
