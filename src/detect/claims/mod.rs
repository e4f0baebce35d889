//! What a credential says about itself, decoded offline. Always a claim, never a fact: nothing here
//! checks a signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::candidate::rule::Rule;
use super::judge::{Matched, Mode};

/// Facts decoded from a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Named facts, sorted; values are texts, numbers, or lists of texts.
    #[serde(flatten)]
    pub facts: BTreeMap<String, Value>,
    /// A public key id that the value carries.
    #[serde(skip)]
    pub(crate) key_id: Option<String>,
    /// Live or test.
    #[serde(skip)]
    pub(crate) mode: Option<Mode>,
}

impl Claims {
    /// Whether nothing was decoded.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
}

/// Decodes what the rule's decoder can read. `None` where a format that must be readable is not, so
/// that it is no credential of this kind.
pub(crate) fn decode(rule: &Rule, value: &[u8], matched: &Matched) -> Option<Claims> {
    let _ = (rule, value, matched.whole);
    Some(Claims::default())
}
