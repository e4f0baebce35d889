//! One row of the inventory, normalised (`docs/inventory.md` tells every field).

use std::collections::BTreeMap;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use super::date::{Until, When};
use crate::secret::{CredentialId, Fingerprint};
use crate::word::word_enum;

/// Where a record stands: file, line, and number in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordRef {
    /// The file as it was named.
    pub file: ArcStr,
    /// From 1; 0 if the format has no lines (JSON: see `index`).
    pub line: u32,
    /// Number of the record in its file, from 0.
    pub index: u32,
}

/// A row that cannot be used, or a field of it. Never shows a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowError {
    /// Where.
    pub at: RecordRef,
    /// The record's id, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which field.
    pub field: String,
    /// What is wrong and what was expected.
    pub problem: String,
    /// The whole row was set aside, not only the field.
    pub set_aside: bool,
}

word_enum! {
    /// Where a credential is in its life. Derived states (shadow, zombie, stale) are never stored.
    Status {
        /// Asked for, not approved.
        Requested = "requested",
        /// Approved, not issued.
        Approved = "approved",
        /// In use.
        Active = "active",
        /// Switched off; one click switches it on again.
        Suspended = "suspended",
        /// Past its end.
        Expired = "expired",
        /// Made void.
        Revoked = "revoked",
        /// Void, with its offboarding done.
        Offboarded = "offboarded",
        /// Kept for the record only.
        Archived = "archived",
        /// The source does not say.
        Unknown = "unknown",
    }
}

impl Status {
    /// Void: revoked or offboarded.
    pub fn is_revoked(self) -> bool {
        matches!(self, Self::Revoked | Self::Offboarded)
    }

    /// In force or one click away from it.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Approved | Self::Active | Self::Suspended | Self::Unknown)
    }
}

/// One credential as the inventory knows it. Empty texts and lists mean: the field is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Stable inventory id.
    pub id: ArcStr,
    /// The one partner that it belongs to; empty where an export does not know it.
    pub partner_id: ArcStr,
    /// Further partners that the same row names: a credential shared across partners (KW603).
    pub other_partners: ThinVec<ArcStr>,
    /// Kind, in the words of [`crate::Kind`].
    pub kind: ArcStr,
    /// `inbound`, `outbound`, `both`.
    pub direction: ArcStr,
    /// Status; `None` if the field is missing.
    pub status: Option<Status>,
    /// Status per environment, where they differ.
    pub status_by_environment: BTreeMap<String, Status>,
    /// Environments it is approved for.
    pub environments: ThinVec<ArcStr>,
    /// `live` or `test`.
    pub mode: ArcStr,
    /// Use case in one line.
    pub purpose: ArcStr,
    /// `active` or `ended`.
    pub use_case_status: ArcStr,
    /// Accountable for data and conditions.
    pub api_owner: ArcStr,
    /// Accountable for issue, rotation, revocation.
    pub credential_owner: ArcStr,
    /// `role:id` or `role:id:accountable`.
    pub owners: ThinVec<ArcStr>,
    /// Who asked for it.
    pub requested_by: ArcStr,
    /// When.
    pub requested_at: Option<When>,
    /// Who approved it.
    pub approved_by: ArcStr,
    /// When.
    pub approved_at: Option<When>,
    /// Kind of system the approval lives in.
    pub approval_system: ArcStr,
    /// The approval's number or address there.
    pub approval_ref: ArcStr,
    /// What it may reach.
    pub approved_scopes: ThinVec<ArcStr>,
    /// APIs it may reach.
    pub approved_apis: ThinVec<ArcStr>,
    /// Data classes it may reach.
    pub approved_data_classes: ThinVec<ArcStr>,
    /// What the source says it can reach.
    pub scopes: ThinVec<ArcStr>,
    /// APIs that it can reach.
    pub apis: ThinVec<ArcStr>,
    /// `read`, `write`, `admin`.
    pub access_mode: ArcStr,
    /// Data classes.
    pub data_classes: ThinVec<ArcStr>,
    /// Limits to fields or data sets.
    pub minimisation: ArcStr,
    /// Regions of processing.
    pub regions: ThinVec<ArcStr>,
    /// Legal basis of a transfer.
    pub transfer_basis: ArcStr,
    /// Conditions of use.
    pub conditions: ThinVec<ArcStr>,
    /// Where calls are logged.
    pub logging_ref: ArcStr,
    /// When it was issued.
    pub issued_at: Option<When>,
    /// When it ends.
    pub expires_at: Until,
    /// Whether that date takes effect by itself; `None` if the source does not say.
    pub expiry_enforced: Option<bool>,
    /// Last rotation.
    pub last_rotated_at: Option<When>,
    /// Days between rotations.
    pub rotation_days: Option<u32>,
    /// Last use.
    pub last_used_at: Option<When>,
    /// Last recertification.
    pub last_recertified_at: Option<When>,
    /// By whom.
    pub recertified_by: ArcStr,
    /// Days between recertifications.
    pub recert_days: Option<u32>,
    /// Meant to be temporary.
    pub temporary: Option<bool>,
    /// Customers served.
    pub tenants: ThinVec<ArcStr>,
    /// A shared account.
    pub shared_account: Option<bool>,
    /// `controlled_by=vendor; product=...; kill_switch=...`.
    pub connector: ArcStr,
    /// When it was revoked.
    pub revoked_at: Option<When>,
    /// By whom.
    pub revoked_by: ArcStr,
    /// Why.
    pub revocation_reason: ArcStr,
    /// When somebody saw that it no longer works.
    pub invalidation_verified_at: Option<When>,
    /// Where that is written.
    pub evidence: ArcStr,
    /// How to end it: a document.
    pub offboarding_runbook: ArcStr,
    /// How to end it: a method.
    pub offboarding_method: ArcStr,
    /// Who ends it.
    pub offboarding_team: ArcStr,
    /// Offboarding step: keys revoked.
    pub offb_keys_revoked_at: Option<When>,
    /// Offboarding step: accounts disabled.
    pub offb_accounts_disabled_at: Option<When>,
    /// Offboarding step: scopes removed.
    pub offb_scopes_removed_at: Option<When>,
    /// Offboarding step: dependencies confirmed.
    pub offb_dependencies_confirmed_at: Option<When>,
    /// The record that follows it.
    pub replaced_by: ArcStr,
    /// The record that it follows.
    pub supersedes: ArcStr,
    /// Digests of its value or values (two during a rotation).
    pub fingerprints: ThinVec<Fingerprint>,
    /// Public key ids.
    pub key_id: ThinVec<ArcStr>,
    /// Client ids, account ids or user names that stand beside the value.
    pub client_ids: ThinVec<ArcStr>,
    /// `iss` and `jti` or other identifiers of a JWT: `iss=...;jti=...`.
    pub jwt_ids: ThinVec<ArcStr>,
    /// SHA-256 of a certificate.
    pub cert_sha256: ArcStr,
    /// First and last characters as a console shows them: `prefix...last4`.
    pub hint: ArcStr,
    /// Where its value is kept.
    pub vault_ref: ArcStr,
    /// Where it may stand: globs of paths.
    pub locations: ThinVec<ArcStr>,
    /// Variables that hold it.
    pub env_vars: ThinVec<ArcStr>,
    /// Which system the record comes from.
    pub source: ArcStr,
    /// Its id there.
    pub source_id: ArcStr,
    /// When the export was made.
    pub generated_at: Option<When>,
    /// Fields that held a raw secret; it was hashed and dropped (KW109).
    pub secret_fields: ThinVec<ArcStr>,
    /// Fields that the source states as unknown, or whose value could not be read: unknown, where an
    /// empty field that is not listed here is missing.
    pub unknown_fields: ThinVec<ArcStr>,
    /// The source says that the value was exposed or compromised.
    pub exposed: Option<bool>,
    /// The source says that it was asked for and refused.
    pub refused: Option<bool>,
    /// The source has no status of its own: it follows from the dates, see [`Inventory::settle`].
    pub dated_status: bool,
    /// Ids that other sources give it.
    pub also_ids: ThinVec<ArcStr>,
    /// Where other sources describe it.
    pub also_at: ThinVec<RecordRef>,
    /// Where the record stands.
    pub at: RecordRef,
}

/// Two sources say different things of one credential, or one partner's name stands for two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conflict {
    /// Id of the record.
    pub id: String,
    /// The field on which they differ; `fingerprints`, `key_id` or `id` where rows share an
    /// identifier and were not merged.
    pub field: String,
    /// Where it stands, and what counts.
    pub kept: RecordRef,
    /// Where it stands otherwise.
    pub other: RecordRef,
    /// The rows were merged into one record; else they stand as several.
    pub merged: bool,
}

/// A change of owner that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// The record's id.
    pub record: String,
    /// When.
    pub at: When,
}

/// A component of a software catalogue, with its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// `component:default/orders`.
    pub entity: String,
    /// Who owns it.
    pub owner: String,
    /// `experimental`, `production`, `deprecated`.
    pub lifecycle: String,
    /// APIs it consumes.
    pub consumes: Vec<String>,
    /// Name of its repository, where the catalogue says so.
    pub repository: String,
    /// Its folder: of the repository where that is known, else of the catalogue file as it was named.
    pub folder: String,
    /// Where it stands.
    pub at: RecordRef,
}

/// A partner as the inventory knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partner {
    /// Stable id.
    pub id: ArcStr,
    /// Name for people.
    pub name: ArcStr,
    /// What the partner is.
    pub kind: ArcStr,
    /// `low` to `critical`.
    pub criticality: ArcStr,
    /// The contract's number.
    pub contract_id: ArcStr,
    /// When the contract ends.
    pub contract_end: Until,
    /// When it was last renewed.
    pub contract_renewed_at: Option<When>,
    /// Who owns the relation.
    pub business_owner: ArcStr,
    /// Whom to call at the partner.
    pub security_contact: ArcStr,
    /// `onboarding`, `active`, `terminating`, `terminated`.
    pub status: ArcStr,
    /// Hosts of its APIs.
    pub hosts: ThinVec<ArcStr>,
    /// Header names of its keys.
    pub headers: ThinVec<ArcStr>,
    /// Variables that hold its keys.
    pub env_vars: ThinVec<ArcStr>,
    /// Issuers of its tokens.
    pub issuers: ThinVec<ArcStr>,
    /// Audiences of its tokens.
    pub audiences: ThinVec<ArcStr>,
    /// How it lets clients authenticate.
    pub auth_models: ThinVec<ArcStr>,
    /// Regions it processes in.
    pub regions: ThinVec<ArcStr>,
    /// An AI service.
    pub ai_service: Option<bool>,
    /// When offboarding was done.
    pub offboarded_at: Option<When>,
    /// Other names.
    pub aliases: ThinVec<ArcStr>,
    /// Fields that the source states as unknown, or whose value could not be read.
    pub unknown_fields: ThinVec<ArcStr>,
    /// Where it stands.
    pub at: RecordRef,
}

/// All records of all sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Credentials, in the order of sources and rows.
    pub records: Vec<Record>,
    /// Partners by id.
    pub partners: BTreeMap<String, Partner>,
    /// Rows and fields that could not be used.
    pub errors: Vec<RowError>,
    /// Rows that were set aside, as far as they could be read: each may be some credential's record.
    pub set_aside: Vec<Record>,
    /// What is odd and harmless: unknown columns, placeholders. For `lint` alone.
    pub remarks: Vec<RowError>,
    /// On what sources differ (KW103).
    pub conflicts: Vec<Conflict>,
    /// Changes of owner that were written down (KW206).
    pub handoffs: Vec<Handoff>,
    /// Components of software catalogues.
    pub components: Vec<Component>,
    /// SHA-256 of each file, by name.
    pub digests: BTreeMap<String, String>,
    /// Formats as they were recognised, by file name.
    pub formats: BTreeMap<String, String>,
    /// Oldest `generated_at` of the exports that have one.
    pub generated_at: Option<When>,
    /// Identities of raw secrets met in exports, with record and field; for KW109.
    pub secrets: Vec<(RecordRef, String, Option<CredentialId>)>,
}

impl Record {
    /// Whether a field is unknown, and not merely missing.
    pub fn is_unknown(&self, field: &str) -> bool {
        self.unknown_fields.iter().any(|f| f.as_str() == field)
    }
}

impl Inventory {
    /// Gives records whose source tells dates and no status the one that they have on a day: approved
    /// before their first, expired after their last, active between.
    pub fn settle(&mut self, as_of: jiff::civil::Date) {
        let records = self.records.iter_mut().filter(|r| r.dated_status && r.status.is_none());
        for record in records {
            record.status = Some(match (record.issued_at, record.expires_at) {
                (_, Until::On(end)) if end.is_past(as_of) => Status::Expired,
                (Some(start), _) if start.day() > as_of => Status::Approved,
                _ => Status::Active,
            });
        }
    }

    /// The partner of a record.
    pub fn partner_of(&self, record: &Record) -> Option<&Partner> {
        self.partners.get(record.partner_id.as_str())
    }
}
