//! Small builders for the tests of this room.

use jiff::civil::Date;
use thin_vec::thin_vec;

use super::assess::{Assessment, Judgement, assess};
use super::check::CheckId;
use super::finding::Finding;
use super::policy::Policy;
use super::roster::{Person, Roster};
use crate::detect::claims::Claims;
use crate::detect::{ChecksumVerdict, Form, Kind, Mode, PathClass, Visibility};
use crate::inventory::{Inventory, Partner, Record, RecordRef, Status, Until, When};
use crate::observe::{CommitRef, Excerpt, Exposure, Observation, Observed, Repository, Sighting};
use crate::position::Location;
use crate::secret::{CredentialId, Fingerprint};
use crate::source::{Place, RepoPath};

/// The day on which the tests judge.
pub(crate) const TODAY: &str = "2026-06-15";

pub(crate) fn day(text: &str) -> When {
    When::Day(text.parse().unwrap())
}

/// A day so many days before today.
pub(crate) fn ago(days: i32) -> When {
    let today: Date = TODAY.parse().unwrap();
    When::Day(today.checked_sub(jiff::Span::new().days(days)).unwrap())
}

/// The fingerprint of the credential called `name`.
pub(crate) fn print_of(name: &str) -> Fingerprint {
    Fingerprint::parse(&format!("sha256:{}", crate::secret::hex(&sha(name)))).unwrap()
}

fn sha(name: &str) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(name.as_bytes()).into()
}

/// A credential called `name`, of a documented form, in the tree at `path`.
pub(crate) fn seen(name: &str, path: &str) -> Observation {
    Observation {
        credential: CredentialId::from_parts("test", &[name.as_bytes()]),
        rule: "acme-api-key".to_owned(),
        title: "Acme API key".to_owned(),
        kind: Kind::ApiKey,
        visibility: Visibility::Secret,
        confidence: Form::Strong,
        checksum: ChecksumVerdict::None,
        mode: None,
        partner: None,
        revoke: None,
        fingerprints: vec![print_of(name)],
        watched: Vec::new(),
        listed: Vec::new(),
        key_id: None,
        key_id_shared: false,
        hint: None,
        claims: Claims::default(),
        sightings: vec![sighting(path)],
        exposure: None,
    }
}

pub(crate) fn sighting(path: &str) -> Sighting {
    let path = RepoPath::new(path);
    Sighting {
        place: Place::Tree,
        location: Location { line: 3, column: 7, end_line: 3, end_column: 40 },
        key_name: Some("ACME_API_KEY".to_owned()),
        key_path: None,
        host: None,
        excerpt: Excerpt::default(),
        path_class: PathClass::of(&path),
        allow: None,
        path,
        exposure: None,
    }
}

pub(crate) fn commit(id: &str, time: &str) -> CommitRef {
    CommitRef { commit: id.to_owned(), time: time.to_owned(), author_time: None }
}

/// The time a credential was in a path: introduced then, and still at HEAD unless `removed`.
pub(crate) fn exposure(introduced: &str, removed: Option<&str>) -> Exposure {
    Exposure {
        introduced: Some(commit("c0ffee", introduced)),
        removed: removed.map(|time| commit("dead10", time)),
        at_head: removed.is_none(),
        ..Exposure::default()
    }
}

/// Small changes, chained.
pub(crate) trait With: Sized {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}
impl With for Observation {}
impl With for Record {}
impl With for Partner {}
impl With for Bench {}
impl With for Policy {}

impl Observation {
    /// Also there.
    pub(crate) fn also(mut self, path: &str) -> Self {
        self.sightings.push(sighting(path));
        self
    }

    /// Not in the tree, but in the history.
    pub(crate) fn only_history(self, exposure: &Exposure) -> Self {
        self.with(|o| {
            for s in &mut o.sightings {
                s.place = Place::History;
                s.exposure = Some(exposure.clone());
            }
        })
    }

    /// In the tree and in the history.
    pub(crate) fn and_history(self, exposure: &Exposure) -> Self {
        self.with(|o| {
            let mut more = o.sightings.clone();
            for s in &mut more {
                s.place = Place::History;
                s.exposure = Some(exposure.clone());
            }
            o.sightings.extend(more);
        })
    }

    pub(crate) fn mode(self, mode: Mode) -> Self {
        self.with(|o| o.mode = Some(mode))
    }
}

/// A record with nothing to complain of, for the credential called `name`.
pub(crate) fn record(id: &str, name: &str) -> Record {
    let list = |t: &str| thin_vec![t.into()];
    Record {
        id: id.into(),
        partner_id: "acme".into(),
        kind: "api_key".into(),
        status: Some(Status::Active),
        environments: list("dev"),
        purpose: "orders".into(),
        api_owner: "team/checkout".into(),
        credential_owner: "team/integrations".into(),
        approved_by: "people/lena".into(),
        approved_at: Some(ago(40)),
        approval_system: "itsm".into(),
        approval_ref: "CHG0041277".into(),
        requested_by: "people/omar".into(),
        approved_scopes: list("orders:read"),
        approved_data_classes: list("internal"),
        data_classes: list("internal"),
        logging_ref: "siem/acme".into(),
        issued_at: Some(ago(30)),
        expires_at: Until::On(day("2026-12-01")),
        expiry_enforced: Some(true),
        last_recertified_at: Some(ago(20)),
        offboarding_runbook: "docs/acme.md".into(),
        offboarding_method: "api".into(),
        offboarding_team: "team/integrations".into(),
        fingerprints: thin_vec![print_of(name)],
        generated_at: Some(ago(1)),
        at: RecordRef { file: "inventory.csv".into(), line: 0, index: 0 },
        ..Record::default()
    }
}

/// A partner with nothing to complain of.
pub(crate) fn partner(id: &str) -> Partner {
    Partner {
        id: id.into(),
        name: "Acme".into(),
        contract_end: Until::On(day("2027-12-31")),
        security_contact: "security@acme.example".into(),
        at: RecordRef { file: "partners.csv".into(), line: 2, index: 0 },
        ..Partner::default()
    }
}

/// Everything that is judged together.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) observed: Vec<Observed>,
    pub(crate) inventory: Option<Inventory>,
    pub(crate) policy: Policy,
    pub(crate) roster: Option<Roster>,
}

impl Bench {
    /// One repository with its tree and history scanned, and no inventory.
    pub(crate) fn of(observations: Vec<Observation>) -> Self {
        let repository =
            Repository { name: "shop".to_owned(), branch: Some("main".to_owned()), ..Repository::default() };
        let scope = vec!["tree".to_owned(), "history".to_owned()];
        let observed = Observed { repository, scope, observations, watchlist: true, ..Observed::default() };
        Self { observed: vec![observed], inventory: None, policy: Policy::default(), roster: None }
    }

    /// With these records and the partner `acme`.
    pub(crate) fn records(self, records: Vec<Record>) -> Self {
        self.with(|b| {
            let mut inventory = b.inventory.take().unwrap_or_default();
            for mut record in records {
                record.at.index = inventory.records.len() as u32;
                record.at.line = record.at.index + 2;
                inventory.records.push(record);
            }
            inventory.partners.entry("acme".to_owned()).or_insert_with(|| partner("acme"));
            b.inventory = Some(inventory);
        })
    }

    pub(crate) fn people(self, people: Vec<Person>) -> Self {
        self.with(|b| b.roster = Some(Roster::new(people)))
    }

    pub(crate) fn judge(&self) -> Judgement {
        self.judge_with(|_| {})
    }

    pub(crate) fn judge_with_history(&self, history: &super::input::InventoryHistory) -> Judgement {
        let mut input = Assessment::new(&self.observed, &self.policy, TODAY.parse().unwrap());
        input.inventory = self.inventory.as_ref();
        input.inventory_history = Some(history);
        assess(&input)
    }

    pub(crate) fn judge_with(&self, change: impl FnOnce(&mut Assessment<'_>)) -> Judgement {
        let mut input = Assessment::new(&self.observed, &self.policy, TODAY.parse().unwrap());
        input.inventory = self.inventory.as_ref();
        input.roster = self.roster.as_ref();
        change(&mut input);
        assess(&input)
    }
}

impl Judgement {
    /// The findings of one check.
    pub(crate) fn of(&self, id: u16) -> Vec<&Finding> {
        self.findings.iter().filter(|f| f.check == CheckId(id)).collect()
    }

    /// The one finding of a check.
    pub(crate) fn one(&self, id: u16) -> &Finding {
        let found = self.of(id);
        assert_eq!(found.len(), 1, "{}: {:?}", CheckId(id), found.iter().map(|f| &f.message).collect::<Vec<_>>());
        found[0]
    }

    /// Evaluated, and no finding.
    pub(crate) fn passes(&self, id: u16) -> bool {
        self.of(id).is_empty() && self.checks[&CheckId(id)].evaluated > 0
    }

    /// Not evaluated for anything, and no finding.
    pub(crate) fn is_open_question(&self, id: u16) -> bool {
        let state = &self.checks[&CheckId(id)];
        self.of(id).is_empty() && state.evaluated == 0 && !state.not_evaluated.is_empty()
    }

    /// Neither asked nor answered.
    pub(crate) fn is_not_asked(&self, id: u16) -> bool {
        let state = &self.checks[&CheckId(id)];
        state.evaluated == 0 && state.not_evaluated.is_empty()
    }
}

#[test]
fn a_sound_record_gives_no_governance_finding() {
    let judged = Bench::of(vec![seen("a", "src/app.env")]).records(vec![record("r1", "a")]).judge();
    let found: Vec<String> = judged.findings.iter().map(|f| format!("{} {}", f.check, f.message)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("KW001 Acme API key in plain text; inventory record r1 (certain, by "), "{found:?}");
}
