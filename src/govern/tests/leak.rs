use super::*;
use crate::detect::{Form, Mode, Visibility};
use crate::govern::check::Level;
use crate::source::Place;

#[test]
fn a_secret_in_the_tree_is_one_finding_per_path() {
    let judged = Bench::of(vec![seen("a", "src/a.env").also("src/b.env")]).judge();
    assert_eq!(judged.of(1).len(), 2);
    assert_ne!(judged.of(1)[0].key, judged.of(1)[1].key);
    assert!(judged.of(1).iter().all(|f| f.level == Level::Error));
}

#[test]
fn a_match_never_turns_a_leak_green() {
    assert_eq!(one(|_| {}).judge().of(1).len(), 1);
}

#[test]
fn history_alone_is_kw002_and_not_kw001() {
    let gone = exposure("2026-01-01T00:00:00Z", Some("2026-02-01T00:00:00Z"));
    let judged = Bench::of(vec![seen("a", "src/a.env").only_history(&gone)]).judge();
    assert!(judged.of(1).is_empty());
    assert_eq!(judged.one(2).level, Level::Error);
    let both = Bench::of(vec![seen("a", "src/a.env").and_history(&gone)]).judge();
    assert_eq!((both.of(1).len(), both.of(2).len()), (1, 0));
    assert!(both.one(1).primary.exposure.is_some(), "the tree's finding tells of the history");
}

#[test]
fn a_bare_repository_has_its_tree_at_head() {
    let there = exposure("2026-01-01T00:00:00Z", None);
    let mut bench = Bench::of(vec![seen("a", "src/a.env").only_history(&there)]);
    bench.observed[0].scope = vec!["history".to_owned()];
    assert_eq!((bench.judge().of(1).len(), bench.judge().of(2).len()), (1, 0));
}

#[test]
fn without_history_kw002_is_an_open_question() {
    let mut bench = Bench::of(vec![seen("a", "src/a.env")]);
    bench.observed[0].scope = vec!["tree".to_owned()];
    assert!(bench.judge().is_open_question(2));
}

#[test]
fn publishable_and_test_mode_are_notes_and_no_leaks() {
    let public = seen("a", "deploy/prod/a.js").with(|o| o.visibility = Visibility::Publishable);
    let judged = Bench::of(vec![public]).judge();
    assert_eq!((judged.one(3).level, judged.of(1).len()), (Level::Note, 0));
    let test = Bench::of(vec![seen("a", "deploy/prod/a.env").mode(Mode::Test)]).judge();
    assert_eq!((test.one(4).level, test.of(1).len()), (Level::Note, 0));
}

#[test]
fn contextual_detections_are_warnings_until_confirmed() {
    let contextual = || seen("a", "src/a.env").with(|o| o.confidence = Form::Contextual);
    let judged = Bench::of(vec![contextual()]).judge();
    assert_eq!(judged.one(1).level, Level::Warning);
    assert_eq!(judged.one(1).modifiers[0].steps, -1);
    let paired = Bench::of(vec![contextual().with(|o| o.key_id = Some("AK1".to_owned()))]).judge();
    assert_eq!(paired.one(1).level, Level::Error);
    let recorded = Bench::of(vec![contextual()]).records(vec![record("r1", "a")]).judge();
    assert_eq!(recorded.one(1).level, Level::Error);
}

#[test]
fn tests_and_documentation_lower_contextual_detections_alone() {
    let at = |form| {
        let judged = Bench::of(vec![seen("a", "tests/a.env").with(|o| o.confidence = form)]).judge();
        judged.one(1).level
    };
    assert_eq!((at(Form::Contextual), at(Form::Strong), at(Form::Certain)), (Level::Note, Level::Error, Level::Error));
}

#[test]
fn standard_input_and_the_index_are_here() {
    for place in [Place::Stdin, Place::Index] {
        let judged = Bench::of(vec![seen("a", "x").with(|o| o.sightings[0].place = place)]).judge();
        assert_eq!(judged.of(1).len(), 1);
    }
}

#[test]
fn one_path_in_two_repositories_is_two_findings() {
    let mut bench = Bench::of(vec![seen("a", "src/a.env")]);
    let mut other = bench.observed[0].clone();
    other.repository.name = "web".to_owned();
    bench.observed.push(other);
    let judged = bench.judge();
    let [a, b] = judged.of(1)[..] else { panic!("two findings") };
    assert_ne!(a.key, b.key);
    assert_eq!(a.key, Bench::of(vec![seen("a", "src/a.env")]).judge().one(1).key, "the first keeps its identity");
    bench.observed.reverse();
    let mut turned = bench.judge().of(1).iter().map(|f| f.key).collect::<Vec<_>>();
    let mut keys = vec![a.key, b.key];
    turned.sort();
    keys.sort();
    assert_eq!(turned, keys, "the order of observation files does not matter");
}
