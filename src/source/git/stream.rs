//! Objects that are too large to be held, read from their beginning.
//!
//! Takes an id; gives the content piece by piece, and an error at its end where it is not what its
//! header claims. Only whole objects can be read so: a delta needs its base at hand.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::ZlibDecoder;
use gix::hash::oid;
use gix::objs::Kind;

use super::inflate::{BEST_RATIO, InflateError};
use super::objects::{ObjectError, ObjectStore, loose_header};
use super::pack::EntryError;

/// An object as a stream.
pub(crate) struct Stream<'s> {
    /// What it is.
    pub(crate) kind: Kind,
    /// How many bytes are still to come.
    left: u64,
    damaged: ObjectError,
    content: Box<dyn Read + 's>,
}

impl ObjectStore {
    /// Opens the first copy of an object that is stored whole.
    pub(crate) fn stream(&self, id: &oid) -> Result<Stream<'_>, ObjectError> {
        let mut failure = ObjectError::Missing;
        for pack in self.packs() {
            let Some(offset) = pack.find(id) else { continue };
            let damaged = ObjectError::Entry(EntryError::Inflate(InflateError::Corrupt));
            match pack.whole(offset) {
                Ok((kind, size, data)) if is_possible(size, data.len() as u64) => {
                    return Ok(Stream { kind, left: size, damaged, content: Box::new(ZlibDecoder::new(data)) });
                }
                Ok(_) => failure = damaged,
                Err(e) => failure = e.into(),
            }
        }
        self.loose_file(id).map_or(Err(failure), |path| loose(&path))
    }
}

fn loose(path: &Path) -> Result<Stream<'static>, ObjectError> {
    let damaged = ObjectError::Loose;
    let file = File::open(path).map_err(|_| damaged)?;
    let compressed = file.metadata().map_err(|_| damaged)?.len();
    let mut content = ZlibDecoder::new(BufReader::new(file));
    let mut head = Vec::new();
    while head.last() != Some(&0) {
        let mut byte = [0];
        content.read_exact(&mut byte).map_err(|_| damaged)?;
        head.push(byte[0]);
        if head.len() > super::objects::LONGEST_LOOSE_HEADER {
            return Err(damaged);
        }
    }
    let (kind, size, _) = loose_header(&head).ok_or(damaged)?;
    if !is_possible(size, compressed) {
        return Err(damaged);
    }
    Ok(Stream { kind, left: size, damaged, content: Box::new(content) })
}

/// Whether so many compressed bytes can make so many.
fn is_possible(size: u64, compressed: u64) -> bool {
    size <= compressed.saturating_mul(BEST_RATIO)
}

impl Stream<'_> {
    /// Adds up to `most` bytes to `out`; gives whether that was the end.
    pub(crate) fn read(&mut self, most: usize, out: &mut Vec<u8>) -> Result<bool, ObjectError> {
        let want = self.left.min(most as u64);
        let before = out.len();
        let read = self.content.by_ref().take(want).read_to_end(out);
        if read.is_err() || (out.len() - before) as u64 != want {
            return Err(self.damaged);
        }
        self.left -= want;
        if self.left > 0 {
            return Ok(false);
        }
        // The checksum at the end of the stream is read with what would follow it.
        let mut more = [0];
        match self.content.read(&mut more) {
            Ok(0) => Ok(true),
            _ => Err(self.damaged),
        }
    }
}
