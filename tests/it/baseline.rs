//! The baseline in a real repository: branches that merge, files that move, and what is gone.

use std::fs;

use crate::repository::Repository;
use crate::run::{Ran, git, keyward};

struct Repo {
    repository: Repository,
    values: Vec<String>,
}

impl std::ops::Deref for Repo {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        &self.repository
    }
}

impl Repo {
    /// Two known credentials, and a baseline that holds them, committed.
    fn new() -> Self {
        let names = ["A", "B", "C", "D", "E", "F"];
        let text: String = names.map(|n| format!("{n} = \"sk_live_51{{base62:97}}\"\n")).concat();
        let repository = Repository::new("work", &text);
        let values = names.map(|n| repository.value(n).to_owned()).to_vec();
        let repo = Self { repository, values };
        repo.leak("old/a.env", 0);
        repo.leak("old/b.env", 1);
        repo.write(&[]);
        repo.commit(1);
        repo
    }

    fn leak(&self, path: &str, value: usize) {
        self.repository.write(path, &format!("STRIPE_KEY={}\n", self.values[value]));
    }

    fn write(&self, args: &[&str]) -> Ran {
        let ran = keyward(&self.top, &[&["baseline", "write", "--as-of", "2026-11-22"], args].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        ran
    }

    fn scan(&self, args: &[&str]) -> Ran {
        let all = ["scan", "--as-of", "2026-11-22", "--baseline", "keyward.baseline"];
        keyward(&self.top, &[&all, args].concat())
    }

    fn baseline(&self) -> String {
        fs::read_to_string(self.top.join("keyward.baseline")).unwrap()
    }
}

#[test]
fn branches_that_both_add_to_it_merge() {
    let repo = Repo::new();
    let before = repo.baseline();
    assert_eq!(before.lines().count(), 3, "{before}");
    // Whatever the order of the lines is: several branches, each with a finding of its own.
    for (n, branch) in ["one", "two", "three"].iter().enumerate() {
        git(&repo.top, 2, &["checkout", "-q", "-b", branch, "main"]);
        repo.leak(&format!("{branch}/app.env"), 2 + n);
        repo.write(&[]);
        repo.commit(2 + n as u32);
    }
    git(&repo.top, 6, &["checkout", "-q", "main"]);
    for branch in ["one", "two", "three"] {
        git(&repo.top, 6, &["merge", "-q", "--no-edit", branch]);
    }
    let merged = repo.baseline();
    assert!(!merged.contains("<<<<"), "{merged}");
    assert_eq!(repo.scan(&["--fail-on", "new"]).code, 0, "{}", repo.scan(&[]).stdout);
    // Written anew it is sorted again, and says the same.
    repo.write(&[]);
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(&repo.baseline()), sorted(&merged));
    assert_eq!(repo.baseline().lines().count(), 6);
    let attributes = fs::read_to_string(repo.top.join(".gitattributes")).unwrap();
    assert_eq!(attributes, "keyward.baseline merge=union\n", "said once");
}

#[test]
fn what_is_new_fails_and_what_is_known_does_not() {
    let repo = Repo::new();
    assert_eq!(repo.scan(&["--fail-on", "new"]).code, 0);
    repo.leak("app.env", 2);
    let ran = repo.scan(&["--fail-on", "new"]);
    assert!(ran.code == 1 && ran.stdout.contains("app.env") && !ran.stdout.contains("old/a.env"), "{}", ran.stdout);
    let ran = keyward(&repo.top, &["scan", "--fail-on", "new"]);
    assert!(ran.code == 2 && ran.stderr.contains("keyward baseline write"), "{}", ran.stderr);
}

#[test]
fn it_is_written_where_it_is_looked_for() {
    let repo = Repo::new();
    fs::remove_file(repo.top.join("keyward.baseline")).unwrap();
    fs::write(repo.top.join("keyward.toml"), "baseline = \"known.baseline\"\n").unwrap();
    // The file that is named and not there yet is the one to write; so is one that a merge spoilt.
    for spoilt in [None, Some("<<<<<<< HEAD\n")] {
        if let Some(text) = spoilt {
            fs::write(repo.top.join("known.baseline"), text).unwrap();
        }
        // From a folder inside as well.
        let ran = keyward(&repo.top.join("old"), &["baseline", "write", ".."]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("keyward.toml names it"), "{}", ran.stdout);
        assert!(!repo.top.join("old/keyward.baseline").exists());
        assert_eq!(fs::read_to_string(repo.top.join("known.baseline")).unwrap().lines().count(), 3);
        assert_eq!(keyward(&repo.top, &["scan"]).code, 0);
    }
    assert_eq!(keyward(&repo.top, &["baseline", "write", "--baseline", "other"]).code, 0);
    assert!(repo.top.join("other").exists());
}

#[test]
fn of_nothing_it_is_empty_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    let ran = keyward(folder.path(), &["baseline", "write"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("nothing found: keyward.baseline is empty"), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(folder.path().join("keyward.baseline")).unwrap().lines().count(), 1);
    let scan = keyward(folder.path(), &["scan", "--baseline", "keyward.baseline", "--fail-on", "new"]);
    assert!(scan.code == 0 && scan.stdout.contains("nothing to judge"), "{}", scan.stdout);
}

#[test]
fn moved_is_known_copied_is_new_and_gone_is_told() {
    let repo = Repo::new();
    fs::create_dir(repo.top.join("new")).unwrap();
    git(&repo.top, 2, &["mv", "old/a.env", "new/a.env"]);
    fs::write(repo.top.join("new/a.env"), format!("# moved, and another line\nSTRIPE_KEY={}\n", repo.values[0]))
        .unwrap();
    assert_eq!(repo.scan(&["--fail-on", "new"]).code, 0);
    // The hook sees the same: what a commit moves it does not bring.
    git(&repo.top, 2, &["add", "-A"]);
    assert_eq!(repo.scan(&["--staged"]).code, 0, "{}", repo.scan(&["--staged"]).stdout);
    fs::copy(repo.top.join("old/b.env"), repo.top.join("copy.env")).unwrap();
    assert_eq!(repo.scan(&["--fail-on", "new"]).code, 1);
    assert_eq!(repo.scan(&["--fail-on", "new", "copy.env"]).code, 1, "a part of the tree");
    git(&repo.top, 2, &["add", "-A"]);
    assert_eq!(repo.scan(&["--staged"]).code, 1, "a copy in a commit");
    fs::remove_file(repo.top.join("copy.env")).unwrap();
    fs::remove_file(repo.top.join("old/b.env")).unwrap();
    let ran = repo.scan(&["--fail-on", "new"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 entry that no finding answers to any more"), "{}", ran.stdout);
    assert!(ran.stdout.contains("KW001 old/b.env"), "{}", ran.stdout);
    let part = repo.scan(&["new"]);
    assert!(!part.stdout.contains("answers to"), "{}", part.stdout);
}

#[test]
fn it_holds_no_dates_and_no_line_numbers() {
    let repo = Repo::new();
    let before = repo.baseline();
    fs::write(repo.top.join("old/a.env"), format!("\n\n\nSTRIPE_KEY={}\n", repo.values[0])).unwrap();
    let ran = keyward(&repo.top, &["baseline", "write", "--as-of", "2027-05-01"]);
    assert_eq!((ran.code, repo.baseline()), (0, before.clone()));
    assert!(before.lines().skip(1).all(|l| l.split(' ').count() == 4), "{before}");
}

#[test]
fn what_a_narrower_scan_did_not_look_for_stays() {
    let repo = Repo::new();
    let whole = repo.baseline();
    // One of two folders is written anew; the other keeps what it had.
    repo.leak("new/c.env", 2);
    let ran = repo.write(&["new"]);
    assert!(ran.stdout.starts_with("1 finding written to keyward.baseline."), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 entries stay as before: this scan did not look for them."), "{}", ran.stdout);
    assert!(whole.lines().all(|line| repo.baseline().contains(line)), "{}", repo.baseline());
    assert_eq!(repo.scan(&["--fail-on", "new"]).code, 0);
    // What was looked for and is gone does not stay; a folder whose name only begins so is another one.
    fs::remove_dir_all(repo.top.join("new")).unwrap();
    repo.leak("new", 3);
    repo.leak("newer.env", 4);
    let ran = repo.write(&["new"]);
    assert!(ran.stdout.contains("1 finding written") && ran.stdout.contains("2 entries stay"), "{}", ran.stdout);
    assert!(!repo.baseline().contains("new/c.env") && !repo.baseline().contains("newer.env"), "{}", repo.baseline());
    let ran = repo.write(&["."]);
    assert!(ran.stdout.contains("4 findings written") && !ran.stdout.contains("stay as before"), "{}", ran.stdout);
    // The history is a wider scan than the tree.
    repo.commit(2);
    fs::remove_file(repo.top.join("old/a.env")).unwrap();
    repo.commit(3);
    repo.write(&["--history"]);
    let all = repo.baseline();
    assert!(all.contains("KW002 "), "{all}");
    let ran = repo.write(&[]);
    assert!(ran.stdout.contains("stay as before") && repo.baseline() == all, "{}", ran.stdout);
    // A part of what nobody can read is not known.
    fs::write(repo.top.join("keyward.baseline"), format!("<<<<<<< HEAD\n{all}")).unwrap();
    let ran = keyward(&repo.top, &["baseline", "write", "old"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("keyward.baseline:1") && ran.stderr.contains("Scan the whole tree"), "{}", ran.stderr);
    assert!(repo.baseline().starts_with("<<<<<<< HEAD"), "left as it was");
}
