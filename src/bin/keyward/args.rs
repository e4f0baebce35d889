//! What is typed. Nothing here decides anything.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report_args::ReportArgs;

/// Find leaked and ungoverned partner credentials, offline.
///
/// keyward looks for partner API keys and tokens in source trees, git history and configuration, joins
/// them with an inventory export, and says of each who approved it, what it may reach, and when it
/// was removed. No value ever leaves it, and nothing in it opens a socket.
#[derive(Parser)]
#[command(name = "keyward", version, max_term_width = 100, propagate_version = true)]
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
    /// Print the manual page
    Man,
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

#[derive(Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    #[command(flatten)]
    pub(crate) governance: GovernanceArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Args)]
pub(crate) struct ObserveArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// What the inventory lets the detector look for (see `keyward inventory watchlist`)
    #[arg(long, value_name = "FILE")]
    pub(crate) watchlist: Option<PathBuf>,
    /// Configuration file (default: keyward.toml at the repository's top, if it is there)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write observations to a file: jsonl=PATH (default: standard output)
    #[arg(long, value_name = "jsonl=PATH")]
    pub(crate) output: Option<String>,
    /// Key for keyed fingerprints: a file with 32 or more random bytes (or KEYWARD_PEPPER, as hex)
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper_file: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Args)]
pub(crate) struct AssessArgs {
    /// Observation files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) governance: GovernanceArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Where documents come from.
#[derive(Args, Default)]
#[command(next_help_heading = "What to scan")]
pub(crate) struct SourceArgs {
    /// Files and folders (default: the current folder)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Every object of the repository's database as well
    #[arg(long)]
    pub(crate) history: bool,
    /// The branch on which removal counts (default: what is checked out)
    #[arg(long, value_name = "NAME", requires = "history")]
    pub(crate) default_branch: Option<String>,
    /// What is about to be committed: the index against HEAD
    #[arg(long, group = "change", conflicts_with = "history")]
    pub(crate) staged: bool,
    /// Run by the pre-commit framework: what is about to be committed, or the files that it names if
    /// these are others
    #[arg(long, group = "change", conflicts_with = "history")]
    pub(crate) pre_commit: bool,
    /// What a change introduces: the commits that B leads to and A does not
    #[arg(long, value_name = "A..B", group = "change", conflicts_with = "history")]
    pub(crate) range: Option<String>,
    /// What is about to be pushed: run as git's pre-push hook, or by the pre-commit framework
    #[arg(long, group = "change", conflicts_with = "history")]
    pub(crate) pre_push: bool,
    /// What a push brings to this repository: run as git's pre-receive hook
    #[arg(long, group = "change", conflicts_with = "history")]
    pub(crate) pre_receive: bool,
    /// Name of the remote that is pushed to
    #[arg(long, value_name = "NAME", default_value = "origin", requires = "pre_push")]
    pub(crate) remote: String,
    /// Read one document from standard input
    #[arg(long, conflicts_with_all = ["paths", "history", "change"])]
    pub(crate) stdin: bool,
    /// Name of that document
    #[arg(long, value_name = "NAME", default_value = "stdin", requires = "stdin")]
    pub(crate) stdin_name: String,
    /// Leave out the databases of submodules
    #[arg(long, requires = "history")]
    pub(crate) no_submodules: bool,
    /// Read what .gitignore hides as well
    #[arg(long)]
    pub(crate) no_ignore: bool,
}

/// What it is judged with.
#[derive(Args)]
#[command(next_help_heading = "What to judge with")]
pub(crate) struct GovernanceArgs {
    /// Inventory export; FILE:FORMAT where the content does not tell (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Vec<String>,
    /// A row of the inventory that cannot be used is an error
    #[arg(long)]
    pub(crate) inventory_strict: bool,
    /// People and teams, with their status and other names
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: Option<PathBuf>,
    /// Written permissions that expire
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,
    /// Findings that are already known
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Configuration file (default: keyward.toml at the repository's top, if it is there)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Read configuration, inventory, exceptions and baseline from this commit (default: the left side of
    /// --range, what a push comes on top of, else the working tree)
    #[arg(long, value_name = "REV")]
    pub(crate) trust_from: Option<String>,
    /// The day that governance is judged on, YYYY-MM-DD (default: today, UTC)
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Key for keyed fingerprints: a file with 32 or more random bytes (or KEYWARD_PEPPER, as hex)
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper_file: Vec<PathBuf>,
}

/// What comes out.
#[derive(Args)]
#[command(next_help_heading = "What to report")]
pub(crate) struct OutputArgs {
    /// Format on standard output (default: text; brief for what hooks run)
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write a format into a file: FORMAT=PATH (repeatable)
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) output: Vec<String>,
    /// Gate of the policy that decides the exit code: pre_commit, pull_request, main, nightly or one of
    /// your own (default: `stage` of keyward.toml)
    #[arg(long, value_name = "NAME")]
    pub(crate) stage: Option<String>,
    /// Lowest level that makes the exit code 1 (default: the gate's; error without one)
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Exit code for findings
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) exit_code: u8,
    /// A gap in the coverage outranks findings: exit with 3
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// How much of people, tickets and contract dates is shown (default: full for text on a terminal,
    /// else ids)
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) disclose: Option<Disclosure>,
    /// Most results in SARIF; 0 for all
    #[arg(long, value_name = "N", default_value_t = 5000)]
    pub(crate) sarif_limit: usize,
    /// Write excepted and baselined findings into SARIF, as suppressed
    #[arg(long)]
    pub(crate) sarif_include_suppressed: bool,
    /// Give SARIF results GitHub's hash of their line, read from the files below FOLDER, instead of our own,
    /// which outlives edits further down
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, default_missing_value = ".")]
    pub(crate) github_line_hash: Option<PathBuf>,
    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// No progress on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Bounds.
#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Bytes of one file that are scanned
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    pub(crate) max_file_bytes: u64,
    /// Folder that remembers objects of the history that were scanned already
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,
    /// End the scan after this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) deadline: Option<u64>,
    /// What a scan that was ended so is: denied (exit code 3) or allowed (judged on what was seen)
    #[arg(long, value_name = "OUTCOME", value_enum, default_value_t = OnDeadline::Deny)]
    pub(crate) on_deadline: OnDeadline,
    /// Workers (default: one per processor)
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnDeadline {
    Allow,
    Deny,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
    Note,
    None,
    /// An error or a warning that the baseline does not hold
    New,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Disclosure {
    Full,
    Ids,
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Args)]
pub(crate) struct InventoryArgs {
    #[command(subcommand)]
    pub(crate) command: InventoryCommand,
}

#[derive(Subcommand)]
pub(crate) enum InventoryCommand {
    /// Check an inventory: rows that cannot be used, fields that are missing, entries nothing can match
    Lint {
        /// Exports; FILE:FORMAT where the content does not tell
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
    /// Print an empty inventory with one sample row
    Template {
        /// csv, json or yaml
        #[arg(long, default_value = "csv")]
        format: String,
        /// Every field, not only the minimal profile
        #[arg(long)]
        full: bool,
    },
    /// Print what an inventory lets the detector look for; holds no names of people and no values
    Watchlist {
        /// Exports; FILE:FORMAT where the content does not tell
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
}

#[derive(Args)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

#[derive(Subcommand)]
pub(crate) enum BaselineCommand {
    /// Scan, and write every finding into a baseline: one sorted line each, no dates, no line numbers
    Write {
        /// File to write
        #[arg(long, value_name = "FILE", default_value = "keyward.baseline")]
        to: PathBuf,
        #[command(flatten)]
        scan: Box<ScanArgs>,
    },
}

#[derive(Args)]
pub(crate) struct InitArgs {
    /// The repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Commit of keyward that the job is to build; without it the job has a TODO to fill in
    #[arg(long, value_name = "COMMIT", value_parser = full_commit)]
    pub(crate) pin: Option<String>,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Key for keyed fingerprints: a file with 32 or more random bytes (or KEYWARD_PEPPER, as hex)
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper_file: Vec<PathBuf>,
}

/// A commit's full id: a short one can be made to mean another commit.
fn full_commit(text: &str) -> Result<String, String> {
    let full = text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if full {
        Ok(text.to_owned())
    } else {
        Err("expected a full commit id of 40 hex digits, as `git rev-parse HEAD` prints it".to_owned())
    }
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
pub(crate) struct HookArgs {
    #[command(subcommand)]
    pub(crate) command: HookCommand,
}

#[derive(Subcommand)]
pub(crate) enum HookCommand {
    /// Write git hooks; a hook that is there already is kept and runs first
    Install {
        /// Which hooks (default: pre-commit and pre-push; pre-receive in a bare repository)
        #[arg(value_name = "HOOK", value_enum)]
        hooks: Vec<HookName>,
        /// The repository
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        repository: PathBuf,
        /// Write them even where core.hooksPath names a folder outside of the repository
        #[arg(long)]
        shared: bool,
        /// Arguments that the hooks hand to `keyward scan`
        #[arg(last = true, value_name = "ARGUMENT")]
        args: Vec<String>,
    },
    /// Remove them, and put back what was there before
    Uninstall {
        /// Which hooks (default: all)
        #[arg(value_name = "HOOK", value_enum)]
        hooks: Vec<HookName>,
        /// The repository
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        repository: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(clippy::enum_variant_names, reason = "git's own names")]
pub(crate) enum HookName {
    /// What is about to be committed
    PreCommit,
    /// What is about to be pushed
    PrePush,
    /// On a server: what a push brings
    PreReceive,
}

impl HookName {
    pub(crate) const ALL: [Self; 3] = [Self::PreCommit, Self::PrePush, Self::PreReceive];

    /// The file's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// What to scan in it.
    pub(crate) fn scope(self) -> &'static str {
        match self {
            Self::PreCommit => "--staged",
            Self::PrePush => "--pre-push",
            Self::PreReceive => "--pre-receive",
        }
    }

    /// What is about to happen.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::PreCommit => "committed",
            Self::PrePush => "pushed",
            Self::PreReceive => "received",
        }
    }
}

#[derive(Args)]
pub(crate) struct FingerprintArgs {
    /// Read the value from standard input (the only way: arguments show up in process lists)
    #[arg(long, required = true)]
    pub(crate) stdin: bool,
    /// Key for keyed fingerprints: a file with 32 or more random bytes (or KEYWARD_PEPPER, as hex)
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper_file: Vec<PathBuf>,
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
    /// A gitleaks or betterleaks configuration, a .gitleaksignore, a baseline of detect-secrets
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write keyward's files into; nothing is written over
    #[arg(long, value_name = "FOLDER", default_value = "keyward-migrated")]
    pub(crate) into: PathBuf,
}
