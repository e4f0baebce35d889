//! Detections to observations: here the secret ends.
//!
//! Takes the detections of one document at a time, keeps what may be known of each (fingerprints,
//! key id, hint, claims, a masked line) and drops the values. What comes out is a documented,
//! versioned, value-free file format.

mod committer;
mod excerpt;
mod exposure;
pub mod file;
mod mask;
mod merge;
mod pairs;
mod reference;
mod sighting;

pub(crate) use committer::name_digest;
pub use excerpt::Excerpt;
pub(crate) use excerpt::mask_text;
pub use exposure::{CommitRef, Exposure, Held, Names};
pub(crate) use merge::merge;
pub(crate) use reference::References;
pub use reference::{Governing, Reference};
pub use sighting::Sighting;
pub(crate) use sighting::{Sighted, see};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::detect::claims::Claims;
use crate::detect::{ChecksumVerdict, Form, Kind, Mode, PartnerNamed, Stray, Visibility};
use crate::secret::{CredentialId, Fingerprint, Hint};
use crate::source::coverage::Coverage;

/// One credential, wherever it was seen. Cannot hold its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its identity over runs and machines.
    pub credential: CredentialId,
    /// Detection rule.
    pub rule: String,
    /// What it is, for people: "Stripe secret key".
    pub title: String,
    /// Kind of credential.
    pub kind: Kind,
    /// Secret, identifier or publishable.
    pub visibility: Visibility,
    /// How sure the detection is.
    pub confidence: Form,
    /// Check value.
    pub checksum: ChecksumVerdict,
    /// Live or test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerNamed>,
    /// How it is revoked, by the provider's own names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Digests for matching: keyed ones, and a plain one for values of 96 bits or more.
    pub fingerprints: Vec<Fingerprint>,
    /// Digests of the watchlist that the value has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<Fingerprint>,
    /// Public key id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The key id is that of an account, a workspace or a user, and other credentials have it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key_id_shared: bool,
    /// Last characters, where enough remains secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// What it says about itself, unverified.
    #[serde(default, skip_serializing_if = "Claims::is_empty")]
    pub claims: Claims,
    /// Digests of the expressions of keyward.toml's allow list that the value matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<String>,
    /// Where it was seen, sorted, never empty.
    pub sightings: Vec<Sighting>,
    /// When it was anywhere in the history, and what still holds it; where that was scanned. A rename
    /// is no removal here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
}

impl Observation {
    /// Whether it is a secret that acts on real things: neither an identifier, nor publishable, nor
    /// test mode.
    pub fn is_leak(&self) -> bool {
        self.visibility == Visibility::Secret && self.mode != Some(Mode::Test)
    }

    /// The first fingerprint, for people and reports.
    pub fn fingerprint(&self) -> Option<&Fingerprint> {
        self.fingerprints.first()
    }
}

/// The repository that was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Repository {
    /// Its name: the last part of the remote address, else the folder's.
    pub name: String,
    /// Remote address without user and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Commit that is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Branch that is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// History is cut short.
    #[serde(default)]
    pub shallow: bool,
}

/// What one run of `observe` saw in one repository.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// The repository.
    pub repository: Repository,
    /// Which sources were asked for: `tree` (all of it), `paths` (a part of it), `history`, `stdin`, `staged`,
    /// `range`, `push`, `receive`.
    pub scope: Vec<String>,
    /// Names of the peppers used, and of the other schemes whose listed digests were looked for (`hmsl`,
    /// `radar`).
    pub peppers: Vec<String>,
    /// An inventory's watchlist was at hand: its hosts, names, key ids and digests were looked for.
    pub watchlist: bool,
    /// The credentials, sorted by identity.
    pub observations: Vec<Observation>,
    /// What was scanned and what was not.
    pub coverage: Coverage,
    /// Who wrote and committed the commits that introduced credentials, by commit: digests of names
    /// and addresses, to be compared with approvers.
    pub committers: BTreeMap<String, Vec<String>>,
    /// Where the watchlist's references stand, by reference; those that stand nowhere have no place,
    /// those that nobody looked for are missing.
    pub references: Option<BTreeMap<String, Vec<Reference>>>,
    /// For a change: which of the files that decide on findings it touches. `None` for anything
    /// else.
    pub governing: Option<Vec<Governing>>,
    /// Permissions beside which no value stands, sorted.
    pub strays: Vec<Stray>,
}
