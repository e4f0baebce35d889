//! Whether a row that was set aside could be the record of what was observed.
//!
//! Such a row makes a shadow credential doubtful only where nothing that could be read of it speaks
//! against that: a digest of another value, another key id, kind or partner.

use super::matching::{Facts, same_kind};
use super::record::{Inventory, Record};
use crate::secret::Fingerprint;

/// More of them are not looked at one by one: an export so broken says nothing.
const MOST: usize = 1000;

/// Whether any row that was set aside could be the record of an observation.
pub(crate) fn could_be_set_aside(inventory: &Inventory, facts: &Facts<'_>) -> bool {
    if inventory.set_aside.len() > MOST {
        return true;
    }
    let names = inventory.partner_names();
    let partner = facts.partner.and_then(|p| names.find(p));
    inventory.set_aside.iter().any(|record| {
        let other_partner = partner.is_some_and(|p| !record.partner_id.is_empty() && record.partner_id != p);
        same_kind(&record.kind, facts.kind) && !other_partner && identifiers_fit(record, facts) != Some(false)
    })
}

/// Whether the row's identifiers are the observation's; `None` where that cannot be told.
fn identifiers_fit(record: &Record, facts: &Facts<'_>) -> Option<bool> {
    let comparable = |a: &Fingerprint| facts.fingerprints.iter().any(|b| a.scheme == b.scheme && a.kid == b.kid);
    let digests = &record.fingerprints;
    if digests.iter().any(|d| facts.fingerprints.contains(d) || facts.watched.contains(d)) {
        return Some(true);
    }
    if !digests.is_empty() && digests.iter().all(comparable) && !record.is_unknown("fingerprints") {
        return Some(false);
    }
    let key_id = facts.key_id.filter(|_| !record.key_id.is_empty() && !record.is_unknown("key_id"))?;
    Some(record.key_id.iter().any(|id| id == key_id))
}
