//! Invariant 4: same input, same bytes out. Whatever threads, order, folder, clone or pack layout.

use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::canary::FORMATS;
use crate::planted::{self, Case};
use crate::run::{git, keyward};

fn case(name: &str) -> Case {
    planted::cases().into_iter().find(|c| c.name == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// A case's report in every format, printed.
fn reports(place: &Path, args: &[String]) -> Vec<String> {
    FORMATS.iter().map(|format| report(place, args, format)).collect()
}

fn report(place: &Path, args: &[String], format: &str) -> String {
    let args: Vec<String> = args.iter().cloned().chain(["--format".to_owned(), format.to_owned()]).collect();
    let ran = keyward(place, &args);
    assert!(matches!(ran.code, 0 | 1 | 3), "{args:?}: {}", ran.stderr);
    ran.stdout
}

fn with(args: &[String], more: &[&str]) -> Vec<String> {
    args.iter().cloned().chain(more.iter().map(|a| (*a).to_owned())).collect()
}

/// Says where two texts part, and not what they hold.
fn assert_same(what: &str, one: &str, other: &str) {
    let line = one
        .lines()
        .zip(other.lines())
        .position(|(a, b)| a != b)
        .unwrap_or(one.lines().count().min(other.lines().count()));
    let at = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    assert!(one == other, "{what}: line {}:\n  {}\n  {}", line + 1, at(one), at(other));
}

#[test]
fn with_one_worker_and_with_eight() {
    // A tree of many files, of which some hold the same values.
    let folder = tempfile::tempdir().unwrap();
    let sample = case("leak-two-on-one-line").sample();
    for n in 0..300 {
        let dir = folder.path().join(format!("tree/part-{}/{}", n % 7, n % 3));
        fs::create_dir_all(&dir).unwrap();
        let text = match n % 5 {
            0 => "STRIPE_SECRET_KEY=@ONE@\n".to_owned(),
            1 => "token: @TWO@ # @ONE@\n".to_owned(),
            _ => format!("nothing {n}\n"),
        };
        fs::write(dir.join(format!("file-{n}.env")), sample.fill(&text, &[])).unwrap();
    }
    let args = ["scan", "tree", "--as-of", "2026-11-22"].map(str::to_owned);
    for format in FORMATS {
        let one = report(folder.path(), &with(&args, &["--threads", "1"]), format);
        let eight = report(folder.path(), &with(&args, &["--threads", "8"]), format);
        assert_same(format, &one, &eight);
    }
}

#[test]
fn every_case_with_one_worker_and_with_eight() {
    planted::cases().par_iter().filter(|case| case.exit != 2).for_each(|case| {
        let laid = case.lay_out();
        for format in ["json", "sarif"] {
            let one = report(laid.place(), &with(&case.args, &["--threads", "1"]), format);
            let eight = report(laid.place(), &with(&case.args, &["--threads", "8"]), format);
            assert_same(&format!("{} as {format}", case.name), &one, &eight);
        }
    });
}

#[test]
fn from_another_working_directory() {
    for name in [
        "leak-in-two-copies",
        "tree-subfolder-says-the-same",
        "policy-environments-of-ones-own",
        "history-removed-later",
    ] {
        let case = case(name);
        let laid = case.lay_out();
        let elsewhere = tempfile::tempdir().unwrap();
        let absolute: Vec<String> = case
            .args
            .iter()
            .map(
                |a| if a.starts_with("tree") { laid.place().join(a).to_string_lossy().into_owned() } else { a.clone() },
            )
            .collect();
        for (format, (here, there)) in
            FORMATS.iter().zip(reports(laid.place(), &case.args).iter().zip(&reports(elsewhere.path(), &absolute)))
        {
            assert_same(&format!("{name} as {format}"), here, there);
        }
    }
}

#[test]
fn rows_and_files_in_another_order() {
    // Rows keep their lines, which reports name: the findings are compared, not their places.
    let case = case("match-ambiguous");
    let laid = case.lay_out();
    let place = laid.place();
    let before = report(place, &case.args, "json");
    let text = fs::read_to_string(place.join("inventory.yaml")).unwrap();
    let (head, rows) = text.split_once("credentials:\n").unwrap();
    let second = rows.rfind("  - id:").unwrap();
    fs::write(place.join("inventory.yaml"), format!("{head}credentials:\n{}{}", &rows[second..], &rows[..second]))
        .unwrap();
    let after = report(place, &case.args, "json");
    assert_eq!(told(&before), told(&after));
}

/// Check, level, subject, message and key of every finding, sorted.
fn told(report: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let mut all: Vec<String> = findings
        .iter()
        .map(|f| format!("{} {} {} {}", f["check"], f["level"], f["key"], f["primary"]["path"]))
        .collect();
    all.sort();
    all
}

#[test]
fn scan_is_observe_and_assess() {
    for name in [
        "leak-in-two-copies",
        "match-certain-by-sha256",
        "match-opaque-key-by-digest",
        "history-removed-later",
        "baseline-knows-it",
    ] {
        let case = case(name);
        let laid = case.lay_out();
        let place = laid.place();
        let position = |word: &str| case.args.iter().position(|a| a == word);
        let mut observe =
            vec!["observe".to_owned(), "tree".to_owned(), "--output".to_owned(), "jsonl=observed.jsonl".to_owned()];
        observe.extend(case.args.iter().filter(|a| *a == "--history").cloned());
        if let Some(at) = position("--inventory") {
            let watchlist = keyward(place, &["inventory", "watchlist", &case.args[at + 1]]);
            assert_eq!(watchlist.code, 0, "{}", watchlist.stderr);
            fs::write(place.join("watchlist.json"), watchlist.stdout).unwrap();
            observe.extend(["--watchlist", "watchlist.json"].map(str::to_owned));
        }
        let ran = keyward(place, &observe);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let mut assess = vec!["assess".to_owned(), "observed.jsonl".to_owned()];
        assess.extend(case.args[2..].iter().filter(|a| *a != "--history").cloned());
        for format in ["text", "json", "sarif"] {
            let (scanned, assessed) = (report(place, &case.args, format), report(place, &assess, format));
            assert_same(&format!("{name} as {format}"), &scanned, &assessed);
        }
    }
}

#[test]
fn in_a_clone_under_another_name() {
    let case = case("tree-subfolder-says-the-same");
    let laid = case.lay_out();
    let place = laid.place();
    git(place, 1, &["clone", "-q", "tree", "another"]);
    git(&place.join("another"), 1, &["remote", "remove", "origin"]);
    let args = |folder: &str| ["scan", folder, "--as-of", "2026-11-22"].map(str::to_owned);
    let (one, other) = (report(place, &args("tree"), "json"), report(place, &args("another"), "json"));
    assert_same("the findings", &told(&one).join("\n"), &told(&other).join("\n"));
    let identities = |text: &str| -> Vec<String> {
        let log: Value = serde_json::from_str(text).unwrap();
        log["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["fingerprints"].to_string() + &r["partialFingerprints"].to_string())
            .collect()
    };
    assert_eq!(
        identities(&report(place, &args("tree"), "sarif")),
        identities(&report(place, &args("another"), "sarif"))
    );
}

#[test]
fn with_a_pepper_and_without() {
    let case = case("leak-in-two-copies");
    let laid = case.lay_out();
    fs::write(laid.place().join("pepper"), [7_u8; 32]).unwrap();
    let peppered = report(laid.place(), &with(&case.args, &["--pepper-file", "pepper"]), "json");
    assert_eq!(told(&report(laid.place(), &case.args, "json")), told(&peppered));
}

#[test]
fn before_and_after_packing() {
    let case = case("history-on-a-branch-only");
    let laid = case.lay_out();
    let place = laid.place();
    let tree = place.join("tree");
    // Enough versions of one file for deltas.
    let filler: String = (0..400).map(|n| format!("line {n} of a longer file\n")).collect();
    for n in 3..9 {
        let line = if n == 5 { case.sample().fill("key=@KEY@\n", &[]) } else { format!("version {n}\n") };
        fs::write(tree.join("long.txt"), format!("{filler}{line}{filler}")).unwrap();
        git(&tree, n, &["add", "-A"]);
        git(&tree, n, &["commit", "-q", "-m", "more"]);
    }
    let loose = reports(place, &case.args);
    git(&tree, 9, &["repack", "-adfq", "--depth=50"]);
    for (format, (loose, packed)) in FORMATS.iter().zip(loose.iter().zip(&reports(place, &case.args))) {
        assert_same(&format!("packed, as {format}"), loose, packed);
    }
    git(&tree, 9, &["gc", "-q"]);
    for (format, (loose, packed)) in FORMATS.iter().zip(loose.iter().zip(&reports(place, &case.args))) {
        assert_same(&format!("collected, as {format}"), loose, packed);
    }
}
