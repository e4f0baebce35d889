use super::*;
use crate::detect::Allow;
use crate::govern::{Assessment, Disposition, Judgement};
use crate::observe::{Observed, Repository};

fn allow(checks: &[&str], reason: &str, until: &str) -> Allow {
    Allow {
        checks: checks.iter().map(|c| (*c).to_owned()).collect(),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        until: (!until.is_empty()).then(|| until.to_owned()),
        marker: None,
    }
}

fn observed(allow: Option<Allow>, scope: &str) -> Observed {
    let mut observation = seen("a", "src/a.env");
    observation.sightings[0].allow = allow;
    Observed {
        repository: Repository { name: "shop".to_owned(), ..Repository::default() },
        scope: vec![scope.to_owned()],
        observations: vec![observation],
        ..Observed::default()
    }
}

fn judge_on(observed: Observed, own: bool) -> Judgement {
    let (observed, policy) = ([observed], crate::govern::Policy::default());
    let mut input = Assessment::new(&observed, &policy, TODAY.parse().unwrap());
    input.own_permissions = own;
    crate::govern::assess(&input)
}

fn judge(one: Allow) -> Judgement {
    judge_on(observed(Some(one), "tree"), true)
}

fn failed(judged: &Judgement) -> Vec<u16> {
    judged.findings.iter().map(|f| f.check.0).filter(|id| (801..=811).contains(id)).collect()
}

fn is_covered(judged: &Judgement) -> bool {
    matches!(judged.one(1).disposition, Disposition::Excepted { .. })
}

#[test]
fn what_is_allowed_is_shown_and_counted() {
    let judged = judge(allow(&["KW001"], "sandbox key", "2026-12-31"));
    let id = "src/a.env:3".to_owned();
    assert_eq!(judged.one(1).disposition, Disposition::Excepted { id, until: "2026-12-31".to_owned() });
    assert!(failed(&judged).is_empty());
    assert_eq!(judged.coverage.counts.get(&crate::source::coverage::Reason::Allowed), Some(&1));
}

#[test]
fn it_needs_checks_a_reason_and_an_end() {
    for (one, check) in [
        (allow(&["KW001"], "", "2026-12-31"), 811),
        (allow(&["KW001"], "sandbox key", ""), 802),
        (allow(&["KW001"], "sandbox key", "soon"), 802),
        (allow(&["KW001"], "sandbox key", "2031-01-01"), 802),
        (allow(&["KW001"], "sandbox key", "2026-06-14"), 801),
        (allow(&[], "sandbox key", "2026-12-31"), 810),
        (allow(&["KW004"], "sandbox key", "2026-12-31"), 809),
    ] {
        let judged = judge(one);
        assert_eq!((is_covered(&judged), failed(&judged)), (false, vec![check]));
    }
    assert!(is_covered(&judge(allow(&["KW001"], "sandbox key", "2026-06-15"))), "the last day counts");
}

#[test]
fn a_change_cannot_allow_itself() {
    let one = || Some(allow(&["KW001"], "sandbox key", "2026-12-31"));
    for judged in [
        judge_on(observed(one(), "range"), true),
        judge_on(observed(one(), "receive"), true),
        judge_on(observed(one(), "tree"), false),
    ] {
        assert_eq!((is_covered(&judged), failed(&judged)), (false, vec![810]));
    }
}

#[test]
fn a_copy_without_a_permission_keeps_the_finding_open() {
    let mut observed = observed(Some(allow(&["KW001"], "sandbox key", "2026-12-31")), "tree");
    let mut copy = sighting("src/a.env");
    copy.location.line = 9;
    observed.observations[0].sightings.push(copy);
    assert!(!is_covered(&judge_on(observed, true)));
}
