//! Git repositories, read without git: what the index tracks, and the object database.

mod tracked;

pub(crate) use tracked::{Tracked, WorkTree};
