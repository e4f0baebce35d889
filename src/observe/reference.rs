//! Places that refer to a credential without holding it, and files that decide on findings.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::detect::{Detector, PathClass};
use crate::position::{LineIndex, Location};
use crate::source::{Document, Place, RepoPath};

/// A place where a variable, a vault path or an address stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Path from the repository's top.
    pub path: RepoPath,
    /// Lines and columns.
    pub location: Location,
}

/// A file of a change that decides on findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Governing {
    /// Path from the repository's top.
    pub path: RepoPath,
    /// What it is: `policy`, `exceptions`, `baseline`, `inventory`, `roster`.
    pub what: String,
}

/// References by name, the first places of each.
#[derive(Debug, Default)]
pub(crate) struct References(BTreeMap<String, BTreeSet<Reference>>);

impl References {
    /// Places of one reference that are kept.
    const MOST: usize = 20;

    /// Adds the references of a document of the tree. Prose refers to nothing that runs.
    pub(crate) fn read(&mut self, detector: &Detector, document: &Document<'_>) {
        let origin = document.origin;
        if detector.mentions().is_empty()
            || origin.place != Place::Tree
            || PathClass::of(&origin.path) == PathClass::Documentation
        {
            return;
        }
        let mut lines = None;
        for (name, span) in detector.mentions().find(document.bytes) {
            let lines = lines.get_or_insert_with(|| LineIndex::new(document.bytes));
            let location = lines.locate(document.bytes, span);
            self.add(name, Reference { path: origin.path.clone(), location });
        }
    }

    fn add(&mut self, name: &str, reference: Reference) {
        let places = match self.0.get_mut(name) {
            Some(places) => places,
            None => self.0.entry(name.to_owned()).or_default(),
        };
        places.insert(reference);
        if places.len() > Self::MOST {
            places.pop_last();
        }
    }

    /// Takes up what another worker saw.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, places) in other.0 {
            for reference in places {
                self.add(&name, reference);
            }
        }
    }

    /// Every reference that was looked for with its places, but those in these files; `None` where
    /// nothing was looked for.
    pub(crate) fn finish(mut self, detector: &Detector, but: &[RepoPath]) -> Option<BTreeMap<String, Vec<Reference>>> {
        let mut places_of = |name: &str| {
            let places = self.0.remove(name).unwrap_or_default();
            (name.to_owned(), places.into_iter().filter(|r| !but.contains(&r.path)).collect())
        };
        let all: BTreeMap<_, _> = detector.mentions().names().map(&mut places_of).collect();
        (!all.is_empty()).then_some(all)
    }
}
