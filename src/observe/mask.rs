//! The last look before observations leave: values in the names of files, branches and repositories.

use super::sighting::mask_allow;
use super::{Exposure, Observed, Sighting};
use crate::detect::Detector;
use crate::source::RepoPath;

impl Observed {
    /// Masks every value that stands in a name.
    pub(crate) fn mask(&mut self, detector: &Detector) {
        let repository = &mut self.repository;
        let texts = [Some(&mut repository.name), repository.remote.as_mut(), repository.branch.as_mut()];
        texts.into_iter().flatten().chain(&mut self.scope).for_each(|text| detector.mask_in(text));
        for observation in &mut self.observations {
            for sighting in &mut observation.sightings {
                mask_sighting(detector, sighting);
            }
            if let Some(exposure) = &mut observation.exposure {
                mask_refs(detector, exposure);
            }
            // Masked names sort elsewhere.
            observation.sightings.sort();
        }
        for stray in &mut self.strays {
            stray.allow = mask_allow(std::mem::take(&mut stray.allow));
            if let Some(masked) = detector.mask(stray.path.as_bytes()) {
                stray.path = RepoPath::new(masked.text);
            }
        }
        self.strays.sort();
        let references = self.references.iter_mut().flat_map(|all| all.values_mut()).flatten().map(|r| &mut r.path);
        for path in references.chain(self.governing.iter_mut().flatten().map(|g| &mut g.path)) {
            if let Some(masked) = detector.mask(path.as_bytes()) {
                *path = RepoPath::new(masked.text);
            }
        }
        for entry in &mut self.coverage.entries {
            detector.mask_in(&mut entry.subject);
            detector.mask_in(&mut entry.detail);
        }
    }
}

fn mask_sighting(detector: &Detector, sighting: &mut Sighting) {
    if let Some(masked) = detector.mask(sighting.path.as_bytes()) {
        sighting.path = RepoPath::new(masked.text);
    }
    let names = sighting.key_name.iter_mut().chain(&mut sighting.key_path).chain([&mut sighting.excerpt.text]);
    names.for_each(|text| detector.mask_in(text));
    if let Some(exposure) = &mut sighting.exposure {
        mask_refs(detector, exposure);
    }
}

fn mask_refs(detector: &Detector, exposure: &mut Exposure) {
    for names in [&mut exposure.refs, &mut exposure.held_by] {
        names.change(|name| detector.mask_in(name));
    }
}
