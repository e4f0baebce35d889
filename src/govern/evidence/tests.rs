//! The numbers and the certificate, on small cases that can be counted by hand.

use std::collections::BTreeMap;

use arcstr::ArcStr;
use thin_vec::thin_vec;

use super::*;
use crate::govern::exception::Exceptions;
use crate::govern::input::InventoryHistory;
use crate::govern::testing::*;
use crate::inventory::{Record, Status, Until};

fn gather_with<'a>(bench: &'a Bench, change: impl FnOnce(&mut Assessment<'a>)) -> Evidence {
    let mut input = Assessment::new(&bench.observed, &bench.policy, TODAY.parse().unwrap());
    input.inventory = bench.inventory.as_ref();
    input.roster = bench.roster.as_ref();
    change(&mut input);
    gather(&input, Vec::new())
}

fn of(bench: &Bench) -> Evidence {
    gather_with(bench, |_| {})
}

#[track_caller]
fn number<'e>(evidence: &'e Evidence, id: &str) -> &'e Metric {
    evidence.scorecard.metrics.iter().find(|m| m.id == id).unwrap_or_else(|| panic!("no metric {id}"))
}

/// Value, numerator, denominator, not evaluated, standing.
#[track_caller]
fn told(evidence: &Evidence, id: &str) -> (Option<f64>, u64, u64, u64, Standing) {
    let m = number(evidence, id);
    (m.value, m.numerator, m.denominator, m.not_evaluated, m.standing)
}

fn ended(r: &mut Record) {
    r.status = Some(Status::Offboarded);
    r.revoked_at = Some(day("2026-05-20"));
    r.invalidation_verified_at = Some(day("2026-05-21"));
    r.offb_scopes_removed_at = Some(day("2026-05-20"));
    r.offb_accounts_disabled_at = Some(day("2026-05-20"));
    r.offb_dependencies_confirmed_at = Some(day("2026-05-22"));
}

/// One record of `acme`, whose value was in the history from January to June and is gone.
fn gone(change: impl FnOnce(&mut Record)) -> Bench {
    let exposure = exposure("2026-01-01T00:00:00Z", Some("2026-05-25T00:00:00Z"));
    Bench::of(vec![seen("a", "x").only_history(&exposure)]).records(vec![record("r1", "a").with(|r| {
        ended(r);
        change(r);
    })])
}

#[test]
fn every_metric_of_the_specification_is_there_once() {
    let evidence = of(&gone(|_| {}));
    let ids: Vec<&str> = evidence.scorecard.metrics.iter().map(|m| m.id.as_str()).collect();
    let mut expected = [
        "inventory-coverage",
        "shadow-count",
        "identifiable-entries",
        "owner-coverage",
        "orphans",
        "single-accountable-rate",
        "approval-coverage",
        "segregation-rate",
        "govern-lag",
        "expiry-coverage",
        "standing-access",
        "age",
        "remaining-life",
        "recertified-in-period",
        "reuse-index",
        "over-scope-count",
        "offboarding-readiness",
        "time-to-revoke",
        "revocation-to-removal",
        "zombie-count",
        "verified-revocations",
        "exposure-window",
        "exceptions",
        "data-class-coverage",
        "evaluability",
    ]
    .to_vec();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
}

#[test]
fn shares_say_what_they_count_and_what_was_left_out() {
    let bench = Bench::of(vec![seen("a", "one.env"), seen("b", "two.env"), seen("c", "three.env")]).records(vec![
        record("r1", "a"),
        record("r2", "b").with(|r| r.expires_at = Until::Never),
        record("r3", "x").with(|r| r.expiry_enforced = None),
    ]);
    let evidence = of(&bench);
    assert_eq!(told(&evidence, "inventory-coverage"), (Some(66.7), 2, 3, 0, Standing::Missed));
    assert_eq!(told(&evidence, "shadow-count"), (Some(1.0), 1, 3, 0, Standing::Missed));
    // Two can be told, one cannot: the share is of those that can.
    assert_eq!(told(&evidence, "expiry-coverage"), (Some(50.0), 1, 2, 1, Standing::Missed));
    let because = &number(&evidence, "expiry-coverage").because;
    assert_eq!((because.len(), because[0].count), (1, 1));
    // Standing access aims at production, where there is none.
    assert_eq!(told(&evidence, "standing-access"), (Some(1.0), 1, 3, 0, Standing::Nothing));
    assert_eq!(number(&evidence, "standing-access").parts["never"], 1);
    // Without a roster nobody can be said to be there.
    assert_eq!(told(&evidence, "owner-coverage"), (None, 0, 0, 3, Standing::Undecided));
    assert_eq!(told(&evidence, "offboarding-readiness"), (Some(100.0), 3, 3, 0, Standing::Met));
}

#[test]
fn without_an_inventory_nothing_is_met() {
    let evidence = of(&Bench::of(vec![seen("a", "one.env")]));
    for metric in &evidence.scorecard.metrics {
        let about_records = !["reuse-index", "evaluability"].contains(&metric.id.as_str());
        assert!(metric.standing != Standing::Met || !about_records, "{}", metric.id);
    }
    let coverage = number(&evidence, "inventory-coverage");
    assert_eq!((coverage.value, coverage.not_evaluated, coverage.standing), (None, 1, Standing::Undecided));
    assert_eq!(number(&evidence, "approval-coverage").standing, Standing::Undecided);
    assert_eq!(number(&evidence, "approval-coverage").because[0].reason, "no inventory was given");
    assert_eq!(evidence.credentials.len(), 1);
}

#[test]
fn days_run_from_event_to_event() {
    let evidence = of(&gone(|r| r.approved_at = Some(day("2026-01-11"))));
    let days = evidence.credentials[0].removed.days;
    assert_eq!((days.first_use_to_revoked, days.revoked_to_verified), (Some(139), Some(1)));
    assert_eq!((days.revoked_to_removed, days.exposed), (Some(5), Some(144)));
    assert_eq!(days.contract_end_to_revoked, None, "the contract goes on");
    assert_eq!(told(&evidence, "time-to-revoke"), (Some(139.0), 1, 1, 0, Standing::Missed));
    assert_eq!(told(&evidence, "revocation-to-removal"), (Some(5.0), 1, 1, 0, Standing::Met));
    assert_eq!(told(&evidence, "exposure-window"), (Some(144.0), 1, 1, 0, Standing::NoTarget));
    assert_eq!(told(&evidence, "govern-lag"), (Some(10.0), 1, 1, 0, Standing::Missed), "used first");
    assert_eq!(told(&evidence, "zombie-count"), (Some(0.0), 0, 1, 0, Standing::Met));
    assert_eq!(told(&evidence, "verified-revocations"), (Some(100.0), 1, 1, 0, Standing::Met));
}

#[test]
fn the_median_and_the_ninetieth_percentile() {
    let tally = |days: &[i64]| days.to_vec();
    assert_eq!(scorecard::testing::days(&tally(&[9, 1, 5])), (Some(5.0), 5, 9));
    assert_eq!(scorecard::testing::days(&tally(&[1, 2])), (Some(1.5), 2, 2));
    assert_eq!(scorecard::testing::days(&(1..=10).collect::<Vec<_>>()), (Some(5.5), 6, 9));
}

#[track_caller]
fn certified<'a>(bench: &'a Bench, change: impl FnOnce(&mut Assessment<'a>)) -> (bool, bool, bool, Vec<String>) {
    let evidence = gather_with(bench, change);
    let certificate = Certificate::of(&evidence, "acme").unwrap();
    let texts = certificate.credentials.iter().flat_map(|c| c.removed.missing.iter().chain(&c.removed.unseen));
    let texts = texts.chain(&certificate.missing).chain(&certificate.unseen).cloned().collect();
    (certificate.is_complete(), certificate.lacks_something(), certificate.is_partly_unseen(), texts)
}

#[test]
fn a_certificate_is_complete_when_every_step_has_a_date_and_nothing_is_left() {
    assert_eq!(certified(&gone(|_| {}), |_| {}), (true, false, false, vec![]));
    for (name, drop_step) in [
        ("keys revoked", (|r| r.revoked_at = None) as fn(&mut Record)),
        ("scopes removed", |r| r.offb_scopes_removed_at = None),
        ("accounts disabled", |r| r.offb_accounts_disabled_at = None),
        ("invalidation verified", |r| r.invalidation_verified_at = None),
        ("dependencies confirmed", |r| r.offb_dependencies_confirmed_at = None),
    ] {
        let (complete, lacks, _, texts) = certified(&gone(drop_step), |_| {});
        assert!(!complete && lacks && texts == [format!("no date for: {name}")], "{texts:?}");
    }
}

#[test]
fn a_certificate_says_what_is_left() {
    let (complete, .., texts) = certified(&gone(|r| r.status = Some(Status::Active)), |_| {});
    assert!(!complete && texts == ["still in force: its status is active"], "{texts:?}");
    let mut there = gone(|_| {});
    there.observed[0].observations[0] = seen("a", "x");
    let (complete, .., texts) = certified(&there, |_| {});
    assert!(!complete && texts == ["it stands in 1 place of the tree"], "{texts:?}");
    let mut tagged = gone(|_| {});
    for sighting in &mut tagged.observed[0].observations[0].sightings {
        let exposure = sighting.exposure.as_mut().unwrap();
        exposure.refs = ["refs/tags/v1".to_owned()].into_iter().collect();
        exposure.refs_total = 1;
    }
    let (complete, .., texts) = certified(&tagged, |_| {});
    assert!(!complete && texts == ["1 tip of a ref still holds it"], "{texts:?}");
    // A secret of the partner that no record claims.
    let mut shadow = gone(|_| {});
    let named = crate::detect::PartnerNamed { id: "acme".to_owned(), name: "Acme".to_owned(), ..shadow_partner() };
    shadow.observed[0].observations.push(seen("b", "y").with(|o| o.partner = Some(named)));
    let (complete, lacks, _, texts) = certified(&shadow, |_| {});
    assert!(!complete && lacks && texts[0].starts_with("in no record"), "{texts:?}");
}

fn shadow_partner() -> crate::detect::PartnerNamed {
    serde_json::from_value(serde_json::json!({"id": "", "name": "", "evidence": "host", "confidence": "high"})).unwrap()
}

#[test]
fn what_was_not_looked_at_is_not_gone() {
    // A name of it is recorded, and references were not read.
    let named = gone(|r| r.env_vars = thin_vec!["ACME_KEY".into()]);
    let (complete, lacks, unseen, _) = certified(&named, |_| {});
    assert_eq!((complete, lacks, unseen), (false, false, true));
    let place = crate::observe::Reference {
        path: crate::source::RepoPath::new("deploy.yml"),
        location: seen("a", "x").sightings[0].location,
    };
    let looked = |places: usize| {
        let mut bench = named.clone();
        bench.observed[0].references = Some(BTreeMap::from([("ACME_KEY".to_owned(), vec![place.clone(); places])]));
        certified(&bench, |_| {})
    };
    assert!(looked(0).0);
    let (_, lacks, _, texts) = looked(1);
    assert!(lacks && texts == ["still asked for by name: ACME_KEY"], "{texts:?}");
    // Nothing identifies it.
    let mut faceless = gone(|r| r.fingerprints.clear());
    faceless.observed[0].observations.clear();
    let (complete, lacks, unseen, _) = certified(&faceless, |_| {});
    assert_eq!((complete, lacks, unseen), (false, false, true));
    // Only the tree was scanned.
    let mut tree = gone(|_| {});
    tree.observed[0].observations.clear();
    tree.observed[0].scope = vec!["tree".to_owned()];
    let (complete, lacks, unseen, texts) = certified(&tree, |_| {});
    assert!(!complete && !lacks && unseen && texts[0].contains("history was not scanned"), "{texts:?}");
}

#[test]
fn records_that_vanished_are_remembered() {
    let history = InventoryHistory {
        vanished: vec![crate::govern::Vanished {
            record: "r0".to_owned(),
            partner: "acme".to_owned(),
            file: "inventory.csv".to_owned(),
            status: Some(Status::Active),
            at: day("2026-03-01"),
            commit: "c0ffee".to_owned(),
        }],
        ..InventoryHistory::default()
    };
    let (complete, lacks, _, texts) = certified(&gone(|_| {}), |a| a.inventory_history = Some(&history));
    assert!(
        !complete && lacks && texts == ["record r0 vanished from the inventory with the status active"],
        "{texts:?}"
    );
}

#[test]
fn exceptions_are_open_expired_or_faulty() {
    let text = |id: &str, more: &str| {
        format!(
            "[[exception]]\nid = \"{id}\"\ntype = \"accepted_risk\"\nchecks = [\"KW503\"]\nsubject = {{ credential = \"r1\" }}\n{more}\n"
        )
    };
    let by = "requested_by = \"omar\"\napproved_by = \"lena\"\n";
    let all = [
        text("A", &format!("{by}starts_at = \"2026-06-01\"\nexpires_at = \"2026-06-15\"")),
        text("B", &format!("{by}starts_at = \"2026-05-01\"\nexpires_at = \"2026-06-14\"\nrenewals = 3")),
        text("C", &format!("{by}starts_at = \"2026-07-01\"\nexpires_at = \"2026-07-14\"")),
        text("D", "requested_by = \"omar\"\nstarts_at = \"2026-06-01\"\nexpires_at = \"2026-06-30\""),
        text("E", &format!("{by}starts_at = \"2026-01-01\"\nexpires_at = \"2026-12-31\"")),
    ];
    let exceptions = Exceptions::parse("e.toml", &all.concat()).unwrap();
    let bench =
        Bench::of(vec![seen("a", "x")]).records(vec![record("r1", "a").with(|r| r.offboarding_team = ArcStr::new())]);
    let evidence = gather_with(&bench, |a| a.exceptions = Some(&exceptions));
    let states: Vec<(&str, &str, u64)> =
        evidence.exceptions.iter().map(|e| (e.id.as_str(), e.state.as_str(), e.covers)).collect();
    assert_eq!(
        states,
        [
            ("A", "open", 1),
            ("B", "expired", 0),
            ("C", "not begun", 0),
            ("D", "not valid", 0),
            ("E", "over its longest duration", 0),
        ]
    );
    assert_eq!(evidence.exceptions[3].fault.as_deref(), Some("approved by nobody"));
    let line = &evidence.credentials[0];
    assert!(line.accepted.contains(&crate::govern::CheckId(503)) && line.exceptions == ["A"]);
    assert_eq!(told(&evidence, "exceptions"), (Some(1.0), 1, 5, 0, Standing::Missed));
    assert_eq!(number(&evidence, "exceptions").parts["renewed more often than allowed"], 1);
}

#[test]
fn a_comparison_says_better_or_worse_and_what_changed_around_it() {
    let two = |second: &str| {
        Bench::of(vec![seen("a", "x"), seen("b", "y")]).records(vec![record("r1", "a"), record("r2", second)])
    };
    let (mut old, new) = (of(&two("z")), of(&two("b")));
    old.run.policy_sha256 = Some("0".repeat(64));
    let comparison = Comparison::of(&old, &new);
    let change = |id: &str| {
        comparison.metrics.iter().find(|c| c.new.is_some_and(|m| m.id == id)).map(|c| (c.change, c.direction)).unwrap()
    };
    assert_eq!(change("inventory-coverage"), (Some(50.0), Direction::Better));
    assert_eq!(change("shadow-count"), (Some(-1.0), Direction::Better));
    assert_eq!(change("offboarding-readiness"), (Some(0.0), Direction::Same));
    assert_eq!(change("owner-coverage"), (None, Direction::NotComparable));
    assert_eq!(comparison.caveats, ["The policy changed: limits and targets may be others."]);
    let back = Comparison::of(&new, &old);
    assert!(back.count(Direction::Worse) >= 2 && back.count(Direction::Better) == 0);
}
