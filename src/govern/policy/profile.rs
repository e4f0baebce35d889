//! Profiles and overrides of levels.

use std::collections::BTreeMap;

use crate::govern::check::{Check, Level};

/// A set of levels and limits to start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The first weeks: a handful of errors, everything else a note.
    Minimal,
    /// The default.
    #[default]
    Standard,
    /// Halved lifetimes, approvals and data classes demanded everywhere.
    Regulated,
}

impl Profile {
    /// The words of a policy.
    pub const WORDS: &'static [&'static str] = &["minimal", "standard", "regulated"];

    /// The word of a policy.
    pub fn word(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Regulated => "regulated",
        }
    }

    /// The profile of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Minimal, Self::Standard, Self::Regulated].into_iter().find(|p| p.word() == word)
    }

    /// The level that the profile sets for a check, if it differs from the check's own. Leaks keep
    /// theirs in every profile.
    pub(crate) fn level_of(self, check: &Check) -> Option<Level> {
        match (self, check.id.0) {
            (Self::Standard, _) | (_, 0..=99) => None,
            (Self::Minimal, 101 | 109 | 201 | 402 | 412 | 501 | 503) | (Self::Regulated, 301 | 302 | 706 | 708) => {
                Some(Level::Error)
            }
            (Self::Minimal, _) => Some(Level::Note),
            (Self::Regulated, _) => None,
        }
    }
}

/// Levels that the organisation set for one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Everywhere else.
    pub default: Option<Level>,
    /// By environment; `prod` stands for every environment of production.
    pub environments: BTreeMap<String, Level>,
}

impl Override {
    /// The level for a finding in `environment`, and where it comes from.
    pub(crate) fn level_in(&self, environment: Option<&str>, production: bool) -> Option<(Level, &str)> {
        let named = environment.and_then(|e| self.environments.get_key_value(e));
        let production = || production.then(|| self.environments.get_key_value("prod")).flatten();
        let stated = named.or_else(production).map(|(name, level)| (*level, name.as_str()));
        stated.or_else(|| self.default.map(|level| (level, "every environment")))
    }
}
