//! Rules and suppressions of other scanners, read into keyward's own files.
//!
//! Takes the text of one foreign file; gives a rule file, an exclusion list, a list of exceptions that
//! still need an approval, and what was carried over and what could not be. Nothing is guessed: what has
//! no counterpart is named. No value is shown.

mod expression;
mod ignores;
mod markers;
mod toml_rules;

use std::fmt::Write as _;

use crate::detect::ForeignMarker;

/// What became of a foreign file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// What the file is, for people: "gitleaks configuration".
    pub format: &'static str,
    /// A keyward rule file, empty if there is nothing for one.
    pub rules: String,
    /// Lines for keyward.toml.
    pub config: String,
    /// An exceptions file; each entry lacks what only people can give.
    pub exceptions: String,
    /// What was carried over; sentences.
    pub carried: Vec<String>,
    /// What was not, and why; sentences.
    pub left: Vec<String>,
    /// The scanners whose inline markers go with the file.
    pub(crate) markers: Vec<ForeignMarker>,
}

/// Why a file cannot be migrated. Shows no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct MigrateError {
    /// The file as it was named.
    pub file: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// Reads a foreign file; its format is told from name and content.
pub fn migrate(name: &str, text: &str) -> Result<Migrated, MigrateError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    read(name, text).map_err(|problem| MigrateError { file: name.to_owned(), problem }).map(|mut out| {
        out.left.push(format!(
            "inline markers ({}): they stay where they are and cover nothing; [suppress] foreign_markers = [{}] in \
             keyward.toml has them count",
            out.markers.iter().map(|m| m.words().join(", ")).collect::<Vec<_>>().join(", "),
            out.markers.iter().map(|m| quoted(m.word())).collect::<Vec<_>>().join(", "),
        ));
        out
    })
}

/// Looks for inline markers below a folder, and gives the setting that honours them.
pub fn migrate_markers(folder: &std::path::Path) -> Migrated {
    markers::read(folder)
}

fn read(name: &str, text: &str) -> Result<Migrated, String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if file.ends_with("ignore") {
        return ignores::fingerprints(text)
            .ok_or_else(|| "expected lines of commit:path:rule:line or path:rule:line".to_owned());
    }
    if text.trim_start().starts_with('{') {
        return ignores::baseline(text);
    }
    toml_rules::read(text)
}

impl Migrated {
    /// What happened, for people.
    pub fn summary(&self) -> String {
        let mut out = format!("{}: {} carried over, {} not\n", self.format, self.carried.len(), self.left.len());
        for text in &self.carried {
            let _ = writeln!(out, "  + {text}");
        }
        for text in &self.left {
            let _ = writeln!(out, "  - {text}");
        }
        out
    }
}

/// A text as it is written in TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
