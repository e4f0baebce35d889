//! Governance over time: what the dates of real commits and of an inventory say together. Each check
//! once where it fires, and where it does not.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::repo::{Repo, Tokens, scan_in};
use super::told::Told;

const KEY: &str = "KEY";

/// A repository and the one record of its credential.
struct Governed {
    repo: Repo,
    tokens: Tokens,
}

impl Governed {
    fn new() -> Self {
        Self { repo: Repo::new(&[]), tokens: Tokens::new([KEY]) }
    }

    fn add(&self, path: &str) -> String {
        self.repo.commit(path, &self.tokens.file(KEY))
    }

    fn remove(&self, path: &str) -> String {
        self.repo.git(&["rm", "-q", path]);
        self.repo.commit_all()
    }

    /// Judges the history with a record that has these fields beside what every record has.
    fn judge(&self, fields: &[(&str, &str)]) -> Told {
        self.judge_in(&self.repo.top, &["--history"], fields)
    }

    fn judge_in(&self, folder: &Path, args: &[&str], fields: &[(&str, &str)]) -> Told {
        let print = self.tokens.prints().next().unwrap().0;
        let usual = [
            ("partner_id", "stripe"),
            ("kind", "api_key"),
            ("status", "active"),
            ("approved_by", "people/lena"),
            ("approved_at", "2025-01-01"),
            ("issued_at", "2025-01-02"),
        ];
        let mut text = format!(
            "keyward_inventory: 1\ngenerated_at: 2026-11-20T06:00:00Z\ncredentials:\n  - id: r1\n    fingerprints: [\"{print}\"]\n"
        );
        for (name, value) in usual.iter().filter(|(name, _)| fields.iter().all(|(own, _)| own != name)).chain(fields) {
            text += &format!("    {name}: {value}\n");
        }
        let file = self.repo.beside("inventory.yaml");
        fs::write(&file, text).unwrap();
        let file = file.to_string_lossy().into_owned();
        Told::parse(&scan_in(folder, &[&["--format", "json", "--inventory", &file], args].concat()))
    }
}

/// The finding of a check, if it failed.
fn finding<'t>(told: &'t Told, check: &str) -> Option<&'t Value> {
    let mut all = told.findings().iter().filter(|f| f["check"] == check);
    let first = all.next();
    assert!(all.next().is_none(), "{check} is told once");
    first
}

fn fires<'t>(told: &'t Told, check: &str) -> &'t Value {
    finding(told, check).unwrap_or_else(|| panic!("{check} fires, not only {:?}", told.checks()))
}

/// The check was judged, and passed or was not asked.
fn passes(told: &Told, check: &str) {
    assert!(finding(told, check).is_none(), "{check} does not fire");
    let state = &told.report["checks"][check];
    assert!(state["not_evaluated"].as_object().is_none_or(serde_json::Map::is_empty), "{check}: {state}");
}

fn not_evaluated(told: &Told, check: &str, why: &str) {
    assert!(finding(told, check).is_none(), "{check} does not fire");
    let reasons = told.report["checks"][check]["not_evaluated"].as_object().cloned().unwrap_or_default();
    assert!(reasons.keys().any(|reason| reason.contains(why)), "{check}: {reasons:?}");
}

#[test]
fn kw304_in_use_before_it_was_approved() {
    let case = Governed::new();
    let added = case.add("app.env"); // on 2025-06-01
    let told = case.judge(&[("approved_at", "2025-06-11")]);
    let found = fires(&told, "KW304");
    assert_eq!((&found["level"], &found["facts"]["introduced_commit"]), (&"error".into(), &added.into()));
    assert_eq!(found["message"], "Stripe secret key was in the repository 10 days before record r1 was approved.");
    passes(&case.judge(&[("approved_at", "2025-05-31")]), "KW304");
    // A day counts from its start, and a day of tolerance is given.
    passes(&case.judge(&[("approved_at", "2025-06-02")]), "KW304");
    let told = case.judge(&[("approved_at", "2025-06-03")]);
    assert!(fires(&told, "KW304")["message"].as_str().unwrap().contains("2 days before"));
    // Without the history nothing can be said.
    not_evaluated(&case.judge_in(&case.repo.top, &[], &[("approved_at", "2025-06-11")]), "KW304", "history");
}

#[test]
fn kw304_of_the_oldest_commit_wherever_it_was() {
    // First on a branch that was deleted, under another name; then rebased onto a later day.
    let case = Governed::new();
    case.repo.commit("readme", "x\n");
    case.repo.git(&["checkout", "-q", "-b", "topic"]);
    let first = case.add("old.env");
    case.repo.wait(30);
    case.repo.git(&["checkout", "-q", "main"]);
    case.repo.commit("readme", "y\n");
    case.repo.git(&["rebase", "-q", "main", "topic"]);
    case.repo.git(&["mv", "old.env", "new.env"]);
    case.repo.commit_all();
    let told = case.judge(&[("approved_at", "2025-06-15")]);
    assert_eq!(fires(&told, "KW304")["facts"]["introduced_commit"], first.as_str());
    // What git has forgotten is not known: rebasing moves the date, which errs on the quiet side.
    case.repo.git(&["reflog", "expire", "--all", "--expire=all"]);
    case.repo.git(&["gc", "-q", "--prune=now"]);
    passes(&case.judge(&[("approved_at", "2025-06-15")]), "KW304");
}

#[test]
fn a_shallow_clone_cannot_tell_what_came_first() {
    let case = Governed::new();
    case.add("app.env");
    case.repo.wait(60);
    case.repo.commit("more.txt", "more\n");
    let clone = case.repo.beside("clone");
    let url = format!("file://{}", case.repo.top.display());
    case.repo.git(&["clone", "-q", "--depth=1", &url, &clone.to_string_lossy()]);
    let shallow = |fields: &[(&str, &str)]| case.judge_in(&clone, &["--history"], fields);
    let told = shallow(&[("approved_at", "2025-07-01"), ("last_rotated_at", "2025-07-01")]);
    for check in ["KW304", "KW408", "KW507"] {
        not_evaluated(&told, check, "shallow");
    }
    assert_eq!(told.gap("shallow"), 1);
    // What it has is "not later than": enough to fire.
    let told = shallow(&[("approved_at", "2025-12-01"), ("last_rotated_at", "2025-12-01")]);
    fires(&told, "KW304");
    fires(&told, "KW408");
}

#[test]
fn kw408_rotated_on_paper() {
    let case = Governed::new();
    case.add("app.env");
    let told = case.judge(&[("last_rotated_at", "2025-09-01")]);
    assert_eq!(fires(&told, "KW408")["facts"]["last_rotated_at"], "2025-09-01");
    passes(&case.judge(&[("last_rotated_at", "2025-05-01")]), "KW408");
    case.remove("app.env");
    passes(&case.judge(&[("last_rotated_at", "2025-09-01")]), "KW408");
}

#[test]
fn kw501_kw502_and_kw508_follow_the_record_and_the_tree() {
    let case = Governed::new();
    case.add("app.env");
    let revoked = [("status", "revoked"), ("revoked_at", "2025-06-21")];
    let told = case.judge(&revoked);
    assert_eq!(fires(&told, "KW501")["facts"]["revoked_at"], "2025-06-21");
    passes(&told, "KW502");
    passes(&told, "KW508");
    passes(&case.judge(&[]), "KW501");

    case.repo.wait(40);
    let removed = case.remove("app.env"); // on 2025-07-11
    let told = case.judge(&revoked);
    passes(&told, "KW501");
    let found = fires(&told, "KW502");
    assert_eq!(found["level"], "note");
    assert_eq!(found["primary"]["exposure"]["removed"]["commit"], removed.as_str());
    let facts = &found["facts"];
    assert_eq!((&facts["days_exposed"], &facts["days_from_revocation_to_removal"]), (&40.into(), &20.into()));
    passes(&told, "KW508");
    let told = case.judge(&[]);
    passes(&told, "KW502");
    let found = fires(&told, "KW508");
    assert_eq!((&found["level"], &found["facts"]["days_exposed"]), (&"error".into(), &40.into()));
    assert!(found["facts"]["removed"].as_str().unwrap().starts_with("2025-07-11T"));
}

#[test]
fn kw507_removed_once_and_back() {
    let case = Governed::new();
    case.add("app.env");
    case.remove("app.env");
    passes(&case.judge(&[]), "KW507");
    case.repo.wait(3);
    let back = case.add("other/app.env");
    let told = case.judge(&[]);
    assert_eq!(fires(&told, "KW507")["facts"]["reintroduced_commit"], back.as_str());
    // A rename there and back is no return.
    let renamed = Governed::new();
    renamed.add("a.env");
    for (from, to) in [("a.env", "b.env"), ("b.env", "a.env")] {
        renamed.repo.git(&["mv", from, to]);
        renamed.repo.commit_all();
    }
    passes(&renamed.judge(&[]), "KW507");
}

#[test]
fn kw510_still_on_other_refs() {
    let case = Governed::new();
    case.add("app.env");
    case.repo.git(&["branch", "release"]);
    case.repo.git(&["tag", "v1"]);
    case.remove("app.env");
    let told = case.judge(&[]);
    let found = fires(&told, "KW510");
    assert_eq!(found["facts"]["refs"], serde_json::json!(["refs/heads/release", "refs/tags/v1"]));
    assert_eq!(found["message"], "Stripe secret key is gone from the tree, and the tips of 2 refs still hold it.");
    case.repo.git(&["branch", "-q", "-D", "release"]);
    let told = case.judge(&[]);
    assert!(fires(&told, "KW510")["message"].as_str().unwrap().ends_with("the tip of 1 ref still holds it."));
    case.repo.git(&["tag", "-d", "v1"]);
    passes(&case.judge(&[]), "KW510");
    // A stash holds it too, in any of its parts.
    case.repo.write("app.env", &case.tokens.file(KEY));
    case.repo.git(&["stash", "push", "-q", "--include-untracked"]);
    assert_eq!(fires(&case.judge(&[]), "KW510")["facts"]["refs"], serde_json::json!(["refs/stash"]));
}
