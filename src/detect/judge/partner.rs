//! Whose credential it is, by what evidence.
//!
//! In this order: the format, the inventory's own names, a host or header in the same block, the
//! variable or key path. Confidence falls step by step; ambiguous names never count alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::structure::Assignment;
use crate::detect::candidate::Watchlist;
use crate::detect::candidate::rule::Rule;
use crate::position::Span;
use crate::source::Document;

/// A partner, the evidence that names it, and how much that is worth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartnerNamed {
    /// Directory id, or the inventory's.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What named it: `format`, `inventory`, `host`, `header`, `variable`, `path`.
    pub evidence: String,
    /// The host, variable or path itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// `high`, `medium` or `low`.
    pub confidence: String,
}

/// Partners by the names, hosts, headers and variables they show up with.
pub(crate) struct Directory {
    /// Lower-case word of the inventory -> its partner.
    inventory: BTreeMap<String, String>,
}

/// Bytes around a value that make its block.
const BLOCK: usize = 400;

impl Directory {
    /// The built-in directory, with the inventory's own names before it.
    pub(crate) fn builtin(watchlist: &Watchlist) -> Self {
        Self { inventory: watchlist.anchors.clone() }
    }

    /// Names the partner of the value at `span`.
    pub(crate) fn name_partner(
        &self,
        rule: &Rule,
        document: &Document<'_>,
        span: Span,
        assignment: &Assignment,
    ) -> Option<PartnerNamed> {
        if !rule.technology {
            return Some(PartnerNamed {
                id: rule.provider.to_string(),
                name: rule.provider_name.to_string(),
                evidence: "format".to_owned(),
                by: None,
                confidence: "high".to_owned(),
            });
        }
        self.by_inventory(document.bytes, span, assignment)
    }

    fn by_inventory(&self, bytes: &[u8], span: Span, assignment: &Assignment) -> Option<PartnerNamed> {
        if self.inventory.is_empty() {
            return None;
        }
        let named = |word: &str, partner: &str| PartnerNamed {
            id: partner.to_owned(),
            name: partner.to_owned(),
            evidence: "inventory".to_owned(),
            by: Some(word.to_owned()),
            confidence: "high".to_owned(),
        };
        if let Some(key) = &assignment.key
            && let Some((word, partner)) = self.inventory.get_key_value(&key.to_ascii_lowercase())
        {
            return Some(named(word, partner));
        }
        let low = span.start.saturating_sub(BLOCK);
        let high = (span.end + BLOCK).min(bytes.len());
        let block = bytes[low..high].to_ascii_lowercase();
        self.inventory
            .iter()
            .filter_map(|(word, partner)| {
                let at = memchr::memmem::find(&block, word.as_bytes())?;
                Some((at.abs_diff(span.start - low), word, partner))
            })
            .min()
            .map(|(_, word, partner)| named(word, partner))
    }
}
