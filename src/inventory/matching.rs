//! The matching ladder: which record an observation belongs to, and how sure that is.
//!
//! The first level with a match decides; several records at that level are ambiguous and stay so.
//! Certain and high bind; a single medium match binds with reservation; low and suggestion never
//! bind. What could not be compared (a pepper that is not here, a foreign salt) is not absent.
//! Everything is looked up in sorted indexes, never pair by pair.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::field::hint_tail;
use super::hashed::{Hashed, hash_of};
use super::location_index::LocationIndex;
use super::partner_names::{PartnerNames, normal};
use super::record::{Inventory, Record};
use crate::secret::{CredentialId, Fingerprint, Scheme};

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The same value, or its exact public id.
    Certain,
    /// An identifier that stands for this credential alone.
    High,
    /// Strong circumstances.
    Medium,
    /// Probably; never binds.
    Low,
    /// A hint for people; never binds.
    Suggestion,
}

impl Level {
    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Suggestion => "suggestion",
        }
    }

    /// Whether a single match at this level may bind a record.
    pub fn binds(self) -> bool {
        self <= Self::Medium
    }
}

/// Identifiers that a token tells about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenIdentity<'a> {
    /// Issuer.
    pub iss: Option<&'a str>,
    /// The token's own id.
    pub jti: Option<&'a str>,
    /// Subject.
    pub sub: Option<&'a str>,
    /// The client it was issued to: `azp` or `client_id`.
    pub azp: Option<&'a str>,
    /// Key that signed it.
    pub kid: Option<&'a str>,
}

/// What is known of one observed credential.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The credential.
    pub credential: CredentialId,
    /// Digests of the value.
    pub fingerprints: &'a [Fingerprint],
    /// Digests of the watchlist that the value has.
    pub watched: &'a [Fingerprint],
    /// Public key id.
    pub key_id: Option<&'a str>,
    /// The key id stands in a paired field, not in the value: high instead of certain.
    pub key_id_paired: bool,
    /// The key id names an account that other credentials share: it links, and does not identify.
    pub key_id_shared: bool,
    /// Last characters of the value.
    pub hint: Option<&'a str>,
    /// Kind, in the words of [`crate::detect::Kind`].
    pub kind: &'a str,
    /// What a token tells about itself.
    pub token: TokenIdentity<'a>,
    /// Names that it is assigned to.
    pub key_names: Vec<&'a str>,
    /// Paths it was seen in, from the repository's top.
    pub paths: Vec<&'a str>,
    /// Partner that the detection names.
    pub partner: Option<&'a str>,
    /// Client ids, account ids and user names in the same structure.
    pub client_ids_beside: Vec<&'a str>,
    /// The same, elsewhere in the file.
    pub client_ids_near: Vec<&'a str>,
}

/// What the inventory says to one observation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match<'i> {
    /// The level that decided; `None` where nothing matched.
    pub level: Option<Level>,
    /// What matched: `hmac-sha256`, `key id`, `last 4`.
    pub by: &'static str,
    /// The records at that level, sorted; several are ambiguous.
    pub records: Vec<usize>,
    /// The one record that is bound.
    pub bound: Option<&'i Record>,
    /// Nothing bound, and there are records that could not be compared with it.
    pub not_comparable: bool,
    /// Records that it may belong to, where nothing binds: "probably record X".
    pub probable: Vec<usize>,
}

impl<'a> Facts<'a> {
    /// Facts of a credential of which only the digests and the kind are known.
    pub fn new(credential: CredentialId, fingerprints: &'a [Fingerprint], kind: &'a str) -> Self {
        Self {
            credential,
            fingerprints,
            watched: &[],
            key_id: None,
            key_id_paired: false,
            key_id_shared: false,
            hint: None,
            kind,
            token: TokenIdentity::default(),
            key_names: Vec::new(),
            paths: Vec::new(),
            partner: None,
            client_ids_beside: Vec::new(),
            client_ids_near: Vec::new(),
        }
    }
}

impl Match<'_> {
    /// Several records fit equally well at a level that could bind.
    pub fn is_ambiguous(&self) -> bool {
        self.records.len() > 1 && self.level.is_some_and(Level::binds)
    }
}

/// Most records that are named as probable.
const MOST_PROBABLE: usize = 20;
/// Chance of a random hit above which hints are no evidence.
const HINT_CHANCE: f64 = 0.01;
/// Records with one hint beyond which the hint says nothing.
const HINT_CROWD: usize = 5;

/// Keys in sorted order, each with a record.
struct Index<K> {
    entries: Vec<(K, u32)>,
}

impl<K: Ord> Index<K> {
    fn new(entries: impl Iterator<Item = (K, u32)>) -> Self {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        Self { entries }
    }

    fn get(&self, key: &K) -> impl Iterator<Item = usize> {
        let start = self.entries.partition_point(|(k, _)| k < key);
        self.entries[start..].iter().take_while(move |(k, _)| k == key).map(|(_, record)| *record as usize)
    }
}

/// One step of the ladder: level, what matched, and the records.
type Step<'i> = fn(&Matcher<'i>, &Facts<'_>) -> (Level, &'static str, Vec<usize>);

/// The inventory, indexed.
pub struct Matcher<'i> {
    inventory: &'i Inventory,
    names: PartnerNames<'i>,
    fingerprints: Hashed,
    certificates: Index<&'i str>,
    key_ids: Index<&'i str>,
    clients: Index<&'i str>,
    tokens: Index<String>,
    hints: Index<&'i str>,
    hints_refused: [bool; 9],
    variables: Hashed,
    /// The first records of each partner, by its name.
    partners: BTreeMap<String, Vec<usize>>,
    locations: LocationIndex,
    /// Records that have digests, none of which can be compared here.
    incomparable: Vec<u32>,
    missing: BTreeSet<String>,
}

impl<'i> Matcher<'i> {
    /// Indexes an inventory. `available` has the names of the peppers at hand, and the schemes other
    /// than SHA-256 whose digests were looked for (`hmsl`, `radar`, `sha1`).
    pub fn new(inventory: &'i Inventory, available: &BTreeSet<String>) -> Self {
        let records = || inventory.records.iter().enumerate().map(|(i, r)| (r, i as u32));
        let comparable = |f: &Fingerprint| match f.scheme {
            Scheme::HmacSha256 => f.kid.as_ref().is_some_and(|kid| available.contains(kid)),
            Scheme::Sha256 | Scheme::SpkiSha256 => true,
            Scheme::Hmsl | Scheme::Radar | Scheme::Sha1 => available.contains(f.scheme.name()),
        };
        let names = inventory.partner_names();
        let mut incomparable = Vec::new();
        let mut missing = BTreeSet::new();
        for (record, i) in records() {
            let none = !record.fingerprints.is_empty() && !record.fingerprints.iter().any(comparable);
            if none && record.key_id.is_empty() && record.cert_sha256.is_empty() && record.jwt_ids.is_empty() {
                incomparable.push(i);
            }
            for f in record.fingerprints.iter().filter(|f| !comparable(f)) {
                missing.insert(f.kid.clone().unwrap_or_else(|| f.scheme.name().to_owned()));
            }
        }
        // Observations show four characters: a longer hint is compared by its last four as well.
        let tails = |h: &'i str| [h, &h[h.len() - 4..]];
        let hints =
            Index::new(records().flat_map(|(r, i)| usable_hint(r).into_iter().flat_map(tails).map(move |h| (h, i))));
        let hints_refused = refused_hints(&hints);
        Self {
            inventory,
            fingerprints: Hashed::new(records().flat_map(|(r, i)| r.fingerprints.iter().map(move |f| (hash_of(f), i)))),
            certificates: Index::new(
                records().filter(|(r, _)| !r.cert_sha256.is_empty()).map(|(r, i)| (r.cert_sha256.as_str(), i)),
            ),
            key_ids: Index::new(records().flat_map(|(r, i)| r.key_id.iter().map(move |k| (k.as_str(), i)))),
            clients: Index::new(
                records().flat_map(|(r, i)| r.client_ids.iter().chain(&r.key_id).map(move |k| (k.as_str(), i))),
            ),
            tokens: Index::new(
                records().flat_map(|(r, i)| r.jwt_ids.iter().filter_map(|j| token_keys(j)).map(move |k| (k, i))),
            ),
            hints,
            hints_refused,
            variables: Hashed::new(
                records().flat_map(|(r, i)| r.env_vars.iter().map(move |v| (hash_of(&normal(v)), i))),
            ),
            partners: first_of_each(inventory, &names),
            names,
            locations: LocationIndex::new(
                records().flat_map(|(r, i)| r.locations.iter().map(move |l| (l.as_str(), i))),
            ),
            incomparable,
            missing,
        }
    }

    /// Peppers (by name) and schemes that records need and that are not at hand.
    pub fn missing(&self) -> &BTreeSet<String> {
        &self.missing
    }

    /// How many records could be compared with nothing.
    pub fn incomparable(&self) -> usize {
        self.incomparable.len()
    }

    /// The records whose digests cannot be compared here, sorted.
    pub fn is_comparable(&self, record: usize) -> bool {
        self.incomparable.binary_search(&(record as u32)).is_err()
    }

    /// Finds the records of one observation.
    pub fn find(&self, facts: &Facts<'_>) -> Match<'i> {
        let ladder: [Step<'i>; 9] = [
            Self::by_digest,
            Self::by_key_id,
            Self::by_token_id,
            Self::by_client,
            Self::by_long_hint,
            Self::by_token_subject,
            Self::by_short_hint,
            Self::by_location,
            Self::by_name,
        ];
        let mut decided = Match::default();
        let mut order = ladder.iter().map(|step| step(self, facts)).collect::<Vec<_>>();
        for level in [Level::Certain, Level::High, Level::Medium, Level::Low, Level::Suggestion] {
            let mut at_level: Vec<_> = order.extract_if(.., |(l, _, found)| *l == level && !found.is_empty()).collect();
            if at_level.is_empty() {
                continue;
            }
            let by = at_level[0].1;
            let found = together(at_level.drain(..).map(|(_, _, found)| found), level > Level::Certain);
            decided = Match { level: Some(level), by, records: found, ..decided };
            break;
        }
        let binds = decided.level.is_some_and(Level::binds);
        if binds {
            if let [one] = decided.records[..] {
                decided.bound = self.inventory.records.get(one);
            }
        } else {
            decided.probable.clone_from(&decided.records);
            decided.probable.truncate(MOST_PROBABLE);
        }
        if decided.bound.is_none() && decided.level.is_none_or(|l| l > Level::High) {
            decided.not_comparable = self.incomparable.iter().any(|r| self.could_be(facts, *r as usize));
        }
        decided
    }

    /// Whether nothing known speaks against this record.
    fn could_be(&self, facts: &Facts<'_>, record: usize) -> bool {
        let record = &self.inventory.records[record];
        let partner = facts.partner.and_then(|p| self.names.find(p));
        let other_partner = partner.is_some_and(|p| !record.partner_id.is_empty() && record.partner_id != p);
        same_kind(&record.kind, facts.kind) && !other_partner
    }

    fn by_digest(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let mut by = "";
        let mut found = Vec::new();
        for fingerprint in facts.fingerprints.iter().chain(facts.watched) {
            let before = found.len();
            let has = |r: &usize| self.inventory.records[*r].fingerprints.contains(fingerprint);
            found.extend(self.fingerprints.get(fingerprint).filter(has));
            if matches!(fingerprint.scheme, Scheme::Sha256 | Scheme::SpkiSha256) {
                found.extend(self.certificates.get(&fingerprint.digest.as_str()));
            }
            if before == 0 && found.len() > before {
                by = fingerprint.scheme.name();
            }
        }
        (Level::Certain, by, found)
    }

    fn by_key_id(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        if facts.key_id_shared && !facts.key_id_paired {
            let found = facts.key_id.map(|id| self.clients.get(&id).collect()).unwrap_or_default();
            return (Level::Medium, "account id in the value", found);
        }
        let found = facts.key_id.map(|id| self.key_ids.get(&id).collect()).unwrap_or_default();
        match (facts.key_id_paired, facts.token.jti) {
            (true, _) => (Level::High, "paired key id", found),
            // Issuers number their tokens each for itself.
            (_, Some(jti)) if facts.key_id == Some(jti) => (Level::High, "token id", found),
            _ => (Level::Certain, "key id", found),
        }
    }

    fn by_token_id(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let key = facts.token.iss.zip(facts.token.jti).map(|(iss, jti)| token_key(&[("iss", iss), ("jti", jti)]));
        (Level::High, "token id", key.map(|k| self.tokens.get(&k).collect()).unwrap_or_default())
    }

    fn by_client(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let found: Vec<usize> = facts.client_ids_beside.iter().flat_map(|c| self.clients.get(c)).collect();
        if !found.is_empty() {
            return (Level::High, "client id beside it", found);
        }
        let near = facts.client_ids_near.iter().flat_map(|c| self.clients.get(c)).collect();
        (Level::Medium, "client id in the same file", near)
    }

    fn by_long_hint(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        (Level::Medium, "last 8", self.by_hint(facts, 8))
    }

    fn by_short_hint(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        (Level::Low, "last 4", self.by_hint(facts, 4))
    }

    fn by_hint(&self, facts: &Facts<'_>, length: usize) -> Vec<usize> {
        let Some(hint) = facts.hint.filter(|h| h.is_ascii() && h.len() >= length) else { return Vec::new() };
        if self.hints_refused[length] {
            return Vec::new();
        }
        let tail = &hint[hint.len() - length..];
        let found = self.hints.get(&tail);
        let found: Vec<usize> = found.filter(|r| same_kind(&self.inventory.records[*r].kind, facts.kind)).collect();
        if found.len() > HINT_CROWD { Vec::new() } else { found }
    }

    fn by_token_subject(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let token = &facts.token;
        let Some(iss) = token.iss else { return (Level::Medium, "", Vec::new()) };
        let names = [("sub", token.sub), ("azp", token.azp), ("kid", token.kid)];
        let all: Vec<_> = names.iter().filter_map(|(n, v)| Some((*n, (*v)?))).collect();
        // Every set of two or three of them, as records name fewer than the token knows.
        let mut found = Vec::new();
        for mask in 1_usize..1 << all.len() {
            let mut parts = vec![("iss", iss)];
            parts.extend(all.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, part)| *part));
            found.extend(self.tokens.get(&token_key(&parts)));
        }
        (Level::Medium, "token issuer and subject", found)
    }

    fn by_location(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let mut found: Vec<usize> = facts.paths.iter().flat_map(|p| self.locations.find(p)).collect();
        found.retain(|r| same_kind(&self.inventory.records[*r].kind, facts.kind));
        (Level::Low, "declared location", found)
    }

    fn by_name(&self, facts: &Facts<'_>) -> (Level, &'static str, Vec<usize>) {
        let names = facts.key_names.iter().map(|n| normal(n));
        let has = |r: &usize, name: &str| self.inventory.records[*r].env_vars.iter().any(|v| normal(v) == name);
        let found = names.flat_map(|n| self.variables.get(&n).filter(|r| has(r, &n)).collect::<Vec<_>>());
        let found: Vec<usize> = found.collect();
        if !found.is_empty() {
            return (Level::Suggestion, "variable name", found);
        }
        let partner = facts.partner.map(|p| normal(self.names.find(p).unwrap_or(p)));
        let found = partner.and_then(|p| self.partners.get(&p).cloned()).unwrap_or_default();
        (Level::Suggestion, "partner", found)
    }
}

/// The first records of each partner, by its name.
fn first_of_each(inventory: &Inventory, names: &PartnerNames<'_>) -> BTreeMap<String, Vec<usize>> {
    // Thousands of records share a partner: each spelling is looked up once.
    let mut spelled: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut spellings = Vec::new();
    for (i, record) in inventory.records.iter().enumerate().filter(|(_, r)| !r.partner_id.is_empty()) {
        let records = spelled.entry(&record.partner_id).or_insert_with(|| {
            spellings.push(record.partner_id.as_str());
            Vec::new()
        });
        if records.len() < MOST_PROBABLE {
            records.push(i);
        }
    }
    let mut first: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for spelling in spellings {
        let name = normal(names.find(spelling).unwrap_or(spelling));
        first.entry(name).or_default().extend(spelled.remove(spelling).unwrap_or_default());
    }
    for records in first.values_mut() {
        records.sort_unstable();
        records.truncate(MOST_PROBABLE);
    }
    first
}

/// The records that several steps of one level found. Digests and key ids that name different
/// records are ambiguous; circumstances that agree on some records narrow each other down.
fn together(found: impl Iterator<Item = Vec<usize>>, narrows: bool) -> Vec<usize> {
    let mut all: Vec<usize> = Vec::new();
    for mut more in found {
        more.sort_unstable();
        more.dedup();
        let common: Vec<usize> = more.iter().copied().filter(|r| all.binary_search(r).is_ok()).collect();
        if narrows && !common.is_empty() {
            all = common;
        } else {
            all.append(&mut more);
            all.sort_unstable();
            all.dedup();
        }
    }
    all
}

/// Kinds speak against each other only where both are known and particular.
pub(super) fn same_kind(record: &str, observed: &str) -> bool {
    record.is_empty() || observed.is_empty() || record == observed || record == "other" || observed == "other"
}

/// A record's hint, where it may serve at all: passwords and short values show too much by it.
fn usable_hint(record: &Record) -> Option<&str> {
    let weak = matches!(record.kind.as_str(), "basic_auth" | "db_password" | "connection_string");
    let tail = hint_tail(&record.hint).filter(|_| !weak)?;
    match tail.len() {
        8 => Some(tail),
        4..8 => Some(&tail[tail.len() - 4..]),
        _ => None,
    }
}

/// For each length, whether a random value would hit some hint too often.
fn refused_hints(hints: &Index<&str>) -> [bool; 9] {
    let mut expected = [0.0; 9];
    let mut last = "";
    for (hint, _) in &hints.entries {
        if *hint != last {
            let hex = hint.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            let alphabet: f64 = if hex { 16.0 } else { 62.0 };
            expected[hint.len()] += alphabet.powf(-(hint.len() as f64));
            last = hint;
        }
    }
    expected.map(|chance| chance > HINT_CHANCE)
}

/// One key for a set of a token's identifiers, whatever their order.
fn token_key(parts: &[(&str, &str)]) -> String {
    let mut parts: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.sort_unstable();
    parts.join("\n")
}

/// The keys of a declared `iss=...;jti=...`: with `jti` only issuer and id count.
fn token_keys(declared: &str) -> Option<String> {
    let mut parts: Vec<(&str, &str)> = declared.split(';').filter_map(|p| p.split_once('=')).collect();
    for part in &mut parts {
        if part.0 == "client_id" {
            part.0 = "azp";
        }
    }
    parts.retain(|p| p.0 != "aud");
    if parts.iter().any(|p| p.0 == "jti") {
        parts.retain(|p| matches!(p.0, "iss" | "jti"));
    }
    (parts.len() >= 2).then(|| token_key(&parts))
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
