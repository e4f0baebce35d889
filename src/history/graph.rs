//! Commits in an order in which parents come first, the same for every layout of packs.
//!
//! Takes the facts of all commits; gives numbers in that order, parents by number, and which
//! commits have parents that are not in the database.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gix::hash::oid;

use super::commits::CommitFacts;

/// The commits of a database. A commit's number is its place in the order.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    commits: Vec<CommitFacts>,
    /// Numbers of parents that are there, in order; ranges in `starts`.
    parents: Vec<u32>,
    starts: Vec<u32>,
    /// Which commits name a parent that is not there.
    cut: Vec<bool>,
    /// Numbers, sorted by id.
    by_id: Vec<u32>,
}

impl Graph {
    /// Orders commits: parents first, then by committer time, then by id. `commits` is sorted by id.
    pub(crate) fn new(commits: Vec<CommitFacts>) -> Self {
        let n = commits.len();
        let ids = ById::new(&commits);
        // Parents that are there, by place in `commits`, and whether one is not.
        let (mut found, mut found_starts, mut cut_at) = (Vec::new(), vec![0_u32], vec![false; n]);
        for (i, commit) in commits.iter().enumerate() {
            for parent in &commit.parents {
                match ids.find(&commits, parent) {
                    Some(at) => found.push(at),
                    None => cut_at[i] = true,
                }
            }
            found_starts.push(found.len() as u32);
        }
        let parents_of = |i: u32| &found[found_starts[i as usize] as usize..found_starts[i as usize + 1] as usize];
        let mut children_starts = vec![0_u32; n + 1];
        for &parent in &found {
            children_starts[parent as usize + 1] += 1;
        }
        let mut missing: Vec<u32> = (0..n as u32).map(|i| parents_of(i).len() as u32).collect();
        for i in 0..n {
            children_starts[i + 1] += children_starts[i];
        }
        let mut next = children_starts.clone();
        let mut children = vec![0_u32; found.len()];
        for i in 0..n as u32 {
            for &parent in parents_of(i) {
                children[next[parent as usize] as usize] = i;
                next[parent as usize] += 1;
            }
        }
        let mut ready: BinaryHeap<Reverse<(i64, u32)>> =
            (0..n).filter(|&i| missing[i] == 0).map(|i| Reverse((commits[i].committer_time, i as u32))).collect();
        let mut number = vec![u32::MAX; n];
        let mut order = Vec::with_capacity(n);
        while let Some(Reverse((_, i))) = ready.pop() {
            number[i as usize] = order.len() as u32;
            order.push(i);
            for &child in &children[children_starts[i as usize] as usize..children_starts[i as usize + 1] as usize] {
                missing[child as usize] -= 1;
                if missing[child as usize] == 0 {
                    ready.push(Reverse((commits[child as usize].committer_time, child)));
                }
            }
        }
        // Commits cannot form cycles unless ids lie; those that do are left out of the order's middle.
        order.extend((0..n as u32).filter(|&i| number[i as usize] == u32::MAX));
        let (mut parents, mut starts, mut cut) = (Vec::new(), vec![0], Vec::with_capacity(n));
        let mut by_id = vec![0; n];
        for (place, &i) in order.iter().enumerate() {
            by_id[i as usize] = place as u32;
            let there = parents_of(i).iter().map(|&p| number[p as usize]);
            parents.extend(there.filter(|&p| p < place as u32));
            cut.push(cut_at[i as usize]);
            starts.push(parents.len() as u32);
        }
        let mut slots: Vec<Option<CommitFacts>> = commits.into_iter().map(Some).collect();
        let commits = order.iter().filter_map(|&i| slots[i as usize].take()).collect();
        Self { commits, parents, starts, cut, by_id }
    }

    /// How many commits there are.
    pub(crate) fn len(&self) -> u32 {
        self.commits.len() as u32
    }

    /// The facts of a commit.
    pub(crate) fn commit(&self, number: u32) -> &CommitFacts {
        &self.commits[number as usize]
    }

    /// The parents that are in the database, in order.
    pub(crate) fn parents(&self, number: u32) -> &[u32] {
        &self.parents[self.starts[number as usize] as usize..self.starts[number as usize + 1] as usize]
    }

    /// Whether a parent is missing, so that nothing is known of what was before.
    pub(crate) fn is_cut(&self, number: u32) -> bool {
        self.cut[number as usize]
    }

    /// The number of a commit.
    pub(crate) fn find(&self, id: &oid) -> Option<u32> {
        let at = self.by_id.binary_search_by(|&n| self.commits[n as usize].id.as_ref().cmp(id)).ok()?;
        Some(self.by_id[at])
    }

    /// A commit and its first parents, newest first.
    pub(crate) fn first_parents(&self, tip: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(tip), |&c| {
            // The first parent that is named, if it is there: not the second in its place.
            let first = self.commits[c as usize].parents.first()?;
            self.parents(c).first().copied().filter(|&p| self.commits[p as usize].id == *first)
        })
    }
}

/// Finds commits by id: a table of the first two bytes, then a few comparisons.
struct ById(Vec<u32>);

impl ById {
    fn new(commits: &[CommitFacts]) -> Self {
        let mut starts = vec![0_u32; (1 << 16) + 1];
        for commit in commits {
            starts[Self::slot(&commit.id) + 1] += 1;
        }
        for i in 0..1 << 16 {
            starts[i + 1] += starts[i];
        }
        Self(starts)
    }

    fn slot(id: &oid) -> usize {
        usize::from(u16::from_be_bytes([id.as_bytes()[0], id.as_bytes()[1]]))
    }

    /// The place of `id` in `commits`, from which this was made.
    fn find(&self, commits: &[CommitFacts], id: &oid) -> Option<u32> {
        let slot = Self::slot(id);
        let (start, end) = (self.0[slot] as usize, self.0[slot + 1] as usize);
        let at = commits[start..end].binary_search_by(|c| c.id.as_ref().cmp(id)).ok()?;
        Some((start + at) as u32)
    }
}
