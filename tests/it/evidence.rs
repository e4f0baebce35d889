//! Reports for auditors: the whole population, reproducible, with the digests of what they are made
//! from, and without a name that may not be shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::run::{Ran, keyward};

/// The demo's sample in a folder of its own.
fn sample() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    folder
}

const JUDGED: &[&str] =
    &["sample/orders", "--history", "--inventory", "sample/inventory.yaml", "--as-of", "2026-11-22"];

fn report(folder: &Path, what: &[&str], more: &[&str]) -> Ran {
    keyward(folder, &[&["report"], what, JUDGED, more].concat())
}

fn lines(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

#[test]
fn every_record_and_every_observation_has_a_line() {
    let folder = sample();
    let evidence = lines(&report(folder.path(), &["evidence"], &[]));
    let scan = keyward(folder.path(), &[&["scan"], JUDGED, &["--format", "json"]].concat());
    let scan: Value = serde_json::from_str(&scan.stdout).unwrap();
    let of = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
    let observed: BTreeSet<String> =
        scan["observations"].as_array().unwrap().iter().map(|o| of(o, "credential")).collect();
    let credentials: Vec<&Value> = evidence.iter().filter(|l| l["record"] == "credential").collect();
    let told: BTreeSet<String> = credentials
        .iter()
        .flat_map(|l| l["credential"]["observed"].as_array().unwrap())
        .map(|o| of(o, "credential"))
        .collect();
    assert_eq!(observed, told);
    let records: BTreeSet<&str> = credentials.iter().filter_map(|l| l["credential"]["id"].as_str()).collect();
    assert_eq!(records, ["acme-orders", "sendgrid-mail", "stripe-orders-prod"].into());
    // Every failed check of the scan stands on a line.
    let failed = |l: &&Value| l["findings"].as_array().unwrap().clone();
    let on_lines: BTreeSet<String> = evidence
        .iter()
        .filter(|l| l["record"] != "end")
        .flat_map(|l| failed(&l))
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    let found: BTreeSet<String> = scan["findings"].as_array().unwrap().iter().map(|f| of(f, "check")).collect();
    assert_eq!(found, on_lines);
    let last = evidence.last().unwrap();
    assert_eq!((&last["record"], last["credentials"].as_u64()), (&Value::from("end"), Some(credentials.len() as u64)));
}

#[test]
fn evidence_names_what_it_is_made_from() {
    let folder = sample();
    let ran = report(folder.path(), &["evidence"], &[]);
    let evidence = lines(&ran);
    let run = &evidence[0];
    assert_eq!(run["inventory_sha256"], hex(&fs::read(folder.path().join("sample/inventory.yaml")).unwrap()));
    assert_eq!(run["policy_sha256"], Value::Null);
    let first = hex(ran.stdout.lines().next().unwrap().as_bytes());
    for line in &evidence[1..] {
        let named = if line["record"] == "credential" { &line["run"]["sha256"] } else { &line["run_sha256"] };
        assert_eq!(*named, first);
        assert_eq!((&line["schema"], &line["as_of"]), (&"keyward.evidence/1".into(), &"2026-11-22".into()));
    }
    fs::write(folder.path().join("keyward.toml"), "[policy]\nprofile = \"regulated\"\n").unwrap();
    let with = lines(&report(folder.path(), &["evidence"], &["--config", "keyward.toml"]));
    assert_eq!(with[0]["policy_sha256"], hex(b"[policy]\nprofile = \"regulated\"\n"));
    assert_eq!(with[0]["profile"], "regulated");
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let folder = sample();
    let once = report(folder.path(), &["evidence"], &[]);
    let threads = report(folder.path(), &["evidence"], &["--threads", "1"]);
    assert_eq!(once.stdout, threads.stdout);
    // Observed elsewhere and judged here: the same but for the way it came in.
    let observe = ["observe", "sample/orders", "--history", "--output", "jsonl=o.jsonl"];
    assert_eq!(keyward(folder.path(), &observe).code, 0);
    let args = ["report", "evidence", "--observations", "o.jsonl", "--inventory", "sample/inventory.yaml"];
    let again = [&args[..], &["--as-of", "2026-11-22"]].concat();
    let (first, second) = (keyward(folder.path(), &again), keyward(folder.path(), &again));
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(lines(&first)[0]["inputs"][1]["role"], "observations");
    // Stored and read again.
    fs::write(folder.path().join("e.jsonl"), &once.stdout).unwrap();
    let stored = keyward(folder.path(), &["report", "evidence", "--evidence", "e.jsonl"]);
    assert_eq!((stored.code, stored.stdout), (0, once.stdout));
}

#[test]
fn a_damaged_evidence_file_is_one_clear_error() {
    let folder = sample();
    let good = report(folder.path(), &["evidence"], &[]).stdout;
    let all: Vec<&str> = good.lines().collect();
    let without_one = [&all[..2], &all[3..]].concat().join("\n");
    let changed = good.replacen("\"complete\":true", "\"complete\":false", 1);
    for (text, problem) in [
        (String::new(), "bad.jsonl:1: empty: no line of an evidence file"),
        ("hunter2\n".to_owned(), "bad.jsonl:1: not a line of an evidence file"),
        (all[1..].join("\n"), "bad.jsonl:1: no line of the run before this one"),
        (all[..3].join("\n"), "the file ends before its last line: it was cut off"),
        (without_one, "lines are missing"),
        (changed, "it belongs to another run"),
        (good.replacen("evidence/1", "evidence/9", 1), "bad.jsonl:1: another format or version"),
    ] {
        fs::write(folder.path().join("bad.jsonl"), text).unwrap();
        let ran = keyward(folder.path(), &["report", "evidence", "--evidence", "bad.jsonl"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(problem) && ran.stderr.lines().count() == 1, "{problem}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"));
    }
}
