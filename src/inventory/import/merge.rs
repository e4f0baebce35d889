//! Several sources that describe one credential become one record.
//!
//! Rows are joined by fingerprint, then by key id, then by id, then by vault reference. A group is
//! merged only if every source has at most one row in it and no two name different partners, so that
//! the outcome does not depend on the order of sources; only which value counts does. Where values
//! differ, a [`Conflict`] says so with both places.

use std::borrow::Cow;

use thin_vec::{ThinVec, thin_vec};

use crate::inventory::date::Until;
use crate::inventory::field::{Field, PARTNER, Slot, record_field, record_fields};
use crate::inventory::record::{Conflict, Inventory, Partner, Record, Status};

/// How two values of a field relate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Equal, or one was missing.
    Fits,
    Differs,
}

/// Lists that grow together.
const UNITED: [&str; 7] = ["key_id", "client_ids", "env_vars", "locations", "hosts", "aliases", "headers"];
/// Provenance and notes: differing is no conflict.
const UNCOMPARED: [&str; 11] = [
    "id", "source", "source_id", "generated_at", "purpose", "hint", "last_used_at", "scopes", "apis", "requested_by",
    "requested_at",
];

fn combine<T>(field: &Field<T>, kept: &mut T, mut other: T) -> (Relation, T) {
    let differs = |yes: bool| if yes { Relation::Differs } else { Relation::Fits };
    let relation = match &field.slot {
        Slot::Text(place) | Slot::Word(place, _) => {
            let theirs = std::mem::take(place(&mut other));
            let ours = place(kept);
            if ours.is_empty() {
                *ours = theirs;
                Relation::Fits
            } else {
                differs(!theirs.is_empty() && *ours != theirs)
            }
        }
        Slot::List(place) | Slot::Words(place, _) => {
            let mut theirs = std::mem::take(place(&mut other));
            let ours = place(kept);
            if ours.is_empty() {
                *ours = theirs;
                Relation::Fits
            } else if UNITED.contains(&field.name) {
                unite(ours, theirs);
                Relation::Fits
            } else {
                let mut sorted = ours.clone();
                sorted.sort_unstable();
                theirs.sort_unstable();
                differs(!theirs.is_empty() && sorted != theirs)
            }
        }
        Slot::Day(place) => {
            let theirs = *place(&mut other);
            let ours = place(kept);
            match (*ours, theirs) {
                (None, _) => *ours = theirs,
                (Some(a), Some(b)) if a.day() != b.day() => return (Relation::Differs, other),
                _ => {}
            }
            Relation::Fits
        }
        Slot::Until(place) => {
            let theirs = *place(&mut other);
            let ours = place(kept);
            match (*ours, theirs) {
                (Until::Unknown, _) => *ours = theirs,
                (Until::Never, Until::On(_)) | (Until::On(_), Until::Never) => return (Relation::Differs, other),
                (Until::On(a), Until::On(b)) if a.day() != b.day() => return (Relation::Differs, other),
                _ => {}
            }
            Relation::Fits
        }
        Slot::Truth(place) => {
            let theirs = *place(&mut other);
            let ours = place(kept);
            let clash = ours.is_some() && theirs.is_some() && *ours != theirs;
            *ours = ours.or(theirs);
            differs(clash)
        }
        Slot::Count(place) => {
            let theirs = *place(&mut other);
            let ours = place(kept);
            let clash = ours.is_some() && theirs.is_some() && *ours != theirs;
            *ours = ours.or(theirs);
            differs(clash)
        }
        Slot::Other(..) => Relation::Fits,
    };
    (relation, other)
}

/// Fields with a reading of their own.
fn combine_particular(name: &str, kept: &mut Record, other: &mut Record) -> Relation {
    match name {
        "partner_id" => {
            if kept.partner_id.is_empty() {
                kept.partner_id = std::mem::take(&mut other.partner_id);
            }
            unite(&mut kept.other_partners, std::mem::take(&mut other.other_partners));
        }
        "status" => {
            let says = |r: &Record| r.status.filter(|s| *s != Status::Unknown);
            match (says(kept), says(other)) {
                (None, Some(_)) => {
                    kept.status = other.status;
                    kept.status_by_environment = std::mem::take(&mut other.status_by_environment);
                }
                (Some(a), Some(b)) if a != b => return Relation::Differs,
                _ => kept.status = kept.status.or(other.status),
            }
        }
        "environments" if kept.environments.is_empty() => {
            kept.environments = std::mem::take(&mut other.environments);
        }
        "fingerprints" => unite(&mut kept.fingerprints, std::mem::take(&mut other.fingerprints)),
        "jwt_ids" => unite(&mut kept.jwt_ids, std::mem::take(&mut other.jwt_ids)),
        "cert_sha256" if kept.cert_sha256.is_empty() => {
            kept.cert_sha256 = std::mem::take(&mut other.cert_sha256);
        }
        "hint" if kept.hint.is_empty() => kept.hint = std::mem::take(&mut other.hint),
        _ => {}
    }
    Relation::Fits
}

/// Whether a record has no value for a field with a reading of its own.
fn lacks(record: &Record, name: &str) -> bool {
    match name {
        "status" => record.status.is_none(),
        "environments" => record.environments.is_empty(),
        "fingerprints" => record.fingerprints.is_empty(),
        "jwt_ids" => record.jwt_ids.is_empty(),
        "cert_sha256" => record.cert_sha256.is_empty(),
        "hint" => record.hint.is_empty(),
        _ => false,
    }
}

fn unite<T: PartialEq>(ours: &mut ThinVec<T>, theirs: ThinVec<T>) {
    for item in theirs {
        if !ours.contains(&item) {
            ours.push(item);
        }
    }
}

/// Fills one field of a record from a part, where the record has none.
pub(crate) fn fill(field: &Field<Record>, record: &mut Record, part: Record) {
    let _ = combine(field, record, part);
}

/// Adds a partner; what an earlier source said of it counts.
pub(crate) fn add_partner(inventory: &mut Inventory, partner: Partner) {
    let Some(kept) = inventory.partners.get_mut(partner.id.as_str()) else {
        inventory.partners.insert(partner.id.to_string(), partner);
        return;
    };
    let mut other = partner;
    for field in PARTNER {
        let (relation, rest) = combine(field, kept, other);
        other = rest;
        if relation == Relation::Differs {
            inventory.conflicts.push(Conflict {
                id: kept.id.to_string(),
                field: field.name.to_owned(),
                kept: kept.at.clone(),
                other: other.at.clone(),
                merged: true,
            });
        }
    }
}

/// Replaces names and aliases of partners in records by the partner's id.
pub(crate) fn name_partners(inventory: &mut Inventory) {
    let mut records = std::mem::take(&mut inventory.records);
    let names = inventory.partner_names();
    for record in &mut records {
        let known = inventory.partners.contains_key(record.partner_id.as_str());
        if let Some(id) = names.find(&record.partner_id).filter(|_| !known) {
            record.partner_id = id.into();
        }
        for other in &mut record.other_partners {
            if let Some(id) = names.find(other) {
                *other = id.into();
            }
        }
        let one = std::mem::take(&mut record.other_partners);
        record.other_partners = one.into_iter().filter(|p| *p != record.partner_id).collect();
    }
    drop(names);
    inventory.records = records;
}

/// The keys by which a row is joined.
type Keys = fn(&Record) -> Vec<Cow<'_, str>>;

/// What joins two rows, the strongest first, with the field that a conflict names.
const JOINS: [(&str, Keys); 4] = [
    ("fingerprints", |r| {
        let digests = r.fingerprints.iter().map(|f| Cow::Borrowed(f.digest.as_str()));
        digests.chain((!r.cert_sha256.is_empty()).then_some(Cow::Borrowed(r.cert_sha256.as_str()))).collect()
    }),
    ("key_id", |r| {
        let ids = r.key_id.iter().chain([&r.source_id]).filter(|id| id.len() >= 8);
        ids.map(|id| Cow::Borrowed(id.as_str())).collect()
    }),
    ("id", |r| vec![Cow::Borrowed(r.id.as_str())]),
    ("vault_ref", |r| (!r.vault_ref.is_empty()).then_some(Cow::Borrowed(r.vault_ref.as_str())).into_iter().collect()),
];

/// Merges the records of several sources. `ends` has the number of records after each source.
pub(crate) fn merge_sources(inventory: &mut Inventory, ends: &[usize]) {
    let mut records = std::mem::take(&mut inventory.records);
    let source_of = |record: usize| ends.partition_point(|end| *end <= record);
    let mut units: Vec<Vec<usize>> = (0..records.len()).map(|i| vec![i]).collect();
    for (field, keys) in JOINS {
        let groups = groups(&records, &units, keys);
        for group in groups {
            let members: Vec<usize> = group.iter().flat_map(|u| units[*u].iter().copied()).collect();
            let mut sources: Vec<usize> = members.iter().map(|m| source_of(*m)).collect();
            sources.sort_unstable();
            let each_once = sources.windows(2).all(|w| w[0] != w[1]);
            let partners = members.iter().map(|m| records[*m].partner_id.as_str()).filter(|p| !p.is_empty());
            let one_partner = partners.clone().all(|p| partners.clone().next() == Some(p));
            if each_once && one_partner {
                let first = group[0];
                for unit in &group[1..] {
                    let more = std::mem::take(&mut units[*unit]);
                    units[first].extend(more);
                }
                units[first].sort_unstable();
            } else if field != "vault_ref" {
                let field = if one_partner || field == "id" { field } else { "partner_id" };
                for other in &members[1..] {
                    inventory.conflicts.push(conflict(&records[members[0]], &records[*other], field, false));
                }
            }
        }
    }
    let mut gone = vec![false; records.len()];
    for unit in units {
        let Some((first, rest)) = unit.split_first() else { continue };
        for other in rest {
            gone[*other] = true;
            let other = std::mem::take(&mut records[*other]);
            absorb(&mut records[*first], other, &mut inventory.conflicts);
        }
    }
    let mut gone = gone.into_iter();
    records.retain(|_| !gone.next().unwrap_or(false));
    records.shrink_to_fit();
    inventory.records = records;
    inventory.conflicts.sort();
    inventory.conflicts.dedup();
}

/// Units that share a key, each group sorted by its first record.
fn groups(records: &[Record], units: &[Vec<usize>], keys: Keys) -> Vec<Vec<usize>> {
    let mut all: Vec<(Cow<'_, str>, usize)> = Vec::new();
    for (unit, members) in units.iter().enumerate() {
        all.extend(members.iter().flat_map(|m| keys(&records[*m])).map(|key| (key, unit)));
    }
    all.sort_unstable();
    all.dedup();
    let mut parent: Vec<usize> = (0..units.len()).collect();
    for pair in all.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut parent, pair[0].1), root(&mut parent, pair[1].1));
        parent[a.max(b)] = a.min(b);
    }
    let joined = all.windows(2).filter(|pair| pair[0].0 == pair[1].0).flat_map(|pair| [pair[0].1, pair[1].1]);
    let mut joined: Vec<(usize, usize)> = joined.map(|unit| (root(&mut parent, unit), unit)).collect();
    joined.sort_unstable();
    joined.dedup();
    joined.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|(_, unit)| *unit).collect()).collect()
}

fn root(parent: &mut [usize], mut unit: usize) -> usize {
    while parent[unit] != unit {
        parent[unit] = parent[parent[unit]];
        unit = parent[unit];
    }
    unit
}

fn conflict(kept: &Record, other: &Record, field: &str, merged: bool) -> Conflict {
    Conflict {
        id: kept.id.to_string(),
        field: field.to_owned(),
        kept: kept.at.clone(),
        other: other.at.clone(),
        merged,
    }
}

fn absorb(kept: &mut Record, other: Record, conflicts: &mut Vec<Conflict>) {
    let (at, id) = (other.at.clone(), other.id.clone());
    let mut also = other.also_at.clone();
    also.push(at.clone());
    let mut other = other;
    // A source that knows no end does not contradict one that was agreed.
    let endless = |r: &Record| r.expires_at == Until::Never && r.expiry_enforced == Some(false);
    if endless(kept) && matches!(other.expires_at, Until::On(_)) {
        kept.expires_at = Until::Unknown;
    } else if endless(&other) && matches!(kept.expires_at, Until::On(_)) {
        other.expires_at = Until::Unknown;
    }
    for field in record_fields() {
        let (mut relation, rest) = combine(field, kept, other);
        other = rest;
        if matches!(field.slot, Slot::Other(..)) {
            relation = combine_particular(field.name, kept, &mut other);
        }
        if relation == Relation::Differs && !UNCOMPARED.contains(&field.name) {
            let (id, field) = (kept.id.to_string(), field.name.to_owned());
            conflicts.push(Conflict { id, field, kept: kept.at.clone(), other: at.clone(), merged: true });
        }
    }
    unite(&mut kept.secret_fields, other.secret_fields);
    unite(&mut kept.unknown_fields, other.unknown_fields);
    let unknown = std::mem::take(&mut kept.unknown_fields);
    kept.unknown_fields = unknown
        .into_iter()
        .filter(|name| record_field(name).is_some_and(|f| f.is_empty(kept) || lacks(kept, name)))
        .collect();
    kept.exposed = kept.exposed.or(other.exposed);
    kept.refused = kept.refused.or(other.refused);
    kept.dated_status |= other.dated_status;
    kept.also_at.extend(also);
    if id != kept.id {
        unite(&mut kept.also_ids, thin_vec![id]);
    }
}
