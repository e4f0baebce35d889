//! Thresholds, environments, classes and gates: what an organisation decides.
//!
//! The defaults are those of the profile `standard`. Read from `[policy]` of keyward.toml by
//! `config`, which validates every value.

mod allowance;
mod class;
mod environment;
mod gate;
mod known_environments;
mod profile;

use std::collections::BTreeMap;

pub use allowance::{Allowance, Values as AllowedValues};
pub use class::{Class, Limits, Subject as ClassSubject};
pub(crate) use environment::same as same_environment;
pub use environment::{Environment, Environments, Globs};
pub use gate::{Gate, Selector};
pub use profile::{Override, Profile};

use super::check::CheckId;

/// The policy in force.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which set of levels and limits it started from.
    pub profile: Profile,
    /// Days after an end during which nothing is said yet.
    pub grace_days: i64,
    /// The repository can be read by anyone.
    pub repository_public: bool,
    /// Days after which an export is too old (KW107).
    pub max_export_age_days: i64,
    /// Where things run.
    pub environments: Environments,
    /// Fields that every record must have.
    pub required_fields: Vec<String>,
    /// Fields that records for production must have too.
    pub required_in_production: Vec<String>,
    /// Limits by kind, data and environment.
    pub classes: Vec<Class>,
    /// Expiry.
    pub expiry: Expiry,
    /// Recertification.
    pub recertification: Recertification,
    /// Approval.
    pub approval: Approval,
    /// Offboarding.
    pub offboarding: Offboarding,
    /// Days without a sighting or a use after which an entry is stale.
    pub unobserved_days: i64,
    /// Days that temporary access may last.
    pub temporary_days: i64,
    /// Reuse.
    pub reuse: Reuse,
    /// Scopes.
    pub scope: Scopes,
    /// Data classes and regions.
    pub data: Data,
    /// What exceptions may do.
    pub exceptions: ExceptionRules,
    /// Owners that are nobody: `tbd`, `it`, ...; lower case.
    pub generic_owners: Vec<String>,
    /// Levels that the organisation set.
    pub overrides: BTreeMap<CheckId, Override>,
    /// Gates by stage: `pre_commit`, `pull_request`, `main`, `nightly`.
    pub gates: BTreeMap<String, Gate>,
    /// The organisation's own names of framework references: `CSF PR.AA-05` -> `AC-17`.
    pub controls: BTreeMap<String, String>,
    /// Paths and values that may hold credentials: `[[allow]]`.
    pub allowances: Vec<Allowance>,
}

/// Policy on ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Access without end is allowed.
    pub allow_never: bool,
    /// Sources whose date does nothing.
    pub unenforced: Vec<String>,
    /// Sources whose date moves on with use.
    pub sliding: Vec<String>,
    /// Days before an end at which it is announced.
    pub notice_days: i64,
}

/// Policy on reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recertification {
    /// Days after a review was due.
    pub grace_days: i64,
    /// A renewed contract calls for a review.
    pub tie_to_contract_renewal: bool,
    /// Credentials that truly end within so many days need no review.
    pub waived_if_enforced_expiry_within: i64,
}

/// Policy on approvals.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Kinds of systems in which an approval counts.
    pub allowed_systems: Vec<String>,
    /// What a reference to an approval looks like.
    pub ref_patterns: Globs,
    /// Who may not be the approver: `owner`, `requester`, `introducing_committer`.
    pub separation_of_duties: Vec<String>,
    /// Who may approve, by data class, kind or `default`.
    pub approvers: BTreeMap<String, Vec<String>>,
    /// Approval comes before first use.
    pub must_precede_first_use: bool,
    /// Hours by which clocks and date-only approvals may be off.
    pub tolerance_hours: i64,
}

/// Policy on ending access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offboarding {
    /// Days from the trigger to revocation.
    pub revoke_within_days: i64,
    /// Days from revocation to removal from the tree.
    pub remove_from_head_within_days: i64,
    /// Days from revocation to the proof that it worked.
    pub verify_within_days: i64,
    /// Steps that must have a date.
    pub require_steps: Vec<String>,
}

/// Policy on reuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// Most places that one credential may stand in.
    pub max_locations: usize,
    /// One credential may serve several environments.
    pub allow_cross_env: bool,
    /// One credential may serve several partners.
    pub allow_cross_partner: bool,
}

/// Policy on scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// Words that mean everything; lower case.
    pub wildcard: Vec<String>,
    /// A scope that stands for several.
    pub aliases: BTreeMap<String, Vec<String>>,
}

/// Policy on data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Classes that are regulated or personal.
    pub sensitive: Vec<String>,
    /// Regions by data class, and `default`.
    pub allowed_regions: BTreeMap<String, Vec<String>>,
    /// Classes that need a legal basis for a transfer.
    pub transfer_basis_required_for: Vec<String>,
}

/// Policy on exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRules {
    /// Longest duration by type.
    pub max_days: BTreeMap<String, i64>,
    /// Most renewals.
    pub max_renewals: u32,
    /// Days after emergency access in which it is reviewed.
    pub post_review_days: i64,
    /// Types that need compensating controls.
    pub require_controls: Vec<String>,
    /// Checks that no exception covers.
    pub not_waivable: Vec<CheckId>,
    /// Days for which a leak of a live credential may be excepted, whatever the type.
    pub leak_days: i64,
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|w| (*w).to_owned()).collect()
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            profile: Profile::Standard,
            grace_days: 0,
            repository_public: false,
            max_export_age_days: 7,
            environments: Environments::default(),
            required_fields: words(&["id", "partner_id", "kind", "status", "environments"]),
            required_in_production: Vec::new(),
            classes: Class::defaults(),
            expiry: Expiry {
                allow_never: false,
                unenforced: words(&["azure-apim"]),
                sliding: words(&["okta"]),
                notice_days: 30,
            },
            recertification: Recertification {
                grace_days: 14,
                tie_to_contract_renewal: true,
                waived_if_enforced_expiry_within: 90,
            },
            approval: Approval {
                allowed_systems: words(&["iam", "iga", "itsm", "git", "grc"]),
                ref_patterns: Globs::of_words(&["{CHG,REQ,SEC}[0-9][0-9][0-9][0-9]*", "[A-Z]*-[0-9]*", "https://?*"]),
                separation_of_duties: words(&["owner", "requester", "introducing_committer"]),
                approvers: BTreeMap::new(),
                must_precede_first_use: true,
                tolerance_hours: 24,
            },
            offboarding: Offboarding {
                revoke_within_days: 1,
                remove_from_head_within_days: 7,
                verify_within_days: 7,
                require_steps: words(Offboarding::STEPS),
            },
            unobserved_days: 90,
            temporary_days: 90,
            reuse: Reuse { max_locations: 3, allow_cross_env: false, allow_cross_partner: false },
            scope: Scopes {
                wildcard: words(&["*", "admin", "all", "full_access", "root", ".default"]),
                aliases: BTreeMap::new(),
            },
            data: Data {
                sensitive: words(&["pii", "phi", "pci", "financial", "secret"]),
                allowed_regions: BTreeMap::from([
                    ("pii".to_owned(), words(&["eu", "uk"])),
                    ("default".to_owned(), words(&["eu", "uk", "us"])),
                ]),
                transfer_basis_required_for: words(&["pii", "phi"]),
            },
            exceptions: ExceptionRules {
                max_days: [
                    ("emergency", 7),
                    ("multi_environment", 90),
                    ("shared_account", 90),
                    ("legacy_system", 180),
                    ("static_secret", 180),
                    ("missing_owner", 30),
                    ("accepted_risk", 90),
                    ("scanner_false_positive", 365),
                ]
                .map(|(kind, days)| (kind.to_owned(), days))
                .into(),
                max_renewals: 2,
                post_review_days: 5,
                require_controls: words(&["legacy_system", "shared_account", "static_secret", "multi_environment"]),
                not_waivable: [109, 303, 603, 801, 804, 807, 810].map(CheckId).to_vec(),
                leak_days: 7,
            },
            generic_owners: words(&[
                "-", "?", "admin", "administrator", "all", "any", "anyone", "everyone", "it", "info", "n/a", "na",
                "nobody", "none", "noreply", "no-reply", "ops", "owner", "root", "security", "shared", "support",
                "tba", "tbd", "team", "test", "todo", "unassigned", "unknown", "user", "various", "vendor", "xxx",
            ]),
            overrides: BTreeMap::new(),
            gates: Gate::defaults(),
            controls: BTreeMap::new(),
            allowances: Vec::new(),
        }
    }
}

impl Offboarding {
    /// The steps of an offboarding.
    pub const STEPS: &'static [&'static str] =
        &["keys_revoked", "scopes_removed", "accounts_disabled", "invalidation_verified", "dependencies_confirmed"];
}

impl Policy {
    /// The defaults of a profile.
    pub fn of_profile(profile: Profile) -> Self {
        let mut policy = Self { profile, ..Self::default() };
        if profile == Profile::Regulated {
            for class in &mut policy.classes {
                class.limits.halve();
            }
        }
        policy
    }

    /// Whether any of these data classes is regulated or personal.
    pub fn is_sensitive(&self, classes: &[impl AsRef<str>]) -> bool {
        classes.iter().any(|c| self.data.sensitive.iter().any(|s| s.eq_ignore_ascii_case(c.as_ref())))
    }

    /// The limits that hold for a credential.
    pub fn limits(&self, subject: &ClassSubject<'_>) -> Limits {
        class::limits(&self.classes, subject)
    }

    /// The gate of a stage; without one, errors fail.
    pub fn gate(&self, stage: Option<&str>) -> Gate {
        stage.and_then(|s| self.gates.get(s)).cloned().unwrap_or_default()
    }
}
