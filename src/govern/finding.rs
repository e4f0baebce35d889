//! A judgement: a check that failed for an observation or a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Policy;
use super::check::{Check, CheckId, Level};
use super::severity::{self, Setting};
use crate::observe::{Excerpt, Exposure};
use crate::position::Location;
use crate::secret::{CredentialId, FindingKey};
use crate::source::{Place, RepoPath};

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A credential that was observed.
    Credential(CredentialId),
    /// A record of the inventory, by id (and source line where ids repeat).
    Record(String),
    /// An exception, a policy, the inventory as a whole.
    Governance(String),
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// Path from the repository's top, or the inventory's file as it was named.
    pub path: RepoPath,
    /// Lines and columns.
    pub location: Location,
    /// Tree, index, history, stdin; `None` for inventory and configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The masked line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// The time it was there, for history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
    /// What it is, for related places: "inventory record", "also here".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What happened to a finding after it was made. It is never dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Counts.
    #[default]
    Open,
    /// A written, approved, unexpired permission covers it.
    Excepted {
        /// The exception's id.
        id: String,
        /// Its last day; empty where it has none.
        until: String,
    },
    /// Accepted as already known.
    Baselined,
}

impl Disposition {
    /// The permission that covers it: `exception EXC-12 until 2027-01-31`, `keyward.toml:12`.
    pub fn permission(&self) -> Option<String> {
        let Self::Excepted { id, until } = self else { return None };
        // Permissions beside values and in keyward.toml are named by their place.
        let place = id.split(':').skip(1).any(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let what = if place { "" } else { "exception " };
        let until = if until.is_empty() { String::new() } else { format!(" until {until}") };
        Some(format!("{what}{id}{until}"))
    }
}

/// A change of level, with its reason; printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Modifier {
    /// Why: "production environment".
    pub reason: String,
    /// Steps up or down; 0 for a cap that had nothing to do.
    pub steps: i32,
}

/// A check that failed, with its evidence. Made by `FindingBuilder` alone, which demands a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Identity over runs.
    pub key: FindingKey,
    /// Which check.
    pub check: CheckId,
    /// Level after modifiers.
    pub level: Level,
    /// Why the level differs from the check's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<Modifier>,
    /// What it is about.
    pub subject: Subject,
    /// One sentence with the specifics; no names of people, tickets or contract dates beyond what
    /// `disclose` allows.
    pub message: String,
    /// Where it is.
    pub primary: Spot,
    /// What else decides: the inventory's row, other sightings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Spot>,
    /// Partner id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Inventory record id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Match level and reason: `certain`, by `key id`.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matched: Option<String>,
    /// Facts that decided, value-free.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
    /// Open, excepted or baselined.
    pub disposition: Disposition,
}

impl Finding {
    /// Whether it counts for the gate.
    pub fn is_open(&self) -> bool {
        self.disposition == Disposition::Open
    }

    /// SARIF's `security-severity` of this finding: its level's number, and one more for each step
    /// up that the level had no room for; at most 9.8.
    pub fn severity(&self) -> f32 {
        let base = match self.level {
            Level::Note => return 2.0,
            Level::Warning => return 5.0,
            Level::Error => 7.5,
        };
        let start = super::checks::get(self.check).map_or(Level::Error, |check| check.level);
        let reached = start as i32 + self.modifiers.iter().map(|m| m.steps).sum::<i32>();
        let beyond = (reached - self.level as i32).clamp(0, severity::MOST_STEPS);
        (base + beyond as f32).min(9.8)
    }
}

/// Makes findings, and is the only way to make one: without a place there is none.
pub(crate) struct FindingBuilder {
    subject: Subject,
    primary: Spot,
    anchor: Vec<u8>,
    message: String,
    related: Vec<Spot>,
    partner: Option<String>,
    record: Option<String>,
    matched: Option<String>,
    facts: BTreeMap<String, Value>,
    setting: Setting,
}

impl FindingBuilder {
    /// Most related places of one finding; how many there are in all is a fact.
    const RELATED: usize = 20;

    /// A finding about `subject` at `primary`. Its identity is the check, the subject and `anchor`:
    /// the path where there is one finding per path, else nothing.
    pub(crate) fn new(subject: Subject, primary: Spot, anchor: &[u8]) -> Self {
        Self {
            subject,
            primary,
            anchor: anchor.to_vec(),
            message: String::new(),
            related: Vec::new(),
            partner: None,
            record: None,
            matched: None,
            facts: BTreeMap::new(),
            setting: Setting::default(),
        }
    }

    /// One sentence with the specifics.
    pub(crate) fn message(mut self, message: impl AsRef<str>) -> Self {
        self.message = clean(message.as_ref());
        self
    }

    /// Another place that decides.
    pub(crate) fn related(mut self, spot: Spot) -> Self {
        self.related.push(spot);
        self
    }

    /// Whose credential it is.
    pub(crate) fn partner(mut self, id: &str) -> Self {
        if !id.is_empty() {
            self.partner = Some(clean(id));
        }
        self
    }

    /// The record that it is about or that decides.
    pub(crate) fn record(mut self, id: &str) -> Self {
        self.record = Some(clean(id));
        self
    }

    /// How observation and record belong together.
    pub(crate) fn matched(mut self, how: impl Into<String>) -> Self {
        self.matched = Some(how.into());
        self
    }

    /// A fact that decided; empty ones are left out. Values of people, tickets and contracts stand
    /// under the names of [`super::facts`], which reports redact.
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = match value.into() {
            Value::String(text) => Value::String(clean(&text)),
            Value::Array(items) => {
                let item = |v| if let Value::String(text) = v { Value::String(clean(&text)) } else { v };
                Value::Array(items.into_iter().map(item).collect())
            }
            other => other,
        };
        let empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            self.facts.insert(name.to_owned(), value);
        }
        self
    }

    /// The circumstances that change the level.
    pub(crate) fn setting(mut self, change: impl FnOnce(&mut Setting)) -> Self {
        change(&mut self.setting);
        self
    }

    /// A step up for a reason of this check's own.
    pub(crate) fn raise(self, reason: &str) -> Self {
        self.setting(|s| s.own.push((reason.to_owned(), 1)))
    }

    /// At most `level`, for a reason of this check's own.
    pub(crate) fn cap(self, level: Level, reason: &str) -> Self {
        self.setting(|s| s.caps.push((reason.to_owned(), level)))
    }

    /// The finding, with its level and its identity.
    pub(crate) fn build(mut self, check: &Check, policy: &Policy) -> Finding {
        let (level, modifiers) = severity::judge(policy, check, &self.setting);
        let number = check.id.to_string();
        let key = match &self.subject {
            Subject::Credential(id) => {
                FindingKey::from_parts(&[number.as_bytes(), id.to_string().as_bytes(), &self.anchor])
            }
            Subject::Record(id) => FindingKey::from_parts(&[number.as_bytes(), b"record", id.as_bytes(), &self.anchor]),
            Subject::Governance(id) => {
                FindingKey::from_parts(&[number.as_bytes(), b"governance", id.as_bytes(), &self.anchor])
            }
        };
        self.related.sort();
        self.related.dedup();
        if self.related.len() > Self::RELATED {
            self.facts.insert("related_total".to_owned(), self.related.len().into());
            self.related.truncate(Self::RELATED);
        }
        Finding {
            key,
            check: check.id,
            level,
            modifiers,
            subject: self.subject,
            message: self.message,
            primary: self.primary,
            related: self.related,
            partner: self.partner,
            record: self.record,
            matched: self.matched,
            facts: self.facts,
            disposition: Disposition::Open,
        }
    }
}

/// Text of an inventory or a configuration as it may be shown: without control characters, and not
/// longer than people read.
pub(crate) fn clean(text: &str) -> String {
    const LONGEST: usize = 300;
    let shown = |c: char| if c.is_control() || is_invisible(c) { '\u{b7}' } else { c };
    let mut out: String = text.chars().take(LONGEST).map(shown).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('\u{2026}');
    }
    out
}

/// Characters that turn the direction of text or cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
