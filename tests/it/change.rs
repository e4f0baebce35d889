//! What a change introduces, with real git: staged files, ranges, hooks.

use std::fs;
use std::path::Path;

use keyward::Sample;

use crate::repository::Repository;
use crate::run::{Ran, command, git, keyward};

struct Repo {
    repository: Repository,
    key: String,
    other: String,
}

impl std::ops::Deref for Repo {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        &self.repository
    }
}

impl Repo {
    fn new() -> Self {
        let repository = Repository::new("work", "A = \"sk_live_51{base62:97}\"\nB = \"sk_live_51{base62:97}\"");
        let (key, other) = (repository.value("A").to_owned(), repository.value("B").to_owned());
        Self { repository, key, other }
    }

    fn scan(&self, args: &[&str]) -> Ran {
        let mut all = vec!["scan", "--as-of", "2026-11-22"];
        all.extend(args);
        keyward(&self.top, &all)
    }
}

/// `check path` of every finding.
fn findings(ran: &Ran) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{}", ran.stderr));
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {}", text(&f["check"]), text(&f["primary"]["path"])))
        .collect()
}

#[test]
fn the_index_is_scanned_and_not_the_working_tree() {
    let repo = Repo::new();
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    git(&repo.top, 1, &["add", "app.env"]);
    // Partial staging: the working tree holds something else than the index.
    repo.write("app.env", "KEY=\n");
    repo.write("not-staged.env", &format!("KEY={}\n", repo.other));
    let ran = repo.scan(&["--staged", "--format", "json"]);
    assert_eq!((ran.code, findings(&ran)), (1, vec!["KW001 app.env".to_owned()]));
}

#[test]
fn an_index_of_its_own_is_honoured() {
    let repo = Repo::new();
    repo.commit(1);
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    let index = repo.top.join(".git/other-index");
    let status = std::process::Command::new("git")
        .args(["add", "app.env"])
        .current_dir(&repo.top)
        .env("GIT_INDEX_FILE", &index)
        .status()
        .unwrap();
    assert!(status.success());
    let run = |index: Option<&Path>| {
        let mut command = command(&repo.top);
        command.args(["scan", "--staged", "--format", "json"]);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let output = command.output().unwrap();
        output.status.code().unwrap()
    };
    assert_eq!((run(None), run(Some(&index))), (0, 1));
}

#[test]
fn touching_a_file_does_not_bring_back_what_was_known_of_it() {
    let repo = Repo::new();
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    repo.commit(1);
    repo.write("app.env", &format!("# a comment\nKEY={}\n", repo.key));
    git(&repo.top, 2, &["add", "-A"]);
    assert_eq!(repo.scan(&["--staged"]).code, 0);
    repo.write("app.env", &format!("KEY={}\nOTHER={}\n", repo.key, repo.other));
    git(&repo.top, 2, &["add", "-A"]);
    let ran = repo.scan(&["--staged", "--format", "json"]);
    assert_eq!(findings(&ran), ["KW001 app.env"]);
}

#[test]
fn a_range_is_what_its_right_side_adds() {
    let repo = Repo::new();
    repo.write("old.env", &format!("KEY={}\n", repo.key));
    let base = repo.commit(1);
    repo.write("new.env", &format!("KEY={}\n", repo.other));
    repo.commit(2);
    fs::remove_file(repo.top.join("new.env")).unwrap();
    let head = repo.commit(3);
    // Added and taken back within the range: gone from the tree, and in the history for good.
    let range = format!("{base}..{head}");
    let ran = repo.scan(&["--range", &range, "--format", "json"]);
    assert_eq!((ran.code, findings(&ran)), (1, vec!["KW002 new.env".to_owned()]));
    let empty = repo.scan(&["--range", &format!("{head}..{head}")]);
    assert_eq!(empty.code, 0);
    assert!(empty.stdout.contains("nothing in the scope"), "{}", empty.stdout);
}

#[test]
fn a_revision_that_is_nothing_is_a_usage_error() {
    let repo = Repo::new();
    repo.commit(1);
    for range in ["nosuch..HEAD", "HEAD..nosuch", "HEAD"] {
        let ran = repo.scan(&["--range", range]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{range}");
        assert!(ran.stderr.contains("--range"), "{}", ran.stderr);
    }
}

#[test]
fn a_change_cannot_relax_its_own_gate() {
    let repo = Repo::new();
    let base = repo.commit(1);
    repo.write("secret/app.env", &format!("KEY={}\n", repo.key));
    repo.write("keyward.toml", "exclude = [\"secret/**\"]\n");
    repo.commit(2);
    let range = format!("{base}..HEAD");
    assert_eq!(repo.scan(&["--range", &range]).code, 1);
    assert_eq!(repo.scan(&[]).code, 0, "a local scan trusts its own files: {}", repo.scan(&[]).stdout);
}

#[test]
fn a_push_is_judged_by_a_real_hook() {
    let repo = Repo::new();
    repo.commit(1);
    let remote = repo.top.parent().unwrap().join("remote.git");
    git(&repo.top, 1, &["init", "-q", "--bare", remote.to_str().unwrap()]);
    git(&repo.top, 1, &["remote", "add", "origin", remote.to_str().unwrap()]);
    let hook = repo.top.join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let keyward = env!("CARGO_BIN_EXE_keyward");
    fs::write(&hook, format!("#!/bin/sh\nexec {keyward} scan --pre-push --remote \"$1\" >&2\n")).unwrap();
    executable(&hook);
    let push = |refs: &str| {
        std::process::Command::new("git").args(["push", "-q", "origin", refs]).current_dir(&repo.top).output().unwrap()
    };
    assert!(push("main").status.success(), "a clean branch");
    git(&repo.top, 2, &["checkout", "-q", "-b", "feature"]);
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    repo.commit(2);
    let refused = push("feature");
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && errors.contains("KW001"), "{errors}");
    assert!(!errors.contains(&repo.key[20..40]), "the value is shown");
    assert!(push("main").status.success(), "the other branch is still clean");
}

#[test]
fn a_server_sees_what_is_in_quarantine() {
    let repo = Repo::new();
    repo.commit(1);
    let remote = repo.top.parent().unwrap().join("remote.git");
    git(&repo.top, 1, &["init", "-q", "--bare", remote.to_str().unwrap()]);
    let hook = remote.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let keyward = env!("CARGO_BIN_EXE_keyward");
    fs::write(&hook, format!("#!/bin/sh\nexec {keyward} scan --pre-receive --deadline 60 >&2\n")).unwrap();
    executable(&hook);
    let push = || {
        std::process::Command::new("git")
            .args(["push", "-q", remote.to_str().unwrap(), "HEAD:refs/heads/main"])
            .current_dir(&repo.top)
            .output()
            .unwrap()
    };
    let first = push();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    repo.commit(2);
    let refused = push();
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && errors.contains("KW001"), "{errors}");
}

fn executable(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_cache_changes_nothing_but_the_work() {
    let repo = Repo::new();
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    repo.commit(1);
    repo.write("app.env", "KEY=\n");
    repo.commit(2);
    let cache = repo.top.parent().unwrap().join("cache");
    let cached = |format: &str| repo.scan(&["--history", "--format", format, "--cache", cache.to_str().unwrap()]);
    let plain = repo.scan(&["--history", "--format", "json"]);
    assert_eq!((plain.code, findings(&plain)), (1, vec!["KW002 app.env".to_owned()]));
    assert_eq!(cached("json").stdout, plain.stdout, "a cold cache");
    assert_eq!(cached("json").stdout, plain.stdout, "a warm cache");
    let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(8).any(|w| repo.key.as_bytes()[8..].windows(8).any(|v| v == w)), "a piece of the value");
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = cached("json");
    assert_eq!(damaged.stdout, plain.stdout, "a damaged cache");
    assert!(damaged.stderr.contains("cache is damaged"), "{}", damaged.stderr);
}

#[test]
fn submodules_are_scanned_with_the_history() {
    let inner = Repo::new();
    inner.write("app.env", &format!("KEY={}\n", inner.key));
    inner.commit(1);
    inner.write("app.env", "KEY=\n");
    inner.commit(2);
    let outer = Repo::new();
    outer.commit(1);
    let from = inner.top.to_str().unwrap();
    git(&outer.top, 2, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "vendor/inner"]);
    outer.commit(2);
    let ran = outer.scan(&["--history", "--format", "json"]);
    assert_eq!(findings(&ran), ["KW002 vendor/inner/app.env"]);
    assert_eq!(outer.scan(&["--history", "--no-submodules"]).code, 0);
}

/// Ids of checks of the 8xx family, with the message's end.
fn permissions(ran: &Ran) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{}", ran.stderr));
    let findings = report["findings"].as_array().unwrap().iter();
    let told = |f: &serde_json::Value| format!("{} {}", f["check"].as_str().unwrap(), f["message"].as_str().unwrap());
    findings.map(told).filter(|t| t.starts_with("KW8")).collect()
}

#[test]
fn permissions_beside_nothing_are_told_in_every_source() {
    let repo = Repo::new();
    let idle = "# keyward:allow KW001 reason=\"was a sandbox key\" until=2027-01-31\n";
    repo.write("old.py", idle);
    let base = repo.commit(1);
    repo.write("new.py", &format!("a = 1\n{idle}b = 2\n"));
    repo.write("old.py", &format!("{idle}c = 3\n"));
    git(&repo.top, 2, &["add", "-A"]);
    let covers_nothing = "KW809 The inline permission covers nothing: no credential stands here.";
    // A change is asked for what it brings; the tree for all that is there.
    assert_eq!(permissions(&repo.scan(&["--staged", "--format", "json"])), [covers_nothing]);
    repo.commit(2);
    assert_eq!(permissions(&repo.scan(&["--range", &format!("{base}..HEAD"), "--format", "json"])), [covers_nothing]);
    assert_eq!(permissions(&repo.scan(&["--format", "json"])), [covers_nothing, covers_nothing]);
}

#[test]
fn a_change_cannot_bring_its_own_permissions() {
    let repo = Repo::new();
    repo.write("README", "x\n");
    let base = repo.commit(1);
    let configuration =
        "[suppress]\nforeign_markers = [\"gitleaks\"]\n\n[[allow]]\npaths = [\"app/**\"]\nreason = \"x\"\n";
    repo.write("keyward.toml", configuration);
    repo.write("app/a.env", &format!("STRIPE_SECRET_KEY={}\n", repo.key));
    repo.write("b.env", &format!("STRIPE_SECRET_KEY={} # gitleaks:allow\n", repo.other));
    let second = repo.commit(2);
    // The base has none of it.
    let ran = repo.scan(&["--range", &format!("{base}..HEAD"), "--format", "json"]);
    assert_eq!((ran.code, findings(&ran).iter().filter(|f| f.starts_with("KW001")).count()), (1, 2), "{}", ran.stderr);
    // On the trusted side the folder is allowed; a marker of the change itself is not.
    repo.write("app/c.env", &format!("STRIPE_SECRET_KEY={}\n", repo.other));
    repo.write("b.env", "");
    repo.write("d.env", &format!("STRIPE_SECRET_KEY={} # gitleaks:allow\n", repo.other));
    repo.commit(3);
    let ran = repo.scan(&["--range", &format!("{second}..HEAD"), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let open: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["disposition"] == "open" && f["check"] == "KW001")
        .map(|f| f["primary"]["path"].as_str().unwrap())
        .collect();
    assert_eq!(open, ["d.env"]);
    assert_eq!(report["coverage"]["counts"]["allowed-by-config"], 1);
    assert!(permissions(&ran).iter().any(|t| t.starts_with("KW810") && t.contains("gitleaks:allow")));
    // A scan of the working tree trusts its own files.
    let ran = repo.scan(&["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

/// The framework run by hand or in continuous integration: two ends, nothing about a remote, no standard input.
#[test]
fn what_the_framework_tells_of_a_push_is_judged() {
    let repo = Repo::new();
    let base = repo.commit(1);
    repo.write("app.env", &format!("KEY={}\n", repo.key));
    let tip = repo.commit(2);
    // What is checked out is often on the remote already.
    git(&repo.top, 2, &["update-ref", "refs/remotes/origin/topic", &tip]);
    let pushed = |variables: &[(&str, &str)]| {
        let mut command = command(&repo.top);
        command.args(["scan", "--as-of", "2026-11-22", "--format", "json", "--pre-push"]);
        let output = command.envs(variables.iter().copied()).stdin(std::process::Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        findings(&Ran { stdout: text(output.stdout), stderr: text(output.stderr), code })
    };
    let ends = [("PRE_COMMIT_FROM_REF", base.as_str()), ("PRE_COMMIT_TO_REF", tip.as_str())];
    assert_eq!(pushed(&ends), ["KW001 app.env"]);
    let named = [ends[0], ends[1], ("PRE_COMMIT_REMOTE_NAME", "other")];
    assert_eq!(pushed(&named), ["KW001 app.env"], "a remote that has nothing yet");
    let known = [ends[0], ends[1], ("PRE_COMMIT_REMOTE_NAME", "origin")];
    assert!(pushed(&known).is_empty(), "this one has it");
}

#[test]
fn refs_that_cannot_be_read_are_no_unknown_revisions() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    git(top, 1, &["init", "-q", "--ref-format=reftable"]);
    let sample = Sample::parse("A = \"sk_live_51{base62:97}\"").unwrap();
    let commit = |text: &str, day| {
        fs::write(top.join("app.env"), text).unwrap();
        git(top, day, &["add", "-A"]);
        git(top, day, &["commit", "-q", "-m", "change"]);
        git(top, day, &["rev-parse", "HEAD"])
    };
    let (first, second) = (commit("a\n", 1), commit(&format!("KEY={}\n", sample.value("A").unwrap()), 2));
    let ran = keyward(top, &["scan", "--range", "HEAD~1..HEAD"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("reftable") && ran.stderr.contains("full id"), "{}", ran.stderr);
    let ran = keyward(top, &["scan", "--range", &format!("{first}..{second}"), "--format", "json"]);
    assert_eq!((ran.code, findings(&ran)), (1, vec!["KW001 app.env".to_owned()]), "{}", ran.stderr);
}
