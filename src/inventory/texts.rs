//! Texts that many records have in common are kept once.
//!
//! A hundred thousand rows name the same few hundred partners, owners and teams. What is remembered is
//! bounded: a text that was not seen for long is kept anew.

use arcstr::ArcStr;

/// Slots, a power of two: more than the distinct texts between two rows of one partner.
const SLOTS: usize = 1 << 14;
/// Longer texts are seldom the same.
const LONGEST: usize = 64;

/// Texts that were seen lately.
pub(crate) struct Texts {
    slots: Vec<ArcStr>,
}

impl Texts {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// The text, shared with the record that had it last.
    pub(crate) fn get(&mut self, text: &str) -> ArcStr {
        if text.is_empty() {
            return ArcStr::new();
        }
        if text.len() > LONGEST {
            return ArcStr::from(text);
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, ArcStr::new());
        }
        let slot = &mut self.slots[crc32fast::hash(text.as_bytes()) as usize % SLOTS];
        if slot.as_str() != text {
            *slot = ArcStr::from(text);
        }
        slot.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_a_crowd_of_texts_changes_none() {
        let mut texts = Texts::new();
        let first = texts.get("team/orders");
        assert!(ArcStr::ptr_eq(&first, &texts.get("team/orders")));
        for n in 0..3 * SLOTS {
            assert_eq!(texts.get(&format!("row {n}")), format!("row {n}"));
        }
        assert_eq!((first.as_str(), texts.get("team/orders").as_str()), ("team/orders", "team/orders"));
        assert_eq!(texts.get("").as_str(), "");
        assert_eq!(texts.get(&"x".repeat(500)).len(), 500);
    }
}
