//! One credential or record: where it is, what is wrong, which row decides, what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use super::excerpt::fit;
use super::paint::Style;
use super::Page;
use crate::detect::{Mode, Visibility};
use crate::govern::{Check, Finding, Spot, Subject};
use crate::observe::Observation;
use crate::report::terminal::{harmless, width, wrap};
use crate::report::view::{exposed, level_reasons, plural};
use crate::source::Place;

/// Places shown with their line, and in all.
const EXCERPTS: usize = 3;
const PLACES: usize = 6;
/// Remedies written out; of the rest the ids.
const REMEDIES: usize = 2;
/// Columns of the labels: `error    KW001  `, `record   `.
const LABEL: usize = 9;

/// Writes the card of findings that share a subject.
pub(super) fn write(page: &Page<'_>, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    for line in wrap(&title(page, findings), page.columns - 2) {
        writeln!(out, "  {}", page.paint.on(Style::Strong, &line))?;
    }
    places(page, findings, out)?;
    verdicts(page, findings, out)?;
    rows(page, findings, out)
}

fn title(page: &Page<'_>, findings: &[&Finding]) -> String {
    match (&findings[0].subject, page.view.observation(findings[0])) {
        (Subject::Credential(_), Some(observation)) => describe(observation),
        (Subject::Credential(id), None) => format!("Credential {}", &id.to_string()[..8]),
        (Subject::Record(id), _) => format!("Inventory record {}", harmless(id)),
        (Subject::Governance(what), _) => harmless(what),
    }
}

/// `Stripe secret key, live, ends in 4f2c`.
fn describe(observation: &Observation) -> String {
    let mut parts = vec![harmless(&observation.title)];
    match observation.visibility {
        Visibility::Secret => {}
        Visibility::Identifier => parts.push("an identifier".to_owned()),
        Visibility::Publishable => parts.push("publishable".to_owned()),
    }
    match observation.mode {
        Some(Mode::Live) => parts.push("live".to_owned()),
        Some(Mode::Test) => parts.push("test mode".to_owned()),
        None => {}
    }
    if let Some(key_id) = &observation.key_id {
        parts.push(format!("key id {}", harmless(key_id)));
    }
    if let Some(hint) = &observation.hint {
        parts.push(format!("ends in {}", harmless(&hint.0)));
    }
    parts.join(", ")
}

fn places(page: &Page<'_>, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let related = findings.iter().flat_map(|f| &f.related).filter(|s| s.place.is_some());
    let mut seen = BTreeSet::new();
    let mut spots: Vec<&Spot> = findings.iter().map(|f| &f.primary).chain(related).collect();
    spots.retain(|s| seen.insert((&s.path, s.location, s.place)));
    let digits = spots.iter().take(EXCERPTS).map(|s| s.location.line.to_string().len()).max().unwrap_or(1).max(3);
    let frame = |mark: &str| page.paint.on(Style::Frame, mark);
    let level = findings[0].level;
    for (i, spot) in spots.iter().take(PLACES).enumerate() {
        let at = format!("{}:{}:{}", harmless(&spot.path.to_string()), spot.location.line, spot.location.column);
        let own = findings.iter().any(|f| f.primary.note == spot.note);
        let whereabouts = whereabouts(page, spot, own);
        writeln!(out, "  {:digits$}{} {at}{}", "", frame("-->"), page.paint.on(Style::Quiet, &whereabouts))?;
        if let Some(exposure) = &spot.exposure {
            for line in wrap(&exposed(exposure), page.columns - digits - 6) {
                writeln!(out, "  {:digits$} {}  {}", "", frame("|"), page.paint.on(Style::Quiet, &line))?;
            }
        }
        if let Some(excerpt) = spot.excerpt.as_ref().filter(|e| i < EXCERPTS && !e.text.is_empty()) {
            let marked = fit(excerpt, page.columns - digits - 5);
            let number = frame(&format!("{:>digits$}", spot.location.line));
            writeln!(out, "  {number} {} {}", frame("|"), marked.text)?;
            let carets = page.paint.on(Style::Level(level), &"^".repeat(marked.length));
            writeln!(out, "  {:digits$} {} {:indent$}{carets}", "", frame("|"), "", indent = marked.indent)?;
        }
    }
    if spots.len() > PLACES {
        let more = plural((spots.len() - PLACES) as u64, "more place");
        writeln!(out, "  {:digits$} {} {}", "", frame("="), page.paint.on(Style::Quiet, &more))?;
    }
    writeln!(out)
}

/// ` (history)`, ` (inventory record)`.
fn whereabouts(page: &Page<'_>, spot: &Spot, own: bool) -> String {
    let mut parts = Vec::new();
    if let Some(place) = spot.place.filter(|p| page.named_places && *p != Place::Stdin) {
        parts.push(place.word().to_owned());
    }
    if !own && !spot.note.is_empty() {
        parts.push(harmless(&spot.note));
    }
    if parts.is_empty() { String::new() } else { format!("  ({})", parts.join(", ")) }
}

/// The failed checks: level, id, title, message, and why the level is what it is.
fn verdicts(page: &Page<'_>, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let indent = 2 + LABEL + 7;
    let mut said = BTreeSet::new();
    for finding in findings {
        let check = page.view.check(finding.check);
        let first = said.insert((finding.check, finding.level, ""));
        if first {
            let level = page.paint.on(Style::Level(finding.level), finding.level.word());
            let pad = LABEL - finding.level.word().len();
            writeln!(out, "  {level}{:pad$}{}  {}", "", finding.check, page.paint.on(Style::Strong, check.title))?;
        }
        let news = said.insert((finding.check, finding.level, finding.message.as_str()));
        if news {
            for line in wrap(&harmless(&finding.message), page.columns - indent) {
                writeln!(out, "{:indent$}{line}", "")?;
            }
            if let Some(reasons) = level_reasons(check, finding) {
                for line in wrap(&reasons, page.columns - indent) {
                    writeln!(out, "{:indent$}{}", "", page.paint.on(Style::Quiet, &line))?;
                }
            }
        }
    }
    Ok(())
}

/// The rows under the verdicts: record, facts, next steps.
fn rows(page: &Page<'_>, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    if let Some(record) = record(page, findings) {
        row(page, out, "record", &record)?;
    }
    let facts = facts(findings);
    if !facts.is_empty() {
        row(page, out, "facts", &facts.join(" \u{b7} "))?;
    }
    let mut steps = Vec::new();
    if let Some(revoke) = page.view.observation(findings[0]).filter(|o| o.is_leak()).and_then(|o| o.revoke.as_deref()) {
        steps.push(format!("To revoke: {}", harmless(revoke)));
    }
    let mut checks: Vec<&Check> = Vec::new();
    for finding in findings {
        let check = page.view.check(finding.check);
        if !checks.iter().any(|c| c.id == check.id) {
            checks.push(check);
        }
    }
    steps.extend(checks.iter().take(REMEDIES).map(|c| c.remedy.to_owned()));
    if checks.len() > REMEDIES {
        let rest: Vec<_> = checks[REMEDIES..].iter().map(|c| c.id.to_string()).collect();
        steps.push(format!("More: keyward explain {}", rest.join(" ")));
    }
    let numbered = steps.len() > 1;
    for (i, step) in steps.iter().enumerate() {
        let number = if numbered { format!("{}. ", i + 1) } else { String::new() };
        hanging(page, out, if i == 0 { "next" } else { "" }, &number, step)?;
    }
    Ok(())
}

fn row(page: &Page<'_>, out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    hanging(page, out, label, "", text)
}

/// A label, a number, and a text that hangs under itself.
fn hanging(page: &Page<'_>, out: &mut dyn Write, label: &str, number: &str, text: &str) -> io::Result<()> {
    let indent = width(number);
    for (i, line) in wrap(text, page.columns - 2 - LABEL - indent).iter().enumerate() {
        let (label, number) = if i == 0 { (label, number) } else { ("", "") };
        let pad = LABEL - width(label);
        writeln!(out, "  {}{:pad$}{number:indent$}{line}", page.paint.on(Style::Quiet, label), "")?;
    }
    Ok(())
}

/// `cred-017 (inventory.csv:7), certain match by key id`.
fn record(page: &Page<'_>, findings: &[&Finding]) -> Option<String> {
    let Subject::Credential(id) = &findings[0].subject else { return None };
    page.view.report.inventory.as_ref()?;
    let matched = page.view.report.judgement.matches.get(id);
    let records: BTreeSet<&str> = findings
        .iter()
        .filter_map(|f| f.record.as_deref())
        .chain(matched.iter().flat_map(|m| m.records.iter().map(String::as_str)))
        .collect();
    if records.is_empty() {
        let why = matched.filter(|m| m.level == "not comparable").map_or("", |_| " that can be compared");
        return Some(format!("none{why}"));
    }
    let rows: BTreeSet<String> = findings
        .iter()
        .flat_map(|f| &f.related)
        .filter(|s| s.place.is_none())
        .map(|s| format!("{}:{}", harmless(&s.path.to_string()), s.location.line))
        .collect();
    let mut text = records.into_iter().take(3).map(harmless).collect::<Vec<_>>().join(", ");
    if !rows.is_empty() {
        let rows: Vec<_> = rows.into_iter().take(3).collect();
        let _ = write!(text, " ({})", rows.join(", "));
    }
    if let Some(m) = matched {
        let _ = write!(text, ", {} match", harmless(&m.level));
        if !m.by.is_empty() {
            let _ = write!(text, " by {}", harmless(&m.by));
        }
    } else if let Some(m) = findings.iter().find_map(|f| f.matched.as_deref()) {
        let _ = write!(text, ", match {}", harmless(m));
    }
    Some(text)
}

/// Facts of all findings, once each: `environment: production`.
fn facts(findings: &[&Finding]) -> Vec<String> {
    let merged: BTreeMap<&String, &Value> = findings.iter().flat_map(|f| &f.facts).collect();
    // Told elsewhere on the card.
    let news = |name: &&String| !["rule", "kind", "related_total"].contains(&name.as_str());
    merged.into_iter().filter(|(name, _)| news(name)).filter_map(|(name, value)| Some(format!("{}: {}", harmless(&name.replace('_', " ")), fact(value)?))).collect()
}

fn fact(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(harmless(text)),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(all) => Some(all.iter().filter_map(fact).collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Object(_) => None,
    }
}
