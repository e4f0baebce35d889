//! Tests over whole files, as people and systems write them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::inventory::{RecordRef, Status, Until};

/// Loads texts as files of these names.
pub(in crate::inventory) fn load_texts(files: &[(&str, &str)]) -> Result<Inventory, InventoryError> {
    load_with(files, &BTreeMap::new(), false)
}

pub(super) fn load_with(
    files: &[(&str, &str)],
    mappings: &BTreeMap<String, Mapping>,
    strict: bool,
) -> Result<Inventory, InventoryError> {
    let options = LoadOptions { peppers: &[], strict, mappings, max_bytes: 1 << 30, max_rows: 1_000_000 };
    let mut inventory = Inventory::default();
    let mut ends = Vec::new();
    for (name, text) in files {
        let (path, format) = name.split_once('=').unwrap_or((name, ""));
        let format = (!format.is_empty()).then(|| format.to_owned());
        let source = Source { path: PathBuf::from(path), name: path.to_owned(), format };
        load_bytes(&source, text.as_bytes(), &options, &mut inventory)?;
        ends.push(inventory.records.len());
    }
    merge::name_partners(&mut inventory);
    merge::merge_sources(&mut inventory, &ends);
    Ok(inventory)
}

const HMAC: &str = "hmac-sha256:c4237cf8:bd3d0fbe58ef21e76832b44e5666c0eb65f64419afe2d6b21aecdbd250c98bb5";

fn example_csv() -> String {
    format!(
        "id,partner_id,kind,direction,status,environments,mode,purpose,approved_at,approved_scopes,expires_at,expiry_enforced,fingerprints,hint,env_vars\n\
         acme-orders-prod,acme,api_key,outbound,active,prod,live,create orders,2026-02-03,orders:write;tracking:read,2027-02-04,true,{HMAC},acme_live_...0001,ACME_API_KEY\n"
    )
}

fn example_yaml() -> String {
    format!(
        "keyward_inventory: 1\ngenerated_at: 2026-11-20T06:00:00Z\n\
         fingerprint: {{ default_scheme: hmac-sha256, kid: c4237cf8 }}\n\
         partners:\n  - id: acme\n    name: Acme Logistics\n    contract_end: 2027-03-31\n    hosts: [api.acme.example]\n\
         credentials:\n  - id: acme-orders-prod\n    partner_id: Acme logistics\n    kind: api_key\n    direction: outbound\n    \
         status: active\n    environments: [prod]\n    mode: live\n    purpose: create orders\n    approved_at: 2026-02-03\n    \
         approved_scopes: [\"orders:write\", \"tracking:read\"]\n    expires_at: 2027-02-04\n    expiry_enforced: true\n    \
         fingerprints:\n      - \"{}\"\n    hint: \"acme_live_...0001\"\n    env_vars: [ACME_API_KEY]\n",
        &HMAC["hmac-sha256:c4237cf8:".len()..]
    )
}

#[test]
fn csv_and_yaml_say_the_same() {
    let csv = load_texts(&[("a.csv", &example_csv())]).unwrap();
    let yaml = load_texts(&[("a.yaml", &example_yaml())]).unwrap();
    assert_eq!((csv.errors.len(), yaml.errors.len()), (0, 0), "{:?} {:?}", csv.errors, yaml.errors);
    let (mut a, mut b) = (csv.records[0].clone(), yaml.records[0].clone());
    assert_eq!((a.at.line, b.at.line), (2, 10));
    a.at = RecordRef::default();
    b.at = RecordRef::default();
    assert_eq!(a, b);
    assert_eq!(a.fingerprints[0].to_string(), HMAC);
    assert_eq!(yaml.partners["acme"].contract_end.when().unwrap().to_string(), "2027-03-31");
    assert_eq!(yaml.generated_at.unwrap().to_string(), "2026-11-20T06:00:00Z");
    let root = yaml::read(&example_yaml()).map(|_| ()).is_ok();
    assert!(root);
}

#[test]
fn spreadsheets() {
    let text = "\u{feff}sep=;\r\nID;Partner ID;Purpose;Expires At;Api-Owner\r\n'=1;acme;\"two\r\nlines\";never;@acme/team\r\n\r\n;;;;\r\nx2;acme;=1+1;;\"a \"\"b\"\"\"\r\n";
    let inventory = load_texts(&[("a.csv", text)]).unwrap();
    let ids: Vec<_> = inventory.records.iter().map(|r| (r.id.as_str(), r.at.line)).collect();
    assert_eq!(ids, [("=1", 3), ("x2", 7)]);
    let problems: Vec<_> = inventory.errors.iter().map(|e| (e.at.line, e.field.as_str(), e.set_aside)).collect();
    assert_eq!(problems, [(7, "purpose", false)]);
    assert_eq!(inventory.records[0].api_owner, "@acme/team");
    assert_eq!(inventory.records[1].api_owner, "a \"b\"");
}

#[test]
fn never_unknown_and_missing_in_every_form() {
    let csv = "id,partner_id,expires_at\na,p,never\nb,p,N/A\nc,p,\nd,p,03/04/2026\ne,p,9999-12-31\n";
    let json = r#"[{"id":"a","partner_id":"p","expires_at":-1},{"id":"b","partner_id":"p","expires_at":"unknown"},
        {"id":"c","partner_id":"p","expires_at":null},{"id":"d","partner_id":"p","expires_at":[1]},{"id":"e","partner_id":"p","expires_at":0}]"#;
    for (name, text) in [("a.csv", csv), ("a.json", json)] {
        let inventory = load_texts(&[(name, text)]).unwrap();
        let until: Vec<_> = inventory.records.iter().map(|r| (r.expires_at, r.is_unknown("expires_at"))).collect();
        let (never, unknown, missing) = ((Until::Never, false), (Until::Unknown, true), (Until::Unknown, false));
        assert_eq!(until, [never, unknown, missing, unknown, never], "{name}");
        assert_eq!(inventory.errors.len(), 1, "{name}");
        assert!(!inventory.errors[0].set_aside && inventory.errors[0].id.as_deref() == Some("d"));
    }
}

#[test]
fn files_that_cannot_be_read() {
    let cases = [
        ("a.csv", "id,partner_id,id\n", "a.csv:1:3: field id: column 3 has a name that another column has too"),
        (
            "a.csv",
            "x,y\n1,2\n",
            "a.csv: not a known inventory export; name its format (FILE:FORMAT) or declare a mapping",
        ),
        (
            "a.json",
            "{\"keyward_inventory\": 2}",
            "a.json:1:23: field keyward_inventory: expected version 1 of the form",
        ),
        (
            "a.json",
            "{\"keyward_inventory\": 1,\n \"credentials\": {}}",
            "a.json:2:17: field credentials: expected a list",
        ),
        ("a.json", "[{\"id\": \"x\"\n", "a.json:2:1: expected `,` or `}`"),
        ("a.yaml", "keyward_inventory: 1\n  x: [\n", "a.yaml:2:4: not well-formed YAML"),
        ("a.json", " ", "a.json: expected an inventory export; the file is empty"),
    ];
    for (name, text, expected) in cases {
        assert_eq!(load_texts(&[(name, text)]).unwrap_err().to_string(), expected);
    }
    let strict = load_with(&[("a.csv", "id,partner_id,kind\na,p,api_key\nb,p,nonsense\n")], &BTreeMap::new(), true);
    assert!(strict.unwrap_err().to_string().starts_with("a.csv:3:1: field kind: expected one of: api_key,"));
}

#[test]
fn status_by_environment() {
    let json = r#"[{"id":"a","partner_id":"p","status":{"prod":"revoked","sandbox":"active"}}]"#;
    let csv = "id,partner_id,status\na,p,prod=revoked;sandbox=active\n";
    for (name, text) in [("a.json", json), ("a.csv", csv)] {
        let inventory = load_texts(&[(name, text)]).unwrap();
        assert_eq!(inventory.records[0].status, Some(Status::Active));
        assert_eq!(inventory.records[0].status_by_environment["prod"], Status::Revoked);
    }
}
