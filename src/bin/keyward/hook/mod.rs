//! `keyward hook install | uninstall`: git's own hooks, without a framework.
//!
//! A hook that is there already is kept beside ours and runs first, so that ours sees what it left
//! behind; uninstalling puts it back.

mod script;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Parser;
use keyward::{HooksFolder, HooksOwner};

use crate::args::{Cli, HookCommand, HookName};
use crate::setup;

/// How the hook that was there before is named.
const EARLIER: &str = "before-keyward";
/// How the pre-commit framework names the hook that was there before it.
const LEGACY: &str = "legacy";

pub(crate) fn run(command: &HookCommand) -> anyhow::Result<u8> {
    match command {
        HookCommand::Install { hooks, repository, shared, args } => install(hooks, repository, *shared, args),
        HookCommand::Uninstall { hooks, repository } => uninstall(hooks, repository),
    }
}

fn folder(repository: &Path) -> anyhow::Result<HooksFolder> {
    Ok(HooksFolder::of(repository, &setup::git_environment())?)
}

fn install(asked: &[HookName], repository: &Path, shared: bool, args: &[String]) -> anyhow::Result<u8> {
    let folder = folder(repository)?;
    let hooks = chosen(asked, &folder)?;
    if folder.owner == HooksOwner::Others && !shared {
        bail!(
            "core.hooksPath names {}, which other repositories may use too; --shared installs there all the same",
            folder.path.display()
        );
    }
    // A hook that cannot run would stop every commit with an error of ours.
    for hook in &hooks {
        let words = ["keyward", "scan", hook.scope()].into_iter().chain(args.iter().map(String::as_str));
        if let Err(error) = Cli::try_parse_from(words) {
            let text = error.to_string();
            bail!("arguments after --: {}", text.lines().next().unwrap_or_default().trim_start_matches("error: "));
        }
    }
    let program = std::env::current_exe().context("the path of this program")?;
    fs::create_dir_all(&folder.path).with_context(|| folder.path.display().to_string())?;
    let mut out = std::io::stdout().lock();
    for hook in hooks {
        let place = Place::of(&folder.path, hook);
        let kept = place.install(&script::of(hook, &program, args))?;
        writeln!(out, "{} installed: {}{}", hook.name(), place.hook.display(), kept.words())?;
    }
    if folder.owner == HooksOwner::WorkingTree {
        writeln!(out, "These files are in the working tree: commit them to give the hook to everybody.")?;
    }
    writeln!(out, "`keyward hook uninstall` takes it away again.")?;
    Ok(0)
}

fn uninstall(asked: &[HookName], repository: &Path) -> anyhow::Result<u8> {
    let folder = folder(repository)?;
    let hooks = if asked.is_empty() { HookName::ALL.to_vec() } else { asked.to_vec() };
    let mut out = std::io::stdout().lock();
    let mut any = false;
    for hook in hooks {
        let place = Place::of(&folder.path, hook);
        if let Some(restored) = place.uninstall()? {
            any = true;
            let words = if restored { "removed; the hook that was there before is back" } else { "removed" };
            writeln!(out, "{}: {words}", hook.name())?;
        }
    }
    if !any {
        writeln!(out, "no hook of keyward's in {}", folder.path.display())?;
    }
    Ok(0)
}

/// The hooks that were asked for, or those that fit the repository.
fn chosen(asked: &[HookName], folder: &HooksFolder) -> anyhow::Result<Vec<HookName>> {
    if folder.bare && asked.iter().any(|h| *h != HookName::PreReceive) {
        bail!("nothing is committed or pushed from a bare repository: its hook is pre-receive");
    }
    Ok(match (asked, folder.bare) {
        ([], true) => vec![HookName::PreReceive],
        ([], false) => vec![HookName::PreCommit, HookName::PrePush],
        _ => asked.to_vec(),
    })
}

/// What became of the hook that was there.
enum Kept {
    None,
    Own,
    Earlier,
    /// Git never ran it, and neither do we.
    Idle,
}

impl Kept {
    fn words(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Own => " (written anew)",
            Self::Earlier => " (the hook that was there runs first)",
            Self::Idle => " (the hook that was there is kept; it is not executable, so that git does not run it)",
        }
    }
}

/// One hook's files.
struct Place {
    hook: PathBuf,
    earlier: PathBuf,
    legacy: PathBuf,
}

impl Place {
    fn of(folder: &Path, hook: HookName) -> Self {
        let file = |ending: &str| folder.join(format!("{}.{ending}", hook.name()));
        Self { hook: folder.join(hook.name()), earlier: file(EARLIER), legacy: file(LEGACY) }
    }

    fn install(&self, script: &str) -> anyhow::Result<Kept> {
        let name = || self.hook.display().to_string();
        // Written anew where the framework put it, if it came after us.
        if self.is_ours(&self.legacy)? {
            write(&self.legacy, script)?;
            return Ok(Kept::Own);
        }
        let kept = if self.is_ours(&self.hook)? {
            Kept::Own
        } else if self.hook.symlink_metadata().is_ok() {
            if self.earlier.symlink_metadata().is_ok() {
                bail!("{}: {} is in the way; move one of the two", name(), self.earlier.display());
            }
            fs::rename(&self.hook, &self.earlier).with_context(name)?;
            if runs(&self.earlier) { Kept::Earlier } else { Kept::Idle }
        } else {
            Kept::None
        };
        if let Err(error) = write(&self.hook, script) {
            if matches!(kept, Kept::Earlier | Kept::Idle) {
                // Best effort: the first error is the one to tell.
                let _ = fs::rename(&self.earlier, &self.hook);
            }
            return Err(error);
        }
        Ok(kept)
    }

    /// `None` where nothing of ours is; else whether an earlier hook is back.
    fn uninstall(&self) -> anyhow::Result<Option<bool>> {
        let ours = if self.is_ours(&self.hook)? {
            &self.hook
        } else if self.is_ours(&self.legacy)? {
            &self.legacy
        } else {
            return Ok(None);
        };
        let name = || ours.display().to_string();
        if self.earlier.symlink_metadata().is_ok() {
            fs::rename(&self.earlier, ours).with_context(name)?;
            return Ok(Some(true));
        }
        fs::remove_file(ours).with_context(name)?;
        Ok(Some(false))
    }

    /// Whether a file is a hook that this program wrote. One that somebody has added to is neither replaced nor
    /// removed: their lines would be lost.
    fn is_ours(&self, file: &Path) -> anyhow::Result<bool> {
        let text = match fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        if !text.lines().nth(1).is_some_and(|line| line.starts_with(script::MARK)) {
            return Ok(false);
        }
        if !script::ends_as_written(&text) {
            bail!(
                "{}: lines were added below keyward's own; move them to {}, which runs first, and try again",
                file.display(),
                self.earlier.display()
            );
        }
        Ok(true)
    }
}

/// Whether git runs a hook.
#[cfg(unix)]
fn runs(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|is| is.permissions().mode() & 0o111 != 0)
}

/// Git for Windows goes by the first line.
#[cfg(not(unix))]
fn runs(_: &Path) -> bool {
    true
}

/// Writes an executable file, whole or not at all.
fn write(file: &Path, script: &str) -> anyhow::Result<()> {
    let name = || file.display().to_string();
    let new = file.with_extension("keyward-new");
    let written = fs::write(&new, script).and_then(|()| executable(&new)).and_then(|()| fs::rename(&new, file));
    if written.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&new);
    }
    written.with_context(name)
}

#[cfg(unix)]
fn executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

/// Git for Windows goes by the first line.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same form as on other systems")]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
