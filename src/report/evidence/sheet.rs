//! A register: one row per thing, flat for spreadsheets, in groups of lines for readers.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::json;

use crate::govern::evidence::Run;
use crate::report::csv::safe;
use crate::report::markdown::escape;

/// How a line reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// What it is about.
    Strong,
    /// What can be skipped.
    Quiet,
    /// In order.
    Good,
    /// Not in order.
    Bad,
    /// A text of a machine: an id, a path, a scope.
    Code,
}

/// One line of a cell.
#[derive(Clone, Debug)]
pub(super) struct Bit {
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// A cell for readers.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell(pub(super) Vec<Bit>);

impl Cell {
    /// Adds a line.
    pub(super) fn add(mut self, label: &'static str, text: impl Into<String>, tone: Tone) -> Self {
        self.0.push(Bit { label, text: text.into(), tone });
        self
    }

    /// Adds a line, if there is something.
    pub(super) fn maybe(self, label: &'static str, text: Option<&str>, tone: Tone) -> Self {
        match text {
            Some(text) if !text.is_empty() => self.add(label, text, tone),
            _ => self,
        }
    }

    /// Adds a line, or says that nothing is recorded.
    pub(super) fn or_missing(self, label: &'static str, text: Option<&str>, tone: Tone) -> Self {
        match text {
            Some(text) if !text.is_empty() => self.add(label, text, tone),
            _ => self.add(label, "not recorded", Tone::Bad),
        }
    }
}

/// A row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// For spreadsheets, in the order of the columns.
    pub(super) flat: Vec<String>,
    /// For readers, in the order of the heads.
    pub(super) cells: Vec<Cell>,
}

/// A number at the top.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub(super) number: String,
    pub(super) label: String,
    pub(super) tone: Tone,
}

/// A register that can be rendered.
#[derive(Debug)]
pub struct Sheet<'e> {
    pub(super) title: &'static str,
    /// What it holds, in one sentence.
    pub(super) lead: String,
    pub(super) run: &'e Run,
    pub(super) figures: Vec<Figure>,
    /// Columns of spreadsheets.
    pub(super) columns: &'static [&'static str],
    /// Heads for readers.
    pub(super) heads: &'static [&'static str],
    pub(super) rows: Vec<Row>,
    /// What is said where there are none.
    pub(super) nothing: &'static str,
}

impl Sheet<'_> {
    /// For spreadsheets: no cell can be read as a formula.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        table.write_record(self.columns)?;
        for row in &self.rows {
            table.write_record(row.flat.iter().map(|cell| safe(cell)))?;
        }
        table.flush()
    }

    /// For programs: the rows of the table, as objects by column; an empty cell is an empty text.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        // As text, so that the fields keep the order of the columns.
        let object = |row: &Row| {
            let field = |(column, cell): (&&str, &String)| format!("{}: {}", json!(column), json!(cell));
            format!("  {{{}}}", self.columns.iter().zip(&row.flat).map(field).collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = self.rows.iter().map(object).collect();
        let body = if rows.is_empty() { String::new() } else { format!("\n{}\n", rows.join(",\n")) };
        writeln!(out, "[{body}]")
    }

    /// For a wiki or a ticket.
    pub fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = format!("# {}\n\n{}\n\n", self.title, escape(&self.lead));
        for figure in &self.figures {
            let _ = writeln!(text, "- **{}** {}", escape(&figure.number), escape(&figure.label));
        }
        if self.rows.is_empty() {
            let _ = writeln!(text, "\n{}", self.nothing);
        } else {
            let _ = writeln!(text, "\n| {} |\n|{}", self.heads.join(" | "), " --- |".repeat(self.heads.len()));
            for row in &self.rows {
                let cells: Vec<String> = row.cells.iter().map(markdown_cell).collect();
                let _ = writeln!(text, "| {} |", cells.join(" | "));
            }
        }
        text.push_str(&markdown_foot(self.run));
        out.write_all(text.as_bytes())
    }

    /// One self-contained page.
    pub fn html(&self, out: &mut dyn Write) -> io::Result<()> {
        super::page::sheet(self, out)
    }
}

fn markdown_cell(cell: &Cell) -> String {
    let line = |bit: &Bit| {
        let text = escape(&bit.text);
        let text = match bit.tone {
            Tone::Strong => format!("**{text}**"),
            Tone::Bad => format!("\u{26a0} {text}"),
            Tone::Code => format!("<code>{}</code>", text.replace("<!-- -->", "")),
            Tone::Plain | Tone::Quiet | Tone::Good => text,
        };
        if bit.label.is_empty() { text } else { format!("{}: {text}", bit.label) }
    };
    cell.0.iter().map(line).collect::<Vec<_>>().join("<br>")
}

/// What it was made from, and what that cannot show.
pub(super) fn markdown_foot(run: &Run) -> String {
    let mut text = "\n## Made from\n\n".to_owned();
    for (name, value) in made_from(run) {
        let _ = writeln!(text, "- {name}: {}", escape(&value));
    }
    text.push_str("\n## Limits\n\n");
    for limit in &run.limits {
        let _ = writeln!(text, "- {}", escape(limit));
    }
    text
}

/// What a report was made from, by name.
pub(super) fn made_from(run: &Run) -> Vec<(&'static str, String)> {
    let mut all = vec![("As of", run.as_of.clone()), ("Tool", format!("{} {}", run.tool, run.version))];
    let policy = match &run.policy_sha256 {
        Some(digest) => format!("profile {}, SHA-256 {digest}", run.profile),
        None => format!("profile {}, the built-in defaults", run.profile),
    };
    all.push(("Policy", policy));
    for input in run.inputs.iter().filter(|i| i.role != "policy") {
        let name = match input.role.as_str() {
            "inventory" => "Inventory",
            "exceptions" => "Exceptions",
            "roster" => "Roster",
            "baseline" => "Baseline",
            _ => "Observations",
        };
        all.push((name, format!("{}, SHA-256 {}", input.name, input.sha256)));
    }
    if let Some(made) = &run.inventory_generated_at {
        all.push(("Inventory exported", made.clone()));
    }
    for repository in &run.repositories {
        let head = repository.head.as_deref().map_or_else(String::new, |h| format!(" at {h}"));
        let cut = if repository.shallow { ", a shallow clone" } else { "" };
        all.push(("Repository", format!("{}{head}{cut}", repository.name)));
    }
    let scope = if run.scope.is_empty() { "nothing".to_owned() } else { run.scope.join(" and ") };
    all.push(("Scanned", format!("{scope}, {}", if run.complete { "complete" } else { "with gaps" })));
    all.push(("Shown", shown(&run.disclose).to_owned()));
    all
}

fn shown(level: &str) -> &'static str {
    match level {
        "full" => "everything, people, tickets and contract dates included",
        "ids" => "ids of records and partners; no people, tickets or contract dates",
        _ => "no ids of records or partners, no people, tickets or contract dates",
    }
}

/// `yes`, `no`, and nothing for what cannot be told.
pub(super) fn yes(value: Option<bool>) -> String {
    value.map_or("", |v| if v { "yes" } else { "no" }).to_owned()
}

/// A list in one cell.
pub(super) fn list(items: &[String]) -> String {
    items.join("; ")
}

/// The ids of checks in one cell.
pub(super) fn ids(items: &[crate::govern::CheckId]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The day of a date or a date-time.
pub(super) fn day(text: &str) -> &str {
    if text.len() > 10 && text.as_bytes()[10] == b'T' { &text[..10] } else { text }
}

/// The start of a commit's id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// A figure that is good at zero.
pub(super) fn none_of(n: usize, label: &str) -> Figure {
    Figure { number: n.to_string(), label: label.to_owned(), tone: if n == 0 { Tone::Good } else { Tone::Bad } }
}

/// A figure that is neither good nor bad.
pub(super) fn number_of(n: usize, one: &str, many: &str) -> Figure {
    Figure { number: n.to_string(), label: if n == 1 { one } else { many }.to_owned(), tone: Tone::Plain }
}
