use super::*;
use crate::govern::check::Level;
use crate::observe::Governing;
use crate::source::RepoPath;

#[test]
fn kw901_vaulted_and_in_plain_text() {
    fires(901, |r| r.vault_ref = "vault://kv/acme#key".into());
    assert!(one(|_| {}).judge().is_not_asked(901));
    assert!(Bench::of(vec![]).judge().is_open_question(901));
    let gone = exposure("2026-01-01T00:00:00Z", Some("2026-06-01T00:00:00Z"));
    let history = Bench::of(vec![seen("a", "x").only_history(&gone)])
        .records(vec![record("r1", "a").with(|r| r.vault_ref = "vault://kv/acme#key".into())]);
    assert!(history.judge().passes(901));
}

#[test]
fn kw902_declared_places() {
    let declared = |globs: &'static [&'static str]| {
        let declare = move |r: &mut Record| r.locations = globs.iter().map(|g| (*g).into()).collect();
        Bench::of(vec![seen("a", "src/app.env").also("tools/x.env")]).records(vec![record("r1", "a").with(declare)])
    };
    let judged = declared(&["src/**"]).judge();
    assert_eq!(judged.one(902).primary.path, RepoPath::new("tools/x.env"));
    assert!(declared(&["src/**", "shop:tools/*"]).judge().passes(902), "a place may name its repository");
    assert!(declared(&[]).judge().is_open_question(902));
}

#[test]
fn kw903_another_credential_at_the_place() {
    let declare = |r: &mut Record| r.locations = thin_vec!["src/app.env".into()];
    let other = Bench::of(vec![seen("b", "src/app.env")]).records(vec![record("r1", "a").with(declare)]);
    assert_eq!(other.judge().of(903).len(), 1);
    let both = Bench::of(vec![seen("a", "src/app.env"), seen("b", "src/app.env")]);
    assert!(both.records(vec![record("r1", "a").with(declare)]).judge().passes(903), "its own is there too");
    assert!(Bench::of(vec![seen("b", "x")]).judge().is_open_question(903));
}

#[test]
fn kw904_by_path() {
    let level = |path: &str| Bench::of(vec![seen("a", path)]).judge().of(904).first().map(|f| f.level);
    for path in [
        "README.md",
        "docs/setup.rst",
        "mail/x.eml",
        "a.har",
        "n.ipynb",
        ".bash_history",
        "acme.postman_collection.json",
        "keys.xlsx",
    ] {
        assert_eq!(level(path), Some(Level::Error), "{path}");
    }
    assert_eq!(level("src/app.rs"), None);
}

#[test]
fn kw907_connectors() {
    let connector = |text: &'static str| move |r: &mut Record| r.connector = text.into();
    fires(907, connector("controlled_by=vendor; product=CRM"));
    assert!(one(connector("controlled_by=vendor; kill_switch=admin console")).judge().passes(907));
    assert!(one(connector("controlled_by=self")).judge().is_not_asked(907));
    assert!(one(connector("product=CRM")).judge().is_open_question(907));
}

#[test]
fn kw908_who_judges_the_judge() {
    let judge = |bench: &Bench, governing: Vec<Governing>| {
        let mut bench = bench.clone();
        bench.observed[0].governing = Some(governing);
        bench.judge()
    };
    let policy = || vec![Governing { path: RepoPath::new("keyward.toml"), what: "policy".to_owned() }];
    let bench = Bench::of(vec![seen("a", "x")]);
    assert_eq!(judge(&bench, policy()).of(908).len(), 1);
    assert!(judge(&bench, Vec::new()).passes(908));
    assert!(judge(&Bench::of(vec![]), policy()).passes(908));
    assert!(bench.judge().is_open_question(908));
}
