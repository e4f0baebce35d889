//! Literals that are looked for at and in long runs, by three of their bytes.

use std::collections::HashMap;

use super::super::ruleset::RuleIndex;

/// Where in the text around a run a literal's key bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The literal starts a run or follows `-`, `+` or `/` in one: `ghp_`.
    Prefix,
    /// The run begins inside the literal or right behind it: `SG.`, `:AA`. The key ends this many
    /// bytes into the run (0 to 2).
    Tail(usize),
    /// The literal stands anywhere in a run: `T3BlbkFJ`.
    Infix,
    /// No run of [`super::super::runs::MIN_RUN`] bytes is promised: searched in all text.
    Text,
}

/// A literal, where its key stands in it, and the rule that it wakes.
pub(super) struct Literal {
    pub(super) bytes: Box<[u8]>,
    /// Bytes of the literal before its key.
    pub(super) before_key: usize,
    pub(super) rule: RuleIndex,
}

/// A table of literals by their key bytes; most questions end at one bit.
pub(super) struct Keyed {
    bits: Box<[u64; 1024]>,
    literals: HashMap<[u8; 3], Vec<Literal>>,
    longest: usize,
}

impl Keyed {
    pub(super) fn new() -> Self {
        Self { bits: Box::new([0; 1024]), literals: HashMap::new(), longest: 0 }
    }

    pub(super) fn insert(&mut self, bytes: &[u8], before_key: usize, rule: RuleIndex) {
        let key = [bytes[before_key], bytes[before_key + 1], bytes[before_key + 2]];
        let bit = hash(key);
        self.bits[bit >> 6] |= 1 << (bit & 63);
        self.longest = self.longest.max(bytes.len());
        self.literals.entry(key).or_default().push(Literal { bytes: bytes.into(), before_key, rule });
    }

    /// Whether some literal may have this key.
    #[inline]
    pub(super) fn may_have(&self, key: [u8; 3]) -> bool {
        let bit = hash(key);
        self.bits[bit >> 6] >> (bit & 63) & 1 == 1
    }

    /// The literals that stand in `text` with their key at `at`, with where they start.
    pub(super) fn at<'t>(&'t self, text: &'t [u8], at: usize) -> impl Iterator<Item = (usize, RuleIndex)> + 't {
        let key = [text[at], text[at + 1], text[at + 2]];
        self.literals.get(&key).into_iter().flatten().filter_map(move |literal| {
            let start = at.checked_sub(literal.before_key)?;
            text[start..].starts_with(&literal.bytes).then_some((start, literal.rule))
        })
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }
}

/// Sixteen bits of three bytes.
#[inline]
fn hash(key: [u8; 3]) -> usize {
    let x = u32::from_le_bytes([key[0], key[1], key[2], 0]).wrapping_mul(0x9E37_79B1);
    (x >> 16) as usize
}
