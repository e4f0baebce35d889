//! Names of partners: id, name and aliases, written however people write them.

use std::collections::{BTreeMap, HashSet};

use arcstr::ArcStr;

use super::record::Inventory;
use crate::detect::normalise_partner;

/// Finds a partner's id by any of its names. A name that stands for two partners finds neither.
pub struct PartnerNames<'i> {
    ids: BTreeMap<String, Option<&'i str>>,
    /// The built-in directory's id -> the inventory's, for names that only the directory knows.
    directory: BTreeMap<&'static str, Option<&'i str>>,
}

/// `ACME Logistics, Inc.` and `acme-logistics inc` are one name.
pub(crate) fn normal(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl PartnerNames<'_> {
    /// The partner's id.
    pub fn find(&self, name: &str) -> Option<&str> {
        match self.ids.get(&normal(name)) {
            Some(id) => *id,
            None => self.directory.get(normalise_partner(name)?).copied().flatten(),
        }
    }
}

impl Inventory {
    /// Every name of every partner.
    pub fn partner_names(&self) -> PartnerNames<'_> {
        let mut ids: BTreeMap<String, Option<&str>> = BTreeMap::new();
        // Partners that only records name, each once.
        let mut seen = HashSet::new();
        let of_records = self.records.iter().map(|r| r.partner_id.as_str());
        let unlisted: Vec<&str> = of_records.filter(|id| seen.insert(*id) && !id.trim().is_empty()).collect();
        for (id, partner) in &self.partners {
            let names =
                [id, partner.name.as_str()].into_iter().chain(partner.aliases.iter().map(ArcStr::as_str)).map(normal);
            for name in names.filter(|n| !n.is_empty()) {
                let entry = ids.entry(name).or_insert(Some(id));
                if *entry != Some(id) {
                    *entry = None;
                }
            }
        }
        // An id is its own, whatever else bears its name.
        for id in self.partners.keys() {
            ids.insert(normal(id), Some(id));
        }
        for id in &unlisted {
            ids.entry(normal(id)).or_insert(Some(id));
        }
        let mut directory: BTreeMap<&'static str, Option<&str>> = BTreeMap::new();
        for (id, partner) in &self.partners {
            for known in [id, partner.name.as_str()]
                .into_iter()
                .chain(partner.aliases.iter().map(ArcStr::as_str))
                .filter_map(normalise_partner)
            {
                let entry = directory.entry(known).or_insert(Some(id));
                if *entry != Some(id) {
                    *entry = None;
                }
            }
        }
        for id in unlisted {
            if let Some(known) = normalise_partner(id) {
                directory.entry(known).or_insert_with(|| ids.get(&normal(id)).copied().flatten());
            }
        }
        PartnerNames { ids, directory }
    }
}
