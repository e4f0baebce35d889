//! `keyward inventory` and `keyward fingerprint`.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Disclosure;

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
    /// Write exports in keyward's own form: one inventory, with digests instead of values
    Import(ImportArgs),
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
pub(crate) struct ImportArgs {
    /// Exports; FILE:FORMAT where the content does not tell. Where two differ, the first counts.
    /// Default: those of keyward.toml
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// csv, json or yaml
    #[arg(long, default_value = "csv")]
    pub(crate) format: String,
    /// The table of partners, which CSV has in a file of its own
    #[arg(long, value_name = "FILE")]
    pub(crate) partners: Option<PathBuf>,
    /// ids withholds people, tickets and contract dates; none withholds ids too. Withheld is unknown
    #[arg(long, default_value = "full", value_name = "LEVEL")]
    pub(crate) disclose: Disclosure,
    /// The day for which a status that follows from dates is written (default: today, UTC)
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Configuration with declared mappings (default: keyward.toml)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Key for the fingerprints of values that exports hold in clear (or KEYWARD_PEPPER, as hex)
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper_file: Vec<PathBuf>,
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
