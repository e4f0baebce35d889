//! `keyward baseline write`: accept what is there today as known.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use keyward::config::Config;
use keyward::{Assessment, Baseline, BaselineEntry, Gate, RepoPath, Report, report};

use crate::args::{BaselineCommand, BaselineWriteArgs};
use crate::scan::Work;

/// Where it is written if nothing names another file.
pub(crate) const BASELINE: &str = "keyward.baseline";

pub(crate) fn run(command: &BaselineCommand) -> anyhow::Result<u8> {
    let BaselineCommand::Write(args) = command;
    let BaselineWriteArgs { to, quiet, sources, governance, limits } = &**args;
    // The one that is there is written anew, and may be missing or spoilt by a merge: nothing is judged by it.
    let work = Work { sources, governance, limits, quiet: *quiet, known: false };
    let mut configured = None;
    let look = |config: &Config| {
        configured.clone_from(&config.baseline);
        // What is known is known whatever the stage that asks.
        Ok(Gate::default())
    };
    let (report, _) = work.judged(look, |assessment: &Assessment<'_>, _| Ok(report(assessment)))?;
    let named = governance.baseline.as_ref().or(configured.as_ref());
    let to = to.as_ref().or(named).map_or_else(|| PathBuf::from(BASELINE), |file| near(file));
    let mut baseline = Baseline::of(&report.judgement.findings);
    let found = baseline.len();
    let looked = Looked::of(&report, &sources.paths);
    let kept = match older(&to)? {
        Ok(older) => baseline.keep(&older, |entry| !looked.at(entry)),
        // All of it is found anew, but for what only a wider scan finds.
        Err(_) if looked.whole => 0,
        Err(why) => anyhow::bail!("{why}\nScan the whole tree to write it anew, or remove it first."),
    };
    fs::write(&to, baseline.to_text()).with_context(|| to.display().to_string())?;
    let mut out = std::io::stdout().lock();
    let shown = to.display();
    match found {
        0 if kept > 0 => writeln!(out, "nothing found; {shown} holds what is outside of this scan")?,
        0 => writeln!(out, "nothing found: {shown} is empty, and whatever comes is new")?,
        n => {
            let (s, they) = if n == 1 { ("", "It is still a finding") } else { ("s", "They are still findings") };
            writeln!(out, "{n} finding{s} written to {shown}. {they}: what leaked has to be revoked.")?;
        }
    }
    if kept > 0 {
        let (s, they) = if kept == 1 { ("y", "it") } else { ("ies", "them") };
        writeln!(out, "{kept} entr{s} stay as before: this scan did not look for {they}.")?;
    }
    if let Some(attributes) = merge_by_lines(&to)? {
        writeln!(out, "{attributes} tells git to merge it line by line; commit both.")?;
    }
    if configured.is_some_and(|file| near(&file) == to) {
        writeln!(out, "keyward.toml names it: every scan counts only what comes on top.")?;
    } else {
        writeln!(out, "`keyward scan --baseline {shown}` counts only what comes on top;")?;
        writeln!(out, "`baseline = \"{shown}\"` in keyward.toml makes every scan do so.")?;
    }
    // A baseline of half a scan would make the other half look new.
    Ok(if report.complete { 0 } else { 3 })
}

/// What the file holds now: nothing if it is not there, or why it cannot be read.
fn older(file: &Path) -> anyhow::Result<Result<Baseline, anyhow::Error>> {
    let shown = file.display().to_string();
    match fs::read(file) {
        Ok(bytes) => Ok(Baseline::parse(&shown, &String::from_utf8_lossy(&bytes)).map_err(Into::into)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ok(Baseline::default())),
        Err(error) => Err(error).context(shown),
    }
}

/// What a scan can answer for; of the rest an older baseline stays true.
struct Looked<'a> {
    report: &'a Report,
    /// The whole tree.
    whole: bool,
    /// Else these parts of it, encoded as in the baseline.
    parts: Vec<String>,
}

impl<'a> Looked<'a> {
    fn of(report: &'a Report, paths: &[PathBuf]) -> Self {
        let is = |word: &str| report.scope.iter().any(|s| s == word);
        let parts = if is("paths") { paths.iter().map(|path| from_top(path)).collect() } else { Vec::new() };
        Self { report, whole: is("tree"), parts }
    }

    fn at(&self, entry: &BaselineEntry) -> bool {
        // Without the history, or the inventory, nothing is known of what only these show.
        let judged = |state: &keyward::CheckState| state.evaluated > 0 || state.not_evaluated.is_empty();
        let inside = |part: &String| {
            entry
                .path
                .strip_prefix(part.as_str())
                .is_some_and(|rest| part.is_empty() || rest.is_empty() || rest.starts_with(['/', '!']))
        };
        self.report.judgement.checks.get(&entry.check).is_none_or(judged)
            && (self.whole || self.parts.iter().any(inside))
    }
}

/// A path from the top of its repository.
fn from_top(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let top = real.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(&real);
    RepoPath::from_path(real.strip_prefix(top).unwrap_or(Path::new(""))).to_uri()
}

/// A path as it is from here, if it lies below.
fn near(file: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&here).map_or_else(|_| file.to_owned(), Path::to_owned)
}

/// Two branches may each add a line at the same place, which git takes for a conflict unless it is told
/// that lines are independent. Gives the name of the file that says so, if it had to be written.
fn merge_by_lines(baseline: &Path) -> anyhow::Result<Option<String>> {
    let absolute = std::path::absolute(baseline)?;
    let (Some(folder), Some(name)) = (baseline.parent(), baseline.file_name().and_then(|n| n.to_str())) else {
        return Ok(None);
    };
    let in_git = absolute.ancestors().any(|dir| dir.join(".git").exists());
    // A name with a space or a quote has another form in that file; such a name is not worth it.
    if !in_git || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return Ok(None);
    }
    let file = folder.join(".gitattributes");
    let shown = || file.display().to_string();
    let mut text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(shown),
    };
    let said = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|w| w.trim_start_matches('/') == name) && words.any(|w| w.contains("merge"))
    };
    if text.lines().any(said) {
        return Ok(None);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(name);
    text.push_str(" merge=union\n");
    fs::write(&file, text).with_context(shown)?;
    Ok(Some(shown()))
}
