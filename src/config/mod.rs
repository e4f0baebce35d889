//! keyward.toml: raw, then validated. Nothing downstream sees what was not validated.
//!
//! Every error points at file and line and names the field; none shows a value. Paths in the file
//! are relative to the file.

mod error;
mod policy;
mod raw;

use std::path::{Path, PathBuf};

pub use error::ConfigError;
use error::Source;

use crate::govern::Policy;
use crate::govern::policy::Globs;

/// What keyward.toml says, validated.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Thresholds, environments, gates.
    pub policy: Policy,
    /// Paths that are left out, counted in the coverage.
    pub exclude: Option<Globs>,
    /// Rules of one's own.
    pub rules: Rules,
    /// Inventory exports.
    pub inventory: Vec<InventorySource>,
    /// People and teams.
    pub roster: Option<PathBuf>,
    /// Exceptions.
    pub exceptions: Option<PathBuf>,
    /// What is already known.
    pub baseline: Option<PathBuf>,
    /// The branch on which removal counts.
    pub default_branch: Option<String>,
    /// The gate to use where no flag says otherwise: a key of the policy's gates.
    pub stage: Option<String>,
}

/// Rules of one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Rule files.
    pub files: Vec<PathBuf>,
    /// They take the place of the built-in ones.
    pub replace: bool,
}

/// One inventory export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventorySource {
    /// The file.
    pub path: PathBuf,
    /// Its format, or the name of a mapping; recognised if not stated.
    pub format: Option<String>,
    /// When it was made, where it does not say so itself.
    pub generated_at: Option<crate::inventory::When>,
}

impl Config {
    /// Reads and validates a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError::unreadable(&name, &e))?;
        Self::parse(&name, path.parent().unwrap_or(Path::new("")), &text)
    }

    /// Validates a text that was read elsewhere: from the trusted base, for example.
    pub fn parse(name: &str, folder: &Path, text: &str) -> Result<Self, ConfigError> {
        let source = Source::new(name, text);
        let raw: raw::File = toml::from_str(source.text).map_err(|e| source.parse_error(&e))?;
        let path = |p: String| folder.join(p);
        let files = |list: Vec<toml::Spanned<String>>, field: &str| -> Result<Vec<PathBuf>, ConfigError> {
            list.into_iter().map(|p| Ok(path(source.text_of(&p, field)?))).collect()
        };
        let file = |p: Option<toml::Spanned<String>>, field: &str| -> Result<Option<PathBuf>, ConfigError> {
            p.map(|p| Ok(path(source.text_of(&p, field)?))).transpose()
        };
        let exclude = if raw.exclude.is_empty() { None } else { Some(source.globs(&raw.exclude, "exclude")?) };
        let mut inventory = Vec::new();
        for one in raw.inventory {
            inventory.push(InventorySource {
                path: path(source.text_of(&one.path, "inventory.path")?),
                format: one.format.map(toml::Spanned::into_inner),
                generated_at: one.generated_at.map(|w| source.when(&w, "inventory.generated_at")).transpose()?,
            });
        }
        let rules = Rules { files: files(raw.rules.files, "rules.files")?, replace: raw.rules.replace };
        if rules.replace && rules.files.is_empty() {
            return Err(source.error_at(0, "rules.replace", "expected rule files in rules.files: zero rules find nothing"));
        }
        let policy = policy::validate(&source, raw.policy)?;
        if let Some(stage) = &raw.stage
            && !policy.gates.contains_key(stage.get_ref())
        {
            let names: Vec<&str> = policy.gates.keys().map(String::as_str).collect();
            return Err(source.error(stage, "stage", &format!("expected a gate of the policy: {}", names.join(", "))));
        }
        Ok(Self {
            policy,
            exclude,
            rules,
            inventory,
            roster: file(raw.roster, "roster")?,
            exceptions: file(raw.exceptions, "exceptions")?,
            baseline: file(raw.baseline, "baseline")?,
            default_branch: raw.default_branch,
            stage: raw.stage.map(toml::Spanned::into_inner),
        })
    }
}

#[cfg(test)]
mod tests;
