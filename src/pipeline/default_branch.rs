//! The branch that a repository's work comes together on, for the job that `keyward init` writes.

use std::fs;
use std::path::Path;

use crate::source::git::repository::{GitEnvironment, Repository};

/// What the remote calls its branch, else what is checked out; `None` where neither is known, or where its name
/// has characters that a configuration file would have to escape.
pub fn default_branch(folder: &Path, environment: &GitEnvironment) -> Option<String> {
    let repository = Repository::discover(folder, environment).ok()?;
    let named = |file: &Path, prefix: &str| {
        let text = fs::read_to_string(file).ok()?;
        let name = text.strip_prefix("ref: ")?.trim_end().strip_prefix(prefix)?.to_owned();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
        (!name.is_empty() && name.bytes().all(plain)).then_some(name)
    };
    // git writes symbolic references of this kind as files, whatever keeps the others.
    named(&repository.common_dir.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/")
        .or_else(|| named(&repository.git_dir.join("HEAD"), "refs/heads/"))
}
