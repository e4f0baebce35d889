//! Real git, with fixed dates and no configuration but ours.

use std::cell::Cell;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A repository in a temporary folder. Every command is a minute later than the one before.
pub(crate) struct Repo {
    pub(crate) dir: tempfile::TempDir,
    now: Cell<i64>,
}

/// When the first command runs.
pub(crate) const START: i64 = 1_600_000_000;

impl Repo {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let repo = Self { dir: tempfile::tempdir().unwrap(), now: Cell::new(START) };
        repo.git(&[&["init", "-q", "-b", "main"], arguments].concat());
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(self.path(), arguments, b"")
    }

    pub(crate) fn git_in(&self, dir: &Path, arguments: &[&str], input: &[u8]) -> String {
        self.now.set(self.now.get() + 60);
        let date = format!("{} +0000", self.now.get());
        let mut child = Command::new("git")
            .current_dir(dir)
            .args(["-c", "protocol.file.allow=always", "-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("HOME", "/nonexistent")])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes, adds and commits a file; gives the commit.
    pub(crate) fn commit(&self, path: &str, content: &str) -> String {
        self.write(path, content);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "change"]);
        self.head()
    }

    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }
}
