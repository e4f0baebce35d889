//! From what a scan found to the rows of an inventory that people complete.
//!
//! What the scan knows is filled in, and nothing is guessed: of people only a suggested owner, by
//! CODEOWNERS, else by the commit that brought the credential in.

use std::collections::{BTreeMap, BTreeSet};

use keyward::{
    Kind, Mode, Observation, Observed, Place, Policy, Scheme, Sighting, Visibility, inventory, without_values,
};

use super::codeowners::CodeOwners;

/// The columns: the minimal profile, and what identifies a credential.
const COLUMNS: [&str; 20] = [
    "id", "partner_id", "kind", "status", "environments", "mode", "purpose", "api_owner", "credential_owner",
    "approved_by", "approved_at", "approval_ref", "expires_at", "last_recertified_at", "offboarding_runbook",
    "fingerprints", "key_id", "hint", "locations", "env_vars",
];
/// What stands for a partner that nobody could name: a row without one would be set aside.
pub(super) const UNNAMED: &str = "unnamed";
/// Most places of one row.
const PLACES: usize = 20;

/// The table, and what to say of it.
#[derive(Default)]
pub(super) struct Found {
    /// The file's text; empty where nothing was found.
    pub(super) table: String,
    /// Rows.
    pub(super) rows: usize,
    /// Owners by CODEOWNERS.
    pub(super) by_codeowners: usize,
    /// Owners by the introducing commit.
    pub(super) by_commit: usize,
    /// Rows whose partner nobody could name.
    pub(super) unnamed: usize,
    /// Rows that have no fingerprint, key id or certificate.
    pub(super) unidentified: usize,
}

/// The secrets that are in the tree now.
pub(super) fn secrets(observed: &[Observed]) -> impl Iterator<Item = &Observation> {
    observed
        .iter()
        .flat_map(|o| &o.observations)
        .filter(|o| o.visibility == Visibility::Secret && places(o).count() > 0)
}

fn places(observation: &Observation) -> impl Iterator<Item = &Sighting> {
    observation.sightings.iter().filter(|s| s.place == Place::Tree)
}

/// The commits that brought them in.
pub(super) fn introduced(observed: &[Observed]) -> BTreeSet<String> {
    secrets(observed).filter_map(commit).map(str::to_owned).collect()
}

fn commit(observation: &Observation) -> Option<&str> {
    observation.exposure.as_ref()?.introduced.as_ref().map(|c| c.commit.as_str())
}

/// The table of what is in the tree.
pub(super) fn table(
    observed: &[Observed],
    policy: &Policy,
    codeowners: Option<&CodeOwners>,
    committers: &BTreeMap<String, String>,
) -> Found {
    let mut found = Found::default();
    let mut rows = Vec::new();
    for observation in secrets(observed) {
        let mut row: BTreeMap<&str, String> = BTreeMap::new();
        let partner = observation.partner.as_ref().filter(|p| p.confidence != "low").map(|p| p.id.as_str());
        let id: String = observation.credential.to_string().chars().take(8).collect();
        row.insert("id", format!("{}-{id}", partner.unwrap_or(&observation.rule)));
        row.insert("partner_id", partner.unwrap_or(UNNAMED).to_owned());
        found.unnamed += usize::from(partner.is_none());
        row.insert("kind", observation.kind.word().to_owned());
        row.insert("environments", environments(observation, policy));
        row.insert("mode", observation.mode.map_or("", |m| if m == Mode::Test { "test" } else { "live" }).to_owned());
        identify(observation, &mut row);
        found.unidentified += usize::from(row["fingerprints"].is_empty() && row["key_id"].is_empty());
        let by_path = codeowners
            .and_then(|all| places(observation).find_map(|s| all.owners(&s.path.to_str_lossy()).into_iter().next()));
        if let Some(owner) = by_path {
            found.by_codeowners += 1;
            row.insert("credential_owner", owner);
        } else if let Some(who) = commit(observation).and_then(|commit| committers.get(commit)) {
            found.by_commit += 1;
            row.insert("credential_owner", who.clone());
        }
        rows.push(COLUMNS.map(|name| row.get(name).map_or_else(String::new, |text| safe(text))).to_vec());
    }
    rows.sort();
    found.rows = rows.len();
    if found.rows > 0 {
        found.table = inventory::table(&COLUMNS, &rows);
    }
    found
}

/// What a credential can be recognised by.
fn identify(observation: &Observation, row: &mut BTreeMap<&str, String>) {
    // Values that people chose can be found from a plain digest, and a hint gives too much of them away.
    let chosen =
        matches!(observation.kind, Kind::BasicAuth | Kind::DbPassword | Kind::ConnectionString | Kind::WebhookSecret);
    let prints = observation.fingerprints.iter().filter(|f| !(chosen && f.scheme == Scheme::Sha256));
    row.insert("fingerprints", joined(prints.map(ToString::to_string)));
    row.insert("key_id", observation.key_id.clone().unwrap_or_default());
    let hint = observation.hint.as_ref().filter(|_| !chosen).map(|h| format!("...{}", h.0));
    row.insert("hint", hint.unwrap_or_default());
    let paths: BTreeSet<String> = places(observation).map(|s| s.path.to_string()).collect();
    row.insert("locations", joined(paths.into_iter().take(PLACES).map(|p| format!("./{p}"))));
    let names: BTreeSet<&str> = places(observation).filter_map(|s| s.key_name.as_deref()).collect();
    let variable =
        |name: &&str| name.len() > 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    row.insert("env_vars", joined(names.into_iter().filter(variable).map(str::to_owned)));
}

fn environments(observation: &Observation, policy: &Policy) -> String {
    let of = |s: &Sighting| policy.environments.of(&s.path, None, None).map(|e| e.name.clone());
    joined(places(observation).filter_map(of).collect::<BTreeSet<String>>())
}

/// Items of a list; one that holds the mark between them is left out.
fn joined(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().filter(|item| !item.contains(';')).collect::<Vec<_>>().join(";")
}

/// A cell without values and control characters, and of which no spreadsheet makes a formula.
fn safe(text: &str) -> String {
    let text = without_values(text);
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.trim_start_matches(['=', '+', '-', '@']).to_owned()
}
