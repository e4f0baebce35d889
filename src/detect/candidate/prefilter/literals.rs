//! Literals that are looked for at and in long runs, by three of their bytes.

use super::super::ruleset::RuleIndex;
use super::trigrams::{Trigram, Trigrams};

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
    /// The literal stands right behind a run: `.apps.googleusercontent.com`.
    After,
    /// No run of [`super::super::runs::MIN_RUN`] bytes is promised: searched in all text.
    Text,
}

/// A literal, where its key stands in it, and the rules that it wakes.
pub(super) struct Literal {
    bytes: Box<[u8]>,
    /// Bytes of the literal before its key.
    before_key: usize,
    rules: Vec<RuleIndex>,
}

impl Literal {
    /// With the key at `before_key`, for [`Keyed::new`].
    pub(super) fn new(bytes: &[u8], before_key: usize, rule: RuleIndex) -> (Trigram, Self) {
        let key = [bytes[before_key], bytes[before_key + 1], bytes[before_key + 2]];
        (Trigram::new(key), Self { bytes: bytes.into(), before_key, rules: vec![rule] })
    }
}

/// Literals by their key bytes, in `64 * WORDS` slots.
pub(super) struct Keyed<const WORDS: usize> {
    table: Trigrams<Literal, WORDS>,
    longest: usize,
}

impl<const WORDS: usize> Keyed<WORDS> {
    pub(super) fn new(mut literals: Vec<(Trigram, Literal)>) -> Self {
        // Several rules may have the same literal (`test_`): it is compared once.
        literals.sort_by(|a, b| (&a.1.bytes, a.1.before_key).cmp(&(&b.1.bytes, b.1.before_key)));
        literals.dedup_by(|next, literal| {
            let same = (&next.1.bytes, next.1.before_key) == (&literal.1.bytes, literal.1.before_key);
            if same {
                literal.1.rules.append(&mut next.1.rules);
            }
            same
        });
        let longest = literals.iter().map(|(_, l)| l.bytes.len()).max().unwrap_or(0);
        Self { table: Trigrams::new(literals), longest }
    }

    /// Whether some literal may have this key.
    #[inline]
    pub(super) fn may_have(&self, key: [u8; 3]) -> bool {
        self.table.may_have(Trigram::new(key))
    }

    /// The literals that stand in `text` with their key at `at`, with where they start.
    pub(super) fn at<'t>(&'t self, text: &'t [u8], at: usize) -> impl Iterator<Item = (usize, &'t [RuleIndex])> + 't {
        let key = Trigram::new([text[at], text[at + 1], text[at + 2]]);
        self.table.at(key).iter().filter_map(move |literal| {
            let start = at.checked_sub(literal.before_key)?;
            text[start..].starts_with(&literal.bytes).then_some((start, &*literal.rules))
        })
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}
