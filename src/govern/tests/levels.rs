use super::*;
use crate::govern::Disposition;
use crate::govern::check::{CheckId, Level};
use crate::govern::policy::{Gate, Override, Policy, Profile};

fn no_purpose(path: &str, change: impl FnOnce(&mut Record)) -> Bench {
    one_at(path, |r| {
        r.purpose = ArcStr::new();
        change(r);
    })
}

#[test]
fn circumstances_raise_and_are_printed() {
    let judged = no_purpose("src/a.env", |_| {}).judge();
    assert_eq!(
        (judged.one(207).level, judged.one(207).modifiers.len()),
        (Level::Warning, 0),
        "unknown changes nothing"
    );
    let judged = no_purpose("deploy/prod/a.env", |r| {
        r.data_classes = thin_vec!["pii".into()];
        r.access_mode = "write".into();
    })
    .judge();
    let finding = judged.one(207);
    let reasons: Vec<&str> = finding.modifiers.iter().map(|m| m.reason.as_str()).collect();
    assert_eq!(reasons, ["production environment", "regulated or personal data"], "at most two steps");
    assert_eq!(finding.level, Level::Error);
    assert!((finding.severity() - 8.5).abs() < 0.01, "one step more than the level has room for");
}

#[test]
fn notes_stay_notes() {
    let judged = one_at("deploy/prod/a.env", |r| r.expires_at = crate::inventory::Until::On(ago(-3))).judge();
    assert_eq!(judged.one(406).level, Level::Note);
}

#[test]
fn profiles() {
    let of = |profile| {
        no_purpose("deploy/prod/a.env", |r| r.approved_by = ArcStr::new())
            .with(|b| b.policy = Policy::of_profile(profile))
            .judge()
    };
    let minimal = of(Profile::Minimal);
    assert_eq!(
        (minimal.one(207).level, minimal.one(301).level, minimal.one(1).level),
        (Level::Note, Level::Note, Level::Error)
    );
    let regulated = no_purpose("src/a.env", |r| r.approved_by = ArcStr::new())
        .with(|b| b.policy = Policy::of_profile(Profile::Regulated))
        .judge();
    assert_eq!((regulated.one(207).level, regulated.one(301).level), (Level::Warning, Level::Error));
}

#[test]
fn the_organisation_has_the_last_word_on_the_base() {
    let set = Override { default: Some(Level::Note), environments: [("prod".to_owned(), Level::Error)].into() };
    let of = |path: &str| {
        let bench = one_at(path, |r| r.environments = thin_vec!["staging".into()]);
        let judged = bench.with(|b| b.policy.overrides.insert(CheckId(606), set.clone()).map_or((), drop)).judge();
        judged.of(606).first().map(|f| f.level)
    };
    assert_eq!(of("deploy/dev/a.env"), Some(Level::Note));
    assert_eq!(of("deploy/prod/a.env"), Some(Level::Error));
}

#[test]
fn gates() {
    let judged = no_purpose("deploy/prod/a.env", |_| {}).judge();
    let policy = Policy::default();
    let failing = |gate: &Gate| judged.findings.iter().filter(|f| gate.fails(f)).map(|f| f.check.0).collect::<Vec<_>>();
    assert!(failing(&policy.gate(None)).contains(&207));
    assert!(failing(&policy.gate(Some("main"))).is_empty());
    assert_eq!(failing(&policy.gate(Some("pre_commit"))), [1]);
    assert!(!failing(&policy.gate(Some("pull_request"))).contains(&207), "nobody fails on somebody else's record");
    let mut known = judged.one(1).clone();
    known.disposition = Disposition::Baselined;
    assert!(!policy.gate(None).fails(&known));
}
