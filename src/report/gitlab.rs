//! GitLab's secret-detection report, version 15.2.1.
//!
//! No value, no author, no commit message. Times are the day that governance was judged on, since the
//! same input gives the same bytes. Texts are Markdown there, so they are escaped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::markdown::escape;
use super::view::{View, check_url, inside, level_reasons};
use crate::govern::{Finding, Level};
use crate::secret::FindingKey;

const VERSION: &str = "15.2.1";
/// What stands for the commit where a finding is in the tree: constant, so that the finding stays the
/// same over commits.
const NO_COMMIT: &str = "0000000";
/// Lengths that the schema bounds.
const NAME: usize = 255;
const SOLUTION: usize = 7_000;

/// Writes the report.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = view.report;
    let tool = json!({
        "id": "keyward",
        "name": "keyward",
        "url": env!("CARGO_PKG_REPOSITORY"),
        "vendor": { "name": "keyward" },
        "version": report.version,
    });
    let day: String = report.as_of.chars().take(10).collect();
    let time = format!("{day}T00:00:00");
    let mut messages: Vec<Value> = Vec::new();
    messages.extend(view.gaps().iter().map(|gap| json!({ "level": "warn", "value": format!("Incomplete: {gap}.") })));
    messages.push(json!({ "level": "info", "value": view.verdict() }));
    let mut seen: BTreeMap<FindingKey, u32> = BTreeMap::new();
    let mut vulnerabilities = Vec::new();
    for finding in view.findings() {
        let n = seen.entry(finding.key).or_default();
        *n += 1;
        if finding.is_open() {
            vulnerabilities.push(vulnerability(view, finding, *n));
        }
    }
    let log = json!({
        "version": VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "secret_detection",
            "status": "success",
            "start_time": time,
            "end_time": time,
            "messages": messages,
        },
        "vulnerabilities": vulnerabilities,
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn vulnerability(view: &View<'_>, finding: &Finding, n: u32) -> Value {
    let check = view.check(finding.check);
    let observation = view.observation(finding);
    let mut description = escape(&finding.message);
    if let Some(reasons) = level_reasons(check, finding) {
        let _ = write!(description, "\n\nLevel {}.", escape(&reasons));
    }
    let _ = write!(description, "\n\n{}", check.why);
    let mut solution = check.remedy.to_owned();
    if let Some(revoke) = observation.filter(|o| o.is_leak()).and_then(|o| o.revoke.as_deref()) {
        solution = format!("Revoke: {}. {solution}", escape(revoke));
    }
    let mut identifiers = vec![json!({
        "type": "keyward_check",
        "name": format!("{} {}", finding.check, check.slug),
        "value": finding.check.to_string(),
        "url": check_url(finding.check),
    })];
    if let Some(observation) = observation {
        let name = format!("keyward rule {}", observation.rule);
        identifiers.push(json!({ "type": "keyward_rule", "name": name, "value": observation.rule }));
    }
    for id in check.taxa.iter().filter_map(|t| t.strip_prefix("CWE-")) {
        let url = format!("https://cwe.mitre.org/data/definitions/{id}.html");
        identifiers.push(json!({ "type": "cwe", "name": format!("CWE-{id}"), "value": id, "url": url }));
    }
    let location = location(finding);
    let mut value = json!({
        "id": id(finding, n),
        "name": cut(check.title, NAME),
        "description": description,
        "severity": severity(finding),
        "solution": cut(&solution, SOLUTION),
        "identifiers": identifiers,
        "location": location,
    });
    if let Some(file) = location.get("file") {
        // Lines are for showing; the signature is what a finding is recognised by when they move.
        let signatures = json!([{ "algorithm": "hash", "value": finding.key.to_string() }]);
        let item = json!({ "file": file, "start_line": location["start_line"], "end_line": location["end_line"], "signatures": signatures });
        value["tracking"] = json!({ "type": "source", "items": [item] });
    }
    value
}

fn location(finding: &Finding) -> Value {
    let spot = &finding.primary;
    let introduced = spot.exposure.as_ref().filter(|e| !e.at_head).and_then(|e| e.introduced.as_ref());
    let commit = introduced.map_or(NO_COMMIT, |c| c.commit.as_str());
    if !inside(spot) {
        return json!({ "commit": { "sha": commit } });
    }
    let line = spot.location.line.max(1);
    json!({
        "file": spot.path.to_str_lossy(),
        "start_line": line,
        "end_line": spot.location.end_line.max(line),
        "commit": { "sha": commit },
    })
}

/// The finding's key in the shape of a UUID; its repetitions get keys of their own.
fn id(finding: &Finding, n: u32) -> String {
    let first = finding.key.to_string();
    let hex =
        if n == 1 { first } else { FindingKey::from_parts(&[first.as_bytes(), n.to_string().as_bytes()]).to_string() };
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn severity(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Error if finding.severity() >= 9.0 => "Critical",
        Level::Error => "High",
        Level::Warning => "Medium",
        Level::Note => "Info",
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        text.chars().take(most - 1).chain(['\u{2026}']).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use crate::report::Format;
    use crate::report::testing::{CANARY, clean, history, hostile, rendered, sample};

    fn log(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    /// The facts of GitLab's schema for version 15.2.1.
    #[test]
    fn has_the_shape_that_gitlab_wants() {
        for report in [sample(), clean(), history(), hostile()] {
            let text = rendered(&report, Format::Gitlab);
            let log = log(&text);
            assert_eq!(log["version"], "15.2.1");
            for tool in ["analyzer", "scanner"] {
                for part in ["/id", "/name", "/version", "/vendor/name"] {
                    assert!(log["scan"][tool].pointer(part).and_then(Value::as_str).is_some_and(|s| !s.is_empty()));
                }
            }
            let time = log["scan"]["start_time"].as_str().unwrap();
            assert!(time.len() == 19 && time.as_bytes()[10] == b'T' && !time.ends_with('Z'), "{time}");
            assert_eq!((&log["scan"]["type"], &log["scan"]["status"]), (&"secret_detection".into(), &"success".into()));
            let all = log["vulnerabilities"].as_array().unwrap();
            assert_eq!(all.len(), report.judgement.findings.iter().filter(|f| f.is_open()).count());
            let ids: BTreeSet<_> = all.iter().map(|v| v["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), all.len());
            for v in all {
                assert!(
                    ["Info", "Unknown", "Low", "Medium", "High", "Critical"].contains(&v["severity"].as_str().unwrap())
                );
                assert!(v["name"].as_str().unwrap().chars().count() <= 255);
                assert!(!v["location"]["commit"]["sha"].as_str().unwrap().is_empty());
                for identifier in v["identifiers"].as_array().unwrap() {
                    assert!(
                        ["type", "name", "value"].iter().all(|k| identifier[k].as_str().is_some_and(|s| !s.is_empty()))
                    );
                }
                assert!(v.get("raw_source_code_extract").is_none());
            }
            assert!(!text.contains(CANARY));
        }
    }

    #[test]
    fn history_names_its_commit_and_the_tree_none() {
        let log = log(&rendered(&history(), Format::Gitlab));
        assert_eq!(log["vulnerabilities"][0]["location"]["commit"]["sha"], "a".repeat(40));
        let log: Value = serde_json::from_str(&rendered(&sample(), Format::Gitlab)).unwrap();
        assert_eq!(log["vulnerabilities"][0]["location"]["commit"]["sha"], "0000000");
    }
}
