use super::*;
use crate::govern::check::Level;
use crate::govern::input::{InventoryHistory, Vanished};
use crate::inventory::Status;
use crate::observe::{Exposure, Reference};
use crate::source::RepoPath;

fn revoked(r: &mut Record) {
    r.status = Some(Status::Revoked);
    r.revoked_at = Some(ago(20));
}

fn gone() -> Exposure {
    exposure("2026-01-01T00:00:00Z", Some("2026-06-01T00:00:00Z"))
}

fn history_only(change: impl FnOnce(&mut Record)) -> Bench {
    Bench::of(vec![seen("a", "x").only_history(&gone())]).records(vec![record("r1", "a").with(change)])
}

#[test]
fn kw501_by_status_and_proof() {
    assert_eq!(one(revoked).judge().one(501).level, Level::Error, "nobody verified it");
    let verified = one(|r| {
        revoked(r);
        r.invalidation_verified_at = Some(ago(19));
    });
    assert_eq!(verified.judge().one(501).level, Level::Note, "void for certain");
    assert!(one(|r| r.status = Some(Status::Suspended)).judge().passes(501), "one click from being on again");
    assert!(one(|_| {}).judge().passes(501));
    open_question(501, |r| r.status = None);
}

#[test]
fn kw502_is_evidence_and_kw508_is_work() {
    let judged = history_only(revoked).judge();
    assert_eq!(judged.one(502).level, Level::Note);
    assert!(judged.of(501).is_empty() && judged.passes(508));
    let judged = history_only(|_| {}).judge();
    assert_eq!(judged.one(508).level, Level::Error);
    assert!(judged.of(502).is_empty());
    assert!(history_only(|r| r.status = None).judge().is_open_question(508));
    assert!(one(|_| {}).judge().is_not_asked(508));
    assert!(Bench::of(vec![]).judge().is_open_question(502));
}

#[test]
fn kw503_names_what_is_missing() {
    let judged = one(|r| {
        r.offboarding_runbook = ArcStr::new();
        r.offboarding_team = ArcStr::new();
    })
    .judge();
    assert_eq!(judged.one(503).message, "Record r1 has no runbook and no responsible team for its offboarding.");
    assert_eq!(judged.one(503).level, Level::Error);
    assert!(one(|_| {}).judge().passes(503));
    assert!(Bench::of(vec![]).judge().is_open_question(503));
}

#[test]
fn kw504_wants_every_step() {
    let steps = |r: &mut Record| {
        revoked(r);
        r.offb_accounts_disabled_at = Some(ago(19));
        r.offb_scopes_removed_at = Some(ago(19));
        r.offb_dependencies_confirmed_at = Some(ago(19));
        r.invalidation_verified_at = Some(ago(19));
    };
    assert!(one(steps).judge().passes(504));
    fires(504, |r| {
        steps(r);
        r.offb_scopes_removed_at = None;
    });
    assert!(one(|_| {}).judge().is_not_asked(504));
    assert!(Bench::of(vec![]).judge().is_open_question(504));
}

#[test]
fn kw506_on_the_day() {
    let since = |days| {
        one(move |r| {
            revoked(r);
            r.revoked_at = Some(ago(days));
        })
        .judge()
    };
    assert!(since(7).passes(506));
    assert_eq!(since(8).of(506).len(), 1);
    let proven = one(|r| {
        revoked(r);
        r.evidence = "CHG7".into();
    });
    assert!(proven.judge().passes(506));
    assert!(Bench::of(vec![]).judge().is_open_question(506));
}

#[test]
fn kw507_and_kw510_by_history() {
    let back = Exposure { reintroduced: vec![commit("ba5e", "2026-03-01T00:00:00Z")], at_head: true, ..gone() };
    let judged = Bench::of(vec![seen("a", "x").and_history(&back)]).judge();
    assert_eq!(judged.one(507).level, Level::Error);
    assert!(Bench::of(vec![seen("a", "x").and_history(&gone())]).judge().passes(507));
    let held = Exposure { refs: std::iter::once("refs/heads/old".to_owned()).collect(), refs_total: 2, ..gone() };
    assert_eq!(Bench::of(vec![seen("a", "x").only_history(&held)]).judge().one(510).level, Level::Warning);
    assert!(Bench::of(vec![seen("a", "x").only_history(&gone())]).judge().passes(510));
    let mut tree = Bench::of(vec![seen("a", "x")]);
    tree.observed[0].scope = vec!["tree".to_owned()];
    assert!(tree.judge().is_open_question(507));
    assert!(tree.judge().is_open_question(510), "what is gone from the tree is not known");
}

#[test]
fn kw509_needs_the_references() {
    let revoked = |r: &mut Record| {
        r.status = Some(Status::Revoked);
        r.env_vars = thin_vec!["ACME_KEY".into()];
    };
    let bench = one(revoked);
    assert!(bench.judge().is_open_question(509));
    let looked = |bench: &Bench, places: usize| {
        let mut bench = bench.clone();
        let place = Reference { path: RepoPath::new("src/app.py"), location: sighting("src/app.py").location };
        bench.observed[0].references = Some([("ACME_KEY".to_owned(), vec![place; places])].into());
        bench.judge()
    };
    assert_eq!(looked(&bench, 1).one(509).level, Level::Note);
    assert!(looked(&bench, 0).passes(509));
    let successor = record("r2", "b").with(|r| r.env_vars = thin_vec!["ACME_KEY".into()]);
    let rotated = bench.records(vec![successor]);
    assert!(looked(&rotated, 1).is_open_question(509), "the variable is the successor's now");
}

#[test]
fn kw511_records_are_closed_and_not_deleted() {
    let vanished = |status| InventoryHistory {
        vanished: vec![Vanished {
            record: "r0".to_owned(),
            partner: "acme".to_owned(),
            file: "inventory.csv".to_owned(),
            status,
            at: ago(3),
            commit: "c0ffee".to_owned(),
        }],
        ..InventoryHistory::default()
    };
    assert_eq!(one(|_| {}).judge_with_history(&vanished(Some(Status::Active))).of(511).len(), 1);
    assert!(one(|_| {}).judge_with_history(&vanished(Some(Status::Revoked))).passes(511));
    assert!(one(|_| {}).judge().is_open_question(511));
}
