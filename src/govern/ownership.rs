//! KW2xx: who answers for a credential.

use super::facts;
use super::roster::{Person, Roster};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Entry, World, name_of};
use crate::inventory::Record;

pub(super) const FAMILY: Family = &[(201, Ask::Entry(no_owner)), (202, Ask::Entry(owner_left))];

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
        return if known.len() == owners.len() { Verdict::Pass } else { Verdict::NotEvaluated("an owner is not in the roster") };
    }
    let message = format!(
        "{} of {} owners of record {} are no longer active.",
        gone.len(),
        owners.len(),
        name_of(entry.record)
    );
    Verdict::fail(world.on_entry(entry).message(message).fact(facts::OWNER, texts(&gone)))
}

/// Owned texts, for facts.
pub(super) fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|t| (*t).to_owned()).collect()
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
