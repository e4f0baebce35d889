//! The importers, over the samples of `fixtures/inventories`: every field of every export becomes what
//! `docs/exports.md` says, and hostile variants give one clear error, show no value and lose nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use keyward::Inventory;
use keyward::inventory::{InventoryError, LoadOptions, Source, lint, load};
use serde_json::Value;

use crate::run::home;

/// Put where no message may show it.
const CANARY: &str = "q7Zc4Rk9Wd2Xn8Lb5Tf1Hg6Mj3Vp0Ys";
/// Keys that hold rows, or names of the exporting side's own, and no field of a credential.
const AROUND: &[&str] = &[
    "app",
    "items",
    "SecretList",
    "AccessKeyMetadata",
    "ServiceSpecificCredentials",
    "value",
    "count",
    "list",
    "keys",
    "installations",
    "total_count",
    "@odata.context",
    "properties",
    "attributes",
    "secretManagement",
    "key",
    "Key",
    "Value",
];
/// Keys below which names are free.
const FREE: &[&str] = &[
    "tags",
    "labels",
    "annotations",
    "custom_metadata",
    "meta_data",
    "platformAccountProperties",
    "owner",
    "application",
    "SecretVersionsToStages",
    "remoteMachinesAccess",
    "versionAliases",
    "permissions",
    "serverKeyRestrictions",
    "browserKeyRestrictions",
    "requiredResourceAccess",
    "subscriptions",
];
/// Keys below which one level of names is free.
const LISTED_BY_NAME: &[&str] = &["access_rights", "attributes", "versions"];

fn sample(name: &str) -> String {
    let text = fs::read_to_string(home().join("fixtures/inventories").join(name)).unwrap();
    let mut out = String::new();
    let mut rest = text.as_str();
    let mut state = 7_u64;
    let mut draw = |n: usize| -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(DIGITS[(state >> 33) as usize % DIGITS.len()])
        };
        (0..n).map(next).collect()
    };
    while let Some(at) = rest.find("{base62:").into_iter().chain(rest.find("{uuid}")).min() {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find('}').unwrap();
        let n = rest[at..end].split(':').nth(1).map_or(32, |n| n.parse().unwrap());
        out.push_str(&draw(n));
        rest = &rest[end + 1..];
    }
    out + rest
}

fn is_a(file: &str, extension: &str) -> bool {
    file.rsplit('.').next() == Some(extension)
}

fn samples() -> Vec<(String, String)> {
    let files = fs::read_dir(home().join("fixtures/inventories")).unwrap();
    let mut names: Vec<String> = files.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), sample(&name))).collect()
}

fn read(name: &str, content: &[u8]) -> Result<Inventory, InventoryError> {
    let mappings = BTreeMap::new();
    let options =
        LoadOptions { peppers: &[], strict: false, mappings: &mappings, max_bytes: 1 << 26, max_rows: 100_000 };
    let source = Source { path: name.into(), name: name.to_owned(), format: None, content: Some(content.to_vec()) };
    load(&[source], &options)
}

/// Everything that is ever shown of an import.
fn shown(result: &Result<Inventory, InventoryError>) -> String {
    match result {
        Err(error) => error.to_string(),
        Ok(inventory) => lint(inventory).iter().fold(String::new(), |mut all, line| {
            let _ = writeln!(all, "{} {} {}", line.id.as_deref().unwrap_or_default(), line.field, line.problem);
            all
        }),
    }
}

#[track_caller]
fn shows_no_value(what: &str, result: &Result<Inventory, InventoryError>) {
    let shown = shown(result);
    for at in 0..CANARY.len() - 8 {
        assert!(!shown.contains(&CANARY[at..at + 8]), "{what}: {shown}");
    }
    if let Err(error) = result {
        assert!(error.to_string().starts_with(&error.file) && !error.problem.is_empty(), "{what}: {error}");
        assert!(!error.to_string().contains('\n') && error.to_string().len() < 600, "{what}: {error}");
    }
}

/// The rows of the page: file, format, and for each field what it becomes and the value in the sample.
fn page() -> Vec<(String, String, Vec<[String; 3]>)> {
    let text = fs::read_to_string(home().join("docs/exports.md")).unwrap();
    let mut all: Vec<(String, String, Vec<[String; 3]>)> = Vec::new();
    for line in text.lines() {
        if let Some((file, rest)) = line.strip_prefix('`').and_then(|l| l.split_once("` (`")) {
            all.push((file.to_owned(), rest.split('`').next().unwrap().to_owned(), Vec::new()));
        } else if let Some(row) = line.strip_prefix("| ").and_then(|l| l.strip_suffix(" |")) {
            let cells: Vec<String> = row.split(" | ").map(|c| c.trim().to_owned()).collect();
            let cells: [String; 3] = cells.try_into().unwrap_or_else(|_| panic!("{line}"));
            if cells[0] != "field" && !cells[0].starts_with("---") {
                all.last_mut().unwrap().2.push(cells);
            }
        }
    }
    all
}

/// The texts of a serialised field.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// The names that an export's text uses.
fn names(file: &str, text: &str) -> BTreeSet<String> {
    fn walk(value: &Value, free: usize, names: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, free, names)),
            Value::Object(entries) => {
                for (name, value) in entries {
                    if free == 0 {
                        names.insert(name.clone());
                    }
                    let below = match name.as_str() {
                        _ if free > 0 => free - 1,
                        name if FREE.contains(&name) => usize::MAX,
                        name => usize::from(LISTED_BY_NAME.contains(&name)),
                    };
                    walk(value, below, names);
                }
            }
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    match file.rsplit('.').next().unwrap() {
        "csv" => all.extend(text.lines().next().unwrap().split(',').map(|n| n.trim_matches('"').to_owned())),
        "json" | "jsonl" => {
            for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
                walk(&value.unwrap(), 0, &mut all);
            }
        }
        "yaml" => {
            let keys = text.lines().filter_map(|l| l.trim_start_matches([' ', '-']).split_once(':'));
            all.extend(
                keys.map(|(key, _)| key.to_owned()).filter(|k| !k.is_empty() && !k.contains(['/', '"', '[', '$'])),
            );
        }
        _ => {}
    }
    all
}

#[test]
fn every_field_becomes_what_the_page_says() {
    let mut wrong = Vec::new();
    let pages = page();
    for (file, format, rows) in &pages {
        let text = sample(file);
        let inventory = read(file, text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(&inventory.formats[file], format, "{file}");
        assert_eq!(inventory.errors, [], "{file}");
        let records: Vec<Value> = inventory.records.iter().map(|r| serde_json::to_value(r).unwrap()).collect();
        let components: Vec<Value> = inventory.components.iter().map(|c| serde_json::to_value(c).unwrap()).collect();
        let all = || records.iter().chain(&components);
        for [field, becomes, value] in rows {
            let has = |becomes: &str| all().any(|r| texts(&r[becomes]).contains(value));
            let fits = match becomes.as_str() {
                "-" => true,
                "tags" => all().any(|r| texts(r).contains(value)),
                "secret" => has("secret_fields") && inventory.secrets.iter().any(|(_, name, _)| name == value),
                becomes => has(becomes),
            };
            if !fits {
                let there: BTreeSet<String> = all().flat_map(|r| texts(&r[becomes.as_str()])).collect();
                wrong.push(format!("{file}: {field} -> {becomes} = {value}; there is {there:?}"));
            }
            if !text.contains(field.as_str()) {
                wrong.push(format!("{file}: the sample has no {field}"));
            }
        }
        let told: BTreeSet<&str> = rows.iter().map(|r| r[0].as_str()).chain(AROUND.iter().copied()).collect();
        let untold = names(file, &text);
        let untold: Vec<_> = untold.iter().filter(|n| !told.contains(n.as_str()) && !n.starts_with("kv/")).collect();
        if !untold.is_empty() {
            wrong.push(format!("{file}: the page does not tell {untold:?}"));
        }
    }
    let told: BTreeSet<&str> = pages.iter().map(|p| p.0.as_str()).collect();
    let left: Vec<String> = samples().into_iter().map(|(n, _)| n).filter(|n| !told.contains(n.as_str())).collect();
    assert_eq!(left, ["keyward-partners.csv"], "samples that the page does not tell");
    let formats: BTreeSet<&str> = pages.iter().map(|p| p.1.as_str()).collect();
    let all = keyward::inventory::formats();
    let silent: Vec<_> = all.iter().map(|(n, _)| *n).filter(|n| !formats.contains(n)).collect();
    assert_eq!(silent, ["keyward"], "formats without a sample; keyward's own is told by the table of its fields");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_content_alone_tells_the_format() {
    for (name, text) in samples() {
        let known = read(&name, text.as_bytes()).unwrap();
        let bare = read("export", text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(known.formats[&name], bare.formats["export"], "{name}");
        assert_eq!(known.records.len(), bare.records.len(), "{name}");
    }
}

#[test]
fn what_rests_on_memory_says_so() {
    let formats: BTreeMap<&str, &str> = keyward::inventory::formats().iter().copied().collect();
    for (name, file) in [("wso2", "wso2.json"), ("servicenow", "servicenow.csv"), ("gravitee", "gravitee.json")] {
        assert!(formats[name].contains("unverified"), "{name}");
        let remarks = read(file, sample(file).as_bytes()).unwrap().remarks;
        assert!(remarks.iter().any(|r| r.problem.contains("unverified")), "{name}");
    }
}

#[test]
fn marks_and_line_ends_change_nothing() {
    for (name, text) in samples() {
        let plain = read(&name, text.as_bytes()).unwrap();
        let ids =
            |inventory: &Inventory| inventory.records.iter().map(|r| (r.id.clone(), r.status)).collect::<Vec<_>>();
        let marked = format!("\u{feff}{text}");
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let crlf = text.replace('\n', "\r\n");
        for (what, content) in [("BOM", marked.into_bytes()), ("UTF-16", utf16), ("CRLF", crlf.into_bytes())] {
            let other = read(&name, &content).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(ids(&plain), ids(&other), "{name}: {what}");
            assert_eq!(plain.secrets.len(), other.secrets.len(), "{name}: {what}");
        }
    }
}

#[test]
fn tables_as_spreadsheets_write_them() {
    for (name, text) in samples().into_iter().filter(|(n, _)| is_a(n, "csv")) {
        let plain = read(&name, text.as_bytes()).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap();
        let first = header.split(',').next().unwrap();
        // Semicolons, as in locales where the comma is in numbers.
        if !text.contains("\",") && !text.contains(",\"") && !text.contains(';') {
            let other = read(&name, text.replace(',', ";").as_bytes()).unwrap();
            assert_eq!(plain.records.len(), other.records.len(), "{name}");
        }
        let twice = text.replacen(header, &format!("{header},{first}"), 1);
        let error = read(&name, twice.as_bytes()).unwrap_err();
        let columns = header.split(',').count() as u32 + 1;
        assert_eq!((error.line, error.column), (1, columns), "{error}");
        assert!(error.problem.contains("another column"), "{error}");
        // A line end inside quotes, and a formula, in each column of the first row.
        let row: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
        for column in 0..row.len().min(columns as usize - 1) {
            for put in [
                format!("\"{CANARY}\nmore\""),
                format!("=HYPERLINK({CANARY})"),
                format!("@SUM({CANARY})"),
                format!("+{CANARY}"),
            ] {
                let mut cells: Vec<&str> = row.clone();
                cells[column] = &put;
                let hostile = text.replacen(text.lines().nth(1).unwrap(), &cells.join(","), 1);
                shows_no_value(&format!("{name}, column {column}"), &read(&name, hostile.as_bytes()));
            }
        }
    }
}

#[test]
fn a_file_that_was_cut_off_is_one_clear_error() {
    for (name, text) in samples() {
        let mut errors = 0;
        for cut in (0..text.len()).step_by(1 + text.len() / 80).filter(|at| text.is_char_boundary(*at)) {
            let result = read(&name, &text.as_bytes()[..cut]);
            shows_no_value(&format!("{name} cut at {cut}"), &result);
            if let Err(error) = &result {
                errors += 1;
                assert!(
                    error.line > 0 || cut == 0 || is_a(&name, "csv") || name == "hmsl.txt" || is_a(&name, "yaml"),
                    "{name} cut at {cut}: {error}"
                );
            }
        }
        // Lines can be cut between two of them; a JSON text cannot.
        assert!(errors > 40 || !is_a(&name, "json"), "{name}: {errors}");
    }
}

#[test]
fn huge_and_wrong_values_cost_a_field_and_no_more() {
    let huge = "x".repeat(10 << 20);
    // One of each syntax, and of those that hold values in clear.
    for name in ["apigee.json", "kong.yaml", "servicenow.csv", "vault-radar.jsonl", "cyberark-upload.csv"] {
        let (name, text) = (name.to_owned(), sample(name));
        let word = ["acme", "Acme"].into_iter().find(|w| text.contains(w)).unwrap();
        let result = read(&name, text.replacen(word, &huge, 1).as_bytes());
        shows_no_value(&name, &result);
        assert!(shown(&result).len() < 4_000, "{name}: a message as long as its value");
    }
    let wrong = [
        Value::Null,
        Value::from(7),
        Value::Bool(true),
        serde_json::json!([CANARY]),
        serde_json::json!({ CANARY: [CANARY] }),
    ];
    for (name, text) in samples().into_iter().filter(|(n, _)| is_a(n, "json")) {
        let tree: Value = serde_json::from_str(&text).unwrap();
        for put in &wrong {
            for at in 0.. {
                let mut hostile = tree.clone();
                if !replace(&mut hostile, &mut { at }, put) {
                    break;
                }
                shows_no_value(&format!("{name}, value {at} as {put}"), &read(&name, hostile.to_string().as_bytes()));
            }
        }
    }
}

/// Puts another value in the place of the scalar with this number.
fn replace(value: &mut Value, at: &mut usize, put: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, put)),
        Value::Object(entries) => entries.values_mut().any(|item| replace(item, at, put)),
        scalar if *at == 0 => {
            *scalar = put.clone();
            true
        }
        _ => {
            *at -= 1;
            false
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Whatever is done to a sample: no panic, and no value in any message.
    #[test]
    fn mutated_samples_show_no_value(
        which in 0_usize..100, edits in proptest::collection::vec((0_usize..10_000, 0_usize..60, "[\\PC\n\r,;\":\\[\\]{}=&*!|>-]{0,12}"), 1..4),
        at in 0_usize..10_000,
    ) {
        let all = samples();
        let (name, text) = &all[which % all.len()];
        let mut text = text.clone();
        for (start, length, put) in edits {
            let edge = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let (start, end) = (edge(start % text.len().max(1)), edge(start % text.len().max(1) + length));
            text.replace_range(start..end, &put);
        }
        let at = (0..=at % (text.len() + 1)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.insert_str(at, CANARY);
        shows_no_value(name, &read(name, text.as_bytes()));
        shows_no_value(name, &read("export", text.as_bytes()));
    }
}
