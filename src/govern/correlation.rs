//! `KW1xx`: what was found and what is recorded, and whether the records can be trusted for that.

use std::collections::{BTreeMap, BTreeSet};

use super::check::Level;
use super::finding::{FindingBuilder, Subject};
use super::ownership::texts;
use super::text::{list, plural};
use super::verdict::{Ask, Family, Verdict, reason};
use super::world::{Case, Entry, World, name_of, record_spot, row_spot};
use crate::detect::Visibility;
use crate::inventory::{Conflict, Record, RecordRef, Status, Until, When, hash_of, is_matchable, references_of};
use crate::secret::{Fingerprint, Scheme};
use crate::source::coverage::{Effect, Reason};

pub(super) const FAMILY: Family = &[
    (101, Ask::Case(shadow)),
    (102, Ask::Entry(stale)),
    (103, Ask::Whole(duplicates)),
    (104, Ask::Case(ambiguous)),
    (105, Ask::Case(weak_only)),
    (106, Ask::Entry(unmatchable)),
    (107, Ask::Whole(export_age)),
    (108, Ask::Entry(unknown_partner)),
    (109, Ask::Whole(secrets)),
    (110, Ask::Whole(invalid)),
];

/// KW101: in no inventory. A match below `high` binds only where it is a single medium one.
fn shadow(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if case.observation.visibility != Visibility::Secret {
        return Verdict::NotApplicable;
    }
    let Some(inventory) = world.input.inventory else { return Verdict::NotEvaluated(reason::NO_INVENTORY) };
    let binding = &case.binding;
    if !binding.bound().is_empty() {
        return Verdict::Pass;
    }
    if binding.not_comparable || world.nothing_comparable {
        return Verdict::NotEvaluated(reason::NOT_COMPARABLE);
    }
    if binding.set_aside {
        return Verdict::NotEvaluated(reason::ROWS_SET_ASIDE);
    }
    let probable: Vec<&Record> = binding.suggested().filter_map(|i| inventory.records.get(i)).collect();
    let hint = match probable.as_slice() {
        [] => String::new(),
        [one] => format!("; probably record {}", name_of(one)),
        [first, ..] => format!("; possibly record {} or one of {} others", name_of(first), probable.len() - 1),
    };
    let mut finding = world.on_case(case).message(format!("{} is in no inventory record{hint}.", case.title()));
    for record in probable.iter().take(5) {
        finding = finding.related(record_spot(record, "probable inventory record"));
    }
    if super::leak::is_test_in_tests(case) {
        finding = finding.cap(Level::Note, "test mode, in tests");
    }
    Verdict::fail(finding.fact("rule", case.observation.rule.as_str()))
}

/// KW102: recorded as active and seen nowhere, though every declared place was scanned.
fn stale(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if record.status != Some(Status::Active) {
        return Verdict::NotApplicable;
    }
    if !entry.cases.is_empty() || world.suggested.contains(&entry.index) {
        return Verdict::Pass;
    }
    let recently = |w: When| w.days_until(world.as_of()) <= world.input.policy.unobserved_days;
    if record.last_used_at.is_some_and(recently) {
        return Verdict::Pass;
    }
    if record.locations.is_empty() {
        return Verdict::NotEvaluated("the record declares no locations");
    }
    for (_, text) in references_of(record) {
        match world.references(&text) {
            None => return Verdict::NotEvaluated("references to vaults and variables were not looked for"),
            Some(spots) if !spots.is_empty() => return Verdict::Pass,
            Some(_) => {}
        }
    }
    if incomparable(world, record) {
        return Verdict::NotEvaluated(reason::NOT_COMPARABLE);
    }
    let complete = world.input.observed.iter().all(|o| {
        o.scope.iter().any(|s| s == "tree") && o.coverage.counts.keys().all(|r: &Reason| r.effect() != Effect::Gap)
    });
    if world.input.observed.is_empty() || !complete {
        return Verdict::NotEvaluated("the scan does not cover every declared location");
    }
    let name = name_of(record);
    let message = format!("Record {name} is active, and its credential was seen in none of its declared locations.");
    Verdict::fail(world.on_row(entry).message(message).fact("locations", texts(&record.locations)))
}

/// Whether a record's only identifiers are digests made with peppers that the scan had not.
pub(super) fn incomparable(world: &World<'_>, record: &Record) -> bool {
    let foreign = |f: &Fingerprint| match f.scheme {
        Scheme::HmacSha256 => f.kid.as_deref().is_none_or(|k| !world.peppers.contains(k)),
        Scheme::Hmsl | Scheme::Radar | Scheme::Sha1 => !world.peppers.contains(f.scheme.name()),
        Scheme::Sha256 | Scheme::SpkiSha256 => false,
    };
    !record.fingerprints.is_empty() && record.fingerprints.iter().all(foreign) && record.key_id.is_empty()
}

/// What names one credential and no other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Identifier<'r> {
    Certificate(&'r str),
    Token(&'r str),
    Key(&'r str),
    Digest(&'r Fingerprint),
}

impl Identifier<'_> {
    fn word(self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificate",
            Self::Token(_) => "token id",
            Self::Key(_) => "key id",
            Self::Digest(_) => "fingerprint",
        }
    }
}

/// The identifiers of a record.
pub(super) fn identifiers(record: &Record) -> impl Iterator<Item = Identifier<'_>> {
    let digests = record.fingerprints.iter().map(Identifier::Digest);
    let keys = record.key_id.iter().map(|k| Identifier::Key(k));
    let tokens = record.jwt_ids.iter().filter(|j| j.contains("jti=")).map(|j| Identifier::Token(j));
    let certificate = (!record.cert_sha256.is_empty()).then_some(Identifier::Certificate(&record.cert_sha256));
    digests.chain(keys).chain(tokens).chain(certificate)
}

/// Groups of records that share an identifier, as indices in order, with what they share. Almost every
/// identifier stands in one record: they are told apart by hashes, and only equal ones are compared.
pub(super) fn same_credential(world: &World<'_>) -> BTreeMap<Vec<usize>, &'static str> {
    let mut hashes: Vec<(u64, usize)> = Vec::with_capacity(world.entries.len());
    for entry in &world.entries {
        hashes.extend(identifiers(entry.record).map(|identifier| (hash_of(&identifier), entry.index)));
    }
    hashes.sort_unstable();
    let mut shared: BTreeMap<Identifier<'_>, Vec<usize>> = BTreeMap::new();
    for same in hashes.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let mut records: Vec<usize> = same.iter().map(|(_, index)| *index).collect();
        records.dedup();
        for index in records {
            for identifier in identifiers(world.entries[index].record).filter(|i| hash_of(i) == same[0].0) {
                let records = shared.entry(identifier).or_default();
                if records.last() != Some(&index) {
                    records.push(index);
                }
            }
        }
    }
    shared.into_iter().filter(|(_, records)| records.len() > 1).map(|(i, records)| (records, i.word())).collect()
}

/// KW103: several records describe one credential, or have one id.
fn duplicates(world: &World<'_>) -> Vec<Verdict> {
    if world.input.inventory.is_none() {
        return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)];
    }
    let mut groups = world.same_credential().clone();
    let id_of = |index: &usize| &world.entries[*index].record.id;
    for group in world.by_id().chunk_by(|a, b| id_of(a) == id_of(b)).filter(|g| g.len() > 1 && !id_of(&g[0]).is_empty())
    {
        groups.entry(group.to_vec()).or_insert("id");
    }
    let mut verdicts = conflicts(world);
    let mut involved = BTreeSet::new();
    for (group, what) in &groups {
        let mut entries: Vec<&Entry<'_>> = group.iter().map(|i| &world.entries[*i]).collect();
        // The order of the rows must not decide which of them the finding stands at.
        entries.sort_by_cached_key(|e| name_of(e.record));
        let [first, others @ ..] = entries.as_slice() else { continue };
        let Some(last) = others.last() else { continue };
        involved.extend(group.iter().copied());
        let statuses: BTreeSet<_> = entries.iter().map(|e| e.record.status).collect();
        let clash = if statuses.len() > 1 { "; they disagree on its status" } else { "" };
        let names: Vec<String> = entries.iter().map(|e| name_of(e.record)).collect();
        let message = format!("Records {} have the same {what}: they describe one credential{clash}.", list(&names));
        let mut finding = world.on_row(last).message(message).fact("shared", *what);
        for other in std::iter::once(first).chain(others).filter(|e| e.index != last.index) {
            finding = finding.related(record_spot(other.record, "the same credential"));
        }
        verdicts.push(Verdict::fail(finding));
    }
    verdicts.extend(world.entries.iter().filter(|e| !involved.contains(&e.index)).map(|_| Verdict::Pass));
    verdicts
}

/// Sources that were merged into one record, and disagree on it.
fn conflicts(world: &World<'_>) -> Vec<Verdict> {
    let Some(inventory) = world.input.inventory else { return Vec::new() };
    let mut by_record: BTreeMap<&str, Vec<&Conflict>> = BTreeMap::new();
    for conflict in inventory.conflicts.iter().filter(|c| c.merged) {
        by_record.entry(&conflict.id).or_default().push(conflict);
    }
    let finding = |(id, conflicts): (&str, Vec<&Conflict>)| {
        let first = conflicts.first()?;
        let mut fields: Vec<&str> = conflicts.iter().map(|c| c.field.as_str()).collect();
        fields.sort_unstable();
        fields.dedup();
        let message = format!("The sources of record {id} disagree on {}; the first one counts.", list(&fields));
        let finding = on_place(world, &first.kept, Some(id)).message(message);
        let finding = finding.fact("fields", texts(&fields));
        Some(Verdict::fail(
            conflicts.iter().fold(finding, |f, c| f.related(row_spot(&c.other.file, c.other.line, "says otherwise"))),
        ))
    };
    by_record.into_iter().filter_map(finding).collect()
}

/// KW104: several records fit equally well.
fn ambiguous(world: &World<'_>, case: &Case<'_>) -> Verdict {
    let Some(inventory) = world.input.inventory else { return Verdict::NotEvaluated(reason::NO_INVENTORY) };
    let binding = &case.binding;
    let records: Vec<&Record> = binding.records.iter().filter_map(|i| inventory.records.get(*i)).collect();
    if records.is_empty() || binding.level.is_none_or(|l| l > crate::inventory::Level::Medium) {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(records.len() > 1, || {
        let names: Vec<String> = records.iter().map(|r| name_of(r)).collect();
        let message =
            format!("{} fits {} inventory records equally well: {}.", case.title(), records.len(), list(&names));
        let finding = world.on_case(case).message(message).setting(plain);
        records.iter().fold(finding, |f, r| f.related(record_spot(r, "fits equally well")))
    })
}

/// KW105: nothing but a hint, a place or a name links the two.
fn weak_only(world: &World<'_>, case: &Case<'_>) -> Verdict {
    if world.input.inventory.is_none() {
        return Verdict::NotEvaluated(reason::NO_INVENTORY);
    }
    let binding = &case.binding;
    if binding.is_strong() {
        return Verdict::Pass;
    }
    let [index] = binding.bound() else { return Verdict::NotApplicable };
    let entry = &world.entries[*index];
    let message = format!(
        "{} is linked to record {} by {} alone; record a fingerprint to be sure.",
        case.title(),
        name_of(entry.record),
        binding.by
    );
    Verdict::fail(world.on_pair(case, entry).message(message).setting(plain))
}

/// Circumstances do not make bookkeeping graver.
fn plain(setting: &mut super::severity::Setting) {
    *setting = super::severity::Setting { environment: setting.environment.take(), ..Default::default() };
}

/// KW106: nothing in the record could ever be found.
fn unmatchable(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    if !entry.is_in_force() {
        return Verdict::NotApplicable;
    }
    Verdict::fail_if(!is_matchable(entry.record), || {
        world.on_row(entry).message(format!("Record {} has nothing that a scan could find.", name_of(entry.record)))
    })
}

/// KW107: the export is too old, or from the future.
fn export_age(world: &World<'_>) -> Vec<Verdict> {
    let Some(inventory) = world.input.inventory else { return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)] };
    let mut by_file: BTreeMap<&str, Option<When>> =
        inventory.digests.keys().map(|file| (file.as_str(), None)).collect();
    for record in &inventory.records {
        let oldest = by_file.entry(&record.at.file).or_default();
        *oldest = match (*oldest, record.generated_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    let only = by_file.len() == 1;
    let judge = |(file, generated): (&str, Option<When>)| {
        let Some(generated) = generated.or(inventory.generated_at.filter(|_| only)) else {
            return Verdict::NotEvaluated("the export does not say when it was made");
        };
        let days = generated.days_until(world.as_of());
        let most = world.input.policy.max_export_age_days;
        Verdict::fail_if(days > most, || {
            FindingBuilder::new(Subject::Governance(format!("inventory:{file}")), row_spot(file, 1, ""), &[])
                .message(format!("The inventory export is {} old; the policy allows {most}.", plural(days, "day")))
                .fact("generated_at", generated.to_string())
        })
    };
    by_file.into_iter().map(judge).collect()
}

/// KW108: the record's partner is in no register.
fn unknown_partner(world: &World<'_>, entry: &Entry<'_>) -> Verdict {
    let record = entry.record;
    if !entry.is_in_force() || record.partner_id.is_empty() {
        return Verdict::NotApplicable;
    }
    if world.input.inventory.is_none_or(|i| i.partners.is_empty()) {
        return Verdict::NotEvaluated(reason::NO_PARTNERS);
    }
    Verdict::fail_if(entry.partner.is_none(), || {
        let message = format!(
            "Record {} names partner {}, which is not in the partner register.",
            name_of(record),
            record.partner_id
        );
        world.on_row(entry).message(message)
    })
}

/// The record or the row that a place in the inventory belongs to.
fn on_place(world: &World<'_>, at: &RecordRef, id: Option<&str>) -> FindingBuilder {
    if let Some(entry) = world.at(at) {
        return world.on_row(entry);
    }
    let name = id.map_or_else(|| format!("{}#{}", at.file, at.index), str::to_owned);
    FindingBuilder::new(Subject::Record(name.clone()), row_spot(&at.file, at.line, ""), &[]).record(&name)
}

/// KW109: the export itself carries a secret.
fn secrets(world: &World<'_>) -> Vec<Verdict> {
    let Some(inventory) = world.input.inventory else { return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)] };
    let mut by_row: BTreeMap<&RecordRef, Vec<&str>> = BTreeMap::new();
    for (at, field, _) in &inventory.secrets {
        by_row.entry(at).or_default().push(field);
    }
    if by_row.is_empty() {
        return vec![Verdict::Pass];
    }
    let finding = |(at, mut fields): (&RecordRef, Vec<&str>)| {
        fields.sort_unstable();
        fields.dedup();
        let (values, were) =
            if fields.len() == 1 { ("a secret value", "it was") } else { ("secret values", "they were") };
        let message = format!("The inventory itself holds {values} in {}; {were} hashed and dropped.", list(&fields));
        Verdict::fail(
            on_place(world, at, None)
                .message(message)
                .fact("fields", fields.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()),
        )
    };
    by_row.into_iter().map(finding).collect()
}

/// KW110: a row that cannot be used, or contradicts itself.
fn invalid(world: &World<'_>) -> Vec<Verdict> {
    let Some(inventory) = world.input.inventory else { return vec![Verdict::NotEvaluated(reason::NO_INVENTORY)] };
    let mut by_row: BTreeMap<&RecordRef, (Option<&str>, bool, BTreeSet<String>)> = BTreeMap::new();
    for error in &inventory.errors {
        let row = by_row.entry(&error.at).or_default();
        row.0 = row.0.or(error.id.as_deref());
        row.1 |= error.set_aside;
        row.2.insert(if error.field.is_empty() {
            error.problem.clone()
        } else {
            format!("{}: {}", error.field, error.problem)
        });
    }
    for entry in &world.entries {
        let found = contradictions(world, entry);
        if !found.is_empty() {
            by_row.entry(&entry.record.at).or_default().2.extend(found);
        }
    }
    let sound = world.entries.iter().filter(|e| !by_row.contains_key(&e.record.at)).count();
    let mut verdicts: Vec<Verdict> = std::iter::repeat_with(|| Verdict::Pass).take(sound).collect();
    for (at, (id, set_aside, problems)) in &by_row {
        let problems: Vec<String> = problems.iter().cloned().collect();
        let what = if *set_aside { "The row was set aside" } else { "The record has faults" };
        let message = format!("{what}: {}.", problems.join("; "));
        verdicts.push(Verdict::fail(on_place(world, at, *id).message(message).fact("problems", problems)));
    }
    verdicts
}

/// What a record says that cannot all be true, and required fields that no other check asks for.
fn contradictions(world: &World<'_>, entry: &Entry<'_>) -> Vec<String> {
    let r = entry.record;
    let mut found = Vec::new();
    let required = &world.input.policy.required_fields;
    let in_production = world.is_production(entry).then_some(&world.input.policy.required_in_production);
    for field in required.iter().chain(in_production.into_iter().flatten()) {
        let missing = match field.as_str() {
            "id" => r.id.is_empty(),
            "partner_id" => r.partner_id.is_empty(),
            "kind" => r.kind.is_empty(),
            "status" => r.status.is_none() && r.status_by_environment.is_empty(),
            "environments" => r.environments.is_empty(),
            "direction" => r.direction.is_empty(),
            "regions" => r.regions.is_empty(),
            "conditions" => r.conditions.is_empty(),
            // The others have checks of their own.
            _ => false,
        };
        if missing {
            found.push(format!("{field}: missing, and the policy requires it"));
        }
    }
    if let (Some(issued), Until::On(end)) = (r.issued_at, r.expires_at)
        && end.end() < issued.start()
    {
        found.push("expires_at: before issued_at".to_owned());
    }
    if let (Some(requested), Some(approved)) = (r.requested_at, r.approved_at)
        && approved.end() < requested.start()
    {
        found.push("approved_at: before requested_at".to_owned());
    }
    if r.revoked_at.is_some_and(|w| w.is_past(world.as_of())) && r.status == Some(Status::Active) {
        found.push("status: active, though revoked_at is past".to_owned());
    }
    found
}
