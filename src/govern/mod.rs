//! Observations x records x policy to findings: the judgement.
//!
//! Every check is one row of the table in `checks/` and one function in its family's file. A family
//! reads the joined view of `world.rs` and gives verdicts; the ledger of `verdict.rs` counts them
//! and makes findings, `severity.rs` gives these their level.

mod allowances;
mod approval;
mod assess;
pub(crate) mod baseline;
pub(crate) mod check;
pub mod checks;
mod correlation;
pub mod evidence;
pub(crate) mod exception;
mod exceptions;
pub mod facts;
pub(crate) mod finding;
mod inline;
pub(crate) mod input;
mod join;
mod leak;
mod lifecycle;
mod offboarding;
mod ownership;
mod placement;
pub mod policy;
mod reach;
mod reuse;
pub(crate) mod roster;
mod severity;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod verdict;
mod world;

pub use assess::{Assessment, CheckState, Judgement, Matched, assess};
pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use check::{Check, CheckId, Level};
pub use exception::{Exception, ExceptionSubject, Exceptions, ExceptionsError};
pub use finding::{Disposition, Finding, Modifier, Spot, Subject};
pub use input::{InventoryHistory, RecordChange, Vanished};
pub use policy::{Gate, Policy};
pub use roster::{Person, Roster, RosterError};
