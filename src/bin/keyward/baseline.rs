//! `keyward baseline write`: accept what is there today as known.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use keyward::Baseline;

use crate::args::BaselineCommand;
use crate::scan;

pub(crate) fn run(command: &BaselineCommand) -> anyhow::Result<u8> {
    let BaselineCommand::Write { to, scan: args } = command;
    let (report, ..) = scan::report_of(args)?;
    let baseline = Baseline::of(&report.judgement.findings);
    fs::write(to, baseline.to_text()).with_context(|| to.display().to_string())?;
    let mut out = std::io::stdout().lock();
    let n = baseline.len();
    writeln!(out, "{n} finding{} written to {}", if n == 1 { "" } else { "s" }, to.display())?;
    if let Some(attributes) = merge_by_lines(to)? {
        writeln!(out, "{attributes} tells git to merge it line by line; commit both.")?;
    }
    writeln!(out, "`keyward scan --baseline {}` counts only what comes on top of them;", to.display())?;
    writeln!(out, "`baseline = \"{}\"` in keyward.toml makes every scan do so.", to.display())?;
    // A baseline of half a scan would make the other half look new.
    Ok(if report.complete { 0 } else { 3 })
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
