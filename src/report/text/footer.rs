//! What was looked at, what was not, and the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::Page;
use super::paint::Style;
use crate::govern::Level;
use crate::report::terminal::{harmless, width, wrap};
use crate::report::view::{bytes, counted, grouped, plural};
use crate::source::coverage::{Effect, Reason};

/// Columns of the labels.
const LABEL: usize = 11;
/// Places named of each gap.
const NAMED: usize = 5;
/// Checks named of each reason for which they were not evaluated.
const CHECKS: usize = 6;

/// Writes the coverage and the last line.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    row(page, out, "Scanned", &scanned(page))?;
    row(page, out, "Inventory", &inventory(page))?;
    if let Some(text) = accepted(page) {
        row(page, out, "Accepted", &text)?;
    }
    if let Some(text) = page.view.gone() {
        row(page, out, "Baseline", &text)?;
    }
    reasons(page, Effect::Exclusion, "Left out", out)?;
    reasons(page, Effect::Gap, "Missing", out)?;
    checks(page, out)?;
    writeln!(out)?;
    verdict(page, out)
}

fn scanned(page: &Page<'_>) -> String {
    let report = page.view.report;
    let scope: Vec<_> = report.scope.iter().map(|s| harmless(s)).collect();
    let names: Vec<_> = report.repositories.iter().filter(|r| !r.name.is_empty()).map(|r| harmless(&r.name)).collect();
    let of = match names.as_slice() {
        [] => String::new(),
        [one] => format!(" of {one}"),
        many => format!(" of {}", format_args!("{} repositories", many.len())),
    };
    let scope = if scope.is_empty() { String::new() } else { format!(", {}{of}", scope.join(" and ")) };
    format!("{} ({}){scope}, as of {}", page.view.documents(), bytes(report.coverage.bytes), harmless(&report.as_of))
}

fn inventory(page: &Page<'_>) -> String {
    let Some(inventory) = &page.view.report.inventory else {
        return "none given; only leaks are judged".to_owned();
    };
    let files: Vec<_> = inventory.files.iter().map(|f| harmless(&f.name)).collect();
    let mut text = format!(
        "{}: {}, {}",
        files.join(", "),
        plural(inventory.records, "record"),
        plural(inventory.partners, "partner")
    );
    if let Some(made) = &inventory.generated_at {
        let _ = write!(text, ", exported {}", harmless(made));
    }
    let rows: BTreeSet<_> = inventory.errors.iter().filter(|e| e.set_aside).map(|e| &e.at).collect();
    if !rows.is_empty() {
        let _ = write!(text, ", {} set aside", plural(rows.len() as u64, "row"));
    }
    text
}

fn accepted(page: &Page<'_>) -> Option<String> {
    let mut exceptions: BTreeMap<String, u64> = BTreeMap::new();
    for permission in page.view.findings().iter().filter_map(|f| f.disposition.permission()) {
        *exceptions.entry(permission).or_default() += 1;
    }
    let mut parts: Vec<_> =
        exceptions.iter().map(|(by, n)| format!("{} by {}", plural(*n, "finding"), harmless(by))).collect();
    let known = page.view.counts().baselined as u64;
    if known > 0 {
        parts.push(format!("{} in the baseline", plural(known, "finding")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn reasons(page: &Page<'_>, effect: Effect, label: &str, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &page.view.report.coverage;
    let mut label = label;
    for (reason, n) in coverage.counts.iter().filter(|(r, _)| r.effect() == effect) {
        let mut text = counted(*reason, *n);
        if effect == Effect::Gap || page.verbose {
            text.push_str(&named(page, *reason, *n));
        }
        row(page, out, label, &text)?;
        label = "";
    }
    Ok(())
}

/// `: a.env (permission denied), b.env and 3 more`.
fn named(page: &Page<'_>, reason: Reason, n: u64) -> String {
    let entries = page.view.report.coverage.entries.iter().filter(|e| e.reason == reason && !e.subject.is_empty());
    let names: Vec<_> = entries
        .take(if page.verbose { usize::MAX } else { NAMED })
        .map(|e| {
            let detail = if e.detail.is_empty() { String::new() } else { format!(" ({})", harmless(&e.detail)) };
            format!("{}{detail}", harmless(&e.subject))
        })
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let more = n.saturating_sub(names.len() as u64);
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    format!(": {}{more}", names.join(", "))
}

fn checks(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let judged = page.view.report.judgement.checks.values().filter(|s| s.evaluated > 0).count();
    let (none, some) = page.view.unanswered();
    let missing: usize = none.values().map(Vec::len).sum();
    // Where nothing was found there is nothing to ask a check about; that is no omission.
    let mut text = match judged {
        0 => "nothing to judge".to_owned(),
        _ => format!("{judged} evaluated"),
    };
    if some > 0 {
        let _ = write!(text, ", {some} of them not for every subject");
    }
    if missing > 0 {
        let rest = if judged == 0 { "not evaluated" } else { "not at all" };
        let _ = write!(text, "; {missing} {rest}:");
    }
    row(page, out, "Checks", &text)?;
    for (why, ids) in &none {
        let shown = if page.verbose { ids.len() } else { ids.len().min(CHECKS) };
        let more = if ids.len() > shown { format!(" and {} more", ids.len() - shown) } else { String::new() };
        let ids: Vec<_> = ids.iter().take(shown).map(String::as_str).collect();
        row(page, out, "", &format!("{}: {}{more}", harmless(why), ids.join(" ")))?;
    }
    Ok(())
}

fn row(page: &Page<'_>, out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    for (i, line) in wrap(text, page.columns - LABEL).iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        let pad = LABEL - width(label);
        writeln!(out, "{}{:pad$}{line}", page.paint.on(Style::Quiet, label), "")?;
    }
    Ok(())
}

fn verdict(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = page.view.counts();
    let style = if counts.error > 0 {
        Style::Level(Level::Error)
    } else if counts.warning > 0 || !page.view.report.complete {
        Style::Level(Level::Warning)
    } else if counts.note > 0 {
        Style::Level(Level::Note)
    } else {
        Style::Good
    };
    // One line whatever its length: the last thing on the screen, and easy to find for a script.
    writeln!(out, "{}", page.paint.on(style, &page.view.verdict()))
}
