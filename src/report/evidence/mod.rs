//! Reports for auditors: renderers of the [`Evidence`], which decide nothing.
//!
//! `disclose.rs` says what of it may be shown, once for all of them, before anything is rendered;
//! `lines.rs` writes and reads evidence files; a register is a [`Sheet`], the same for spreadsheets,
//! wikis and browsers.
//!
//! [`Evidence`]: crate::evidence::Evidence

mod certificate;
mod disclose;
mod exceptions;
mod lines;
mod page;
mod register;
mod removals;
mod scorecard;
mod scorecard_page;
mod sheet;

pub use certificate::{certificate_html, certificate_json, certificate_markdown};
pub use disclose::disclose;
pub use exceptions::exceptions;
pub use lines::{SCHEMA, read, write};
pub use register::register;
pub use removals::removals;
pub use scorecard::{TextOptions, comparison_json, comparison_text, scorecard_json, scorecard_text};
pub use scorecard_page::{comparison_html, scorecard_html};
pub use sheet::Sheet;
