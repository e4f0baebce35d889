//! The versions of one file along the mainline: the first parents of a commit, as changes land there.

use gix::ObjectId;

use super::lookup::Lookup;
use super::objects::ObjectStore;

/// Commits that are looked at.
const MOST_COMMITS: usize = 100_000;

/// One version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The first commit of the mainline that has it.
    pub(crate) commit: ObjectId,
    /// Its committer time, in seconds since 1970.
    pub(crate) time: i64,
    /// The file; `None` where it is not there.
    pub(crate) object: Option<ObjectId>,
}

/// All of them, and whether there were more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    /// Oldest first.
    pub(crate) list: Vec<Version>,
    /// Earlier ones were not read.
    pub(crate) cut: bool,
}

/// The newest versions of the file at `path`, at most `most`, up to the commit `tip`. Objects larger
/// than `limit` are not read.
pub(crate) fn versions(store: &ObjectStore, tip: ObjectId, path: &[u8], most: usize, limit: u64) -> Versions {
    let mut lookup = Lookup::new(store, limit);
    let mut found = Versions { list: Vec::new(), cut: true };
    let (mut at, mut object) = (tip, lookup.object_at(tip, path));
    for _ in 0..MOST_COMMITS {
        let Some((time, parent)) = lookup.first_parent(at) else { break };
        // A parent that is not here is a shallow clone's cut: when this version came is not known.
        let known = parent.is_none_or(|p| lookup.first_parent(p).is_some());
        let before = parent.filter(|_| known).and_then(|p| lookup.object_at(p, path));
        if before != object {
            if found.list.len() == most {
                break;
            }
            found.list.push(Version { commit: at, time, object });
        }
        match parent {
            None => {
                found.cut = false;
                break;
            }
            Some(parent) if known => (at, object) = (parent, before),
            Some(_) => break,
        }
    }
    found.list.reverse();
    found
}
