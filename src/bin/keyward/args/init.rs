//! `keyward init`.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

use std::path::PathBuf;

use clap::Args;

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
