//! Reports for auditors: renderers of the [`Evidence`], which decide nothing.
//!
//! `disclose.rs` says what of it may be shown, once for all of them; `lines.rs` writes and reads
//! evidence files.

mod disclose;
mod lines;

pub use disclose::disclose;
pub use lines::{EvidenceError, SCHEMA, read, write};
