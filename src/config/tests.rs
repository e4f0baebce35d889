use super::*;
use crate::govern::check::{CheckId, Level};

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse("keyward.toml", Path::new("conf"), text)
}

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_the_default() {
    let config = parse("").unwrap();
    assert_eq!(config.policy.max_export_age_days, 7);
    assert!(config.inventory.is_empty() && config.exclude.is_empty());
}

#[test]
fn what_is_written_replaces_the_default_and_nothing_else() {
    let config = parse(
        r#"
exclude = ["vendor/**"]
roster = "people.csv"
[rules]
files = ["rules/acme.toml"]
[[inventory]]
path = "inventory.csv"
generated_at = "2026-06-01"
[policy]
profile = "regulated"
[policy.expiry]
notice_days = 60
[[policy.environments]]
name = "live"
production = true
paths = ["deploy/live/**"]
[policy.severity]
KW402 = { live = "error", default = "note" }
[policy.gate.pull_request]
fail_on = "warning"
checks = ["leak", "KW1xx", "KW605"]
"#,
    )
    .unwrap();
    assert_eq!(config.roster.as_deref(), Some(Path::new("conf/people.csv")));
    assert_eq!(config.policy.expiry.notice_days, 60);
    assert!(!config.policy.expiry.allow_never);
    assert_eq!(config.policy.classes[3].limits.max_lifetime, Some(182), "regulated halves");
    assert_eq!(config.policy.overrides[&CheckId(402)].default, Some(Level::Note));
    let gate = config.policy.gate(Some("pull_request"));
    assert!(
        gate.only_new
            && gate.fail_on == Some(Level::Warning)
            && gate.selects(CheckId(104))
            && !gate.selects(CheckId(201))
    );
    assert!(config.exclude.is_match("vendor/a/b"));
}

#[test]
fn errors_point_at_the_line_and_show_no_value() {
    let cases = [
        (
            "[policy]\nprofile = \"hunter2\"\n",
            "keyward.toml:2:11: policy.profile: expected one of minimal, standard, regulated",
        ),
        (
            "[policy.expiry]\n\nnotice_days = \"hunter2\"\n",
            "keyward.toml:3:15: notice_days: wrong type; expected a whole number",
        ),
        (
            "[policy.expiry]\nnotice_days = -1\n",
            "keyward.toml:2:15: policy.expiry.notice_days: expected a number from 0 to 36500",
        ),
        ("exclude = [\"a[hunter2\"]\n", "keyward.toml:1:12: exclude: expected a glob, with `/` between folders"),
        (
            "[policy.severity]\nKW999 = { default = \"note\" }\n",
            "keyward.toml:2:1: policy.severity: expected a check such as KW101",
        ),
        (
            "[rules]\nreplace = true\n",
            "keyward.toml:1:1: rules.replace: expected rule files in rules.files: zero rules find nothing",
        ),
        (
            "stage = \"hunter2\"\n",
            "keyward.toml:1:9: stage: expected a gate of the policy: main, nightly, pre_commit, pull_request",
        ),
    ];
    for (text, shown) in cases {
        assert_eq!(problem(text), shown);
    }
    for text in [
        "hunter2 = 1\n",
        "[policy.hunter2]\n",
        "policy = \"hunter2\n",
        "roster = hunter2\n",
        "[[policy.environments]]\nname = 1\n",
    ] {
        let shown = problem(text);
        assert!(!shown.contains("hunter2") && shown.starts_with("keyward.toml:"), "{shown}");
    }
}

#[test]
fn mappings_are_checked_and_name_formats() {
    let text = "[[inventory]]\npath = \"a.csv\"\nformat = \"desk\"\n[mappings.desk.fields]\nid = \"Key\"\n";
    let config = parse(text).unwrap();
    assert_eq!(config.inventory_sources()[0].format.as_deref(), Some("desk"));
    assert!(config.mappings.contains_key("desk"));
    assert!(
        problem(&text.replace("\"desk\"", "\"hunter2\""))
            .starts_with("keyward.toml:3:10: inventory.format: expected one of")
    );
    assert!(problem("[mappings.desk.fields]\nowner_of = \"Key\"\n").contains("not a field of the inventory"));
}

#[test]
fn an_old_framework_reference_is_understood() {
    let config = parse("[policy.controls]\n\"PR.AC-4\" = \"AC-17\"\n").unwrap();
    assert_eq!(config.policy.controls["CSF PR.AA-05"], "AC-17");
    assert!(problem("[policy.controls]\n\"PR.XX-1\" = \"AC-17\"\n").contains("expected a framework reference"));
}
