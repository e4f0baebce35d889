//! All decoders at once: over the examples of every rule, and over arbitrary bytes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Claims, decode};
use crate::detect::candidate::rule::{Rule, Visibility};
use crate::detect::judge::Matched;
use crate::detect::template::expand;
use crate::detect::{Detector, RuleSet, Watchlist};
use crate::position::Span;
use crate::source::{Document, Origin, Place, RepoPath};

const ROUNDS: u64 = 8;

/// What the examples of every rule with a decoder give: the value, and its claims.
fn decoded(rules: &Detector, mut each: impl FnMut(&Rule, &[u8], Option<&str>, &Claims)) {
    let origin = Origin { place: Place::Tree, path: RepoPath::new(*b"src/config.txt") };
    for (index, rule) in rules.rules().iter().filter(|(_, r)| r.claims.is_some()) {
        for (seed, example) in (0..ROUNDS).flat_map(|seed| rule.examples.iter().map(move |e| (seed, e))) {
            let text = expand(example, seed, Some(rule)).unwrap();
            let mut candidates = Vec::new();
            rules.candidates(text.as_bytes(), 0..text.len(), &mut candidates);
            let judged = rules.judge(&Document::new(&origin, text.as_bytes()), &candidates);
            for detection in judged.detections.iter().filter(|d| d.rule == index) {
                each(rule, detection.secret.expose(), detection.key_id.as_deref(), &detection.claims);
            }
        }
    }
}

fn detector() -> Detector {
    Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new())
}

/// Decoders of bytes that no template can write; each has a test beside it.
const BINARY: &[&str] = &[
    "azure-apim-seed", "azure-cosmos-seed", "azure-devops-pat-52", "azure-function-seed", "azure-search-seed",
    "entra-refresh-token", "fly-macaroon", "pgp",
];

/// A rule that names a decoder has an example that it decodes: a misspelt name decodes nothing.
#[test]
fn every_decoder_reads_an_example_of_its_rule() {
    let detector = detector();
    let mut silent: BTreeMap<&str, bool> = BTreeMap::new();
    let is_text = |r: &Rule| r.claims.as_deref().is_some_and(|c| !BINARY.contains(&c));
    for (_, rule) in detector.rules().iter().filter(|(_, r)| is_text(r)) {
        silent.insert(&rule.id, true);
    }
    decoded(&detector, |rule, _, _, claims| {
        if !claims.is_empty() || claims.publishable {
            for (id, is_silent) in &mut silent {
                *is_silent &= *id != &*rule.id;
            }
        }
    });
    let silent: Vec<&str> = silent.into_iter().filter(|(_, s)| *s).map(|(id, _)| id).collect();
    assert!(silent.is_empty(), "nothing is decoded of any example of {silent:?}");
}

/// Characters of a secret that no claim may cover.
const UNTOLD: usize = 16;

/// Claims that repeat a part of the value (an id) leave enough of it untold; what is decoded from
/// its encoding too.
#[test]
fn claims_leave_the_secret_part_untold() {
    decoded(&detector(), |rule, value, key_id, claims| {
        if rule.visibility != Visibility::Secret || claims.publishable {
            return;
        }
        let value = String::from_utf8_lossy(value).into_owned();
        let inner = super::encoded::unpack(value.rsplit_once('_').map_or(&*value, |(_, body)| body));
        let inner = inner.filter(|i| i.len() > 2 * UNTOLD && i.is_ascii());
        for text in [Some(value.into_bytes()), inner].into_iter().flatten() {
            let mut told = vec![false; text.len()];
            let words = claims.facts.values().flat_map(|fact| match fact {
                serde_json::Value::Array(all) => all.iter().map(|v| v.as_str().unwrap_or_default()).collect(),
                fact => vec![fact.as_str().unwrap_or_default()],
            });
            for word in words.chain(key_id).filter(|w| w.len() >= 4) {
                for at in memchr::memmem::find_iter(&text, word.as_bytes()) {
                    told[at..at + word.len()].fill(true);
                }
            }
            let longest = told.split(|t| *t).map(<[bool]>::len).max().unwrap_or(0);
            let people = crate::detect::judge::chosen_by_people(rule.kind);
            assert!(longest >= UNTOLD || people, "{}: {longest} characters of {} are untold", rule.id, text.len());
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever bytes a value has, and wherever in a document it stands.
    #[test]
    fn no_decoder_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        cut in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        check_all(&bytes, cut);
    }

    /// Bytes that begin as a credential does, and go wrong later.
    #[test]
    fn no_decoder_panics_on_damaged_examples(
        pick in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let rules = RuleSet::builtin();
        let examples: Vec<(&Rule, &str)> = rules
            .iter()
            .filter(|(_, r)| r.claims.is_some())
            .flat_map(|(_, r)| r.examples.iter().map(move |e| (r, &**e)))
            .collect();
        let (rule, example) = pick.get(&examples);
        let mut bytes = expand(example, seed, Some(rule)).unwrap().into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check_all(&bytes, cut);
    }
}

/// Decodes a part of `bytes` with every decoder there is.
fn check_all(bytes: &[u8], cut: (prop::sample::Index, prop::sample::Index, prop::sample::Index)) {
    let mut ends = [cut.0, cut.1, cut.2].map(|i| i.index(bytes.len() + 1));
    ends.sort_unstable();
    let [start, middle, end] = ends;
    let places = [
        Matched { whole: Span::new(0, bytes.len()), secret: Span::new(0, bytes.len()), public: None },
        Matched {
            whole: Span::new(start, end),
            secret: Span::new(middle, end),
            public: Some(Span::new(start, middle)),
        },
    ];
    let rules = RuleSet::builtin();
    let mut seen = std::collections::BTreeSet::new();
    for (_, rule) in rules.iter().filter(|(_, r)| r.claims.as_ref().is_some_and(|c| seen.insert(c.to_string()))) {
        for matched in &places {
            let _ = decode(rule, bytes, matched);
        }
    }
}
