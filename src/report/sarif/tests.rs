//! What no validator of SARIF checks, and code scanning rejects or shows wrongly.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::report::testing::{CANARY, clean, history, hostile, options, rendered, sample};
use crate::report::{Category, Format, RenderOptions, Report, render};

fn log(report: &Report, options: &RenderOptions<'_>) -> Value {
    let mut out = Vec::new();
    render(report, Format::Sarif, options, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

fn all() -> Vec<Value> {
    let history_options = RenderOptions { category: Category::History, ..options() };
    vec![
        log(&sample(), &options()),
        log(&clean(), &options()),
        log(&history(), &history_options),
        log(&hostile(), &options()),
        log(&sample(), &RenderOptions { sarif_include_suppressed: true, ..options() }),
    ]
}

/// For the validators: `tests/validators/sarif target/report-samples/*.sarif`.
#[test]
fn samples_for_the_validators() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-samples");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, log) in ["sample", "clean", "history", "hostile", "suppressed"].iter().zip(all()) {
        let text = serde_json::to_string_pretty(&log).unwrap();
        std::fs::write(folder.join(format!("{name}.sarif")), text).unwrap();
    }
}

#[test]
fn every_open_finding_is_a_result_and_none_else() {
    for report in [sample(), clean(), history(), hostile()] {
        let open = report.judgement.findings.iter().filter(|f| f.is_open()).count();
        for category in [Category::Tree, Category::History] {
            let log = log(&report, &RenderOptions { category, ..options() });
            let runs = log["runs"].as_array().unwrap();
            assert_eq!(runs.iter().map(|run| run["results"].as_array().unwrap().len()).sum::<usize>(), open);
        }
    }
    let with = log(&sample(), &RenderOptions { sarif_include_suppressed: true, ..options() });
    let suppressed = results(&with).iter().filter(|r| r.get("suppressions").is_some()).count();
    assert_eq!((results(&with).len(), suppressed), (sample().judgement.findings.len(), 2));
}

#[test]
fn a_clean_run_has_an_empty_list_of_results() {
    let log = log(&clean(), &options());
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn a_stream_has_a_category_of_its_own() {
    for (category, id) in
        [(Category::Tree, "keyward/tree/"), (Category::History, "keyward/history/"), (Category::Diff, "keyward/diff/")]
    {
        let log = log(&sample(), &RenderOptions { category, ..options() });
        let ids: Vec<&Value> =
            log["runs"].as_array().unwrap().iter().map(|run| &run["automationDetails"]["id"]).collect();
        // What was scanned of the tree along with the history is told where scans of the tree tell it.
        let tree = (category == Category::History).then_some("keyward/tree/");
        assert_eq!(ids, tree.into_iter().chain([id]).collect::<Vec<_>>());
    }
}

#[test]
fn checks_that_need_the_history_are_in_its_stream() {
    let table = crate::govern::checks::all().iter();
    let needing: Vec<u16> =
        table.filter(|c| c.needs.contains("history") && c.needs.contains(" scan of ")).map(|c| c.id.0).collect();
    // Without a scan of the history there is a date of issue.
    let needing: Vec<u16> = needing.into_iter().filter(|id| *id != 403).collect();
    // The leak that is only in the history is told by its place.
    assert_eq!(needing, [&[2], super::LOOKING_BACK.as_slice()].concat());
}

#[test]
fn rules_are_complete_in_the_order_of_the_table_and_results_point_at_them() {
    for log in all() {
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<_> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert!(ids.windows(2).all(|w| w[0] < w[1]), "{ids:?}");
        for rule in rules {
            let severity = rule["properties"]["security-severity"].as_str().unwrap();
            assert!(severity.parse::<f32>().is_ok() && severity != "9.0", "{severity}");
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.len() <= 10 && tags.contains(&"security".into()));
            assert_ne!(rule["id"], rule["name"]);
            for part in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
                let text = rule.pointer(part).and_then(Value::as_str).unwrap();
                assert!(!text.is_empty() && (part.starts_with("/help") || text.chars().count() <= 1024), "{part}");
            }
        }
        for result in results(&log) {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(ids[index], result["ruleId"]);
            assert_eq!(result["kind"], "fail");
            assert!(result["message"].get("id").is_none() && !result["message"]["text"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn every_place_is_relative_with_four_numbers() {
    for log in all() {
        for result in results(&log) {
            assert_eq!(result["locations"].as_array().unwrap().len(), 1);
            let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
            for location in result["locations"].as_array().unwrap().iter().chain(&related) {
                let physical = &location["physicalLocation"];
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
                assert!(!uri.is_empty() && !uri.starts_with(['/', '.']) && !uri.contains([':', '\\', ' ']), "{uri}");
                assert_eq!(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%");
                let number = |key: &str| physical["region"][key].as_u64().unwrap();
                assert!(
                    number("startLine") > 0 && number("startColumn") > 0 && number("endLine") >= number("startLine")
                );
                assert!(number("endColumn") > number("startColumn") || number("endLine") > number("startLine"));
                assert!(physical["region"].get("snippet").is_none());
            }
        }
    }
}

#[test]
fn records_stand_at_their_row_or_at_the_configuration() {
    let log = log(&sample(), &options());
    let of = |rule: &str| results(&log).iter().find(|r| r["ruleId"] == rule).unwrap();
    let place = |r: &Value| r["locations"][0]["physicalLocation"].clone();
    assert_eq!(place(of("KW412"))["artifactLocation"]["uri"], "governance/inventory.csv");
    assert_eq!(place(of("KW412"))["region"]["startLine"], 9);
    assert_eq!(place(of("KW503"))["artifactLocation"]["uri"], "keyward.toml");
    assert_eq!(place(of("KW503"))["region"]["startLine"], 1);
}

#[test]
fn history_is_told_in_words_and_points_at_no_innocent_line() {
    let log = log(&history(), &RenderOptions { category: Category::History, ..options() });
    let result = &log["runs"][1]["results"][0];
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.contains("at line 12 of config/old.env, added in aaaaaaa, removed in bbbbbbb"), "{text}");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
    assert_eq!(result["properties"]["keyward/introduced"]["commit"], "a".repeat(40));
    assert_eq!(result["properties"]["keyward/atHead"], false);
    assert_eq!(result["properties"]["keyward/refs"]["count"], 3);
    let notes = log["runs"][1]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(notes.iter().any(|n| n["descriptor"]["id"] == "history-incomplete"));
}

#[test]
fn identities_are_unique_and_survive_moving_lines() {
    let hashes = |report: &Report| -> Vec<String> {
        let log = log(report, &options());
        results(&log)
            .iter()
            .map(|r| r["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned())
            .collect()
    };
    let report = sample();
    let before = hashes(&report);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    for hash in &before {
        let (key, n) = hash.split_once(':').unwrap();
        assert!(key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit()) && n.parse::<u32>().is_ok(), "{hash}");
    }
    let mut moved = report.clone();
    for finding in &mut moved.judgement.findings {
        finding.primary.location.line += 7;
        finding.primary.location.end_line += 7;
    }
    assert_eq!(hashes(&moved), before);
}

#[test]
fn the_limit_keeps_the_gravest_and_says_what_it_left_out() {
    let log = log(&sample(), &RenderOptions { sarif_limit: 4, ..options() });
    assert!(results(&log).iter().all(|r| r["level"] == "error"));
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let note = notes.iter().find(|n| n["descriptor"]["id"] == "results-left-out").unwrap();
    assert!(note["message"]["text"].as_str().unwrap().starts_with("2 results"), "{note}");
    let all = rendered(&sample(), Format::Sarif);
    assert!(!all.contains("\"text\": \"2 results"));
}

#[test]
fn nothing_that_must_not_be_there() {
    for report in [sample(), history(), hostile()] {
        let text = rendered(&report, Format::Sarif);
        for part in [CANARY, "\"snippet\"", "TimeUtc", "Dana Approver", "CHG-4711", "/srv/exports", "](https"] {
            assert!(!text.contains(part), "{part}");
        }
        let same = rendered(&report, Format::Sarif);
        assert_eq!(text, same);
    }
    let log = log(&sample(), &options());
    assert_eq!(
        log["runs"][0]["versionControlProvenance"][0]["repositoryUri"],
        "https://git.example.org/shop/payments-api.git"
    );
}

#[test]
fn addresses_lose_what_is_private() {
    let of = super::public_address;
    assert_eq!(of("https://user:pass@example.org/a/b.git?x=1").as_deref(), Some("https://example.org/a/b.git"));
    assert_eq!(of("git@example.org:a/b.git").as_deref(), Some("ssh://example.org/a/b.git"));
    assert_eq!(of("/srv/git/b.git"), None);
    assert_eq!(of("C:\\git\\b.git"), None);
    assert_eq!(of("file:///srv/git/b.git"), None);
}
