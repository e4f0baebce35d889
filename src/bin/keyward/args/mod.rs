//! What is typed. Nothing here decides anything.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

mod hook;
mod init;
mod inventory;
mod report;
mod scan;

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use hook::{HookArgs, HookCommand, HookName};
pub(crate) use init::InitArgs;
pub(crate) use inventory::{FingerprintArgs, ImportArgs, InventoryArgs, InventoryCommand};
pub(crate) use report::{Asked, ReportArgs, ReportCommand, WriteArgs};
pub(crate) use scan::{
    AssessArgs, Color, Disclosure, FailOn, GovernanceArgs, LimitArgs, ObserveArgs, OnDeadline, OutputArgs, ScanArgs,
    SourceArgs,
};

/// Stands below the list of commands.
const BEGIN: &str = "\
Begin with:
  keyward demo             what it does, on a made-up sample
  keyward scan             the working tree around you
  keyward scan --history   every object of its repository as well
  keyward init             set up this repository
  keyward explain KW001    why something was found, and what to do

Exit codes of a scan: 0 nothing at the gate, 1 findings, 2 wrong usage or
configuration, 3 not everything could be scanned.";

/// Find leaked and ungoverned partner credentials, offline.
///
/// keyward looks for partner API keys and tokens in source trees, git history and configuration, joins
/// them with an inventory export, and says of each who approved it, what it may reach, and when it
/// was removed. No value ever leaves it, and nothing in it opens a socket.
#[derive(Parser)]
#[command(name = "keyward", version, max_term_width = 80, propagate_version = true, after_help = BEGIN)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Scan a tree or a repository, judge what is found, and report
    Scan(ScanArgs),
    /// The first half of a scan: what is there, without verdicts
    Observe(ObserveArgs),
    /// The second half: judge one or many observation files together
    Assess(AssessArgs),
    /// Reports for auditors: evidence, registers, scorecard, offboarding certificate
    Report(ReportArgs),
    /// Check and start inventories
    Inventory(InventoryArgs),
    /// Accept today's findings as known
    Baseline(BaselineArgs),
    /// Set up a repository: a configuration, an inventory of what is found, the job of its platform
    Init(InitArgs),
    /// Tell what changed from one report to another: new, re-introduced, moved, changed, gone
    Diff(DiffArgs),
    /// Let git scan every commit and every push
    Hook(HookArgs),
    /// Print the fingerprints of one value, for an inventory
    Fingerprint(FingerprintArgs),
    /// List, check and explain detection rules
    Rules(RulesArgs),
    /// Explain a check, a line of a file, or a finding of a report
    Explain(ExplainArgs),
    /// Read the rules and suppressions of another scanner
    Migrate(MigrateArgs),
    /// Show keyward at work on a small built-in sample
    Demo(DemoArgs),
    /// Figures and proofs on a repository, for whoever measures keyward
    #[command(hide = true)]
    Bench(BenchArgs),
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of keyward or of one of its commands
    Man(ManArgs),
}

#[derive(Args)]
pub(crate) struct ManArgs {
    /// The command, as in `keyward man baseline write`
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// Write every page into a folder instead, as in /usr/local/share/man/man1
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub(crate) into: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

#[derive(Subcommand)]
pub(crate) enum BaselineCommand {
    /// Scan, and write every finding into a baseline: one sorted line each, no dates, no line numbers
    Write(Box<BaselineWriteArgs>),
}

#[derive(Args)]
pub(crate) struct BaselineWriteArgs {
    /// File to write (default: --baseline, else the one that keyward.toml names, else keyward.baseline)
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// No progress on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    #[command(flatten)]
    pub(crate) governance: GovernanceArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Args)]
pub(crate) struct DiffArgs {
    /// The older report, as `keyward scan --format json` writes it
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The newer report
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// text or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Exit with 1 if something at this level or above counts now that did not count before (default:
    /// none)
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Json,
}

#[derive(Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Subcommand)]
pub(crate) enum RulesCommand {
    /// List the built-in rules
    List {
        /// Only rules whose id, provider or title holds this
        filter: Option<String>,
    },
    /// Check rules: examples are found, near misses are not
    Check {
        /// Rule files (default: the built-in rules)
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Tell everything about one rule
    Explain {
        /// The rule's id
        id: String,
    },
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Folder to make the sample in (default: a new temporary one)
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// A check (KW101), a line (FILE:LINE), or with --report a finding's key
    #[arg(value_name = "WHAT")]
    pub(crate) what: String,
    /// A JSON report, to explain one of its findings
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct MigrateArgs {
    /// A gitleaks or betterleaks configuration, a .gitleaksignore, a baseline of detect-secrets, or a folder to
    /// look for inline markers in
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write keyward's files into; nothing is written over
    #[arg(long, value_name = "FOLDER", default_value = "keyward-migrated")]
    pub(crate) into: PathBuf,
}

#[derive(Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) command: BenchCommand,
    /// Workers (default: one per processor)
    #[arg(long, value_name = "N", global = true)]
    pub(crate) threads: Option<NonZero<usize>>,
}

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Build every blob, apply its delta, and look at none: what a scan of the history cannot be cheaper than
    Decode {
        /// The repository
        repository: PathBuf,
    },
    /// Scan the history through deltas and every object whole, and compare the candidates
    Carry {
        /// The repository
        repository: PathBuf,
    },
}
