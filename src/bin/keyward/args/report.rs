//! What is typed after `keyward report`. Nothing here decides anything.
#![allow(clippy::doc_markdown, reason = "these texts are read in a terminal")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::{Color, Disclosure, GovernanceArgs, LimitArgs};

#[derive(Args)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) command: ReportCommand,
}

#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// The whole population, one JSON line each: who approved it, what it could reach, when it was removed
    Evidence(Box<Asked>),
    /// The access register: every credential, a row each
    Register(Box<Asked>),
    /// The removal ledger: what has ended or was to end, and the date of each step
    Removals {
        #[command(flatten)]
        asked: Box<Asked>,
        /// Only what ended on this day or later, YYYY-MM-DD
        #[arg(long, value_name = "DATE", help_heading = "What to write")]
        since: Option<String>,
    },
    /// The register of exceptions: open, ended, renewed
    Exceptions(Box<Asked>),
    /// The numbers: each with what it counts, of what, and what could not be evaluated
    Scorecard {
        #[command(flatten)]
        asked: Box<Asked>,
        /// Compare two evidence files, the older one first
        #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], help_heading = "What to report on",
              conflicts_with_all = ["paths", "history", "observations", "evidence", "inventory"])]
        compare: Vec<PathBuf>,
    },
    /// The offboarding certificate of one partner: complete, or what is missing
    ///
    /// Exits with 0 if it is complete, with 1 if something is missing, and with 3 if only a more
    /// complete scan is.
    Certificate {
        #[command(flatten)]
        asked: Box<Asked>,
        /// The partner's id
        #[arg(long, value_name = "ID", help_heading = "What to report on")]
        partner: String,
    },
}

/// What every report for auditors takes.
#[derive(Args)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) from: FromArgs,
    #[command(flatten)]
    pub(crate) governance: GovernanceArgs,
    #[command(flatten)]
    pub(crate) output: WriteArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// What it is made from.
#[derive(Args)]
#[command(next_help_heading = "What to report on")]
pub(crate) struct FromArgs {
    /// Files and folders to scan (default: the current folder)
    #[arg(value_name = "PATH", conflicts_with_all = ["observations", "evidence"])]
    pub(crate) paths: Vec<PathBuf>,
    /// Every object of the repository's database as well: first uses and removals are dated by it
    #[arg(long, conflicts_with_all = ["observations", "evidence"])]
    pub(crate) history: bool,
    /// Leave out the databases of submodules
    #[arg(long, requires = "history")]
    pub(crate) no_submodules: bool,
    /// Read what .gitignore hides as well
    #[arg(long, conflicts_with_all = ["observations", "evidence"])]
    pub(crate) no_ignore: bool,
    /// Judge an observation file instead of scanning (repeatable)
    #[arg(long, value_name = "FILE", conflicts_with = "evidence")]
    pub(crate) observations: Vec<PathBuf>,
    /// Read a stored evidence file instead of judging
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inventory", "roster", "exceptions", "baseline", "as_of", "config"])]
    pub(crate) evidence: Option<PathBuf>,
}

/// What comes out.
#[derive(Args)]
#[command(next_help_heading = "What to write")]
pub(crate) struct WriteArgs {
    /// Format on standard output
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write a format into a file: FORMAT=PATH (repeatable)
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) output: Vec<String>,
    /// How much of people, tickets and contract dates is shown (default: full for text on a terminal,
    /// else ids)
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) disclose: Option<Disclosure>,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// No progress on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
