//! What still holds what was found: refs, indexes, reflogs, another repository, or nothing.
//!
//! Takes the events of a pass over the commits; gives each exposure how firmly it is held, by what,
//! and the refs whose tips have it in their tree.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::documents::{Leads, Place};
use super::exposure::{CommitNumber, Exposure, Held, Holders};
use super::presence::{Child, EMPTY, TOP};
use super::reach::{self, Tip};
use super::sweep::Interrupted;
use super::timeline::{Events, MOST_STEPS, Pass};
use super::units::Unit;
use crate::source::git::refs::{Hold, STASH};

impl Pass<'_> {
    /// Who holds each unit; gives whether a ref's tip has it in its tree.
    pub(super) fn held(&self, events: &Events, exposures: &mut [Exposure]) -> Result<Vec<bool>, Interrupted> {
        let (columns, members): (Vec<Vec<u32>>, Vec<Vec<Unit>>) = alike(events.intros.clone()).into_iter().unzip();
        let tips: Vec<Tip> = self
            .history
            .roots
            .iter()
            .enumerate()
            .filter_map(|(root, (_, leads, _))| match leads {
                Leads::Commit(commit) => Some(Tip { commit: *commit, root: root as u32 }),
                _ => None,
            })
            .collect();
        let mut holders = vec![Holders::default(); columns.len()];
        let mut held = vec![Held::Unreachable; columns.len()];
        let mut again: Vec<Vec<CommitNumber>> = vec![Vec::new(); columns.len()];
        reach::propagate(
            &self.history.graph,
            &columns,
            &tips,
            |column, root| {
                let (root, _, _) = &self.history.roots[root as usize];
                let by = if root.hold == Hold::Ref { Held::ByRef } else { Held::ByReflog };
                // Refs come before reflogs.
                if by <= held[column] {
                    held[column] = by;
                    holders[column].add(&root.name);
                }
            },
            |column, commit| again[column].push(CommitNumber(commit)),
            self.progress,
        )?;
        for (((holders, held), again), members) in holders.into_iter().zip(held).zip(again).zip(members) {
            let holders = Arc::new(holders);
            for unit in members {
                let exposure = &mut exposures[unit as usize];
                exposure.held = held;
                exposure.held_by = Arc::clone(&holders);
                exposure.reintroduced.extend_from_slice(&again);
            }
        }
        self.held_without_commits(exposures)?;
        self.tips(exposures)
    }

    /// Indexes, tags, and refs to trees and blobs.
    fn held_without_commits(&self, exposures: &mut [Exposure]) -> Result<(), Interrupted> {
        let wholes =
            |units: &[Unit]| -> BTreeSet<Unit> { units.iter().flat_map(|&u| [u, self.units.whole(u)]).collect() };
        let refs: Vec<(usize, &Leads, &[u32])> =
            self.history.ref_roots().enumerate().map(|(n, (_, leads, tags))| (n, leads, &**tags)).collect();
        let mut by_ref: Vec<(Unit, u32)> = Vec::new();
        for (document, place) in self.history.places.iter().enumerate() {
            self.progress.check()?;
            if !matches!(place, Place::TagMessage { .. } | Place::Lone { .. }) {
                continue;
            }
            let units = wholes(&self.units.of_document[document]);
            if let Place::TagMessage { tag } = *place {
                let number = CommitNumber(self.history.graph.len() + tag);
                for &unit in &units {
                    let introduced = &mut exposures[unit as usize].introduced;
                    let earlier = |n: CommitNumber| self.history.moment(n).committer_time;
                    if introduced.is_none_or(|n| earlier(n) > earlier(number)) {
                        *introduced = Some(number);
                    }
                }
            }
            for &(n, leads, tags) in &refs {
                let direct = match *place {
                    Place::TagMessage { tag } => tags.contains(&tag),
                    Place::Lone { blob } => *leads == Leads::Blob(blob),
                    _ => false,
                };
                if direct {
                    by_ref.extend(units.iter().map(|&unit| (unit, n as u32)));
                }
            }
        }
        for (n, (root, leads, _)) in self.history.ref_roots().enumerate() {
            self.progress.check()?;
            if let Leads::Tree(_) = leads
                && let Some(tree) = self.tree_of(root.target)
            {
                let units = wholes(&self.in_node(self.presence.of_tree(tree)));
                by_ref.extend(units.into_iter().map(|unit| (unit, n as u32)));
            }
        }
        let names: Vec<String> = self.history.ref_roots().map(|(root, _, _)| root.name.clone()).collect();
        held_so(by_ref, &names, Held::ByRef, exposures);
        let (mut by_index, mut names) = (Vec::new(), Vec::new());
        for (n, (worktree, held)) in self.history.indexes.iter().enumerate() {
            names.push(if worktree.is_empty() { "index".to_owned() } else { format!("worktrees/{worktree}/index") });
            for &(blob, path) in held {
                by_index.extend(wholes(self.units.at(Some(blob), path)).into_iter().map(|unit| (unit, n as u32)));
            }
        }
        held_so(by_index, &names, Held::ByIndex, exposures);
        self.borrowed(exposures);
        Ok(())
    }

    /// What nothing here holds may belong to the repository whose objects are borrowed.
    fn borrowed(&self, exposures: &mut [Exposure]) {
        for unit in 0..self.units.places.len() as Unit {
            let document = self.units.documents[unit as usize] as usize;
            if exposures[unit as usize].held == Held::Unreachable && self.history.borrowed[document] {
                for unit in [unit, self.units.whole(unit)] {
                    let held = &mut exposures[unit as usize].held;
                    *held = (*held).min(Held::Borrowed);
                }
            }
        }
    }

    /// The number of the tree that a root leads to by tags.
    fn tree_of(&self, mut id: gix::ObjectId) -> Option<u32> {
        for _ in 0..16 {
            if let Ok(tag) = self.history.tags.binary_search_by(|t| t.id.cmp(&id)) {
                id = self.history.tags[tag].target;
            }
        }
        self.history.trees.number(&id)
    }

    /// All units at their paths below a node, sorted.
    fn in_node(&self, node: u32) -> Vec<Unit> {
        let mut units = Vec::new();
        let mut pending = vec![(node, TOP)];
        let mut steps = 0;
        while let Some((node, path)) = pending.pop() {
            for (name, child) in self.presence.children(node) {
                steps += 1;
                if steps > MOST_STEPS {
                    return units;
                }
                let Some(path) = self.history.paths.find(path, name) else { continue };
                match child {
                    Child::Node(node) => pending.push((node, path)),
                    Child::Blob(blob) => units.extend_from_slice(self.units.at(Some(blob), path)),
                }
            }
        }
        units.sort_unstable();
        units.dedup();
        units
    }

    /// Which refs have each unit in the tree of their tip.
    fn tips(&self, exposures: &mut [Exposure]) -> Result<Vec<bool>, Interrupted> {
        let mut by_node: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (root, leads, _) in self.history.ref_roots() {
            if let Leads::Commit(commit) = leads {
                // The other parents of a stash hold its index and its untracked files.
                let parts = if root.name == STASH { self.history.graph.parents(*commit).get(1..) } else { None };
                for commit in [commit].into_iter().chain(parts.unwrap_or_default()) {
                    by_node.entry(self.history.node(self.presence, *commit)).or_default().push(&root.name);
                }
            }
        }
        by_node.remove(&EMPTY);
        let groups: Vec<Vec<&str>> = by_node.values().cloned().collect();
        let mut in_groups = Vec::new();
        for (group, &node) in by_node.keys().enumerate() {
            self.progress.check()?;
            let units = self.in_node(node);
            let wholes: BTreeSet<Unit> = units.iter().map(|&u| self.units.whole(u)).collect();
            in_groups.extend(units.into_iter().chain(wholes).map(|unit| (unit, group as u32)));
        }
        let mut tipped = vec![false; self.units.len()];
        for (list, units) in alike(in_groups) {
            let mut names: Vec<&str> = list.iter().flat_map(|&g| groups[g as usize].iter().copied()).collect();
            names.sort_unstable();
            let mut holders = Holders::default();
            for name in names {
                holders.add(name);
            }
            let holders = Arc::new(holders);
            for unit in units {
                tipped[unit as usize] = true;
                exposures[unit as usize].tips = Arc::clone(&holders);
            }
        }
        Ok(tipped)
    }
}

/// Units by what they are paired with: those that are paired with the same things, together. A million
/// units take no more than the pairs do.
fn alike(mut pairs: Vec<(Unit, u32)>) -> BTreeMap<Vec<u32>, Vec<Unit>> {
    pairs.sort_unstable();
    pairs.dedup();
    let mut groups: BTreeMap<Vec<u32>, Vec<Unit>> = BTreeMap::new();
    let mut list = Vec::new();
    for pairs in pairs.chunk_by(|a, b| a.0 == b.0) {
        list.clear();
        list.extend(pairs.iter().map(|pair| pair.1));
        match groups.get_mut(&list) {
            Some(units) => units.push(pairs[0].0),
            None => {
                groups.insert(list.clone(), vec![pairs[0].0]);
            }
        }
    }
    groups
}

/// Adds holders, by their place in `names`, to those of the same strength; stronger ones take the place
/// of weaker ones.
fn held_so(by: Vec<(Unit, u32)>, names: &[String], held: Held, exposures: &mut [Exposure]) {
    for (list, units) in alike(by) {
        // What had the same holders before has the same ones after.
        let mut joined: HashMap<*const Holders, (Arc<Holders>, Arc<Holders>)> = HashMap::new();
        let nobody = Arc::default();
        for unit in units {
            let exposure = &mut exposures[unit as usize];
            if exposure.held < held {
                continue;
            }
            let before = if exposure.held == held { Arc::clone(&exposure.held_by) } else { Arc::clone(&nobody) };
            let join = || {
                let mut all = Holders::clone(&before);
                all.total += list.len() as u64;
                all.names.extend(list.iter().map(|n| names[*n as usize].clone()));
                all.names.sort();
                all.names.truncate(Holders::LISTED);
                (Arc::clone(&before), Arc::new(all))
            };
            exposure.held_by = Arc::clone(&joined.entry(Arc::as_ptr(&before)).or_insert_with(join).1);
            exposure.held = held;
        }
    }
}
