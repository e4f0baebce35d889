//! The delta forests of a pack, and the walk that builds every entry once.
//!
//! Takes a pack; gives each wanted object's bytes to a visitor, with its base's state and what was
//! copied from it. The heaviest child comes last and takes its parent's place, so that at most
//! log2(entries) buffers are alive; beyond a byte budget the oldest are dropped and built again.
//! Entries that no root leads to (cycles) and entries that fail are reported, never skipped.

use std::sync::atomic::{AtomicBool, Ordering};

use gix::ObjectId;
use gix::hash::oid;
use gix::objs::Kind;
use rayon::prelude::*;

use crate::source::git::delta::{self, Copied};
use crate::source::git::objects::{ObjectError, ObjectStore};
use crate::source::git::pack::{EntryError, Form, Header, Pack, Scratch, Table};

/// Marks in place of a base: what kind of root it is.
const COMMIT: u32 = u32::MAX;
const TREE: u32 = u32::MAX - 1;
const BLOB: u32 = u32::MAX - 2;
const TAG: u32 = u32::MAX - 3;
/// The base is in another pack.
const OUTSIDE: u32 = u32::MAX - 4;
/// The header cannot be read.
const BROKEN: u32 = u32::MAX - 5;

/// Recycled buffers larger than this are given back.
const KEEP_BUFFER: usize = 4 << 20;

/// One object as the walk hands it out.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    /// Which.
    pub(crate) id: &'a oid,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its content.
    pub(crate) bytes: &'a [u8],
    /// False where another store holds it as well and has handed it out.
    pub(crate) first: bool,
}

/// Says of which objects nothing needs to be handed out again.
pub(crate) type Known<'a> = Option<&'a (dyn Fn(&oid) -> bool + Sync)>;

/// An object that could not be read, and why.
pub(crate) type Unread = (ObjectId, ObjectError);

/// What is done with each object. One visitor per thread.
pub(crate) trait Visitor {
    /// What the children of an object need to know of it.
    type State: Default;
    /// An object that is not a delta.
    fn whole(&mut self, object: Object<'_>) -> Self::State;
    /// A delta: with its base's length, state and the ranges copied.
    fn delta(&mut self, object: Object<'_>, base: (&[u8], &Self::State), copies: &[Copied]) -> Self::State;
}

/// The trees that deltas form, by entry number.
pub(crate) struct Forest {
    table: Table,
    /// Where each entry's children begin in `children`; one more at the end.
    starts: Vec<u32>,
    children: Vec<u32>,
    /// Base, or the kind of root.
    bases: Vec<u32>,
    /// How many wanted entries hang on each entry, itself included; 0: not wanted.
    weights: Vec<u32>,
    /// Entries that another store hands out; empty: none.
    repeated: Vec<bool>,
    /// The roots of wanted trees, heavy ones first.
    roots: Vec<u32>,
    /// Entries that cannot be reached from any root.
    lost: Vec<u32>,
}

impl Forest {
    /// Reads all headers of `pack`. `earlier` packs hand out what they hold, `known`
    /// objects need not be handed out, `wanted` says which kinds to walk.
    pub(crate) fn new(pack: &Pack, earlier: &[Pack], known: &Known<'_>, wanted: impl Fn(Kind) -> bool + Sync) -> Self {
        let table = pack.table();
        let n = table.len();
        let repeated = repeated(earlier, known, pack, &table);
        let bases: Vec<u32> = (0..n)
            .into_par_iter()
            .with_min_len(4096)
            .map(|entry| match header(pack, &table, entry).map(|h| h.form) {
                Ok(Form::Whole(Kind::Commit)) => COMMIT,
                Ok(Form::Whole(Kind::Tree)) => TREE,
                Ok(Form::Whole(Kind::Blob)) => BLOB,
                Ok(Form::Whole(Kind::Tag)) => TAG,
                Ok(Form::DeltaOf(base)) => table.entry_at(base).unwrap_or(BROKEN),
                Ok(Form::DeltaOutside(_)) => OUTSIDE,
                Err(_) => BROKEN,
            })
            .collect();
        let mut starts = vec![0_u32; n as usize + 1];
        for &base in bases.iter().filter(|b| **b < n) {
            starts[base as usize + 1] += 1;
        }
        for i in 0..n as usize {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut children = vec![0; starts[n as usize] as usize];
        for (entry, &base) in bases.iter().enumerate().filter(|(_, b)| **b < n) {
            children[next[base as usize] as usize] = entry as u32;
            next[base as usize] += 1;
        }
        drop(next);
        let mut forest = Self {
            table,
            starts,
            children,
            bases,
            weights: vec![0; n as usize],
            repeated,
            roots: Vec::new(),
            lost: Vec::new(),
        };
        forest.weigh(wanted);
        forest
    }

    /// Counts what hangs on each entry, puts the heaviest child last and the heaviest root first.
    fn weigh(&mut self, wanted: impl Fn(Kind) -> bool) {
        let n = self.bases.len();
        let mut order: Vec<u32> = (0..n as u32).filter(|&e| self.bases[e as usize] >= n as u32).collect();
        let all_roots = order.len();
        let mut at = 0;
        while at < order.len() {
            let entry = order[at] as usize;
            at += 1;
            order.extend_from_slice(&self.children[self.starts[entry] as usize..self.starts[entry + 1] as usize]);
        }
        if order.len() < n {
            let mut reached = vec![false; n];
            for &e in &order {
                reached[e as usize] = true;
            }
            self.lost = (0..n as u32).filter(|&e| !reached[e as usize]).collect();
        }
        for &entry in order.iter().rev() {
            let e = entry as usize;
            let below = self.weights[e];
            if below > 0 || !self.is_repeated(entry) {
                self.weights[e] = below + 1;
                if self.bases[e] < n as u32 {
                    self.weights[self.bases[e] as usize] += below + 1;
                }
            }
            let range = self.starts[e] as usize..self.starts[e + 1] as usize;
            let children = &mut self.children[range];
            if let Some(heaviest) = (0..children.len()).max_by_key(|&i| self.weights[children[i] as usize]) {
                let last = children.len() - 1;
                children.swap(heaviest, last);
            }
        }
        order.truncate(all_roots);
        order.retain(|&e| self.weights[e as usize] > 0 && root_kind(self.bases[e as usize]).is_none_or(&wanted));
        order.sort_by_key(|&e| std::cmp::Reverse(self.weights[e as usize] / 64));
        self.roots = order;
    }

    fn is_repeated(&self, entry: u32) -> bool {
        self.repeated.get(entry as usize).copied().unwrap_or(false)
    }

    fn children(&self, entry: u32) -> &[u32] {
        &self.children[self.starts[entry as usize] as usize..self.starts[entry as usize + 1] as usize]
    }

    /// The roots of all trees to walk.
    pub(crate) fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// The entries that nothing leads to: their deltas form circles.
    pub(crate) fn lost(&self, pack: &Pack) -> impl Iterator<Item = Unread> {
        let lost = self.lost.iter().filter(|&&entry| !self.is_repeated(entry));
        lost.map(|&entry| (pack.id(&self.table, entry).to_owned(), ObjectError::Entry(EntryError::Chain)))
    }
}

/// Which entries of `pack` are known or in an earlier pack as well; empty where there can be none.
fn repeated(earlier: &[Pack], known: &Known<'_>, pack: &Pack, table: &Table) -> Vec<bool> {
    let Some(known) = known else {
        if earlier.is_empty() {
            return Vec::new();
        }
        let held = |entry| earlier.iter().any(|p| p.contains(pack.id(table, entry)));
        return (0..table.len()).map(held).collect();
    };
    let held = |entry| {
        let id = pack.id(table, entry);
        known(id) || earlier.iter().any(|p| p.contains(id))
    };
    (0..table.len()).map(held).collect()
}

fn header(pack: &Pack, table: &Table, entry: u32) -> Result<Header, EntryError> {
    let (start, end) = table.range(entry);
    pack.header(start, end)
}

fn root_kind(mark: u32) -> Option<Kind> {
    match mark {
        COMMIT => Some(Kind::Commit),
        TREE => Some(Kind::Tree),
        BLOB => Some(Kind::Blob),
        TAG => Some(Kind::Tag),
        _ => None,
    }
}

/// Bounds of a walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkLimits {
    /// Larger objects are not built.
    pub(crate) object_bytes: u64,
    /// Bytes of bases kept by one thread.
    pub(crate) kept_bytes: usize,
}

/// An entry whose children are being built.
struct Frame<S> {
    entry: u32,
    bytes: Vec<u8>,
    /// Whether `bytes` was dropped to stay in the budget.
    evicted: bool,
    state: S,
    next: u32,
}

/// Walks trees of one forest on one thread.
pub(crate) struct Walker<'a> {
    store: &'a ObjectStore,
    pack: &'a Pack,
    forest: &'a Forest,
    limits: WalkLimits,
    interrupted: &'a AtomicBool,
    scratch: Scratch,
    spare: Vec<Vec<u8>>,
    kept: usize,
    /// Objects that could not be built from this pack.
    pub(crate) unread: Vec<Unread>,
}

impl<'a> Walker<'a> {
    /// A walker over `forest`, which was made of `pack`.
    pub(crate) fn new(
        store: &'a ObjectStore,
        pack: &'a Pack,
        forest: &'a Forest,
        limits: WalkLimits,
        interrupted: &'a AtomicBool,
    ) -> Self {
        Self {
            store,
            pack,
            forest,
            limits,
            interrupted,
            scratch: Scratch::default(),
            spare: Vec::new(),
            kept: 0,
            unread: Vec::new(),
        }
    }

    /// Builds every wanted entry of the tree at `root`.
    pub(crate) fn walk<V: Visitor>(&mut self, root: u32, wanted: &impl Fn(Kind) -> bool, visitor: &mut V) {
        let mut bytes = self.spare.pop().unwrap_or_default();
        let kind = match self.build_root(root, &mut bytes) {
            Ok(kind) if wanted(kind) => kind,
            Ok(_) => return self.recycle(bytes),
            Err(e) => {
                self.recycle(bytes);
                return self.fail(root, e);
            }
        };
        let state = visitor.whole(self.object(root, kind, &bytes));
        let mut stack: Vec<Frame<V::State>> = Vec::new();
        self.descend(root, bytes, state, &mut stack);
        while let Some(top) = stack.last_mut() {
            if self.interrupted.load(Ordering::Relaxed) {
                break;
            }
            let children = self.forest.children(top.entry);
            let Some(&child) = children.get(top.next as usize) else {
                if let Some(frame) = stack.pop() {
                    self.release(frame.bytes);
                }
                continue;
            };
            top.next += 1;
            if self.forest.weights[child as usize] == 0 {
                continue;
            }
            if top.evicted {
                let mut again = self.spare.pop().unwrap_or_default();
                if let Err(e) = self.build_again(top.entry, &mut again) {
                    self.fail(child, e);
                    self.recycle(again);
                    continue;
                }
                self.kept += again.len();
                top.bytes = again;
                top.evicted = false;
            }
            let last = top.next as usize == children.len();
            let mut out = self.spare.pop().unwrap_or_default();
            if let Err(e) = self.build_delta(child, &top.bytes, &mut out) {
                self.recycle(out);
                self.fail(child, e.into());
                continue;
            }
            let object = self.object(child, kind, &out);
            let state = visitor.delta(object, (&top.bytes, &top.state), &self.scratch.copies);
            if last && let Some(frame) = stack.pop() {
                self.release(frame.bytes);
            }
            self.descend(child, out, state, &mut stack);
        }
        while let Some(frame) = stack.pop() {
            self.release(frame.bytes);
        }
    }

    fn object<'o>(&self, entry: u32, kind: Kind, bytes: &'o [u8]) -> Object<'o>
    where
        'a: 'o,
    {
        let pack: &'a Pack = self.pack;
        Object { id: pack.id(&self.forest.table, entry), kind, bytes, first: !self.forest.is_repeated(entry) }
    }

    fn build_root(&mut self, root: u32, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        let header = header(self.pack, &self.forest.table, root)?;
        let Form::Whole(kind) = header.form else { return self.build_again(root, out) };
        self.pack.inflate(header, self.limits.object_bytes, &mut self.scratch.inflater, out)?;
        Ok(kind)
    }

    /// Builds an entry from the beginning of its chain.
    fn build_again(&mut self, entry: u32, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        let (offset, _) = self.forest.table.range(entry);
        self.store.read_entry(self.pack, offset, self.limits.object_bytes, &mut self.scratch, out)
    }

    fn build_delta(&mut self, entry: u32, base: &[u8], out: &mut Vec<u8>) -> Result<(), EntryError> {
        let header = header(self.pack, &self.forest.table, entry)?;
        let Scratch { inflater, delta, copies, .. } = &mut self.scratch;
        self.pack.inflate(header, self.limits.object_bytes, inflater, delta)?;
        delta::apply(delta, base, self.limits.object_bytes, out, copies)?;
        Ok(())
    }

    /// Keeps an object for its children, or gives its buffer back where it has none.
    fn descend<S>(&mut self, entry: u32, bytes: Vec<u8>, state: S, stack: &mut Vec<Frame<S>>) {
        if self.forest.weights[entry as usize] <= 1 {
            return self.recycle(bytes);
        }
        self.kept += bytes.len();
        stack.push(Frame { entry, bytes, evicted: false, state, next: 0 });
        let top = stack.len() - 1;
        for frame in &mut stack[..top] {
            if self.kept <= self.limits.kept_bytes {
                break;
            }
            self.kept -= frame.bytes.len();
            frame.bytes = Vec::new();
            frame.evicted = true;
        }
    }

    fn release(&mut self, bytes: Vec<u8>) {
        self.kept -= bytes.len();
        self.recycle(bytes);
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        if bytes.capacity() <= KEEP_BUFFER && self.spare.len() < 32 {
            self.spare.push(bytes);
        }
    }

    /// Reports an entry and all that hangs on it.
    fn fail(&mut self, entry: u32, error: ObjectError) {
        let mut pending = vec![entry];
        let mut error = error;
        while let Some(entry) = pending.pop() {
            if !self.forest.is_repeated(entry) {
                self.unread.push((self.pack.id(&self.forest.table, entry).to_owned(), error));
            }
            pending.extend_from_slice(self.forest.children(entry));
            if !error.is_limit() {
                error = ObjectError::Entry(EntryError::NoBase);
            }
        }
    }
}
