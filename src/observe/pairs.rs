//! A key id and its secret in two files of one folder are one credential.
//!
//! Halves in one place of one document were joined when it was judged. Here the rest: a folder of
//! configuration that has one id and one secret of a kind, and nothing else that could belong to them.

use std::collections::{BTreeMap, BTreeSet};

use super::Observation;
use crate::detect::{Form, PathClass, RuleSet, Visibility};
use crate::secret::CredentialId;

/// A folder's ids and secrets that are still alone.
#[derive(Default)]
struct Folder {
    ids: BTreeSet<CredentialId>,
    secrets: BTreeSet<CredentialId>,
}

/// Gives secrets the key id of their folder, and drops the ids that found their secret wherever they are.
pub(super) fn join(rules: &RuleSet, found: &mut BTreeMap<CredentialId, Observation>) {
    let belong = |secret: &Observation, id: &Observation| {
        let pairs = |a: &str, b: &str| rules.by_id(a).is_some_and(|r| r.pairs.iter().any(|p| **p == *b));
        pairs(&secret.rule, &id.rule) || pairs(&id.rule, &secret.rule)
    };
    let mut folders: BTreeMap<&[u8], Folder> = BTreeMap::new();
    for o in found.values() {
        for sighting in &o.sightings {
            let folder = folders.entry(folder(sighting.path.as_bytes())).or_default();
            match o.visibility {
                Visibility::Identifier => folder.ids.insert(o.credential),
                Visibility::Secret if o.key_id.is_none() => folder.secrets.insert(o.credential),
                _ => false,
            };
        }
    }
    let mut pairs: Vec<(CredentialId, CredentialId)> = Vec::new();
    for folder in folders.values() {
        for id in &folder.ids {
            let mut secrets = folder.secrets.iter().filter(|s| belong(&found[s], &found[id]));
            let (Some(secret), None) = (secrets.next(), secrets.next()) else { continue };
            let ids = folder.ids.iter().filter(|i| belong(&found[secret], &found[i])).count();
            if ids == 1 {
                pairs.push((*secret, *id));
            }
        }
    }
    // Copies of a secret beside different ids belong to none of them for sure.
    let of = |secret: &CredentialId| pairs.iter().filter(|p| p.0 == *secret).map(|p| p.1).collect::<BTreeSet<_>>();
    let sure: BTreeSet<(CredentialId, CredentialId)> =
        pairs.iter().copied().filter(|(secret, _)| of(secret).len() == 1).collect();
    for (secret, id) in sure {
        let Some(identifier) = found.get(&id).cloned() else { continue };
        let Some(observation) = found.get_mut(&secret) else { continue };
        observation.key_id = identifier.key_id;
        for (name, value) in identifier.claims.facts {
            observation.claims.facts.entry(name).or_insert(value);
        }
        // The id vouches for a shape that was only common.
        let real = observation.sightings.iter().any(|s| s.path_class == PathClass::Ordinary);
        if observation.confidence == Form::Contextual && real {
            observation.confidence = Form::Strong;
        }
        let places: BTreeSet<&[u8]> = observation.sightings.iter().map(|s| folder(s.path.as_bytes())).collect();
        if identifier.sightings.iter().all(|s| places.contains(folder(s.path.as_bytes()))) {
            found.remove(&id);
        }
    }
}

/// The folder that a path is in.
fn folder(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(&[][..], |n| &path[..n])
}
