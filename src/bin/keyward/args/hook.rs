//! `keyward hook`.
#![allow(clippy::doc_markdown, rustdoc::bare_urls, reason = "these texts are read in a terminal")]

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
