//! Tests over whole files, as people and systems write them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
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
        let source = Source { path: PathBuf::from(path), name: path.to_owned(), format, content: None };
        load_bytes(&source, text.as_bytes(), &options, &mut inventory)?;
        ends.push(inventory.records.len());
    }
    finish(&mut inventory, &ends);
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
fn bytes_of_other_encodings() {
    let options = LoadOptions { peppers: &[], strict: false, mappings: &BTreeMap::new(), max_bytes: 1, max_rows: 1 };
    let load = |bytes: &[u8]| {
        let source = Source { path: PathBuf::from("a.csv"), name: "a.csv".to_owned(), format: None, content: None };
        let mut inventory = Inventory::default();
        load_bytes(&source, bytes, &options, &mut inventory).map(|()| inventory)
    };
    let utf16: Vec<u8> =
        "\u{feff}id\tpartner_id\r\ncaf\u{e9}\tp\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(load(&utf16).unwrap().records[0].id, "caf\u{e9}");
    assert_eq!(load(b"id,partner_id\ncaf\xe9,p\n").unwrap().records[0].id, "caf\u{e9}");
    assert!(load(b"PK\x03\x04...").unwrap_err().to_string().contains("export it as CSV"));
    assert_eq!(load(b"id,partner_id\na,p\nb,p\n").unwrap_err().to_string(), "a.csv:3:1: more than 1 rows");
}

#[test]
fn approvals_and_reviews_of_their_own() {
    let text = "keyward_inventory: 1\ncredentials:\n- {id: a, partner_id: p, approved_by: people/x}\n- {id: b, partner_id: p}\n\
         approvals:\n- {credential_id: b, approved_by: people/y, approved_at: 2026-01-02, system: itsm, ref: CHG1, scopes: [r]}\n\
         - {credential_id: a, approved_by: people/z, ref: CHG2}\n- {credential_id: nobody}\n\
         recertifications:\n- {credential_id: b, at: 2026-03-01, by: people/z}\n- {credential_id: b, at: 2026-02-01, by: people/w}\n";
    let inventory = load_texts(&[("a.yaml", text)]).unwrap();
    let of = |i: usize| &inventory.records[i];
    assert_eq!((of(0).approved_by.as_str(), of(0).approval_ref.as_str()), ("people/x", "CHG2"));
    assert_eq!((of(1).approved_by.as_str(), of(1).approval_system.as_str()), ("people/y", "itsm"));
    assert_eq!(
        (of(1).last_recertified_at.unwrap().to_string().as_str(), of(1).recertified_by.as_str()),
        ("2026-03-01", "people/z")
    );
    assert_eq!(inventory.remarks.len(), 1);
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), extension in "(csv|json|yaml|txt)") {
        let mappings = BTreeMap::new();
        let options = LoadOptions { peppers: &[], strict: true, mappings: &mappings, max_bytes: 1000, max_rows: 10 };
        let name = format!("a.{extension}");
        let source = Source { path: PathBuf::from(&name), name, format: None, content: None };
        let _ = load_bytes(&source, &bytes, &options, &mut Inventory::default());
    }

    /// The same rows meet in whatever order their sources are named.
    #[test]
    fn source_order_never_changes_a_strong_match(
        sources in proptest::collection::vec(proptest::collection::vec((0_u32..6, 0_u32..6, 0_u32..2), 1..4), 3),
    ) {
        let texts: Vec<(String, String)> = sources.iter().enumerate().map(|(s, rows)| {
            let mut text = "id,partner_id,fingerprints\n".to_owned();
            for (r, (a, b, partner)) in rows.iter().enumerate() {
                let _ = writeln!(text, "s{s}r{r},p{partner},sha256:{a:064x};sha256:{b:064x}");
            }
            (format!("s{s}.csv"), text)
        }).collect();
        let matches = |order: [usize; 3]| {
            let files: Vec<_> = order.iter().map(|i| (texts[*i].0.as_str(), texts[*i].1.as_str())).collect();
            let inventory = load_texts(&files).unwrap();
            let matcher = crate::inventory::Matcher::new(&inventory, &std::collections::BTreeSet::new());
            (0..6_u32).map(|n| {
                let prints = [crate::secret::Fingerprint::parse(&format!("sha256:{n:064x}")).unwrap()];
                let credential = crate::secret::CredentialId::from_parts("test", &[]);
                let found = matcher.find(&crate::inventory::Facts::new(credential, &prints, ""));
                let ids = found.records.iter().map(|r| {
                    let record = &inventory.records[*r];
                    let mut ids: Vec<_> = [&record.id].into_iter().chain(&record.also_ids).cloned().collect();
                    ids.sort();
                    ids
                });
                let mut ids: Vec<_> = ids.collect();
                ids.sort();
                (found.level, found.bound.is_some(), ids)
            }).collect::<Vec<_>>()
        };
        let first = matches([0, 1, 2]);
        for order in [[2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            proptest::prop_assert_eq!(&matches(order), &first);
        }
    }
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
