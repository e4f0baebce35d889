//! keyward's own reports in what it scans: their identities are no keys, and a file that only looks like a report
//! hides nothing.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::canary::{every_format, listing};
use crate::run::keyward;

/// A value of 32 hex digits, made up.
fn hex_key(n: u32) -> String {
    use sha2::{Digest as _, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(n.to_be_bytes())[..16])
}

/// What is found, without notes on identifiers.
fn found(folder: &Path, args: &[&str]) -> Vec<String> {
    let args = [&["scan", ".", "--as-of", "2026-11-22", "--format", "json"], args].concat();
    let ran = keyward(folder, &args);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let of = |f: &Value| format!("{} {}:{}", f["check"], f["primary"]["path"], f["primary"]["location"]["line"]);
    report["findings"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn what_keyward_wrote_holds_no_credentials() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    fs::create_dir(folder.join("src")).unwrap();
    // Enough of them that many an identity looks as random as a key; half of them with words of a provider.
    for n in 0..60 {
        let name = if n % 2 == 0 { "PARTNER_API_KEY" } else { "SLACK_SIGNING_SECRET" };
        fs::write(folder.join(format!("src/slack-{n}.env")), format!("{name}={}\n", hex_key(n))).unwrap();
    }
    fs::create_dir(folder.join("out")).unwrap();
    let formats = every_format();
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    assert!(found(folder, &formats).len() >= 60);
    let scan = keyward(folder, &["baseline", "write", "src"]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let observed = keyward(folder, &["observe", "src", "--output", "jsonl=out/observations.jsonl"]);
    assert_eq!(observed.code, 0, "{}", observed.stderr);
    let assessed = keyward(folder, &["assess", "out/observations.jsonl", "--format", "json"]);
    fs::write(folder.join("out/assessed.json"), assessed.stdout).unwrap();
    fs::remove_dir_all(folder.join("src")).unwrap();
    assert!(folder.join("keyward.baseline").exists() && listing(&folder.join("out")).len() > 9);
    assert_eq!(found(folder, &[]), Vec::<String>::new());
}

#[test]
fn a_file_that_looks_like_a_report_hides_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    fs::write(folder.join("a.env"), format!("SLACK_SIGNING_SECRET={}\n", hex_key(1))).unwrap();
    let report = keyward(folder, &["scan", ".", "--format", "csv"]).stdout;
    fs::remove_file(folder.join("a.env")).unwrap();
    let row: Vec<&str> = report.lines().nth(1).unwrap().split(',').collect();
    let at = report.lines().next().unwrap().split(',').position(|column| column == "credential").unwrap();
    fs::write(folder.join("report.csv"), &report).unwrap();
    assert!(found(folder, &[]).is_empty());
    // The same file with keys where the identities stand.
    for n in 2..12 {
        fs::write(folder.join("report.csv"), report.replace(row[at], &hex_key(n))).unwrap();
        let leaks = found(folder, &[]).iter().filter(|f| f.contains("KW001")).count();
        assert_eq!(leaks, 1, "{}", hex_key(n));
    }
}
