//! keyward: a static, offline scanner for leaked and ungoverned partner credentials.
//!
#![doc = include_str!("flow.md")]
//!
//! The library is 0.x: its surface is small and may change. The stages are [`observe`] (documents to
//! observations), [`assess`] (observations, records and policy to findings) and [`report()`].

pub mod config;
mod detect;
mod govern;
mod history;
pub mod inventory;
mod observe;
mod pipeline;
mod position;
pub mod report;
mod secret;
mod source;
mod word;

pub use config::migrate::{MigrateError, Migrated, migrate, migrate_markers};
pub use detect::candidate::rule::{Rule, RuleError};
pub use detect::candidate::rule_file::RuleFile;
pub use detect::mask::without_values;
pub use detect::selfcheck::{RuleProblem, check_rules};
pub use detect::{Allow, ChecksumVerdict, PathClass, Stray, Wishes};
pub use detect::{Detector, Form, Kind, Mode, PartnerNamed, RadarSalt, RuleSet, Visibility, Watchlist, template};
pub use govern::{
    Assessment, Baseline, BaselineEntry, BaselineError, Check, CheckId, CheckState, Disposition, Exception,
    ExceptionSubject, Exceptions, ExceptionsError, Finding, Gate, InventoryHistory, Judgement, Level, Matched,
    Modifier, Person, Policy, RecordChange, Roster, RosterError, Spot, Subject, Vanished, assess, checks, evidence,
    facts, policy,
};
pub use inventory::{Handoff, Inventory, Partner, Record, RecordRef, RowError, Status, Until, When};
pub use observe::{
    CommitRef, Excerpt, Exposure, Governing, Held, Names, Observation, Observed, Reference, Repository, Sighting,
    file as observations,
};
pub use pipeline::{
    CarriedAndWhole, ChangeError, ChangeScope, Decoded, Explained, NoRepository, ObservePlan, Progress, Sample, Source,
    carried_and_whole, decoded, default_branch, explain_lines, introducers, inventory_history, observe, report,
    trusted_file, watchlist_of,
};
pub use position::{LineIndex, Location, Span};
pub use report::Report;
pub use secret::{CredentialId, FindingKey, Fingerprint, Hint, Pepper, Scheme, fingerprint_value};
pub use source::coverage::{Coverage, Effect, Entry, Reason};
pub use source::git::hooks::{HooksError, HooksFolder, HooksOwner};
pub use source::git::repository::GitEnvironment;
pub use source::worktree::{Excluded, WalkOptions};
pub use source::{Place, RepoPath};
