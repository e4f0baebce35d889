//! `keyward inventory import`: every export in keyward's own form, and read back the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use keyward::Inventory;
use keyward::inventory::{LoadOptions, Source, load};
use serde_json::Value;

use crate::run::{Ran, home, keyward};

fn read(file: &Path) -> Inventory {
    let mappings = BTreeMap::new();
    let options =
        LoadOptions { peppers: &[], strict: false, mappings: &mappings, max_bytes: 1 << 30, max_rows: 1_000_000 };
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let source = Source { path: file.to_owned(), name, format: None, content: None };
    let mut inventory = load(&[source], &options).unwrap();
    inventory.settle("2026-11-20".parse().unwrap());
    inventory
}

/// The records without what tells of the file that they were read from.
fn records(inventory: &Inventory) -> Vec<Value> {
    let plain = |record| {
        let Value::Object(mut fields) = serde_json::to_value(record).unwrap() else {
            unreachable!("a record is an object")
        };
        for name in ["at", "also_at", "secret_fields", "dated_status"] {
            fields.remove(name);
        }
        // A status that nobody knows is one, however it is told.
        if fields["status"] == "unknown" {
            fields["status"] = Value::Null;
        }
        let unknown: BTreeSet<String> = serde_json::from_value(fields["unknown_fields"].take()).unwrap();
        fields["unknown_fields"] = unknown.into_iter().filter(|f| f != "status").collect();
        Value::Object(fields)
    };
    inventory.records.iter().map(plain).collect()
}

fn import(folder: &Path, args: &[&str]) -> Ran {
    keyward(folder, &[&["inventory", "import", "--as-of", "2026-11-20"], args].concat())
}

#[test]
fn every_export_is_read_back_as_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut exports = 0;
    for entry in fs::read_dir(home().join("fixtures/inventories")).unwrap() {
        let export = entry.unwrap().path();
        let before = read(&export);
        for format in ["csv", "json", "yaml"] {
            let ran = import(folder.path(), &[export.to_str().unwrap(), "--format", format]);
            assert_eq!(ran.code, i32::from(!before.errors.is_empty()) * 3, "{}: {}", export.display(), ran.stderr);
            if before.records.is_empty() {
                continue;
            }
            let written = folder.path().join(format!("written.{format}"));
            fs::write(&written, &ran.stdout).unwrap();
            let after = read(&written);
            assert!(after.errors.is_empty(), "{} as {format}: {:?}", export.display(), after.errors);
            for (before, after) in records(&before).into_iter().zip(records(&after)) {
                similar(&before, &after, &format!("{} as {format}", export.display()));
            }
            assert_eq!(before.records.len(), after.records.len());
            exports += 1;
        }
    }
    assert!(exports > 75, "{exports}");
}

/// A partner that no export knows is unknown, and a beginning alone is no hint.
fn similar(before: &Value, after: &Value, what: &str) {
    let (mut before, mut after) = (before.clone(), after.clone());
    for record in [&mut before, &mut after] {
        if record["partner_id"] == "" {
            let unknown = record["unknown_fields"].as_array_mut().unwrap();
            unknown.retain(|f| f != "partner_id");
        }
        if record["hint"].as_str().unwrap().ends_with("...") {
            record["hint"] = "".into();
        }
    }
    assert_eq!(before, after, "{what}");
}

const TABLE: &str = "id,partner_id,kind,status,scopes,purpose,api_owner,approved_by,approval_ref,expires_at,expiry_enforced,fingerprints\n\
    a,Müller\\; Söhne,api_key,active,orders\\;all;read,\"=cost, \"\"net\"\"\",team/a,people/lena,CHG1,never,unknown,sha256:DIGEST\n\
    b,acme,api_key,prod=active;dev=revoked,,,,,,unknown,,\n";
const PARTNERS: &str =
    "id,name,criticality,contract_end,security_contact\nacme,Acme Logistics,high,2027-03-31,security@acme.example\n";

fn two_files(folder: &Path) {
    fs::write(folder.join("table.csv"), TABLE.replace("DIGEST", &"ab".repeat(32)).replace("=cost", "'=cost")).unwrap();
    fs::write(folder.join("partners.csv"), PARTNERS).unwrap();
}

#[test]
fn partners_lists_formulas_and_what_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    two_files(folder.path());
    let names = ["table.csv", "partners.csv"];
    let csv = import(folder.path(), &[&names[..], &["--partners", "p.csv"]].concat());
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    assert_eq!(csv.stderr, "keyward: 2 records and 1 partner from 2 files\n");
    let row = format!(
        "a,Müller\\; Söhne,active,sha256:{},api_key,\"'=cost, \"\"net\"\"\",team/a,people/lena,CHG1,orders\\;all;read,never,unknown",
        "ab".repeat(32)
    );
    assert_eq!(csv.stdout.lines().nth(1).unwrap(), row);
    assert_eq!(csv.stdout.lines().nth(2).unwrap(), "b,acme,dev=revoked;prod=active,,api_key,,,,,,unknown,");
    assert_eq!(fs::read_to_string(folder.path().join("p.csv")).unwrap(), PARTNERS);
    let without = import(folder.path(), &names);
    assert!(without.stderr.contains("1 partner left out: --partners FILE writes their table"), "{}", without.stderr);
    // The tables make the same trees as the exports did.
    fs::write(folder.path().join("t.csv"), &csv.stdout).unwrap();
    for format in ["json", "yaml"] {
        let first = import(folder.path(), &[&names[..], &["--format", format]].concat());
        let again = import(folder.path(), &["t.csv", "p.csv", "--format", format]);
        assert_eq!(first.stdout, again.stdout);
        assert!(first.stdout.contains("Acme Logistics") && first.stdout.contains("Müller; Söhne"));
    }
}

#[test]
fn the_file_named_first_counts_and_the_difference_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (name, end) in [("one.csv", "2027-01-01"), ("two.csv", "2027-06-30")] {
        let text = format!("id,partner_id,kind,expires_at,purpose\nkey,acme,api_key,{end},\n");
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (names, end, told) in [
        (["one.csv", "two.csv"], "2027-01-01", "one.csv:2: expires_at: two.csv:2 says otherwise; the first one counts"),
        (["two.csv", "one.csv"], "2027-06-30", "two.csv:2: expires_at: one.csv:2 says otherwise; the first one counts"),
    ] {
        let ran = import(folder.path(), &names);
        assert!(ran.stdout.contains(&format!("key,acme,api_key,{end}")), "{}", ran.stdout);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn people_tickets_and_ids_are_withheld_on_request() {
    let folder = tempfile::tempdir().unwrap();
    two_files(folder.path());
    for format in ["csv", "json", "yaml"] {
        let of = |level| {
            let more = if format == "csv" { vec!["--partners", "p.csv"] } else { Vec::new() };
            let fixed = ["table.csv", "partners.csv", "--format", format, "--disclose", level];
            let ran = import(folder.path(), &[&fixed[..], &more].concat());
            ran.stdout + &fs::read_to_string(folder.path().join("p.csv")).unwrap_or_default()
        };
        let (full, ids, none) = (of("full"), of("ids"), of("none"));
        for private in ["lena", "CHG1", "team/a", "2027-03-31", "security@acme.example", "cost"] {
            assert!(full.contains(private) && !ids.contains(private) && !none.contains(private), "{format}: {private}");
        }
        for id in ["acme", "Müller", "Acme"] {
            assert!(ids.contains(id) && !none.contains(id), "{format}: {id}");
        }
        assert!(none.contains("ababab"), "what it is matched by stays");
    }
}

#[test]
fn a_row_that_cannot_be_used_is_told_and_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let bad = "id,partner_id,kind,expires_at\n,acme,api_key,\nkey,acme,api_key,03/04/2026\n";
    fs::write(folder.path().join("bad.csv"), bad).unwrap();
    let ran = import(folder.path(), &["bad.csv"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (3, 2), "{}", ran.stdout);
    assert!(ran.stderr.contains("bad.csv:2: id: a row without its id; the row was set aside"), "{}", ran.stderr);
    assert!(ran.stderr.contains("bad.csv:3: expires_at:") && !ran.stderr.contains("03/04"), "{}", ran.stderr);
    for (args, what) in [
        (&["no.csv"][..], "no.csv: cannot be read"),
        (&[], "no export was named"),
        (&["bad.csv", "--format", "xml"], "--format xml: expected csv, json or yaml"),
        (&["bad.csv", "--format", "json", "--partners", "p.csv"], "only CSV has a file of its own"),
    ] {
        let ran = import(folder.path(), args);
        assert!(ran.code == 2 && ran.stderr.contains(what), "{}", ran.stderr);
    }
}

#[test]
fn the_ids_that_the_other_files_gave_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let digest = format!("sha256:{}", "cd".repeat(32));
    for (name, id) in [("one.csv", "orders-prod"), ("two.csv", "apigee:4711"), ("three.csv", "srv;77")] {
        let id = id.replace(';', "\\;");
        let text = format!("id,partner_id,kind,fingerprints\n{id},acme,api_key,{digest}\n");
        fs::write(folder.path().join(name), text).unwrap();
    }
    let names = ["one.csv", "two.csv", "three.csv"];
    for format in ["csv", "json", "yaml"] {
        let ran = import(folder.path(), &[&names[..], &["--format", format]].concat());
        let written = folder.path().join(format!("all.{format}"));
        fs::write(&written, &ran.stdout).unwrap();
        let inventory = read(&written);
        let [record] = &inventory.records[..] else { panic!("one record: {}", ran.stdout) };
        let mut ids: Vec<&str> = record.also_ids.iter().map(arcstr::ArcStr::as_str).collect();
        ids.sort_unstable();
        // An id is a text of its own: its semicolon ends nothing.
        assert_eq!((record.id.as_str(), ids), ("orders-prod", vec!["apigee:4711", "srv\\;77"]), "{format}");
        // What one of the files says of it by its own id is said of this record, without a digest too.
        fs::write(folder.path().join("more.csv"), "id,partner_id,kind,purpose\napigee:4711,acme,api_key,orders\n")
            .unwrap();
        let again = import(folder.path(), &[written.file_name().unwrap().to_str().unwrap(), "more.csv"]);
        assert_eq!(again.stdout.lines().count(), 2, "{format}: {}", again.stdout);
        let withheld = import(folder.path(), &[&names[..], &["--format", format, "--disclose", "none"]].concat());
        assert!(!withheld.stdout.contains("4711") && !withheld.stdout.contains("srv"), "{}", withheld.stdout);
    }
}
