//! `KW9xx`: where a credential stands, and by which way it got there.

use super::finding::{FindingBuilder, Subject};
use super::ownership::texts;
use super::policy::Globs;
use super::text::list;
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, Site, World, name_of, row_spot};
use crate::detect::PathClass;
use crate::inventory::Level;
use crate::observe::Governing;

pub(super) const FAMILY: Family = &[
    (901, Ask::Pair(vaulted)),
    (902, Ask::Pair(elsewhere)),
    (903, Ask::Case(location_drift)),
    (904, Ask::Case(ad_hoc_channel)),
    (907, Ask::Entry(vendor_controlled)),
    (908, Ask::Whole(gate_weakened)),
];

/// KW901: in a vault by the record, in plain text by the scan.
fn vaulted(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    if entry.record.vault_ref.is_empty() || !case.observation.is_leak() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(case.is_present(), || {
        let message = format!(
            "{} stands here in plain text, though record {} says that it is kept in a vault.",
            case.title(),
            name_of(entry.record)
        );
        world.on_pair(case, entry).message(message)
    })
}

/// KW902: not where the record says it is.
fn elsewhere(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !case.is_present() {
        return Verdict::NotApplicable;
    }
    if record.locations.is_empty() {
        return Verdict::NotEvaluated("the record declares no locations");
    }
    // `./` before a path says nothing: what `keyward init` writes begins so, because no spreadsheet takes it for a formula.
    let locations: Vec<String> = record.locations.iter().map(|l| l.trim_start_matches("./").to_owned()).collect();
    let Ok(declared) = Globs::new(&locations) else {
        return Verdict::NotEvaluated("the record's locations cannot be read");
    };
    let findings = case.present().filter(|site| !is_declared(&declared, site)).map(|site| {
        let message =
            format!("{} stands outside the locations that record {} declares.", case.title(), name_of(record));
        let finding = World::decided_by(world.on_site(case, site), case, entry).message(message);
        finding.fact("locations", texts(&record.locations))
    });
    Verdict::fail_each(findings.collect())
}

/// Whether a place is one of the declared: its path, or the repository's name and its path.
fn is_declared(declared: &Globs, site: &Site<'_>) -> bool {
    let path = site.path.to_str_lossy();
    let qualified = [format!("{}/{path}", site.repository.name), format!("{}:{path}", site.repository.name)];
    declared.is_match(&path) || qualified.iter().any(|q| declared.is_match(q))
}

/// KW903: at the declared place stands another credential than the recorded one.
fn location_drift(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if world.input.inventory.is_none() {
        return Verdict::NotEvaluated(reason::NO_INVENTORY);
    }
    let binding = &case.binding;
    if binding.level != Some(Level::Low) || binding.by != "declared location" || !case.is_present() {
        return Verdict::NotApplicable;
    }
    if binding.not_comparable {
        return Verdict::NotEvaluated(reason::NOT_COMPARABLE);
    }
    // A record whose own credential is there has not drifted: places may hold several.
    let drifted = |entry: &&Entry<'_>| {
        let record = entry.record;
        let provable = !record.fingerprints.is_empty() || !record.key_id.is_empty() || !record.cert_sha256.is_empty();
        provable && entry.is_in_force() && !world.cases_of(entry).any(Case::is_present)
    };
    let entries: Vec<&Entry<'_>> = binding.suggested().filter_map(|i| world.entries.get(i)).filter(drifted).collect();
    let Some(first) = entries.first() else { return Verdict::Pass };
    let message = format!(
        "{} stands where record {} declares its credential, and is not the recorded one.",
        case.title(),
        name_of(first.record)
    );
    let finding = world.on_case(case).message(message);
    Verdict::fail(
        entries
            .iter()
            .take(5)
            .fold(finding, |f, e| f.related(super::world::record_spot(e.record, "declares this place"))),
    )
}

/// The informal way by which a file travels, if it is one.
fn channel(site: &Site<'_>) -> Option<&'static str> {
    let path = site.path.to_str_lossy().to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ends = |list: &[&str]| list.iter().any(|e| name.ends_with(e));
    let folder = |list: &[&str]| path.split('/').rev().skip(1).any(|part| list.contains(&part));
    if ends(&["_history", ".zhistory"]) && name.starts_with('.') {
        Some("a shell history")
    } else if ends(&[".eml", ".mbox", ".msg", ".pst"]) {
        Some("a mail export")
    } else if ends(&[".har"]) {
        Some("a browser recording")
    } else if ends(&[".ipynb"]) {
        Some("a notebook")
    } else if name.contains("postman") || name.contains("insomnia") || ends(&[".bru"]) {
        Some("an API client's collection")
    } else if ends(&[".xls", ".xlsx", ".ods", ".csv", ".tsv"]) {
        Some("a spreadsheet")
    } else if folder(&["slack", "slack-export", "teams-export", "chat", "chats"]) && ends(&[".json", ".txt", ".html"]) {
        Some("a chat export")
    } else if folder(&["tickets", "jira", "servicenow", "zendesk"]) {
        Some("a ticket export")
    } else if site.class() == PathClass::Documentation {
        Some("documentation")
    } else {
        None
    }
}

/// KW904: a credential that is passed around.
fn ad_hoc_channel(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if !case.observation.is_leak() || !case.is_present() {
        return Verdict::NotApplicable;
    }
    let found = case.present().filter_map(|site| Some((site, channel(site)?)));
    let findings = found.map(|(site, channel)| {
        world.on_site(case, site).message(format!("{} stands in {channel}.", case.title())).fact("channel", channel)
    });
    Verdict::fail_each(findings.collect())
}

/// KW907: the vendor holds the key, and nobody here holds anything.
fn vendor_controlled(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.connector.trim().is_empty() {
        return Verdict::NotApplicable;
    }
    let stated = |key: &str| {
        let parts = record.connector.split(';').filter_map(|part| part.split_once('='));
        parts.map(|(k, v)| (k.trim(), v.trim())).find(|(k, v)| *k == key && !v.is_empty()).map(|(_, v)| v)
    };
    let Some(controlled_by) = stated("controlled_by") else {
        return Verdict::NotEvaluated("the connector does not say who controls it");
    };
    if !controlled_by.eq_ignore_ascii_case("vendor") {
        return Verdict::NotApplicable;
    }
    let mut missing = Vec::new();
    if record.api_owner.trim().is_empty() {
        missing.push("an owner of the data on our side");
    }
    if stated("kill_switch").is_none() {
        missing.push("a switch to cut it off");
    }
    if entry.partner.is_none_or(|p| p.security_contact.trim().is_empty()) {
        missing.push("a contact at the vendor");
    }
    Verdict::fail_if(!missing.is_empty(), || {
        let message = format!(
            "Record {} is a connector that its vendor controls, and it lacks {}.",
            name_of(record),
            list(&missing)
        );
        world.on_entry(entry).message(message).fact("missing", texts(&missing))
    })
}

/// KW908: what judges was changed together with what is judged.
fn gate_weakened(world: &World<'_>) -> Vec<Verdict> {
    let changes: Vec<&Vec<Governing>> = world.input.observed.iter().filter_map(|o| o.governing.as_ref()).collect();
    if changes.is_empty() {
        return vec![Verdict::NotEvaluated(reason::NO_CHANGE)];
    }
    if changes.iter().all(|files| files.is_empty()) || world.cases.is_empty() {
        return vec![Verdict::Pass];
    }
    let finding = |file: &Governing| {
        let path = file.path.to_string();
        let message = format!("This change brings credentials and alters the {} that they are judged by.", file.what);
        let finding = FindingBuilder::new(Subject::Governance(format!("change:{path}")), row_spot(&path, 1, ""), &[]);
        Verdict::fail(finding.message(message).fact("what", file.what.as_str()))
    };
    changes.into_iter().flatten().map(finding).collect()
}
