//! The stages in order. Owns the workers; a panic is contained to its document and becomes a gap.

mod bench;
mod change;
mod default_branch;
mod explain;
mod history;
mod introducers;
mod inventory_history;
mod judging;
mod named;
mod observe;
mod report;
mod sample;
mod watch;
mod worker;

pub use bench::{CarriedAndWhole, Decoded, carried_and_whole, decoded};
pub use change::{ChangeError, ChangeScope, trusted_file};
pub use default_branch::default_branch;
pub use explain::{Explained, explain_lines};
pub use history::NoRepository;
pub use introducers::introducers;
pub use inventory_history::inventory_history;
pub use observe::{ObservePlan, Source, observe};
pub use report::report;
pub use sample::Sample;
pub use watch::watchlist_of;
pub use worker::Progress;
