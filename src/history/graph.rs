//! Commits in an order in which parents come first, the same for every layout of packs.
//!
//! Takes the facts of all commits; gives numbers in that order, parents by number, and which
//! commits have parents that are not in the database.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gix::ObjectId;
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
        let find = |id: &ObjectId| commits.binary_search_by(|c| c.id.cmp(id)).ok();
        let mut children_starts = vec![0_u32; n + 1];
        let mut missing = vec![0_u32; n];
        for (i, commit) in commits.iter().enumerate() {
            for parent in commit.parents.iter().filter_map(find) {
                children_starts[parent + 1] += 1;
                missing[i] += 1;
            }
        }
        for i in 0..n {
            children_starts[i + 1] += children_starts[i];
        }
        let mut next = children_starts.clone();
        let mut children = vec![0_u32; children_starts[n] as usize];
        for (i, commit) in commits.iter().enumerate() {
            for parent in commit.parents.iter().filter_map(find) {
                children[next[parent] as usize] = i as u32;
                next[parent] += 1;
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
            let there = commits[i as usize].parents.iter().filter_map(find).map(|p| number[p]);
            parents.extend(there.filter(|&p| p < place as u32));
            cut.push(commits[i as usize].parents.iter().any(|p| find(p).is_none()));
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
