//! Where git looks for a repository's hooks.
//!
//! Takes a folder; gives the folder that git runs hooks from, as `core.hooksPath` of all of git's
//! configuration says, and to whom it belongs. This is for somebody who sets up their own
//! repository: scanning never reads that configuration.

use std::fs;
use std::path::{Path, PathBuf};

use super::repository::GitEnvironment;

/// The folder of a repository's hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksFolder {
    /// It need not exist yet.
    pub path: PathBuf,
    /// Whose it is.
    pub owner: HooksOwner,
    /// The repository has no working tree: nothing is committed in it.
    pub bare: bool,
}

/// To whom a folder of hooks belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HooksOwner {
    /// The repository, all its working trees together.
    Repository,
    /// The files that are committed: what is put there can be committed too.
    WorkingTree,
    /// Somebody else: other repositories may use it as well.
    Others,
}

/// Why there are no hooks to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HooksError {
    /// Neither the path nor any folder above it is a repository.
    #[error("{} is not in a git repository", .0.display())]
    NoRepository(PathBuf),
    /// Git's configuration names a folder that cannot be made sense of.
    #[error("core.hooksPath of git's configuration is not a path")]
    NotAPath,
}

impl HooksFolder {
    /// Finds the folder for the repository that `folder` is in, or the one the environment names.
    pub fn of(folder: &Path, environment: &GitEnvironment) -> Result<Self, HooksError> {
        let none = || HooksError::NoRepository(folder.to_owned());
        let opened = match &environment.git_dir {
            Some(git_dir) => gix::open(folder.join(git_dir)).ok(),
            None => gix::discover(folder).ok(),
        };
        let repository = opened.ok_or_else(none)?;
        let absolute = |path: &Path| fs::canonicalize(path).map_err(|_| none());
        let common = absolute(repository.common_dir())?;
        let work_tree = repository.workdir().map(absolute).transpose()?;
        let named = repository.config_snapshot().trusted_path("core.hooksPath");
        let path = match named.map_err(|_| HooksError::NotAPath)? {
            // Relative to where git runs hooks: the top of the working tree, or the bare repository.
            Some(named) if !named.as_os_str().is_empty() => work_tree.as_ref().unwrap_or(&common).join(named),
            _ => common.join("hooks"),
        };
        let within = |top: &Path| resolved(&path).starts_with(top);
        let owner = match &work_tree {
            _ if within(&common) => HooksOwner::Repository,
            Some(top) if within(top) => HooksOwner::WorkingTree,
            _ => HooksOwner::Others,
        };
        Ok(Self { path, owner, bare: repository.is_bare() })
    }
}

/// The path with the links of what exists of it followed.
fn resolved(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(ancestor), path.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}
