//! KW5xx: how access ends, and whether it did.

use super::verdict::{Ask, Family, Verdict};
use super::world::{Case, Entry, World, name_of};
use crate::inventory::{Record, Status};

pub(super) const FAMILY: Family = &[(501, Ask::Pair(revoked_in_tree)), (503, Ask::Entry(no_path))];

/// What a record lacks to be ended in an orderly way.
pub(super) fn missing_path(record: &Record) -> Vec<&'static str> {
    let parts = [
        ("runbook", &record.offboarding_runbook),
        ("method", &record.offboarding_method),
        ("responsible team", &record.offboarding_team),
    ];
    parts.iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| *name).collect()
}

/// KW501: void, and still in the tree.
fn revoked_in_tree(world: &World<'_>, case: &Case<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if record.status.is_none() && record.status_by_environment.is_empty() {
        return Verdict::NotEvaluated("the record has no status");
    }
    let revoked = |site: &super::world::Site<'_>| {
        entry.status_in(site.environment.map(|e| e.name.as_str())).is_some_and(Status::is_revoked)
    };
    Verdict::fail_if(case.present().any(revoked), || {
        let sure = if case.binding.is_weak() { "probably " } else { "" };
        let message = format!("{} is {sure}that of record {}, which is revoked, and it is still in the tree.", case.title(), name_of(record));
        let finding = world.on_pair(case, entry).message(message);
        let finding = match record.revoked_at {
            Some(when) => finding.fact("revoked_at", when.to_string()),
            None => finding,
        };
        if record.invalidation_verified_at.is_none() { finding.raise("nobody verified that it is void") } else { finding }
    })
}

/// KW503: nobody knows how to end it.
fn no_path(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    let missing = missing_path(entry.record);
    Verdict::fail_if(!missing.is_empty(), || {
        let message = format!("Record {} has no offboarding {}.", name_of(entry.record), missing.join(", no "));
        world.on_entry(entry).message(message).fact("missing", super::ownership::texts(&missing))
    })
}
