//! A stored JSON report, as far as comparing needs it.
//!
//! Takes the bytes of a file, gives findings and what was looked at. Fields that nothing here asks
//! for are skipped, so that reports of other versions can be read. Errors show no content of the file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::detect::Detector;
use crate::govern::text::without_values;
use crate::govern::{CheckId, CheckState, Disposition, Level, Subject};
use crate::observe::{Exposure, Repository};
use crate::position::Location;
use crate::report::SCHEMA;
use crate::report::terminal::harmless;
use crate::secret::{CredentialId, FindingKey, Fingerprint};
use crate::source::{Place, RepoPath};

/// What a report is, for whoever handed in something else.
const EXPECTED: &str = "expected one report, as `keyward scan --format json` writes it";

/// A report that was read back.
#[derive(Debug, Deserialize)]
pub struct Snapshot {
    /// The file as it was named.
    #[serde(skip)]
    pub(super) name: String,
    pub(super) version: String,
    pub(super) as_of: String,
    #[serde(default)]
    pub(super) scope: Vec<String>,
    #[serde(default)]
    pub(super) repositories: Vec<Repository>,
    pub(super) complete: bool,
    pub(super) findings: Vec<Known>,
    #[serde(default)]
    pub(super) checks: BTreeMap<CheckId, CheckState>,
    #[serde(default)]
    observations: Vec<Seen>,
    #[serde(skip)]
    pub(super) credentials: BTreeMap<CredentialId, Seen>,
}

/// A finding of it.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) key: FindingKey,
    pub(super) check: CheckId,
    pub(super) level: Level,
    pub(super) subject: Subject,
    pub(super) message: String,
    pub(super) primary: At,
    #[serde(default)]
    pub(super) partner: Option<String>,
    #[serde(default)]
    pub(super) record: Option<String>,
    pub(super) disposition: Disposition,
}

/// Where a finding points.
#[derive(Debug, Deserialize)]
pub(super) struct At {
    pub(super) path: RepoPath,
    pub(super) location: Location,
    #[serde(default)]
    pub(super) place: Option<Place>,
}

/// A credential of it.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    credential: CredentialId,
    #[serde(default)]
    pub(super) fingerprints: Vec<Fingerprint>,
    #[serde(default)]
    sightings: Vec<SeenAt>,
    #[serde(default)]
    exposure: Option<Exposure>,
}

#[derive(Debug, Deserialize)]
struct SeenAt {
    place: Place,
}

impl Seen {
    /// Whether it was there then, and not only in the history.
    pub(super) fn is_present(&self) -> bool {
        self.sightings.iter().any(|s| s.place != Place::History)
    }

    /// Commits that brought it back.
    pub(super) fn returns(&self) -> impl Iterator<Item = &str> {
        self.exposure.iter().flat_map(|e| &e.reintroduced).map(|c| c.commit.as_str())
    }
}

/// Why a file cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    /// The file as it was named.
    pub file: String,
    /// From 1; 0 where no line is to blame.
    pub line: usize,
    /// `findings[3].level`; empty where the file as a whole is to blame.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for SnapshotError {}

/// What every file of keyward begins with.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    schema: Option<String>,
}

impl Snapshot {
    /// Reads a report; `name` is the file's, for errors and for people.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, SnapshotError> {
        // Some shells begin what they redirect with a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let head: Head = parse(name, bytes)?;
        if head.schema.as_deref() != Some(SCHEMA) {
            let problem = format!("not {SCHEMA}; {EXPECTED}");
            return Err(SnapshotError { file: name.to_owned(), line: 0, field: "schema".to_owned(), problem });
        }
        let mut snapshot: Self = parse(name, bytes)?;
        name.clone_into(&mut snapshot.name);
        snapshot.credentials = snapshot.observations.drain(..).map(|seen| (seen.credential, seen)).collect();
        snapshot.mask();
        Ok(snapshot)
    }

    /// What somebody else wrote is masked again.
    fn mask(&mut self) {
        let detector = Detector::builtin();
        for finding in &mut self.findings {
            detector.mask_in(&mut finding.message);
            if let Some(masked) = detector.mask(finding.primary.path.as_bytes()) {
                finding.primary.path = RepoPath::new(masked.text);
            }
            finding.partner.iter_mut().chain(&mut finding.record).for_each(|text| detector.mask_in(text));
        }
    }
}

fn parse<'b, T: Deserialize<'b>>(name: &str, bytes: &'b [u8]) -> Result<T, SnapshotError> {
    let fail = |line, field: String, problem: String| SnapshotError { file: name.to_owned(), line, field, problem };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (field, inner) = (error.path().to_string(), error.inner());
        match inner.classify() {
            serde_json::error::Category::Data => {
                // The place ends the message; it is told in front.
                let message = inner.to_string();
                let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
                fail(inner.line(), shown(&field), without_values(message))
            }
            serde_json::error::Category::Eof => {
                fail(inner.line(), String::new(), format!("ends in the middle; {EXPECTED}"))
            }
            _ => fail(inner.line(), String::new(), format!("not JSON; {EXPECTED}")),
        }
    })?;
    reader.end().map_err(|error| fail(error.line(), String::new(), format!("more after its end; {EXPECTED}")))?;
    Ok(read)
}

/// A path of fields as it may be printed: keys are the file's own.
fn shown(field: &str) -> String {
    const LONGEST: usize = 120;
    if field == "." { String::new() } else { harmless(field).chars().take(LONGEST).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{history, rendered, sample};

    fn refused(text: &str) -> String {
        Snapshot::read("a.json", text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn reads_what_json_writes() {
        let read = Snapshot::read("a.json", rendered(&sample(), Format::Json).as_bytes()).unwrap();
        assert_eq!((read.findings.len(), read.credentials.len(), read.complete), (8, 2, false));
        let bom = format!("\u{feff}{}", rendered(&history(), Format::Json));
        assert!(!Snapshot::read("a.json", bom.as_bytes()).unwrap().credentials.values().any(Seen::is_present));
    }

    #[test]
    fn what_is_no_report_is_told_with_its_place_and_without_its_content() {
        let text = rendered(&sample(), Format::Json);
        let line_of = |part: &str| text.lines().position(|l| l.contains(part)).unwrap() + 1;
        let bad = text.replacen("\"level\": \"error\"", "\"level\": \"hush\"", 1);
        let expected = format!("a.json:{}: findings[0].level: unknown word; expected", line_of("\"level\""));
        assert!(refused(&bad).starts_with(&expected), "{}", refused(&bad));
        assert!(!refused(&bad).contains("hush"));
        let bad = text.replacen("\"check\": \"KW001\"", "\"check\": 7", 1);
        assert!(refused(&bad).contains("findings[0].check: wrong type; expected a string"), "{}", refused(&bad));
        let bad = text.replacen("\"complete\"", "\"whole\"", 1);
        assert!(refused(&bad).contains("missing field `complete`"), "{}", refused(&bad));
        assert!(refused(&text[..text.len() / 2]).contains("ends in the middle"));
        assert!(refused("").contains("a.json:1: ends in the middle"), "{}", refused(""));
        assert!(refused("no json").starts_with("a.json:1: not JSON; "), "{}", refused("no json"));
        assert!(refused("{}").starts_with("a.json: schema: not keyward.report/1; "), "{}", refused("{}"));
        assert!(refused(&rendered(&sample(), Format::Jsonl)).starts_with("a.json:2: more after its end"));
        assert!(refused(&rendered(&sample(), Format::Sarif)).starts_with("a.json: schema: "));
    }
}
