//! `[policy]`: from what is written to a [`Policy`]. What is not written keeps the profile's value.

use toml::Spanned;

use super::error::{ConfigError, Source};
use super::raw;
use crate::detect::Kind;
use crate::govern::policy::{Class, Environment, Environments, Gate, Limits, Offboarding, Override, Profile, Selector};
use crate::govern::{Check, CheckId, Level, Policy, checks};

type Outcome<T> = Result<T, ConfigError>;
type Number = Option<Spanned<i64>>;

const YEARS: i64 = 36_500;
const MODES: &[&str] = &["read", "write", "admin"];
const SYSTEMS: &[&str] = &["iam", "iga", "itsm", "git", "grc", "portal", "email", "chat", "other"];
const DUTIES: &[&str] = &["owner", "requester", "introducing_committer"];
const REQUIRABLE: &[&str] = &[
    "id", "partner_id", "kind", "status", "environments", "direction", "regions", "conditions", "purpose", "api_owner",
    "credential_owner", "data_classes", "offboarding_runbook", "offboarding_method", "offboarding_team", "approved_by",
    "approved_at", "approval_system", "approval_ref", "approved_scopes", "expires_at", "last_recertified_at",
    "logging_ref",
];
const LEVELS: &[&str] = &["error", "warning", "note"];

pub(super) fn validate(source: &Source<'_>, raw: raw::Policy) -> Outcome<Policy> {
    if let Some(version) = &raw.version {
        source.number(version, "policy.keyward_policy", 1, 1)?;
    }
    let profile = match &raw.profile {
        None => Profile::Standard,
        Some(word) => Profile::from_word(&source.word(word, "policy.profile", Profile::WORDS)?).unwrap_or_default(),
    };
    let mut policy = Policy::of_profile(profile);
    days(source, &mut policy.grace_days, raw.grace_days, "policy.grace_days")?;
    keep(&mut policy.repository_public, raw.repository_public);
    keep(&mut policy.generic_owners, raw.generic_owners.map(lower));
    days(
        source,
        &mut policy.max_export_age_days,
        raw.inventory.max_export_age_days,
        "policy.inventory.max_export_age_days",
    )?;
    if let Some(list) = raw.environments {
        policy.environments = environments(source, list)?;
    }
    keep(&mut policy.required_fields, fields(source, raw.required_fields.all, "policy.required_fields.all")?);
    keep(&mut policy.required_in_production, fields(source, raw.required_fields.prod, "policy.required_fields.prod")?);
    if let Some(list) = raw.classes {
        policy.classes = list.into_iter().map(|c| class(source, c)).collect::<Outcome<_>>()?;
    }
    time(source, &mut policy, raw.expiry, raw.recertification, &raw.stale)?;
    approval(source, &mut policy, raw.approval)?;
    offboarding(source, &mut policy, &raw.offboarding)?;
    if let Some(most) = &raw.reuse.max_locations {
        policy.reuse.max_locations =
            source.number(most, "policy.reuse.max_locations", 1, 1_000_000)?.unsigned_abs() as usize;
    }
    keep(&mut policy.reuse.allow_cross_env, raw.reuse.allow_cross_env);
    keep(&mut policy.reuse.allow_cross_partner, raw.reuse.allow_cross_partner);
    keep(&mut policy.scope.wildcard, raw.scope.wildcard.map(lower));
    keep(&mut policy.scope.aliases, raw.scope.scope_aliases);
    keep(
        &mut policy.data.sensitive,
        raw.data.sensitive.map(|list| list.into_iter().map(Spanned::into_inner).collect()),
    );
    keep(&mut policy.data.allowed_regions, raw.data.allowed_regions);
    keep(&mut policy.data.transfer_basis_required_for, raw.data.transfer_basis_required_for);
    exceptions(source, &mut policy, raw.exceptions)?;
    for (id, levels) in raw.severity {
        let id = check(source, &id, "policy.severity")?;
        let mut set = Override::default();
        for (place, word) in levels {
            let level = level(&source.word(&word, "policy.severity", LEVELS)?);
            if place == "default" {
                set.default = Some(level);
            } else {
                set.environments.insert(place, level);
            }
        }
        policy.overrides.insert(id, set);
    }
    for (stage, raw) in raw.gate {
        let before = policy.gates.get(&stage).cloned().unwrap_or_default();
        let gate = gate(source, before, raw)?;
        policy.gates.insert(stage, gate);
    }
    for (taxon, name) in raw.controls {
        let taxon = Check::taxon_alias(&taxon).to_owned();
        if !checks::all().iter().any(|c| c.taxa.contains(&taxon.as_str())) {
            return Err(source.error(
                &name,
                "policy.controls",
                "expected a framework reference that a check carries, such as `CSF PR.AA-05`",
            ));
        }
        policy.controls.insert(taxon, name.into_inner());
    }
    Ok(policy)
}

fn keep<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn days(source: &Source<'_>, slot: &mut i64, value: Number, field: &str) -> Outcome<()> {
    if let Some(value) = value {
        *slot = source.number(&value, field, 0, YEARS)?;
    }
    Ok(())
}

fn lower(list: Vec<String>) -> Vec<String> {
    list.into_iter().map(|w| w.trim().to_lowercase()).collect()
}

fn level(word: &str) -> Level {
    match word {
        "error" => Level::Error,
        "warning" => Level::Warning,
        _ => Level::Note,
    }
}

fn check(source: &Source<'_>, text: &Spanned<String>, field: &str) -> Outcome<CheckId> {
    let id = CheckId::parse(text.get_ref()).filter(|id| checks::get(*id).is_some());
    id.ok_or_else(|| source.error(text, field, "expected a check such as KW101"))
}

fn fields(source: &Source<'_>, list: Option<Vec<Spanned<String>>>, field: &str) -> Outcome<Option<Vec<String>>> {
    list.map(|list| source.words(&list, field, REQUIRABLE)).transpose()
}

fn environments(source: &Source<'_>, raw: Vec<raw::Environment>) -> Outcome<Environments> {
    let mut list: Vec<Environment> = Vec::new();
    for one in raw {
        let name = source.text_of(&one.name, "policy.environments.name")?;
        if list.iter().any(|e| e.name == name) {
            return Err(source.error(&one.name, "policy.environments.name", "expected each name once"));
        }
        list.push(Environment {
            name,
            production: one.production,
            paths: source.globs(&one.paths, "policy.environments.paths")?,
            branches: source.globs_of_texts(&one.branches, "policy.environments.branches")?,
            hosts: source.globs_of_texts(&one.hosts, "policy.environments.hosts")?,
        });
    }
    Ok(Environments::new(list))
}

fn class(source: &Source<'_>, raw: raw::Class) -> Outcome<Class> {
    let kinds: Vec<&str> = Kind::ALL.iter().map(|k| k.word()).collect();
    let limit = |number: Number, field: &str| -> Outcome<Option<i64>> {
        number.map(|n| source.number(&n, field, 1, YEARS)).transpose()
    };
    let plain = |list: Vec<Spanned<String>>| list.into_iter().map(Spanned::into_inner).collect();
    Ok(Class {
        kinds: source.words(&raw.matching.kind, "policy.classes.match.kind", &kinds)?,
        data_classes: plain(raw.matching.data_classes),
        access_modes: source.words(&raw.matching.access_mode, "policy.classes.match.access_mode", MODES)?,
        environments: plain(raw.matching.environments),
        limits: Limits {
            max_lifetime: limit(raw.max_lifetime, "policy.classes.max_lifetime")?,
            rotate_every: limit(raw.rotate_every, "policy.classes.rotate_every")?,
            recertify_every: limit(raw.recertify_every, "policy.classes.recertify_every")?,
        },
    })
}

fn time(
    source: &Source<'_>,
    policy: &mut Policy,
    expiry: raw::Expiry,
    review: raw::Recertification,
    stale: &raw::Stale,
) -> Outcome<()> {
    keep(&mut policy.expiry.allow_never, expiry.allow_never);
    keep(&mut policy.expiry.unenforced, expiry.treat_as_unenforced);
    keep(&mut policy.expiry.sliding, expiry.treat_as_sliding);
    days(source, &mut policy.expiry.notice_days, expiry.notice_days, "policy.expiry.notice_days")?;
    let to = &mut policy.recertification;
    days(source, &mut to.grace_days, review.grace_days, "policy.recertification.grace_days")?;
    keep(&mut to.tie_to_contract_renewal, review.tie_to_contract_renewal);
    let field = "policy.recertification.waived_if_enforced_expiry_within";
    days(source, &mut to.waived_if_enforced_expiry_within, review.waived_if_enforced_expiry_within, field)?;
    days(source, &mut policy.unobserved_days, stale.unobserved_days.clone(), "policy.stale.unobserved_days")?;
    days(source, &mut policy.temporary_days, stale.temporary_days.clone(), "policy.stale.temporary_days")
}

fn approval(source: &Source<'_>, policy: &mut Policy, raw: raw::Approval) -> Outcome<()> {
    let to = &mut policy.approval;
    if let Some(list) = &raw.allowed_systems {
        to.allowed_systems = source.words(list, "policy.approval.allowed_systems", SYSTEMS)?;
    }
    if let Some(list) = &raw.ref_patterns {
        to.ref_patterns = source.globs_of_texts(list, "policy.approval.ref_patterns")?;
    }
    if let Some(list) = &raw.separation_of_duties {
        to.separation_of_duties = source.words(list, "policy.approval.separation_of_duties", DUTIES)?;
    }
    keep(&mut to.approvers, raw.approvers);
    keep(&mut to.must_precede_first_use, raw.must_precede_first_use);
    if let Some(hours) = &raw.tolerance_hours {
        to.tolerance_hours = source.number(hours, "policy.approval.tolerance_hours", 0, 24 * 366)?;
    }
    Ok(())
}

fn offboarding(source: &Source<'_>, policy: &mut Policy, raw: &raw::Offboarding) -> Outcome<()> {
    let to = &mut policy.offboarding;
    days(source, &mut to.revoke_within_days, raw.revoke_within_days.clone(), "policy.offboarding.revoke_within_days")?;
    let field = "policy.offboarding.remove_from_head_within_days";
    days(source, &mut to.remove_from_head_within_days, raw.remove_from_head_within_days.clone(), field)?;
    days(source, &mut to.verify_within_days, raw.verify_within_days.clone(), "policy.offboarding.verify_within_days")?;
    if let Some(list) = &raw.require_steps {
        to.require_steps = source.words(list, "policy.offboarding.require_steps", Offboarding::STEPS)?;
    }
    Ok(())
}

fn exceptions(source: &Source<'_>, policy: &mut Policy, raw: raw::Exceptions) -> Outcome<()> {
    let to = &mut policy.exceptions;
    for (kind, most) in raw.max_days.into_iter().flatten() {
        to.max_days.insert(kind, source.number(&most, "policy.exceptions.max_days", 1, YEARS)?);
    }
    if let Some(most) = &raw.max_renewals {
        to.max_renewals = source.number(most, "policy.exceptions.max_renewals", 0, 1000)?.unsigned_abs() as u32;
    }
    days(source, &mut to.post_review_days, raw.post_review_days, "policy.exceptions.post_review_days")?;
    days(source, &mut to.leak_days, raw.leak_days, "policy.exceptions.leak_days")?;
    keep(&mut to.require_controls, raw.require_compensating_controls);
    if let Some(list) = raw.not_waivable {
        let field = "policy.exceptions.not_waivable";
        to.not_waivable = list.iter().map(|id| check(source, id, field)).collect::<Outcome<_>>()?;
    }
    Ok(())
}

fn gate(source: &Source<'_>, mut gate: Gate, raw: raw::Gate) -> Outcome<Gate> {
    if let Some(word) = &raw.fail_on {
        let word = source.word(word, "policy.gate.fail_on", &["error", "warning", "note", "none"])?;
        gate.fail_on = (word != "none").then(|| level(&word));
    }
    keep(&mut gate.only_new, raw.only_new);
    if let Some(selected) = raw.checks {
        let expected = "expected \"all\", or a list of `leak`, families such as KW1xx and checks such as KW101";
        let wrong = || source.error(&selected, "policy.gate.checks", expected);
        gate.checks = match selected.get_ref() {
            raw::Checks::Word(word) if word == "all" => Vec::new(),
            raw::Checks::Word(_) => return Err(wrong()),
            raw::Checks::List(list) => {
                list.iter().map(|t| Selector::parse(t).ok_or_else(wrong)).collect::<Outcome<_>>()?
            }
        };
    }
    if let Some(most) = &raw.max_ms {
        gate.max_ms = Some(source.number(most, "policy.gate.max_ms", 1, 86_400_000)?.unsigned_abs());
    }
    if let Some(history) = raw.history {
        gate.history = match history.get_ref() {
            raw::History::Switch(on) => *on,
            raw::History::Word(word) if word == "full" => true,
            raw::History::Word(_) => {
                return Err(source.error(&history, "policy.gate.history", "expected true, false or \"full\""));
            }
        };
    }
    Ok(gate)
}
