//! Which record an observation belongs to, and what that match may do.
//!
//! Certain and high bind. One single medium candidate binds weakly. Low and suggestion never bind.
//! Several records that fit equally well are all bound weakly: none of them may hide what another
//! one says.

use std::collections::{BTreeMap, BTreeSet};

use super::assess::{Assessment, Matched};
use super::world::name_of;
use crate::detect::{Kind, Visibility};
use crate::inventory::{Facts, Inventory, Level, Matcher, Record, TokenIdentity, could_be_set_aside, is_matchable};
use crate::observe::Observation;

/// What is known of an observation's record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding {
    pub level: Option<Level>,
    pub by: &'static str,
    /// All that fit at `level`.
    pub records: Vec<usize>,
    /// Those that only a hint, a place or a name speaks for.
    pub probable: Vec<usize>,
    /// Nothing bound, and a row that was set aside may be its record.
    pub set_aside: bool,
    /// The inventory has digests of unknown peppers, so that absence means nothing.
    pub not_comparable: bool,
}

impl Binding {
    /// The records that it is bound to.
    pub(crate) fn bound(&self) -> &[usize] {
        match self.level {
            Some(Level::Certain | Level::High) => &self.records,
            Some(Level::Medium) if self.records.len() == 1 => &self.records,
            _ => &[],
        }
    }

    /// At `certain` or `high`.
    pub(crate) fn is_strong(&self) -> bool {
        matches!(self.level, Some(Level::Certain | Level::High)) && !self.records.is_empty()
    }

    /// Below `high`, or not unique: governance findings are capped at warning.
    pub(crate) fn is_weak(&self) -> bool {
        !self.is_strong() || self.records.len() > 1
    }

    /// The records to name as probable: those at a level that does not bind.
    pub(crate) fn suggested(&self) -> impl Iterator<Item = usize> {
        let unbound = if self.bound().is_empty() { self.records.as_slice() } else { &[] };
        let all: BTreeSet<usize> = unbound.iter().chain(&self.probable).copied().collect();
        all.into_iter()
    }

    /// `certain, by key id`.
    pub(crate) fn words(&self) -> Option<String> {
        self.level.map(|level| format!("{}, by {}", level.word(), self.by))
    }

    pub(crate) fn matched(&self, inventory: Option<&Inventory>) -> Matched {
        if self.not_comparable {
            return Matched { level: "not comparable".to_owned(), ..Matched::default() };
        }
        let name = |i: &usize| inventory.and_then(|inv| inv.records.get(*i)).map(name_of);
        let level = self.level.map_or("none", Level::word);
        let records = if self.records.is_empty() { &self.probable } else { &self.records };
        let dates = match (self.bound(), inventory) {
            ([only], Some(inventory)) => inventory.records.get(*only).map(dates).unwrap_or_default(),
            _ => BTreeMap::new(),
        };
        let records = records.iter().filter_map(name).collect();
        Matched { level: level.to_owned(), by: self.by.to_owned(), records, dates }
    }
}

/// The days of its life that a record tells.
fn dates(record: &Record) -> BTreeMap<String, String> {
    [
        ("issued_at", record.issued_at),
        ("approved_at", record.approved_at),
        ("expires_at", record.expires_at.when()),
        ("revoked_at", record.revoked_at),
    ]
    .into_iter()
    .filter_map(|(name, when)| Some((name.to_owned(), when?.to_string())))
    .collect()
}

/// Finds records.
pub(crate) struct Join<'a> {
    matcher: Option<(Matcher<'a>, &'a Inventory)>,
}

impl<'a> Join<'a> {
    pub(crate) fn new(input: &'a Assessment<'a>) -> Self {
        let peppers: BTreeSet<String> = input.observed.iter().flat_map(|o| o.peppers.iter().cloned()).collect();
        Self { matcher: input.inventory.map(|inventory| (Matcher::new(inventory, &peppers), inventory)) }
    }

    /// Whether no record of the inventory can be compared with anything.
    pub(crate) fn nothing_comparable(&self) -> bool {
        let Some((matcher, inventory)) = &self.matcher else { return false };
        let comparable = |(n, record): (usize, &Record)| is_matchable(record) && matcher.is_comparable(n);
        // Records without any identifier are KW106; only foreign digests make absence meaningless.
        matcher.incomparable() > 0 && !inventory.records.iter().enumerate().any(comparable)
    }

    /// Peppers, by name, and schemes that digests of the inventory need and that are not at hand.
    pub(crate) fn missing(&self) -> BTreeSet<String> {
        self.matcher.as_ref().map(|(matcher, _)| matcher.missing().clone()).unwrap_or_default()
    }

    /// The best match of one credential over the repositories that it was seen in.
    pub(crate) fn find(&self, seen: &[(usize, &Observation)]) -> Binding {
        let Some((matcher, inventory)) = &self.matcher else { return Binding::default() };
        let mut best = Binding::default();
        let mut comparable = false;
        for (_, observation) in seen {
            let found = matcher.find(&facts(observation));
            comparable |= !found.not_comparable;
            if better(found.level, best.level) {
                best = Binding { level: found.level, by: found.by, records: found.records, ..best };
            }
            best.probable.extend(found.probable);
        }
        // A suggestion binds nothing: what cannot be compared may still be the record.
        best.not_comparable = !comparable && best.bound().is_empty();
        best.set_aside = best.bound().is_empty()
            && !inventory.set_aside.is_empty()
            && seen.iter().any(|(_, o)| could_be_set_aside(inventory, &facts(o)));
        best.probable.sort_unstable();
        best.probable.dedup();
        best
    }
}

/// What the matcher may know of an observation.
fn facts(observation: &Observation) -> Facts<'_> {
    let claim = |name: &str| observation.claims.facts.get(name).and_then(|v| v.as_str());
    let key_id = observation.key_id.as_deref();
    let secret = observation.visibility == Visibility::Secret;
    let beside = match observation.kind {
        Kind::OauthClientSecret | Kind::BasicAuth | Kind::DbPassword | Kind::ConnectionString | Kind::ApiKeyPair
            if secret =>
        {
            key_id
        }
        _ => None,
    };
    let sightings = || observation.sightings.iter();
    let mut key_names: Vec<&str> = sightings().filter_map(|s| s.key_name.as_deref()).collect();
    key_names.sort_unstable();
    key_names.dedup();
    let mut paths: Vec<&str> = sightings().filter_map(|s| std::str::from_utf8(s.path.as_bytes()).ok()).collect();
    paths.sort_unstable();
    paths.dedup();
    Facts {
        credential: observation.credential,
        fingerprints: &observation.fingerprints,
        watched: &observation.watched,
        key_id,
        key_id_paired: beside.is_some(),
        key_id_shared: observation.key_id_shared,
        hint: observation.hint.as_ref().map(|h| h.0.as_str()),
        kind: observation.kind.word(),
        token: TokenIdentity {
            iss: claim("iss"),
            jti: claim("jti"),
            sub: claim("sub"),
            azp: claim("azp").or_else(|| claim("client_id")),
            kid: claim("kid"),
        },
        key_names,
        paths,
        partner: observation.partner.as_ref().map(|p| p.id.as_str()),
        client_ids_beside: beside.into_iter().collect(),
        client_ids_near: Vec::new(),
    }
}

/// Whether `a` is stronger than `b`.
fn better(a: Option<Level>, b: Option<Level>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a < b,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
