//! `keyward baseline write`: accept what is there today as known.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use keyward::config::Config;
use keyward::{Assessment, Baseline, report};

use crate::args::{BaselineCommand, BaselineWriteArgs};
use crate::scan::Work;

/// Where it is written if nothing names another file.
pub(crate) const BASELINE: &str = "keyward.baseline";

pub(crate) fn run(command: &BaselineCommand) -> anyhow::Result<u8> {
    let BaselineCommand::Write(args) = command;
    let BaselineWriteArgs { to, quiet, sources, governance, limits } = &**args;
    // The one that is there is written anew, and may be missing or spoilt by a merge: it is not read.
    let work = Work { sources, governance, limits, quiet: *quiet, known: false };
    let mut configured = None;
    let look = |config: &Config| {
        configured.clone_from(&config.baseline);
        Ok(())
    };
    let (report, _) = work.judged(look, |assessment: &Assessment<'_>, _| Ok(report(assessment)))?;
    let named = governance.baseline.as_ref().or(configured.as_ref());
    let to = to.as_ref().or(named).map_or_else(|| PathBuf::from(BASELINE), |file| near(file));
    let baseline = Baseline::of(&report.judgement.findings);
    fs::write(&to, baseline.to_text()).with_context(|| to.display().to_string())?;
    let mut out = std::io::stdout().lock();
    let shown = to.display();
    match baseline.len() {
        0 => writeln!(out, "nothing found: {shown} is empty, and whatever comes is new")?,
        n => {
            let (s, they) = if n == 1 { ("", "It is still a finding") } else { ("s", "They are still findings") };
            writeln!(out, "{n} finding{s} written to {shown}. {they}: what leaked has to be revoked.")?;
        }
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
