//! Objects that were built lately: the next one that is asked for is often a delta of one of them.

use std::collections::{HashMap, VecDeque};

use gix::objs::Kind;

/// An entry: which pack it is in, and where its data begins there.
type Entry = (usize, u64);

/// Bounded by its bytes; what came first goes first. Without room it keeps nothing.
#[derive(Default)]
pub(crate) struct Bases {
    room: usize,
    bytes: usize,
    built: HashMap<Entry, (Kind, Box<[u8]>)>,
    order: VecDeque<Entry>,
}

impl Bases {
    /// The largest object that is kept, as a part of the room.
    const PART: usize = 16;

    /// Room for so many bytes.
    pub(crate) fn with_room(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    /// The kind of what was built for an entry.
    pub(crate) fn kind(&self, entry: Entry) -> Option<Kind> {
        self.built.get(&entry).map(|(kind, _)| *kind)
    }

    /// Copies what was built for an entry.
    pub(crate) fn copy(&self, entry: Entry, out: &mut Vec<u8>) -> Option<()> {
        let (_, bytes) = self.built.get(&entry)?;
        out.clear();
        out.extend_from_slice(bytes);
        Some(())
    }

    /// Keeps what was built for an entry, if there is room.
    pub(crate) fn keep(&mut self, entry: Entry, kind: Kind, bytes: &[u8]) {
        if self.room == 0 || bytes.len() > self.room / Self::PART || self.built.contains_key(&entry) {
            return;
        }
        self.bytes += bytes.len();
        self.built.insert(entry, (kind, bytes.into()));
        self.order.push_back(entry);
        while self.bytes > self.room {
            let Some(first) = self.order.pop_front() else { break };
            self.bytes -= self.built.remove(&first).map_or(0, |(_, bytes)| bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_first_and_nothing_is_kept_without_room() {
        let mut bases = Bases::with_room(160);
        for offset in 0..20 {
            bases.keep((1, offset), Kind::Blob, &[offset as u8; 10]);
            bases.keep((1, offset), Kind::Blob, &[offset as u8; 10]);
        }
        let kept: Vec<u64> = (0..20).filter(|offset| bases.kind((1, *offset)).is_some()).collect();
        assert_eq!(kept, (4..20).collect::<Vec<_>>());
        let mut out = vec![1];
        assert!(bases.copy((1, 7), &mut out).is_some());
        assert_eq!(out, [7; 10]);
        bases.keep((2, 0), Kind::Blob, &[0; 11]);
        assert_eq!(bases.kind((2, 0)), None, "too large");
        let mut none = Bases::default();
        none.keep((1, 1), Kind::Blob, b"");
        assert_eq!(none.kind((1, 1)), None);
    }
}
