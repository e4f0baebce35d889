use super::*;
use crate::govern::baseline::Baseline;
use crate::govern::{Disposition, Judgement};
use crate::source::coverage::Reason;

fn judge(bench: &Bench, baseline: &Baseline) -> Judgement {
    let mut input = crate::govern::Assessment::new(&bench.observed, &bench.policy, TODAY.parse().unwrap());
    input.inventory = bench.inventory.as_ref();
    input.baseline = Some(baseline);
    crate::govern::assess(&input)
}

fn known(judged: &Judgement, id: u16) -> Vec<bool> {
    judged.of(id).iter().map(|f| f.disposition == Disposition::Baselined).collect()
}

fn baseline_of(bench: &Bench) -> Baseline {
    let baseline = Baseline::of(&bench.judge().findings);
    Baseline::parse("b", &baseline.to_text()).unwrap()
}

#[test]
fn what_is_known_stays_known() {
    let bench = one(|r| r.purpose = ArcStr::new());
    let judged = judge(&bench, &baseline_of(&bench));
    assert!(judged.findings.iter().all(|f| f.disposition == Disposition::Baselined));
    assert!(judged.stale_baseline.is_empty());
}

#[test]
fn a_moved_file_is_known_and_a_copy_is_new() {
    let before = baseline_of(&Bench::of(vec![seen("a", "old.env")]));
    let moved = judge(&Bench::of(vec![seen("a", "new.env")]), &before);
    assert_eq!(known(&moved, 1), [true]);
    assert!(moved.stale_baseline.is_empty());
    let copied = judge(&Bench::of(vec![seen("a", "old.env").also("zoo.env")]), &before);
    assert_eq!(known(&copied, 1), [true, false]);
    let moved_and_copied = judge(&Bench::of(vec![seen("a", "new.env").also("zoo.env")]), &before);
    assert_eq!(known(&moved_and_copied, 1), [true, false]);
    let other = judge(&Bench::of(vec![seen("b", "new.env")]), &before);
    assert_eq!(known(&other, 1), [false]);
    assert_eq!(other.stale_baseline.len(), 1);
}

#[test]
fn what_was_not_looked_at_is_not_gone() {
    let before = baseline_of(&Bench::of(vec![seen("a", "old.env")]));
    // A change, or a part of the tree, that has the same credential elsewhere: that is a copy.
    for part in ["paths", "staged", "range"] {
        let mut bench = Bench::of(vec![seen("a", "new.env")]);
        bench.observed[0].scope = vec![part.to_owned()];
        let judged = judge(&bench, &before);
        assert_eq!((known(&judged, 1), judged.stale_baseline.len()), (vec![false], 0), "{part}");
    }
    let mut bench = Bench::of(vec![seen("b", "new.env")]);
    bench.observed[0].coverage.add(Reason::Unreadable, "old.env", "");
    assert_eq!(judge(&bench, &before).stale_baseline.len(), 0, "it may be in what could not be read");
    // What only the history has, in a scan without history.
    let history = Baseline::parse("b", &before.to_text().replace("KW001", "KW002")).unwrap();
    let mut bench = Bench::of(vec![seen("b", "new.env")]);
    bench.observed[0].scope = vec!["tree".to_owned()];
    assert_eq!(judge(&bench, &history).stale_baseline.len(), 0);
}

#[test]
fn lines_are_sorted_and_hold_no_places_within_files() {
    let mut bench = Bench::of(vec![seen("a", "a b/\u{e9}.env"), seen("b", "b.env")]);
    let text = Baseline::of(&bench.judge().findings).to_text();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert!(lines.is_sorted() && lines[0].starts_with("KW001 "), "{text}");
    assert!(text.contains(" a%20b/%C3%A9.env\n"), "{text}");
    bench.observed[0].observations[0].sightings[0].location.line = 99;
    assert_eq!(Baseline::of(&bench.judge().findings).to_text(), text);
    let error = Baseline::parse("b", "KW001 zz x y\n").unwrap_err().to_string();
    assert_eq!(error, "b:1: expected a finding's identity: 32 hex digits");
}
