//! Bytes to candidates to detections. No I/O, no inventory but the watchlist.
//!
//! The last room that holds raw values: a [`Detection`] owns a [`Secret`], and only code below this
//! folder may borrow its bytes.

pub(crate) mod candidate;
pub(crate) mod claims;
pub(crate) mod judge;
pub(crate) mod mask;
pub(crate) mod mention;
pub(crate) mod selfcheck;
mod slow;
pub mod template;
#[cfg(test)]
mod trial;

use std::ops::Range;

#[cfg(test)]
pub(crate) use candidate::ESCAPED;
pub(crate) use candidate::RuleIndex;
pub use candidate::rule::{Form, Kind, Visibility};
pub(crate) use candidate::{Candidate, Noticed, Reach};
pub use candidate::{RuleSet, Watchlist};
pub(crate) use judge::Rejection;
pub(crate) use judge::partner::directory::normalise as normalise_partner;
pub(crate) use judge::pattern_id;
pub use judge::{Allow, ChecksumVerdict, Mode, PartnerNamed, PathClass, Stray, Wishes};
pub(crate) use judge::{ForeignMarker, ListedValues};
pub use slow::RadarSalt;
use slow::SlowDigests;

use candidate::{Prefilter, watchlist::Watched};
use claims::Claims;
use judge::partner::Directory;
use mention::Mentions;

use crate::position::Span;
use crate::secret::{Fingerprint, Pepper, Secret};
use crate::source::Document;

/// The rules in force, the watchlist, and the tables made of them. Shared by all workers.
pub struct Detector {
    rules: RuleSet,
    prefilter: Prefilter,
    watched: Watched,
    directory: Directory,
    mentions: Mentions,
    slow: SlowDigests,
    wishes: Wishes,
}

/// A candidate judged with its whole document and path. The last stage that holds a raw value.
pub(crate) struct Detection {
    /// Which rule.
    pub(crate) rule: RuleIndex,
    /// The value.
    pub(crate) secret: Secret,
    /// Where the value stands.
    pub(crate) span: Span,
    /// A public part beside or inside it: an access-key id, a client id.
    pub(crate) key_id: Option<String>,
    /// The name it is assigned to: a variable, a key path, a header.
    pub(crate) key_name: Option<String>,
    /// The same with all that it is nested in, where a structured file nests it.
    pub(crate) key_path: Option<String>,
    /// The nearest address beside it.
    pub(crate) host: Option<String>,
    /// How far form, check value and surroundings tell that it is a credential.
    pub(crate) form: Form,
    /// Check value.
    pub(crate) checksum: ChecksumVerdict,
    /// Live or test, where the form tells.
    pub(crate) mode: Option<Mode>,
    /// Whose it is, by what evidence.
    pub(crate) partner: Option<PartnerNamed>,
    /// What kind of place the path is.
    pub(crate) path_class: PathClass,
    /// The listed digest that it has.
    pub(crate) watched: Option<Fingerprint>,
    /// What it says about itself.
    pub(crate) claims: Claims,
    /// What an inline comment asks for.
    pub(crate) allow: Option<Allow>,
    /// Digests of the expressions of keyward.toml's allow list that the value matches.
    pub(crate) listed: Vec<String>,
    /// How near the rule's own words stand; smaller is nearer.
    pub(crate) nearness: (bool, u16, u16),
}

impl Detection {
    /// Whether the value begins with `literal`.
    pub(crate) fn value_starts_with(&self, literal: &[u8]) -> bool {
        self.secret.expose().starts_with(literal)
    }

    /// A digest for telling the values of one document apart; must not be stored.
    pub(crate) fn digest(&self) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::digest(self.secret.expose()).into()
    }
}

/// What judging one document gave.
#[derive(Default)]
pub(crate) struct Judged {
    /// Sorted by place.
    pub(crate) detections: Vec<Detection>,
    /// Candidates that were no credentials, and why.
    pub(crate) rejected: Vec<Rejected>,
    /// Comments that allow something beside which no value stands.
    pub(crate) strays: Vec<Stray>,
}

impl Judged {
    /// How many values were left out for their check value alone.
    pub(crate) fn misfits(&self) -> usize {
        let spans: std::collections::BTreeSet<Span> =
            self.rejected.iter().filter(|r| r.why == Rejection::Checksum).map(|r| r.span).collect();
        spans.iter().filter(|span| !self.detections.iter().any(|d| d.span.overlaps(**span))).count()
    }
}

/// A candidate that was not reported, for `explain`.
pub(crate) struct Rejected {
    /// Which rule.
    pub rule: RuleIndex,
    /// Where it stands.
    pub span: Span,
    /// Why.
    pub why: Rejection,
}

impl Detector {
    /// Prepares detection. Expressions and automata are built when first woken.
    pub fn new(rules: RuleSet, watchlist: Watchlist, peppers: Vec<Pepper>) -> Self {
        let prefilter = Prefilter::new(&rules);
        let directory = Directory::builtin(&watchlist);
        let mentions = Mentions::new(&watchlist);
        let slow = SlowDigests::new(&watchlist);
        Self {
            rules,
            prefilter,
            watched: Watched::new(watchlist, peppers),
            directory,
            mentions,
            slow,
            wishes: Wishes::default(),
        }
    }

    /// With the salt that digests of a Vault Radar index need.
    #[must_use]
    pub fn with_radar_salt(mut self, salt: Option<RadarSalt>) -> Self {
        self.slow.salted(salt);
        self
    }

    /// The listed slow digests that a value has.
    pub(crate) fn slow_digests_of(&self, secret: &Secret) -> Vec<Fingerprint> {
        self.slow.of(secret)
    }

    /// What digests were compared with: peppers by name, and schemes of slow ones.
    pub(crate) fn comparable(&self) -> Vec<String> {
        let peppers = self.peppers().iter().map(|pepper| pepper.kid().to_owned());
        peppers.chain(self.slow.schemes().map(str::to_owned)).collect()
    }

    /// The same, which also reads these wishes to be left alone. Whether they count is judged later.
    #[must_use]
    pub fn heeding(mut self, wishes: Wishes) -> Self {
        self.wishes = wishes;
        self
    }

    /// Finds references of the watchlist.
    pub(crate) fn mentions(&self) -> &Mentions {
        &self.mentions
    }

    /// The rules in force.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The peppers of keyed fingerprints.
    pub(crate) fn peppers(&self) -> &[Pepper] {
        self.watched.peppers()
    }

    /// How far from an anchor bytes can matter to [`Self::candidates`].
    pub(crate) fn reach(&self) -> Reach {
        self.prefilter.reach()
    }

    /// Pushes every candidate whose anchor lies in `range`, sorted, once each.
    ///
    /// Whether one exists, and its offsets from the anchor, depends on the bytes within
    /// [`Self::reach`] of the anchor alone. Returns what else it came across.
    pub(crate) fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) -> Noticed {
        self.prefilter.candidates(&self.rules, &self.watched, bytes, range, out)
    }

    /// What candidates depend on beside bytes: the code, the rules, the watchlist, the peppers.
    pub(crate) fn digest(&self) -> [u8; 32] {
        use sha2::Digest as _;
        let mut digest = sha2::Sha256::new();
        digest.update(env!("KEYWARD_DETECTION"));
        for rule in self.rules.user() {
            digest.update(format!("{rule:?}"));
        }
        digest.update(self.rules.len().to_be_bytes());
        for rule in self.rules.disabled() {
            digest.update(&*rule.id);
        }
        digest.update(serde_json::to_vec(self.watched.list()).unwrap_or_default());
        for pepper in self.peppers() {
            digest.update(pepper.kid());
        }
        digest.finalize().into()
    }

    /// Pushes the parts of lines in `range` behind whose escapes something stands. Whether one is there depends
    /// on the bytes of its line alone, if `range` is made of whole lines.
    pub(crate) fn escaped(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        judge::escapes::mark(self, bytes, range, out);
    }

    /// Both phases over one document. `candidates` is room to work in.
    pub(crate) fn detect(&self, document: &Document<'_>, candidates: &mut Vec<Candidate>) -> Judged {
        candidates.clear();
        let noticed = self.candidates(document.bytes, 0..document.bytes.len(), candidates);
        if let Some(first) = noticed.escape {
            self.escaped(document.bytes, first..document.bytes.len(), candidates);
        }
        let mut judged = self.judge(document, candidates);
        if noticed.permission {
            let values: Vec<Span> = judged.detections.iter().map(|d| d.span).collect();
            judged.strays = judge::strays(document, &values);
        }
        judged
    }

    /// Judges candidates with their whole document.
    pub(crate) fn judge(&self, document: &Document<'_>, candidates: &[Candidate]) -> Judged {
        judge::judge(self, document, candidates)
    }
}
