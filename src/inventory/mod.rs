//! The inventory: records of credentials and partners, imported from exports, and their matching
//! with what was observed.
//!
//! Errors name file, line, column and field, never the value.

pub mod date;
mod date_text;
mod difference;
mod field;
mod hashed;
pub mod import;
pub mod lint;
mod location_index;
pub mod matching;
mod partner_names;
pub mod record;
mod reference;
mod set_aside;
pub mod template;
mod texts;
mod written;

pub use date::{Until, When};
pub use difference::{ChangedField, changed_fields};
pub(crate) use hashed::hash_of;
pub use import::{InventoryError, LoadOptions, MappedField, Mapping, Source, formats, load};
pub use lint::{LintLevel, LintLine, is_matchable, lint};
pub use matching::{Facts, Level, Match, Matcher, TokenIdentity};
pub use partner_names::PartnerNames;
pub use record::{Component, Conflict, Handoff, Inventory, Partner, Record, RecordRef, RowError, Status};
pub use reference::references_of;
pub(crate) use set_aside::could_be_set_aside;
pub use template::{TemplateFormat, table, template};
pub(crate) use written::{Written, partner_values, record_values};

#[cfg(test)]
mod scale_tests;
