use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::detect::{Form, Kind};
use crate::govern::check::Level;
use crate::inventory::{Status, Until};
use crate::secret::Hint;

fn status() -> impl Strategy<Value = Option<Status>> {
    prop_oneof![
        Just(None),
        Just(Some(Status::Requested)),
        Just(Some(Status::Active)),
        Just(Some(Status::Suspended)),
        Just(Some(Status::Expired)),
        Just(Some(Status::Revoked)),
    ]
}

fn until() -> impl Strategy<Value = Until> {
    prop_oneof![Just(Until::Never), Just(Until::Unknown), (-400..400_i32).prop_map(|d| Until::On(ago(d)))]
}

prop_compose! {
    /// A record for the credential called `name`, with this and that missing.
    fn some_record(id: &'static str, name: &'static str)
        (status in status(), end in until(), gaps in any::<u16>(), age in 0..800_i32) -> Record
    {
        record(id, name).with(|r| {
            r.status = status;
            r.expires_at = end;
            r.issued_at = Some(ago(age));
            let texts = [&mut r.purpose, &mut r.api_owner, &mut r.credential_owner, &mut r.approved_by, &mut r.approval_ref,
                &mut r.logging_ref, &mut r.offboarding_team, &mut r.kind];
            for (n, text) in texts.into_iter().enumerate() {
                if gaps >> n & 1 == 1 {
                    *text = ArcStr::new();
                }
            }
            if gaps >> 8 & 1 == 1 {
                r.last_recertified_at = None;
            }
            if gaps >> 9 & 1 == 1 {
                r.environments.clear();
            }
            if gaps >> 10 & 1 == 1 {
                r.locations = thin_vec!["src/**".into()];
            }
            if gaps >> 11 & 1 == 1 {
                r.vault_ref = "vault://kv/a".into();
            }
        })
    }
}

fn path() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("src/a.env"), Just("deploy/prod/a.env"), Just("tests/a.env"), Just("README.md")]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_unrelated_record_never_removes_a_finding(
        own in some_record("r1", "a"), other in some_record("r2", "elsewhere"), at in path(), known in any::<bool>(),
    ) {
        let records = if known { vec![own] } else { Vec::new() };
        let bench = Bench::of(vec![seen("a", at)]).records(records);
        let with = bench.clone().records(vec![other]);
        let keys = |b: &Bench| b.judge().findings.iter().map(|f| (f.key, f.level)).collect::<BTreeSet<_>>();
        let (before, after) = (keys(&bench), keys(&with));
        prop_assert!(before.is_subset(&after), "{:?}", before.difference(&after).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_records_changes_nothing(own in some_record("r1", "a"), other in some_record("r2", "b"), at in path()) {
        let bench = |records: Vec<Record>| {
            let judged = Bench::of(vec![seen("a", at), seen("b", "b.env")]).records(records).judge();
            let found: BTreeSet<_> = judged.findings.iter().map(|f| (f.key, f.level, f.message.clone())).collect();
            (found, judged.matches)
        };
        prop_assert_eq!(bench(vec![own.clone(), other.clone()]), bench(vec![other, own]));
    }

    #[test]
    fn a_weaker_identifier_never_yields_a_stronger_verdict(own in some_record("r1", "a"), at in path(), last in 4..=8_usize) {
        let hint = &"abcd1234"[8 - last..];
        let observed = seen("a", at).with(|o| o.hint = Some(Hint(hint.to_owned())));
        let weak = own.clone().with(|r| {
            r.fingerprints = thin_vec![print_of("elsewhere")];
            r.hint = format!("...{hint}").into();
        });
        let strong = Bench::of(vec![observed.clone()]).records(vec![own]).judge();
        let weak = Bench::of(vec![observed]).records(vec![weak]).judge();
        for finding in &weak.findings {
            // What is said of the pair: of the record alone the identifier says nothing.
            let of_pair = matches!(finding.check.0, 308 | 401 | 404 | 408 | 501 | 502 | 508 | 606 | 710 | 901 | 902);
            if of_pair {
                prop_assert!(finding.level <= Level::Warning, "{} {:?}", finding.check, finding.modifiers);
                let same = strong.findings.iter().find(|f| f.check == finding.check && f.primary.path == finding.primary.path);
                // What only a strong match may lower ("void and verified") is no part of the comparison.
                let heaviest = |f: &crate::govern::Finding| {
                    let lowered: i32 = f.modifiers.iter().map(|m| m.steps.min(0)).sum();
                    f.level.shifted(-lowered)
                };
                prop_assert!(same.is_some_and(|s| heaviest(s) >= finding.level), "{}", finding.check);
            }
        }
    }

    #[test]
    fn every_finding_has_its_level_explained(own in some_record("r1", "a"), at in path(), contextual in any::<bool>()) {
        let observed = seen("a", at).with(|o| {
            o.confidence = if contextual { Form::Contextual } else { Form::Certain };
            o.kind = Kind::ApiKey;
        });
        let judged = Bench::of(vec![observed]).records(vec![own]).judge();
        for finding in &judged.findings {
            let check = crate::govern::checks::get(finding.check).unwrap();
            let up: i32 = finding.modifiers.iter().map(|m| m.steps.max(0)).sum();
            prop_assert!(up <= 2);
            prop_assert!(finding.level == check.level || !finding.modifiers.is_empty());
            prop_assert!(!finding.message.is_empty() && !finding.message.contains('\n'));
        }
        for (id, state) in &judged.checks {
            prop_assert!(state.failed <= state.evaluated, "{id}");
            let found = judged.findings.iter().any(|f| f.check == *id);
            prop_assert_eq!(found, state.failed > 0, "{}", id);
        }
    }
}
