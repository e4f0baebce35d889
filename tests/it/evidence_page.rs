//! `docs/evidence.md`: its tables are made from the code, its fields are those of a real file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::pages::{differs, read, with_section};
use crate::run::{home, keyward};

const PAGE: &str = "docs/evidence.md";

#[test]
fn the_page_says_what_the_code_says() {
    let model = structs("src/govern/evidence/model.rs");
    let score = structs("src/govern/evidence/scorecard/mod.rs");
    let mut text = read(PAGE);
    for (name, content) in [
        ("run fields", table(&model, "Run")),
        ("credential fields", table(&model, "CredentialEvidence")),
        ("partner fields", table(&model, "PartnerEvidence")),
        ("exception fields", table(&model, "ExceptionEvidence")),
        ("metric fields", table(&score, "Scorecard")),
        ("metrics", metrics()),
    ] {
        text = with_section(&text, name, &content);
    }
    assert!(differs(PAGE, &text).is_none(), "{PAGE} differs from the code; KEYWARD_BLESS=1 rewrites it");
}

/// A field: its name in files, its type, what is said of it.
type Field = (String, String, String);

/// The public structs of a source file.
fn structs(file: &str) -> BTreeMap<String, Vec<Field>> {
    let text = fs::read_to_string(home().join(file)).unwrap();
    let mut all: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    let mut open: Option<String> = None;
    let (mut words, mut renamed) = (String::new(), None);
    for line in text.lines() {
        let inner = line.trim();
        if let Some(rest) = line.strip_prefix("pub struct ") {
            open = rest.strip_suffix(" {").map(str::to_owned);
            words.clear();
        } else if line == "}" {
            open = None;
        } else if let Some(said) = inner.strip_prefix("/// ") {
            let _ = write!(words, "{}{said}", if words.is_empty() { "" } else { " " });
        } else if inner.starts_with("#[serde") {
            let name = inner.split("rename = \"").nth(1).and_then(|rest| rest.split('"').next());
            renamed = name.map(str::to_owned).or(renamed);
        } else if let (Some(name), Some(field)) = (&open, inner.strip_prefix("pub ")) {
            let (field, kind) = field.trim_end_matches(',').split_once(": ").unwrap();
            let field = renamed.take().unwrap_or_else(|| field.to_owned());
            all.entry(name.clone()).or_default().push((field, kind.to_owned(), std::mem::take(&mut words)));
        } else {
            words.clear();
        }
    }
    all
}

/// `Option<Vec<T>>` is `[]` and `T`.
fn inner(kind: &str) -> (&'static str, &str) {
    let within = |outer: &str| kind.strip_prefix(outer).and_then(|rest| rest.strip_suffix('>'));
    if let Some(kind) = within("Option<") {
        inner(kind)
    } else if let Some(kind) = within("Vec<") {
        ("[]", inner(kind).1)
    } else {
        ("", kind)
    }
}

fn rows(all: &BTreeMap<String, Vec<Field>>, name: &str, prefix: &str, out: &mut Vec<(String, String)>) {
    for (field, kind, words) in &all[name] {
        let (list, kind) = inner(kind);
        let path = format!("{prefix}{field}{list}");
        out.push((path.clone(), words.clone()));
        if all.contains_key(kind) {
            rows(all, kind, &format!("{path}."), out);
        }
    }
}

fn table(all: &BTreeMap<String, Vec<Field>>, name: &str) -> String {
    let mut found = Vec::new();
    rows(all, name, "", &mut found);
    let mut text = "| field | content |\n| --- | --- |\n".to_owned();
    for (path, words) in found {
        let words = words.replace("[`Reach::PLACES`]", "20");
        let words = words.trim_end_matches('.');
        let mut letters = words.chars();
        let capital = words.chars().nth(1).is_some_and(char::is_uppercase);
        let words = match letters.next() {
            Some(first) if !capital => format!("{}{}", first.to_lowercase(), letters.as_str()),
            _ => words.to_owned(),
        };
        let _ = writeln!(text, "| `{path}` | {} |", words.replace('|', "\\|"));
    }
    text
}

/// The metrics, with the targets of the default policy.
fn metrics() -> String {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let args = ["report", "scorecard", "sample/orders", "--inventory", "sample/inventory.yaml", "--format", "json"];
    let ran = keyward(folder.path(), &[&args[..], &["--as-of", "2026-11-22"]].concat());
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let mut text =
        "| metric | id | what is counted | target | evidence for |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for metric in json["metrics"].as_array().unwrap() {
        let word = |name: &str| metric[name].as_str().unwrap().to_owned();
        let controls: Vec<&str> = metric["controls"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
        let target = metric["target"]["words"].as_str().unwrap_or("none");
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {target} | {} |",
            word("title"),
            word("id"),
            word("formula"),
            controls.join(", ")
        );
    }
    text
}

/// Every path of a value, as the page writes them.
fn paths(value: &Value, prefix: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                let path = if value.is_array() { format!("{path}[]") } else { path };
                out.insert(path.clone());
                // Its names are checks and numbers, not fields.
                if !matches!(path.as_str(), "checks" | "scorecard") {
                    paths(value, &path, out);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|item| paths(item, prefix, out)),
        _ => {}
    }
}

#[test]
fn a_real_file_has_the_fields_of_the_page_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(keyward(folder.path(), &["demo", "--into", "sample"]).code, 0);
    fs::write(
        folder.path().join("e.toml"),
        "[[exception]]\nid = \"E\"\ntype = \"accepted_risk\"\nchecks = [\"KW402\"]\nsubject = { credential = \"acme-orders\" }\n",
    )
    .unwrap();
    let args = ["report", "evidence", "sample/orders", "--history", "--inventory", "sample/inventory.yaml"];
    let ran = keyward(folder.path(), &[&args[..], &["--exceptions", "e.toml", "--as-of", "2026-11-22"]].concat());
    let page = read(PAGE);
    for (record, section, own) in [
        ("run", "run fields", &["schema", "record"][..]),
        ("credential", "credential fields", &["schema", "record", "as_of", "run"]),
        ("partner", "partner fields", &["schema", "record", "as_of", "run_sha256"]),
        ("exception", "exception fields", &["schema", "record", "as_of", "run_sha256"]),
    ] {
        let mut real = BTreeSet::new();
        let lines: Vec<Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let lines: Vec<&Value> = lines.iter().filter(|l| l["record"] == record).collect();
        assert!(!lines.is_empty(), "{record}");
        for line in &lines {
            paths(line, "", &mut real);
        }
        real.retain(|path| !own.iter().any(|o| path == o || path.starts_with(&format!("{o}."))));
        let table = page.split(&format!("<!-- begin: {section} -->")).nth(1).unwrap();
        let table = table.split("<!-- end").next().unwrap();
        let told: BTreeSet<String> = table.lines().filter_map(|l| l.split('`').nth(1)).map(str::to_owned).collect();
        // A list that is nowhere filled shows as null.
        let bare = |path: &String| path.trim_end_matches("[]").to_owned();
        let told_bare: BTreeSet<String> = told.iter().map(bare).collect();
        let unknown: Vec<&String> = real.iter().filter(|p| !told.contains(*p) && !told_bare.contains(*p)).collect();
        assert!(unknown.is_empty(), "{record}: not on the page: {unknown:?}");
        let top = |path: &&String| !path.contains('.');
        let real_bare: BTreeSet<String> = real.iter().map(bare).collect();
        let absent: Vec<&String> = told.iter().filter(top).filter(|p| !real_bare.contains(&bare(p))).collect();
        assert!(absent.is_empty(), "{record}: not in the file: {absent:?}");
    }
}
