//! One row of the inventory, normalised (`docs/inventory.md` tells every field).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::date::{Until, When};
use crate::secret::{CredentialId, Fingerprint};
use crate::word::word_enum;

/// Where a record stands: file, line, and number in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordRef {
    /// The file as it was named.
    pub file: String,
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
    pub id: String,
    /// The one partner that it belongs to; empty where an export does not know it.
    pub partner_id: String,
    /// Further partners that the same row names: a credential shared across partners (KW603).
    pub other_partners: Vec<String>,
    /// Kind, in the words of [`crate::Kind`].
    pub kind: String,
    /// `inbound`, `outbound`, `both`.
    pub direction: String,
    /// Status; `None` if the field is missing.
    pub status: Option<Status>,
    /// Status per environment, where they differ.
    pub status_by_environment: BTreeMap<String, Status>,
    /// Environments it is approved for.
    pub environments: Vec<String>,
    /// `live` or `test`.
    pub mode: String,
    /// Use case in one line.
    pub purpose: String,
    /// `active` or `ended`.
    pub use_case_status: String,
    /// Accountable for data and conditions.
    pub api_owner: String,
    /// Accountable for issue, rotation, revocation.
    pub credential_owner: String,
    /// `role:id` or `role:id:accountable`.
    pub owners: Vec<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Option<When>,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<When>,
    /// Kind of system the approval lives in.
    pub approval_system: String,
    /// The approval's number or address there.
    pub approval_ref: String,
    /// What it may reach.
    pub approved_scopes: Vec<String>,
    /// APIs it may reach.
    pub approved_apis: Vec<String>,
    /// Data classes it may reach.
    pub approved_data_classes: Vec<String>,
    /// What the source says it can reach.
    pub scopes: Vec<String>,
    /// APIs that it can reach.
    pub apis: Vec<String>,
    /// `read`, `write`, `admin`.
    pub access_mode: String,
    /// Data classes.
    pub data_classes: Vec<String>,
    /// Limits to fields or data sets.
    pub minimisation: String,
    /// Regions of processing.
    pub regions: Vec<String>,
    /// Legal basis of a transfer.
    pub transfer_basis: String,
    /// Conditions of use.
    pub conditions: Vec<String>,
    /// Where calls are logged.
    pub logging_ref: String,
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
    pub recertified_by: String,
    /// Days between recertifications.
    pub recert_days: Option<u32>,
    /// Meant to be temporary.
    pub temporary: Option<bool>,
    /// Customers served.
    pub tenants: Vec<String>,
    /// A shared account.
    pub shared_account: Option<bool>,
    /// `controlled_by=vendor; product=...; kill_switch=...`.
    pub connector: String,
    /// When it was revoked.
    pub revoked_at: Option<When>,
    /// By whom.
    pub revoked_by: String,
    /// Why.
    pub revocation_reason: String,
    /// When somebody saw that it no longer works.
    pub invalidation_verified_at: Option<When>,
    /// Where that is written.
    pub evidence: String,
    /// How to end it: a document.
    pub offboarding_runbook: String,
    /// How to end it: a method.
    pub offboarding_method: String,
    /// Who ends it.
    pub offboarding_team: String,
    /// Offboarding step: keys revoked.
    pub offb_keys_revoked_at: Option<When>,
    /// Offboarding step: accounts disabled.
    pub offb_accounts_disabled_at: Option<When>,
    /// Offboarding step: scopes removed.
    pub offb_scopes_removed_at: Option<When>,
    /// Offboarding step: dependencies confirmed.
    pub offb_dependencies_confirmed_at: Option<When>,
    /// The record that follows it.
    pub replaced_by: String,
    /// The record that it follows.
    pub supersedes: String,
    /// Digests of its value or values (two during a rotation).
    pub fingerprints: Vec<Fingerprint>,
    /// Public key ids.
    pub key_id: Vec<String>,
    /// Client ids, account ids or user names that stand beside the value.
    pub client_ids: Vec<String>,
    /// `iss` and `jti` or other identifiers of a JWT: `iss=...;jti=...`.
    pub jwt_ids: Vec<String>,
    /// SHA-256 of a certificate.
    pub cert_sha256: String,
    /// First and last characters as a console shows them: `prefix...last4`.
    pub hint: String,
    /// Where its value is kept.
    pub vault_ref: String,
    /// Where it may stand: globs of paths.
    pub locations: Vec<String>,
    /// Variables that hold it.
    pub env_vars: Vec<String>,
    /// Which system the record comes from.
    pub source: String,
    /// Its id there.
    pub source_id: String,
    /// When the export was made.
    pub generated_at: Option<When>,
    /// Fields that held a raw secret; it was hashed and dropped (KW109).
    pub secret_fields: Vec<String>,
    /// Fields that the source states as unknown, or whose value could not be read: unknown, where an
    /// empty field that is not listed here is missing.
    pub unknown_fields: Vec<String>,
    /// The source says that the value was exposed or compromised.
    pub exposed: Option<bool>,
    /// The source says that it was asked for and refused.
    pub refused: Option<bool>,
    /// The source has no status of its own: it follows from the dates, see [`Inventory::settle`].
    pub dated_status: bool,
    /// Ids that other sources give it.
    pub also_ids: Vec<String>,
    /// Where other sources describe it.
    pub also_at: Vec<RecordRef>,
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
    /// Folder of the catalogue file, as it was named.
    pub folder: String,
    /// Where it stands.
    pub at: RecordRef,
}

/// A partner as the inventory knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partner {
    /// Stable id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What the partner is.
    pub kind: String,
    /// `low` to `critical`.
    pub criticality: String,
    /// The contract's number.
    pub contract_id: String,
    /// When the contract ends.
    pub contract_end: Until,
    /// When it was last renewed.
    pub contract_renewed_at: Option<When>,
    /// Who owns the relation.
    pub business_owner: String,
    /// Whom to call at the partner.
    pub security_contact: String,
    /// `onboarding`, `active`, `terminating`, `terminated`.
    pub status: String,
    /// Hosts of its APIs.
    pub hosts: Vec<String>,
    /// Header names of its keys.
    pub headers: Vec<String>,
    /// Variables that hold its keys.
    pub env_vars: Vec<String>,
    /// Issuers of its tokens.
    pub issuers: Vec<String>,
    /// Audiences of its tokens.
    pub audiences: Vec<String>,
    /// How it lets clients authenticate.
    pub auth_models: Vec<String>,
    /// Regions it processes in.
    pub regions: Vec<String>,
    /// An AI service.
    pub ai_service: Option<bool>,
    /// When offboarding was done.
    pub offboarded_at: Option<When>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Fields that the source states as unknown, or whose value could not be read.
    pub unknown_fields: Vec<String>,
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
        self.unknown_fields.iter().any(|f| f == field)
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
        self.partners.get(&record.partner_id)
    }
}
