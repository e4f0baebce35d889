//! Finds a repository and says what kind it is.
//!
//! Takes a path; gives the git directory, the common directory, where objects are, how ids are
//! made, and the facts that limit what can be concluded (shallow, partial). Reads only the
//! repository's own configuration file, without includes, so that nothing in it can lead elsewhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::hash::Kind as HashKind;

use super::objects::ObjectStore;

/// Where git keeps what belongs to one repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    /// What belongs to this working tree alone: its HEAD, its index.
    pub(crate) git_dir: PathBuf,
    /// What all working trees share: objects, refs, configuration.
    pub(crate) common_dir: PathBuf,
    /// How object ids are made.
    pub(crate) hash: HashKind,
    /// Commits whose parents were left out of a shallow clone, sorted.
    pub(crate) shallow: Vec<ObjectId>,
    /// Whether objects may be missing because a remote promised them.
    pub(crate) promisor: bool,
    /// Whether refs are kept in a reftable, which gix cannot read.
    pub(crate) reftable: bool,
    object_dirs: Vec<PathBuf>,
    index: PathBuf,
}

/// What git's environment variables say; taken once, at the edge of the program.
#[derive(Clone, Debug, Default)]
pub struct GitEnvironment {
    /// `GIT_DIR`
    pub(crate) git_dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`
    pub(crate) index_file: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`
    pub(crate) object_directory: Option<PathBuf>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`, split.
    pub(crate) alternates: Vec<PathBuf>,
}

impl GitEnvironment {
    /// Asks `get` (as `std::env::var_os`) for the variables.
    pub fn from_vars(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name| get(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Self {
            git_dir: path("GIT_DIR"),
            index_file: path("GIT_INDEX_FILE"),
            object_directory: path("GIT_OBJECT_DIRECTORY"),
            alternates: get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
                .map(|v| std::env::split_paths(&v).filter(|p| !p.as_os_str().is_empty()).collect())
                .unwrap_or_default(),
        }
    }
}

/// Why there is no repository to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    /// Neither the path nor any folder above it is one.
    #[error("{} is not in a git repository", .0.display())]
    NotFound(PathBuf),
    /// Its configuration cannot be parsed.
    #[error("the configuration of the repository at {} cannot be read", .0.display())]
    Config(PathBuf),
    /// It uses a format that is not known.
    #[error("the repository at {} has an unknown object format", .0.display())]
    Format(PathBuf),
}

impl Repository {
    /// Finds the repository that `path` is in, or the one the environment names.
    pub(crate) fn discover(path: &Path, environment: &GitEnvironment) -> Result<Self, OpenError> {
        let not_found = || OpenError::NotFound(path.to_owned());
        let git_dir = if let Some(git_dir) = &environment.git_dir {
            fs::canonicalize(path.join(git_dir)).map_err(|_| not_found())?
        } else {
            let path = fs::canonicalize(path).map_err(|_| not_found())?;
            let (found, _trust) = gix::discover::upwards(&path).map_err(|_| not_found())?;
            found.into_repository_and_work_tree_directories().0
        };
        Self::open(git_dir, environment)
    }

    /// Opens a git directory.
    pub(crate) fn open(git_dir: PathBuf, environment: &GitEnvironment) -> Result<Self, OpenError> {
        let git_dir = fs::canonicalize(&git_dir).map_err(|_| OpenError::NotFound(git_dir))?;
        let common_dir = match fs::read(git_dir.join("commondir")) {
            Ok(bytes) => {
                let path = gix::path::from_byte_slice(bytes.trim()).map_err(|_| OpenError::Config(git_dir.clone()))?;
                fs::canonicalize(git_dir.join(path)).map_err(|_| OpenError::NotFound(git_dir.clone()))?
            }
            Err(_) => git_dir.clone(),
        };
        let config = Config::read(&common_dir.join("config")).ok_or_else(|| OpenError::Config(git_dir.clone()))?;
        let hash = match config.object_format.as_deref() {
            None | Some("sha1") => HashKind::Sha1,
            Some("sha256") => HashKind::Sha256,
            Some(_) => return Err(OpenError::Format(git_dir)),
        };
        let mut object_dirs = vec![environment.object_directory.clone().unwrap_or_else(|| common_dir.join("objects"))];
        object_dirs.extend(environment.alternates.iter().cloned());
        let mut shallow: Vec<ObjectId> = fs::read(common_dir.join("shallow"))
            .unwrap_or_default()
            .lines()
            .filter_map(|line| ObjectId::from_hex(line.trim()).ok())
            .collect();
        shallow.sort_unstable();
        Ok(Self {
            index: environment.index_file.clone().unwrap_or_else(|| git_dir.join("index")),
            promisor: config.promisor || has_promisor_pack(&common_dir),
            reftable: config.reftable,
            git_dir,
            common_dir,
            hash,
            shallow,
            object_dirs,
        })
    }

    /// Opens the object stores.
    pub(crate) fn objects(&self) -> ObjectStore {
        ObjectStore::open(&self.object_dirs, self.hash)
    }

    /// The index of this working tree, or the one `GIT_INDEX_FILE` names.
    pub(crate) fn index_path(&self) -> &Path {
        &self.index
    }

    /// The private directories of all working trees with a name for each: the main one's (empty
    /// name) first, then those of linked working trees, sorted.
    pub(crate) fn worktree_dirs(&self) -> Vec<(String, PathBuf)> {
        let mut linked: Vec<(String, PathBuf)> = fs::read_dir(self.common_dir.join("worktrees"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()))
            .filter(|(_, dir)| dir.is_dir())
            .collect();
        linked.sort();
        linked.insert(0, (String::new(), self.common_dir.clone()));
        linked
    }

    /// The git directories of its submodules, nested ones not included, sorted, each with its path in
    /// the working tree; with its name where it has no place there.
    pub(crate) fn submodules(&self) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        let top = work_tree(&self.common_dir);
        let mut pending = vec![(String::new(), self.common_dir.join("modules"), 0)];
        while let Some((prefix, directory, depth)) = pending.pop() {
            for entry in fs::read_dir(&directory).into_iter().flatten().filter_map(Result::ok) {
                let path = entry.path();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if path.join("HEAD").is_file() && path.join("objects").is_dir() {
                    let placed = top.as_ref().and_then(|top| {
                        let place = work_tree(&path)?.strip_prefix(top).ok()?.to_str()?.to_owned();
                        (!place.is_empty()).then_some(place)
                    });
                    found.push((placed.unwrap_or(name), path));
                } else if depth < 16 && entry.file_type().is_ok_and(|t| t.is_dir()) {
                    pending.push((format!("{name}/"), path, depth + 1));
                }
            }
        }
        found.sort();
        found
    }
}

/// The working tree of a git directory, by its configuration or its place; it may be gone.
fn work_tree(git_dir: &Path) -> Option<PathBuf> {
    let config = Config::read(&git_dir.join("config"))?;
    let Some(named) = config.work_tree else {
        return (git_dir.file_name()? == ".git").then(|| git_dir.parent().map(Path::to_owned))?;
    };
    // By its letters alone: the folder need not be there.
    let mut path = PathBuf::new();
    for part in git_dir.join(named).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    Some(path)
}

/// Whether any pack came from a remote that promised the rest.
fn has_promisor_pack(common_dir: &Path) -> bool {
    fs::read_dir(common_dir.join("objects/pack"))
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .any(|e| e.path().extension().is_some_and(|x| x == "promisor"))
}

/// The few settings that matter for reading.
struct Config {
    object_format: Option<String>,
    promisor: bool,
    reftable: bool,
    work_tree: Option<PathBuf>,
}

impl Config {
    /// `None` where the file is there and cannot be parsed.
    fn read(path: &Path) -> Option<Self> {
        if !path.exists() {
            return Some(Self { object_format: None, promisor: false, reftable: false, work_tree: None });
        }
        let file = gix::config::File::from_path_no_includes(path.to_owned(), gix::config::Source::Local).ok()?;
        let text = |key: &str| file.string(key).map(|v| v.to_str_lossy().to_ascii_lowercase());
        Some(Self {
            object_format: text("extensions.objectformat"),
            promisor: text("extensions.partialclone").is_some(),
            reftable: text("extensions.refstorage").is_some_and(|v| v.starts_with("reftable")),
            work_tree: file.string("core.worktree").and_then(|v| Some(gix::path::from_bstr(v).ok()?.into_owned())),
        })
    }
}
