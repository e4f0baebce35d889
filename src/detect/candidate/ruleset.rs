//! The rules in force: built-in ones, then the user's; and what the prefilter needs of them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::needed::needed;
use super::opening::Opening;
use super::rule::{Extends, Form, Kind, Place, Rule, RuleError, Visibility};
use super::rule_file::sample_hash;

include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

/// Number of a rule in its set. Small, because candidates carry it by the million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub u16);

/// A listed digest was met.
pub(crate) const WATCHED_DIGEST: RuleIndex = RuleIndex(0);
/// A listed public key id was met.
pub(crate) const WATCHED_KEY_ID: RuleIndex = RuleIndex(1);
/// A token-shaped string stands within reach of a listed host, header or variable.
pub(crate) const WATCHED_ANCHOR: RuleIndex = RuleIndex(2);
/// A run encodes text, in which a credential may stand. It is no rule: what is found there has one.
pub(crate) const ENCODED_TEXT: RuleIndex = RuleIndex(u16::MAX - 1);

static ENCODED: Rule = watched("encoded-text", "Text in an encoding", Visibility::Secret, Form::Contextual);

/// Stands for no rule: a part of a line that is judged once more without its escapes.
pub(crate) const ESCAPED: RuleIndex = RuleIndex(u16::MAX);

/// The rules that the watchlist wakes; always in force, first in every set.
static WATCHED: [Rule; 3] = [
    watched("inventoried-credential", "Inventoried credential", Visibility::Secret, Form::Certain),
    watched("inventoried-key-id", "Inventoried key id", Visibility::Identifier, Form::Certain),
    watched("inventoried-partner-key", "Key of an inventoried partner", Visibility::Secret, Form::Contextual),
];

const fn watched(id: &'static str, title: &'static str, visibility: Visibility, form: Form) -> Rule {
    const NONE: super::rule::Texts = Cow::Borrowed(&[]);
    Rule {
        id: Cow::Borrowed(id),
        title: Cow::Borrowed(title),
        provider: Cow::Borrowed("inventory"),
        provider_name: Cow::Borrowed("the inventory"),
        class: Cow::Borrowed("generic"),
        technology: true,
        kind: Kind::Other,
        visibility,
        form,
        literals: NONE,
        anchor: Place::Run,
        pattern: Cow::Borrowed("(?P<secret>[A-Za-z0-9_+/-][A-Za-z0-9_.~+/-]{15,511}={0,2})"),
        test_mode: NONE,
        live_mode: NONE,
        entropy: None,
        checksum: None,
        checksum_decides: false,
        claims: None,
        reject: None,
        ignore: Cow::Borrowed(&[]),
        pairs: NONE,
        shared_public: false,
        before: 0,
        reach: 0,
        extends: None,
        context: NONE,
        context_before: 0,
        context_after: 0,
        revoke: None,
        references: NONE,
        examples: NONE,
        near_misses: NONE,
    }
}

/// The rules in force. Regular expressions compile when a rule is first woken.
pub struct RuleSet {
    builtin: &'static [Rule],
    user: Vec<Rule>,
    compiled: Vec<OnceLock<Compiled>>,
    /// Those that are not in force.
    disabled: BTreeSet<RuleIndex>,
    /// Documented sample values of all rules, by hash, sorted.
    samples: OnceLock<Vec<u64>>,
}

/// A rule's expressions.
pub(crate) struct Compiled {
    pub(crate) pattern: Regex,
    /// Of a match at a literal with which it begins; else it holds nothing.
    pub(crate) opening: Opening,
    /// Stands in every match, and in none of the literals.
    pub(crate) needed: Option<u8>,
    pub(crate) reject: Option<Regex>,
    /// Group numbers.
    pub(crate) secret: usize,
    pub(crate) public: Option<usize>,
}

impl RuleSet {
    /// The built-in rules.
    pub fn builtin() -> Self {
        Self::with(&BUILTIN, Vec::new())
    }

    /// The built-in rules and `user`'s, or `user`'s alone. Each user rule is checked: a pattern that
    /// cannot be used, an id that is taken and an empty set are errors.
    pub fn with_user(user: Vec<Rule>, replace: bool) -> Result<Self, RuleError> {
        let builtin: &'static [Rule] = if replace { &[] } else { &BUILTIN };
        let error = |rule: &Rule, field, problem: String| RuleError { rule: rule.id.to_string(), field, problem };
        for (i, rule) in user.iter().enumerate() {
            compile(rule)?;
            if builtin.iter().chain(&user[..i]).any(|other| other.id == rule.id) {
                return Err(error(rule, "id", "another rule has it".into()));
            }
        }
        if builtin.is_empty() && user.is_empty() {
            return Err(RuleError { rule: String::new(), field: "rule", problem: "no rule at all".into() });
        }
        Ok(Self::with(builtin, user))
    }

    fn with(builtin: &'static [Rule], user: Vec<Rule>) -> Self {
        let n = WATCHED.len() + builtin.len() + user.len();
        let compiled = std::iter::repeat_with(OnceLock::new).take(n).collect();
        Self { builtin, user, compiled, disabled: BTreeSet::new(), samples: OnceLock::new() }
    }

    /// Switches a rule off. Whether there was one in force of this id.
    pub fn disable(&mut self, id: &str) -> bool {
        let found = self.iter().skip(WATCHED.len()).find(|(_, r)| r.id == id).map(|(index, _)| index);
        self.disabled.extend(found);
        found.is_some()
    }

    /// The rules that were switched off.
    pub fn disabled(&self) -> impl Iterator<Item = &Rule> {
        self.disabled.iter().map(|index| self.get(*index))
    }

    /// The rules in force with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        let all = WATCHED.iter().chain(self.builtin).chain(&self.user).enumerate();
        all.map(|(i, r)| (RuleIndex(i as u16), r)).filter(|(index, _)| !self.disabled.contains(index))
    }

    /// The user's rules.
    pub(crate) fn user(&self) -> &[Rule] {
        &self.user
    }

    /// How many are in force.
    pub fn len(&self) -> usize {
        self.compiled.len() - self.disabled.len()
    }

    /// How many describe a format, rather than what the watchlist wakes.
    pub fn formats(&self) -> usize {
        self.len() - WATCHED.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rule of a number.
    pub fn get(&self, index: RuleIndex) -> &Rule {
        if index == ENCODED_TEXT {
            return &ENCODED;
        }
        let i = usize::from(index.0);
        let Some(i) = i.checked_sub(WATCHED.len()) else { return &WATCHED[i] };
        self.builtin.get(i).unwrap_or_else(|| &self.user[i - self.builtin.len()])
    }

    /// The rule of an id.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.iter().map(|(_, r)| r).find(|r| r.id == id)
    }

    /// Whether it is a sample value from some provider's documentation.
    pub(crate) fn is_sample(&self, value: &[u8]) -> bool {
        let samples = self.samples.get_or_init(|| {
            let mut all: Vec<u64> = self.iter().flat_map(|(_, rule)| rule.ignore.iter().copied()).collect();
            all.sort_unstable();
            all
        });
        samples.binary_search(&sample_hash(value)).is_ok()
    }

    pub(crate) fn compiled(&self, index: RuleIndex) -> &Compiled {
        #[allow(clippy::expect_used, reason = "built-in patterns are compiled by a test, user patterns when loaded")]
        self.compiled[usize::from(index.0)].get_or_init(|| compile(self.get(index)).expect("checked when loaded"))
    }
}

/// Compiles a rule's expressions, or says which field is wrong.
pub(crate) fn compile(rule: &Rule) -> Result<Compiled, RuleError> {
    let build = |field: &'static str, pattern: &str| {
        RegexBuilder::new(pattern).unicode(false).size_limit(1 << 20).build().map_err(|e| RuleError {
            rule: rule.id.to_string(),
            field,
            // The first line only: the rest draws the pattern again.
            problem: e.to_string().lines().last().unwrap_or_default().to_owned(),
        })
    };
    // A match that starts at its literal is searched nowhere else.
    let anchored = !rule.literals.is_empty() && rule.before == 0;
    let opening = if anchored { Opening::of(&rule.pattern) } else { Opening::default() };
    let pattern = if anchored { &format!(r"\A(?:{})", rule.pattern) } else { &*rule.pattern };
    let pattern = build("pattern", pattern)?;
    let reject = rule.reject.as_deref().map(|p| build("reject", p)).transpose()?;
    let group = |name: &str| pattern.capture_names().position(|n| n == Some(name));
    let secret = group("secret").ok_or_else(|| RuleError {
        rule: rule.id.to_string(),
        field: "pattern",
        problem: "no group named `secret`".into(),
    })?;
    let public = group("public");
    Ok(Compiled { pattern, opening, needed: needed(rule), reject, secret, public })
}
