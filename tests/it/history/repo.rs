//! Scripted repositories: real git, made-up credentials, fixed dates.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};

use keyward::Sample;

use super::told::Told;
use crate::run::{Ran, keyward};

/// When the first command runs: 2025-06-01T00:00:00Z.
pub(super) const START: i64 = 1_748_736_000;
/// The day that is judged on.
pub(super) const AS_OF: &str = "2026-11-22";

/// A repository in a folder of its own. Every command comes an hour after the one before.
pub(super) struct Repo {
    _folder: tempfile::TempDir,
    pub(super) top: PathBuf,
    now: AtomicI64,
}

impl Repo {
    pub(super) fn new(init: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap().join("work");
        fs::create_dir(&top).unwrap();
        let repo = Self { _folder: folder, top, now: AtomicI64::new(START) };
        repo.git(&[&["init", "-q", "-b", "main"], init].concat());
        repo
    }

    /// A folder beside the repository.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.top.parent().unwrap().join(name)
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.top, args, b"")
    }

    pub(super) fn git_in(&self, folder: &Path, args: &[&str], input: &[u8]) -> String {
        let now = self.now.fetch_add(3600, Ordering::Relaxed) + 3600;
        git_at(folder, now, args, input)
    }

    /// Lets time pass.
    pub(super) fn wait(&self, days: i64) {
        self.now.fetch_add(days * 86_400, Ordering::Relaxed);
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let file = self.top.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Commits whatever the working tree holds.
    pub(super) fn commit_all(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.head()
    }

    /// Writes and commits one file.
    pub(super) fn commit(&self, path: &str, text: &str) -> String {
        self.write(path, text);
        self.commit_all()
    }

    pub(super) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Stores a blob.
    pub(super) fn blob(&self, bytes: &[u8]) -> String {
        self.git_in(&self.top, &["hash-object", "-w", "--stdin"], bytes)
    }

    pub(super) fn scan(&self, args: &[&str]) -> Ran {
        scan_in(&self.top, args)
    }

    /// The whole history.
    pub(super) fn told(&self) -> Told {
        self.told_with(&[])
    }

    pub(super) fn told_with(&self, args: &[&str]) -> Told {
        Told::parse(&self.scan(&[&["--history", "--format", "json"], args].concat()))
    }
}

/// Runs a scan in a folder on the fixed day.
pub(super) fn scan_in(folder: &Path, args: &[&str]) -> Ran {
    keyward(folder, &[&["scan", "--as-of", AS_OF], args].concat())
}

/// Runs git at a moment, with nothing of the tester's configuration.
pub(super) fn git_at(folder: &Path, seconds: i64, args: &[&str], input: &[u8]) -> String {
    let output = try_git(folder, seconds, args, input);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

pub(super) fn try_git(folder: &Path, seconds: i64, args: &[&str], input: &[u8]) -> std::process::Output {
    let date = format!("{seconds} +0000");
    let mut child = Command::new("git")
        .args(["-c", "core.hooksPath=", "-c", "protocol.file.allow=always", "-c", "gc.auto=0"])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("HOME", "/nonexistent")])
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@acme.example")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@acme.example")])
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // a command that fails reads no further
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Made-up credentials by name.
pub(super) struct Tokens(Sample);

impl Tokens {
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let line = |name| format!("{name} = \"stripe-secret-key: sk_live_51{{base62:97}}\"\n");
        Self(Sample::parse(&names.into_iter().map(line).collect::<String>()).unwrap())
    }

    pub(super) fn value(&self, name: &str) -> &str {
        self.0.value(name).unwrap_or_else(|| panic!("no token {name}"))
    }

    /// A file that holds one.
    pub(super) fn file(&self, name: &str) -> String {
        format!("# settings\nKEY={}\n# end\n", self.value(name))
    }

    /// The fingerprint that reports show, and the name, of each.
    pub(super) fn prints(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.values().map(|(name, _)| (self.0.fill(&format!("@sha256:{name}@"), &[]), name))
    }

    /// The secret parts, for the canary.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|(name, value)| (name, &value["sk_live_51".len()..]))
    }
}
