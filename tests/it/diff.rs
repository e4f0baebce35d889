//! `keyward diff` between real scans of a repository in which code moved.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::repository::Repository;
use crate::run::{Ran, git, keyward};

struct Repo(Repository);

impl std::ops::Deref for Repo {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        &self.0
    }
}

impl Repo {
    fn new() -> Self {
        let values = ["A", "B", "C", "D"].map(|name| format!("{name} = \"sk_live_51{{base62:97}}\"")).join("\n");
        Self(Repository::new("shop", &values))
    }

    fn key(&self, name: &str) -> String {
        format!("STRIPE_SECRET_KEY = \"{}\"\n", self.value(name))
    }

    /// Scans into a file beside the repository.
    fn scan(&self, name: &str, args: &[&str]) -> String {
        let file = self.top.with_file_name(name).display().to_string();
        let output = format!("json={file}");
        let ran = keyward(&self.top, &[&["scan", "--as-of", "2026-11-22", "--output", &output], args].concat());
        assert!(ran.code < 2, "{}", ran.stderr);
        file
    }
}

fn diff(args: &[&str]) -> Ran {
    keyward(Path::new("/"), &[&["diff"], args].concat())
}

/// `change check path` of every change.
fn told(ran: &Ran) -> Vec<String> {
    let difference: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{}", ran.stderr));
    let changes = difference["changes"].as_array().unwrap().iter();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    changes
        .map(|c| format!("{} {} {}", text(&c["change"]), text(&c["finding"]["check"]), text(&c["finding"]["path"])))
        .collect()
}

#[test]
fn tells_new_moved_changed_and_gone_between_two_scans() {
    let repo = Repo::new();
    repo.write("src/pay.py", &repo.key("A"));
    repo.write("src/ship.py", &repo.key("B"));
    repo.write("src/mail.py", &repo.key("C"));
    repo.commit(1);
    let old = repo.scan("old.json", &[]);
    // Lines come before the first, the second is renamed, the third is gone, a fourth is new.
    repo.write("src/pay.py", &format!("import os\n\n\n# moved down\n{}", repo.key("A")));
    git(&repo.top, 2, &["mv", "src/ship.py", "src/shipping.py"]);
    fs::remove_file(repo.top.join("src/mail.py")).unwrap();
    repo.write("src/new.py", &repo.key("D"));
    repo.commit(2);
    let new = repo.scan("new.json", &[]);
    let ran = diff(&[&old, &new, "--format", "json"]);
    assert_eq!(told(&ran), ["new KW001 src/new.py", "moved KW001 src/shipping.py", "gone KW001 src/mail.py"]);
    assert_eq!(ran.code, 0, "without --fail-on a difference is no failure");
    assert_eq!(diff(&[&old, &new, "--fail-on", "error"]).code, 1);
    assert_eq!(diff(&[&old, &new, "--fail-on", "none"]).code, 0);
    assert_eq!(diff(&[&old, &old, "--fail-on", "note"]).code, 0);

    let ran = diff(&[&old, &new]);
    for part in ["src/ship.py:1 -> src/shipping.py:1", "src/new.py:1", "1 new, 1 moved, 1 gone, 1 unchanged\n"] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    for name in ["A", "B", "C", "D"] {
        let value = repo.value(name);
        for piece in value.as_bytes()["sk_live_51".len()..].windows(8) {
            assert!(!ran.stdout.contains(std::str::from_utf8(piece).unwrap()));
        }
    }
    // A finding that is accepted now still is no news when it opens again.
    let baseline = repo.top.with_file_name("known").display().to_string();
    keyward(&repo.top, &["baseline", "write", "--to", &baseline, "--as-of", "2026-11-22"]);
    let accepted = repo.scan("accepted.json", &["--baseline", &baseline]);
    assert_eq!(diff(&[&old, &accepted, "--fail-on", "note"]).code, 0, "what is new is accepted");
    assert_eq!(diff(&[&accepted, &new, "--fail-on", "error"]).code, 1, "it is accepted no more");
}

#[test]
fn a_credential_that_left_is_in_the_history_and_comes_back() {
    let repo = Repo::new();
    repo.write("config/prod.env", &repo.key("A"));
    repo.commit(1);
    let there = repo.scan("there.json", &["--history"]);
    repo.write("config/prod.env", "STRIPE_SECRET_KEY = \"vault:stripe\"\n");
    repo.commit(2);
    let left = repo.scan("left.json", &["--history"]);
    repo.write("deploy/prod.env", &repo.key("A"));
    repo.commit(3);
    let back = repo.scan("back.json", &["--history"]);

    let json = |a: &str, b: &str| diff(&[a, b, "--format", "json", "--fail-on", "note"]);
    let ran = json(&there, &left);
    assert_eq!((told(&ran), ran.code), (vec!["moved KW002 config/prod.env".to_owned()], 0));
    let ran = json(&left, &back);
    let expected = ["reintroduced KW001 deploy/prod.env", "reintroduced KW507 deploy/prod.env"];
    assert_eq!((told(&ran), ran.code), (expected.map(str::to_owned).to_vec(), 1));
    assert!(told(&json(&there, &back)).contains(&"reintroduced KW507 deploy/prod.env".to_owned()));

    let tree = repo.scan("tree.json", &[]);
    let ran = diff(&[&left, &tree]);
    assert!(ran.stdout.contains("only the old report looked at: history"), "{}", ran.stdout);
}

#[test]
fn what_is_no_report_is_one_error_and_exit_2() {
    let repo = Repo::new();
    repo.write("a.env", &repo.key("A"));
    let good = repo.scan("good.json", &[]);
    let text = fs::read_to_string(&good).unwrap();
    let bad = repo.top.with_file_name("bad.json").display().to_string();
    let line = text.lines().position(|l| l.contains("\"level\": \"error\"")).unwrap() + 1;
    for (content, begins) in [
        (text.replacen("\"level\": \"error\"", "\"level\": \"loud\"", 1), format!(":{line}: findings[0].level: ")),
        (text[..text.len() / 2].to_owned(), ":".to_owned()),
        ("{}".to_owned(), ": schema: ".to_owned()),
        (String::new(), ":1: ".to_owned()),
    ] {
        fs::write(&bad, content).unwrap();
        for ran in [diff(&[&bad, &good]), diff(&[&good, &bad])] {
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
            assert!(ran.stderr.starts_with(&format!("keyward: {bad}{begins}")), "{}", ran.stderr);
            assert!(ran.stderr.lines().count() == 1 && !ran.stderr.contains("loud"), "{}", ran.stderr);
        }
    }
    let ran = diff(&[&good, "nowhere.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("keyward: nowhere.json: "), "{}", ran.stderr);
}
