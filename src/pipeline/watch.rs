//! Records to watchlist: the only thing that detection may know of the inventory.

use crate::detect::Watchlist;
use crate::inventory::{Inventory, references_of};
use crate::secret::Scheme;

/// Names, hosts, headers, variables, key ids, fast digests and references of the inventory.
pub fn watchlist_of(inventory: &Inventory) -> Watchlist {
    let mut list = Watchlist::new();
    for partner in inventory.partners.values() {
        for word in partner.hosts.iter().chain(&partner.headers).chain(&partner.env_vars) {
            list.add_anchor(word, &partner.id);
        }
        for name in [&partner.id, &partner.name].into_iter().chain(&partner.aliases) {
            list.add_name(name, &partner.id);
        }
    }
    for record in &inventory.records {
        for word in &record.env_vars {
            list.add_anchor(word, &record.partner_id);
        }
        list.key_ids.extend(record.key_id.iter().filter(|k| k.len() >= 8).map(ToString::to_string));
        let fast = |s: Scheme| matches!(s, Scheme::Sha256 | Scheme::HmacSha256);
        list.references.extend(references_of(record).into_iter().map(|(_, text)| text));
        list.digests.extend(record.fingerprints.iter().filter(|f| fast(f.scheme)).cloned());
        let slow = |s: Scheme| matches!(s, Scheme::Hmsl | Scheme::Radar);
        list.slow_digests.extend(record.fingerprints.iter().filter(|f| slow(f.scheme)).cloned());
    }
    list
}
