//! What a check is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For the record.
    Note,
    /// To be dealt with.
    Warning,
    /// To be dealt with now.
    Error,
}

impl Level {
    /// `error`, `warning`, `note`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// `steps` up (or down, if negative), within bounds.
    #[must_use]
    pub fn shifted(self, steps: i32) -> Self {
        match (self as i32 + steps).clamp(0, 2) {
            0 => Self::Note,
            1 => Self::Warning,
            _ => Self::Error,
        }
    }
}

/// The number of a check: `KW101` is 101. Never changes meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u16);

impl CheckId {
    /// Reads `KW101`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("KW").or_else(|| text.strip_prefix("kw"))?;
        (digits.len() == 3).then(|| digits.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KW{:03}", self.0)
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CheckId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CheckId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a check id such as KW101"))
    }
}

/// One governance question: a row of the table. Text, documentation and SARIF rules come from it.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its number.
    pub id: CheckId,
    /// Its name: `shadow-credential`.
    pub slug: &'static str,
    /// A noun phrase: "Credential in no inventory".
    pub title: &'static str,
    /// What it says and why it matters, in two or three sentences.
    pub why: &'static str,
    /// What to do, in the imperative.
    pub remedy: &'static str,
    /// Level before modifiers.
    pub level: Level,
    /// SARIF `security-severity` before modifiers.
    pub severity: f32,
    /// What it needs: shown where it could not be evaluated.
    pub needs: &'static str,
    /// References: `NHI2:2025`, `CSF PR.DS-01`, `ISO A.5.17`, `SOC2 CC6.1`, `PCI 8.3.2`, `CIS 5.5`, `CWE-798`.
    /// Those that begin with `AI RMF` hold for partners that are AI services: see [`Check::taxa_of`].
    pub taxa: &'static [&'static str],
}

impl Check {
    /// The references for a partner that is, or is not, an AI service.
    pub fn taxa_of(&self, ai_service: bool) -> impl Iterator<Item = &'static str> {
        self.taxa.iter().copied().filter(move |t| ai_service || !t.starts_with("AI RMF"))
    }

    /// The name that a framework had for a reference before: `CSF PR.AC-4` is now `CSF PR.AA-05`.
    pub fn taxon_alias(taxon: &str) -> &str {
        match taxon {
            "PR.AC-4" | "CSF PR.AC-4" => "CSF PR.AA-05",
            other => other,
        }
    }
}
