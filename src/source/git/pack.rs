//! One pack: its entries in the order of the file, their headers, and their inflated bytes.
//!
//! gix maps the two files and has checked the index's tables before they are read here; entry
//! headers, delta bases and sizes are parsed here and trusted in nothing.

use std::path::{Path, PathBuf};

use gix::hash::{Kind as HashKind, oid};
use gix::objs::Kind;
use gix::odb::pack::{data, index};

use super::bases::Bases;
use super::delta::{self, Copied, DeltaError};
use super::inflate::{InflateError, Inflater};

/// Chains longer than this are refused; git itself writes at most 4095.
const LONGEST_CHAIN: usize = 10_000;

/// Why an entry cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EntryError {
    /// The header is cut, or of an unknown type.
    #[error("a pack entry's header is damaged")]
    Header,
    /// What it is a delta of is not where it should be.
    #[error("the base of a delta is missing")]
    NoBase,
    /// Deltas that are based on each other, or on far too many others.
    #[error("deltas form a cycle or too long a chain")]
    Chain,
    /// Too large to be held, and no whole object that could be read in pieces.
    #[error(
        "larger than the limit and stored as a delta, which is not read in pieces; \
         `git -c core.bigFileThreshold=64m repack -adf` stores it so that it is"
    )]
    LargeDelta,
    /// See [`InflateError`].
    #[error(transparent)]
    Inflate(#[from] InflateError),
    /// See [`DeltaError`].
    #[error(transparent)]
    Delta(#[from] DeltaError),
}

impl EntryError {
    /// Whether a bound cut it, as opposed to damage.
    pub(crate) fn is_limit(self) -> bool {
        matches!(self, Self::LargeDelta | Self::Inflate(InflateError::TooLarge) | Self::Delta(DeltaError::TooLarge))
    }
}

/// What an entry's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Whole object or delta.
    pub(crate) form: Form,
    /// Inflated size of the entry: of the object, or of the delta's instructions.
    pub(crate) size: u64,
    /// Where the compressed data is in the pack; its end may be that of the pack.
    data: (u64, u64),
}

impl Header {
    /// Which entry of its pack it is the header of, whatever the size of the header.
    pub(super) fn entry(&self) -> u64 {
        self.data.0
    }
}

/// Whole object, or a delta of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A whole object.
    Whole(Kind),
    /// A delta of the entry at this offset.
    DeltaOf(u64),
    /// A delta of an object that is not in this pack.
    DeltaOutside(gix::ObjectId),
}

/// Buffers to build objects in, for one thread.
#[derive(Default)]
pub(crate) struct Scratch {
    /// The inflater's state.
    pub(crate) inflater: Inflater,
    /// Inflated delta instructions.
    pub(crate) delta: Vec<u8>,
    /// What the last delta copied.
    pub(crate) copies: Vec<Copied>,
    /// The next object of a chain.
    other: Vec<u8>,
    /// What was built lately; nothing unless [room was made](Scratch::with_bases) for it.
    pub(super) bases: Bases,
}

impl Scratch {
    /// With room for so many bytes of objects that others may be deltas of.
    pub(crate) fn with_bases(room: usize) -> Self {
        Self { bases: Bases::with_room(room), ..Self::default() }
    }
}

/// A pack and its index.
pub(crate) struct Pack {
    data: data::File,
    index: index::File,
}

/// The entries of a pack in the order of the file. An entry's number is its place.
pub(crate) struct Table {
    offsets: Vec<u64>,
    /// Places in the index.
    indices: Vec<u32>,
    end: u64,
}

impl Table {
    /// How many entries there are.
    pub(crate) fn len(&self) -> u32 {
        self.offsets.len() as u32
    }

    /// Where an entry begins and ends.
    pub(crate) fn range(&self, entry: u32) -> (u64, u64) {
        let next = self.offsets.get(entry as usize + 1).copied().unwrap_or(self.end);
        (self.offsets[entry as usize], next.min(self.end))
    }

    /// The entry that begins at `offset`.
    pub(crate) fn entry_at(&self, offset: u64) -> Option<u32> {
        self.offsets.binary_search(&offset).ok().map(|at| at as u32)
    }
}

impl Pack {
    /// Opens the pack beside the index at `idx`.
    pub(crate) fn open(idx: &Path, hash: HashKind) -> Result<Self, PackError> {
        let damaged = || PackError { path: idx.to_owned() };
        let index = index::File::at(idx, hash).map_err(|_| damaged())?;
        let data = data::File::at(idx.with_extension("pack"), hash).map_err(|_| damaged())?;
        Ok(Self { data, index })
    }

    /// Makes the table of entries.
    pub(crate) fn table(&self) -> Table {
        let mut entries: Vec<(u64, u32)> =
            (0..self.index.num_objects()).map(|i| (self.index.pack_offset_at_index(i), i)).collect();
        entries.sort_unstable();
        entries.dedup_by_key(|(offset, _)| *offset);
        let (offsets, indices) = entries.into_iter().unzip();
        Table { offsets, indices, end: self.end() }
    }

    /// Whether the index knows all objects that the pack says it holds.
    pub(crate) fn is_whole(&self) -> bool {
        self.index.num_objects() == self.data.num_objects()
    }

    /// Where the pack is.
    pub(crate) fn path(&self) -> &Path {
        self.data.path()
    }

    /// Where the last entry ends.
    pub(crate) fn end(&self) -> u64 {
        self.data.pack_end() as u64
    }

    /// The object that an entry holds.
    pub(crate) fn id(&self, table: &Table, entry: u32) -> &oid {
        self.index.oid_at_index(table.indices[entry as usize])
    }

    /// The offset of the entry that holds `id`.
    pub(crate) fn find(&self, id: &oid) -> Option<u64> {
        Some(self.index.pack_offset_at_index(self.index.lookup(id)?))
    }

    /// Whether the index knows `id`.
    pub(crate) fn contains(&self, id: &oid) -> bool {
        self.index.lookup(id).is_some()
    }

    /// Parses the header of an entry that begins at `start` and ends at `end` or before.
    pub(crate) fn header(&self, start: u64, end: u64) -> Result<Header, EntryError> {
        if start >= end {
            return Err(EntryError::Header);
        }
        let bytes = self.data.entry_slice(start..end).ok_or(EntryError::Header)?;
        let mut rest = bytes;
        let mut next = || -> Result<u8, EntryError> {
            let (&byte, tail) = rest.split_first().ok_or(EntryError::Header)?;
            rest = tail;
            Ok(byte)
        };
        let first = next()?;
        let mut size = u64::from(first & 15);
        let (mut byte, mut shift) = (first, 4);
        while byte & 0x80 != 0 {
            byte = next()?;
            let bits = u64::from(byte & 0x7f);
            if shift > 63 || (bits << shift) >> shift != bits {
                return Err(EntryError::Header);
            }
            size |= bits << shift;
            shift += 7;
        }
        let form = match first >> 4 & 7 {
            1 => Form::Whole(Kind::Commit),
            2 => Form::Whole(Kind::Tree),
            3 => Form::Whole(Kind::Blob),
            4 => Form::Whole(Kind::Tag),
            6 => {
                let mut byte = next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    distance = distance.checked_add(1).and_then(|d| d.checked_mul(128)).ok_or(EntryError::Header)?
                        | u64::from(byte & 0x7f);
                }
                let base = start.checked_sub(distance).filter(|_| distance > 0).ok_or(EntryError::NoBase)?;
                Form::DeltaOf(base)
            }
            7 => {
                let n = self.data.object_hash().len_in_bytes();
                let id = rest.get(..n).and_then(|id| oid::try_from_bytes(id).ok()).ok_or(EntryError::Header)?;
                rest = &rest[n..];
                self.find(id).map_or_else(|| Form::DeltaOutside(id.to_owned()), Form::DeltaOf)
            }
            _ => return Err(EntryError::Header),
        };
        Ok(Header { form, size, data: (start + (bytes.len() - rest.len()) as u64, end) })
    }

    /// Inflates an entry: a whole object, or the instructions of a delta.
    pub(crate) fn inflate(
        &self,
        header: Header,
        limit: u64,
        inflater: &mut Inflater,
        out: &mut Vec<u8>,
    ) -> Result<(), EntryError> {
        let data = self.data.entry_slice(header.data.0..header.data.1).ok_or(EntryError::Header)?;
        inflater.inflate(data, header.size, limit, out)?;
        Ok(())
    }

    /// A whole object's kind, the size that it claims, and its compressed bytes.
    pub(super) fn whole(&self, offset: u64) -> Result<(Kind, u64, &[u8]), EntryError> {
        let header = self.header(offset, self.end())?;
        let Form::Whole(kind) = header.form else { return Err(EntryError::LargeDelta) };
        let data = self.data.entry_slice(header.data.0..header.data.1).ok_or(EntryError::Header)?;
        Ok((kind, header.size, data))
    }

    /// The deltas that lead from the entry at `offset` to a whole object, the entry's own first.
    pub(crate) fn chain(&self, offset: u64) -> Result<Chain, EntryError> {
        let mut deltas = Vec::new();
        let mut header = self.header(offset, self.end())?;
        loop {
            let root = match header.form {
                Form::Whole(kind) => ChainRoot::Entry { header, kind },
                Form::DeltaOutside(base) => {
                    deltas.push(header);
                    ChainRoot::Outside(base)
                }
                Form::DeltaOf(_) if deltas.len() == LONGEST_CHAIN => return Err(EntryError::Chain),
                Form::DeltaOf(base) => {
                    deltas.push(header);
                    header = self.header(base, self.end())?;
                    continue;
                }
            };
            return Ok(Chain { deltas, root });
        }
    }

    /// Replaces `bytes`, the base of a delta entry, by the entry's object.
    pub(crate) fn apply(
        &self,
        header: Header,
        bytes: &mut Vec<u8>,
        limit: u64,
        scratch: &mut Scratch,
    ) -> Result<(), EntryError> {
        let Scratch { inflater, delta, copies, other, .. } = scratch;
        self.inflate(header, limit, inflater, delta)?;
        delta::apply(delta, bytes, limit, other, copies)?;
        std::mem::swap(bytes, other);
        Ok(())
    }
}

/// How an entry is built.
pub(crate) struct Chain {
    /// The deltas to apply, last one first.
    pub(crate) deltas: Vec<Header>,
    /// What the first of them is based on.
    pub(crate) root: ChainRoot,
}

/// Where a [`Chain`] begins.
pub(crate) enum ChainRoot {
    /// At a whole object of this pack.
    Entry {
        /// Its header.
        header: Header,
        /// What it is.
        kind: Kind,
    },
    /// At an object outside of this pack; only thin packs do this.
    Outside(gix::ObjectId),
}

/// A pack or its index that cannot be opened at all.
#[derive(Clone, Debug, thiserror::Error)]
#[error("pack {} cannot be read", path.display())]
pub(crate) struct PackError {
    /// The index's path.
    pub(crate) path: PathBuf,
}
