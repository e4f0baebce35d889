//! Sightings to observations: one per credential.

use std::collections::BTreeMap;

use super::{Observation, Sighted, pairs};
use crate::detect::claims::Claims;
use crate::detect::{RuleSet, Visibility};
use crate::secret::CredentialId;
use crate::source::coverage::{Coverage, Reason};

/// Most sightings that are kept of one credential.
const MAX_SIGHTINGS: usize = 10_000;

/// Groups sightings by credential; sorted, independent of their order.
pub(crate) fn merge(rules: &RuleSet, mut all: Vec<Sighted>, coverage: &mut Coverage) -> Vec<Observation> {
    // The best-told sighting first: it names rule and partner.
    all.sort_by(|a, b| (a.form, a.rule, &a.partner, &a.sighting).cmp(&(b.form, b.rule, &b.partner, &b.sighting)));
    let mut found: BTreeMap<CredentialId, Observation> = BTreeMap::new();
    for s in all {
        let observation = found.entry(s.credential).or_insert_with(|| {
            let rule = rules.get(s.rule);
            Observation {
                credential: s.credential,
                rule: rule.id.to_string(),
                title: rule.title.to_string(),
                kind: rule.kind,
                visibility: rule.visibility,
                confidence: s.form,
                checksum: s.checksum,
                mode: s.mode,
                partner: None,
                revoke: rule.revoke.as_deref().map(str::to_owned),
                fingerprints: s.fingerprints,
                watched: Vec::new(),
                key_id: None,
                key_id_shared: rule.shared_public,
                hint: s.hint,
                claims: Claims::default(),
                listed: s.listed,
                sightings: Vec::new(),
                exposure: None,
            }
        });
        observation.partner = observation.partner.take().or(s.partner);
        observation.key_id = observation.key_id.take().or(s.key_id);
        observation.mode = observation.mode.or(s.mode);
        // One place may tell more than another: a certificate stands beside the key, or not.
        for (name, value) in s.claims.facts {
            observation.claims.facts.entry(name).or_insert(value);
        }
        observation.watched.extend(s.watched);
        observation.sightings.push(s.sighting);
        if observation.visibility == Visibility::Secret {
            observation.confidence = observation.confidence.min(s.form);
        }
    }
    pairs::join(rules, &mut found);
    let mut observations: Vec<_> = found.into_values().collect();
    for o in &mut observations {
        o.watched.sort();
        o.watched.dedup();
        o.sightings.sort();
        o.sightings.dedup();
        if o.sightings.len() > MAX_SIGHTINGS {
            let more = o.sightings.len() - MAX_SIGHTINGS;
            coverage.add(Reason::Bounded, o.credential.to_string(), format!("{more} more sightings"));
            o.sightings.truncate(MAX_SIGHTINGS);
        }
    }
    observations
}
