use super::*;
use crate::detect::Kind;
use crate::govern::check::Level;
use crate::govern::facts;
use crate::govern::input::{InventoryHistory, RecordChange};
use crate::govern::roster::Person;
use crate::inventory::Handoff;

fn person(id: &str) -> Person {
    Person { id: id.to_owned(), ..Person::default() }
}

fn everybody() -> Vec<Person> {
    vec![person("team/checkout"), person("team/integrations"), person("people/lena"), person("people/omar")]
}

#[test]
fn kw201_and_kw205_by_how_many_are_missing() {
    fires(205, |r| r.api_owner = ArcStr::new());
    let nobody = one(|r| {
        r.api_owner = ArcStr::new();
        r.credential_owner = ArcStr::new();
    })
    .judge();
    assert_eq!(nobody.one(201).level, Level::Error);
    assert!(nobody.is_not_asked(205));
    assert!(one(|_| {}).judge().passes(201));
    assert!(Bench::of(vec![]).judge().is_open_question(201));
    assert!(one(|r| r.status = Some(crate::inventory::Status::Revoked)).judge().is_not_asked(201));
}

#[test]
fn kw202_on_the_last_day() {
    let until = |date: &str| {
        let mut people = everybody();
        people[0].end_date = Some(day(date));
        one(|_| {}).people(people).judge()
    };
    assert!(until(TODAY).passes(202), "the last day still counts");
    let left = until("2026-06-14");
    assert_eq!(left.one(202).facts[facts::OWNER], serde_json::json!(["team/checkout"]));
    assert!(!left.one(202).message.contains("checkout"), "names stand in facts alone");
    assert!(one(|_| {}).judge().is_open_question(202));
    assert!(one(|_| {}).people(vec![person("team/checkout")]).judge().is_open_question(202), "unknown is not present");
}

#[test]
fn kw203_placeholders_and_unknown_teams() {
    let owned_by = |who: &'static str| {
        move |r: &mut Record| {
            r.api_owner = who.into();
            r.credential_owner = who.into();
        }
    };
    for who in ["TBD", "support@corp.example", "team/it", "n/a"] {
        fires(203, owned_by(who));
    }
    assert!(one(owned_by("people/lena")).judge().passes(203));
    assert_eq!(one(owned_by("team/ghosts")).people(everybody()).judge().of(203).len(), 1);
    assert!(one(owned_by("team/it")).people(vec![person("team/it")]).judge().passes(203), "the roster knows it");
    assert!(Bench::of(vec![]).judge().is_open_question(203));
}

#[test]
fn kw204_wants_exactly_one_accountable() {
    let owners =
        |list: &'static [&'static str]| move |r: &mut Record| r.owners = list.iter().map(|o| (*o).into()).collect();
    fires(204, owners(&["business:people/a", "engineering:people/b"]));
    fires(204, owners(&["business:people/a:accountable", "engineering:people/b:accountable"]));
    assert!(one(owners(&["business:people/a:accountable", "engineering:people/b"])).judge().passes(204));
    assert!(Bench::of(vec![]).judge().is_open_question(204));
    // Split ownership and no way out raise each other.
    let both = one(|r| {
        owners(&["business:people/a", "engineering:people/b"])(r);
        r.offboarding_runbook = ArcStr::new();
    })
    .judge();
    assert_eq!(both.one(204).level, Level::Error);
    assert_eq!(both.one(503).modifiers.len(), 1);
}

#[test]
fn kw206_asks_for_the_handoff() {
    let change = RecordChange {
        record: "r1".to_owned(),
        field: "api_owner".to_owned(),
        at: ago(10),
        commit: "c0ffee".to_owned(),
        was_set: true,
    };
    let history = InventoryHistory { changes: vec![change], ..InventoryHistory::default() };
    let judge = |history: &InventoryHistory, bench: Bench| {
        let history = history.clone();
        bench.judge_with_history(&history)
    };
    assert_eq!(judge(&history, one(|_| {})).of(206).len(), 1);
    assert!(judge(&history, one(|r| r.last_rotated_at = Some(ago(10)))).passes(206), "rotated on the day");
    let handed_over = |days| {
        one(|_| {}).with(|b| {
            let handoff = Handoff { record: "r1".to_owned(), at: ago(days) };
            b.inventory.as_mut().unwrap().handoffs.push(handoff);
        })
    };
    assert!(judge(&history, handed_over(10 + 31)).passes(206), "a month before is near enough");
    assert_eq!(judge(&history, handed_over(10 + 32)).of(206).len(), 1);
    let cut = InventoryHistory { cut: true, ..InventoryHistory::default() };
    assert!(judge(&cut, one(|_| {})).is_open_question(206), "it may have changed before");
    assert!(one(|_| {}).judge().is_open_question(206));
}

#[test]
fn one_field_each() {
    fires(207, |r| r.purpose = ArcStr::new());
    fires(209, |r| r.logging_ref = ArcStr::new());
    assert!(Bench::of(vec![]).judge().is_open_question(207));
    assert!(Bench::of(vec![]).judge().is_open_question(209));
}

#[test]
fn kw208_is_said_once_per_partner() {
    let mut bench = Bench::of(vec![]).records(vec![record("r1", "a"), record("r2", "b")]);
    assert!(bench.judge().passes(208));
    bench.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().security_contact = ArcStr::new();
    let judged = bench.judge();
    assert_eq!((judged.one(208).partner.as_deref(), judged.one(208).related.len()), (Some("acme"), 2));
    bench.inventory.as_mut().unwrap().partners.clear();
    assert!(bench.judge().is_open_question(208));
}

#[test]
fn kw210_recognises_people() {
    fires(210, |r| r.kind = Kind::PersonalAccessToken.word().into());
    let token = seen("a", "x").with(|o| {
        o.claims.facts.insert("sub".to_owned(), "lena@corp.example".into());
    });
    let lena = Person { aliases: vec!["lena@corp.example".to_owned()], ..person("people/lena") };
    let bench = Bench::of(vec![token]).records(vec![record("r1", "a")]);
    assert!(bench.judge().passes(210));
    assert_eq!(bench.people(vec![lena]).judge().of(210).len(), 1);
    assert!(Bench::of(vec![]).judge().is_open_question(210));
}
