use serde_json::{Value, json};

use super::{Difference, Snapshot, render_json, render_text};
use crate::govern::Level;
use crate::report::testing::{history, hostile, options, rendered, sample};
use crate::report::{Format, RenderOptions, Report};

fn value(report: &Report) -> Value {
    serde_json::from_str(&rendered(report, Format::Json)).unwrap()
}

fn snapshot(name: &str, value: &Value) -> Snapshot {
    Snapshot::read(name, value.to_string().as_bytes()).unwrap()
}

fn between(old: &Value, new: &Value) -> Difference {
    Difference::between(&snapshot("old.json", old), &snapshot("new.json", new))
}

/// `change check path` of every entry.
fn told(difference: &Difference) -> Vec<String> {
    let line = |e: &super::Entry| format!("{} {} {}", e.change.word(), e.finding.check, e.finding.at.path);
    difference.changes.iter().map(line).collect()
}

fn text(difference: &Difference) -> String {
    let mut out = Vec::new();
    render_text(difference, &options(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_report_does_not_differ_from_itself() {
    let report = value(&sample());
    let difference = between(&report, &report);
    assert_eq!((difference.changes.len(), difference.summary.unchanged), (0, 8));
    assert!(!difference.is_worse(Level::Note));
    assert!(text(&difference).ends_with("\nno difference, 8 unchanged\n"), "{}", text(&difference));
}

#[test]
fn lines_and_messages_decide_nothing() {
    let old = value(&sample());
    let mut new = old.clone();
    for finding in new["findings"].as_array_mut().unwrap() {
        finding["primary"]["location"] = json!({"line": 900, "column": 1, "end_line": 900, "end_column": 9});
        finding["message"] = "Another sentence.".into();
    }
    assert!(between(&old, &new).changes.is_empty());
}

#[test]
fn new_and_gone_are_the_same_seen_from_two_sides() {
    let (old, mut new) = (value(&sample()), value(&sample()));
    new["complete"] = true.into();
    new["findings"].as_array_mut().unwrap().retain(|f| f["check"] != "KW412");
    let gone = between(&old, &new);
    assert_eq!(told(&gone), ["gone KW412 governance/inventory.csv"]);
    assert_eq!(gone.changes[0].doubt, None);
    assert!(!gone.is_worse(Level::Note));
    let back = between(&new, &old);
    assert_eq!(told(&back), ["new KW412 governance/inventory.csv"]);
    assert!(back.is_worse(Level::Error));
    assert!(back.notes.iter().any(|n| n.contains("new report is incomplete")));
}

#[test]
fn what_nobody_looked_for_is_not_simply_gone() {
    let old = value(&sample());
    let mut new = old.clone();
    new["findings"] = json!([]);
    new["complete"] = true.into();
    let why = |difference: &Difference, check: &str| {
        let entry = difference.changes.iter().find(|e| e.finding.check.to_string() == check).unwrap();
        entry.doubt.clone()
    };
    new["checks"]["KW412"] = json!({"evaluated": 0, "failed": 0, "not_evaluated": {"no inventory was given": 3}});
    assert_eq!(why(&between(&old, &new), "KW412").unwrap(), "KW412 was not evaluated: no inventory was given");
    assert_eq!(why(&between(&old, &new), "KW503"), None);
    new["scope"] = json!(["range"]);
    assert_eq!(why(&between(&old, &new), "KW001").unwrap(), "the tree was not scanned again");
    new["scope"] = json!(["tree"]);
    new["complete"] = false.into();
    assert_eq!(why(&between(&old, &new), "KW503").unwrap(), "the new report is incomplete");
    assert!(text(&between(&old, &new)).contains("perhaps not gone: the new report is incomplete"));
}

/// The report with a finding at another path, as a scan of a moved file makes it.
fn moved(mut report: Value, from: &str, to: &str, key: &str) -> Value {
    for finding in report["findings"].as_array_mut().unwrap() {
        if finding["primary"]["path"] == from {
            finding["primary"]["path"] = to.into();
            let check = finding["check"].as_str().unwrap()[2..].to_owned();
            finding["key"] = format!("{check}{}", &key.repeat(32)[..29]).into();
        }
    }
    report
}

#[test]
fn a_moved_file_is_moved_and_a_copy_is_new() {
    let old = value(&sample());
    let new = moved(old.clone(), "deploy/prod.env", "ops/prod.env", "a");
    let difference = between(&old, &new);
    assert_eq!(told(&difference), ["moved KW001 ops/prod.env"]);
    assert_eq!(difference.changes[0].before.as_ref().unwrap().at.path.to_string(), "deploy/prod.env");
    assert!(!difference.is_worse(Level::Note));
    assert!(text(&difference).contains("deploy/prod.env:3 -> ops/prod.env:3"), "{}", text(&difference));
    let mut copied = old.clone();
    let copy = new["findings"].as_array().unwrap().iter().find(|f| f["primary"]["path"] == "ops/prod.env").unwrap();
    copied["findings"].as_array_mut().unwrap().push(copy.clone());
    assert_eq!(told(&between(&old, &copied)), ["new KW001 ops/prod.env"]);
}

#[test]
fn of_several_files_the_name_tells_which_moved_where() {
    let old = value(&sample());
    let new = moved(old.clone(), "deploy/prod.env", "a/prod.env", "a");
    let new = moved(new, "src/payments/charge.py", "b/charge.py", "b");
    let difference = between(&old, &new);
    let from = |path: &str| {
        let entry = difference.changes.iter().find(|e| e.finding.at.path.to_string() == path).unwrap();
        entry.before.as_ref().unwrap().at.path.to_string()
    };
    assert_eq!(
        (from("a/prod.env").as_str(), from("b/charge.py").as_str()),
        ("deploy/prod.env", "src/payments/charge.py")
    );
}

#[test]
fn a_weak_value_has_moved_where_a_keyed_fingerprint_says_so() {
    let old = value(&sample());
    let mut new = moved(old.clone(), "services/ship/client.go", "services/client.go", "c");
    let other = "c0ffee".repeat(6)[..32].to_owned();
    let text = new.to_string().replace(old["observations"][1]["credential"].as_str().unwrap(), &other);
    new = serde_json::from_str(&text).unwrap();
    let print = json!([format!("hmac-sha256:0badcafe:{}", "7".repeat(64))]);
    let mut with = old.clone();
    for report in [&mut with, &mut new] {
        report["observations"][1]["fingerprints"] = print.clone();
    }
    assert_eq!(told(&between(&with, &new)), ["moved KW101 services/client.go"]);
    new["observations"][1]["fingerprints"] = json!([]);
    assert_eq!(told(&between(&with, &new)), ["new KW101 services/client.go", "gone KW101 services/ship/client.go"]);
}

#[test]
fn levels_and_acceptance_that_change_are_told_and_count_when_they_rise() {
    let (old, mut new) = (value(&sample()), value(&sample()));
    let at = |check: &str, report: &Value, open: bool| {
        let all = report["findings"].as_array().unwrap();
        all.iter().position(|f| f["check"] == check && (f["disposition"] == "open") == open).unwrap()
    };
    let shadow = at("KW101", &new, true);
    new["findings"][shadow]["level"] = "error".into();
    let raised = between(&old, &new);
    assert_eq!(told(&raised), ["changed KW101 services/ship/client.go"]);
    assert!(raised.is_worse(Level::Error) && text(&raised).contains("was warning"));
    assert!(!between(&new, &old).is_worse(Level::Error));
    assert!(!between(&new, &old).is_worse(Level::Note), "it counted before");
    let mut opened = old.clone();
    let excepted = at("KW001", &old, false);
    opened["findings"][excepted]["disposition"] = "open".into();
    let difference = between(&old, &opened);
    assert!(difference.is_worse(Level::Error) && !between(&opened, &old).is_worse(Level::Note));
    assert!(text(&difference).contains("was accepted by exception EX-3 until 2027-01-31"), "{}", text(&difference));
}

#[test]
fn leaving_the_tree_is_a_move_into_the_history_and_coming_back_is_no_move() {
    let was = value(&history());
    let mut there = was.clone();
    there["findings"][0]["check"] = "KW001".into();
    there["findings"][0]["key"] = "5".repeat(32).into();
    there["findings"][0]["primary"]["place"] = "tree".into();
    there["observations"][0]["sightings"][0]["place"] = "tree".into();
    let left = between(&there, &was);
    assert_eq!(told(&left), ["moved KW002 config/old.env"]);
    assert!(!left.is_worse(Level::Note) && text(&left).contains("was KW001 in config/old.env:12"), "{}", text(&left));
    let mut back = there.clone();
    let mut again = there["findings"][0].clone();
    (again["check"], again["key"]) = ("KW507".into(), "6".repeat(32).into());
    back["findings"].as_array_mut().unwrap().push(again);
    let difference = between(&was, &back);
    assert_eq!(told(&difference), ["re-introduced KW001 config/old.env", "re-introduced KW507 config/old.env"]);
    assert!(difference.is_worse(Level::Error));
    // Removed and brought back between two scans of which both saw it.
    assert_eq!(told(&between(&there, &back)), ["re-introduced KW507 config/old.env"]);
}

#[test]
fn the_history_of_one_leak_is_one_leak() {
    let was = value(&history());
    let mut there = was.clone();
    there["findings"][0]["check"] = "KW001".into();
    let mut both = was.clone();
    let mut other = was["findings"][0].clone();
    (other["primary"]["path"], other["key"]) = ("config/older.env".into(), "9".repeat(32).into());
    both["findings"].as_array_mut().unwrap().push(other);
    there["findings"][0]["key"] = "5".repeat(32).into();
    assert_eq!(told(&between(&there, &both)), ["moved KW002 config/old.env", "moved KW002 config/older.env"]);
}

#[test]
fn json_names_its_form_and_holds_no_file_name() {
    let (old, mut new) = (value(&sample()), value(&sample()));
    new["findings"].as_array_mut().unwrap().pop();
    let mut out = Vec::new();
    render_json(&between(&old, &new), &mut out).unwrap();
    let json: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&json["schema"], &json["changes"][0]["change"]), (&"keyward.difference/1".into(), &"gone".into()));
    assert_eq!(json["summary"]["unchanged"], 7);
    assert_eq!(json["changes"][0]["finding"]["path"], "tests/b.py");
    assert!(!json.to_string().contains("old.json"));
}

#[test]
fn nothing_acts_on_a_terminal_and_lines_keep_their_width() {
    let mut none = value(&hostile());
    none["findings"] = json!([]);
    for (old, new) in [(value(&hostile()), none.clone()), (none, value(&hostile()))] {
        let difference = between(&old, &new);
        assert_eq!(difference.changes.len(), 1);
        let text = text(&difference);
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{text:?}");
    }
    let mut out = Vec::new();
    let narrow = RenderOptions { width: 60, ..options() };
    let mut less = value(&sample());
    less["findings"] = json!([]);
    render_text(&between(&value(&sample()), &less), &narrow, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().all(|l| crate::report::terminal::width(l) <= 60 || l.contains(':')), "{text}");
    assert!(text.ends_with("\n8 gone\n"), "{text}");
}
