//! Bytes and where they came from. Everything that reads files, indexes and object databases.

pub(crate) mod archive;
pub(crate) mod coverage;
pub(crate) mod git;
mod path;
pub(crate) mod stdin;
mod text;
pub(crate) mod worktree;

pub use path::RepoPath;
pub(crate) use text::{Encoding, decode};

use serde::{Deserialize, Serialize};

/// Where a document was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A file of the working tree.
    Tree,
    /// A blob of the index.
    Index,
    /// An object of the database.
    History,
    /// Standard input.
    Stdin,
}

impl Place {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Index => "index",
            Self::History => "history",
            Self::Stdin => "stdin",
        }
    }
}

/// What a document is and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// Where it was found.
    pub place: Place,
    /// Its path from the repository's top, or from the scanned folder where there is no repository.
    pub path: RepoPath,
}

/// Something to scan. Its bytes are raw and never leave the worker; there is no `Debug`.
pub(crate) struct Document<'b> {
    /// Where it came from.
    pub origin: &'b Origin,
    /// UTF-8 or unknown bytes; UTF-16 has been decoded.
    pub bytes: &'b [u8],
    /// Holds a zero byte near its start: only rules with a distinctive form apply.
    pub binary: bool,
}

impl<'b> Document<'b> {
    /// A document over decoded bytes.
    pub(crate) fn new(origin: &'b Origin, bytes: &'b [u8]) -> Self {
        let head = &bytes[..bytes.len().min(8000)];
        Self { origin, bytes, binary: memchr::memchr(0, head).is_some() }
    }
}
