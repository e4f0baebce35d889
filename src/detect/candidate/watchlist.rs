//! What the inventory lets the detector look for. The only thing detection knows of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::Candidate;
use super::ruleset::{WATCHED_DIGEST, WATCHED_KEY_ID};
use crate::position::Span;
use crate::secret::{Fingerprint, Pepper, Scheme};

/// Hosts, headers, variables, key ids and digests of inventoried credentials. Holds no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watchlist {
    /// Format version: 1.
    pub keyward_watchlist: u32,
    /// Words that make a token-shaped string within reach a candidate, each with the partner that
    /// it speaks for: hosts, header names, variable names. Lower case.
    #[serde(default)]
    pub anchors: BTreeMap<String, String>,
    /// Names of partners in lower case, letters and digits alone, each with the partner that bears it:
    /// they name whose a credential is, and make no candidates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Public key ids, verbatim.
    #[serde(default)]
    pub key_ids: BTreeSet<String>,
    /// Fast digests: plain and keyed SHA-256.
    #[serde(default)]
    pub digests: BTreeSet<Fingerprint>,
    /// Slow digests, of other products: compared with what was found alone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub slow_digests: BTreeSet<Fingerprint>,
    /// Texts that refer to a credential without being it: variables, vault paths, addresses. Where
    /// they stand is told; they make nothing a candidate.
    #[serde(default)]
    pub references: BTreeSet<String>,
}

impl Watchlist {
    /// An empty list.
    pub fn new() -> Self {
        Self { keyward_watchlist: 1, ..Self::default() }
    }

    /// Lists a host, a header or a variable of a partner. One that is short or that every service uses
    /// would make every string a candidate, and is left out; the first to list a word keeps it.
    pub fn add_anchor(&mut self, word: &str, partner: &str) {
        let word = word.trim().trim_start_matches("*.").to_ascii_lowercase();
        let common =
            ["authorization", "x-api-key", "api-key", "apikey", "token", "secret", "password", "api_key", "key"];
        if word.len() >= 5 && !common.contains(&word.as_str()) {
            self.anchors.entry(word).or_insert_with(|| partner.to_owned());
        }
    }

    /// Lists a partner's name or alias; the first to list one keeps it.
    pub fn add_name(&mut self, name: &str, partner: &str) {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        if plain.len() >= 3 {
            self.names.entry(plain.to_ascii_lowercase()).or_insert_with(|| partner.to_owned());
        }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.key_ids.is_empty() && self.digests.is_empty()
    }
}

/// The watchlist as the prefilter uses it, with the peppers that its keyed digests need.
pub(crate) struct Watched {
    list: Watchlist,
    peppers: Vec<Pepper>,
    digests: HashSet<String>,
    keyed: bool,
    plain: bool,
}

impl Watched {
    pub(crate) fn new(list: Watchlist, peppers: Vec<Pepper>) -> Self {
        let digests: HashSet<String> = list.digests.iter().map(|d| d.digest.clone()).collect();
        let keyed = list.digests.iter().any(|d| d.scheme == Scheme::HmacSha256);
        let plain = list.digests.iter().any(|d| d.scheme == Scheme::Sha256);
        Self { list, peppers, digests, keyed, plain }
    }

    pub(crate) fn anchors(&self) -> impl Iterator<Item = &str> {
        self.list.anchors.keys().map(String::as_str)
    }

    pub(crate) fn list(&self) -> &Watchlist {
        &self.list
    }

    pub(crate) fn peppers(&self) -> &[Pepper] {
        &self.peppers
    }

    /// The listed digest that `value` has, if any.
    pub(crate) fn digest_of(&self, value: &[u8]) -> Option<Fingerprint> {
        let keyed = self.peppers.iter().filter(|_| self.keyed).map(|p| p.fingerprint(value));
        let plain = self.plain.then(|| Fingerprint::sha256(value));
        keyed.chain(plain).find(|f| self.digests.contains(&f.digest) && self.list.digests.contains(f))
    }

    /// Tells whether a run encodes text, and compares it and the tokens that it may be part of with listed
    /// key ids and digests.
    pub(crate) fn probe(&self, bytes: &[u8], run: Span, out: &mut Vec<Candidate>) {
        super::encoded::probe(bytes, run, out);
        if !self.plain && !self.keyed && self.list.key_ids.is_empty() {
            return;
        }
        let mut tried = BTreeSet::new();
        for token in readings(bytes, run) {
            if !tried.insert(token) {
                continue;
            }
            let candidate =
                |rule| Candidate { rule, anchor: run.start as u32, start: token.start as u32, end: token.end as u32 };
            let value = token.of(bytes);
            if std::str::from_utf8(value).is_ok_and(|v| self.list.key_ids.contains(v)) {
                out.push(candidate(WATCHED_KEY_ID));
            } else if (self.plain || self.keyed) && self.digest_of(value).is_some() {
                out.push(candidate(WATCHED_DIGEST));
            }
        }
    }
}

/// The ways to read a token around a run: the run; with the dots and tildes that join it to its
/// neighbours; with base64 padding; its parts between slashes.
fn readings(bytes: &[u8], run: Span) -> Vec<Span> {
    const FAR: usize = 200;
    let joins = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'.' | b'~');
    let start = bytes[run.start.saturating_sub(FAR)..run.start].iter().rev().take_while(|b| joins(**b)).count();
    let end = bytes[run.end..(run.end + FAR).min(bytes.len())].iter().take_while(|b| joins(**b)).count();
    let pad = bytes[run.end..].iter().take(2).take_while(|b| **b == b'=').count();
    let mut all = vec![
        run,
        Span::new(run.start - start, run.end + end),
        Span::new(run.start, run.end + end),
        Span::new(run.start, run.end + pad),
    ];
    let mut from = run.start;
    for part in run.of(bytes).split(|b| *b == b'/') {
        if part.len() >= super::runs::MIN_RUN {
            all.push(Span::new(from, from + part.len()));
        }
        from += part.len() + 1;
    }
    all
}
