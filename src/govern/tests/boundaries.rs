//! Dated checks on the day itself: nothing moves but the day that is judged on.

use jiff::civil::Date;

use super::*;
use crate::govern::Assessment;
use crate::govern::exception::{Exception, ExceptionSubject, Exceptions};
use crate::govern::roster::{Person, Roster};
use crate::inventory::{Status, Until};

/// What is judged on each day.
#[derive(Clone)]
struct Scene {
    bench: Bench,
    exceptions: Vec<Exception>,
}

fn scene(change: impl FnOnce(&mut Record)) -> Scene {
    Scene { bench: one(change), exceptions: Vec::new() }
}

fn contract(end: &str) -> Scene {
    let mut all = scene(|r| r.expires_at = Until::On(day("2030-01-01")));
    all.bench.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().contract_end = Until::On(day(end));
    all
}

fn excepted(change: impl FnOnce(&mut Exception)) -> Scene {
    let exception = Exception {
        id: "EXC-1".to_owned(),
        kind: "emergency".to_owned(),
        checks: vec!["KW402".to_owned()],
        subject: ExceptionSubject { credential: "r1".to_owned(), ..ExceptionSubject::default() },
        requested_by: "people/omar".to_owned(),
        approved_by: "people/ines".to_owned(),
        starts_at: Some(day("2026-06-09")),
        expires_at: Some(day("2026-06-15")),
        retire_by: Some(day("2026-06-15")),
        ..Exception::default()
    }
    .with_change(change);
    Scene { exceptions: vec![exception], ..scene(|r| r.expires_at = Until::Never) }
}

trait WithChange: Sized {
    fn with_change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}
impl WithChange for Exception {}

fn fails_on(scene: &Scene, id: u16, on: Date) -> bool {
    let people = ["team/checkout", "team/integrations", "people/lena", "people/omar", "people/ines"];
    let person = |id: &str| Person {
        id: id.to_owned(),
        end_date: (id == "team/checkout").then(|| day("2026-06-15")),
        ..Person::default()
    };
    let roster = Roster::new(people.iter().map(|id| person(id)).collect());
    let exceptions = Exceptions { file: "exceptions.toml".to_owned(), list: scene.exceptions.clone() };
    let mut input = Assessment::new(&scene.bench.observed, &scene.bench.policy, on);
    input.inventory = scene.bench.inventory.as_ref();
    input.exceptions = (!scene.exceptions.is_empty()).then_some(&exceptions);
    input.roster = (id == 202).then_some(&roster);
    !crate::govern::assess(&input).of(id).is_empty()
}

/// Each check, its scene, and the last day on which it passes: 15 June 2026.
fn table() -> Vec<(u16, Scene)> {
    let d = day;
    vec![
        (
            102,
            Scene {
                bench: Bench::of(vec![]).records(vec![record("r1", "a").with(|r| {
                    r.locations = thin_vec!["src/**".into()];
                    r.last_used_at = Some(d("2026-03-17"));
                })]),
                exceptions: Vec::new(),
            },
        ),
        (107, scene(|r| r.generated_at = Some(d("2026-06-08")))),
        (202, scene(|_| {})),
        (401, scene(|r| r.expires_at = Until::On(d("2026-06-15")))),
        (
            403,
            scene(|r| {
                r.expires_at = Until::Never;
                r.issued_at = Some(d("2025-06-15"));
            }),
        ),
        (405, scene(|r| r.expires_at = Until::On(d("2026-06-15")))),
        (406, scene(|r| r.expires_at = Until::On(d("2026-07-16")))),
        (407, scene(|r| r.last_rotated_at = Some(d("2025-12-17")))),
        (
            409,
            scene(|r| {
                r.last_recertified_at = None;
                r.issued_at = Some(d("2025-12-17"));
            }),
        ),
        (410, scene(|r| r.last_recertified_at = Some(d("2025-12-03")))),
        (412, contract("2026-06-15")),
        (
            413,
            scene(|r| {
                r.temporary = Some(true);
                r.issued_at = Some(d("2026-03-17"));
            }),
        ),
        (505, contract("2026-06-14")),
        (
            506,
            scene(|r| {
                r.status = Some(Status::Revoked);
                r.revoked_at = Some(d("2026-06-08"));
            }),
        ),
        (801, excepted(|_| {})),
        (804, excepted(|_| {})),
        (
            805,
            excepted(|e| {
                e.starts_at = Some(d("2026-06-04"));
                e.expires_at = Some(d("2026-06-10"));
            }),
        ),
        (806, excepted(|e| e.kind = "legacy_system".to_owned())),
    ]
}

#[test]
fn every_dated_check_passes_on_its_last_day_and_fails_on_the_next() {
    let days = ["2026-06-14", "2026-06-15", "2026-06-16"];
    let mut wrong = Vec::new();
    for (id, scene) in table() {
        let told = days.map(|on| fails_on(&scene, id, on.parse().unwrap()));
        if told != [false, false, true] {
            wrong.push(format!("KW{id}: {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "the day before, the day, the day after: {wrong:?}");
}

#[test]
fn a_moment_counts_to_the_end_of_its_day() {
    // A time of day on the last day ends nothing before the day is over.
    let at = |text: &str| scene(|r| r.expires_at = Until::On(crate::inventory::When::At(text.parse().unwrap())));
    for (text, day_of_end) in [("2026-06-15T00:00:00Z", false), ("2026-06-15T23:59:59Z", false)] {
        assert_eq!(fails_on(&at(text), 401, "2026-06-15".parse().unwrap()), day_of_end, "{text}");
        assert!(fails_on(&at(text), 401, "2026-06-16".parse().unwrap()), "{text}");
    }
    // Midnight of another zone is the day before in UTC.
    assert!(fails_on(&at("2026-06-15T00:00:00+02:00"), 401, "2026-06-15".parse().unwrap()));
}
