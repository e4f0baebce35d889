//! What a report says of a history, by credential and path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::repo::Tokens;
use crate::run::Ran;

/// A JSON report.
pub(super) struct Told {
    pub(super) code: i32,
    pub(super) report: Value,
    pub(super) stderr: String,
}

/// The time in which a credential was somewhere; commits by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Exposed {
    pub(super) introduced: Option<String>,
    /// Committer time of the first commit.
    pub(super) since: Option<String>,
    pub(super) removed: Option<String>,
    pub(super) reintroduced: BTreeSet<String>,
    pub(super) at_head: bool,
    pub(super) refs: Vec<String>,
    pub(super) held: String,
    pub(super) held_by: Vec<String>,
}

impl Exposed {
    fn read(value: &Value) -> Self {
        let names =
            |key: &str| value[key].as_array().into_iter().flatten().map(|n| n.as_str().unwrap().to_owned()).collect();
        let refs: Vec<String> = names("refs");
        assert_eq!(value["refs_total"].as_u64(), Some(refs.len() as u64));
        let commit = |value: &Value| value["commit"].as_str().map(str::to_owned);
        Self {
            introduced: commit(&value["introduced"]),
            since: value["introduced"]["time"].as_str().map(str::to_owned),
            removed: commit(&value["removed"]),
            reintroduced: value["reintroduced"].as_array().into_iter().flatten().filter_map(commit).collect(),
            at_head: value["at_head"].as_bool().unwrap(),
            refs,
            held: value["held"].as_str().unwrap_or("ref").to_owned(),
            held_by: names("held_by"),
        }
    }
}

impl Told {
    pub(super) fn parse(ran: &Ran) -> Self {
        let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
        Self { code: ran.code, report, stderr: ran.stderr.clone() }
    }

    /// Each credential at each path of the history.
    pub(super) fn at(&self, tokens: &Tokens) -> BTreeMap<(String, String), Exposed> {
        let mut all = BTreeMap::new();
        for (name, observation) in self.observations(tokens) {
            for sighting in observation["sightings"].as_array().unwrap() {
                if sighting["place"] == "history" {
                    let path = sighting["path"].as_str().unwrap().to_owned();
                    let before = all.insert((name.clone(), path), Exposed::read(&sighting["exposure"]));
                    assert_eq!(before, None, "one sighting for each credential and path");
                }
            }
        }
        all
    }

    /// Each credential wherever it was.
    pub(super) fn anywhere(&self, tokens: &Tokens) -> BTreeMap<String, Exposed> {
        self.observations(tokens).map(|(name, o)| (name, Exposed::read(&o["exposure"]))).collect()
    }

    /// Days exposed by credential and path, as the findings say.
    pub(super) fn days(&self, tokens: &Tokens) -> BTreeMap<(String, String), i64> {
        let names: BTreeMap<String, String> =
            self.observations(tokens).map(|(name, o)| (o["credential"].as_str().unwrap().to_owned(), name)).collect();
        let leaks = self.findings().iter().filter(|f| f["check"] == "KW001" || f["check"] == "KW002");
        leaks
            .filter_map(|f| {
                let name = names[f["subject"]["credential"].as_str().unwrap()].clone();
                let path = f["primary"]["path"].as_str().unwrap().to_owned();
                Some(((name, path), f["facts"]["days_exposed"].as_i64()?))
            })
            .collect()
    }

    pub(super) fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().unwrap()
    }

    /// `KW002 path` of every finding, sorted.
    pub(super) fn checks(&self) -> Vec<String> {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let mut all: Vec<String> =
            self.findings().iter().map(|f| format!("{} {}", text(&f["check"]), text(&f["primary"]["path"]))).collect();
        all.sort();
        all
    }

    /// How often something was not scanned for a reason.
    pub(super) fn gap(&self, reason: &str) -> u64 {
        self.report["coverage"]["counts"][reason].as_u64().unwrap_or(0)
    }

    /// The details of what was not scanned for a reason.
    pub(super) fn details(&self, reason: &str) -> Vec<String> {
        let entries = self.report["coverage"]["entries"].as_array().into_iter().flatten();
        let text = |e: &Value, key: &str| e[key].as_str().unwrap_or_default().to_owned();
        entries
            .filter(|e| e["reason"] == reason)
            .map(|e| format!("{}: {}", text(e, "subject"), text(e, "detail")))
            .collect()
    }

    fn observations<'t>(&'t self, tokens: &Tokens) -> impl Iterator<Item = (String, &'t Value)> {
        let names: BTreeMap<String, String> = tokens.prints().map(|(print, name)| (print, name.to_owned())).collect();
        let all = self.report["observations"].as_array().unwrap().iter();
        all.map(move |o| {
            let print = o["fingerprints"][0].as_str().unwrap();
            (names.get(print).unwrap_or_else(|| panic!("{print} was never written")).clone(), o)
        })
    }
}
