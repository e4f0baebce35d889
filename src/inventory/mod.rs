//! The inventory: records of credentials and partners, imported from exports, and their matching
//! with what was observed.
//!
//! Errors name file, line, column and field, never the value.

pub mod date;
pub mod record;

pub use date::{Until, When};
pub use record::{Inventory, Partner, Record, RecordRef, RowError, Status};
