//! Reading inventory exports: recognise the format from the content, hand it to its importer, merge
//! what several sources say.
//!
//! A file that cannot be read at all is an [`InventoryError`]; a row or a field that cannot be used
//! is noted in the inventory and the rest is kept. No message shows a value.

mod apigee;
mod aws_api_gateway;
mod aws_iam;
mod aws_secrets_manager;
mod azure_apim;
mod azure_key_vault;
mod backstage;
mod canonical;
mod cyberark;
mod entra;
mod formats;
mod gcp_api_keys;
mod gcp_secret_manager;
mod gcp_service_account_keys;
mod github;
mod gravitee;
mod hmsl;
mod intake;
mod json;
mod kong;
mod mapping;
mod merge;
mod node;
mod okta;
mod secret_value;
mod servicenow;
mod shape;
mod stray;
mod table;
mod tyk;
mod vault;
mod wso2;
mod yaml;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

pub use mapping::{MappedField, MappedRule, Mapping};

pub(crate) use self::intake::shown;

pub use self::formats::formats;
use self::formats::{FORMATS, Format};
use self::intake::Intake;
use self::table::Table;
use super::record::Inventory;
use crate::secret::{Pepper, hex};

/// One file of the inventory.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// As it was named on the command line.
    pub name: String,
    /// A format of [`formats`], `csv`, `json`, `yaml`, or a declared mapping; `None` to recognise it.
    pub format: Option<String>,
    /// What it holds, where that was read elsewhere: from the trusted side of a change.
    pub content: Option<Vec<u8>>,
}

/// What importing needs to know.
pub struct LoadOptions<'a> {
    /// Keys for the fingerprints of raw secrets met in exports.
    pub peppers: &'a [Pepper],
    /// The first row that cannot be used is an error.
    pub strict: bool,
    /// Declared column mappings by name.
    pub mappings: &'a BTreeMap<String, Mapping>,
    /// Most bytes of one file.
    pub max_bytes: u64,
    /// Most records of all files.
    pub max_rows: usize,
}

/// An inventory file that cannot be read. Names places and expectations, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct InventoryError {
    /// The file as it was named.
    pub file: String,
    /// From 1; 0 where no line is to blame.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// The field, where one is to blame.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl InventoryError {
    fn text(&self) -> String {
        let mut text = self.file.clone();
        if self.line > 0 {
            let _ = write!(text, ":{}:{}", self.line, self.column.max(1));
        }
        if !self.field.is_empty() {
            let _ = write!(text, ": field {}", self.field);
        }
        format!("{text}: {}", self.problem)
    }
}

/// Imports all sources and merges them.
pub fn load(sources: &[Source], options: &LoadOptions<'_>) -> Result<Inventory, InventoryError> {
    let mut inventory = Inventory::default();
    let mut ends = Vec::with_capacity(sources.len());
    for source in sources {
        match &source.content {
            Some(bytes) => load_bytes(source, bytes, options, &mut inventory)?,
            None => load_bytes(source, &read_file(source, options.max_bytes)?, options, &mut inventory)?,
        }
        ends.push(inventory.records.len());
    }
    finish(&mut inventory, &ends);
    stray::take_out(&mut inventory, options.peppers);
    Ok(inventory)
}

/// What can be said only when all sources are read. `ends` has the number of records after each.
fn finish(inventory: &mut Inventory, ends: &[usize]) {
    let rows = inventory.records.iter().filter_map(|r| r.generated_at);
    inventory.generated_at = rows.chain(inventory.generated_at).min();
    merge::name_partners(inventory);
    merge::merge_sources(inventory, ends);
}

fn error_of(source: &Source, problem: impl Into<String>) -> InventoryError {
    let (field, problem) = (String::new(), problem.into());
    InventoryError { file: source.name.clone(), line: 0, column: 0, field, problem }
}

fn read_file(source: &Source, max_bytes: u64) -> Result<Vec<u8>, InventoryError> {
    let unreadable = |e: std::io::Error| {
        let next =
            if e.kind() == std::io::ErrorKind::NotFound { "; `keyward inventory template` starts one" } else { "" };
        error_of(source, format!("cannot be read: {}{next}", e.kind()))
    };
    let file = std::fs::File::open(&source.path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > max_bytes {
        return Err(error_of(source, format!("more than {max_bytes} bytes")));
    }
    Ok(bytes)
}

/// Imports one file's content.
fn load_bytes(
    source: &Source,
    bytes: &[u8],
    options: &LoadOptions<'_>,
    inventory: &mut Inventory,
) -> Result<(), InventoryError> {
    inventory.digests.insert(source.name.clone(), hex(&Sha256::digest(bytes)));
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(error_of(source, "expected CSV, JSON or YAML; this is a workbook or an archive: export it as CSV"));
    }
    let decoded = crate::source::decode(bytes);
    let text = match std::str::from_utf8(&decoded) {
        Ok(text) => std::borrow::Cow::Borrowed(text),
        // Spreadsheets of western Europe: every byte is a character of Latin-1.
        Err(_) => decoded.iter().map(|b| char::from(*b)).collect(),
    };
    if text.trim().is_empty() {
        return Err(error_of(source, "expected an inventory export; the file is empty"));
    }
    let before = inventory.errors.len();
    let mut intake = Intake::new(&source.name, options, inventory);
    let format = read_text(source, &text, &mut intake)?;
    intake.finish();
    inventory.formats.insert(source.name.clone(), format);
    match inventory.errors.get(before) {
        Some(bad) if options.strict => Err(InventoryError {
            file: bad.at.file.to_string(),
            line: bad.at.line,
            column: 1,
            field: bad.field.clone(),
            problem: bad.problem.clone(),
        }),
        _ => Ok(()),
    }
}

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Yaml,
    Csv,
}

fn syntax_of(source: &Source, text: &str) -> Syntax {
    let extension = source.path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    match extension.as_str() {
        "csv" | "tsv" => return Syntax::Csv,
        "json" | "jsonl" | "ndjson" => return Syntax::Json,
        "yaml" | "yml" => return Syntax::Yaml,
        _ => {}
    }
    if text.trim_start().starts_with(['{', '[']) {
        return Syntax::Json;
    }
    let mut lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let first = lines.next().unwrap_or("");
    let is_yaml = first.starts_with("---") || first.starts_with("- ") || first.contains(": ") || first.ends_with(':');
    if is_yaml { Syntax::Yaml } else { Syntax::Csv }
}

/// Reads a text in the format it has; the answer is the format's name.
fn read_text(source: &Source, text: &str, intake: &mut Intake<'_>) -> Result<String, InventoryError> {
    let syntax = match source.format.as_deref() {
        Some("csv") => Some(Syntax::Csv),
        Some("json") => Some(Syntax::Json),
        Some("yaml") => Some(Syntax::Yaml),
        _ => None,
    };
    let wanted = source.format.as_deref().filter(|_| syntax.is_none());
    let mapping = wanted.and_then(|name| intake.options.mappings.get(name));
    if let Some(name) = wanted
        && mapping.is_none()
        && !FORMATS.iter().any(|f| f.name == name)
    {
        let names: Vec<_> = FORMATS.iter().map(|f| f.name).collect();
        let problem = format!("expected a format ({}) or the name of a declared mapping", names.join(", "));
        return Err(error_of(source, problem));
    }
    let named = |format: &Format| wanted.is_none_or(|name| name == format.name);
    let lines = |f: &&Format| named(f) && f.lines.is_some_and(|(recognises, _)| wanted.is_some() || recognises(text));
    if let Some((format, (_, read))) =
        FORMATS.iter().find(lines).filter(|_| mapping.is_none()).and_then(|f| Some((f, f.lines?)))
    {
        intake.format = format.name;
        return read(text, intake).map(|()| format.name.to_owned());
    }
    let unknown = || {
        let problem = "not a known inventory export; name its format (FILE:FORMAT) or declare a mapping";
        Err(error_of(source, problem))
    };
    let syntax = syntax.unwrap_or_else(|| syntax_of(source, text));
    if syntax == Syntax::Csv {
        let table = Table::open(text, intake)?;
        if let (Some(mapping), Some(name)) = (mapping, wanted) {
            return mapping::read_table(mapping, table, intake).map(|()| name.to_owned());
        }
        let fits = |f: &&Format| {
            named(f) && f.table.is_some_and(|(recognises, _)| wanted.is_some() || recognises(&table.header))
        };
        let Some((format, (_, read))) = FORMATS.iter().find(fits).and_then(|f| Some((f, f.table?))) else {
            return unknown();
        };
        intake.format = format.name;
        return read(table, intake).map(|()| format.name.to_owned());
    }
    let tree = if syntax == Syntax::Json { json::read(text) } else { yaml::read(text) };
    let tree = tree.map_err(|e| intake.fail(e.line, e.column, "", e.problem))?;
    if let (Some(mapping), Some(name)) = (mapping, wanted) {
        return mapping::read_tree(mapping, &tree, intake).map(|()| name.to_owned());
    }
    let fits = |f: &&Format| named(f) && f.tree.is_some_and(|(recognises, _)| wanted.is_some() || recognises(&tree));
    let Some((format, (_, read))) = FORMATS.iter().find(fits).and_then(|f| Some((f, f.tree?))) else {
        return unknown();
    };
    intake.format = format.name;
    read(&tree, intake).map(|()| format.name.to_owned())
}

#[cfg(test)]
pub(super) mod tests;

#[cfg(test)]
mod samples;
