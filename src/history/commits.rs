//! The facts of commits and tags that a timeline needs, read leniently: a damaged header line is
//! left out, never an error. Identities are not read.

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::hash::oid;

/// A commit's place in history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitFacts {
    /// The commit.
    pub(crate) id: ObjectId,
    /// Its top tree.
    pub(crate) tree: ObjectId,
    /// Its parents, in order.
    pub(crate) parents: Box<[ObjectId]>,
    /// When it was written, in seconds since 1970.
    pub(crate) author_time: i64,
    /// When it was made part of this history.
    pub(crate) committer_time: i64,
}

/// An annotated tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TagFacts {
    /// The tag object.
    pub(crate) id: ObjectId,
    /// What it names.
    pub(crate) target: ObjectId,
    /// When it was made, in seconds since 1970; 0 where it does not say.
    pub(crate) time: i64,
}

impl CommitFacts {
    /// Reads the headers of a commit; `None` where it names no tree.
    pub(crate) fn parse(id: &oid, bytes: &[u8]) -> Option<Self> {
        let (mut tree, mut parents, mut author_time, mut committer_time) = (None, Vec::new(), 0, 0);
        for line in headers(bytes) {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                tree = tree.or_else(|| ObjectId::from_hex(hex).ok());
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                parents.extend(ObjectId::from_hex(hex).ok());
            } else if let Some(rest) = line.strip_prefix(b"author ") {
                author_time = seconds(rest);
            } else if let Some(rest) = line.strip_prefix(b"committer ") {
                committer_time = seconds(rest);
                break;
            }
        }
        Some(Self { id: id.to_owned(), tree: tree?, parents: parents.into(), author_time, committer_time })
    }
}

impl TagFacts {
    /// Reads the headers of a tag; `None` where it names nothing.
    pub(crate) fn parse(id: &oid, bytes: &[u8]) -> Option<Self> {
        let target = headers(bytes).find_map(|line| ObjectId::from_hex(line.strip_prefix(b"object ")?).ok())?;
        let time = headers(bytes).find_map(|line| line.strip_prefix(b"tagger ").map(seconds)).unwrap_or(0);
        Some(Self { id: id.to_owned(), target, time })
    }
}

fn headers(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.lines().take_while(|line| !line.is_empty())
}

/// The time in `Name <mail> seconds zone`.
fn seconds(identity: &[u8]) -> i64 {
    let after = identity.rfind_byte(b'>').map_or(identity, |at| &identity[at + 1..]);
    let digits = after.fields().next().unwrap_or_default();
    std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(0)
}
