//! Cases as folders: add a folder to `fixtures/cases`, get its snapshots.
//!
//! `case.toml` says how keyward is run; everything else in the folder is filled with the case's
//! values and written out. Snapshots are what it prints: `expected.txt`, and of the JSON and SARIF
//! reports what the case is about, `expected.findings.json` and `expected.results.json`. Some cases
//! compare whole files, `expected.json` and `expected.sarif`. `KEYWARD_BLESS=1 cargo test cases`
//! rewrites them: read the difference before you commit it. A case that says what is `open` promises
//! more than keyward keeps: it is compared with nothing, and fails on the day it would pass.

use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::planted::{self, Case};
use crate::run::keyward;

#[test]
fn every_case_prints_what_is_expected() {
    let bless = std::env::var_os("KEYWARD_BLESS").is_some();
    let cases = planted::cases();
    let failures: Vec<String> = cases.par_iter().flat_map_iter(|case| run_case(case, bless)).collect();
    assert!(
        failures.is_empty(),
        "{} differences in {} cases:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

/// A snapshot: the format that keyward is asked for, the file that holds it, and what is kept of it.
type Snapshot = (&'static str, &'static str, fn(&str) -> String);

fn snapshot(format: &str) -> Snapshot {
    match format {
        "text" => ("text", "expected.txt", str::to_owned),
        "findings" => ("json", "expected.findings.json", findings),
        "results" => ("sarif", "expected.results.json", results),
        "json" => ("json", "expected.json", str::to_owned),
        "sarif" => ("sarif", "expected.sarif", str::to_owned),
        "markdown" => ("markdown", "expected.md", str::to_owned),
        "csv" => ("csv", "expected.csv", str::to_owned),
        "gitlab" => ("gitlab", "expected.gitlab.json", str::to_owned),
        "github" => ("github", "expected.github.txt", str::to_owned),
        other => panic!("no snapshot of {other}"),
    }
}

fn run_case(case: &Case, bless: bool) -> Vec<String> {
    let name = &case.name;
    assert!(!case.about.is_empty(), "{name}: say what it shows");
    let (laid, sample) = (case.lay_out(), case.sample());
    if case.open.is_some() {
        let ran = keyward(laid.place(), &case.args);
        return (ran.code == case.exit)
            .then(|| format!("{name} keeps its promise now: take `open` out and bless it"))
            .into_iter()
            .collect();
    }
    let mut failures = Vec::new();
    for (format, file, keep) in case.formats.iter().map(|f| snapshot(f)) {
        let mut args = case.args.clone();
        args.extend(["--format".to_owned(), format.to_owned()]);
        let ran = keyward(laid.place(), &args);
        if ran.code != case.exit {
            failures.push(format!("{name} ({format}): exit code {}, expected {}\n{}", ran.code, case.exit, ran.stderr));
        }
        // Errors stand where output is missing.
        let printed = if ran.stdout.is_empty() { ran.stderr } else { keep(&ran.stdout) };
        let mut printed = printed.replace(&*laid.place().to_string_lossy(), "@PLACE@");
        // Key ids are printed whole; in the snapshots they would set off scanners of this repository.
        for (id, value) in sample.values() {
            printed = printed.replace(value, &format!("@{id}@"));
        }
        failures.extend(compare(&case.folder.join(file), &printed, bless));
    }
    failures
}

fn compare(expected: &Path, printed: &str, bless: bool) -> Option<String> {
    let before = fs::read_to_string(expected).unwrap_or_default();
    if bless && before != printed {
        fs::write(expected, printed).unwrap();
    }
    let wanted: Vec<&str> = before.lines().collect();
    let differs = || {
        let first = printed.lines().zip(wanted.iter().chain(std::iter::repeat(&""))).position(|(a, b)| a != *b);
        let line = first.unwrap_or(wanted.len().min(printed.lines().count())) + 1;
        format!("{} differs from line {line}; it prints:\n{printed}", expected.display())
    };
    (!bless && before != printed).then(differs)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// Of the JSON report: everything but what is the same in every case. Of the checks, those that
/// looked at something.
fn findings(text: &str) -> String {
    let mut report: Value = serde_json::from_str(text).unwrap();
    let object = report.as_object_mut().unwrap();
    for constant in ["schema", "version", "as_of"] {
        object.remove(constant);
    }
    if let Some(checks) = object.get_mut("checks").and_then(Value::as_object_mut) {
        checks.retain(|_, state| state["evaluated"] != 0);
    }
    pretty(&report)
}

/// Of the SARIF log: the results of its runs without their taxa, and how the last one ended.
fn results(text: &str) -> String {
    let mut log: Value = serde_json::from_str(text).unwrap();
    let runs = log["runs"].as_array_mut().unwrap();
    let mut results: Vec<Value> =
        runs.iter_mut().flat_map(|run| std::mem::take(run["results"].as_array_mut().unwrap())).collect();
    for result in &mut results {
        result.as_object_mut().unwrap().remove("taxa");
    }
    let invocation = &runs.last().unwrap()["invocations"][0];
    let told = |key: &str| -> Vec<Value> {
        let all = invocation[key].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|n| n["descriptor"]["id"] != "check-not-evaluated").collect()
    };
    pretty(&serde_json::json!({
        "successful": invocation["executionSuccessful"],
        "notifications": told("toolExecutionNotifications"),
        "configuration": told("toolConfigurationNotifications"),
        "results": results,
    }))
}
