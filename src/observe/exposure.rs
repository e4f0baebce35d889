//! When something was in a history, and what still holds it.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A commit and its times, RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitRef {
    /// Full object id.
    pub commit: String,
    /// Committer time: what the checks are judged on.
    pub time: String,
    /// Author time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_time: Option<String>,
}

impl CommitRef {
    /// The committer time; `None` if it cannot be read.
    pub fn moment(&self) -> Option<Timestamp> {
        self.time.parse().ok()
    }
}

/// How firmly a repository still holds something, most firmly first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Reachable from a branch, a tag, a note, a stash or a detached HEAD.
    #[default]
    Ref,
    /// Only in the index of a working tree.
    Index,
    /// Only from reflogs and pseudo refs; git expires those.
    Reflog,
    /// Only in an object database that is borrowed (an alternate); the repository it belongs to may
    /// hold it more firmly.
    Alternate,
    /// From nothing at all: until git collects garbage.
    Nothing,
}

impl Held {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    fn is_ref(&self) -> bool {
        *self == Self::Ref
    }
}

/// Names of refs. Shared between all that the same refs hold, since there can be a million of those.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names(Arc<[String]>);

impl Names {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes each name; gives up sharing only where one changes.
    pub(crate) fn change(&mut self, mut change: impl FnMut(&mut String)) {
        let mut names = self.0.to_vec();
        names.iter_mut().for_each(&mut change);
        if names != *self.0 {
            *self = names.into_iter().collect();
        }
    }
}

impl Deref for Names {
    type Target = [String];
    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer).map(|names| Self(names.into()))
    }
}

/// The time in which a credential was in a history: at one path, or anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exposure {
    /// First commit that has it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<CommitRef>,
    /// That commit's parents are not here: it was there "not later than" then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub introduced_at_cut: bool,
    /// Commit on the default branch after which it is gone from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<CommitRef>,
    /// Commits that brought it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reintroduced: Vec<CommitRef>,
    /// Still in the tree of the checked-out commit.
    pub at_head: bool,
    /// The checked-out commit has nothing at this path any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub path_gone: bool,
    /// Refs whose tips hold it, sorted, capped; of a stash all its parts.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub refs: Names,
    /// How many such refs there are.
    #[serde(default)]
    pub refs_total: u64,
    /// How firmly it is held.
    #[serde(default, skip_serializing_if = "Held::is_ref")]
    pub held: Held,
    /// What holds it so: refs from which a commit that has it can be reached, indexes, or reflogs;
    /// sorted, capped.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub held_by: Names,
    /// How many of them there are.
    #[serde(default)]
    pub held_by_total: u64,
}

impl Exposure {
    /// How many refs are listed by name.
    pub(crate) const LISTED: usize = 20;

    /// The exposures of one credential in several places or repositories as one.
    pub(crate) fn join<'e>(all: impl IntoIterator<Item = &'e Self>) -> Option<Self> {
        let mut all = all.into_iter();
        let mut joined = all.next()?.clone();
        for other in all {
            let time = |c: &CommitRef| (c.moment(), c.commit.clone());
            joined.introduced = [joined.introduced, other.introduced.clone()].into_iter().flatten().min_by_key(time);
            joined.introduced_at_cut |= other.introduced_at_cut;
            // It is gone when it is gone everywhere.
            joined.removed = joined.removed.zip(other.removed.clone()).map(|(a, b)| std::cmp::max_by_key(a, b, time));
            joined.reintroduced.extend(other.reintroduced.iter().cloned());
            joined.reintroduced.sort_by_key(time);
            joined.reintroduced.dedup();
            joined.at_head |= other.at_head;
            (joined.refs, joined.refs_total) =
                together((&joined.refs, joined.refs_total), (&other.refs, other.refs_total));
            (joined.held_by, joined.held_by_total) = match joined.held.cmp(&other.held) {
                std::cmp::Ordering::Less => (joined.held_by, joined.held_by_total),
                std::cmp::Ordering::Greater => (other.held_by.clone(), other.held_by_total),
                std::cmp::Ordering::Equal => {
                    together((&joined.held_by, joined.held_by_total), (&other.held_by, other.held_by_total))
                }
            };
            joined.held = joined.held.min(other.held);
        }
        Some(joined)
    }

    /// Whole days from its introduction to its removal, or to `until` while it is not removed. `None`
    /// where no commit introduced it. Dates are what commits say, so the end may lie before the start:
    /// that is no day.
    pub fn days(&self, until: Timestamp) -> Option<i64> {
        let from = self.introduced.as_ref()?.moment()?;
        let end = match &self.removed {
            Some(commit) => commit.moment()?,
            None => until,
        };
        Some((end.as_second() - from.as_second()).max(0) / 86_400)
    }
}

/// Two lists of names as one. The total is exact where both lists are whole, else it is at least so
/// many.
fn together((a, a_total): (&Names, u64), (b, b_total): (&Names, u64)) -> (Names, u64) {
    let mut names: Vec<String> = a.iter().chain(b.iter()).cloned().collect();
    names.sort();
    names.dedup();
    let total = (names.len() as u64).max(a_total).max(b_total);
    names.truncate(Exposure::LISTED);
    (names.into_iter().collect(), total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, time: &str) -> CommitRef {
        CommitRef { commit: id.to_owned(), time: time.to_owned(), author_time: None }
    }

    fn names(all: &[&str]) -> Names {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_gone_from_one_place_is_not_gone() {
        let gone = Exposure {
            introduced: Some(commit("b", "2026-01-05T00:00:00Z")),
            removed: Some(commit("c", "2026-01-09T12:00:00Z")),
            held: Held::Reflog,
            held_by: names(&["HEAD"]),
            held_by_total: 1,
            ..Exposure::default()
        };
        let there = Exposure {
            introduced: Some(commit("a", "2026-01-01T00:00:00Z")),
            at_head: true,
            refs: names(&["refs/heads/main"]),
            refs_total: 1,
            ..Exposure::default()
        };
        let joined = Exposure::join([&gone, &there]).unwrap();
        assert_eq!((&joined.introduced, &joined.removed), (&there.introduced, &None));
        assert_eq!((joined.at_head, joined.held, joined.refs_total), (true, Held::Ref, 1));
        assert!(joined.held_by.is_empty(), "what a ref holds, no reflog has to");
        let until = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!((gone.days(until), there.days(until)), (Some(4), Some(30)));
        assert_eq!(Exposure::join([]), None);
    }

    #[test]
    fn days_do_not_run_backwards() {
        let lying = Exposure {
            introduced: Some(commit("a", "2026-03-01T00:00:00Z")),
            removed: Some(commit("b", "2026-01-01T00:00:00Z")),
            ..Exposure::default()
        };
        assert_eq!(lying.days(Timestamp::UNIX_EPOCH), Some(0));
    }
}
