//! Which trees lead to the blobs of interest, by which names.
//!
//! Takes the stores and the ids of the blobs; gives for every tree its edges to other trees and to
//! those blobs, compactly. One pass over all trees, in the order of their deltas; entries inside a
//! copied range are not parsed again. Names are bytes and never interpreted.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use gix::ObjectId;
use gix::hash::oid;
use gix::objs::Kind;

use super::forest::{Object, Visitor};
use super::sweep::{Progress, SweepLimits, walk_all};
use crate::source::git::delta::Copied;
use crate::source::git::objects::{ObjectError, ObjectStore};

/// Names of tree entries, each once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Names {
    /// The number of a name.
    pub(crate) fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&n) = self.numbers.get(name) {
            return n;
        }
        let n = self.ends.len() as u32;
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len() as u32);
        self.numbers.insert(name.into(), n);
        n
    }

    /// The name of a number.
    pub(crate) fn get(&self, number: u32) -> &[u8] {
        let n = number as usize;
        let start = if n == 0 { 0 } else { self.ends[n - 1] as usize };
        &self.bytes[start..self.ends[n] as usize]
    }

    fn len(&self) -> u32 {
        self.ends.len() as u32
    }
}

/// What a tree entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    /// A blob of interest, by its place in the sorted list.
    Blob(u32),
    /// A tree, by its number in [`Trees`].
    Tree(u32),
}

/// An entry of a tree that matters. Eight bytes, because there are millions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    /// Number of its name.
    pub(crate) name: u32,
    /// The target's number; the top bit tells blobs from trees.
    target: u32,
}

/// Marks the number of a blob.
const BLOB_BIT: u32 = 1 << 31;

impl Edge {
    fn new(name: u32, target: Target) -> Self {
        let target = match target {
            Target::Blob(n) => n | BLOB_BIT,
            Target::Tree(n) => n,
        };
        Self { name, target }
    }

    /// Where it leads.
    pub(crate) fn target(self) -> Target {
        if self.target & BLOB_BIT == 0 { Target::Tree(self.target) } else { Target::Blob(self.target & !BLOB_BIT) }
    }
}

/// Hashes object ids fast, with a seed: their bytes are chosen by whoever writes a tree.
#[derive(Clone)]
pub(crate) struct IdHashes(u64);

impl Default for IdHashes {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u8) | 1)
    }
}

/// See [`IdHashes`].
pub(crate) struct IdHash(u64, u64);

impl BuildHasher for IdHashes {
    type Hasher = IdHash;
    fn build_hasher(&self) -> IdHash {
        IdHash(self.0, self.0)
    }
}

impl Hasher for IdHash {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let product = u128::from(self.0 ^ u64::from_le_bytes(word)) * u128::from(self.1 ^ 0x9e37_79b9_7f4a_7c15);
            self.0 = (product as u64) ^ (product >> 64) as u64;
        }
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Where a tree's edges are: which list, from where to where.
#[derive(Clone, Copy, Debug)]
struct Place {
    list: u32,
    start: u32,
    end: u32,
}

/// All trees with their edges.
#[derive(Debug, Default)]
pub(crate) struct Trees {
    /// Entry names.
    pub(crate) names: Names,
    numbers: HashMap<ObjectId, u32, IdHashes>,
    /// Where each tree's edges are; `None` for trees that are named but were not read.
    ranges: Vec<Option<Place>>,
    /// Edges as each thread and pack gave them.
    edges: Vec<Vec<Edge>>,
    /// Trees that could not be read, sorted.
    pub(crate) unread: Vec<(ObjectId, ObjectError)>,
}

impl Trees {
    /// Reads all trees. `blobs` is sorted.
    pub(crate) fn read(store: &ObjectStore, blobs: &[ObjectId], limits: SweepLimits, progress: Progress<'_>) -> Self {
        let filter = Filter::new(blobs);
        let mut trees = Self::default();
        let wanted = |kind| kind == Kind::Tree;
        let reader = || Reader::new(blobs, &filter, store.hash().len_in_bytes());
        let unread = walk_all(store, limits, progress, None, &wanted, reader, |reader| trees.merge(reader));
        trees.unread.extend(unread);
        trees.unread.sort_unstable_by_key(|(id, _)| *id);
        trees.unread.dedup_by_key(|(id, _)| *id);
        trees
    }

    /// The number of a tree; `None` for one that nothing names.
    pub(crate) fn number(&self, id: &oid) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// How many trees are known.
    pub(crate) fn len(&self) -> u32 {
        self.ranges.len() as u32
    }

    /// The edges of a tree in the order of the tree; `None` where it was not read.
    pub(crate) fn edges(&self, tree: u32) -> Option<&[Edge]> {
        let Place { list, start, end } = self.ranges[tree as usize]?;
        Some(&self.edges[list as usize][start as usize..end as usize])
    }

    /// Trees that others name and that were not read, in no particular order.
    pub(crate) fn not_read(&self) -> impl Iterator<Item = ObjectId> {
        let mut ids: Vec<ObjectId> =
            self.numbers.iter().filter(|(_, n)| self.ranges[**n as usize].is_none()).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.into_iter()
    }

    fn merge(&mut self, mut reader: Reader<'_>) {
        let names: Vec<u32> = (0..reader.names.len()).map(|n| self.names.number(reader.names.get(n))).collect();
        reader.names = Names::default();
        let mut ids: Vec<(ObjectId, u32)> = std::mem::take(&mut reader.numbers).into_iter().collect();
        ids.sort_unstable_by_key(|(_, n)| *n);
        let numbers: Vec<u32> = ids.into_iter().map(|(id, _)| self.add(id)).collect();
        let list = self.edges.len() as u32;
        for (tree, start, end) in reader.trees {
            self.ranges[numbers[tree as usize] as usize].get_or_insert(Place { list, start, end });
        }
        for edge in &mut reader.edges {
            let target = match edge.target() {
                Target::Tree(n) => Target::Tree(numbers[n as usize]),
                blob @ Target::Blob(_) => blob,
            };
            *edge = Edge::new(names[edge.name as usize], target);
        }
        reader.edges.shrink_to_fit();
        self.edges.push(reader.edges);
        self.unread.extend(reader.failed);
    }

    fn add(&mut self, id: ObjectId) -> u32 {
        let next = self.ranges.len() as u32;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ranges.push(None);
        }
        number
    }
}

/// Says fast of most ids that they are not of interest.
struct Filter(Vec<u64>);

impl Filter {
    const BITS: u32 = 20;

    fn new(ids: &[ObjectId]) -> Self {
        let mut bits = vec![0; 1 << (Self::BITS - 6)];
        for id in ids {
            let slot = Self::slot(id.as_slice());
            bits[slot >> 6] |= 1 << (slot & 63);
        }
        Self(bits)
    }

    fn slot(id: &[u8]) -> usize {
        let head = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
        (head >> (32 - Self::BITS)) as usize
    }

    fn may_hold(&self, id: &[u8]) -> bool {
        let slot = Self::slot(id);
        self.0[slot >> 6] >> (slot & 63) & 1 != 0
    }
}

/// Reads the trees of one thread; numbers are its own until merged.
struct Reader<'a> {
    blobs: &'a [ObjectId],
    filter: &'a Filter,
    hash_len: usize,
    names: Names,
    numbers: HashMap<ObjectId, u32, IdHashes>,
    trees: Vec<(u32, u32, u32)>,
    edges: Vec<Edge>,
    failed: Vec<(ObjectId, ObjectError)>,
}

/// What a tree's children carry over: where its entries begin, and its edges with their places.
#[derive(Default)]
struct Parsed {
    /// Begin of each entry; the end of the last one at the end.
    bounds: Vec<u32>,
    edges: Vec<(u32, Edge)>,
}

impl<'a> Reader<'a> {
    fn new(blobs: &'a [ObjectId], filter: &'a Filter, hash_len: usize) -> Self {
        Self {
            blobs,
            filter,
            hash_len,
            names: Names::default(),
            numbers: HashMap::default(),
            trees: Vec::new(),
            edges: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn number(&mut self, id: &oid) -> u32 {
        if let Some(&n) = self.numbers.get(id) {
            return n;
        }
        let n = self.numbers.len() as u32;
        self.numbers.insert(id.to_owned(), n);
        n
    }

    /// Parses the entry at `at`; gives where the next one begins, `None` for what is no entry.
    fn entry(&mut self, bytes: &[u8], at: usize, parsed: &mut Parsed) -> Option<usize> {
        let rest = &bytes[at..];
        let zero = memchr::memchr(0, rest)?;
        let end = zero + 1 + self.hash_len;
        let id = rest.get(zero + 1..end)?;
        let is_tree = rest.starts_with(b"40000 ") || rest.starts_with(b"040000 ");
        if is_tree || (!rest.starts_with(b"160000 ") && self.filter.may_hold(id)) {
            let id = oid::try_from_bytes(id).ok()?;
            let target = if is_tree {
                Some(Target::Tree(self.number(id)))
            } else {
                self.blobs.binary_search_by(|b| b.as_ref().cmp(id)).ok().map(|at| Target::Blob(at as u32))
            };
            if let Some(target) = target {
                let space = memchr::memchr(b' ', &rest[..zero])?;
                let name = self.names.number(&rest[space + 1..zero]);
                parsed.edges.push((at as u32, Edge::new(name, target)));
            }
        }
        Some(at + end)
    }

    /// Parses a tree, taking from `base` what lies in copied ranges.
    fn parse(&mut self, object: Object<'_>, base: &Parsed, copies: &[Copied]) -> Parsed {
        let bytes = object.bytes;
        let mut parsed = Parsed::default();
        let (mut at, mut copies) = (0, copies.iter().peekable());
        while at < bytes.len() {
            while copies.next_if(|c| c.at + c.len <= at).is_some() {}
            if let Some(copy) = copies.peek().filter(|c| c.at <= at) {
                let from = at - copy.at + copy.from;
                if let Some(next) = reuse(base, from..copy.from + copy.len, at, &mut parsed) {
                    at = next;
                    continue;
                }
            }
            parsed.bounds.push(at as u32);
            match self.entry(bytes, at, &mut parsed) {
                Some(next) => at = next,
                None => {
                    self.failed.push((object.id.to_owned(), ObjectError::Malformed));
                    break;
                }
            }
        }
        parsed.bounds.push(at as u32);
        if object.first {
            let tree = self.number(object.id);
            let start = self.edges.len() as u32;
            self.edges.extend(parsed.edges.iter().map(|(_, e)| *e));
            self.trees.push((tree, start, self.edges.len() as u32));
        }
        parsed
    }
}

/// Takes over whole entries of the base that begin at `from.start` and end before `from.end`;
/// gives where the next entry begins, `None` where there is none to take over.
fn reuse(base: &Parsed, from: std::ops::Range<usize>, at: usize, parsed: &mut Parsed) -> Option<usize> {
    let first = base.bounds.binary_search(&(from.start as u32)).ok()?;
    let last = base.bounds.partition_point(|&b| b as usize <= from.end) - 1;
    if last <= first {
        return None;
    }
    let moved = |offset: u32| (offset as usize - from.start + at) as u32;
    parsed.bounds.extend(base.bounds[first..last].iter().map(|&b| moved(b)));
    let (start, end) = (base.bounds[first], base.bounds[last]);
    let skip = base.edges.partition_point(|(place, _)| *place < start);
    let taken = base.edges[skip..].iter().take_while(|(place, _)| *place < end);
    parsed.edges.extend(taken.map(|(place, edge)| (moved(*place), *edge)));
    Some(moved(end) as usize)
}

impl Visitor for Reader<'_> {
    type State = Parsed;

    fn whole(&mut self, object: Object<'_>) -> Parsed {
        self.parse(object, &Parsed::default(), &[])
    }

    fn delta(&mut self, object: Object<'_>, (_, base): (&[u8], &Parsed), copies: &[Copied]) -> Parsed {
        self.parse(object, base, copies)
    }
}
