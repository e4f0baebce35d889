//! Every partner that the inventory or an observation names.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::super::assess::Judgement;
use super::super::finding::{Subject, clean};
use super::super::world::World;
use super::line::{date, text};
use super::model::{CredentialEvidence, PartnerEvidence, VanishedEvidence};
use super::removed::until;

/// The partners, by id.
pub(super) fn of(world: &World<'_>, judgement: &Judgement, credentials: &[CredentialEvidence]) -> Vec<PartnerEvidence> {
    let mut all: BTreeMap<String, PartnerEvidence> = BTreeMap::new();
    let known = world.input.inventory_history.is_some_and(|h| !h.cut);
    let fresh = |id: &str| PartnerEvidence { id: id.to_owned(), vanished_known: known, ..PartnerEvidence::default() };
    for (id, partner) in world.input.inventory.into_iter().flat_map(|i| &i.partners) {
        let id = clean(id);
        let told = PartnerEvidence {
            name: text(&partner.name),
            registered: true,
            kind: text(&partner.kind),
            criticality: text(&partner.criticality),
            status: text(&partner.status),
            contract_end: until(partner.contract_end, &partner.unknown_fields),
            contract_id: text(&partner.contract_id),
            business_owner: text(&partner.business_owner),
            offboarded_at: date(partner.offboarded_at),
            ..fresh(&id)
        };
        all.insert(id, told);
    }
    for case in &world.cases {
        if let Some(named) = &case.observation.partner {
            let id = clean(&named.id);
            let partner = all.entry(id.clone()).or_insert_with(|| fresh(&id));
            partner.name = partner.name.take().or_else(|| text(&named.name));
        }
    }
    for line in credentials {
        let Some(id) = &line.credential.partner else { continue };
        let partner = all.entry(id.clone()).or_insert_with(|| fresh(id));
        partner.credentials += 1;
        partner.in_force += u64::from(line.credential.id.is_some() && line.removed.in_force);
    }
    let present: BTreeSet<&str> = world
        .entries
        .iter()
        .flat_map(|e| std::iter::once(&e.record.id).chain(&e.record.also_ids))
        .map(ArcStr::as_str)
        .collect();
    for gone in world.input.inventory_history.into_iter().flat_map(|h| &h.vanished) {
        if present.contains(gone.record.as_str()) || gone.partner.is_empty() {
            continue;
        }
        let id = clean(&gone.partner);
        all.entry(id.clone()).or_insert_with(|| fresh(&id)).vanished.push(VanishedEvidence {
            id: clean(&gone.record),
            status: gone.status.map(|s| s.word().to_owned()),
            at: gone.at.to_string(),
            commit: gone.commit.clone(),
        });
    }
    for finding in &judgement.findings {
        if let Subject::Governance(what) = &finding.subject
            && let Some(id) = what.strip_prefix("partner:")
            && let Some(partner) = all.get_mut(&clean(id))
        {
            partner.findings.push(finding.check);
        }
    }
    for partner in all.values_mut() {
        partner.findings.sort_unstable();
        partner.findings.dedup();
        partner.vanished.sort_by(|a, b| (&a.id, &a.at).cmp(&(&b.id, &b.at)));
    }
    // A partner of the built-in directory that only a public key id names is not the organisation's.
    all.retain(|_, p| p.registered || p.credentials > 0 || !p.vanished.is_empty());
    all.into_values().collect()
}
