//! Raw secrets in fields for something else: an id, a purpose, an owner. They are hashed and masked
//! like those in columns of their own, before anything can print them.

use arcstr::ArcStr;

use crate::detect::Detector;
use crate::inventory::field::{Field, PARTNER, Slot, record_fields};
use crate::inventory::{Inventory, RecordRef};
use crate::secret::{CredentialId, Pepper, Secret};

/// What was met in one record.
type Met = Vec<(&'static str, Secret)>;

/// Takes stray secrets out of an inventory.
pub(super) fn take_out(inventory: &mut Inventory, peppers: &[Pepper]) {
    let detector = Detector::builtin();
    let mut met: Vec<(RecordRef, String, Option<CredentialId>)> = Vec::new();
    for record in &mut inventory.records {
        let mut secrets = Met::new();
        record_fields().for_each(|field| search(&detector, field, record, &mut secrets));
        mask(&detector, "partner_id", &mut record.partner_id, &mut secrets);
        mask(&detector, "hint", &mut record.hint, &mut secrets);
        for text in record.other_partners.iter_mut().chain(&mut record.environments) {
            mask(&detector, "environments", text, &mut secrets);
        }
        for text in &mut record.jwt_ids {
            mask(&detector, "jwt_ids", text, &mut secrets);
        }
        for (field, secret) in secrets {
            let new = secret.fingerprints(peppers).into_iter().filter(|f| !record.fingerprints.contains(f));
            record.fingerprints.extend(new.collect::<Vec<_>>());
            if !record.secret_fields.iter().any(|f| f == field) {
                record.secret_fields.push(field.into());
            }
            met.push((record.at.clone(), field.to_owned(), secret.id()));
        }
    }
    for (id, mut partner) in std::mem::take(&mut inventory.partners) {
        let mut secrets = Met::new();
        for field in PARTNER {
            search(&detector, field, &mut partner, &mut secrets);
        }
        met.extend(secrets.into_iter().map(|(field, secret)| (partner.at.clone(), field.to_owned(), secret.id())));
        let id = if partner.id.is_empty() { id } else { partner.id.to_string() };
        inventory.partners.insert(id, partner);
    }
    inventory.handoffs.iter_mut().for_each(|handoff| detector.mask_in(&mut handoff.record));
    for error in inventory.errors.iter_mut().chain(&mut inventory.remarks) {
        error.id.iter_mut().chain([&mut error.field, &mut error.problem]).for_each(|text| detector.mask_in(text));
    }
    inventory.secrets.extend(met);
}

fn search<T>(detector: &Detector, field: &Field<T>, target: &mut T, met: &mut Met) {
    match &field.slot {
        Slot::Text(place) => mask(detector, field.name, place(target), met),
        Slot::List(place) => place(target).iter_mut().for_each(|text| mask(detector, field.name, text, met)),
        _ => {}
    }
}

fn mask(detector: &Detector, field: &'static str, text: &mut ArcStr, met: &mut Met) {
    if let Some(masked) = detector.mask(text.as_bytes()) {
        *text = String::from_utf8_lossy(&masked.text).into();
        met.extend(masked.secrets.into_iter().map(|secret| (field, secret)));
    }
}
