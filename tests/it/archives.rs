//! Members of archives are scanned like files, and what keyward itself writes is quiet.

use std::fs;
use std::io::Write as _;

use keyward::template::expand;

use crate::run::{git, keyward};

fn jar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn value(seed: u64) -> String {
    expand("sk_live_51{base62:97}", seed, None).unwrap()
}

#[test]
fn a_member_is_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("name=shop\nstripe.key={}\n", value(1));
    fs::write(
        folder.path().join("app.jar"),
        jar(&[("META-INF/MANIFEST.MF", "a: b\n"), ("conf/app.properties", &text)]),
    )
    .unwrap();
    let ran = keyward(folder.path(), &["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "KW001").unwrap();
    assert_eq!(finding["primary"]["path"], "app.jar!conf/app.properties");
    assert_eq!(finding["primary"]["location"]["line"], 2);
    assert_eq!(ran.code, 1);
    assert!(!ran.stdout.contains(&value(1)[20..40]));
    let sarif = keyward(folder.path(), &["scan", ".", "--format", "sarif"]);
    assert!(sarif.stdout.contains("app.jar%21conf/app.properties"), "{}", sarif.stdout);
}

#[test]
fn a_change_of_an_archive_counts_what_it_adds() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    git(top, 1, &["init", "-q"]);
    let text = |seed| format!("stripe.key={}\n", value(seed));
    fs::write(top.join("app.zip"), jar(&[("a.env", &text(1))])).unwrap();
    git(top, 1, &["add", "."]);
    git(top, 1, &["commit", "-qm", "one"]);
    fs::write(top.join("app.zip"), jar(&[("a.env", &text(1)), ("b.env", &text(2))])).unwrap();
    git(top, 2, &["add", "."]);
    let ran = keyward(top, &["scan", "--staged", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let leaks: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["check"] == "KW001")
        .map(|f| f["primary"]["path"].as_str().unwrap())
        .collect();
    assert_eq!(leaks, ["app.zip!b.env"]);
}

#[test]
fn what_keyward_writes_is_quiet() {
    let (tree, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let opaque = expand("acme_api_key: {hex:32}\npassword: {base62:14}\n", 4, None).unwrap();
    fs::write(tree.path().join("app.env"), format!("stripe.key={}\n{opaque}", value(3))).unwrap();
    for format in ["text", "json", "jsonl", "sarif", "markdown", "html", "csv", "gitlab", "junit", "github"] {
        let ran = keyward(tree.path(), &["scan", ".", "--format", format]);
        fs::write(out.path().join(format!("report.{format}")), ran.stdout).unwrap();
    }
    let observed = out.path().join("observed.jsonl");
    keyward(tree.path(), &["observe", ".", "--output", &format!("jsonl={}", observed.display())]);
    let ran = keyward(out.path(), &["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{}", ran.stdout);
    assert_eq!((ran.code, report["coverage"]["documents"].as_u64()), (0, Some(11)));
}
