//! Formats, one by one: that none loses its rule, and that what changed or is shared is told as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use keyward::RuleSet;
use keyward::template::expand;
use serde::Deserialize;
use serde_json::Value;

use crate::run::{home, keyward};

#[derive(Deserialize)]
struct Formats {
    rules: Vec<String>,
    covered: Vec<Covered>,
    quiet: Vec<Quiet>,
}

#[derive(Deserialize)]
struct Covered {
    format: String,
    by: Vec<String>,
    why: String,
}

#[derive(Deserialize)]
struct Quiet {
    format: String,
    why: String,
}

fn read<T: serde::de::DeserializeOwned>(file: &str) -> T {
    toml::from_str(&fs::read_to_string(home().join("fixtures").join(file)).unwrap()).unwrap()
}

/// Formats without a rule of their own, for the page.
pub(crate) fn table() -> String {
    let formats: Formats = read("formats.toml");
    let mut table = String::from("| format | covered by | why |\n| --- | --- | --- |\n");
    for one in &formats.covered {
        let by: Vec<String> = one.by.iter().map(|id| format!("`{id}`")).collect();
        table.push_str(&format!("| {} | {} | {} |\n", one.format, by.join(", "), one.why));
    }
    for one in &formats.quiet {
        table.push_str(&format!("| {} | nothing: no leak | {} |\n", one.format, one.why));
    }
    table
}

#[test]
fn no_format_loses_its_rule() {
    let formats: Formats = read("formats.toml");
    let rules = RuleSet::builtin();
    let has = |id: &str| rules.by_id(id).is_some_and(|r| r.examples.len() >= 2 && !r.near_misses.is_empty());
    let lost: Vec<&String> =
        formats.rules.iter().chain(formats.covered.iter().flat_map(|c| &c.by)).filter(|id| !has(id)).collect();
    assert!(lost.is_empty(), "{lost:?} have no rule with examples and near misses");
    let reasons =
        formats.covered.iter().map(|c| (&c.format, &c.why)).chain(formats.quiet.iter().map(|q| (&q.format, &q.why)));
    let mut seen: BTreeSet<&String> = formats.rules.iter().collect();
    for (format, why) in reasons {
        assert!(!why.is_empty() && seen.insert(format), "{format}");
    }
    assert!(seen.len() >= 549, "{} formats", seen.len());
}

#[derive(Deserialize)]
struct Points {
    point: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    what: String,
    rule: Option<String>,
    text: String,
    finds: Vec<String>,
    #[serde(default)]
    claims: BTreeMap<String, Value>,
}

#[test]
fn what_changed_or_is_shared_is_told_as_it_is() {
    let points: Points = read("format-points.toml");
    let rules = RuleSet::builtin();
    let folder = tempfile::tempdir().unwrap();
    for (n, point) in points.point.iter().enumerate() {
        let rule = point.rule.as_deref().map(|id| rules.by_id(id).unwrap());
        let text = expand(&point.text, n as u64, rule).unwrap_or_else(|e| panic!("{}: {e}", point.what));
        let place = folder.path().join(format!("p{n}"));
        fs::create_dir(&place).unwrap();
        fs::write(place.join("service.conf"), text + "\n").unwrap();
    }
    let scan = ["scan", ".", "--no-ignore", "--as-of", "2026-11-01", "--format", "json", "--exit-zero"];
    let ran = keyward(folder.path(), &scan);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap().iter().filter(|f| text(&f["check"]).starts_with("KW00")) {
        let told =
            format!("{} {} {}", text(&finding["check"]), text(&finding["level"]), text(&finding["facts"]["rule"]));
        found.entry(text(&finding["primary"]["path"])).or_default().push(told);
    }
    let mut claims: BTreeMap<String, &Value> = BTreeMap::new();
    for observation in report["observations"].as_array().unwrap() {
        if observation["visibility"] == "secret" {
            claims.insert(text(&observation["sightings"][0]["path"]), &observation["claims"]);
        }
    }
    let mut wrong = Vec::new();
    for (n, point) in points.point.iter().enumerate() {
        let path = format!("p{n}/service.conf");
        let mut told = found.get(&path).cloned().unwrap_or_default();
        told.sort();
        let own = claims.get(&path).copied().unwrap_or(&Value::Null);
        let differs = point.claims.iter().any(|(name, value)| own[name] != *value);
        if told != point.finds || differs {
            wrong.push(format!(
                "{}: found {told:?} with {own}, expected {:?} with {:?}",
                point.what, point.finds, point.claims
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), points.point.len(), wrong.join("\n"));
}

#[derive(Deserialize)]
struct Provider {
    provider: String,
    rule: Vec<Sampled>,
}

#[derive(Deserialize)]
struct Sampled {
    id: String,
    #[serde(default)]
    ignore: Vec<String>,
}

#[test]
fn no_documented_sample_is_reported_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let mut whose = Vec::new();
    for entry in fs::read_dir(home().join("rules")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("partners.toml") {
            continue;
        }
        let file: Provider = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = file.provider.to_uppercase().replace('-', "_");
        for (rule, sample) in file.rule.iter().flat_map(|r| r.ignore.iter().map(move |s| (r, s.replace(" + ", "")))) {
            let place = folder.path().join(format!("s{}", whose.len()));
            fs::create_dir(&place).unwrap();
            fs::write(place.join("service.conf"), format!("{name}_SECRET_KEY={sample}\n")).unwrap();
            fs::write(place.join("app.yml"), format!("service:\n  client_secret: '{sample}'\n")).unwrap();
            fs::write(place.join("main.py"), format!("client = Client(api_key=\"{sample}\")\n")).unwrap();
            whose.push(rule.id.clone());
        }
    }
    assert!(whose.len() >= 40, "{} samples", whose.len());
    let ran = keyward(folder.path(), &["scan", ".", "--no-ignore", "--format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let told: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| {
            let path = f["primary"]["path"].as_str()?;
            let number: usize = path.split('/').next()?.strip_prefix('s')?.parse().ok()?;
            Some(format!("{path}, a sample of {}: {} as {}", whose[number], f["check"], f["facts"]["rule"]))
        })
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
