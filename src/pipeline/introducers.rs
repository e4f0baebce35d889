//! Who brought credentials in: for the owners that an inventory template suggests.
//!
//! These are names of people. Observations hold digests of them alone; whoever asks here writes a file
//! that stays with the inventory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gix::ObjectId;

use crate::detect::Detector;
use crate::history::SweepLimits;
use crate::source::git::lookup::Lookup;
use crate::source::git::repository::{GitEnvironment, Repository};

/// The address of whoever made each of these commits part of the history, or the name where there is
/// no address; commits that cannot be read are left out. Values in them are masked: git lets anybody
/// write anything there.
pub fn introducers(
    folder: &Path,
    environment: &GitEnvironment,
    commits: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let Ok(repository) = Repository::discover(folder, environment) else { return BTreeMap::new() };
    let store = repository.objects();
    let mut lookup = Lookup::new(&store, SweepLimits::default().object_bytes);
    let detector = Detector::builtin();
    let mut all = BTreeMap::new();
    for commit in commits {
        let Ok(id) = ObjectId::from_hex(commit.as_bytes()) else { continue };
        if let Some(mut who) = lookup.committer(id) {
            detector.mask_in(&mut who);
            all.insert(commit.clone(), who);
        }
    }
    all
}
