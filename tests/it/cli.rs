//! The command line: exit codes, help, errors.

use std::fs;

use crate::run::{keyward, with_input};

#[test]
fn an_empty_folder_is_a_gap_and_never_a_clean_bill() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["scan"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("no document"), "{}", ran.stdout);
}

#[test]
fn a_clean_folder_is_0_and_says_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing here\n").unwrap();
    let ran = keyward(folder.path(), &["scan"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 file"), "{}", ran.stdout);
}

#[test]
fn a_path_that_is_not_there_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["scan", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("keyward: nowhere: "), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
}

#[test]
fn history_without_a_repository_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "x\n").unwrap();
    let ran = keyward(folder.path(), &["scan", "--history"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("no git repository"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let ran = with_input(folder.path(), &["scan", "--stdin", "--stdin-name", "app.env"], b"PORT=80\n");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn built_in_rules_pass_their_own_check() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["rules", "check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_demo_scans_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in ["KW101", "KW501", "acme-orders", "SARIF", "keyward scan --history"] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    assert!(folder.path().join("sample/keyward.sarif").is_file());
    assert_eq!(keyward(folder.path(), &["demo", "--into", "sample"]).code, 2, "a folder that is not empty");
}
