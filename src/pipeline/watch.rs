//! Records to watchlist: the only thing that detection may know of the inventory.

use crate::detect::Watchlist;
use crate::inventory::{Inventory, references_of};
use crate::secret::Scheme;

/// Hosts, headers, variables, key ids, fast digests and references of the inventory.
pub fn watchlist_of(inventory: &Inventory) -> Watchlist {
    let mut list = Watchlist::new();
    for partner in inventory.partners.values() {
        for word in partner.hosts.iter().chain(&partner.headers).chain(&partner.env_vars) {
            anchor(&mut list, word, &partner.id);
        }
    }
    for record in &inventory.records {
        for word in &record.env_vars {
            anchor(&mut list, word, &record.partner_id);
        }
        list.key_ids.extend(record.key_id.iter().filter(|k| k.len() >= 8).cloned());
        let fast = |s: Scheme| matches!(s, Scheme::Sha256 | Scheme::HmacSha256);
        list.references.extend(references_of(record).into_iter().map(|(_, text)| text));
        list.digests.extend(record.fingerprints.iter().filter(|f| fast(f.scheme)).cloned());
    }
    list
}

/// A word too short or too common would make every string a candidate.
fn anchor(list: &mut Watchlist, word: &str, partner: &str) {
    let word = word.trim().trim_start_matches("*.").to_ascii_lowercase();
    let common = ["authorization", "x-api-key", "api-key", "apikey", "token", "secret", "password", "api_key", "key"];
    if word.len() >= 5 && !common.contains(&word.as_str()) {
        list.anchors.entry(word).or_insert_with(|| partner.to_owned());
    }
}
