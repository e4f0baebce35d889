use super::*;
use crate::detect::Mode;
use crate::govern::check::Level;

#[test]
fn kw601_environments() {
    let judged = Bench::of(vec![seen("a", "deploy/prod/a.env").also("deploy/staging/a.env")]).judge();
    assert_eq!(judged.one(601).level, Level::Error);
    let judged = Bench::of(vec![seen("a", "deploy/dev/a.env").also("deploy/staging/a.env")]).judge();
    assert_eq!(judged.one(601).level, Level::Warning);
    assert!(Bench::of(vec![seen("a", "deploy/prod/a.env")]).judge().passes(601));
    assert!(Bench::of(vec![seen("a", "src/a.env")]).judge().is_open_question(601));
}

#[test]
fn kw602_repositories() {
    let mut bench = Bench::of(vec![seen("a", "a.env")]);
    assert!(bench.judge().is_open_question(602));
    let mut other = Bench::of(vec![seen("b", "b.env")]).observed.remove(0);
    other.repository.name = "web".to_owned();
    bench.observed.push(other);
    assert!(bench.judge().passes(602));
    bench.observed[1].observations.push(seen("a", "c.env"));
    assert_eq!(bench.judge().one(602).level, Level::Warning);
}

#[test]
fn kw603_partners() {
    fires(603, |r| r.other_partners = thin_vec!["globex".into()]);
    let shared =
        Bench::of(vec![]).records(vec![record("r1", "a"), record("r2", "a").with(|r| r.partner_id = "globex".into())]);
    assert_eq!(shared.judge().one(603).level, Level::Error);
    assert!(one(|_| {}).judge().passes(603));
    for name in ["Acme, Inc", "Müller; Söhne"] {
        assert!(one(|r| r.partner_id = name.into()).judge().passes(603), "{name} is one partner");
    }
    assert!(Bench::of(vec![]).judge().is_open_question(603));
}

#[test]
fn kw604_customers() {
    fires_where_known(|r| r.tenants = thin_vec!["north".into(), "south".into()]);
    fires_where_known(|r| r.shared_account = Some(true));
    assert!(one(|r| r.tenants = thin_vec!["north".into()]).judge().passes(604));
    open_question(604, |_| {});
}

fn fires_where_known(change: impl FnOnce(&mut Record)) {
    assert_eq!(one(change).judge().of(604).len(), 1);
}

#[test]
fn kw605_live_in_tests_and_tests_in_production() {
    let level = |path: &str, mode| {
        let judged = Bench::of(vec![seen("a", path).mode(mode)]).judge();
        judged.of(605).first().map(|f| f.level)
    };
    assert_eq!(level("deploy/test/a.env", Mode::Live), Some(Level::Error));
    assert_eq!(level("deploy/prod/a.env", Mode::Test), Some(Level::Warning));
    assert_eq!(level("deploy/prod/a.env", Mode::Live), None);
    assert_eq!(level("deploy/test/a.env", Mode::Test), None);
    assert!(Bench::of(vec![seen("a", "src/a.env").mode(Mode::Live)]).judge().is_open_question(605));
    assert!(Bench::of(vec![seen("a", "deploy/test/a.env")]).judge().is_open_question(605));
    let recorded = one_at("deploy/test/a.env", |r| r.mode = "live".into());
    assert_eq!(recorded.judge().of(605).len(), 1, "the record tells the mode");
}

#[test]
fn kw606_environments_that_were_approved() {
    let level = |path: &str| one_at(path, |_| {}).judge().of(606).first().map(|f| f.level);
    assert_eq!(level("deploy/dev/a.env"), None);
    assert_eq!(level("deploy/staging/a.env"), Some(Level::Warning));
    assert_eq!(level("deploy/prod/a.env"), Some(Level::Error));
    assert!(one_at("src/a.env", |_| {}).judge().is_open_question(606));
    assert!(one_at("deploy/dev/a.env", |r| r.environments.clear()).judge().is_open_question(606));
}

#[test]
fn kw607_places() {
    let spread = |n: usize| {
        let observed = (1..n).fold(seen("a", "f0.env"), |o, i| o.also(&format!("f{i}.env")));
        Bench::of(vec![observed]).judge()
    };
    assert!(spread(3).passes(607));
    assert_eq!(spread(4).of(607).len(), 1);
    assert!(Bench::of(vec![]).judge().is_not_asked(607));
}
