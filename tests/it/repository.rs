//! A repository with a working tree and made-up values, for tests of the built binary.

use std::fs;
use std::path::PathBuf;

use keyward::Sample;

use crate::run::git;

/// What the repositories of several tests have in common.
pub(crate) struct Repository {
    _folder: tempfile::TempDir,
    /// The working tree.
    pub(crate) top: PathBuf,
    sample: Sample,
}

impl Repository {
    /// An empty one, whose folder has a name; and values, as lines `NAME = "template"`.
    pub(crate) fn new(name: &str, values: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap().join(name);
        fs::create_dir(&top).unwrap();
        git(&top, 1, &["init", "-q"]);
        Self { _folder: folder, top, sample: Sample::parse(values).unwrap() }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.sample.value(name).unwrap_or_else(|| panic!("no value {name}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.top.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Commits whatever the working tree holds; gives the commit's id.
    pub(crate) fn commit(&self, day: u32) -> String {
        git(&self.top, day, &["add", "-A"]);
        git(&self.top, day, &["commit", "-q", "--allow-empty", "-m", "change"]);
        git(&self.top, day, &["rev-parse", "HEAD"])
    }
}
