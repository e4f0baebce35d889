//! CSV as a stream of rows with normalised headers.
//!
//! Recognises `,`, `;`, tab and `|`, the `sep=` line of spreadsheets, byte-order marks (dropped
//! before), CRLF and quoted line ends. A header that occurs twice is an error: nobody can tell which
//! column counts. A row with another number of cells than the header is set aside.

use super::InventoryError;
use super::intake::Intake;

/// A table's header.
pub(crate) struct Header {
    /// Normalised names: lower case, `_` for spaces and hyphens.
    pub(crate) names: Vec<String>,
    /// As they are written.
    pub(crate) written: Vec<String>,
}

impl Header {
    /// Whether all of these columns are there.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|n| self.position(n).is_some())
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }
}

/// One row.
pub(crate) struct Row<'t> {
    header: &'t Header,
    cells: &'t csv::StringRecord,
    /// Line on which it begins.
    pub(crate) line: u32,
}

impl Row<'_> {
    /// The cell of a column, by its normalised name; empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.header.position(name).map_or("", |i| self.cell(i))
    }

    /// The first of several columns that is not empty.
    pub(crate) fn any(&self, names: &[&str]) -> &str {
        names.iter().map(|n| self.get(n)).find(|c| !c.is_empty()).unwrap_or("")
    }

    /// Whether a cell is a formula, which no field takes.
    pub(crate) fn is_formula(&self, column: usize) -> bool {
        let cell = self.cells.get(column).unwrap_or("").trim();
        cell.starts_with('=') && unquoted(cell).len() == cell.len()
    }

    /// The cell of a column by number.
    pub(crate) fn cell(&self, column: usize) -> &str {
        unquoted(self.cells.get(column).unwrap_or(""))
    }

    pub(crate) fn header(&self) -> &Header {
        self.header
    }
}

/// A whole table, not yet read.
pub(crate) struct Table<'a> {
    pub(crate) header: Header,
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    /// Lines before the header that the reader does not see.
    skipped: u32,
}

/// Lower case, `_` for spaces and hyphens: `Partner ID` is `partner_id`.
pub(crate) fn normal_name(name: &str) -> String {
    name.trim().chars().map(|c| if matches!(c, ' ' | '-') { '_' } else { c.to_ascii_lowercase() }).collect()
}

impl<'a> Table<'a> {
    /// Opens a table and reads its header.
    pub(crate) fn open(text: &'a str, intake: &Intake<'_>) -> Result<Self, InventoryError> {
        let (separator, text, skipped) = separator(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(text.as_bytes());
        let mut first = csv::StringRecord::new();
        let read = reader.read_record(&mut first);
        if !matches!(read, Ok(true)) {
            return Err(intake.fail(skipped + 1, 1, "", "expected a header line with the names of the columns"));
        }
        let written: Vec<String> = first.iter().map(|n| n.trim().to_owned()).collect();
        let names: Vec<String> = written.iter().map(|n| normal_name(n)).collect();
        let mut order: Vec<usize> = (0..names.len()).filter(|i| !names[*i].is_empty()).collect();
        order.sort_by_key(|i| (&names[*i], *i));
        let twice = order.windows(2).filter(|pair| names[pair[0]] == names[pair[1]]).map(|pair| pair[1]).min();
        if let Some(i) = twice {
            let problem = format!("column {} has a name that another column has too", i + 1);
            return Err(intake.fail(skipped + 1, i as u32 + 1, &written[i], problem));
        }
        Ok(Self { header: Header { names, written }, text, reader, skipped })
    }

    /// Visits each row; rows without any content are passed over.
    pub(crate) fn each(
        self,
        intake: &mut Intake<'_>,
        mut visit: impl FnMut(&mut Intake<'_>, &Row<'_>) -> Result<(), InventoryError>,
    ) -> Result<(), InventoryError> {
        let Self { header, text, mut reader, skipped } = self;
        let mut lines = Lines { text: text.as_bytes(), at: 0, line: skipped + 1 };
        let mut cells = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(e) => {
                    let line = lines.line_of(e.position().map_or(0, csv::Position::byte));
                    return Err(intake.fail(line, 1, "", "expected a row of separated values"));
                }
            }
            let line = lines.line_of(cells.position().map_or(0, csv::Position::byte));
            if cells.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            if cells.len() == header.names.len() {
                visit(intake, &Row { header: &header, cells: &cells, line })?;
            } else {
                let n = cells.len();
                let s = if n == 1 { "" } else { "s" };
                let problem = format!("{n} cell{s} where the header has {}", header.names.len());
                intake.set_aside(line, "", problem);
            }
        }
    }
}

/// Counts lines up to where rows begin; the reader's own count is off after CRLF and empty lines.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn line_of(&mut self, byte: u64) -> u32 {
        let mut to = (byte as usize).clamp(self.at, self.text.len());
        while matches!(self.text.get(to), Some(b'\r' | b'\n')) {
            to += 1;
        }
        self.line += memchr::memchr_iter(b'\n', &self.text[self.at..to]).count() as u32;
        self.at = to;
        self.line
    }
}

/// The separator, the text after a `sep=` line, and how many lines that took.
fn separator(text: &str) -> (u8, &str, u32) {
    let first = text.lines().next().unwrap_or("");
    if let Some(declared) = first.to_ascii_lowercase().strip_prefix("sep=")
        && let [separator @ (b',' | b';' | b'\t' | b'|')] = declared.as_bytes()
    {
        return (*separator, text.split_once('\n').map_or("", |(_, rest)| rest), 1);
    }
    let mut quoted = false;
    let mut counts = [0_usize; 4];
    for b in first.bytes() {
        quoted ^= b == b'"';
        if let Some(i) = b",;\t|".iter().position(|s| *s == b && !quoted) {
            counts[i] += 1;
        }
    }
    let most = (0..4).rev().max_by_key(|i| counts[*i]).unwrap_or(0);
    (b",;\t|"[most], text, 0)
}

/// A cell as it was meant: without the apostrophe that keeps spreadsheets from reading it as a
/// formula, and without the formula that keeps digits a text (`="0123"`).
fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|c| c.strip_suffix('"')) {
        return inner;
    }
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}
