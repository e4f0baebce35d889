//! Observation files: JSON lines, value-free, versioned. One header, the observations, one trailer
//! per repository, so that absence is provable and a truncated file is noticed.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::{Governing, Observation, Observed, Reference, Repository};
use crate::detect::{Detector, Stray};
use crate::source::coverage::Coverage;

/// Name and version of the format.
pub const SCHEMA: &str = "keyward.observations/1";

#[derive(Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Line {
    Header {
        schema: String,
        tool: String,
        repository: Repository,
        scope: Vec<String>,
        #[serde(default)]
        peppers: Vec<String>,
        #[serde(default)]
        watchlist: bool,
    },
    Observation(Box<Observation>),
    RepositoryDone {
        repository: String,
        observations: u64,
        coverage: Coverage,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        committers: BTreeMap<String, Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        references: Option<BTreeMap<String, Vec<Reference>>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        governing: Option<Vec<Governing>>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        strays: Vec<Stray>,
    },
}

/// Why a file of JSON lines (observations, evidence) cannot be used. Shows no content of the file.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// It could not be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{file}:{line}: {problem}")]
    Line {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

/// Writes what one repository gave.
pub fn write(observed: &Observed, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |line: &Line| -> io::Result<()> {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")
    };
    line(&Line::Header {
        schema: SCHEMA.to_owned(),
        tool: concat!("keyward ", env!("CARGO_PKG_VERSION")).to_owned(),
        repository: observed.repository.clone(),
        scope: observed.scope.clone(),
        peppers: observed.peppers.clone(),
        watchlist: observed.watchlist,
    })?;
    for observation in &observed.observations {
        line(&Line::Observation(Box::new(observation.clone())))?;
    }
    line(&Line::RepositoryDone {
        repository: observed.repository.name.clone(),
        observations: observed.observations.len() as u64,
        coverage: observed.coverage.clone(),
        committers: observed.committers.clone(),
        references: observed.references.clone(),
        governing: observed.governing.clone(),
        strays: observed.strays.clone(),
    })
}

/// Reads a file with the observations of one or more repositories.
pub fn read(name: &str, input: impl BufRead) -> Result<Vec<Observed>, LinesError> {
    let mut all: Vec<Observed> = Vec::new();
    let mut open: Option<Observed> = None;
    let mut number = 0;
    let fail = |line, problem| LinesError::Line { file: name.to_owned(), line, problem };
    for text in input.lines() {
        number += 1;
        let text = text.map_err(|source| LinesError::Read { file: name.to_owned(), source })?;
        if text.trim().is_empty() {
            continue;
        }
        // The parser's own message may quote the line.
        let line = serde_json::from_str(&text).map_err(|_| fail(number, "not a line that `keyward observe` writes"))?;
        match (line, open.as_mut()) {
            (Line::Header { schema, repository, scope, peppers, watchlist, .. }, None) => {
                if schema != SCHEMA {
                    return Err(fail(number, "another version of the format; expected keyward.observations/1"));
                }
                open = Some(Observed { repository, scope, peppers, watchlist, ..Observed::default() });
            }
            (Line::Observation(observation), Some(open)) => open.observations.push(*observation),
            (
                Line::RepositoryDone { observations, coverage, committers, references, governing, strays, .. },
                Some(done),
            ) => {
                if observations != done.observations.len() as u64 {
                    return Err(fail(
                        number,
                        "the number of observations differs from the trailer's: lines are missing",
                    ));
                }
                done.coverage = coverage;
                (done.committers, done.references, done.governing) = (committers, references, governing);
                done.strays = strays;
                all.extend(open.take());
            }
            (Line::Header { .. }, Some(_)) => return Err(fail(number, "a second header before the first trailer")),
            (_, None) => return Err(fail(number, "no header before this line")),
        }
    }
    if open.is_some() {
        return Err(fail(number, "the file ends before its trailer: it was cut off"));
    }
    if all.is_empty() {
        return Err(fail(number, "no repository in the file"));
    }
    // What somebody else wrote is masked again.
    let detector = Detector::builtin();
    for observed in &mut all {
        observed.mask(&detector);
    }
    Ok(all)
}
