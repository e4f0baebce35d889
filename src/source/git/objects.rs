//! The object stores of a repository: its own, its alternates', and a quarantine's.
//!
//! Takes the object directories; gives every object there is (entries of packs, loose files) and
//! any one object by its id. Where one copy of an object is damaged another one is used. What
//! cannot be opened is listed as a [`StoreGap`], never left out silently.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gix::ObjectId;
use gix::hash::{Kind as HashKind, oid};
use gix::objs::Kind;

use super::inflate::{InflateError, Inflater};
use super::pack::{ChainRoot, EntryError, Header, Pack, Scratch};

/// Alternates of alternates are followed this far; git stops at 5.
const DEEPEST_ALTERNATE: usize = 8;
/// Where a thin pack's chain leaves its pack, how often it may do so.
const MOST_HOPS: usize = 64;
/// A loose object's header: kind, space, size, zero byte.
pub(super) const LONGEST_LOOSE_HEADER: usize = 32;

/// Something of the database that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StoreGap {
    /// What it is.
    pub(crate) kind: StoreGapKind,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// The kinds of [`StoreGap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StoreGapKind {
    /// A directory that cannot be listed.
    UnreadableDirectory,
    /// An alternate that does not exist.
    MissingAlternate,
    /// A pack whose files are damaged or unreadable.
    UnreadablePack,
    /// A pack that has no index.
    PackWithoutIndex,
    /// An index that does not list all objects of its pack.
    PartlyIndexedPack,
}

/// Why an object cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ObjectError {
    /// In no store.
    #[error("the object is not in the database")]
    Missing,
    /// A pack entry that cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A loose file that cannot be read.
    #[error("a loose object is damaged")]
    Loose,
    /// Content that is not what its kind requires.
    #[error("an object is malformed")]
    Malformed,
}

impl ObjectError {
    /// Whether a bound cut it, as opposed to damage.
    pub(crate) fn is_limit(self) -> bool {
        matches!(self, Self::Entry(e) if e.is_limit())
    }
}

/// All object stores of a repository.
pub(crate) struct ObjectStore {
    hash: HashKind,
    directories: Vec<PathBuf>,
    packs: Vec<Pack>,
    /// Which directories and which packs are an alternate's.
    borrowed: (Vec<bool>, Vec<bool>),
    /// Listed when first asked for: reading a few objects needs no list.
    loose: OnceLock<(Vec<LooseObject>, Vec<StoreGap>)>,
    gaps: Vec<StoreGap>,
}

/// A loose object: its id and in which directory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LooseObject {
    /// Which one it is.
    pub(crate) id: ObjectId,
    directory: u32,
}

impl ObjectStore {
    /// Opens `directories` (the repository's own first) and all their alternates.
    pub(crate) fn open(directories: &[PathBuf], hash: HashKind) -> Self {
        let mut store = Self {
            hash,
            directories: Vec::new(),
            packs: Vec::new(),
            borrowed: Default::default(),
            loose: OnceLock::new(),
            gaps: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for directory in directories {
            store.add(directory, 0, &mut seen);
        }
        store.gaps.sort();
        store
    }

    fn add(&mut self, directory: &Path, depth: usize, seen: &mut BTreeSet<PathBuf>) {
        let Ok(real) = fs::canonicalize(directory) else {
            let kind = if depth == 0 { StoreGapKind::UnreadableDirectory } else { StoreGapKind::MissingAlternate };
            self.gap(kind, directory);
            return;
        };
        if depth > DEEPEST_ALTERNATE || !seen.insert(real.clone()) {
            return;
        }
        self.add_packs(&real.join("pack"));
        self.directories.push(real.clone());
        self.borrowed.0.push(depth > 0);
        self.borrowed.1.resize(self.packs.len(), depth > 0);
        if let Ok(alternates) = fs::read(real.join("info/alternates")) {
            for path in gix::odb::alternate::parse(&alternates).unwrap_or_default() {
                self.add(&real.join(path), depth + 1, seen);
            }
        }
    }

    fn add_packs(&mut self, directory: &Path) {
        if !directory.exists() {
            return;
        }
        let Ok(entries) = fs::read_dir(directory) else {
            self.gap(StoreGapKind::UnreadableDirectory, directory);
            return;
        };
        let mut names: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        names.sort();
        for path in &names {
            match path.extension().and_then(|e| e.to_str()) {
                Some("pack") if !path.with_extension("idx").exists() => {
                    self.gap(StoreGapKind::PackWithoutIndex, path);
                }
                Some("idx") => match Pack::open(path, self.hash) {
                    Ok(pack) => {
                        if !pack.is_whole() {
                            self.gap(StoreGapKind::PartlyIndexedPack, pack.path());
                        }
                        self.packs.push(pack);
                    }
                    Err(_) => self.gap(StoreGapKind::UnreadablePack, path),
                },
                _ => {}
            }
        }
    }

    fn list_loose(&self) -> (Vec<LooseObject>, Vec<StoreGap>) {
        let (mut loose, mut gaps) = (Vec::new(), Vec::new());
        for (number, directory) in self.directories.iter().enumerate() {
            for first in 0..=255_u8 {
                let prefix = format!("{first:02x}");
                let path = directory.join(&prefix);
                let entries = fs::read_dir(&path);
                if entries.is_err() && path.exists() {
                    gaps.push(StoreGap { kind: StoreGapKind::UnreadableDirectory, path });
                }
                for entry in entries.into_iter().flatten().filter_map(Result::ok) {
                    let name = entry.file_name();
                    let id = name.to_str().map(|rest| ObjectId::from_hex(format!("{prefix}{rest}").as_bytes()));
                    if let Some(id) = id.and_then(Result::ok).filter(|id| id.kind() == self.hash) {
                        loose.push(LooseObject { id, directory: number as u32 });
                    }
                }
            }
        }
        loose.sort_unstable();
        loose.dedup_by_key(|o| o.id);
        (loose, gaps)
    }

    fn gap(&mut self, kind: StoreGapKind, path: &Path) {
        self.gaps.push(StoreGap { kind, path: path.to_owned() });
    }

    /// How object ids are made.
    pub(crate) fn hash(&self) -> HashKind {
        self.hash
    }

    /// The packs, in a fixed order.
    pub(crate) fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The loose objects, sorted, each once.
    pub(crate) fn loose(&self) -> &[LooseObject] {
        &self.loose.get_or_init(|| self.list_loose()).0
    }

    /// What could not be opened; of loose objects, once they were listed.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = &StoreGap> {
        self.gaps.iter().chain(self.loose.get().into_iter().flat_map(|(_, gaps)| gaps))
    }

    /// Whether any store has `id`.
    pub(crate) fn contains(&self, id: &oid) -> bool {
        self.packs.iter().any(|p| p.contains(id)) || self.find_loose(id).is_some()
    }

    /// Whether only an alternate has `id`.
    pub(crate) fn is_borrowed(&self, id: &oid) -> bool {
        let (directories, packs) = &self.borrowed;
        let own_pack = self.packs.iter().zip(packs).any(|(pack, borrowed)| !borrowed && pack.contains(id));
        let mut own = directories.iter().enumerate().filter(|(_, borrowed)| !**borrowed);
        !own_pack && !own.any(|(n, _)| self.loose_path(id, n).is_file())
    }

    /// Reads an object of at most `limit` bytes into `out`, from whichever copy is readable.
    pub(crate) fn read(
        &self,
        id: &oid,
        limit: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<Kind, ObjectError> {
        self.read_within(id, limit, scratch, out, MOST_HOPS)
    }

    fn read_within(
        &self,
        id: &oid,
        limit: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        hops: usize,
    ) -> Result<Kind, ObjectError> {
        let mut failure = ObjectError::Missing;
        for pack in &self.packs {
            if let Some(offset) = pack.find(id) {
                match self.read_entry_within(pack, offset, limit, scratch, out, hops) {
                    Ok(kind) => return Ok(kind),
                    Err(e) => failure = e,
                }
            }
        }
        if let Some(object) = self.find_loose(id) {
            return self.read_loose(object, limit, &mut scratch.inflater, out);
        }
        Err(failure)
    }

    /// Reads the object of the entry at `offset` of one of the packs.
    pub(crate) fn read_entry(
        &self,
        pack: &Pack,
        offset: u64,
        limit: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<Kind, ObjectError> {
        self.read_entry_within(pack, offset, limit, scratch, out, MOST_HOPS)
    }

    fn read_entry_within(
        &self,
        pack: &Pack,
        offset: u64,
        limit: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        hops: usize,
    ) -> Result<Kind, ObjectError> {
        let chain = pack.chain(offset)?;
        let known = |header: &Header| (std::ptr::from_ref(pack).addr(), header.entry());
        // From the nearest object that was built before.
        let built = chain.deltas.iter().position(|delta| scratch.bases.copy(known(delta), out).is_some());
        let kind = match (built.and_then(|n| scratch.bases.kind(known(&chain.deltas[n]))), chain.root) {
            (Some(kind), _) => kind,
            (None, ChainRoot::Entry { header, kind }) => {
                if scratch.bases.copy(known(&header), out).is_none() {
                    pack.inflate(header, limit, &mut scratch.inflater, out)?;
                    scratch.bases.keep(known(&header), kind, out);
                }
                kind
            }
            (None, ChainRoot::Outside(base)) => {
                let hops = hops.checked_sub(1).ok_or(EntryError::Chain)?;
                self.read_within(&base, limit, scratch, out, hops)?
            }
        };
        for header in chain.deltas[..built.unwrap_or(chain.deltas.len())].iter().rev() {
            pack.apply(*header, out, limit, scratch)?;
            scratch.bases.keep(known(header), kind, out);
        }
        Ok(kind)
    }

    /// Where an object is in the packs: what is near another object there is often a version of the same
    /// file. Of loose objects nothing is told.
    pub(crate) fn place(&self, id: &oid) -> Option<(usize, u64)> {
        self.packs.iter().enumerate().find_map(|(number, pack)| Some((number, pack.find(id)?)))
    }

    fn find_loose(&self, id: &oid) -> Option<LooseObject> {
        let found = (0..self.directories.len()).find(|&n| self.loose_path(id, n).is_file())?;
        Some(LooseObject { id: id.to_owned(), directory: found as u32 })
    }

    /// The file of a loose object.
    pub(super) fn loose_file(&self, id: &oid) -> Option<PathBuf> {
        self.find_loose(id).map(|object| self.loose_path(id, object.directory as usize))
    }

    fn loose_path(&self, id: &oid, directory: usize) -> PathBuf {
        let hex = id.to_hex().to_string();
        self.directories[directory].join(&hex[..2]).join(&hex[2..])
    }

    /// Reads a loose object of at most `limit` bytes.
    pub(crate) fn read_loose(
        &self,
        object: LooseObject,
        limit: u64,
        inflater: &mut Inflater,
        out: &mut Vec<u8>,
    ) -> Result<Kind, ObjectError> {
        let path = self.loose_path(&object.id, object.directory as usize);
        let too_large = ObjectError::Entry(EntryError::Inflate(InflateError::TooLarge));
        let length = fs::metadata(&path).map_err(|_| ObjectError::Loose)?.len();
        if length > limit.saturating_add(limit / 8 + 1024) {
            return Err(too_large); // stored, not compressed
        }
        let file = fs::read(&path).map_err(|_| ObjectError::Loose)?;
        let mut head = [0; LONGEST_LOOSE_HEADER];
        let n = inflater.prefix(&file, &mut head).map_err(|_| ObjectError::Loose)?;
        let (kind, size, header) = loose_header(&head[..n]).ok_or(ObjectError::Loose)?;
        if size > limit {
            return Err(too_large);
        }
        inflater.inflate(&file, size + header as u64, u64::MAX, out).map_err(|_| ObjectError::Loose)?;
        out.drain(..header);
        Ok(kind)
    }
}

/// `blob 12\0` and its like: kind, size, and how long the header is.
pub(super) fn loose_header(head: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = head.iter().position(|&b| b == 0)?;
    let space = head[..end].iter().position(|&b| b == b' ')?;
    let kind = Kind::from_bytes(&head[..space]).ok()?;
    let size = std::str::from_utf8(&head[space + 1..end]).ok()?.parse().ok()?;
    Some((kind, size, end + 1))
}
