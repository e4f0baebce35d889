//! Every check of the table is shown in three states by the binary: it fails, it passes, and it is not
//! evaluated, over the cases and the golden organisation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::organisation::Organisation;
use crate::planted::cases;
use crate::run::keyward;

/// Checks that are asked of nothing else than what they fail on, and why they cannot pass.
const NEVER_PASS: &[(&str, &str)] = &[
    ("KW003", "every identifier is told"),
    ("KW004", "every test-mode credential is told"),
    ("KW502", "asked of what is revoked and only in the history, which is told"),
];

/// Checks that need nothing that could be missing.
const ALWAYS_EVALUATED: &[&str] = &["KW001", "KW003", "KW004", "KW607", "KW811", "KW904"];

#[derive(Default)]
struct Seen {
    fails: BTreeSet<String>,
    passes: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Seen {
    fn add(&mut self, report: &Value) {
        let states: BTreeMap<String, Value> = serde_json::from_value(report["checks"].clone()).unwrap();
        for (check, state) in states {
            let count = |name: &str| state[name].as_u64().unwrap_or_default();
            if count("failed") > 0 {
                self.fails.insert(check.clone());
            }
            if count("evaluated") > count("failed") {
                self.passes.insert(check.clone());
            }
            if state["not_evaluated"].as_object().is_some_and(|o| !o.is_empty()) {
                self.open.insert(check);
            }
        }
    }
}

#[test]
fn every_check_fails_passes_and_is_not_evaluated_somewhere() {
    let mut seen = Seen::default();
    for case in cases() {
        let laid = case.lay_out();
        let mut args = case.args.clone();
        args.extend(["--format".to_owned(), "json".to_owned()]);
        if let Ok(report) = serde_json::from_str(&keyward(laid.place(), &args).stdout) {
            seen.add(&report);
        }
    }
    seen.add(&serde_json::from_str(&Organisation::build().scan(&["--format", "json"]).stdout).unwrap());
    let all: BTreeSet<String> = keyward::checks::all().iter().map(|c| c.id.to_string()).collect();
    let but = |listed: Vec<&str>, seen: &BTreeSet<String>| -> Vec<String> {
        all.iter().filter(|id| !seen.contains(*id) && !listed.contains(&id.as_str())).cloned().collect()
    };
    let never_pass = NEVER_PASS.iter().map(|(id, _)| *id).collect();
    let missing =
        (but(Vec::new(), &seen.fails), but(never_pass, &seen.passes), but(ALWAYS_EVALUATED.to_vec(), &seen.open));
    assert_eq!(missing, (Vec::new(), Vec::new(), Vec::new()), "never fail, never pass, never not evaluated");
}
