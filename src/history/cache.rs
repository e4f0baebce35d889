//! What earlier sweeps found, so that a later one costs only what is new.
//!
//! Keeps ids, sizes and candidates (rule and offsets) of blobs: no value and no piece of one. Valid
//! under one digest of everything that could change a candidate (binary, rules, watchlist, limits),
//! which the caller makes. A file that is damaged or of another digest counts as empty. Written to a
//! temporary name and renamed, so that two runs at once do no harm.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::hash::{Kind as HashKind, oid};
use sha2::{Digest as _, Sha256};

use super::candidates::Candidate;
use crate::detect::RuleIndex;

const MAGIC: &[u8; 8] = b"KWHIST\x00\x01";
const SUM_LEN: usize = 32;
/// Rule, anchor, start, end.
const CANDIDATE_LEN: usize = 14;

/// A blob that was scanned whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedBlob {
    /// Which.
    pub(crate) id: ObjectId,
    /// Its size.
    pub(crate) size: u64,
    /// Whether it only points to content elsewhere (git-lfs).
    pub(crate) lfs_pointer: bool,
    /// What it has.
    pub(crate) candidates: Box<[Candidate]>,
}

/// Blobs that need not be scanned again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cache {
    /// Sorted by id.
    blobs: Vec<CachedBlob>,
}

/// How reading a cache went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheState {
    /// There was none.
    None,
    /// It was read.
    Used,
    /// It was damaged or made under other circumstances, and was ignored.
    Ignored,
}

impl Cache {
    /// Where the cache of a repository is: a name made of its path, below the caller's directory.
    pub(crate) fn path(directory: &Path, common_dir: &Path) -> PathBuf {
        let name = Sha256::digest(common_dir.as_os_str().as_encoded_bytes());
        directory.join(format!("history-{}.kwc", data_encoding::HEXLOWER.encode(&name[..10])))
    }

    /// Reads a cache made under `digest`.
    pub(crate) fn load(path: &Path, digest: &[u8; 32], hash: HashKind) -> (Self, CacheState) {
        let Ok(bytes) = fs::read(path) else { return (Self::default(), CacheState::None) };
        match decode(&bytes, digest, hash) {
            Some(blobs) => (Self { blobs }, CacheState::Used),
            None => (Self::default(), CacheState::Ignored),
        }
    }

    /// A cache of these blobs.
    pub(crate) fn new(mut blobs: Vec<CachedBlob>) -> Self {
        blobs.sort_unstable_by_key(|b| b.id);
        blobs.dedup_by_key(|b| b.id);
        Self { blobs }
    }

    /// What is known of a blob.
    pub(crate) fn get(&self, id: &oid) -> Option<&CachedBlob> {
        self.blobs.binary_search_by(|b| b.id.as_ref().cmp(id)).ok().map(|at| &self.blobs[at])
    }

    /// All of them, sorted.
    pub(crate) fn blobs(&self) -> &[CachedBlob] {
        &self.blobs
    }

    /// Writes it. Whoever reads sees the old file or the new one, whole.
    pub(crate) fn save(&self, path: &Path, digest: &[u8; 32], hash: HashKind) -> std::io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
        let written = fs::File::create(&temporary)
            .and_then(|mut file| file.write_all(&encode(&self.blobs, digest, hash)))
            .and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}

fn encode(blobs: &[CachedBlob], digest: &[u8; 32], hash: HashKind) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + blobs.len() * (hash.len_in_bytes() + 12));
    out.extend(MAGIC);
    out.extend(digest);
    out.push(hash.len_in_bytes() as u8);
    for blob in blobs {
        out.extend(blob.id.as_bytes());
        out.extend(blob.size.to_le_bytes());
        out.extend(((blob.candidates.len() as u32) << 1 | u32::from(blob.lfs_pointer)).to_le_bytes());
        for c in &blob.candidates {
            out.extend(c.rule.0.to_le_bytes());
            for n in [c.anchor, c.start, c.end] {
                out.extend(n.to_le_bytes());
            }
        }
    }
    let sum = Sha256::digest(&out);
    out.extend(sum);
    out
}

fn decode(bytes: &[u8], digest: &[u8; 32], hash: HashKind) -> Option<Vec<CachedBlob>> {
    let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_LEN)?)?;
    if Sha256::digest(content).as_slice() != sum {
        return None;
    }
    let rest = content.strip_prefix(MAGIC)?.strip_prefix(digest)?;
    let mut rest = rest.strip_prefix(&[hash.len_in_bytes() as u8])?;
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at_checked(n)?;
        rest = tail;
        Some(head)
    };
    let mut blobs: Vec<CachedBlob> = Vec::new();
    while let Some(id) = take(hash.len_in_bytes()) {
        let id = ObjectId::try_from(id).ok()?;
        let size = u64::from_le_bytes(take(8)?.try_into().ok()?);
        let head = u32::from_le_bytes(take(4)?.try_into().ok()?);
        let number = |at: &[u8]| at.try_into().ok().map(u32::from_le_bytes);
        let candidates = take((head >> 1) as usize * CANDIDATE_LEN)?
            .chunks_exact(CANDIDATE_LEN)
            .map(|c| {
                let rule = RuleIndex(u16::from_le_bytes([c[0], c[1]]));
                Some(Candidate { rule, anchor: number(&c[2..6])?, start: number(&c[6..10])?, end: number(&c[10..])? })
            })
            .collect::<Option<_>>()?;
        if blobs.last().is_some_and(|last| last.id >= id) {
            return None;
        }
        blobs.push(CachedBlob { id, size, lfs_pointer: head & 1 != 0, candidates });
    }
    Some(blobs)
}
