//! A partner's opaque key, which no rule knows by its form, in a natural place of each kind of file: found, with
//! the full path of its name, and attributed. The rows are in `fixtures/file-kinds.toml`.

use std::collections::BTreeMap;
use std::fs;

use keyward::template::expand;
use serde::Deserialize;
use serde_json::Value;

use crate::run::{home, keyward};

#[derive(Deserialize)]
struct Kinds {
    kind: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    path: String,
    /// The name with all that it is nested in; empty where it has none.
    key: String,
    /// Whose it is; empty where nothing says so.
    partner: String,
    text: String,
}

#[test]
fn every_kind_of_file_tells_the_key_and_the_partner() {
    let rows: Kinds = toml::from_str(&fs::read_to_string(home().join("fixtures/file-kinds.toml")).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (n, row) in rows.kind.iter().enumerate() {
        // Each row has a key of its own: one value is one credential, wherever it stands.
        let value = expand("{base62:36}", n as u64, None).unwrap();
        let bytes = expand("{base62:32}", n as u64, None).unwrap();
        let encode = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        let registry =
            format!(r#"{{"auths":{{"registry.easyship.com":{{"username":"robot","password":"{value}"}}}}}}"#);
        let text = row
            .text
            .replace("REGISTRY", &encode(&registry))
            .replace("VALUE", &value)
            .replace("B64", &encode(&value))
            .replace("USERPASS", &encode(&format!("robot:{value}")))
            .replace("RANDOM32", &encode(&bytes));
        let file = folder.path().join(format!("k{n}")).join(&row.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text.trim_start_matches('\n')).unwrap();
    }
    let ran = keyward(folder.path(), &["scan", ".", "--no-ignore", "--format", "json", "--exit-zero"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let mut told: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for observation in report["observations"].as_array().unwrap() {
        let partner = observation["partner"]["id"].as_str().unwrap_or_default();
        for sighting in observation["sightings"].as_array().unwrap() {
            let key = sighting["key_path"].as_str().or(sighting["key_name"].as_str()).unwrap_or_default();
            told.entry(sighting["path"].as_str().unwrap()).or_default().push((key, partner));
        }
    }
    let mut wrong = Vec::new();
    for (n, row) in rows.kind.iter().enumerate() {
        let found = told.get(&*format!("k{n}/{}", row.path)).cloned().unwrap_or_default();
        if found != [(&*row.key, &*row.partner)] {
            wrong.push(format!("{}: expected {:?}, found {found:?}", row.name, (&row.key, &row.partner)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.kind.len(), wrong.join("\n"));
}
