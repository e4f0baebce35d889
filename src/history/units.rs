//! Credentials at places, numbered: what a timeline is made of.

use std::collections::{BTreeSet, HashMap};

use super::documents::{History, Place};
use super::exposure::{Exposure, HistorySighting, Timeline};
use super::timeline::Events;

/// A credential at a place; those of one credential anywhere come after all others.
pub(super) type Unit = u32;

/// Numbers of all (credential, place) pairs and what each document has of them.
pub(super) struct Units {
    /// The credential and the document's place of each unit.
    pub(super) places: Vec<(u32, Spot)>,
    /// A document that shows each unit, where no commit says better.
    pub(super) documents: Vec<u32>,
    /// Units of each document, sorted.
    pub(super) of_document: Vec<Vec<Unit>>,
    /// The document of a blob at a path.
    pub(super) at: HashMap<(u32, u32), u32>,
    /// Credentials, sorted; the unit of the n-th one anywhere is `places.len() + n`.
    pub(super) keys: Vec<u32>,
    /// Units of each credential.
    pub(super) of_key: Vec<Vec<Unit>>,
    /// Blobs that have any.
    pub(super) active: Vec<bool>,
}

/// Where a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Spot {
    Path(u32),
    Document(u32),
}

impl Units {
    pub(super) fn new(history: &History, keys: &[Vec<u32>]) -> Self {
        let mut numbers: HashMap<(u32, Spot), Unit> = HashMap::new();
        let mut units = Self {
            places: Vec::new(),
            documents: Vec::new(),
            of_document: Vec::with_capacity(keys.len()),
            at: HashMap::new(),
            keys: keys.iter().flatten().copied().collect::<BTreeSet<u32>>().into_iter().collect(),
            of_key: Vec::new(),
            active: vec![false; history.blobs.len()],
        };
        units.of_key = vec![Vec::new(); units.keys.len()];
        for (document, (place, keys)) in history.places.iter().zip(keys).enumerate() {
            let document = document as u32;
            let spot = match *place {
                Place::At { blob, path } => {
                    if !keys.is_empty() {
                        units.at.insert((blob, path), document);
                        units.active[blob as usize] = true;
                    }
                    Spot::Path(path)
                }
                _ => Spot::Document(document),
            };
            let mut of_document: Vec<Unit> = keys
                .iter()
                .map(|&key| {
                    let next = units.places.len() as Unit;
                    let unit = *numbers.entry((key, spot)).or_insert(next);
                    if unit == next {
                        units.places.push((key, spot));
                        units.documents.push(document);
                        let n = units.keys.partition_point(|k| *k < key);
                        units.of_key[n].push(unit);
                    }
                    unit
                })
                .collect();
            of_document.sort_unstable();
            of_document.dedup();
            units.of_document.push(of_document);
        }
        units
    }

    /// All units, those of whole credentials included.
    pub(super) fn len(&self) -> usize {
        self.places.len() + self.keys.len()
    }

    /// The unit of a unit's credential anywhere.
    pub(super) fn whole(&self, unit: Unit) -> Unit {
        let (key, _) = self.places[unit as usize];
        (self.places.len() + self.keys.partition_point(|k| *k < key)) as Unit
    }

    pub(super) fn at(&self, blob: Option<u32>, path: u32) -> &[Unit] {
        let document = blob.and_then(|blob| self.at.get(&(blob, path)));
        document.map_or(&[], |&d| &self.of_document[d as usize])
    }

    pub(super) fn report(&self, mut exposures: Vec<Exposure>, events: &Events, most: usize) -> Timeline {
        let wholes = exposures.split_off(self.places.len());
        let key = |unit: Unit| self.places[unit as usize].0;
        let document =
            |unit: Unit| events.first[unit as usize].map_or(self.documents[unit as usize], |(_, _, document)| document);
        let mut order: Vec<Unit> = (0..self.places.len() as Unit).collect();
        order.sort_unstable_by_key(|&unit| (key(unit), document(unit)));
        let left = bound(&mut order, most, key);
        let sighting = |unit: Unit| HistorySighting {
            key: key(unit),
            document: document(unit),
            exposure: std::mem::take(&mut exposures[unit as usize]),
        };
        let sightings = order.into_iter().map(sighting).collect();
        Timeline { sightings, left, credentials: self.keys.iter().copied().zip(wholes).collect() }
    }
}

/// Keeps what can be listed of places in order: each credential's first one, then others as they come;
/// gives how many were left off. What is said of a credential as a whole still counts all of its places.
fn bound(order: &mut Vec<Unit>, most: usize, key: impl Fn(Unit) -> u32) -> usize {
    let all = order.len();
    if all <= most {
        return 0;
    }
    let credentials = order.chunk_by(|a, b| key(*a) == key(*b)).count();
    let mut room = most.saturating_sub(credentials);
    let mut before = None;
    order.retain(|&unit| {
        let first = before.replace(key(unit)) != Some(key(unit));
        let keep = first || room > 0;
        room -= usize::from(!first && keep);
        keep
    });
    all - order.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_credential_is_listed_and_what_is_not_is_counted() {
        // The credential of each unit.
        let keys = [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2];
        let listed = |most| {
            let mut order: Vec<Unit> = (0..15).collect();
            let left = bound(&mut order, most, |unit| keys[unit as usize]);
            (order, left)
        };
        assert_eq!(listed(15), ((0..15).collect(), 0));
        assert_eq!(listed(5), (vec![0, 1, 2, 5, 6], 10));
        assert_eq!(listed(2), (vec![0, 5, 6], 12), "no credential is lost");
    }
}
