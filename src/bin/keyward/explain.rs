//! `keyward explain KW101 | FILE:LINE | KEY --report FILE`.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use keyward::config::Config;
use keyward::{CheckId, Explained, RepoPath, Watchlist, checks, explain_lines};

use crate::args::ExplainArgs;
use crate::output::{self, wrapped};
use crate::setup;
use crate::trust::Trust;

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    let typed = args.what.as_str();
    let by_slug = || checks::all().iter().find(|c| c.slug == typed);
    if let Some(check) = CheckId::parse(typed).and_then(checks::get).or_else(by_slug) {
        return about_check(check);
    }
    if let Some(report) = &args.report {
        return about_finding(typed, report);
    }
    if let Some((file, line)) = typed.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return about_line(Path::new(file), line);
    }
    bail!("no check `{typed}`; expected a check such as KW101, FILE:LINE, or a finding's key with --report FILE")
}

fn about_check(check: &keyward::Check) -> anyhow::Result<u8> {
    let width = output::width().min(88);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n", wrapped("", &format!("{} {} ({})", check.id, check.title, check.slug), width))?;
    writeln!(out, "{}\n", wrapped("", check.why, width))?;
    writeln!(out, "What to do\n{}\n", wrapped("", check.remedy, width))?;
    writeln!(out, "Level      {} before modifiers", check.level.word())?;
    writeln!(out, "{}", wrapped("Needs      ", check.needs, width))?;
    writeln!(out, "{}", wrapped("See        ", &check.taxa.join(", "), width))?;
    Ok(0)
}

/// A finding of a JSON report: what it says, what moved its level, and what detection sees there now.
fn about_finding(key: &str, report: &Path) -> anyhow::Result<u8> {
    let name = report.display();
    let text = fs::read_to_string(report).with_context(|| name.to_string())?;
    // The parser's message may quote what it failed on.
    let report: serde_json::Value = serde_json::from_str(&text)
        .map_err(|e| anyhow::anyhow!("{name}:{}:{}: expected a JSON report of keyward", e.line(), e.column()))?;
    let findings = report["findings"].as_array().with_context(|| format!("{name}: findings: expected a list"))?;
    let fits = |f: &&serde_json::Value| key.len() >= 6 && f["key"].as_str().is_some_and(|k| k.starts_with(key));
    let mut found = findings.iter().filter(fits);
    let finding = found.next().with_context(|| format!("{name}: no finding has the key {key}"))?;
    if found.next().is_some() {
        bail!("{name}: several findings have keys that begin with {key}; type more of it");
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (path, line) = (text(&finding["primary"]["path"]), &finding["primary"]["location"]["line"]);
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {} at {path}:{line}\n", text(&finding["check"]), text(&finding["level"]))?;
        writeln!(out, "{}", wrapped("", &text(&finding["message"]), output::width().min(88)))?;
        for modifier in finding["modifiers"].as_array().into_iter().flatten() {
            let steps = modifier["steps"].as_i64().unwrap_or_default();
            let moved = match steps {
                0 => "unchanged",
                1.. => "raised",
                _ => "lowered",
            };
            writeln!(out, "  {moved}: {}", text(&modifier["reason"]))?;
        }
        writeln!(out)?;
    }
    let line = line.as_u64().unwrap_or(1) as u32;
    if Path::new(&path).is_file() { about_line(Path::new(&path), line) } else { Ok(0) }
}

fn about_line(file: &Path, line: u32) -> anyhow::Result<u8> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let trust = Trust::WorkingTree;
    let config: Config = trust.config(None, file)?;
    let detector = setup::detector(&config, &trust, Watchlist::new(), &[])?;
    let told = explain_lines(&detector, &RepoPath::from_path(file), &bytes, line..=line);
    let mut out = std::io::stdout().lock();
    if told.is_empty() {
        writeln!(
            out,
            "{}:{line}: nothing here looks like a credential: no rule's literal stands on this line, and no long value\n\
             or quoted text behind a name that means one.",
            file.display()
        )?;
        return Ok(0);
    }
    for one in &told {
        show(&mut out, file, one)?;
    }
    Ok(0)
}

fn show(out: &mut dyn Write, file: &Path, one: &Explained) -> anyhow::Result<()> {
    writeln!(out, "{}:{}:{}  {}", file.display(), one.line, one.column, one.excerpt.text)?;
    let width = output::width();
    let verdict = match one.rejected {
        None => format!("reported as {} ({})", one.title, one.rule),
        Some(why) => format!("not reported as {} ({}): {why}", one.title, one.rule),
    };
    writeln!(out, "{}", wrapped("  ", &verdict, width))?;
    for evidence in &one.evidence {
        writeln!(out, "{}", wrapped("    - ", evidence, width))?;
    }
    writeln!(out)?;
    Ok(())
}
