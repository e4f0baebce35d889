//! keyward.toml: raw, then validated. Nothing downstream sees what was not validated.
//!
//! Every error points at file and line and names the field; none shows a value. Paths in the file
//! are relative to the file.

mod allow;
mod error;
pub(crate) mod migrate;
mod policy;
mod raw;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use error::ConfigError;
use error::Source;

use crate::detect::candidate::rule_file::RuleFile;
use crate::detect::{Watchlist, Wishes};
use crate::govern::Policy;
use crate::inventory::{self, Mapping, When};
use crate::source::worktree::Excluded;

/// What keyward.toml says, validated.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Thresholds, environments, gates.
    pub policy: Policy,
    /// Paths that are left out, counted in the coverage.
    pub exclude: Excluded,
    /// Files with rules of one's own.
    pub rule_files: Vec<PathBuf>,
    /// They take the place of the built-in ones.
    pub replace_rules: bool,
    /// Ids of rules that are switched off, each with the error to raise if there is no such rule.
    pub disabled_rules: Vec<(String, ConfigError)>,
    /// Inventory exports.
    pub inventory: Vec<InventorySource>,
    /// Partners of one's own, beside the built-in directory.
    pub partners: Vec<OwnPartner>,
    /// Column mappings of exports that no format describes, by name.
    pub mappings: BTreeMap<String, Mapping>,
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
    /// What detection is to read of wishes to be left alone.
    pub wishes: Wishes,
}

/// A partner that keyward.toml adds to the directory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnPartner {
    /// Its id: the one of the inventory, if there is one.
    pub id: String,
    /// Name and aliases.
    pub names: Vec<String>,
    /// Hosts, headers and variables.
    pub anchors: Vec<String>,
}

/// One inventory export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventorySource {
    /// The file.
    pub path: PathBuf,
    /// The file as it is named in keyward.toml.
    pub name: String,
    /// Its format, or the name of a mapping; recognised if not stated.
    pub format: Option<String>,
    /// When it was made, where it does not say so itself.
    pub generated_at: Option<When>,
}

/// Reads a file of detection rules; errors point into it as those of keyward.toml do.
pub fn parse_rules(name: &str, text: &str) -> Result<RuleFile, ConfigError> {
    let source = Source::new(name, text);
    toml::from_str(source.text).map_err(|e| source.parse_error(&e))
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
        // Files beside a configuration in the current folder are shown by their names.
        let path = |p: String| if folder == Path::new(".") { PathBuf::from(p) } else { folder.join(p) };
        let files = |list: Vec<toml::Spanned<String>>, field: &str| -> Result<Vec<PathBuf>, ConfigError> {
            list.into_iter().map(|p| Ok(path(source.text_of(&p, field)?))).collect()
        };
        let file = |p: Option<toml::Spanned<String>>, field: &str| -> Result<Option<PathBuf>, ConfigError> {
            p.map(|p| Ok(path(source.text_of(&p, field)?))).transpose()
        };
        let exclude = source.globs(&raw.exclude, "exclude")?.set().clone();
        let mappings = mappings(&source, raw.mappings)?;
        let mut inventory = Vec::new();
        for one in raw.inventory {
            let name = source.text_of(&one.path, "inventory.path")?;
            let known: Vec<&str> =
                inventory::formats().iter().map(|(f, _)| *f).chain(mappings.keys().map(String::as_str)).collect();
            inventory.push(InventorySource {
                path: path(name.clone()),
                name,
                format: one.format.map(|f| source.word(&f, "inventory.format", &known)).transpose()?,
                generated_at: one.generated_at.map(|w| source.when(&w, "inventory.generated_at")).transpose()?,
            });
        }
        let partners = partners(&source, raw.partners)?;
        let rule_files = files(raw.rules.files, "rules.files")?;
        let replace_rules = raw.rules.replace;
        if replace_rules && rule_files.is_empty() {
            return Err(source.error_at(
                0,
                "rules.replace",
                "expected rule files in rules.files: zero rules find nothing",
            ));
        }
        let disabled = |id: &toml::Spanned<String>| {
            let unknown = "no rule has this id; `keyward rules list` shows the built-in ones";
            Ok((source.text_of(id, "rules.disable")?, source.error(id, "rules.disable", unknown)))
        };
        let disabled_rules = raw.rules.disable.iter().map(disabled).collect::<Result<_, ConfigError>>()?;
        let mut policy = policy::validate(&source, raw.policy)?;
        let wishes = allow::validate(&source, (&raw.allow, &raw.suppress), &mut policy)?;
        if let Some(stage) = &raw.stage
            && !policy.gates.contains_key(stage.get_ref())
        {
            let names: Vec<&str> = policy.gates.keys().map(String::as_str).collect();
            return Err(source.error(stage, "stage", &format!("expected a gate of the policy: {}", names.join(", "))));
        }
        Ok(Self {
            policy,
            exclude,
            rule_files,
            replace_rules,
            disabled_rules,
            inventory,
            partners,
            mappings,
            roster: file(raw.roster, "roster")?,
            exceptions: file(raw.exceptions, "exceptions")?,
            baseline: file(raw.baseline, "baseline")?,
            default_branch: raw.default_branch,
            stage: raw.stage.map(toml::Spanned::into_inner),
            wishes,
        })
    }

    /// The inventory exports, as the import takes them.
    pub fn inventory_sources(&self) -> Vec<inventory::Source> {
        let source = |one: &InventorySource| inventory::Source {
            path: one.path.clone(),
            name: one.name.clone(),
            format: one.format.clone(),
            content: None,
        };
        self.inventory.iter().map(source).collect()
    }

    /// Adds one's own partners; what the inventory says of a name or a host comes first.
    pub fn extend(&self, watchlist: &mut Watchlist) {
        for partner in &self.partners {
            for name in &partner.names {
                watchlist.add_name(name, &partner.id);
            }
            for word in &partner.anchors {
                watchlist.add_anchor(word, &partner.id);
            }
        }
    }

    /// Gives records without a date of export the date that keyward.toml states for their file.
    pub fn date_exports(&self, inventory: &mut inventory::Inventory) {
        for one in &self.inventory {
            let Some(when) = one.generated_at else { continue };
            let undated = inventory.records.iter_mut().filter(|r| r.at.file == one.name && r.generated_at.is_none());
            undated.for_each(|r| r.generated_at = Some(when));
            inventory.generated_at = Some(inventory.generated_at.map_or(when, |w| w.min(when)));
        }
    }
}

fn partners(source: &Source<'_>, raw: Vec<raw::Partner>) -> Result<Vec<OwnPartner>, ConfigError> {
    let mut all = Vec::new();
    for one in raw {
        let id = source.text_of(&one.id, "partners.id")?;
        let mut own = OwnPartner { names: vec![id.clone()], id, anchors: Vec::new() };
        for name in one.name.iter().chain(&one.aliases) {
            own.names.push(source.text_of(name, "partners.name")?);
        }
        for (field, words) in
            [("partners.hosts", &one.hosts), ("partners.headers", &one.headers), ("partners.env_vars", &one.env_vars)]
        {
            for word in words {
                own.anchors.push(source.text_of(word, field)?);
            }
        }
        all.push(own);
    }
    Ok(all)
}

fn mappings(
    source: &Source<'_>,
    raw: BTreeMap<String, toml::Spanned<Mapping>>,
) -> Result<BTreeMap<String, Mapping>, ConfigError> {
    let mut all = BTreeMap::new();
    for (name, mapping) in raw {
        if let Some((field, problem)) = mapping.get_ref().problems().first() {
            return Err(source.error(&mapping, &format!("mappings.fields.{field}"), problem));
        }
        all.insert(name, mapping.into_inner());
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
