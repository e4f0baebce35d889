//! Errors of the configuration: file, line, column, field and what was expected; never the value.

use std::fmt::Display;

use toml::Spanned;

use crate::govern::policy::Globs;
use crate::govern::text::{line_of, without_values};
use crate::inventory::When;

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file as it was named.
    pub file: String,
    /// From 1; 0 if the file could not be read at all.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The field, with its tables: `policy.expiry.notice_days`.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    pub(super) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        let problem = match error.kind() {
            std::io::ErrorKind::InvalidData => "not UTF-8".to_owned(),
            _ => error.to_string(),
        };
        Self { file: file.to_owned(), line: 0, column: 0, field: String::new(), problem }
    }
}

/// A text with its name, to point into.
pub(super) struct Source<'t> {
    name: &'t str,
    pub(super) text: &'t str,
}

impl<'t> Source<'t> {
    pub(super) fn new(name: &'t str, text: &'t str) -> Self {
        Self { name, text: text.strip_prefix('\u{feff}').unwrap_or(text) }
    }

    pub(super) fn error_at(&self, offset: usize, field: &str, problem: &str) -> ConfigError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ConfigError {
            file: self.name.to_owned(),
            line: line_of(self.text, offset),
            column,
            field: field.to_owned(),
            problem: problem.to_owned(),
        }
    }

    /// The file as it was named.
    pub(super) fn name(&self) -> &str {
        self.name
    }

    /// The line of something, from 1.
    pub(super) fn line<T>(&self, at: &Spanned<T>) -> u32 {
        u32::try_from(line_of(self.text, at.span().start)).unwrap_or(u32::MAX)
    }

    pub(super) fn error<T>(&self, at: &Spanned<T>, field: &str, problem: &str) -> ConfigError {
        self.error_at(at.span().start, field, problem)
    }

    /// What the TOML parser says, without what it quotes.
    pub(super) fn parse_error(&self, error: &toml::de::Error) -> ConfigError {
        let at = error.span().map_or(0, |s| s.start);
        self.error_at(at, &self.key_at(at), &without_values(error.message()))
    }

    /// The key on the line of an offset, if a value of it is meant.
    fn key_at(&self, offset: usize) -> String {
        let start = self.text[..offset.min(self.text.len())].rfind('\n').map_or(0, |n| n + 1);
        let line = self.text[start..].lines().next().unwrap_or_default();
        let Some((key, _)) = line.split_once('=') else { return String::new() };
        let is_key = |k: &str| k.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'));
        let key = key.trim();
        if offset > start + key.len() && is_key(key) { key.to_owned() } else { String::new() }
    }

    /// A text that is not empty.
    pub(super) fn text_of(&self, text: &Spanned<String>, field: &str) -> Result<String, ConfigError> {
        if text.get_ref().trim().is_empty() {
            return Err(self.error(text, field, "expected a text that is not empty"));
        }
        Ok(text.get_ref().clone())
    }

    /// Globs over paths.
    pub(super) fn globs(&self, globs: &[Spanned<String>], field: &str) -> Result<Globs, ConfigError> {
        let texts: Vec<String> = globs.iter().map(|g| g.get_ref().clone()).collect();
        Globs::new(&texts).map_err(|n| self.error(&globs[n], field, "expected a glob, with `/` between folders"))
    }

    /// Globs over texts that are no paths.
    pub(super) fn globs_of_texts(&self, globs: &[Spanned<String>], field: &str) -> Result<Globs, ConfigError> {
        let texts: Vec<String> = globs.iter().map(|g| g.get_ref().clone()).collect();
        Globs::of_texts(&texts).map_err(|n| self.error(&globs[n], field, "expected a glob"))
    }

    /// A day or a moment.
    pub(super) fn when(&self, text: &Spanned<String>, field: &str) -> Result<When, ConfigError> {
        let value = text.get_ref();
        let day = || value.parse().ok().map(When::Day);
        let read = value.parse().ok().map(When::At).or_else(day);
        read.ok_or_else(|| self.error(text, field, "expected a date such as 2026-01-31, or a date-time with its zone"))
    }

    /// A number within bounds.
    pub(super) fn number(&self, number: &Spanned<i64>, field: &str, least: i64, most: i64) -> Result<i64, ConfigError> {
        let value = *number.get_ref();
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(self.error(number, field, &format!("expected a number from {least} to {most}")))
    }

    /// One of some words.
    pub(super) fn word(&self, word: &Spanned<String>, field: &str, words: &[&str]) -> Result<String, ConfigError> {
        if words.contains(&word.get_ref().as_str()) {
            return Ok(word.get_ref().clone());
        }
        Err(self.error(word, field, &format!("expected one of {}", words.join(", "))))
    }

    /// Each one of some words.
    pub(super) fn words(
        &self,
        list: &[Spanned<String>],
        field: &str,
        words: &[&str],
    ) -> Result<Vec<String>, ConfigError> {
        list.iter().map(|w| self.word(w, field, words)).collect()
    }
}
