//! Where configuration, exceptions and baseline are read from: the working tree, or a commit that the
//! change under judgement cannot touch.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use keyward::config::Config;
use keyward::{GitEnvironment, trusted_file};

use crate::args::{GovernanceArgs, SourceArgs};

/// Name of the configuration file.
const CONFIG: &str = "keyward.toml";

/// The trusted side.
pub(crate) enum Trust {
    /// The files as they are on disk.
    WorkingTree,
    /// The files as a commit has them; files outside the repository from disk.
    Commit { top: PathBuf, git: GitEnvironment, revision: String },
}

impl Trust {
    /// A named revision; else the left side of a range, or what the receiving repository has.
    pub(crate) fn of(sources: &SourceArgs, governance: &GovernanceArgs, git: &GitEnvironment, near: &Path) -> Self {
        let left = sources.range.as_deref().and_then(|r| r.split("..").next());
        let left = left.map(|l| if l.is_empty() { "HEAD" } else { l });
        let received = sources.pre_receive.then_some("HEAD");
        match governance.trust_from.as_deref().or(left).or(received) {
            Some(revision) => Self::Commit { top: top_of(near), git: git.clone(), revision: revision.to_owned() },
            None => Self::WorkingTree,
        }
    }

    /// A named revision, else the working tree.
    pub(crate) fn from_revision(revision: Option<&str>, near: &Path) -> Self {
        match revision {
            Some(revision) => {
                Self::Commit { top: top_of(near), git: GitEnvironment::default(), revision: revision.to_owned() }
            }
            None => Self::WorkingTree,
        }
    }

    /// The top of the repository and the trusted revision, if there is one.
    pub(crate) fn commit(&self) -> Option<(&Path, &str)> {
        match self {
            Self::WorkingTree => None,
            Self::Commit { top, revision, .. } => Some((top, revision)),
        }
    }

    /// The configuration: the named file, or the one at the repository's top, or the defaults.
    pub(crate) fn config(&self, named: Option<&Path>, near: &Path) -> anyhow::Result<Config> {
        let file = config_file(named, near);
        match self.read(&file)? {
            None if named.is_none() => Ok(Config::default()),
            None => bail!("{}: no such file{}; `keyward init` writes a keyward.toml", file.display(), self.place()),
            Some(text) => {
                let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let name = named.map_or_else(|| CONFIG.to_owned(), |p| p.display().to_string());
                Ok(Config::parse(&name, folder, &text)?)
            }
        }
    }

    /// What a file of the repository holds at the trusted commit; `None` where the file on disk counts.
    /// It is an error if the commit has no such file.
    pub(crate) fn content(&self, file: &Path) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(held) = self.held(file) else { return Ok(None) };
        let missing = || format!("{}: no such file{}", file.display(), self.place());
        held?.with_context(missing).map(Some)
    }

    /// The bytes of a file that lies in the repository whose commit is trusted.
    fn held(&self, file: &Path) -> Option<anyhow::Result<Option<Vec<u8>>>> {
        let Self::Commit { top, git, revision } = self else { return None };
        let path = inside(top, file)?;
        Some(match trusted_file(top, git, revision, &path) {
            Ok(bytes) => Ok(bytes),
            // A repository without a commit yet trusts nothing.
            Err(_) if revision == "HEAD" => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    /// A file's text; `None` if it is not there.
    pub(crate) fn read(&self, file: &Path) -> anyhow::Result<Option<String>> {
        if let Some(held) = self.held(file) {
            let bytes = held?;
            let text = bytes.map(String::from_utf8).transpose();
            return text.ok().with_context(|| format!("{}{}: not UTF-8 text", file.display(), self.place()));
        }
        match fs::read_to_string(file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }

    /// For messages.
    fn place(&self) -> String {
        match self {
            Self::WorkingTree => String::new(),
            Self::Commit { revision, .. } => format!(" in commit {revision}"),
        }
    }
}

/// The configuration file that is read: the named one, or the one at the repository's top.
pub(crate) fn config_file(named: Option<&Path>, near: &Path) -> PathBuf {
    named.map_or_else(
        || {
            let top = top_of(near);
            // What it names is shown, and anchored in reports, by the paths that the repository has for it.
            let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).is_ok_and(|dir| dir == top);
            if here { Path::new(".").join(CONFIG) } else { top.join(CONFIG) }
        },
        Path::to_owned,
    )
}

/// The path in the repository, with `/`; `None` for files outside it.
fn inside(top: &Path, file: &Path) -> Option<String> {
    let absolute = std::path::absolute(file).ok()?;
    // The file itself may not exist on disk, its folder's links may have to be followed.
    let folder = absolute.parent()?.canonicalize().unwrap_or_else(|_| absolute.parent().unwrap_or(top).to_owned());
    let path = folder.join(absolute.file_name()?);
    let relative = path.strip_prefix(top).ok()?;
    Some(relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// The nearest folder above `near` that holds a `.git`, else `near` itself.
fn top_of(near: &Path) -> PathBuf {
    let near = near.canonicalize().unwrap_or_else(|_| near.to_owned());
    let folder = if near.is_dir() { near } else { near.parent().map(Path::to_owned).unwrap_or(near) };
    folder.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(&folder).to_owned()
}
