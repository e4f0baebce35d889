//! The one serialisable view of a run; every format is a renderer of it and decides nothing.
//!
//! Takes a [`Report`], applies [`Disclose`] once (`disclose.rs`), and writes it in one of the
//! [`Format`]s. What several formats ask of a report is in `view.rs`; what text of foreign origin
//! must go through before it is printed is in `terminal.rs`.

mod cards;
mod csv;
pub mod difference;
mod disclose;
pub mod evidence;
mod github;
mod gitlab;
mod html;
pub mod inventory;
mod json;
mod junit;
mod markdown;
mod sarif;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod view;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::govern::{Check, Judgement, checks};
use crate::inventory::RowError;
use crate::observe::{Observation, Repository};
use crate::source::coverage::Coverage;

pub use sarif::{github_line_hashes, sarif_left_out};

/// Name and version of the JSON report.
pub const SCHEMA: &str = "keyward.report/1";

/// How much of people, tickets and contracts uploaded formats show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclose {
    /// Everything.
    Full,
    /// Record and partner ids, no names, tickets or contract dates.
    #[default]
    Ids,
    /// Not even ids.
    None,
}

/// Everything a renderer may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of keyward.
    pub version: String,
    /// The day that governance was judged on.
    pub as_of: String,
    /// Which sources were asked for.
    pub scope: Vec<String>,
    /// The repositories.
    pub repositories: Vec<Repository>,
    /// The inventory, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventorySummary>,
    /// Whether everything that was asked for was scanned.
    pub complete: bool,
    /// What was scanned and what was not.
    pub coverage: Coverage,
    /// Findings, states of the checks, matches.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// The credentials.
    pub observations: Vec<Observation>,
}

/// What the inventory consisted of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InventorySummary {
    /// The files.
    pub files: Vec<InventoryFile>,
    /// Records that were used.
    pub records: u64,
    /// Partners.
    pub partners: u64,
    /// When the export was made, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<String>,
    /// Rows and fields that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RowError>,
}

/// One export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryFile {
    /// As it was named.
    pub name: String,
    /// The format it was recognised as.
    pub format: String,
    /// Its digest.
    pub sha256: String,
}

/// A way to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// What a git hook prints: one screen.
    Brief,
    /// The whole report, one JSON value.
    Json,
    /// A header, one line per finding, a trailer.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// For a pull-request comment or a job summary.
    Markdown,
    /// One self-contained page.
    Html,
    /// One row per finding, for spreadsheets.
    Csv,
    /// GitLab's secret-detection report.
    Gitlab,
    /// Test results, for servers that know nothing else.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Brief,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Markdown,
        Self::Html,
        Self::Csv,
        Self::Gitlab,
        Self::Junit,
        Self::Github,
    ];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Brief => "brief",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Github => "github",
        }
    }

    /// How the name of a file in this format ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text | Self::Brief | Self::Github => "txt",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Gitlab => "gitlab.json",
            Self::Junit => "xml",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of text, brief, json, jsonl, sarif, markdown, html, csv, gitlab, junit, github")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().copied().find(|f| f.word() == word).ok_or(UnknownFormat)
    }
}

/// Which stream of code-scanning alerts a report belongs to. A scan that looked at less than another
/// must not share its category: alerts that it does not repeat would be closed as fixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Category {
    /// The whole working tree.
    #[default]
    Tree,
    /// All objects of the database.
    History,
    /// What a change introduces; the staged files; standard input.
    Diff,
}

impl Category {
    /// The word in SARIF's `automationDetails.id`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::History => "history",
            Self::Diff => "diff",
        }
    }
}

/// How to render.
#[derive(Clone, Debug)]
pub struct RenderOptions<'a> {
    /// The table of checks: their titles, reasons and remedies, in its order.
    pub checks: &'a [Check],
    /// Applied to every format. The command line asks for [`Disclose::Full`] for text on a terminal.
    pub disclose: Disclose,
    /// Stream of alerts, for SARIF.
    pub category: Category,
    /// Most results in SARIF; 0 for all.
    pub sarif_limit: usize,
    /// Excepted and baselined findings appear in SARIF too, as suppressed.
    pub sarif_include_suppressed: bool,
    /// Per path from the repository's top: GitHub's own hash of each line, to stand in SARIF in the place
    /// of ours. Empty unless asked for.
    pub line_hashes: BTreeMap<Vec<u8>, Vec<String>>,
    /// ANSI colours, for text.
    pub color: bool,
    /// Columns, for text.
    pub width: usize,
    /// Text names everything that it otherwise counts.
    pub verbose: bool,
}

impl<'a> RenderOptions<'a> {
    /// What code scanning keeps of a run.
    pub const SARIF_LIMIT: usize = 5_000;

    /// The defaults, with the table of checks.
    pub fn new(checks: &'a [Check]) -> Self {
        Self {
            checks,
            disclose: Disclose::default(),
            category: Category::default(),
            sarif_limit: Self::SARIF_LIMIT,
            sarif_include_suppressed: false,
            line_hashes: BTreeMap::new(),
            color: false,
            width: 80,
            verbose: false,
        }
    }
}

impl Default for RenderOptions<'static> {
    fn default() -> Self {
        Self::new(checks::all())
    }
}

impl Report {
    /// What `level` lets it say; rendered with [`Disclose::Full`], nothing more is taken away.
    #[must_use]
    pub fn disclosed(self, level: Disclose) -> Self {
        disclose::disclosed(self, level)
    }
}

/// Writes `report` in `format`.
pub fn render(report: &Report, format: Format, options: &RenderOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = disclose::disclose(report, options.disclose);
    let view = view::View::new(&report, options.checks);
    match format {
        Format::Text => text::render(&view, options, out),
        Format::Brief => text::render_brief(&view, options, out),
        Format::Json => json::render(&view, out),
        Format::Jsonl => json::render_lines(&view, out),
        Format::Sarif => sarif::render(&view, options, out),
        Format::Markdown => markdown::render(&view, out),
        Format::Csv => csv::render(&view, out),
        Format::Gitlab => gitlab::render(&view, out),
        Format::Junit => junit::render(&view, out),
        Format::Github => github::render(&view, out),
        Format::Html => html::render(&view, out),
    }
}
