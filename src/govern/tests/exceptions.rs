use super::*;
use crate::govern::check::Level;
use crate::govern::exception::{Exception, ExceptionSubject, Exceptions};
use crate::govern::{Disposition, Judgement};
use crate::inventory::{Status, Until};

/// An exception in order, for KW402 of `r1`.
fn exception() -> Exception {
    Exception {
        id: "EXC-1".to_owned(),
        kind: "accepted_risk".to_owned(),
        checks: vec!["KW402".to_owned()],
        subject: ExceptionSubject { credential: "r1".to_owned(), ..ExceptionSubject::default() },
        requested_by: "people/omar".to_owned(),
        approved_by: "people/ines".to_owned(),
        starts_at: Some(ago(30)),
        expires_at: Some(ago(-30)),
        line: 4,
        ..Exception::default()
    }
}

fn judge_on(bench: &Bench, change: impl FnOnce(&mut Exception)) -> Judgement {
    let mut one = exception();
    change(&mut one);
    let exceptions = Exceptions { file: "keyward-exceptions.toml".to_owned(), list: vec![one] };
    let mut input = crate::govern::Assessment::new(&bench.observed, &bench.policy, TODAY.parse().unwrap());
    input.inventory = bench.inventory.as_ref();
    input.exceptions = Some(&exceptions);
    crate::govern::assess(&input)
}

fn judge(change: impl FnOnce(&mut Exception)) -> Judgement {
    judge_on(&one(|r| r.expires_at = Until::Never), change)
}

fn is_covered(judged: &Judgement, id: u16) -> bool {
    matches!(judged.one(id).disposition, Disposition::Excepted { .. })
}

#[test]
fn a_covered_finding_keeps_its_place() {
    let judged = judge(|_| {});
    let until = ago(-30).to_string();
    assert_eq!(judged.one(402).disposition, Disposition::Excepted { id: "EXC-1".to_owned(), until });
    for id in 801..=810 {
        assert!(judged.of(id).is_empty(), "KW{id}");
    }
}

#[test]
fn without_exceptions_all_are_open_questions() {
    let judged = one(|_| {}).judge();
    assert!((801..=810).all(|id| judged.is_open_question(id)));
}

#[test]
fn it_ends_by_itself_on_the_day() {
    assert!(is_covered(&judge(|e| e.expires_at = Some(ago(0))), 402));
    let over = judge(|e| e.expires_at = Some(ago(1)));
    assert!(!is_covered(&over, 402));
    assert_eq!(over.one(801).primary.location.line, 4);
    assert!(!is_covered(&judge(|e| e.starts_at = Some(ago(-1))), 402), "not begun");
}

#[test]
fn what_is_not_in_order_covers_nothing() {
    type Change = fn(&mut Exception);
    let broken: [(u16, Change); 5] = [
        (802, |e| e.expires_at = None),
        (807, |e| e.approved_by = "people/omar".to_owned()),
        (807, |e| e.approved_by.clear()),
        (807, |e| e.approved_by = "team/checkout".to_owned()),
        (810, |e| e.checks = vec!["KW4xx".to_owned()]),
    ];
    for (id, change) in broken {
        let judged = judge(change);
        assert_eq!(judged.of(id).len(), 1, "KW{id}");
        assert!(!is_covered(&judged, 402), "KW{id}");
    }
    assert_eq!(judge(|e| e.expires_at = Some(ago(-61))).of(802).len(), 1, "91 days");
    assert!(judge(|e| e.expires_at = Some(ago(-60))).passes(802), "90 days");
    assert_eq!(judge(|e| e.checks.push("KW603".to_owned())).of(810).len(), 1);
}

#[test]
fn controls_renewals_and_retirement() {
    let legacy = |e: &mut Exception| e.kind = "legacy_system".to_owned();
    assert_eq!((judge(legacy).of(803).len(), judge(legacy).one(806).level), (1, Level::Warning));
    let late = judge(|e| {
        legacy(e);
        e.compensating_controls = vec!["ip_allowlist".to_owned()];
        e.retire_by = Some(ago(1));
    });
    assert!(late.passes(803));
    assert_eq!(late.one(806).level, Level::Error);
    let due = judge(|e| {
        legacy(e);
        e.retire_by = Some(ago(0));
    });
    assert!(due.passes(806), "the day itself still counts");
    assert_eq!(judge(|e| e.renewals = 3).of(808).len(), 1);
    assert!(judge(|e| e.renewals = 2).passes(808));
}

#[test]
fn emergencies_end_and_are_reviewed() {
    let emergency = |ended: i32| {
        move |e: &mut Exception| {
            e.kind = "emergency".to_owned();
            e.starts_at = Some(ago(ended + 7));
            e.expires_at = Some(ago(ended));
        }
    };
    assert!(judge(emergency(0)).passes(804));
    assert_eq!(judge(emergency(1)).one(804).level, Level::Error);
    assert!(judge(emergency(5)).passes(805));
    assert_eq!(judge(emergency(6)).of(805).len(), 1);
    let closed = Bench::of(vec![]).records(vec![record("r1", "a").with(|r| r.status = Some(Status::Revoked))]);
    assert!(judge_on(&closed, emergency(3)).passes(804));
    assert!(judge_on(&Bench::of(vec![]), emergency(3)).is_open_question(804));
}

#[test]
fn kw809_is_said_only_where_its_checks_were_asked() {
    let sound = one(|_| {});
    assert_eq!(judge_on(&sound, |_| {}).one(809).level, Level::Note);
    assert!(judge_on(&Bench::of(vec![]), |_| {}).is_open_question(809), "no inventory, so KW402 was not asked");
}

#[test]
fn a_leak_may_be_excepted_for_a_week() {
    let leak = |days: i32| {
        judge(move |e| {
            e.checks = vec!["KW001".to_owned()];
            e.starts_at = Some(ago(days));
        })
    };
    assert!(is_covered(&leak(7), 1));
    assert!(!is_covered(&leak(8), 1));
}

#[test]
fn fingerprint_and_path_narrow_it() {
    let of = |name: &str, path: &str| {
        let (print, path) = (print_of(name).to_string(), path.to_owned());
        judge(move |e| {
            e.checks = vec!["KW001".to_owned()];
            e.starts_at = Some(ago(1));
            e.subject = ExceptionSubject { credential: String::new(), fingerprint: print, path };
        })
    };
    assert!(is_covered(&of("a", "src/app.env"), 1));
    assert!(!is_covered(&of("b", "src/app.env"), 1));
    assert!(!is_covered(&of("a", "src/other.env"), 1));
}
