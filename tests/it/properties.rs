//! Properties over random input: what is added never hides what was there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use keyward::Sample;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::run::{keyward, with_input};

/// Every run of keyward is a process: few cases, of which failing ones are kept small.
fn few() -> TestRunner {
    TestRunner::new(Config { cases: 40, max_shrink_iters: 60, failure_persistence: None, ..Config::default() })
}

const VALUES: &str = r#"
STRIPE = "stripe-secret-key: sk_live_51{base62:97}"
TOKEN = "github-pat-classic: ghp_{base62:30}{checksum}"
OPAQUE = "{hex:32}"
"#;

/// Check, key and path of every finding.
fn told(report: &str) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|f| format!("{} {} {}", f["check"], f["key"], f["primary"]["path"])).collect()
}

fn scan(folder: &Path, args: &[&str]) -> BTreeSet<String> {
    let mut all = vec!["scan", "tree", "--as-of", "2026-11-22", "--format", "json"];
    all.extend(args);
    let ran = keyward(folder, &all);
    assert!(ran.code < 2, "{}", ran.stderr);
    told(&ran.stdout)
}

const HEAD: &str = "id,partner_id,kind,status,environments,api_owner,approved_by,expires_at,offboarding_runbook,fingerprints,hint,env_vars\n";

/// Rows about other credentials than those of the tree.
fn row() -> impl Strategy<Value = String> {
    let word = || "[a-z]{3,8}";
    let kind = prop::sample::select(vec!["api_key", "jwt", "db_password", "other"]);
    let status = prop::sample::select(vec!["active", "revoked", "requested", "suspended", "archived"]);
    let end = prop::sample::select(vec!["2027-01-01", "2020-01-01", "never", "", "unknown"]);
    (word(), word(), kind, status, word(), end, "[0-9a-f]{64}").prop_map(
        |(id, partner, kind, status, owner, end, digest)| {
            format!("other-{id},{partner},{kind},{status},prod,{owner},,{end},,sha256:{digest},,\n")
        },
    )
}

#[test]
fn an_unrelated_row_never_removes_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::parse(VALUES).unwrap();
    fs::create_dir(folder.path().join("tree")).unwrap();
    fs::write(
        folder.path().join("tree/a.env"),
        sample.fill("STRIPE_SECRET_KEY=@STRIPE@\nGH_TOKEN=@TOKEN@\nACME_API_KEY=@OPAQUE@\n", &[]),
    )
    .unwrap();
    let known = sample.fill("stripe,stripe,api_key,active,test,,,never,,@sha256:STRIPE@,,\ngh,github,personal_access_token,revoked,prod,o,,,,,ghp_...@last4:TOKEN@,GH_TOKEN\n", &[]);
    fs::write(folder.path().join("before.csv"), format!("{HEAD}{known}")).unwrap();
    let before = scan(folder.path(), &["--inventory", "before.csv"]);
    assert!(before.len() > 5, "{before:?}");
    let rows = (prop::collection::vec(row(), 1..6), any::<bool>());
    few()
        .run(&rows, |(rows, first)| {
            let more = rows.concat();
            let text = if first { format!("{HEAD}{more}{known}") } else { format!("{HEAD}{known}{more}") };
            fs::write(folder.path().join("after.csv"), text).unwrap();
            let after = scan(folder.path(), &["--inventory", "after.csv"]);
            // Findings about rows stand in a file of another name.
            let kept = |f: &String| after.contains(f) || after.contains(&f.replace("before.csv", "after.csv"));
            let lost: Vec<&String> = before.iter().filter(|f| !kept(f)).collect();
            prop_assert!(lost.is_empty(), "lost: {:?}", lost);
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_order_of_files_never_changes_findings() {
    let sample = Sample::parse(VALUES).unwrap();
    let texts = [
        "STRIPE_SECRET_KEY=@STRIPE@\n",
        "token: @TOKEN@\n",
        "ACME_API_KEY=@OPAQUE@\n",
        "a=@STRIPE@ b=@TOKEN@\n",
        "nothing\n",
    ];
    let order = Just((0..texts.len()).collect::<Vec<_>>()).prop_shuffle();
    let first = std::cell::OnceCell::new();
    few()
        .run(&order, |order| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("tree")).unwrap();
            // Files are written, and named on the command line, in another order each time.
            let paths: Vec<String> = order.iter().map(|n| format!("tree/file-{n}.env")).collect();
            for (n, path) in order.iter().zip(&paths) {
                fs::write(folder.path().join(path), sample.fill(texts[*n], &[])).unwrap();
            }
            let told = scan(folder.path(), &[]);
            prop_assert_eq!(first.get_or_init(|| told.clone()), &told);
            Ok(())
        })
        .unwrap();
}

/// Text that is no credential: words, code, whitespace, long lines, base64 of nothing.
fn noise() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "[a-z ]{0,60}\n",
            "( {2}|\t)[a-z_]{1,12} = [0-9]{1,6};\n",
            "[{}()\\[\\];,.]{0,30}",
            "// [A-Za-z ,.]{0,200}\n",
            Just("\r\n\r\n".to_owned()),
            Just("é漢字\u{1f511} ".to_owned()),
            (1_usize..3000).prop_map(|n| "lorem ipsum ".repeat(n)),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

#[test]
fn text_around_a_credential_never_hides_it() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::parse(VALUES).unwrap();
    few()
        .run(&(noise(), noise(), noise()), |(before, between, after)| {
            let text = sample
                .fill(&format!("{before}\nSTRIPE_SECRET_KEY=@STRIPE@\n{between}\nGH_TOKEN: \"@TOKEN@\"\n{after}"), &[]);
            let ran = with_input(
                folder.path(),
                &["scan", "--stdin", "--stdin-name", "a.txt", "--format", "json"],
                text.as_bytes(),
            );
            let report: Value = serde_json::from_str(&ran.stdout).unwrap();
            let rules: BTreeSet<&str> =
                report["observations"].as_array().unwrap().iter().map(|o| o["rule"].as_str().unwrap()).collect();
            prop_assert!(rules.contains("stripe-secret-key") && rules.contains("github-pat-classic"), "{:?}", rules);
            // The place is that of the value.
            let lines: Vec<&str> = text.split('\n').collect();
            for observation in report["observations"].as_array().unwrap() {
                let at = &observation["sightings"][0]["location"];
                let (line, column) = (at["line"].as_u64().unwrap() as usize, at["column"].as_u64().unwrap() as usize);
                let rest: String = lines[line - 1].chars().skip(column - 1).collect();
                prop_assert!(rest.starts_with("sk_live_") || rest.starts_with("ghp_"), "line {line}, column {column}");
            }
            Ok(())
        })
        .unwrap();
}
