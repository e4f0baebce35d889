use super::*;
use crate::detect::{Form, Mode, Visibility};
use crate::govern::check::{CheckId, Level};
use crate::inventory::{RecordRef, RowError, Status};
use crate::secret::{Fingerprint, Hint};
use crate::source::coverage::Reason;

fn foreign() -> Fingerprint {
    Fingerprint::parse(&format!("hmac-sha256:c4237cf8:{}", "ab".repeat(32))).unwrap()
}

#[test]
fn kw101_says_what_is_in_no_inventory() {
    let judged = Bench::of(vec![seen("b", "src/b.env")]).records(vec![record("r1", "a")]).judge();
    assert_eq!(judged.one(101).level, Level::Error);
    assert!(one(|_| {}).judge().passes(101));
    assert!(Bench::of(vec![seen("a", "x")]).judge().is_open_question(101));
}

#[test]
fn kw101_does_not_ask_of_identifiers() {
    let id = seen("b", "src/b.env").with(|o| o.visibility = Visibility::Identifier);
    assert!(Bench::of(vec![id]).records(vec![record("r1", "a")]).judge().is_not_asked(101));
}

#[test]
fn kw101_of_a_test_credential_in_tests_is_a_note() {
    let level = |path: &str| {
        let bench = Bench::of(vec![seen("b", path).mode(Mode::Test)]).records(vec![record("r1", "a")]);
        bench.judge().one(101).level
    };
    assert_eq!((level("tests/b.env"), level("src/b.env")), (Level::Note, Level::Error));
}

#[test]
fn an_unknown_pepper_is_not_absence() {
    let bench = one(|r| r.fingerprints = thin_vec![foreign()]);
    let judged = bench.judge();
    assert!(judged.is_open_question(101));
    assert_eq!(judged.matches.values().next().map(|m| m.level.as_str()), Some("not comparable"));
    assert_eq!(judged.coverage.counts.get(&Reason::NotComparable), Some(&1), "the gap turns the exit code");
    let mut known = bench;
    known.observed[0].peppers = vec!["c4237cf8".to_owned()];
    assert_eq!(known.judge().of(101).len(), 1);
    assert!(known.judge().coverage.counts.is_empty());
}

#[test]
fn rows_that_were_set_aside_leave_kw101_open() {
    let mut bench = Bench::of(vec![seen("b", "x")]).records(vec![record("r1", "a")]);
    let error = RowError {
        at: RecordRef { file: "inventory.csv".into(), line: 9, index: 7 },
        id: Some("r9".to_owned()),
        field: "expires_at".to_owned(),
        problem: "expected a date".to_owned(),
        set_aside: true,
    };
    let inventory = bench.inventory.as_mut().unwrap();
    inventory.errors.push(error);
    inventory.set_aside.push(Record::default());
    let judged = bench.judge();
    assert!(judged.is_open_question(101), "nothing of the row was read: it may be its record");
    let finding = judged.one(110);
    assert_eq!((finding.primary.location.line, finding.record.as_deref()), (9, Some("r9")));
    assert_eq!(judged.coverage.counts.get(&Reason::InventoryRows), Some(&1));
}

#[test]
fn a_row_that_was_set_aside_and_is_another_credentials_changes_nothing() {
    let with = |row: Record| {
        Bench::of(vec![seen("b", "x")])
            .records(vec![record("r1", "a")])
            .with(|b| b.inventory.as_mut().unwrap().set_aside.push(row))
            .judge()
    };
    let row = || Record { partner_id: "acme".into(), ..Record::default() };
    assert!(with(row()).is_open_question(101));
    assert_eq!(with(Record { fingerprints: thin_vec![print_of("c")], ..row() }).of(101).len(), 1, "of another value");
    assert!(with(Record { fingerprints: thin_vec![print_of("b")], ..row() }).is_open_question(101), "its own");
    let half_read =
        Record { fingerprints: thin_vec![print_of("c")], unknown_fields: thin_vec!["fingerprints".into()], ..row() };
    assert!(with(half_read).is_open_question(101), "one of its digests could not be read");
    assert_eq!(with(Record { kind: "ssh_key".into(), ..row() }).of(101).len(), 1, "of another kind");
    let foreign = Fingerprint::parse(&format!("hmac-sha256:c4237cf8:{}", "0".repeat(64))).unwrap();
    assert!(with(Record { fingerprints: thin_vec![foreign], ..row() }).is_open_question(101), "not comparable");
}

#[test]
fn an_inventory_without_records_is_a_gap() {
    let bench = Bench::of(vec![]).records(vec![]);
    assert_eq!(bench.judge().coverage.counts.get(&Reason::NotComparable), Some(&1));
    assert!(Bench::of(vec![]).judge().coverage.counts.is_empty(), "none was given, and none is missed");
}

#[test]
fn a_single_medium_match_binds_with_reservation() {
    let hinted = |id: &str| record(id, "other").with(|r| r.hint = "...abcd1234".into());
    let observed = || {
        seen("a", "src/a.env").with(|o| {
            o.hint = Some(Hint("abcd1234".to_owned()));
        })
    };
    let judged =
        Bench::of(vec![observed()]).records(vec![hinted("r1").with(|r| r.status = Some(Status::Revoked))]).judge();
    assert!(judged.of(101).is_empty());
    assert_eq!(judged.one(105).level, Level::Note);
    assert_eq!(judged.one(501).level, Level::Warning, "capped: {:?}", judged.one(501).modifiers);
    // Two medium candidates bind nothing.
    let judged = Bench::of(vec![observed()]).records(vec![hinted("r1"), hinted("r2")]).judge();
    assert_eq!((judged.of(101).len(), judged.of(104).len(), judged.of(105).len()), (1, 1, 0));
    assert!(judged.one(101).message.contains("possibly record r1"), "{}", judged.one(101).message);
}

#[test]
fn a_low_match_never_binds() {
    let low = record("r1", "other").with(|r| r.hint = "...1234".into());
    let observed = seen("a", "src/a.env").with(|o| o.hint = Some(Hint("1234".to_owned())));
    let judged = Bench::of(vec![observed]).records(vec![low]).judge();
    assert!(judged.one(101).message.ends_with("; probably record r1."), "{}", judged.one(101).message);
    assert!(judged.of(105).is_empty());
}

#[test]
fn kw102_needs_declared_locations_and_a_complete_scan() {
    let unseen = |change: fn(&mut Record)| Bench::of(vec![]).records(vec![record("r1", "a").with(change)]);
    let declared = |r: &mut Record| r.locations = thin_vec!["src/**".into()];
    assert_eq!(unseen(declared).judge().one(102).level, Level::Note);
    assert!(unseen(|_| {}).judge().is_open_question(102));
    assert!(one(declared).judge().passes(102));
    let mut gap = unseen(declared);
    gap.observed[0].coverage.count(Reason::Unreadable, 1);
    assert!(gap.judge().is_open_question(102));
    let mut incomparable = unseen(declared);
    incomparable.inventory.as_mut().unwrap().records[0].fingerprints = thin_vec![foreign()];
    assert!(incomparable.judge().is_open_question(102));
    assert!(
        unseen(|r| {
            r.locations = thin_vec!["src/**".into()];
            r.last_used_at = Some(ago(90));
        })
        .judge()
        .passes(102)
    );
}

#[test]
fn kw103_finds_records_of_one_credential() {
    let pair = |id: &str| vec![record("r1", "a"), record(id, "a").with(|r| r.status = Some(Status::Revoked))];
    let judged = Bench::of(vec![seen("a", "x")]).records(pair("r2")).judge();
    assert!(judged.one(103).message.ends_with("they disagree on its status."));
    assert_eq!(judged.of(104).len(), 1);
    let same_id = Bench::of(vec![]).records(vec![record("r1", "a"), record("r1", "b")]).judge();
    assert!(same_id.one(103).message.contains("the same id"));
    assert!(one(|_| {}).judge().passes(103));
    assert!(Bench::of(vec![]).judge().is_open_question(103));
}

#[test]
fn a_copied_row_does_not_silence_what_the_first_one_says() {
    let revoked = record("r1", "a").with(|r| r.status = Some(Status::Revoked));
    let judged = Bench::of(vec![seen("a", "x")]).records(vec![revoked, record("r2", "a")]).judge();
    assert_eq!(judged.of(501).len(), 1);
    assert_eq!(judged.one(501).level, Level::Warning);
}

#[test]
fn kw106_needs_something_to_look_for() {
    fires(106, |r| r.fingerprints.clear());
    assert!(
        one(|r| {
            r.fingerprints.clear();
            r.env_vars = thin_vec!["ACME".into()];
        })
        .judge()
        .passes(106)
    );
    assert!(Bench::of(vec![]).judge().is_open_question(106));
}

#[test]
fn kw107_on_the_day() {
    let aged = |days| one(move |r| r.generated_at = Some(ago(days))).judge();
    assert!(aged(7).passes(107));
    assert_eq!(aged(8).of(107).len(), 1);
    open_question(107, |r| r.generated_at = None);
}

#[test]
fn kw108_needs_a_register() {
    fires(108, |r| r.partner_id = "globex".into());
    let mut bench = one(|_| {});
    bench.inventory.as_mut().unwrap().partners.clear();
    assert!(bench.judge().is_open_question(108));
}

#[test]
fn kw109_points_at_the_row() {
    let mut bench = one(|_| {});
    let inventory = bench.inventory.as_mut().unwrap();
    let at = inventory.records[0].at.clone();
    inventory.secrets = vec![(at.clone(), "client_secret".to_owned(), None), (at, "key".to_owned(), None)];
    let judged = bench.judge();
    let finding = judged.one(109);
    assert_eq!(
        (finding.level, finding.record.as_deref(), finding.primary.location.line),
        (Level::Error, Some("r1"), 2)
    );
    assert!(one(|_| {}).judge().passes(109));
    assert!(Bench::of(vec![]).judge().is_open_question(109));
}

#[test]
fn kw110_sees_contradictions() {
    fires(110, |r| r.issued_at = Some(day("2027-01-01")));
    fires(110, |r| r.environments.clear());
    fires(110, |r| r.revoked_at = Some(ago(3)));
    assert!(Bench::of(vec![]).judge().is_open_question(110));
    assert!(one(|_| {}).judge().passes(110));
}

#[test]
fn unconfirmed_shadows_are_warnings() {
    let contextual = seen("b", "src/b.env").with(|o| o.confidence = Form::Contextual);
    let judged = Bench::of(vec![contextual]).records(vec![record("r1", "a")]).judge();
    assert_eq!(judged.one(101).level, Level::Warning);
}

#[test]
fn checks_without_subjects_are_in_the_states_too() {
    let judged = Bench::of(vec![]).judge();
    assert_eq!(judged.checks.len(), crate::govern::checks::all().len());
    assert_eq!(judged.checks[&CheckId(1)].evaluated, 0);
}
