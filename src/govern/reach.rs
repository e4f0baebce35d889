//! `KW7xx`: what a credential may reach, what it can, and what it claims.

use std::collections::BTreeSet;

use arcstr::ArcStr;

use super::ownership::texts;
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, World, name_of};
use crate::observe::Observation;

pub(super) const FAMILY: Family = &[
    (701, Ask::Entry(wider_than_approved)),
    (702, Ask::Entry(scope_undeclared)),
    (703, Ask::Entry(wildcard)),
    (704, Ask::Entry(write_where_read)),
    (706, Ask::Entry(data_undeclared)),
    (707, Ask::Entry(data_exceeds)),
    (708, Ask::Entry(cross_border)),
    (710, Ask::Pair(wrong_audience)),
];

/// Scopes that a token claims: a text with spaces, or a list.
pub(super) fn claimed_scopes(observation: &Observation) -> BTreeSet<String> {
    let mut scopes = BTreeSet::new();
    for name in ["scope", "scopes", "scp", "roles", "permissions"] {
        match observation.claims.facts.get(name) {
            Some(serde_json::Value::String(text)) => {
                scopes.extend(text.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned));
            }
            Some(serde_json::Value::Array(list)) => {
                scopes.extend(list.iter().filter_map(|v| v.as_str()).map(str::to_owned));
            }
            _ => {}
        }
    }
    scopes
}

/// The scopes that a record's credential has: what its source exports and what its tokens claim.
pub(super) fn actual_scopes(world: &World<'_>, entry: &Entry<'_>) -> BTreeSet<String> {
    let exported = entry.record.scopes.iter().map(ToString::to_string);
    let claimed = world.cases_of(entry).filter(|c| c.binding.is_strong()).flat_map(|c| claimed_scopes(c.observation));
    exported.chain(claimed).filter(|s| !s.trim().is_empty()).collect()
}

/// Scopes with the policy's aliases replaced by what they stand for.
fn expanded(world: &World<'_>, scopes: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let aliases = &world.input.policy.scope.aliases;
    let expand = |scope: String| match aliases.get(&scope) {
        Some(several) => several.clone(),
        None => vec![scope],
    };
    scopes.into_iter().flat_map(expand).collect()
}

fn is_wildcard(world: &World<'_>, scope: &str) -> bool {
    let lower = scope.trim().to_lowercase();
    let words = &world.input.policy.scope.wildcard;
    let last = lower.rsplit(['/', ':']).next().unwrap_or_default();
    words.iter().any(|w| *w == lower || *w == last)
}

fn listed(scopes: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = scopes.iter().take(5).map(String::as_str).collect();
    let more = scopes.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// KW701: more than was approved.
fn wider_than_approved(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let actual = expanded(world, actual_scopes(world, entry));
    if record.approved_scopes.is_empty() {
        return Verdict::NotEvaluated("the record names no approved scopes");
    }
    if actual.is_empty() {
        return Verdict::NotEvaluated("neither the export nor the credential tells its scopes");
    }
    let approved = expanded(world, record.approved_scopes.iter().map(ToString::to_string));
    if approved.iter().any(|s| s == "*") {
        return Verdict::Pass;
    }
    let beyond: BTreeSet<String> = actual.difference(&approved).cloned().collect();
    Verdict::fail_if(!beyond.is_empty(), || {
        let message =
            format!("The credential of record {} reaches further than approved: {}.", name_of(record), listed(&beyond));
        let finding = world.on_entry(entry).message(message);
        finding
            .fact("beyond", beyond.into_iter().collect::<Vec<_>>())
            .fact("approved_scopes", texts(&record.approved_scopes))
    })
}

/// KW702: nobody wrote down what it may reach.
fn scope_undeclared(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.approved_scopes.is_empty(), || {
        world.on_entry(entry).message(format!("Record {} names no approved scopes.", name_of(entry.record)))
    })
}

/// KW703: everything, or administration.
fn wildcard(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let mut all = actual_scopes(world, entry);
    all.extend(record.approved_scopes.iter().map(ToString::to_string));
    if all.is_empty() && record.access_mode.is_empty() {
        return Verdict::NotEvaluated("neither the record nor the credential tells scopes or access mode");
    }
    let wide: BTreeSet<String> = all.into_iter().filter(|s| is_wildcard(world, s)).collect();
    let admin = record.access_mode == "admin";
    Verdict::fail_if(admin || !wide.is_empty(), || {
        let what = match wide.len() {
            0 => "admin access".to_owned(),
            1 => format!("the scope {}", listed(&wide)),
            _ => format!("the scopes {}", listed(&wide)),
        };
        let finding =
            world.on_entry(entry).message(format!("The credential of record {} has {what}.", name_of(record)));
        finding.setting(|s| s.elevated = false).fact("wide", wide.into_iter().collect::<Vec<_>>())
    })
}

/// Whether a scope lets its holder change something.
fn writes(scope: &str) -> bool {
    const WORDS: &[&str] = &[
        "write", "admin", "create", "update", "delete", "manage", "edit", "modify", "send", "publish", "full", "rw",
        "readwrite",
    ];
    scope.to_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|part| WORDS.contains(&part))
}

/// KW704: may change things, though only reading was approved.
fn write_where_read(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let reads = |s: &ArcStr| s.to_lowercase().contains("read") && !writes(s);
    let approved_to_read = !record.approved_scopes.is_empty() && record.approved_scopes.iter().all(reads);
    if record.access_mode.is_empty() && record.approved_scopes.is_empty() {
        return Verdict::NotEvaluated("the record tells neither access mode nor approved scopes");
    }
    if record.access_mode != "read" && !approved_to_read {
        return Verdict::NotApplicable;
    }
    let actual = actual_scopes(world, entry);
    let by_mode = approved_to_read && matches!(record.access_mode.as_str(), "write" | "admin");
    if actual.is_empty() && !by_mode {
        return Verdict::NotEvaluated("neither the export nor the credential tells its scopes");
    }
    let writing: BTreeSet<String> = actual.into_iter().filter(|s| writes(s)).collect();
    Verdict::fail_if(by_mode || !writing.is_empty(), || {
        let what = if writing.is_empty() { "its access mode".to_owned() } else { listed(&writing) };
        let message =
            format!("The credential of record {} may write ({what}), and only reading was approved.", name_of(record));
        world.on_entry(entry).message(message)
    })
}

/// KW706: nobody wrote down which data it reaches.
fn data_undeclared(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.data_classes.is_empty(), || {
        world.on_entry(entry).message(format!("Record {} names no data class.", name_of(entry.record)))
    })
}

/// KW707: other data than approved, or sensitive data without a limit.
fn data_exceeds(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.data_classes.is_empty() {
        return Verdict::NotApplicable;
    }
    let approved = |class: &ArcStr| record.approved_data_classes.iter().any(|a| a.eq_ignore_ascii_case(class));
    let beyond: Vec<&str> = record.data_classes.iter().filter(|c| !approved(c)).map(ArcStr::as_str).collect();
    let unlimited = world.input.policy.is_sensitive(&record.data_classes) && record.minimisation.trim().is_empty();
    if record.approved_data_classes.is_empty() && !unlimited {
        return Verdict::NotEvaluated("the record names no approved data classes");
    }
    let exceeds = !record.approved_data_classes.is_empty() && !beyond.is_empty();
    Verdict::fail_if(exceeds || unlimited, || {
        let name = name_of(record);
        let message = if exceeds {
            format!("Record {name} reaches data that was not approved: {}.", beyond.join(", "))
        } else {
            format!("Record {name} reaches regulated or personal data, and no limit to what is needed is stated.")
        };
        let finding = world.on_entry(entry).message(message).setting(|s| s.sensitive = false);
        if exceeds { finding.fact("beyond", texts(&beyond)) } else { finding }
    })
}

/// KW708: sensitive data across borders.
fn cross_border(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let (record, policy) = (entry.record, &world.input.policy.data);
    if !entry.is_in_force() || !world.input.policy.is_sensitive(&record.data_classes) {
        return Verdict::NotApplicable;
    }
    let stated = if record.regions.is_empty() { entry.partner.map(|p| &p.regions) } else { Some(&record.regions) };
    let regions: Vec<&str> = stated.into_iter().flatten().map(|r| r.trim()).filter(|r| !r.is_empty()).collect();
    let mut faults = Vec::new();
    if regions.is_empty() {
        faults.push("the region of processing is not recorded".to_owned());
    }
    for class in record.data_classes.iter().filter(|c| policy.sensitive.iter().any(|s| s.eq_ignore_ascii_case(c))) {
        let Some(allowed) =
            policy.allowed_regions.get(class.as_str()).or_else(|| policy.allowed_regions.get("default"))
        else {
            continue;
        };
        let outside: Vec<&str> =
            regions.iter().copied().filter(|r| !allowed.iter().any(|a| a.eq_ignore_ascii_case(r))).collect();
        if !outside.is_empty() {
            faults.push(format!("{class} may not be processed in {}", outside.join(", ")));
        }
    }
    let needs_basis = record
        .data_classes
        .iter()
        .any(|c| policy.transfer_basis_required_for.iter().any(|t| t.eq_ignore_ascii_case(c)));
    if needs_basis && matches!(record.transfer_basis.trim(), "" | "none") {
        faults.push("no legal basis for a transfer is recorded".to_owned());
    }
    Verdict::fail_if(!faults.is_empty(), || {
        let message = format!("Record {}: {}.", name_of(record), faults.join("; "));
        world.on_entry(entry).message(message).setting(|s| s.sensitive = false)
    })
}

/// KW710: a token of somebody else's issuer, or for somebody else.
fn wrong_audience(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let claims = &case.observation.claims.facts;
    let claimed = |name: &str| -> Vec<&str> {
        match claims.get(name) {
            Some(serde_json::Value::String(text)) => vec![text.as_str()],
            Some(serde_json::Value::Array(list)) => list.iter().filter_map(|v| v.as_str()).collect(),
            _ => Vec::new(),
        }
    };
    let (issuers, audiences) = (claimed("iss"), claimed("aud"));
    if issuers.is_empty() && audiences.is_empty() {
        return if matches!(case.kind(), crate::detect::Kind::Jwt | crate::detect::Kind::AccessToken) {
            Verdict::NotEvaluated(reason::NO_CLAIMS)
        } else {
            Verdict::NotApplicable
        };
    }
    let Some(partner) = entry.partner else {
        return Verdict::NotEvaluated("the record's partner is not in the register");
    };
    let comparable = (!issuers.is_empty() && !partner.issuers.is_empty())
        || (!audiences.is_empty() && !partner.audiences.is_empty());
    if !comparable {
        return Verdict::NotEvaluated("the partner's issuers and audiences are not recorded");
    }
    let same = |a: &str, b: &str| a.trim_end_matches('/').eq_ignore_ascii_case(b.trim_end_matches('/'));
    let foreign = |claimed: &[&str], known: &[ArcStr]| {
        !claimed.is_empty() && !known.is_empty() && !claimed.iter().any(|c| known.iter().any(|k| same(c, k)))
    };
    let mut faults = Vec::new();
    if foreign(&issuers, &partner.issuers) {
        faults.push("issuer");
    }
    if foreign(&audiences, &partner.audiences) {
        faults.push("audience");
    }
    Verdict::fail_if(!faults.is_empty(), || {
        let message = format!(
            "{} claims an {} that partner {} of record {} does not have.",
            case.title(),
            faults.join(" and an "),
            partner.id,
            name_of(entry.record)
        );
        world.on_pair(case, entry).message(message)
    })
}
