//! Several sources that describe one credential become one record.
//!
//! Rows are joined by fingerprint, then by key id, then by id, then by vault reference. A group is
//! merged only if every source has at most one row in it and no two name different partners, so that
//! the outcome does not depend on the order of sources; only which value counts does. Where values
//! differ, a [`Conflict`] says so with both places.

use std::collections::{BTreeMap, HashMap};

use arcstr::ArcStr;
use thin_vec::{ThinVec, thin_vec};

use crate::inventory::date::Until;
use crate::inventory::field::{Field, PARTNER, Slot, record_field, record_fields};
use crate::inventory::hashed::hash_of;
use crate::inventory::record::{Conflict, Inventory, Partner, Record, Status};

/// How two values of a field relate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Equal, or one was missing.
    Fits,
    Differs,
}

/// Lists that grow together.
const UNITED: [&str; 8] = ["key_id", "client_ids", "env_vars", "locations", "also_ids", "hosts", "aliases", "headers"];
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

/// Partners whose name has a semicolon, by what a list in a cell makes of it: the register knows better.
fn with_semicolon<'i>(inventory: &'i Inventory) -> BTreeMap<Vec<&'i str>, &'i str> {
    let names = |p: &'i Partner| [&p.id, &p.name].into_iter().chain(&p.aliases).map(ArcStr::as_str);
    let all = inventory.partners.values().flat_map(|p| names(p).map(|name| (name, p.id.as_str())));
    all.filter(|(name, _)| name.contains(';'))
        .map(|(name, id)| (name.split(';').map(str::trim).filter(|part| !part.is_empty()).collect(), id))
        .collect()
}

/// Replaces names and aliases of partners in records by the partner's id.
pub(crate) fn name_partners(inventory: &mut Inventory) {
    let mut records = std::mem::take(&mut inventory.records);
    let with_semicolon = with_semicolon(inventory);
    for record in records.iter_mut().filter(|r| !r.other_partners.is_empty()) {
        let parts: Vec<&str> =
            std::iter::once(&record.partner_id).chain(&record.other_partners).map(ArcStr::as_str).collect();
        if let Some(id) = with_semicolon.get(&parts) {
            record.partner_id = (*id).into();
            record.other_partners.clear();
        }
    }
    let names = inventory.partner_names();
    let mut ids: HashMap<ArcStr, ArcStr> = HashMap::new();
    for record in &mut records {
        if let Some(id) = ids.get(&record.partner_id) {
            record.partner_id.clone_from(id);
        } else {
            let known = inventory.partners.contains_key(record.partner_id.as_str());
            let id =
                names.find(&record.partner_id).filter(|_| !known).map_or_else(|| record.partner_id.clone(), Into::into);
            ids.insert(std::mem::replace(&mut record.partner_id, id.clone()), id);
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

/// Visits the keys by which a row is joined.
type Keys = fn(&Record, &mut dyn FnMut(&str));

/// What joins two rows, the strongest first, with the field that a conflict names.
const JOINS: [(&str, Keys); 4] = [
    ("fingerprints", |r, visit| {
        r.fingerprints.iter().for_each(|f| visit(&f.digest));
        if !r.cert_sha256.is_empty() {
            visit(&r.cert_sha256);
        }
    }),
    ("key_id", |r, visit| r.key_id.iter().chain([&r.source_id]).filter(|id| id.len() >= 8).for_each(|id| visit(id))),
    ("id", |r, visit| std::iter::once(&r.id).chain(&r.also_ids).for_each(|id| visit(id))),
    ("vault_ref", |r, visit| {
        if !r.vault_ref.is_empty() {
            visit(&r.vault_ref);
        }
    }),
];

/// Records that become one, by the first of them.
struct Units {
    rest: BTreeMap<usize, Vec<usize>>,
    joined: Vec<bool>,
}

impl Units {
    fn firsts(&self) -> impl Iterator<Item = usize> {
        self.joined.iter().enumerate().filter(|(_, joined)| !**joined).map(|(first, _)| first)
    }

    fn members(&self, first: usize) -> impl Iterator<Item = usize> {
        std::iter::once(first).chain(self.rest.get(&first).into_iter().flatten().copied())
    }

    fn join(&mut self, first: usize, others: &[usize]) {
        for other in others {
            let more = self.rest.remove(other).unwrap_or_default();
            let rest = self.rest.entry(first).or_default();
            rest.push(*other);
            rest.extend(more);
            rest.sort_unstable();
            self.joined[*other] = true;
        }
    }
}

/// Merges the records of several sources. `ends` has the number of records after each source.
pub(crate) fn merge_sources(inventory: &mut Inventory, ends: &[usize]) {
    let mut records = std::mem::take(&mut inventory.records);
    let source_of = |record: usize| ends.partition_point(|end| *end <= record);
    let mut units = Units { rest: BTreeMap::new(), joined: vec![false; records.len()] };
    for (field, keys) in JOINS {
        for group in groups(&records, &units, keys) {
            let members: Vec<usize> = group.iter().flat_map(|first| units.members(*first)).collect();
            let mut sources: Vec<usize> = members.iter().map(|m| source_of(*m)).collect();
            sources.sort_unstable();
            let each_once = sources.windows(2).all(|w| w[0] != w[1]);
            let partners = members.iter().map(|m| records[*m].partner_id.as_str()).filter(|p| !p.is_empty());
            let one_partner = partners.clone().all(|p| partners.clone().next() == Some(p));
            if each_once && one_partner {
                units.join(group[0], &group[1..]);
            } else if field != "vault_ref" {
                let field = if one_partner || field == "id" { field } else { "partner_id" };
                for other in &members[1..] {
                    inventory.conflicts.push(conflict(&records[members[0]], &records[*other], field, false));
                }
            }
        }
    }
    for (first, rest) in units.rest {
        for other in rest {
            let other = std::mem::take(&mut records[other]);
            absorb(&mut records[first], other, &mut inventory.conflicts);
        }
    }
    let mut gone = units.joined.into_iter();
    records.retain(|_| !gone.next().unwrap_or(false));
    records.shrink_to_fit();
    inventory.records = records;
    inventory.conflicts.sort();
    inventory.conflicts.dedup();
}

/// Units that share a key, each group sorted by its first record. Almost every key stands once: they are
/// told apart by hashes, and only equal ones are compared.
fn groups(records: &[Record], units: &Units, keys: Keys) -> Vec<Vec<usize>> {
    let each = |first: usize, visit: &mut dyn FnMut(&str)| units.members(first).for_each(|m| keys(&records[m], visit));
    let mut hashes: Vec<(u64, usize)> = Vec::new();
    for first in units.firsts() {
        each(first, &mut |key| hashes.push((hash_of(key), first)));
    }
    hashes.sort_unstable();
    hashes.dedup();
    let mut shared: Vec<(String, usize)> = Vec::new();
    for same in hashes.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        for (hash, first) in same {
            each(*first, &mut |key| {
                if hash_of(key) == *hash {
                    shared.push((key.to_owned(), *first));
                }
            });
        }
    }
    shared.sort_unstable();
    shared.dedup();
    let mut parent: BTreeMap<usize, usize> = shared.iter().map(|(_, first)| (*first, *first)).collect();
    let pairs = || shared.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| (pair[0].1, pair[1].1));
    for (a, b) in pairs() {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent.insert(a.max(b), a.min(b));
    }
    let mut joined: Vec<(usize, usize)> =
        pairs().flat_map(|(a, b)| [a, b]).map(|first| (root(&mut parent, first), first)).collect();
    joined.sort_unstable();
    joined.dedup();
    joined.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|(_, first)| *first).collect()).collect()
}

fn root(parent: &mut BTreeMap<usize, usize>, mut unit: usize) -> usize {
    while parent[&unit] != unit {
        let above = parent[&parent[&unit]];
        parent.insert(unit, above);
        unit = above;
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
    unite(&mut kept.also_ids, thin_vec![id]);
    kept.also_ids.retain(|id| *id != kept.id);
}
