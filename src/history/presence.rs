//! What of interest is where in a tree, shared between all trees that agree on it.
//!
//! Takes the trees and which blobs count; gives each tree a node: the names that lead to such blobs,
//! and nothing else. Equal content has the same node, so two commits that differ elsewhere compare in
//! one step, and memory grows with the changes of interest alone. Node 0 is empty.

use std::collections::{HashMap, HashSet};

use super::sweep::{Interrupted, Progress};
use super::trees::{Target, Trees};

/// The empty node.
pub(crate) const EMPTY: u32 = 0;
const UNSET: u32 = u32::MAX;
const OPEN: u32 = u32::MAX - 1;
/// Marks a blob where a node is expected.
const BLOB_BIT: u32 = 1 << 31;

/// A child of a node: number of its name, and a node or (marked) a blob.
type Item = (u32, u32);

/// Nodes of all trees.
#[derive(Debug)]
pub(crate) struct Presence {
    starts: Vec<u32>,
    items: Vec<Item>,
    of_tree: Vec<u32>,
}

/// What a name leads to in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// A folder that holds something of interest.
    Node(u32),
    /// A blob of interest.
    Blob(u32),
}

impl Presence {
    /// Builds the nodes of all trees. `counts` says of each blob whether it matters.
    pub(crate) fn new(
        trees: &Trees,
        counts: impl Fn(u32) -> bool,
        progress: Progress<'_>,
    ) -> Result<Self, Interrupted> {
        let mut presence = Self { starts: vec![0, 0], items: Vec::new(), of_tree: vec![UNSET; trees.len() as usize] };
        let mut interned: HashMap<Box<[Item]>, u32> = HashMap::from([(Box::default(), EMPTY)]);
        let mut stack = Vec::new();
        let mut content: Vec<Item> = Vec::new();
        for tree in 0..trees.len() {
            stack.push(tree);
            while let Some(&top) = stack.last() {
                progress.check()?;
                let edges = trees.edges(top).unwrap_or_default();
                match presence.of_tree[top as usize] {
                    UNSET => {
                        presence.of_tree[top as usize] = OPEN;
                        stack.extend(edges.iter().filter_map(|e| match e.target() {
                            Target::Tree(t) if presence.of_tree[t as usize] == UNSET => Some(t),
                            _ => None,
                        }));
                    }
                    OPEN => {
                        stack.pop();
                        content.clear();
                        content.extend(edges.iter().filter_map(|e| match e.target() {
                            Target::Blob(b) => counts(b).then_some((e.name, b | BLOB_BIT)),
                            // A tree that is still open holds itself: only a lying database can say so.
                            Target::Tree(t) => match presence.of_tree[t as usize] {
                                EMPTY | OPEN | UNSET => None,
                                node => Some((e.name, node)),
                            },
                        }));
                        content.sort_unstable();
                        presence.of_tree[top as usize] = presence.intern(&mut interned, &content);
                    }
                    _ => {
                        stack.pop();
                    }
                }
            }
        }
        Ok(presence)
    }

    fn intern(&mut self, interned: &mut HashMap<Box<[Item]>, u32>, content: &[Item]) -> u32 {
        if let Some(&node) = interned.get(content) {
            return node;
        }
        let node = self.starts.len() as u32 - 1;
        self.items.extend_from_slice(content);
        self.starts.push(self.items.len() as u32);
        interned.insert(content.into(), node);
        node
    }

    /// The node of a tree.
    pub(crate) fn of_tree(&self, tree: u32) -> u32 {
        self.of_tree[tree as usize]
    }

    fn items(&self, node: u32) -> &[Item] {
        &self.items[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// The children of a node, sorted by the number of their name.
    pub(crate) fn children(&self, node: u32) -> impl Iterator<Item = (u32, Child)> {
        self.items(node).iter().map(|&(name, child)| (name, decode(child)))
    }

    /// What `name` leads to.
    pub(crate) fn child(&self, node: u32, name: u32) -> Option<Child> {
        let items = self.items(node);
        let at = items.partition_point(|(n, _)| *n < name);
        items.get(at).filter(|(n, _)| *n == name).map(|&(_, child)| decode(child))
    }
}

fn decode(child: u32) -> Child {
    if child & BLOB_BIT != 0 { Child::Blob(child & !BLOB_BIT) } else { Child::Node(child) }
}

/// Paths as chains of names. Path 0 is the top.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Vec<(u32, u32)>,
    numbers: HashMap<(u32, u32), u32>,
}

/// The path of the top folder.
pub(crate) const TOP: u32 = 0;

impl Default for Paths {
    fn default() -> Self {
        Self { nodes: vec![(u32::MAX, u32::MAX)], numbers: HashMap::new() }
    }
}

impl Paths {
    /// The path of `name` below `parent`.
    pub(crate) fn below(&mut self, parent: u32, name: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let number = *self.numbers.entry((parent, name)).or_insert(next);
        if number == next {
            self.nodes.push((parent, name));
        }
        number
    }

    /// The path of `name` below `parent`, if anything has it.
    pub(crate) fn find(&self, parent: u32, name: u32) -> Option<u32> {
        self.numbers.get(&(parent, name)).copied()
    }

    /// The numbers of a path's names, last one first.
    pub(crate) fn names_upwards(&self, path: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(path), |&p| Some(self.nodes[p as usize].0))
            .take_while(|&p| p != TOP)
            .map(|p| self.nodes[p as usize].1)
    }

    /// The path as bytes.
    pub(crate) fn bytes(&self, path: u32, trees: &Trees) -> Vec<u8> {
        let mut names: Vec<u32> = self.names_upwards(path).collect();
        names.reverse();
        let mut bytes = Vec::new();
        for name in names {
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(trees.names.get(name));
        }
        bytes
    }
}

/// Lists every blob at every path it has in the nodes given, each pair once.
pub(crate) struct Lister<'a> {
    presence: &'a Presence,
    visited: HashSet<(u32, u32)>,
    /// Blob and path.
    pub(crate) pairs: HashSet<(u32, u32)>,
    most: usize,
    /// Whether there were more than `most`.
    pub(crate) cut: bool,
}

impl<'a> Lister<'a> {
    /// At most `most` pairs are listed: a tree of a few objects can have any number of paths.
    pub(crate) fn new(presence: &'a Presence, most: usize) -> Self {
        Self { presence, visited: HashSet::new(), pairs: HashSet::new(), most, cut: false }
    }

    /// Adds what is below `node` as the top folder.
    pub(crate) fn list(&mut self, node: u32, paths: &mut Paths, progress: Progress<'_>) -> Result<(), Interrupted> {
        let mut pending = vec![(node, TOP)];
        while let Some((node, path)) = pending.pop() {
            progress.check()?;
            if node == EMPTY || !self.visited.insert((node, path)) {
                continue;
            }
            if self.visited.len() > self.most {
                self.cut = true;
                return Ok(());
            }
            for (name, child) in self.presence.children(node) {
                if self.pairs.len() >= self.most {
                    self.cut = true;
                    return Ok(());
                }
                let path = paths.below(path, name);
                match child {
                    Child::Node(node) => pending.push((node, path)),
                    Child::Blob(blob) => {
                        self.pairs.insert((blob, path));
                    }
                }
            }
        }
        Ok(())
    }
}
