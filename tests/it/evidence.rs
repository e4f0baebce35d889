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

/// Writes `report` in every one of `formats` and gives the texts.
fn written(folder: &Path, report: &[&str], formats: &[&str], code: i32) -> Vec<String> {
    let outputs: Vec<String> = formats.iter().map(|f| format!("{f}=out.{f}")).collect();
    let outputs: Vec<&str> = outputs.iter().flat_map(|o| ["--output", o.as_str()]).collect();
    let ran = keyward(folder, &[&["report"], report, JUDGED, &outputs, &["--disclose", "full"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
    formats.iter().map(|f| fs::read_to_string(folder.join(format!("out.{f}"))).unwrap()).collect()
}

#[test]
fn a_register_has_a_row_for_everything_and_no_formula() {
    let folder = sample();
    let file = folder.path().join("sample/inventory.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("book shipments", "=cmd|' /C calc'!A0 <b>|x");
    fs::write(&file, text).unwrap();
    let all = written(folder.path(), &["register"], &["csv", "markdown", "html", "json"], 0);
    let mut reader = csv::ReaderBuilder::new().from_reader(all[0].as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6, "three records, two secrets without one, a publishable key");
    let at = |row: &csv::StringRecord, name: &str| row[columns.iter().position(|c| c == name).unwrap()].to_owned();
    let acme = rows.iter().find(|r| at(r, "credential") == "acme-orders").unwrap();
    assert_eq!((at(acme, "approved_by"), at(acme, "expires_at")), ("people/omar".to_owned(), "never".to_owned()));
    assert_eq!(at(acme, "purpose"), "'=cmd|' /C calc'!A0 <b>|x");
    assert_eq!(rows.iter().filter(|r| at(r, "in_inventory") == "no").count(), 3);
    let json: Value = serde_json::from_str(&all[3]).unwrap();
    let told = json.as_array().unwrap().iter().find(|row| row["credential"] == "acme-orders").unwrap();
    assert_eq!(told["purpose"], "=cmd|' /C calc'!A0 <b>|x", "a program reads no formulas");
    assert_eq!((json.as_array().unwrap().len(), told.as_object().unwrap().len()), (rows.len(), columns.len()));
    assert!(!all[2].contains("<b>|x") && all[2].contains("&lt;b&gt;|x"), "escaped for browsers");
    let table: Vec<&str> = all[1].lines().filter(|l| l.starts_with('|')).collect();
    assert!(table.iter().all(|l| l.matches('|').count() == 7), "escaped for Markdown");
}

#[test]
fn the_ledger_holds_what_has_ended_and_only_that() {
    let folder = sample();
    let ids = |more: &[&str]| -> BTreeSet<String> {
        let ran = report(folder.path(), &["removals"], more);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        csv::Reader::from_reader(ran.stdout.as_bytes()).records().map(|r| r.unwrap()[1].to_owned()).collect()
    };
    let both: BTreeSet<String> = ["acme-orders", "sendgrid-mail"].map(str::to_owned).into();
    assert_eq!(ids(&[]), both, "a contract that ended, and a revoked record");
    assert_eq!(ids(&["--since", "2026-10-31"]), both, "the contract ended on that day, the record expired later");
    assert_eq!(ids(&["--since", "2026-11-01"]), ["sendgrid-mail".to_owned()].into());
    let bad = keyward(folder.path(), &["report", "removals", "--since", "soon"]);
    assert_eq!((bad.code, bad.stderr.as_str()), (2, "keyward: --since soon: expected a day, as in 2026-11-22\n"));
}

#[test]
fn a_certificate_is_not_given_while_the_key_is_there() {
    let folder = sample();
    let all = written(folder.path(), &["certificate", "--partner", "sendgrid"], &["json", "html", "markdown"], 1);
    let json: Value = serde_json::from_str(&all[0]).unwrap();
    assert_eq!((&json["schema"], &json["result"]), (&"keyward.certificate/1".into(), &"not complete".into()));
    let missing = json["credentials"][0]["removed"]["missing"].to_string();
    assert!(missing.contains("no date for: scopes removed") && missing.contains("it stands in 1 place"), "{missing}");
    assert!(all[1].contains("Not complete: 1 of 1 credentials lacks something"));
    let nobody = report(folder.path(), &["certificate", "--partner", "nobody"], &[]);
    assert_eq!(nobody.code, 2);
    let said =
        "keyward: --partner nobody: nothing names such a partner; there are acme, github, hubspot, sendgrid, stripe\n";
    assert_eq!(nobody.stderr, said);
}

#[test]
fn scorecards_of_two_evidence_files_are_compared() {
    let folder = sample();
    let place = folder.path();
    let write = |name: &str| fs::write(place.join(name), report(place, &["evidence"], &[]).stdout).unwrap();
    write("old.jsonl");
    let file = place.join("sample/inventory.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("credential_owner: \"\"", "credential_owner: team/freight");
    fs::write(&file, text.replace("expires_at: never", "expires_at: 2027-01-31\n    expiry_enforced: true")).unwrap();
    write("new.jsonl");
    let compare = ["report", "scorecard", "--compare", "old.jsonl", "new.jsonl", "--format"];
    let ran = keyward(place, &[&compare[..], &["json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |id: &str| json["metrics"].as_array().unwrap().iter().find(|m| m["new"]["id"] == id).unwrap().clone();
    let expiry = of("expiry-coverage");
    assert_eq!((&expiry["change"], &expiry["direction"]), (&50.0.into(), &"better".into()));
    assert_eq!((&expiry["old"]["numerator"], &expiry["new"]["numerator"]), (&1.into(), &2.into()));
    assert_eq!(of("standing-access")["direction"], "better");
    assert_eq!(of("shadow-count")["direction"], "same");
    let text = keyward(place, &[&compare[..], &["text"]].concat()).stdout;
    assert!(text.contains("50.0 % \u{2192} 100.0 %") && text.contains("better by 50 points"), "{text}");
    let html = keyward(place, &[&compare[..], &["html"]].concat()).stdout;
    assert!(html.contains("better by 50 points"));
    let one = keyward(place, &["report", "scorecard", "--compare", "old.jsonl"]);
    assert_eq!(one.code, 2, "two files are needed");
}

#[test]
fn pages_load_nothing_and_run_nothing() {
    let folder = sample();
    let reports: [(&[&str], i32); 5] = [
        (&["register"], 0),
        (&["removals"], 0),
        (&["exceptions"], 0),
        (&["scorecard"], 0),
        (&["certificate", "--partner", "acme"], 1),
    ];
    for (report, code) in reports {
        let text = &written(folder.path(), report, &["html"], code)[0];
        let style = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let digest = data_encoding::BASE64.encode(&Sha256::digest(style.as_bytes()));
        assert!(text.contains(&format!("style-src 'sha256-{digest}'")), "{report:?}");
        for bad in ["<script", " style=\"", " onclick", " src=", "url(", "@import", "<link", "javascript:"] {
            assert!(!text.contains(bad), "{report:?}: {bad}");
        }
    }
}

#[test]
fn a_format_that_a_report_has_not_is_one_clear_error() {
    let folder = sample();
    for (args, said) in [
        (&["register", "--format", "pdf"][..], "keyward: --format pdf: expected csv, markdown, html or json\n"),
        (
            &["evidence", "--output", "x.jsonl"][..],
            "keyward: --output x.jsonl: expected FORMAT=PATH, as in jsonl=report.jsonl\n",
        ),
        (&["scorecard", "--output", "csv=x"][..], "keyward: --output csv=x: expected text, json or html\n"),
        (&["register", "--as-of", "soon"][..], "keyward: --as-of soon: expected a day, as in 2026-11-22\n"),
        (&["register", "--inventory", "none.csv"][..], "keyward: none.csv: "),
        (&["register", "--evidence", "none.jsonl"][..], "keyward: none.jsonl: "),
    ] {
        let ran = keyward(folder.path(), &[&["report"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.starts_with(said) && ran.stderr.lines().count() == 1, "{args:?}: {}", ran.stderr);
    }
}
