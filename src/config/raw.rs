//! keyward.toml as it is written: every field optional, unknown ones refused, with their places.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::inventory::Mapping;

type Text = Spanned<String>;
type Texts = Vec<Text>;
type Number = Spanned<i64>;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) exclude: Texts,
    pub(super) rules: Rules,
    pub(super) inventory: Vec<Inventory>,
    pub(super) partners: Vec<Partner>,
    pub(super) mappings: BTreeMap<String, Spanned<Mapping>>,
    pub(super) roster: Option<Text>,
    pub(super) exceptions: Option<Text>,
    pub(super) baseline: Option<Text>,
    pub(super) default_branch: Option<String>,
    pub(super) stage: Option<Text>,
    pub(super) policy: Policy,
    pub(super) allow: Vec<Spanned<Allow>>,
    pub(super) suppress: Suppress,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Allow {
    pub(super) paths: Texts,
    pub(super) values: Texts,
    pub(super) checks: Texts,
    pub(super) reason: Option<Text>,
    pub(super) until: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Suppress {
    pub(super) foreign_markers: Texts,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) files: Texts,
    pub(super) replace: bool,
    pub(super) disable: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Partner {
    pub(super) id: Text,
    #[serde(default)]
    pub(super) name: Option<Text>,
    #[serde(default)]
    pub(super) aliases: Texts,
    #[serde(default)]
    pub(super) hosts: Texts,
    #[serde(default)]
    pub(super) headers: Texts,
    #[serde(default)]
    pub(super) env_vars: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inventory {
    pub(super) path: Text,
    pub(super) format: Option<Text>,
    pub(super) generated_at: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(rename = "keyward_policy")]
    pub(super) version: Option<Number>,
    pub(super) profile: Option<Text>,
    pub(super) grace_days: Option<Number>,
    pub(super) repository_public: Option<bool>,
    pub(super) generic_owners: Option<Vec<String>>,
    pub(super) inventory: PolicyInventory,
    pub(super) environments: Option<Vec<Environment>>,
    pub(super) required_fields: RequiredFields,
    pub(super) classes: Option<Vec<Class>>,
    pub(super) expiry: Expiry,
    pub(super) recertification: Recertification,
    pub(super) approval: Approval,
    pub(super) offboarding: Offboarding,
    pub(super) stale: Stale,
    pub(super) reuse: Reuse,
    pub(super) scope: Scope,
    pub(super) data: Data,
    pub(super) exceptions: Exceptions,
    pub(super) severity: BTreeMap<Text, BTreeMap<String, Text>>,
    pub(super) gate: BTreeMap<String, Gate>,
    /// Check or framework reference -> what the organisation calls it.
    pub(super) controls: BTreeMap<String, Text>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PolicyInventory {
    pub(super) max_export_age_days: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    pub(super) name: Text,
    pub(super) production: bool,
    #[serde(default)]
    pub(super) paths: Texts,
    #[serde(default)]
    pub(super) branches: Texts,
    #[serde(default)]
    pub(super) hosts: Texts,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RequiredFields {
    pub(super) all: Option<Texts>,
    pub(super) prod: Option<Texts>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Class {
    #[serde(rename = "match")]
    pub(super) matching: ClassMatch,
    pub(super) max_lifetime: Option<Number>,
    pub(super) rotate_every: Option<Number>,
    pub(super) recertify_every: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ClassMatch {
    pub(super) kind: Texts,
    pub(super) data_classes: Texts,
    pub(super) access_mode: Texts,
    pub(super) environments: Texts,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expiry {
    pub(super) allow_never: Option<bool>,
    pub(super) treat_as_unenforced: Option<Vec<String>>,
    pub(super) treat_as_sliding: Option<Vec<String>>,
    pub(super) notice_days: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Recertification {
    pub(super) grace_days: Option<Number>,
    pub(super) tie_to_contract_renewal: Option<bool>,
    pub(super) waived_if_enforced_expiry_within: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Approval {
    pub(super) allowed_systems: Option<Texts>,
    pub(super) ref_patterns: Option<Texts>,
    pub(super) separation_of_duties: Option<Texts>,
    pub(super) approvers: Option<BTreeMap<String, Vec<String>>>,
    pub(super) must_precede_first_use: Option<bool>,
    pub(super) tolerance_hours: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Offboarding {
    pub(super) revoke_within_days: Option<Number>,
    pub(super) remove_from_head_within_days: Option<Number>,
    pub(super) verify_within_days: Option<Number>,
    pub(super) require_steps: Option<Texts>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Stale {
    pub(super) unobserved_days: Option<Number>,
    pub(super) temporary_days: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Reuse {
    pub(super) max_locations: Option<Number>,
    pub(super) allow_cross_env: Option<bool>,
    pub(super) allow_cross_partner: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Scope {
    pub(super) wildcard: Option<Vec<String>>,
    pub(super) scope_aliases: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Data {
    pub(super) sensitive: Option<Texts>,
    pub(super) allowed_regions: Option<BTreeMap<String, Vec<String>>>,
    pub(super) transfer_basis_required_for: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Exceptions {
    pub(super) max_days: Option<BTreeMap<String, Number>>,
    pub(super) max_renewals: Option<Number>,
    pub(super) post_review_days: Option<Number>,
    pub(super) require_compensating_controls: Option<Vec<String>>,
    pub(super) not_waivable: Option<Texts>,
    pub(super) leak_days: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Gate {
    pub(super) fail_on: Option<Text>,
    pub(super) only_new: Option<bool>,
    #[serde(alias = "rules")]
    pub(super) checks: Option<Spanned<Checks>>,
    pub(super) max_ms: Option<Number>,
    pub(super) history: Option<Spanned<History>>,
}

/// `"all"` or a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Checks {
    Word(String),
    List(Vec<String>),
}

/// `true`, `false` or `"full"`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum History {
    Switch(bool),
    Word(String),
}
