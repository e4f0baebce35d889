//! `keyward scan`, and its two halves.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// Format on standard output: text, brief, json, jsonl, sarif, markdown, html, csv, gitlab, junit,
    /// github (default: text; brief for what hooks run)
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
    /// Shorten nothing: every place that was left out, every check that was not evaluated
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Reads a number, and says what was expected.
fn whole<N: std::str::FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| "expected a whole number")
}

/// Reads a number with one of these units behind it; none is a factor of 1.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim_start();
    let factor = if unit.is_empty() { 1 } else { units.iter().find(|(u, _)| u.eq_ignore_ascii_case(unit))?.1 };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads a size in bytes.
fn size(text: &str) -> Result<u64, &'static str> {
    const UNITS: &[(&str, u64)] = &[
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    with_unit(text, UNITS).ok_or("expected a size, as in 10000000, 10MB or 256MiB")
}

/// Reads a time, in seconds.
fn seconds(text: &str) -> Result<u64, &'static str> {
    with_unit(text, &[("s", 1), ("m", 60), ("h", 3_600)]).ok_or("expected a time, as in 90 (seconds), 90s, 5m or 1h")
}

/// Bounds.
#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Bytes of one file that are scanned, as 10000000, 10MB or 256MiB
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    pub(crate) max_file_bytes: u64,
    /// Folder that remembers objects of the history that were scanned already; with --history
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,
    /// End the scan after this time: 90 (seconds), 90s, 5m, 1h
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) deadline: Option<u64>,
    /// What a scan that was ended so is: denied (exit code 3) or allowed (judged on what was seen)
    #[arg(long, value_name = "OUTCOME", value_enum, default_value_t = OnDeadline::Deny)]
    pub(crate) on_deadline: OnDeadline,
    /// Workers (default: one per processor)
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
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
