//! What an auditor gets: the whole population, one line each, and the run that it comes from.
//!
//! The types are what evidence files hold (`docs/evidence.md`); fields are written in the order in
//! which they stand here. A text that is not recorded is `null`; one that may not be shown reads
//! `(withheld)`. Dates stand as the inventory states them: a day, or a moment in UTC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scorecard::Scorecard;
use crate::govern::{CheckId, CheckState};

/// Everything that reports for auditors are made of, computed once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// What was judged with what.
    pub run: Run,
    /// Every record and every credential that was observed, sorted by partner and id.
    pub credentials: Vec<CredentialEvidence>,
    /// Every partner that is named anywhere, by id.
    pub partners: Vec<PartnerEvidence>,
    /// Every exception, by id.
    pub exceptions: Vec<ExceptionEvidence>,
    /// The numbers.
    pub scorecard: Scorecard,
}

/// What was judged with what: enough to repeat it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// `keyward`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// The day that was judged on.
    pub as_of: String,
    /// How much of people, tickets and contracts is shown: `full`, `ids` or `none`.
    pub disclose: String,
    /// Set of levels and limits that the policy started from.
    pub profile: String,
    /// SHA-256 of the configuration that holds the policy; `null` for the built-in defaults.
    pub policy_sha256: Option<String>,
    /// SHA-256 of the inventory: of its file, or of the sorted list of several ones.
    pub inventory_sha256: Option<String>,
    /// Oldest day on which one of the exports was made, as they say.
    pub inventory_generated_at: Option<String>,
    /// Every file that was judged with.
    pub inputs: Vec<InputFile>,
    /// Every repository that was looked at.
    pub repositories: Vec<RepositoryEvidence>,
    /// Which sources: `tree`, `history`.
    pub scope: Vec<String>,
    /// Whether everything that was asked for was looked at.
    pub complete: bool,
    /// Repositories that were observed without the inventory's watchlist.
    #[serde(default)]
    pub without_watchlist: Vec<String>,
    /// What the evidence cannot show, in sentences.
    pub limits: Vec<String>,
    /// How each check went over all its subjects.
    pub checks: BTreeMap<CheckId, CheckState>,
    /// Failed checks about the inventory as a whole.
    pub findings: Vec<CheckId>,
}

/// A file that was judged with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// `inventory`, `policy`, `exceptions`, `roster`, `baseline`, `observations`.
    pub role: String,
    /// As it was named.
    pub name: String,
    /// The digest of its bytes.
    pub sha256: String,
}

/// A repository that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepositoryEvidence {
    /// Its name.
    pub name: String,
    /// Commit that was checked out.
    pub head: Option<String>,
    /// History is cut short.
    pub shallow: bool,
}

/// One credential: a record of the inventory with what was seen of it, or what was seen without one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialEvidence {
    /// Which one it is.
    pub credential: Identity,
    /// Who approved it.
    pub approved: Approved,
    /// What it could reach.
    pub reach: Reach,
    /// Who answers for it.
    pub accountable: Accountable,
    /// When it was removed.
    pub removed: Removed,
    /// Ids of the exceptions that cover something of it.
    pub exceptions: Vec<String>,
    /// Checks that failed.
    pub findings: Vec<CheckId>,
    /// Of these, those that an exception or the baseline accepts.
    pub accepted: Vec<CheckId>,
    /// Checks that were evaluated, failed ones included.
    pub evaluated: u64,
    /// Checks whose inputs are missing.
    pub not_evaluated: Vec<CheckId>,
    /// What is missing for them, in words.
    pub limits: Vec<String>,
    /// References to frameworks of the checks that failed.
    pub controls: Vec<String>,
}

/// Which credential it is. Holds no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The record's id; `null` for what is in no record.
    pub id: Option<String>,
    /// The partner's id.
    pub partner: Option<String>,
    /// Kind of credential.
    pub kind: Option<String>,
    /// Environments that it is recorded for.
    pub environments: Vec<String>,
    /// The first digest that is known of it, for comparing.
    pub fingerprint: Option<String>,
    /// How record and observation belong together; `null` where one of them is missing.
    #[serde(rename = "match")]
    pub matched: Option<MatchEvidence>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Digests and public ids that the record is identified by; 0 means that nothing can match it.
    pub identifiers: u64,
    /// Where the record stands: file and line.
    pub recorded_at: Option<String>,
    /// Names of the repositories in which it was seen, now or ever.
    pub repositories: Vec<String>,
    /// Every credential that was observed of it.
    pub observed: Vec<Seen>,
}

/// How record and observation belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchEvidence {
    /// `certain`, `high`, `medium`, `low`, `suggestion`, `none` or `not comparable`.
    pub level: String,
    /// What matched.
    pub by: Option<String>,
}

/// A credential that was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its identity over runs and machines.
    pub credential: String,
    /// What it is.
    pub title: String,
    /// `secret`, `identifier` or `publishable`.
    pub visibility: String,
    /// Its first digest.
    pub fingerprint: Option<String>,
    /// How it belongs to the record.
    #[serde(rename = "match")]
    pub matched: Option<MatchEvidence>,
    /// Records that it may belong to, without being bound to them.
    pub probable: Vec<String>,
}

/// Who approved it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Option<String>,
    /// Kind of system.
    pub system: Option<String>,
    /// Number or address of the approval.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// Approver, resolvable reference and allowed system are all there; `null` if that cannot be told.
    pub complete: Option<bool>,
    /// Approver apart from owner, requester and committer: `ok`, `violated` or `unknown`.
    pub segregation: String,
    /// Approved before its first commit; `null` if that cannot be told.
    pub before_first_use: Option<bool>,
    /// The first commit that holds it.
    pub first_use: Option<FirstUse>,
}

/// The first commit that holds a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstUse {
    /// Its id.
    pub commit: String,
    /// Its committer's clock, UTC.
    pub committer_time: String,
    /// `exact`, or `not_later_than` where history is cut short.
    pub certainty: String,
}

/// What it could reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What was approved.
    pub approved_scopes: Vec<String>,
    /// What it has, as far as that is known; `null` if nothing tells.
    pub observed_scopes: Option<Vec<String>>,
    /// Who tells: `inventory`, `claims`, or both.
    pub observed_by: Option<String>,
    /// Whether the second lies within the first: `yes`, `no` or `unknown`.
    pub subset: String,
    /// APIs.
    pub apis: Vec<String>,
    /// Data classes.
    pub data_classes: Vec<String>,
    /// Regions of processing.
    pub regions: Vec<String>,
    /// Environments of the paths that it stands in.
    pub environments_observed: Vec<String>,
    /// Where it stands now, at most [`Reach::PLACES`].
    pub locations: Vec<PlaceEvidence>,
    /// Further places.
    pub other_places: u64,
    /// `read`, `write`, `admin`.
    pub access_mode: Option<String>,
}

impl Evidence {
    /// Keeps the credentials that have ended or were to end, from `since` on if it is given. What has
    /// no date stays: it cannot be told to be older.
    pub fn retain_ended(&mut self, since: Option<jiff::civil::Date>) {
        let day = |text: &str| text.get(..10)?.parse::<jiff::civil::Date>().ok();
        let later = |on: &Option<String>| match (on.as_deref().and_then(day), since) {
            (Some(day), Some(since)) => day >= since,
            _ => true,
        };
        self.credentials.retain(|c| c.removed.ended.iter().any(|e| later(&e.on)));
    }
}

impl Reach {
    /// Most places that are named.
    pub const PLACES: usize = 20;
}

/// A place of a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceEvidence {
    /// Name of the repository.
    pub repo: String,
    /// Path from its top.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// `worktree`, `index`, `stdin`, or `HEAD` where the tree at HEAD was read from the history.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// Who answers for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accountable {
    /// For data and conditions.
    pub api_owner: Option<String>,
    /// For issue, rotation, revocation.
    pub credential_owner: Option<String>,
    /// `active`, `left`, `missing` or `unknown`.
    pub owner_status: String,
    /// Last review.
    pub recertified_at: Option<String>,
    /// By whom.
    pub recertified_by: Option<String>,
    /// When the next one is due; `null` where none is, or where that cannot be told.
    pub next_due: Option<String>,
}

/// When it was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Status by the inventory.
    pub status: Option<String>,
    /// In force, or not known to be void.
    pub in_force: bool,
    /// A date, `never` or `unknown`; `null` if the inventory does not have the field.
    pub expires_at: Option<String>,
    /// Whether that date takes effect by itself.
    pub expiry_enforced: Option<bool>,
    /// End of the partner's contract.
    pub contract_end: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When somebody saw that it no longer works.
    pub invalidation_verified_at: Option<String>,
    /// Where that is written.
    pub evidence: Option<String>,
    /// In the tree of a repository that was looked at; `null` if no tree was, or nothing can be compared.
    pub in_tree: Option<bool>,
    /// When the last commit took it out of the default branch.
    pub removed_from_head: Option<String>,
    /// That commit.
    pub removed_commit: Option<String>,
    /// In the history; `null` if that was not scanned.
    pub still_in_history: Option<bool>,
    /// Refs whose tips hold it: the first of them, sorted.
    pub refs: Vec<String>,
    /// How many there are; `null` if the history was not scanned.
    pub refs_total: Option<u64>,
    /// Steps of the offboarding.
    pub steps: Steps,
    /// The record names a variable, a vault path or an address of its own, which can be looked for.
    pub referable: bool,
    /// Those of them that stand in what was scanned; `null` if they were not looked for.
    pub references: Option<Vec<ReferenceEvidence>>,
    /// Why it has ended or was to end, and when; empty for what goes on.
    pub ended: Vec<Ended>,
    /// Days from one event to the next.
    pub days: Days,
    /// What keeps it from being called gone, in words: somebody has to act. Empty if nothing does.
    pub missing: Vec<String>,
    /// What could not be looked at, in words: a more complete scan may clear it, nobody has to act yet.
    pub unseen: Vec<String>,
}

/// Why a credential has ended or was to end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ended {
    /// `contract ended`, `use case ended`, `expired`, `revoked`, `status` with a word, `removed from the tree`.
    pub why: String,
    /// When, where that is recorded.
    pub on: Option<String>,
}

/// A reference that remains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceEvidence {
    /// The variable or vault path.
    pub name: String,
    /// Where it is named, at most [`Reach::PLACES`].
    pub places: Vec<String>,
    /// Further places.
    pub other_places: u64,
}

/// When each step of an offboarding was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// Keys revoked.
    pub keys_revoked: Option<String>,
    /// Scopes removed.
    pub scopes_removed: Option<String>,
    /// Accounts disabled.
    pub accounts_disabled: Option<String>,
    /// Seen to be void.
    pub invalidation_verified: Option<String>,
    /// What depends on it confirmed to be gone.
    pub dependencies_confirmed: Option<String>,
}

impl Steps {
    /// Names and dates, in order.
    pub fn all(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("keys revoked", self.keys_revoked.as_deref()),
            ("scopes removed", self.scopes_removed.as_deref()),
            ("accounts disabled", self.accounts_disabled.as_deref()),
            ("invalidation verified", self.invalidation_verified.as_deref()),
            ("dependencies confirmed", self.dependencies_confirmed.as_deref()),
        ]
    }
}

/// Days from one event to the next; `null` where one of them has no date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// From the end of the contract to revocation.
    pub contract_end_to_revoked: Option<i64>,
    /// From the first commit to revocation.
    pub first_use_to_revoked: Option<i64>,
    /// From revocation to the proof that it worked.
    pub revoked_to_verified: Option<i64>,
    /// From revocation to removal from the default branch; negative if it was removed first.
    pub revoked_to_removed: Option<i64>,
    /// From the first commit to removal.
    pub exposed: Option<i64>,
}

/// One partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerEvidence {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// In the inventory's table of partners.
    pub registered: bool,
    /// What it is.
    pub kind: Option<String>,
    /// `low` to `critical`.
    pub criticality: Option<String>,
    /// `onboarding`, `active`, `terminating`, `terminated`.
    pub status: Option<String>,
    /// End of its contract.
    pub contract_end: Option<String>,
    /// Number of its contract.
    pub contract_id: Option<String>,
    /// Who owns the relation.
    pub business_owner: Option<String>,
    /// When its offboarding was done, as the inventory says.
    pub offboarded_at: Option<String>,
    /// Records of its credentials that are in force.
    pub in_force: u64,
    /// All records and credentials of it.
    pub credentials: u64,
    /// Records that vanished from the inventory, where its history is known.
    pub vanished: Vec<VanishedEvidence>,
    /// Whether the inventory's history was looked at for them.
    pub vanished_known: bool,
    /// Failed checks about the partner.
    pub findings: Vec<CheckId>,
}

/// A record that is no longer in the inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VanishedEvidence {
    /// Its id.
    pub id: String,
    /// Its last status.
    pub status: Option<String>,
    /// When it went.
    pub at: String,
    /// The commit.
    pub commit: String,
}

/// One exception.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionEvidence {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `open`, `expired`, `not begun`, `over its longest duration` or `not valid`.
    pub state: String,
    /// Why it is not valid.
    pub fault: Option<String>,
    /// What it covers.
    pub checks: Vec<String>,
    /// The record or credential.
    pub credential: Option<String>,
    /// Another subject: a path or a fingerprint.
    pub subject: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who asked.
    pub requested_by: Option<String>,
    /// Who allowed it.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<String>,
    /// Where that is written.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// First day.
    pub starts_at: Option<String>,
    /// Last day.
    pub expires_at: Option<String>,
    /// Days from first to last.
    pub days: Option<i64>,
    /// Days since its first day.
    pub age_days: Option<i64>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Renewed more often than the policy allows.
    pub over_renewed: bool,
    /// When the legacy system goes.
    pub retire_by: Option<String>,
    /// What protects in the meantime.
    pub compensating_controls: Vec<String>,
    /// The incident.
    pub incident: Option<String>,
    /// When the emergency was reviewed.
    pub post_review_at: Option<String>,
    /// Findings that it lowers today.
    pub covers: u64,
    /// Where it is written: file and line.
    pub recorded_at: String,
    /// Failed checks about it.
    pub findings: Vec<CheckId>,
}
