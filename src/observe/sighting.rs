//! One place and time where a credential was seen.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::excerpt::{self, Excerpt};
use super::exposure::Exposure;
use crate::detect::claims::Claims;
use crate::detect::{Allow, ChecksumVerdict, Detection, Detector, Form, Mode, PartnerNamed, PathClass};
use crate::position::{LineIndex, Location};
use crate::secret::{CredentialId, Fingerprint, Hint};
use crate::source::{Document, Place, RepoPath};

/// One place where a credential was seen; in history, with the interval of commits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// Tree, index, history or standard input.
    pub place: Place,
    /// Path from the repository's top.
    pub path: RepoPath,
    /// Lines and columns of the value.
    pub location: Location,
    /// The name it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The same with all that it is nested in, where a structured file nests it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_path: Option<String>,
    /// The nearest address in its block: a host, which may tell the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The line, masked.
    pub excerpt: Excerpt,
    /// What kind of place the path is.
    pub path_class: PathClass,
    /// What an inline comment beside it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Allow>,
    /// When it was there, for history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
}

/// A sighting with what is known of its credential; the value is gone.
#[derive(Clone)]
pub(crate) struct Sighted {
    pub(crate) credential: CredentialId,
    pub(crate) rule: crate::detect::RuleIndex,
    pub(crate) form: Form,
    pub(crate) checksum: ChecksumVerdict,
    pub(crate) mode: Option<Mode>,
    pub(crate) partner: Option<PartnerNamed>,
    pub(crate) fingerprints: Vec<Fingerprint>,
    pub(crate) watched: Vec<Fingerprint>,
    pub(crate) key_id: Option<String>,
    pub(crate) hint: Option<Hint>,
    pub(crate) claims: Claims,
    pub(crate) listed: Vec<String>,
    pub(crate) sighting: Sighting,
}

/// Turns a document's detections into sightings and drops their values.
pub(crate) fn see(detector: &Detector, document: &Document<'_>, detections: Vec<Detection>) -> Vec<Sighted> {
    if detections.is_empty() {
        return Vec::new();
    }
    let lines = LineIndex::new(document.bytes);
    let spans: Vec<_> = detections.iter().map(|d| d.span).collect();
    let mut ordinals = Ordinals::default();
    let mut seen = Vec::with_capacity(detections.len());
    for detection in detections {
        let rule = detector.rules().get(detection.rule);
        let key_name = detection.key_name.as_deref().map(excerpt::mask_text);
        let credential = detection.secret.id().unwrap_or_else(|| {
            // A weak value's identity must not depend on the value.
            let name = key_name.clone().unwrap_or_default();
            let ordinal = ordinals.of(&rule.id, &name, &detection);
            let path = document.origin.path.as_bytes();
            CredentialId::from_parts(
                "keyward/v1/weak",
                &[rule.id.as_bytes(), path, name.as_bytes(), ordinal.to_string().as_bytes()],
            )
        });
        let prefix = rule.literals.iter().filter(|l| excerpt::starts_with(&detection, l)).map(|l| l.len()).max();
        let mut fingerprints = detection.secret.fingerprints(detector.peppers());
        fingerprints.extend(detection.claims.spki.map(Fingerprint::spki));
        let slow = detector.slow_digests_of(&detection.secret);
        let watched = detection.watched.into_iter().chain(slow).collect();
        seen.push(Sighted {
            credential,
            rule: detection.rule,
            form: detection.form,
            checksum: detection.checksum,
            mode: detection.mode,
            partner: detection.partner,
            fingerprints,
            hint: detection.secret.hint(),
            watched,
            key_id: detection.key_id,
            claims: detection.claims,
            listed: detection.listed,
            sighting: Sighting {
                place: document.origin.place,
                path: document.origin.path.clone(),
                location: lines.locate(document.bytes, detection.span),
                key_name,
                key_path: detection.key_path.as_deref().map(excerpt::mask_text),
                host: detection.host.as_deref().map(excerpt::mask_text),
                excerpt: Excerpt::new(document.bytes, &lines, detection.span, prefix.unwrap_or(0), &spans),
                path_class: detection.path_class,
                allow: detection.allow.map(mask_allow),
                exposure: None,
            },
        });
    }
    seen
}

/// The comment's words may hold a value too.
pub(super) fn mask_allow(allow: Allow) -> Allow {
    Allow { reason: allow.reason.as_deref().map(excerpt::mask_text), ..allow }
}

/// Numbers the distinct weak values of one rule and key name in a document, in order of appearance.
#[derive(Default)]
struct Ordinals(HashMap<(String, String), HashMap<[u8; 32], usize>>);

impl Ordinals {
    fn of(&mut self, rule: &str, name: &str, detection: &Detection) -> usize {
        let values = self.0.entry((rule.to_owned(), name.to_owned())).or_default();
        let next = values.len();
        // The digest lives as long as this document's turn and goes nowhere.
        *values.entry(detection.digest()).or_insert(next)
    }
}
