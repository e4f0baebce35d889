//! Exceptions as data: written, approved, expiring permissions to lower a finding.
//!
//! Read from TOML (`[[exception]]`) or JSON (`{"exceptions": [...]}`). They are never deleted by
//! keyward and end by themselves. Errors name file and line, never a value.

use jiff::civil::Date;
use serde::Deserialize;

use super::check::CheckId;
use super::policy::{ExceptionRules, Selector};
use super::text::{line_of, without_values};
use crate::inventory::When;

/// What an exception is about. What is stated must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExceptionSubject {
    /// A record's id, or a credential's identity as reports show it.
    #[serde(alias = "record")]
    pub credential: String,
    /// A fingerprint, `scheme:digest`.
    pub fingerprint: String,
    /// A path, or a glob over paths.
    pub path: String,
}

/// One exception.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exception {
    /// Its id.
    pub id: String,
    /// `legacy_system`, `emergency`, `accepted_risk`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The checks that it covers: `KW402`; families (`KW4xx`, `leak`) only for false positives.
    #[serde(alias = "rules")]
    pub checks: Vec<String>,
    /// What it is about.
    pub subject: ExceptionSubject,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub requested_by: String,
    /// Who allowed it.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<When>,
    /// Where that is written.
    #[serde(rename = "ref")]
    pub reference: String,
    /// First day.
    pub starts_at: Option<When>,
    /// Last day.
    pub expires_at: Option<When>,
    /// When the legacy system goes.
    pub retire_by: Option<When>,
    /// What protects in the meantime.
    pub compensating_controls: Vec<String>,
    /// The incident of emergency access.
    pub incident_ref: String,
    /// When the emergency was reviewed.
    pub post_review_at: Option<When>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Line in its file, from 1.
    #[serde(skip)]
    pub line: u32,
}

/// All exceptions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// The file as it was named.
    pub file: String,
    /// In the order of the file.
    pub list: Vec<Exception>,
}

/// Why exceptions cannot be used. Shows no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct ExceptionsError {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Exceptions {
    /// Reads exceptions; the format is told from the content.
    pub fn parse(file: &str, text: &str) -> Result<Self, ExceptionsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let list = if text.trim_start().starts_with('{') { from_json(file, text) } else { from_toml(file, text) }?;
        for exception in &list {
            let fail = |problem: &str| Err(error(file, exception.line as usize, problem));
            if exception.id.is_empty() {
                return fail("id: missing");
            }
            if exception.checks.is_empty() {
                return fail("checks: expected at least one check such as KW402");
            }
            if exception.checks.iter().any(|c| Selector::parse(c).is_none()) {
                return fail("checks: expected checks such as KW402, or a family such as KW4xx");
            }
            if super::policy::Globs::new(std::slice::from_ref(&exception.subject.path)).is_err() {
                return fail("subject.path: expected a path or a glob");
            }
        }
        Ok(Self { file: file.to_owned(), list })
    }
}

fn error(file: &str, line: usize, problem: impl Into<String>) -> ExceptionsError {
    ExceptionsError { file: file.to_owned(), line, problem: problem.into() }
}

fn from_toml(file: &str, text: &str) -> Result<Vec<Exception>, ExceptionsError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        #[serde(default)]
        keyward_exceptions: Option<u32>,
        #[serde(default, alias = "exceptions")]
        exception: Vec<toml::Spanned<Exception>>,
    }
    let raw: Raw = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| line_of(text, s.start));
        error(file, line, without_values(e.message()))
    })?;
    version(file, raw.keyward_exceptions)?;
    let with_line = |spanned: toml::Spanned<Exception>| {
        let line = line_of(text, spanned.span().start) as u32;
        Exception { line, ..spanned.into_inner() }
    };
    Ok(raw.exception.into_iter().map(with_line).collect())
}

fn from_json(file: &str, text: &str) -> Result<Vec<Exception>, ExceptionsError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        #[serde(default)]
        keyward_exceptions: Option<u32>,
        exceptions: Vec<Exception>,
    }
    let mut raw: Raw = serde_json::from_str(text).map_err(|e| error(file, e.line(), without_values(&e.to_string())))?;
    version(file, raw.keyward_exceptions)?;
    // JSON parsers tell no places; the id's first mention is the exception's.
    for exception in &mut raw.exceptions {
        let quoted = format!("\"{}\"", exception.id);
        exception.line = text.find(&quoted).map_or(1, |at| line_of(text, at)) as u32;
    }
    Ok(raw.exceptions)
}

fn version(file: &str, version: Option<u32>) -> Result<(), ExceptionsError> {
    match version {
        None | Some(1) => Ok(()),
        Some(_) => Err(error(file, 1, "keyward_exceptions: expected 1")),
    }
}

impl Exception {
    /// Days that its type may last at most.
    pub(crate) fn longest(&self, rules: &ExceptionRules) -> Option<i64> {
        rules.max_days.get(&self.kind).copied()
    }

    /// Its days from first to last.
    pub(crate) fn days(&self) -> Option<i64> {
        Some(self.start()?.days_until(self.expires_at?.day()))
    }

    /// Its first day; approval counts where no start is stated.
    pub(crate) fn start(&self) -> Option<When> {
        self.starts_at.or(self.approved_at)
    }

    /// Approved by somebody who is not the requester.
    pub(crate) fn is_approved(&self) -> bool {
        !self.approved_by.is_empty() && !self.approved_by.eq_ignore_ascii_case(&self.requested_by)
    }

    /// Past its last day.
    pub(crate) fn is_expired(&self, as_of: Date) -> bool {
        self.expires_at.is_some_and(|end| end.is_past(as_of))
    }

    /// In force on that day: begun, not ended, not beyond what its type may last.
    pub(crate) fn is_in_force(&self, rules: &ExceptionRules, as_of: Date) -> bool {
        let Some(start) = self.start() else { return false };
        let age = start.days_until(as_of);
        let bounded = self.longest(rules).is_none_or(|most| age <= most);
        self.expires_at.is_some() && age >= 0 && !self.is_expired(as_of) && bounded
    }

    /// Whether it names this check. Families count for false positives alone.
    pub(crate) fn names(&self, id: CheckId) -> bool {
        self.checks.iter().filter_map(|c| Selector::parse(c)).any(|selector| match selector {
            Selector::One(one) => one == id,
            family => self.is_false_positive() && family.holds(id),
        })
    }

    /// Says that the scanner erred.
    pub(crate) fn is_false_positive(&self) -> bool {
        self.kind == "scanner_false_positive"
    }

    /// What is wrong with its breadth, if anything.
    pub(crate) fn too_wide(&self, rules: &ExceptionRules) -> Option<String> {
        let selectors = || self.checks.iter().filter_map(|c| Selector::parse(c));
        let fixed: Vec<String> = rules
            .not_waivable
            .iter()
            .filter(|id| selectors().any(|s| s.holds(**id)))
            .map(ToString::to_string)
            .collect();
        let subject = &self.subject;
        if !fixed.is_empty() {
            Some(format!("{} cannot be excepted", fixed.join(", ")))
        } else if selectors().any(|s| !matches!(s, Selector::One(_))) && !self.is_false_positive() {
            Some("whole families of checks can be excepted for false positives only".to_owned())
        } else if subject.credential.is_empty() && subject.fingerprint.is_empty() && !self.is_false_positive() {
            Some("its subject names neither a credential nor a fingerprint".to_owned())
        } else if subject.credential.is_empty() && subject.fingerprint.is_empty() && subject.path.is_empty() {
            Some("it has no subject".to_owned())
        } else if subject.path.contains('*') && !self.is_false_positive() {
            Some("globs can be excepted for false positives only".to_owned())
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "keyward_exceptions = 1\n\n[[exception]]\nid = \"EXC-1\"\ntype = \"legacy_system\"\nrules = [\"KW402\"]\n\
                        subject = { credential = \"r1\" }\nrequested_by = \"omar\"\napproved_by = \"lena\"\n\
                        starts_at = \"2026-01-01\"\nexpires_at = \"2026-06-15\"\n";

    #[test]
    fn toml_and_json_say_the_same() {
        let json = r#"{"exceptions": [{"id": "EXC-1", "type": "legacy_system", "checks": ["KW402"],
            "subject": {"credential": "r1"}, "requested_by": "omar", "approved_by": "lena",
            "starts_at": "2026-01-01", "expires_at": "2026-06-15"}]}"#;
        let (mut a, b) = (Exceptions::parse("x", TOML).unwrap(), Exceptions::parse("x", json).unwrap());
        assert_eq!((a.list[0].line, b.list[0].line), (3, 1));
        a.list[0].line = 1;
        assert_eq!(a, b);
    }

    #[test]
    fn the_last_day_counts_and_the_type_bounds_it() {
        let rules = crate::govern::Policy::default().exceptions;
        let exception = Exceptions::parse("x", TOML).unwrap().list.remove(0);
        let on = |day: &str| exception.is_in_force(&rules, day.parse().unwrap());
        assert!(on("2026-01-01") && on("2026-06-15") && !on("2026-06-16") && !on("2025-12-31"));
        let long = Exception { expires_at: Some(When::Day("2027-06-15".parse().unwrap())), ..exception };
        assert!(!long.is_in_force(&rules, "2026-07-01".parse().unwrap()), "legacy exceptions last 180 days");
    }

    #[test]
    fn errors_show_no_value() {
        for text in [
            "[[exception]]\nid = 7\n",
            "[[exception]]\nid = \"a\"\nchecks = [\"hunter2\"]\n",
            "{\"exceptions\": \"hunter2\"}",
        ] {
            let shown = Exceptions::parse("x", text).unwrap_err().to_string();
            assert!(shown.starts_with("x:") && !shown.contains("hunter2"), "{shown}");
        }
    }
}
