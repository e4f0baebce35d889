use super::*;
use crate::govern::check::Level;
use crate::govern::facts;
use crate::inventory::{Status, Until, When};

fn ends(days_ago: i32) -> impl FnOnce(&mut Record) {
    move |r| r.expires_at = Until::On(ago(days_ago))
}

#[test]
fn kw401_the_day_itself_still_counts() {
    assert!(one(ends(0)).judge().passes(401));
    let judged = one(ends(1)).judge();
    assert_eq!(judged.one(401).level, Level::Error, "the export still says active");
    let closed = one(|r| {
        ends(1)(r);
        r.status = Some(Status::Expired);
    });
    assert_eq!(closed.judge().one(401).level, Level::Warning);
    assert!(Bench::of(vec![seen("a", "x")]).judge().is_not_asked(401), "no end is known from anywhere");
}

#[test]
fn kw401_by_what_the_token_claims() {
    let token = |exp: i64| {
        seen("a", "x").with(|o| {
            o.claims.facts.insert("exp".to_owned(), exp.into());
        })
    };
    let at = |date: &str| day(date).end().as_second();
    assert!(Bench::of(vec![token(at("2026-06-15"))]).judge().passes(401));
    assert_eq!(Bench::of(vec![token(at("2026-06-14"))]).judge().one(401).level, Level::Warning);
    assert_eq!(Bench::of(vec![token(at("2026-05-01"))]).judge().one(401).level, Level::Note, "long past");
}

#[test]
fn never_unknown_and_missing_are_three_things() {
    let level = |change: fn(&mut Record)| one_at("deploy/prod/a.env", change).judge().one(402).level;
    assert_eq!(level(|r| r.expires_at = Until::Never), Level::Error);
    assert_eq!(level(|r| r.expires_at = Until::Unknown), Level::Warning);
    assert_eq!(
        level(|r| {
            r.expires_at = Until::Unknown;
            r.unknown_fields = thin_vec!["expires_at".into()];
        }),
        Level::Note
    );
    assert_eq!(one(|r| r.expires_at = Until::Never).judge().one(402).level, Level::Warning);
    assert!(one(|_| {}).judge().passes(402));
    assert!(one(|r| r.expires_at = Until::Never).with(|b| b.policy.expiry.allow_never = true).judge().passes(402));
    assert!(Bench::of(vec![]).judge().is_open_question(402));
}

#[test]
fn kw403_on_the_day() {
    let lasting = |days: i32| {
        one(move |r| {
            r.issued_at = Some(ago(10));
            r.expires_at = Until::On(ago(10 - days));
        })
        .judge()
    };
    assert!(lasting(365).passes(403));
    assert_eq!(lasting(366).of(403).len(), 1);
    let endless = |days| {
        one(move |r| {
            r.issued_at = Some(ago(days));
            r.expires_at = Until::Never;
        })
        .judge()
    };
    assert!(endless(365).passes(403));
    assert_eq!(endless(366).of(403).len(), 1);
    open_question(403, |r| r.issued_at = None);
}

#[test]
fn kw404_the_token_outlives_the_record() {
    let claiming = |date: &str| {
        let exp = day(date).start().as_second();
        let token = seen("a", "x").with(|o| {
            o.claims.facts.insert("exp".to_owned(), exp.into());
        });
        Bench::of(vec![token]).records(vec![record("r1", "a")]).judge()
    };
    assert!(claiming("2026-12-01").passes(404));
    assert_eq!(claiming("2026-12-02").of(404).len(), 1);
    assert!(one(|_| {}).judge().is_not_asked(404));
}

#[test]
fn kw405_dates_that_do_nothing() {
    fires(405, |r| r.expiry_enforced = Some(false));
    fires(405, ends(1));
    fires(405, |r| {
        r.expiry_enforced = None;
        r.source = "azure-apim".into();
    });
    assert!(one(ends(0)).judge().passes(405));
    open_question(405, |r| r.expiry_enforced = None);
}

#[test]
fn kw406_within_the_notice() {
    let left = |days: i32| one(ends(-days)).judge();
    assert_eq!(left(30).one(406).level, Level::Note);
    assert!(left(31).passes(406));
    assert_eq!(left(0).of(406).len(), 1);
    let followed = Bench::of(vec![])
        .records(vec![record("r1", "a").with(ends(-3)), record("r2", "b").with(|r| r.supersedes = "r1".into())]);
    assert!(followed.judge().passes(406));
    assert!(Bench::of(vec![]).judge().is_open_question(406));
}

#[test]
fn kw407_on_the_day() {
    let rotated = |days| one(move |r| r.last_rotated_at = Some(ago(days))).judge();
    assert!(rotated(180).passes(407));
    assert_eq!(rotated(181).of(407).len(), 1);
    let own = |days| {
        one(move |r| {
            r.rotation_days = Some(5);
            r.last_rotated_at = Some(ago(days));
        })
        .judge()
    };
    assert!(own(5).passes(407) && own(6).of(407).len() == 1);
    open_question(407, |r| r.issued_at = None);
}

#[test]
fn kw408_the_old_value_is_still_there() {
    let rotated = |date: &str| {
        let observed = vec![seen("a", "x").and_history(&exposure("2026-05-10T12:00:00Z", None))];
        let date = day(date);
        Bench::of(observed).records(vec![record("r1", "a").with(|r| r.last_rotated_at = Some(date))])
    };
    assert_eq!(rotated("2026-05-11").judge().one(408).level, Level::Error);
    assert!(rotated("2026-05-10").judge().passes(408), "introduced on the day of the rotation");
    let mut two = rotated("2026-05-11");
    two.inventory.as_mut().unwrap().records[0].fingerprints.push(print_of("b"));
    assert!(two.judge().is_not_asked(408), "two values during a rotation are legitimate");
    let mut tree = one(|r| r.last_rotated_at = Some(ago(3)));
    tree.observed[0].scope = vec!["tree".to_owned()];
    assert!(tree.judge().is_open_question(408));
}

#[test]
fn kw409_and_kw410_on_the_day() {
    let never = |days| {
        one(move |r| {
            r.last_recertified_at = None;
            r.issued_at = Some(ago(days));
        })
        .judge()
    };
    assert!(never(180).passes(409));
    assert_eq!(never(181).of(409).len(), 1);
    assert!(never(181).is_open_question(410));
    open_question(409, |r| {
        r.last_recertified_at = None;
        r.issued_at = None;
        r.approved_at = None;
    });
    let last = |days| one(move |r| r.last_recertified_at = Some(ago(days))).judge();
    assert!(last(194).passes(410), "180 days and 14 of grace");
    assert_eq!(last(195).one(410).level, Level::Warning);
    assert_eq!(last(361).one(410).level, Level::Error, "more than two periods");
    let short = one(|r| {
        r.last_recertified_at = Some(ago(400));
        r.issued_at = Some(ago(10));
        r.expires_at = Until::On(ago(-80));
    });
    assert!(short.judge().passes(410), "what truly ends within 90 days needs no review");
}

fn contract(until: Until) -> Bench {
    let mut bench = one(|_| {});
    bench.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().contract_end = until;
    bench
}

#[test]
fn kw412_and_kw505_on_the_day() {
    let ended = |days| contract(Until::On(ago(days))).judge();
    assert!(ended(0).passes(412) && ended(0).passes(505));
    assert_eq!((ended(1).of(412).len(), ended(1).of(505).len()), (1, 0), "one day to revoke");
    assert_eq!((ended(2).of(412).len(), ended(2).of(505).len()), (1, 1));
    let finding = ended(2);
    let finding = finding.one(412);
    assert_eq!(finding.facts[facts::CONTRACT_END], ago(2).to_string());
    assert!(!finding.message.contains("2026"), "contract dates stand in facts alone");
    assert!(contract(Until::Never).judge().passes(412));
    assert!(contract(Until::Unknown).judge().is_open_question(412));
    assert!(contract(Until::Unknown).judge().is_open_question(505));
    let gone = one(|r| r.status = Some(Status::Revoked)).with(|b| {
        b.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().contract_end = Until::On(ago(9));
    });
    assert_eq!(gone.judge().of(412).len(), 1, "revoked, but still in the tree");
}

#[test]
fn kw411_reviewed_since_the_renewal() {
    let renewed = |when: Option<When>| {
        let mut bench = one(|_| {});
        bench.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().contract_renewed_at = when;
        bench.judge()
    };
    assert!(renewed(Some(ago(20))).passes(411), "reviewed on the day");
    assert_eq!(renewed(Some(ago(19))).of(411).len(), 1);
    assert!(renewed(Some(ago(-5))).passes(411), "a renewal to come");
    assert!(renewed(None).is_open_question(411));
}

#[test]
fn kw413_and_kw414() {
    let temporary = |days| {
        one(move |r| {
            r.temporary = Some(true);
            r.issued_at = Some(ago(days));
        })
        .judge()
    };
    assert!(temporary(90).passes(413));
    assert_eq!(temporary(91).of(413).len(), 1);
    open_question(413, |r| {
        r.temporary = Some(true);
        r.issued_at = None;
        r.approved_at = None;
    });
    fires(414, |r| r.use_case_status = "ended".into());
    assert!(one(|r| r.use_case_status = "active".into()).judge().passes(414));
    open_question(414, |r| r.use_case_status = ArcStr::new());
}

#[test]
fn kw407_a_date_of_issue_is_not_told_as_a_rotation() {
    let judged = one(|r| {
        (r.issued_at, r.last_rotated_at) = (Some(ago(200)), None);
    })
    .judge();
    let finding = judged.one(407);
    assert!(finding.message.contains("was issued 200 days ago and never rotated since"), "{}", finding.message);
    assert!(finding.facts.contains_key("issued_at") && !finding.facts.contains_key("last_rotated_at"));
}

#[test]
fn kw403_an_unknown_end_is_not_told_as_none() {
    let told = |end: Until| {
        let judged = one(|r| (r.issued_at, r.expires_at) = (Some(ago(400)), end)).judge();
        judged.one(403).message.clone()
    };
    assert!(told(Until::Never).contains("has no end and"), "{}", told(Until::Never));
    assert!(told(Until::Unknown).contains("has no known end and"), "{}", told(Until::Unknown));
}
