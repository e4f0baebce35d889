//! Observations x records x policy to findings: the judgement.
//!
//! Every check is one row of the table in `checks.rs` and one function in its family's file.

mod assess;
pub mod check;
pub mod finding;
pub mod policy;

pub use assess::{Assessment, CheckState, Judgement, Matched, assess};
pub use check::{Check, CheckId, Level};
pub use finding::{Disposition, Finding, Modifier, Spot, Subject};
pub use policy::Policy;
