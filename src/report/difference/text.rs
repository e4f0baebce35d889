//! The difference for people at a terminal: what changed, by change; the two reports; the counts.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Change, Difference, Entry, Side, Where};
use crate::govern::{Disposition, Level};
use crate::report::RenderOptions;
use crate::report::terminal::{harmless, width, wrap};
use crate::report::text::paint::{Paint, Style};
use crate::report::view::{grouped, plural};
use crate::source::Place;

/// Columns before what is said of a finding.
const INDENT: usize = 18;
/// Columns of the labels below.
const LABEL: usize = 11;
/// Findings of one change that are shown; JSON has all.
const MOST: usize = 50;

/// Writes the text; of the options colour and width count.
pub fn render(difference: &Difference, options: &RenderOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { paint: Paint(options.color), columns: options.width.clamp(40, 120) };
    for change in Change::ALL {
        let of: Vec<&Entry> = difference.changes.iter().filter(|e| e.change == change).collect();
        if of.is_empty() {
            continue;
        }
        writeln!(out, "{}", page.paint.on(Style::Strong, title(change)))?;
        for entry in of.iter().take(MOST) {
            page.entry(entry, out)?;
        }
        if of.len() > MOST {
            let more = format!("and {} more; --format json has all", grouped((of.len() - MOST) as u64));
            writeln!(out, "  {}", page.paint.on(Style::Quiet, &more))?;
        }
        writeln!(out)?;
    }
    page.row("Old", &side(&difference.old), out)?;
    page.row("New", &side(&difference.new), out)?;
    for note in &difference.notes {
        page.row("Note", &harmless(note), out)?;
    }
    writeln!(out, "\n{}", page.paint.on(style(difference), &verdict(difference)))
}

struct Page {
    paint: Paint,
    columns: usize,
}

impl Page {
    fn entry(&self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let finding = &entry.finding;
        let level = finding.level.word();
        let place = match &entry.before {
            Some(before) if before.at.path != finding.at.path => {
                format!("{} -> {}", place(&before.at), place(&finding.at))
            }
            _ => place(&finding.at),
        };
        let label = self.paint.on(Style::Level(finding.level), level);
        let pad = INDENT - 9 - level.len();
        writeln!(out, "  {label}{:pad$}{}  {}", "", finding.check, self.paint.on(Style::Strong, &place))?;
        for line in wrap(&harmless(&finding.message), self.columns - INDENT) {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
        for line in remarks(entry) {
            for line in wrap(&harmless(&line), self.columns - INDENT) {
                writeln!(out, "{:INDENT$}{}", "", self.paint.on(Style::Quiet, &line))?;
            }
        }
        Ok(())
    }

    fn row(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        for (n, line) in wrap(text, self.columns - LABEL).iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            let pad = LABEL - width(label);
            writeln!(out, "{}{:pad$}{line}", self.paint.on(Style::Quiet, label), "")?;
        }
        Ok(())
    }
}

fn title(change: Change) -> &'static str {
    match change {
        Change::New => "New",
        Change::Reintroduced => "Re-introduced: gone once, and back",
        Change::Moved => "Moved",
        Change::Changed => "Changed",
        Change::Gone => "Gone",
    }
}

fn place(at: &Where) -> String {
    let path = harmless(&at.path.to_string());
    match at.place {
        Some(Place::History) => format!("{path}:{} (history)", at.location.line),
        _ => format!("{path}:{}", at.location.line),
    }
}

/// What else there is to say: what it was, whether it counts, whether it is gone at all.
fn remarks(entry: &Entry) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(before) = &entry.before {
        if before.check != entry.finding.check {
            all.push(format!("was {} in {}", before.check, place(&before.at)));
        }
        if before.level != entry.finding.level {
            all.push(format!("was {}", before.level.word()));
        }
        if let Some(accepted) = accepted(&before.disposition)
            && entry.finding.disposition == Disposition::Open
        {
            all.push(format!("was {accepted}"));
        }
    }
    all.extend(accepted(&entry.finding.disposition));
    all.extend(entry.doubt.as_ref().map(|why| format!("perhaps not gone: {why}")));
    all
}

fn accepted(disposition: &Disposition) -> Option<String> {
    match disposition {
        Disposition::Open => None,
        covered @ Disposition::Excepted { .. } => covered.permission().map(|p| format!("accepted by {p}")),
        Disposition::Baselined => Some("accepted by the baseline".to_owned()),
    }
}

fn side(side: &Side) -> String {
    let mut text = format!("{}: {}", harmless(&side.file), plural(side.findings as u64, "finding"));
    if !side.scope.is_empty() {
        let _ = write!(text, ", {}", harmless(&side.scope.join(" and ")));
    }
    if let [head] = side.heads.as_slice() {
        let _ = write!(text, " at {}", harmless(&head.chars().take(7).collect::<String>()));
    }
    format!("{text}, as of {}", harmless(&side.as_of))
}

fn verdict(difference: &Difference) -> String {
    let summary = &difference.summary;
    let mut parts: Vec<String> = Change::ALL
        .into_iter()
        .filter(|change| summary.of(*change) > 0)
        .map(|change| format!("{} {}", grouped(summary.of(change) as u64), change.word()))
        .collect();
    if parts.is_empty() {
        parts.push("no difference".to_owned());
    }
    if summary.unchanged > 0 {
        parts.push(format!("{} unchanged", grouped(summary.unchanged as u64)));
    }
    parts.join(", ")
}

fn style(difference: &Difference) -> Style {
    [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .find(|level| difference.is_worse(*level))
        .map_or(Style::Good, Style::Level)
}
