//! Rules that keyward.toml switches off: they find nothing, and every report says so.

use std::fs;

use keyward::template::expand;
use serde_json::Value;

use crate::run::keyward;

#[test]
fn a_rule_that_is_switched_off_finds_nothing_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("pay.env", &expand("STRIPE_KEY=sk_live_51{base62:97}\n", 3, None).unwrap());
    let scan = |more: &[&str]| {
        let args = [&["scan", "pay.env", "--format", "json", "--exit-zero"], more].concat();
        let ran = keyward(folder.path(), &args);
        serde_json::from_str::<Value>(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr))
    };
    let rules = |report: &Value| -> Vec<String> {
        let all = report["observations"].as_array().unwrap();
        all.iter().map(|o| o["rule"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let found = rules(&scan(&[]));
    assert_eq!(found.len(), 1);
    write("keyward.toml", &format!("[rules]\ndisable = [\"{}\", \"api-key-assignment\"]\n", found[0]));
    let report = scan(&["--config", "keyward.toml"]);
    assert_eq!(rules(&report), [""; 0]);
    let told = report.to_string();
    assert!(told.contains("rule-disabled") && told.contains(&found[0]), "{told}");
}
