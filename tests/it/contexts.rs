//! Every rule that needs nothing around its value finds it wherever values are written: in a shell, in YAML,
//! JSON, Python, Java properties and an address.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyward::template::expand;
use keyward::{Form, Rule, RuleSet};
use serde_json::Value;

use crate::run::keyward;

/// The file, and its text around `VALUE`. The names say nothing about whose it is.
const CONTEXTS: [(&str, &str); 6] = [
    ("deploy.sh", "set -e\nexport SERVICE_SETTING=\"VALUE\"\n./run\n"),
    ("values.yaml", "service:\n  setting: VALUE\n  port: 8080\n"),
    ("settings.json", "{\"service\": {\"setting\": \"VALUE\", \"port\": 8080}}\n"),
    ("client.py", "client = Client(setting='VALUE', retries=3)\n"),
    ("service.properties", "service.port=8080\nservice.setting=VALUE\n"),
    ("notes.txt", "curl https://api.acme.example/v1/items?setting=VALUE&page=2\n"),
];

/// Rules that one of these contexts changes, and why that is right.
const OTHERWISE: &[(&str, &str, &str)] =
    &[("google-chat-webhook", "notes.txt", "escaped, the API key in the address stays readable and is found as that")];

/// Values of each rule, as its own examples have them.
fn values_of(rules: &RuleSet) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (number, rule) in rules.iter().filter(|(_, rule)| stands_alone(rule)).map(|(n, r)| (n.0, r)) {
        for (e, example) in rule.examples.iter().enumerate() {
            let text = expand(example, u64::from(number) << 8 | e as u64, Some(rule)).unwrap();
            let name = format!("r{number}/e{e}/a.txt");
            fs::create_dir_all(folder.path().join(&name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(&name), &text).unwrap();
            texts.insert(name, (rule.id.to_string(), text));
        }
    }
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, rule, location) in sightings(folder.path()) {
        let Some((id, text)) = texts.get(&path) else { continue };
        let number = |name: &str| location[name].as_u64().unwrap() as usize;
        if rule == *id && number("line") == number("end_line") {
            let line = text.lines().nth(number("line") - 1).unwrap();
            let value: String =
                line.chars().skip(number("column") - 1).take(number("end_column") - number("column")).collect();
            values.entry(rule).or_default().push(value);
        }
    }
    values
}

/// Path, rule and location of everything that a scan of a folder sees.
fn sightings(folder: &Path) -> Vec<(String, String, Value)> {
    let ran = keyward(folder, &["scan", ".", "--no-ignore", "--format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let mut all = Vec::new();
    for observation in report["observations"].as_array().unwrap() {
        for sighting in observation["sightings"].as_array().unwrap() {
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            all.push((text(&sighting["path"]), text(&observation["rule"]), sighting["location"].clone()));
        }
    }
    all
}

/// Whether the value is the whole of the form: no words around it, nothing beside it, on one line.
fn stands_alone(rule: &Rule) -> bool {
    rule.form != Form::Contextual
        && rule.context.is_empty()
        && rule.extends.is_none_or(|e| e.word() == "token")
        && is_whole(&rule.pattern)
}

/// Whether the group `secret` is all of a pattern.
fn is_whole(pattern: &str) -> bool {
    let Some(rest) = pattern.strip_prefix("(?P<secret>") else { return false };
    let (mut depth, mut in_class, mut escaped) = (1_i32, false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == rest.len();
        }
    }
    false
}

/// As an address has it.
fn in_address(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    value.chars().map(|c| if plain(c) { c.to_string() } else { format!("%{:02X}", c as u32) }).collect()
}

#[test]
fn values_are_found_wherever_they_are_written() {
    let rules = RuleSet::builtin();
    let values = values_of(&rules);
    let alone = rules.iter().filter(|(_, rule)| stands_alone(rule)).count();
    let folder = tempfile::tempdir().unwrap();
    let mut wanted: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (n, (id, all)) in values.iter().enumerate() {
        for (v, value) in all.iter().take(2).enumerate() {
            for (file, text) in CONTEXTS {
                let value = if file == "notes.txt" { in_address(value) } else { value.clone() };
                let name = format!("r{n}/v{v}/{file}");
                let path = folder.path().join(&name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text.replace("VALUE", &value)).unwrap();
                wanted.insert(name, (id, file));
            }
        }
    }
    for (path, rule, _) in sightings(folder.path()) {
        if wanted.get(&path).is_some_and(|(id, _)| *id == rule) {
            wanted.remove(&path);
        }
    }
    wanted.retain(|_, (id, file)| !OTHERWISE.iter().any(|(rule, context, _)| rule == id && context == file));
    let missed: Vec<String> = wanted.values().map(|(id, file)| format!("{id} in {file}")).collect();
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    // The rest needs words around it, a key id beside it, or several lines.
    assert!(values.len() + 5 >= alone && alone > 200, "{} of {alone} rules have a value", values.len());
    assert!(OTHERWISE.iter().all(|(rule, _, why)| rules.by_id(rule).is_some() && !why.is_empty()));
}
