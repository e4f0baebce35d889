//! One credential or record: where it is, what is wrong, which row decides, what to do.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::Page;
use super::excerpt::fit;
use super::paint::Style;
use crate::govern::Spot;
use crate::report::cards::Card;
use crate::report::terminal::{harmless, width, wrap};
use crate::report::view::{exposed, level_reasons, plural};
use crate::source::Place;

/// Places shown with their line, and in all.
const EXCERPTS: usize = 3;
const PLACES: usize = 6;
/// Columns of the labels: `error    KW001  `, `record   `.
const LABEL: usize = 9;

/// Writes the card.
pub(super) fn write(page: &Page<'_>, card: &Card<'_>, out: &mut dyn Write) -> io::Result<()> {
    for line in wrap(&harmless(&card.title()), page.columns - 2) {
        writeln!(out, "  {}", page.paint.on(Style::Strong, &line))?;
    }
    places(page, card, out)?;
    verdicts(page, card, out)?;
    rows(page, card, out)
}

fn places(page: &Page<'_>, card: &Card<'_>, out: &mut dyn Write) -> io::Result<()> {
    let spots = card.spots();
    let digits = spots.iter().take(EXCERPTS).map(|s| s.location.line.to_string().len()).max().unwrap_or(1).max(3);
    let frame = |mark: &str| page.paint.on(Style::Frame, mark);
    for (i, spot) in spots.iter().take(PLACES).enumerate() {
        let at = format!("{}:{}:{}", harmless(&spot.path.to_string()), spot.location.line, spot.location.column);
        let whereabouts = whereabouts(page, spot, card.note(spot));
        writeln!(out, "  {:digits$}{} {at}{}", "", frame("-->"), page.paint.on(Style::Quiet, &whereabouts))?;
        if let Some(exposure) = &spot.exposure {
            for line in wrap(&harmless(&exposed(exposure)), page.columns - digits - 6) {
                writeln!(out, "  {:digits$} {}  {}", "", frame("|"), page.paint.on(Style::Quiet, &line))?;
            }
        }
        if let Some(excerpt) = spot.excerpt.as_ref().filter(|e| i < EXCERPTS && card.is_own(spot) && !e.text.is_empty())
        {
            let marked = fit(excerpt, page.columns - digits - 5);
            let number = frame(&format!("{:>digits$}", spot.location.line));
            writeln!(out, "  {number} {} {}", frame("|"), marked.text)?;
            let carets = page.paint.on(Style::Level(card.level()), &"^".repeat(marked.length));
            writeln!(out, "  {:digits$} {} {:indent$}{carets}", "", frame("|"), "", indent = marked.indent)?;
        }
    }
    if spots.len() > PLACES {
        let more = plural((spots.len() - PLACES) as u64, "more place");
        writeln!(out, "  {:digits$} {} {}", "", frame("="), page.paint.on(Style::Quiet, &more))?;
    }
    writeln!(out)
}

/// `  (history)`, `  (inventory record)`.
fn whereabouts(page: &Page<'_>, spot: &Spot, note: &str) -> String {
    let mut parts = Vec::new();
    if let Some(place) = spot.place.filter(|p| page.named_places && *p != Place::Stdin) {
        parts.push(place.word().to_owned());
    }
    if !note.is_empty() {
        parts.push(harmless(note));
    }
    if parts.is_empty() { String::new() } else { format!("  ({})", parts.join(", ")) }
}

/// The failed checks: level, id, title, messages, and why the level is what it is.
fn verdicts(page: &Page<'_>, card: &Card<'_>, out: &mut dyn Write) -> io::Result<()> {
    let indent = 2 + LABEL + 7;
    for verdict in card.verdicts() {
        let level = page.paint.on(Style::Level(verdict.level), verdict.level.word());
        let pad = LABEL - verdict.level.word().len();
        writeln!(out, "  {level}{:pad$}{}  {}", "", verdict.id, page.paint.on(Style::Strong, verdict.check.title))?;
        let mut said = BTreeSet::new();
        for finding in verdict.findings.iter().filter(|f| said.insert(f.message.as_str())) {
            for line in wrap(&harmless(&finding.message), page.columns - indent) {
                writeln!(out, "{:indent$}{line}", "")?;
            }
            if let Some(reasons) = level_reasons(verdict.check, finding) {
                for line in wrap(&harmless(&reasons), page.columns - indent) {
                    writeln!(out, "{:indent$}{}", "", page.paint.on(Style::Quiet, &line))?;
                }
            }
        }
    }
    Ok(())
}

/// The rows under the verdicts: record, form, claims, facts, next steps.
fn rows(page: &Page<'_>, card: &Card<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    if let Some(record) = card.record() {
        row(page, out, "record", "", &record)?;
    }
    if let Some(sureness) = card.sureness() {
        row(page, out, "form", "", &sureness)?;
    }
    if let Some(claims) = card.claims() {
        row(page, out, "claims", "", &claims)?;
    }
    let facts: Vec<_> = card.facts().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !facts.is_empty() {
        row(page, out, "facts", "", &facts.join(" \u{b7} "))?;
    }
    let steps = card.steps();
    for (i, step) in steps.iter().enumerate() {
        let number = if steps.len() > 1 { format!("{}. ", i + 1) } else { String::new() };
        row(page, out, if i == 0 { "next" } else { "" }, &number, step)?;
    }
    Ok(())
}

/// A label, a number, and a text that hangs under itself.
fn row(page: &Page<'_>, out: &mut dyn Write, label: &str, number: &str, text: &str) -> io::Result<()> {
    let indent = width(number);
    for (i, line) in wrap(&harmless(text), page.columns - 2 - LABEL - indent).iter().enumerate() {
        let (label, number) = if i == 0 { (label, number) } else { ("", "") };
        let pad = LABEL - width(label);
        writeln!(out, "  {}{:pad$}{number:indent$}{line}", page.paint.on(Style::Quiet, label), "")?;
    }
    Ok(())
}
