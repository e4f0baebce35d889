//! `KW2xx`: who answers for a credential.

use std::collections::BTreeMap;

use super::facts;
use super::finding::{FindingBuilder, Subject};
use super::roster::{Person, Roster};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Entry, World, name_of, record_spot, row_spot};
use crate::detect::Kind;
use crate::inventory::Record;

pub(super) const FAMILY: Family = &[
    (201, Ask::Entry(no_owner)),
    (202, Ask::Entry(owner_left)),
    (203, Ask::Entry(generic_owner)),
    (204, Ask::Entry(split_ownership)),
    (205, Ask::Entry(role_gap)),
    (206, Ask::Entry(undocumented_handoff)),
    (207, Ask::Entry(no_purpose)),
    (208, Ask::Whole(no_contact)),
    (209, Ask::Entry(no_logging)),
    (210, Ask::Entry(human_identity)),
];

/// One of `owners`: `role:id` or `role:id:accountable`.
pub(super) struct Owner<'a> {
    pub role: &'a str,
    pub id: &'a str,
    pub accountable: bool,
}

/// The entries of `owners`, read.
pub(super) fn owners(record: &Record) -> impl Iterator<Item = Owner<'_>> {
    record.owners.iter().map(|text| {
        let (text, accountable) = match text.strip_suffix(":accountable") {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let (role, id) = text.split_once(':').unwrap_or(("", text));
        Owner { role, id, accountable }
    })
}

/// Everybody who is named as an owner, once each.
pub(super) fn all_owners(record: &Record) -> Vec<&str> {
    let fields = [record.api_owner.as_str(), record.credential_owner.as_str()];
    let mut all: Vec<&str> = fields.into_iter().chain(owners(record).map(|o| o.id)).map(str::trim).collect();
    all.retain(|o| !o.is_empty());
    all.sort_unstable();
    all.dedup();
    all
}

/// Several business owners, and not exactly one of them accountable.
pub(super) fn is_split(record: &Record) -> bool {
    let mut ids: Vec<&str> = owners(record).map(|o| o.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len() > 1 && owners(record).filter(|o| o.accountable).count() != 1
}

/// KW201: nobody at all.
fn no_owner(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(all_owners(entry.record).is_empty(), || {
        world.on_entry(entry).message(format!("Record {} names no owner.", name_of(entry.record)))
    })
}

/// KW202: an owner is gone.
fn owner_left(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let owners = all_owners(entry.record);
    if !entry.is_in_force() || owners.is_empty() {
        return Verdict::NotApplicable;
    }
    let Some(roster) = world.input.roster else { return Verdict::NotEvaluated(reason::NO_ROSTER) };
    let known: Vec<(&str, &Person)> = owners.iter().filter_map(|o| Some((*o, roster.find(o)?))).collect();
    let gone: Vec<&str> = known.iter().filter(|(_, p)| p.has_left(world.as_of())).map(|(o, _)| *o).collect();
    if gone.is_empty() {
        return if known.len() == owners.len() {
            Verdict::Pass
        } else {
            Verdict::NotEvaluated("an owner is not in the roster")
        };
    }
    let name = name_of(entry.record);
    let message = match (owners.len(), gone.len()) {
        (1, _) => format!("The owner of record {name} is no longer active."),
        (all, left) if all == left => format!("None of the {all} owners of record {name} is still active."),
        (all, 1) => format!("1 of the {all} owners of record {name} is no longer active."),
        (all, left) => format!("{left} of the {all} owners of record {name} are no longer active."),
    };
    Verdict::fail(world.on_entry(entry).message(message).fact(facts::OWNER, texts(&gone)))
}

/// Whether an owner is nobody in particular: a placeholder, or a shared mailbox.
fn is_generic(world: &World<'_>, owner: &str) -> bool {
    let lower = owner.trim().to_lowercase();
    let bare = lower.rsplit(['/', ':']).next().unwrap_or_default();
    let bare = bare.split('@').next().unwrap_or_default();
    world.input.policy.generic_owners.iter().any(|g| g == bare || *g == lower)
}

/// KW203: owners that are nobody in particular.
fn generic_owner(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let owners = all_owners(entry.record);
    if !entry.is_in_force() || owners.is_empty() {
        return Verdict::NotApplicable;
    }
    let known = |owner: &str| world.input.roster.is_none_or(|r| r.find(owner).is_some());
    let is_team = |owner: &str| owner.starts_with("team/") || owner.starts_with("group/");
    let answers = |owner: &&str| {
        let listed = world.input.roster.is_some_and(|r| r.find(owner).is_some());
        listed || (!is_generic(world, owner) && (!is_team(owner) || known(owner)))
    };
    Verdict::fail_if(!owners.iter().any(answers), || {
        let message = format!(
            "The owners of record {} are placeholders, shared mailboxes or unknown teams.",
            name_of(entry.record)
        );
        world.on_entry(entry).message(message).fact(facts::OWNER, texts(&owners))
    })
}

/// KW204: several owners, and not exactly one of them accountable.
fn split_ownership(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() || entry.record.owners.is_empty() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(is_split(entry.record), || {
        let accountable = owners(entry.record).filter(|o| o.accountable).count();
        let roles: Vec<&str> = owners(entry.record).map(|o| o.role).collect();
        let accountable = match accountable {
            0 => "none of them is".to_owned(),
            n => format!("{n} of them are"),
        };
        let message = format!(
            "Record {} has {} owners, and {accountable} marked accountable; exactly one has to be.",
            name_of(entry.record),
            roles.len()
        );
        world.on_entry(entry).message(message).fact("roles", texts(&roles))
    })
}

/// KW205: one of the two accountable roles is empty.
fn role_gap(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || all_owners(record).is_empty() {
        return Verdict::NotApplicable;
    }
    let roles = [("API owner", &record.api_owner), ("credential owner", &record.credential_owner)];
    let missing: Vec<&str> = roles.iter().filter(|(_, who)| who.trim().is_empty()).map(|(role, _)| *role).collect();
    Verdict::fail_if(!missing.is_empty(), || {
        world.on_entry(entry).message(format!("Record {} has no {}.", name_of(record), missing.join(" and no ")))
    })
}

/// KW206: the owner changed, and nothing tells of a handoff.
fn undocumented_handoff(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let Some(history) = world.input.inventory_history else {
        return Verdict::NotEvaluated(reason::NO_INVENTORY_HISTORY);
    };
    let record = entry.record;
    let owner = |field: &str| matches!(field, "api_owner" | "credential_owner" | "owners");
    let undocumented = world.changes_of(entry).find(|change| {
        let rotated = record.last_rotated_at.is_some_and(|w| w.day() >= change.at.day());
        owner(&change.field) && change.was_set && !rotated && !world.has_handoff(record, change.at)
    });
    match undocumented {
        None if history.cut => Verdict::NotEvaluated(reason::INVENTORY_HISTORY_CUT),
        None => Verdict::Pass,
        Some(change) => {
            let message = format!(
                "An owner of record {} changed, with no handoff recorded and no rotation since.",
                name_of(record)
            );
            Verdict::fail(
                world
                    .on_entry(entry)
                    .message(message)
                    .fact("changed_at", change.at.to_string())
                    .fact("field", change.field.as_str()),
            )
        }
    }
}

/// KW207: nobody wrote down what it is for.
fn no_purpose(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.purpose.trim().is_empty(), || {
        world.on_entry(entry).message(format!("Record {} states no purpose.", name_of(entry.record)))
    })
}

/// KW208: nobody to call at the partner. Once per partner.
fn no_contact(world: &World<'_>) -> Vec<Verdict> {
    if world.input.inventory.is_none() {
        return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)];
    }
    let mut partners: BTreeMap<&str, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in world.entries.iter().filter(|e| e.is_in_force() && !e.record.partner_id.is_empty()) {
        partners.entry(&entry.record.partner_id).or_default().push(entry);
    }
    let judge = |(id, entries): (&str, Vec<&Entry<'_>>)| {
        let Some(first) = entries.first() else { return Verdict::NotApplicable };
        let Some(partner) = first.partner else {
            return Verdict::NotEvaluated("the record's partner is not in the register");
        };
        Verdict::fail_if(partner.security_contact.trim().is_empty(), || {
            let at = if partner.at.file.is_empty() { &first.record.at } else { &partner.at };
            let message = format!(
                "Partner {id} has no contact for revocations and incidents; {} on it.",
                match entries.len() {
                    1 => "1 record depends".to_owned(),
                    n => format!("{n} records depend"),
                }
            );
            let finding =
                FindingBuilder::new(Subject::Governance(format!("partner:{id}")), row_spot(&at.file, at.line, ""), &[]);
            let finding = finding.message(message).partner(id);
            entries.iter().take(5).fold(finding, |f, e| f.related(record_spot(e.record, "inventory record")))
        })
    };
    partners.into_iter().map(judge).collect()
}

/// KW209: calls cannot be tied to partner, use case and approval.
fn no_logging(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(entry.record.logging_ref.trim().is_empty(), || {
        world
            .on_entry(entry)
            .message(format!("Record {} does not say where calls with it are logged.", name_of(entry.record)))
    })
}

/// KW210: a person's token, or a person's account, runs an integration.
fn human_identity(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let personal = |kind: &str| kind == Kind::PersonalAccessToken.word();
    let strong = || world.cases_of(entry).filter(|c| c.binding.is_strong());
    let is_human = |name: &str| match world.input.roster.and_then(|r| r.find(name)) {
        Some(person) => person.is_human(),
        None => false,
    };
    let claims_human = |name: &str| {
        strong().any(|c| c.observation.claims.facts.get(name).and_then(|v| v.as_str()).is_some_and(is_human))
    };
    let why = if personal(&entry.record.kind) || strong().any(|c| c.kind() == Kind::PersonalAccessToken) {
        Some("a personal token")
    } else if ["sub", "email", "preferred_username"].into_iter().any(claims_human) {
        Some("a token that claims to be a person's")
    } else {
        None
    };
    match why {
        None if entry.record.kind.is_empty() && entry.cases.is_empty() => {
            Verdict::NotEvaluated("the record has no kind")
        }
        None => Verdict::Pass,
        Some(why) => Verdict::fail(
            world
                .on_entry(entry)
                .message(format!("The integration of record {} runs on {why}.", name_of(entry.record))),
        ),
    }
}

/// Owned texts, for facts.
pub(super) fn texts(list: &[impl AsRef<str>]) -> Vec<String> {
    list.iter().map(|t| t.as_ref().to_owned()).collect()
}

/// Whether two names mean one person: by the roster's aliases, else by their letters.
pub(super) fn same_person(roster: Option<&Roster>, a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a.eq_ignore_ascii_case(b)
        || roster.is_some_and(|r| matches!((r.find(a), r.find(b)), (Some(x), Some(y)) if x.id == y.id))
}
