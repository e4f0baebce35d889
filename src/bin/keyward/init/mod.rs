//! `keyward init`: a configuration, an inventory to complete, and the job of the platform.
//!
//! Writes new files and never touches one that is there.

mod codeowners;
mod found;
mod platform;

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use keyward::{Progress, Watchlist, default_branch, introducers, observe};

use crate::args::{InitArgs, LimitArgs, OnDeadline, SourceArgs};
use crate::baseline::BASELINE;
use crate::progress::Display;
use crate::setup;
use crate::trust::{Trust, config_file};
use codeowners::CodeOwners;
use found::Found;
use platform::Setup;

const CONFIG: &str = include_str!("commented.toml");
const INVENTORY: &str = "partner-inventory.csv";

pub(crate) fn run(args: &InitArgs) -> anyhow::Result<u8> {
    if !args.path.is_dir() {
        bail!("{}: expected the folder of a repository", args.path.display());
    }
    let config = config_file(None, &args.path);
    let top = config.parent().unwrap_or(&args.path).to_owned();
    let (found, complete) = scanned(&top, args)?;
    let mut files = Files { top, dry_run: args.dry_run, out: std::io::stdout().lock() };
    let (config, remark) = configuration(&files.top);
    files.write("keyward.toml", &config, remark)?;
    let inventory = inventory(&found);
    if found.rows > 0 {
        files.write(INVENTORY, &found.table, &inventory)?;
    } else {
        files.say("skipped", INVENTORY, &inventory)?;
    }
    let branch = default_branch(&files.top, &setup::git_environment());
    let setups = platform::setups(&files.top, args.pin.as_deref(), branch.as_deref());
    for setup in &setups {
        match setup {
            Setup::File { path, text, left } => files.write(path, text, left)?,
            Setup::Part { of, text } => {
                files.say("yours", of, "put this into it:")?;
                write!(files.out, "\n{text}")?;
            }
        }
    }
    if setups.is_empty() {
        files.say(
            "skipped",
            "CI",
            concat!(
                "no platform was recognised; on any, the exit code of `keyward scan` is the gate; ",
                env!("CARGO_PKG_REPOSITORY"),
                "/blob/main/docs/ci.md"
            ),
        )?;
    }
    if !complete {
        files.say("note", "scan", "not everything could be scanned; `keyward scan --history` says what")?;
    }
    writeln!(files.out, "\nNext\n{}", next(&found))?;
    Ok(0)
}

/// The commented configuration; a baseline that is there already is named in it.
fn configuration(top: &Path) -> (String, &'static str) {
    if top.join(BASELINE).is_file() {
        let line = format!("baseline = \"{BASELINE}\"");
        (CONFIG.replace(&format!("#{line}"), &line), "every option with its default; it names keyward.baseline")
    } else {
        (CONFIG.to_owned(), "every option with its default")
    }
}

/// Looks at the tree, and at its history for who brought what in.
fn scanned(top: &Path, args: &InitArgs) -> anyhow::Result<(Found, bool)> {
    let git = setup::git_environment();
    let config = Trust::WorkingTree.config(None, top)?;
    let detector = setup::detector(&config, &Trust::WorkingTree, Watchlist::new(), &args.pepper_file)?;
    let sources =
        SourceArgs { paths: vec![top.to_owned()], history: top.join(".git").exists(), ..SourceArgs::default() };
    let limits = LimitArgs {
        max_file_bytes: 256 << 20,
        cache: None,
        deadline: None,
        on_deadline: OnDeadline::Deny,
        threads: None,
    };
    let plan = setup::plan(&sources, &limits, &config, git.clone())?;
    let progress = Arc::new(Progress::default());
    let display = Display::start(&progress, false);
    let observed = observe(&plan, &detector, &progress, &mut std::io::empty())?;
    drop(display);
    setup::show_notes(&progress, &sources, &limits);
    let committers = introducers(top, &git, &found::introduced(&observed));
    let codeowners = CodeOwners::of(top);
    let owners = codeowners.as_ref().map(|(owners, _)| owners);
    let found = found::table(&observed, &config.policy, owners, &committers);
    Ok((found, !observed.iter().any(|o| o.coverage.has_gap())))
}

/// What there is to say of the inventory.
fn inventory(found: &Found) -> String {
    if found.rows == 0 {
        return "no credential in the tree; `keyward inventory template` starts one".to_owned();
    }
    let plural = if found.rows == 1 { "" } else { "s" };
    let mut text = format!("{} credential{plural} of the tree; what nobody but you can know is empty", found.rows);
    for (n, by) in [(found.by_codeowners, "CODEOWNERS"), (found.by_commit, "the introducing commit")] {
        if n > 0 {
            let _ = write!(text, "; {n} owner{} suggested by {by}", if n == 1 { "" } else { "s" });
        }
    }
    if found.unnamed > 0 {
        let _ =
            write!(text, "; {} of a partner that could not be named: `{}` stands there", found.unnamed, found::UNNAMED);
    }
    if found.unidentified > 0 {
        let _ = write!(text, "; {} without a fingerprint: a pepper gives weak values one", found.unidentified);
    }
    text
}

/// Three lines.
fn next(found: &Found) -> String {
    if found.rows == 0 {
        return "  1. keyward scan --history\n  2. keyward inventory template > partner-inventory.csv, and a row for each \
                credential\n  3. Name it in keyward.toml, and commit keyward.toml and the job"
            .to_owned();
    }
    format!(
        "  1. Fill in what is empty: keyward inventory lint {INVENTORY}\n  \
         2. keyward scan --inventory {INVENTORY}\n  \
         3. Keep it where the code is not public, name it in keyward.toml, commit"
    )
}

/// New files of one folder.
struct Files<W: Write> {
    top: PathBuf,
    dry_run: bool,
    out: W,
}

impl<W: Write> Files<W> {
    fn say(&mut self, what: &str, path: &str, remark: &str) -> std::io::Result<()> {
        let mut parts = remark.split("; ");
        writeln!(self.out, "{what:8} {path}: {}", parts.next().unwrap_or_default())?;
        parts.try_for_each(|part| writeln!(self.out, "{:9}{part}", ""))
    }

    /// Writes a file that is not there; says what became of it.
    fn write(&mut self, path: &str, text: &str, remark: &str) -> anyhow::Result<()> {
        let file = self.top.join(path);
        if fs::symlink_metadata(&file).is_ok() {
            self.say("kept", path, "it was there already")?;
            return Ok(());
        }
        if self.dry_run {
            self.say("would", path, remark)?;
            writeln!(self.out, "\n{text}")?;
            return Ok(());
        }
        let name = || file.display().to_string();
        // A link in the repository must not lead what is written out of it.
        let folder = file.parent().unwrap_or(&self.top);
        let there = folder.ancestors().find(|f| f.exists()).unwrap_or(folder);
        let top = self.top.canonicalize().with_context(name)?;
        if !there.canonicalize().with_context(name)?.starts_with(top) {
            bail!("{}: its folder leads out of the repository; nothing was written there", file.display());
        }
        fs::create_dir_all(folder).with_context(name)?;
        match OpenOptions::new().write(true).create_new(true).open(&file) {
            Ok(mut new) => new.write_all(text.as_bytes()).with_context(name)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.say("kept", path, "it was there already")?;
                return Ok(());
            }
            Err(error) => return Err(error).with_context(name),
        }
        self.say("wrote", path, remark)?;
        Ok(())
    }
}
