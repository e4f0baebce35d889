use super::*;
use crate::govern::check::Level;
use crate::govern::facts;
use crate::govern::input::{InventoryHistory, RecordChange};
use crate::govern::roster::Person;
use crate::inventory::Status;

#[test]
fn approver_and_record_of_the_approval() {
    fires(301, |r| r.approved_by = ArcStr::new());
    fires(302, |r| r.approval_ref = ArcStr::new());
    fires(302, |r| r.approval_ref = "ask Lena".into());
    assert!(one(|r| r.approval_ref = "https://tickets.example/7".into()).judge().passes(302));
    let nobody = one(|r| r.approved_by = ArcStr::new()).judge();
    assert!(nobody.is_not_asked(302) && nobody.is_not_asked(303));
    let production = one_at("deploy/prod/a.env", |r| r.approved_by = ArcStr::new()).judge();
    assert_eq!(production.one(301).level, Level::Error);
    for id in [301, 302, 303] {
        assert!(Bench::of(vec![]).judge().is_open_question(id));
    }
}

#[test]
fn kw303_by_letters_is_a_warning_by_the_roster_an_error() {
    fires(303, |r| r.approved_by = "people/omar".into());
    let bench = one(|r| r.approved_by = "Team/Checkout".into());
    assert_eq!(bench.judge().one(303).level, Level::Warning);
    let omar =
        Person { id: "people/omar".to_owned(), aliases: vec!["omar@corp.example".to_owned()], ..Person::default() };
    let judged = one(|r| r.approved_by = "Omar <omar@corp.example>".into()).people(vec![omar]).judge();
    assert_eq!(judged.one(303).level, Level::Error);
    assert!(judged.one(303).message.ends_with("is also its requester."));
    assert!(judged.one(303).facts.contains_key(facts::APPROVER));
}

#[test]
fn kw303_knows_the_committer_if_told() {
    let there = exposure("2026-05-20T00:00:00Z", None);
    let bench = Bench::of(vec![seen("a", "x").and_history(&there)]).records(vec![record("r1", "a")]);
    assert!(bench.judge().is_open_question(303));
    let told = |who: &str| {
        let mut bench = bench.clone();
        bench.observed[0].committers = [("c0ffee".to_owned(), vec![crate::observe::name_digest(who)])].into();
        bench.judge()
    };
    assert_eq!(told("people/lena").of(303).len(), 1);
    assert!(told("people/omar").passes(303));
}

#[test]
fn kw304_on_the_day() {
    let introduced = |time: &str| {
        let observed = vec![seen("a", "x").and_history(&exposure(time, None))];
        Bench::of(observed).records(vec![record("r1", "a").with(|r| r.approved_at = Some(day("2026-05-10")))])
    };
    assert!(introduced("2026-05-09T00:00:00Z").judge().passes(304), "within the tolerance of a day");
    let early = introduced("2026-05-08T23:59:59Z").judge();
    assert_eq!(early.one(304).level, Level::Error);
    let mut shallow = introduced("2026-05-12T00:00:00Z");
    shallow.observed[0].repository.shallow = true;
    assert!(shallow.judge().is_open_question(304), "history is cut: it may be older");
    let mut shallow = introduced("2026-05-01T00:00:00Z");
    shallow.observed[0].repository.shallow = true;
    assert_eq!(shallow.judge().of(304).len(), 1, "what fires is still true");
    let mut tree = one(|_| {});
    tree.observed[0].scope = vec!["tree".to_owned()];
    assert!(tree.judge().is_open_question(304));
}

#[test]
fn kw305_allowed_systems() {
    fires(305, |r| r.approval_system = "email".into());
    open_question(305, |r| r.approval_system = ArcStr::new());
}

#[test]
fn kw306_what_changed_after_the_approval() {
    let change = |field: &str, days| InventoryHistory {
        changes: vec![RecordChange {
            record: "r1".to_owned(),
            field: field.to_owned(),
            at: ago(days),
            commit: "c0ffee".to_owned(),
            was_set: true,
        }],
        ..InventoryHistory::default()
    };
    // Approved 40 days ago.
    assert_eq!(one(|_| {}).judge_with_history(&change("approved_scopes", 39)).of(306).len(), 1);
    assert!(one(|_| {}).judge_with_history(&change("approved_scopes", 40)).passes(306));
    assert!(one(|_| {}).judge_with_history(&change("purpose", 3)).passes(306));
    assert!(one(|_| {}).judge().is_open_question(306));
}

#[test]
fn kw307_who_may_approve() {
    let bench = |list: &[&str]| {
        one(|_| {}).with(|b| {
            b.policy.approval.approvers.insert("default".to_owned(), list.iter().map(|l| (*l).to_owned()).collect());
        })
    };
    assert!(bench(&["people/lena"]).judge().passes(307));
    assert_eq!(bench(&["people/ines"]).judge().of(307).len(), 1);
    assert!(bench(&["group/architects"]).judge().is_open_question(307));
    let lena = |change: fn(&mut Person)| {
        let mut lena = Person { id: "people/lena".to_owned(), ..Person::default() };
        change(&mut lena);
        vec![lena]
    };
    assert!(
        bench(&["group/architects"])
            .people(lena(|p| p.teams = vec!["group/architects".to_owned()]))
            .judge()
            .passes(307)
    );
    assert_eq!(bench(&["people/lena"]).people(lena(|p| p.end_date = Some(ago(41)))).judge().of(307).len(), 1);
    assert!(
        bench(&["people/lena"]).people(lena(|p| p.end_date = Some(ago(40)))).judge().passes(307),
        "there on that day"
    );
    assert!(one(|_| {}).judge().is_open_question(307));
}

#[test]
fn kw308_status_decides_by_environment() {
    fires(308, |r| r.status = Some(Status::Requested));
    let split = |path: &str| {
        one_at(path, |r| {
            r.status_by_environment =
                [("production".to_owned(), Status::Requested), ("test".to_owned(), Status::Active)].into();
        })
        .judge()
    };
    assert_eq!(split("deploy/prod/a.env").of(308).len(), 1);
    assert!(split("deploy/test/a.env").passes(308));
    open_question(308, |r| r.status = None);
}
