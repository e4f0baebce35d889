//! What the walk of a working tree wants from its repository: where its top is, which files the
//! index holds, and the configuration file, which may carry credentials in remote addresses.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::source::RepoPath;

/// A repository's working tree.
pub(crate) struct WorkTree {
    /// Its top folder.
    pub(crate) top: PathBuf,
    repository: Option<gix::Repository>,
}

/// The paths of an index, with a mark for each that the walk has met.
pub(crate) struct Tracked {
    paths: HashMap<Vec<u8>, Entry>,
}

struct Entry {
    submodule: bool,
    met: AtomicBool,
}

impl WorkTree {
    /// The repository whose working tree holds `path` (an absolute path), if any.
    pub(crate) fn above(path: &Path) -> Option<Self> {
        let top = path.ancestors().find(|dir| dir.join(".git").exists())?;
        // Isolated: no configuration but the repository's own; ownership does not matter for reading.
        let options = gix::open::Options::isolated().with(gix::sec::Trust::Full);
        Some(Self { top: top.to_owned(), repository: gix::open_opts(top, options).ok() })
    }

    /// What the index tracks; an empty set for a repository without an index; `None` if it cannot
    /// be read.
    pub(crate) fn tracked(&self) -> Option<Tracked> {
        let index = self.repository.as_ref()?.index_or_empty().ok()?;
        let paths = index
            .entries()
            .iter()
            .map(|e| {
                let submodule = e.mode == gix::index::entry::Mode::COMMIT;
                (e.path(&index).to_vec(), Entry { submodule, met: AtomicBool::new(false) })
            })
            .collect();
        Some(Tracked { paths })
    }

    /// The repository's own configuration file.
    pub(crate) fn config_file(&self) -> Option<PathBuf> {
        Some(self.repository.as_ref()?.common_dir().join("config"))
    }

    /// The commit that is checked out, and the branch that points at it.
    pub(crate) fn head(&self) -> Option<(String, Option<String>)> {
        let mut head = self.repository.as_ref()?.head().ok()?;
        let branch = head.referent_name().map(|n| n.shorten().to_string());
        let id = head.peel_to_commit().ok()?.id().to_string();
        Some((id, branch))
    }

    /// Whether history is cut short.
    pub(crate) fn is_shallow(&self) -> bool {
        self.repository.as_ref().is_some_and(|r| r.is_shallow().unwrap_or(false))
    }

    /// The address of the remote `origin`, without user and password.
    pub(crate) fn remote_url(&self) -> Option<String> {
        let config = self.repository.as_ref()?.config_snapshot();
        let url = config.string("remote.origin.url")?;
        without_userinfo(&String::from_utf8_lossy(&url))
    }
}

/// An address without user and password, query and fragment; `None` for what is no remote address.
pub(crate) fn without_userinfo(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    if let Some((scheme, rest)) = url.split_once("://") {
        if scheme == "file" {
            return None;
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        return Some(format!("{scheme}://{host}/{path}"));
    }
    // user@host:path
    let (authority, path) = url.split_once(':')?;
    if authority.contains('/') || authority.len() == 1 {
        return None;
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

impl Tracked {
    /// Marks `path` as met.
    pub(crate) fn meet(&self, path: &RepoPath) {
        if let Some(entry) = self.paths.get(path.as_bytes()) {
            entry.met.store(true, Ordering::Relaxed);
        }
    }

    /// Tracked files that were not met, and submodules, sorted.
    pub(crate) fn rest(self) -> (Vec<RepoPath>, Vec<RepoPath>) {
        let (mut files, mut submodules) = (Vec::new(), Vec::new());
        #[allow(clippy::iter_over_hash_type, reason = "both lists are sorted below")]
        for (path, entry) in self.paths {
            if entry.submodule {
                submodules.push(RepoPath::new(path));
            } else if !entry.met.into_inner() {
                files.push(RepoPath::new(path));
            }
        }
        files.sort();
        submodules.sort();
        (files, submodules)
    }
}

#[cfg(test)]
mod tests {
    use super::without_userinfo;

    #[test]
    fn remote_addresses_lose_user_and_password() {
        let of = |u: &str| without_userinfo(u).unwrap_or_default();
        assert_eq!(of("https://user:secret@host.example/a.git?token=1"), "https://host.example/a.git");
        assert_eq!(of("git@host.example:team/a.git"), "ssh://host.example/team/a.git");
        assert_eq!(of("/srv/git/a.git"), "");
        assert_eq!(of("C:\\git\\a"), "");
    }
}
