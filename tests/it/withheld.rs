//! People, tickets and contract dates are shown by choice: reports for auditors below `full` hold none
//! of them in any byte of any format, and those at `none` no id of a record, partner or exception.
//! Values stand in none of them at all.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::canary::{Canary, listing};
use crate::planted::{self, Planted};
use crate::run::{home, keyward};

/// Every report for auditors and its formats.
pub(crate) const REPORTS: &[(&[&str], &[&str])] = &[
    (&["evidence"], &["jsonl"]),
    (&["register"], &["csv", "markdown", "html"]),
    (&["removals"], &["csv", "markdown", "html"]),
    (&["removals", "--since", "2026-01-01"], &["csv", "markdown", "html"]),
    (&["exceptions"], &["csv", "markdown", "html"]),
    (&["scorecard"], &["text", "json", "html"]),
    (&["certificate", "--partner", "acme"], &["markdown", "html", "json"]),
    (&["certificate", "--partner", "sendgrid"], &["markdown", "html", "json"]),
];

/// What only `full` shows.
const PRIVATE: &[&str] = &[
    "zelda.approver",
    "zoe-requester",
    "zebra-owners",
    "zulu-lifecycle",
    "zora-reviewer",
    "zack-revoker",
    "zora@corp.example",
    "CHG0041277",
    "CHG0038811",
    "CHG0066111",
    "INC-90210",
    "CTR-2210",
    "2026-10-17",
    "2029-04-19",
    "2028-06-23",
    "charge cards at checkout",
    "zenith purpose",
    "vault://kv/partners/stripe",
    "zx-evidence-7",
    "zircon reason",
    "zeppelin control",
    "zinc-business",
];

/// What `none` does not show either.
const IDS: &[&str] = &[
    "acme-orders",
    "stripe-orders-prod",
    "sendgrid-mail",
    "Acme Logistics",
    "Twilio",
    "SendGrid",
    "sendgrid",
    "EXC-71",
    "charges:write",
    "api.acme-logistics.example",
];

const ROSTER: &str = "id,name,status,end_date,aliases\npeople/zelda.approver,Zelda,active,,zelda@corp.example\n\
                      team/zebra-owners,Zebra,left,2026-09-09,\n";

const EXCEPTIONS: &str = r#"
[[exception]]
id = "EXC-71"
type = "legacy_system"
checks = ["KW402"]
subject = { credential = "acme-orders" }
reason = "zircon reason, says zora@corp.example"
requested_by = "people/zoe-requester"
approved_by = "people/zelda.approver"
approved_at = "2026-09-01"
ref = "CHG0066111"
incident_ref = "INC-90210"
starts_at = "2026-09-01"
expires_at = "2026-12-31"
retire_by = "2027-03-31"
compensating_controls = ["zeppelin control"]
"#;

/// The demo with people, tickets and contracts that can be told from everything else.
fn sample() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(keyward(folder.path(), &["demo", "--into", "sample"]).code, 0);
    let file = folder.path().join("sample/inventory.yaml");
    let mut text = fs::read_to_string(&file).unwrap();
    for (old, new) in [
        ("people/lena", "people/zelda.approver"),
        ("people/omar", "people/zinc-business"),
        ("people/ines", "people/zinc-business"),
        ("team/checkout", "team/zebra-owners"),
        ("team/fulfilment", "team/zebra-owners"),
        ("team/notifications", "team/zebra-owners"),
        ("team/platform", "team/zulu-lifecycle"),
        ("2026-10-31", "2026-10-17"),
        ("2027-12-31", "2029-04-19"),
        ("2027-06-30", "2028-06-23\n    contract_id: CTR-2210"),
        ("book shipments", "zenith purpose"),
        (
            "    approval_ref: CHG0041277\n",
            "    approval_ref: CHG0041277\n    requested_by: people/zoe-requester\n    recertified_by: zora-reviewer\n",
        ),
        (
            "    approval_ref: CHG0038811\n",
            "    approval_ref: CHG0038811\n    revoked_by: people/zack-revoker\n    evidence: zx-evidence-7\n    vault_ref: vault://kv/partners/stripe\n",
        ),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    fs::write(&file, text).unwrap();
    fs::write(folder.path().join("roster.csv"), ROSTER).unwrap();
    fs::write(folder.path().join("exceptions.toml"), EXCEPTIONS).unwrap();
    // The vault's path stands in the code, so that a reference to it remains.
    let read_it = "value = read(\"kv/partners/stripe\")\n";
    fs::write(folder.path().join("sample/orders/reader.py"), read_it).unwrap();
    folder
}

/// Writes every report in every format into `out/`; gives their names.
fn write_all(folder: &Path, disclose: &str) -> Vec<String> {
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir(&out).unwrap();
    let mut names = Vec::new();
    for (n, (report, formats)) in REPORTS.iter().enumerate() {
        let mut args: Vec<String> = ["report"].iter().chain(*report).map(ToString::to_string).collect();
        args.extend(
            [
                "sample/orders", "--history", "--inventory", "sample/inventory.yaml", "--roster", "roster.csv",
                "--exceptions", "exceptions.toml", "--as-of", "2026-11-22", "--disclose", disclose,
            ]
            .map(str::to_owned),
        );
        for format in *formats {
            let name = format!("{n}-{}.{format}", report[0]);
            args.extend(["--output".to_owned(), format!("{format}=out/{name}")]);
            names.push(name);
        }
        let ran = keyward(folder, &args);
        assert!(matches!(ran.code, 0 | 1) && ran.stdout.is_empty(), "{report:?}: {} {}", ran.code, ran.stderr);
    }
    names
}

fn standing_in(folder: &Path, names: &[String], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let text = fs::read_to_string(folder.join("out").join(name)).unwrap();
        found.extend(words.iter().filter(|w| text.contains(**w)).map(|w| format!("{name}: {w}")));
    }
    found
}

#[test]
fn reports_for_auditors_withhold_people_tickets_and_contract_dates() {
    let folder = sample();
    let names = write_all(folder.path(), "full");
    let shown = standing_in(folder.path(), &names, PRIVATE);
    for word in PRIVATE {
        assert!(shown.iter().any(|s| s.ends_with(word)), "{word} stands nowhere: the sample tests nothing");
    }
    let found = standing_in(folder.path(), &write_all(folder.path(), "ids"), PRIVATE);
    assert!(found.is_empty(), "ids:\n{}", found.join("\n"));
    let both = [PRIVATE, IDS].concat();
    let found = standing_in(folder.path(), &write_all(folder.path(), "none"), &both);
    assert!(found.is_empty(), "none:\n{}", found.join("\n"));
}

#[test]
fn what_is_withheld_differs_from_what_is_missing() {
    let folder = sample();
    write_all(folder.path(), "ids");
    let text = fs::read_to_string(folder.path().join("out/0-evidence.jsonl")).unwrap();
    let acme = text.lines().find(|l| l.contains("\"id\":\"acme-orders\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(acme).unwrap();
    assert_eq!((&line["approved"]["by"], &line["approved"]["ref"]), (&"(withheld)".into(), &serde_json::Value::Null));
    // A stored file shows no more than it was written with.
    let args = ["report", "register", "--evidence", "out/0-evidence.jsonl", "--disclose", "full"];
    let ran = keyward(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(PRIVATE.iter().all(|word| !ran.stdout.contains(word)) && ran.stdout.contains("(withheld)"));
}

#[test]
fn reports_for_auditors_show_no_piece_of_a_value() {
    let text = fs::read_to_string(home().join("fixtures/demo/values.toml")).unwrap();
    let values =
        planted::planted(&toml::from_str(&text).unwrap(), &[("SENDGRID", 26)].map(|(n, k)| (n.to_owned(), k)).into());
    let canary = Canary::new(values.iter().map(Planted::pair));
    let folder = sample();
    let before = listing(folder.path());
    let mut found = Vec::new();
    for disclose in ["full", "ids", "none"] {
        write_all(folder.path(), disclose);
        found.extend(canary.find_below(disclose, folder.path(), &before));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
