//! What judging learns from git, with real git and scripted dates: the inventory's own history, who
//! committed, what refers to a revoked credential, what a change does to its own gate.

use std::fs;
use std::path::PathBuf;

use keyward::{Pepper, Sample};
use serde_json::Value;

use crate::run::{git, keyward};

/// A record with nothing to complain of, approved on 5 January.
const RECORD: &str = "  - id: stripe-orders
    partner_id: stripe
    kind: api_key
    status: active
    environments: [prod]
    purpose: charge cards at checkout
    api_owner: team/checkout
    credential_owner: team/platform
    requested_by: people/omar
    approved_by: people/lena
    approved_at: 2026-01-05
    approval_system: itsm
    approval_ref: CHG0041277
    approved_scopes: [\"charges:write\"]
    data_classes: [internal]
    logging_ref: siem://partners/stripe
    issued_at: 2026-01-05
    expires_at: 2026-06-01
    expiry_enforced: true
    offboarding_runbook: docs/offboarding/stripe.md
    offboarding_method: console
    offboarding_team: team/platform
    env_vars: [STRIPE_ORDERS_KEY]
    fingerprints: [\"@sha256:A@\"]
";
const SECOND: &str = "  - id: stripe-refunds
    partner_id: stripe
    status: active
    fingerprints: [\"@sha256:B@\"]
";
const HEAD: &str = "\
keyward_inventory: 1
generated_at: 2026-01-27T00:00:00Z
partners:
  - id: stripe
    name: Stripe
    security_contact: security@stripe.example
    contract_end: 2027-12-31
credentials:
";

/// A repository of the code and one of the inventory beside it, or one for both.
struct Place {
    folder: tempfile::TempDir,
    sample: Sample,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sample = Sample::parse("A = \"sk_live_51{base62:97}\"\nB = \"sk_live_51{base62:97}\"").unwrap();
        let place = Self { folder, sample };
        for repository in ["code", "records"] {
            fs::create_dir(place.of(repository)).unwrap();
            git(&place.of(repository), 1, &["init", "-q"]);
        }
        place
    }

    fn of(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.of(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, self.sample.fill(text, &[] as &[Pepper])).unwrap();
    }

    fn commit(&self, repository: &str, day: u32) -> String {
        let top = self.of(repository);
        git(&top, day, &["add", "-A"]);
        git(&top, day, &["commit", "-q", "--allow-empty", "-m", "change"]);
        git(&top, day, &["rev-parse", "HEAD"])
    }

    /// Writes a version of the inventory and commits it on that day.
    fn inventory(&self, repository: &str, day: u32, credentials: &str) {
        self.write(&format!("{repository}/inventory.yaml"), &format!("{HEAD}{credentials}"));
        self.commit(repository, day);
    }

    fn scan(&self, args: &[&str]) -> Judged {
        let mut all = vec!["scan", "--as-of", "2026-01-28", "--format", "json"];
        all.extend(args);
        let ran = keyward(&self.of(""), &all);
        let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{}", ran.stderr));
        Judged { report }
    }
}

struct Judged {
    report: Value,
}

impl Judged {
    /// The findings of a check.
    fn of(&self, check: &str) -> Vec<&Value> {
        self.report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check).collect()
    }

    fn message(&self, check: &str) -> String {
        let found = self.of(check);
        assert_eq!(found.len(), 1, "{check}: {}", self.report["findings"]);
        found[0]["message"].as_str().unwrap().to_owned()
    }

    fn passes(&self, check: &str) -> bool {
        let state = &self.report["checks"][check];
        state["evaluated"].as_u64() > Some(0) && state["failed"] == 0
    }

    fn why_not(&self, check: &str) -> String {
        let state = &self.report["checks"][check];
        assert!(self.of(check).is_empty(), "{check} has findings");
        state["not_evaluated"].as_object().map(|o| o.keys().cloned().collect::<Vec<_>>().join("; ")).unwrap_or_default()
    }
}

const SCAN: &[&str] = &["code", "--history", "--inventory", "records/inventory.yaml"];

#[test]
fn an_owner_that_changes_without_a_handoff() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.commit("code", 1);
    place.inventory("records", 6, RECORD);
    assert!(place.scan(SCAN).passes("KW206"), "one version is no change");
    let handed_over = RECORD.replace("team/checkout", "team/payments");
    place.inventory("records", 10, &handed_over);
    let judged = place.scan(SCAN);
    assert!(judged.message("KW206").starts_with("An owner of record stripe-orders changed, with no handoff"));
    assert_eq!(judged.of("KW206")[0]["facts"]["changed_at"], "2026-01-10T12:00:00Z");
    // Approved on the 5th, changed on the 10th.
    assert_eq!(judged.message("KW306"), "Record stripe-orders changed after its approval: api_owner.");
    let handoffs =
        "handoffs:\n  - { credential_id: stripe-orders, from: team/checkout, to: team/payments, at: 2026-01-09 }\n";
    place.inventory("records", 11, &format!("{handed_over}{handoffs}"));
    let judged = place.scan(SCAN);
    assert!(judged.passes("KW206"), "the handoff is written down");
    assert_eq!(judged.of("KW306").len(), 1, "and was not approved again");
    let approved_again = handed_over.replace("approved_at: 2026-01-05", "approved_at: 2026-01-12");
    place.inventory("records", 12, &format!("{approved_again}{handoffs}"));
    assert!(place.scan(SCAN).passes("KW306"));
}

#[test]
fn a_change_on_the_day_of_the_approval_is_part_of_it() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.inventory("records", 4, RECORD);
    place.inventory("records", 5, &RECORD.replace("charges:write", "charges:read"));
    assert!(place.scan(SCAN).passes("KW306"));
    place.inventory("records", 6, &RECORD.replace("charges:write", "charges:all"));
    assert!(place.scan(SCAN).message("KW306").ends_with("approved_scopes."));
}

#[test]
fn an_entry_that_vanishes() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.inventory("records", 6, &format!("{RECORD}{SECOND}"));
    place.inventory("records", 10, RECORD);
    let judged = place.scan(SCAN);
    assert!(judged.message("KW511").starts_with("Record stripe-refunds vanished from the inventory"));
    assert_eq!(judged.of("KW511")[0]["facts"]["vanished_at"], "2026-01-10T12:00:00Z");
    // Revoked first, and then taken out: in order.
    place.inventory("records", 11, &format!("{RECORD}{}", SECOND.replace("active", "revoked")));
    assert!(place.scan(SCAN).passes("KW511"), "it is back");
    place.inventory("records", 12, RECORD);
    assert!(place.scan(SCAN).passes("KW511"));
    // A row that can no longer be read is still there: that is KW110.
    place.inventory("records", 13, &format!("{RECORD}{SECOND}"));
    place.inventory("records", 14, &format!("{RECORD}{}", SECOND.replace("partner_id", "partner")));
    let judged = place.scan(SCAN);
    assert!(judged.passes("KW511") && judged.of("KW110").len() == 1, "{}", judged.report["findings"]);
}

#[test]
fn what_is_not_in_git_has_no_history_and_a_shallow_one_is_no_whole_one() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.write("inventory.yaml", &format!("{HEAD}{RECORD}"));
    let judged = place.scan(&["code", "--inventory", "inventory.yaml"]);
    for check in ["KW206", "KW306", "KW511"] {
        assert_eq!(judged.why_not(check), "the inventory's own history was not given");
    }
    place.inventory("records", 6, &format!("{RECORD}{SECOND}"));
    place.inventory("records", 10, &RECORD.replace("team/checkout", "team/payments"));
    place.write("records/other", "other\n");
    place.commit("records", 11);
    let url = format!("file://{}", place.of("records").display());
    git(&place.of(""), 12, &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let judged = place.scan(&["code", "--inventory", "shallow/inventory.yaml"]);
    for check in ["KW206", "KW306", "KW511"] {
        assert_eq!(judged.why_not(check), "earlier versions of the inventory were not read", "{check}");
    }
    git(&place.of(""), 12, &["clone", "-q", "--depth", "2", &url, "less-shallow"]);
    let judged = place.scan(&["code", "--inventory", "less-shallow/inventory.yaml"]);
    assert_eq!(judged.why_not("KW511"), "earlier versions of the inventory were not read");
    git(&place.of(""), 12, &["clone", "-q", "--depth", "3", &url, "whole"]);
    let judged = place.scan(&["code", "--inventory", "whole/inventory.yaml"]);
    assert_eq!((judged.of("KW511").len(), judged.of("KW206").len()), (1, 1));
}

#[test]
fn the_history_follows_the_mainline_as_changes_land_on_it() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.inventory("records", 6, RECORD);
    let top = place.of("records");
    git(&top, 7, &["switch", "-q", "-c", "proposal"]);
    place.inventory("records", 8, &RECORD.replace("team/checkout", "team/payments"));
    git(&top, 9, &["switch", "-q", "main"]);
    assert!(place.scan(SCAN).passes("KW206"), "a proposal changes nothing");
    git(&top, 20, &["merge", "-q", "--no-ff", "-m", "merge", "proposal"]);
    let judged = place.scan(SCAN);
    assert_eq!(judged.of("KW206")[0]["facts"]["changed_at"], "2026-01-20T12:00:00Z");
}

#[test]
fn who_committed_the_credential_does_not_approve_it() {
    let place = Place::new();
    place.write("code/deploy/prod/app.env", "STRIPE_ORDERS_KEY=@A@\n");
    place.commit("code", 7);
    place.write("inventory.yaml", &format!("{HEAD}{RECORD}"));
    // Git knows her as Ada, with an address.
    let roster = |alias: &str| format!("id,name,kind,status,aliases\npeople/lena,Lena,person,active,{alias}\n");
    let scan = || place.scan(&["code", "--history", "--inventory", "inventory.yaml", "--roster", "roster.csv"]);
    place.write("roster.csv", &roster("ada@acme.example"));
    let judged = scan();
    assert_eq!(
        judged.message("KW303"),
        "The approver of record stripe-orders is also the committer who introduced it."
    );
    assert_eq!(judged.of("KW303")[0]["level"], "error");
    place.write("roster.csv", &roster("lena@acme.example"));
    assert!(scan().passes("KW303"));
    let tree = place.scan(&["code", "--inventory", "inventory.yaml"]);
    assert!(tree.passes("KW303"), "without history there is no committer to compare with");
    // The map and the reduce say the same, and the report names nobody.
    place.write("roster.csv", &roster("ada@acme.example"));
    let seen = keyward(&place.of(""), &["observe", "code", "--history", "--output", "jsonl=seen.jsonl"]);
    assert_eq!(seen.code, 0, "{}", seen.stderr);
    let args =
        ["assess", "seen.jsonl", "--as-of", "2026-01-28", "--inventory", "inventory.yaml", "--roster", "roster.csv"];
    let reduced = keyward(&place.of(""), &[&args[..], &["--format", "json"]].concat());
    assert!(reduced.stdout.contains("the committer who introduced it"), "{}", reduced.stderr);
    let file = fs::read_to_string(place.of("seen.jsonl")).unwrap();
    assert!(file.contains("committers") && !file.to_lowercase().contains("ada@"), "committers are compared, not told");
}

#[test]
fn a_revoked_credential_that_the_code_still_asks_for() {
    let place = Place::new();
    place.write("code/src/app.py", "import os\nkey = os.environ['STRIPE_ORDERS_KEY']\n");
    place.write("code/docs/offboarding.md", "Take STRIPE_ORDERS_KEY out.\n");
    let revoked = RECORD.replace("status: active", "status: revoked\n    revoked_at: 2026-01-10");
    place.inventory("code", 12, &revoked);
    let scan = || place.scan(&["code", "--inventory", "code/inventory.yaml"]);
    let judged = scan();
    assert_eq!(
        judged.message("KW509"),
        "Record stripe-orders is revoked, and the code still refers to it: STRIPE_ORDERS_KEY."
    );
    let places: Vec<&str> =
        judged.of("KW509")[0]["related"].as_array().unwrap().iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["src/app.py"], "neither the inventory itself nor prose counts");
    place.write("code/src/app.py", "key = None\n");
    assert!(scan().passes("KW509"));
    // A successor that goes by the same name makes the reference its own.
    place.write("code/src/app.py", "import os\nkey = os.environ['STRIPE_ORDERS_KEY']\n");
    let successor = format!("{SECOND}    env_vars: [STRIPE_ORDERS_KEY]\n    supersedes: stripe-orders\n");
    place.inventory("code", 13, &format!("{revoked}{successor}"));
    let why = scan().why_not("KW509");
    assert_eq!(why, "the record names no variable, vault path or address of its own");
    // Seen on another machine, without a watchlist: nobody looked.
    place.inventory("code", 14, &revoked);
    let (folder, none): (PathBuf, [&str; 0]) = (place.of(""), []);
    let observe = |more: &[&str]| {
        let ran = keyward(&folder, &[&["observe", "code", "--output", "jsonl=seen.jsonl"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let args = ["assess", "seen.jsonl", "--as-of", "2026-01-28", "--inventory", "code/inventory.yaml"];
        let ran = keyward(&folder, &[&args[..], &["--format", "json"]].concat());
        Judged { report: serde_json::from_str(&ran.stdout).unwrap() }
    };
    assert_eq!(observe(&none).why_not("KW509"), "references to vaults and variables were not looked for");
    let list = keyward(&folder, &["inventory", "watchlist", "code/inventory.yaml"]);
    fs::write(folder.join("watchlist.json"), list.stdout).unwrap();
    assert_eq!(observe(&["--watchlist", "watchlist.json"]).of("KW509").len(), 1);
}

#[test]
fn an_active_record_whose_references_stand_nowhere_is_stale() {
    let place = Place::new();
    let declared = RECORD.replace("env_vars:", "locations: [\"deploy/**\"]\n    env_vars:");
    place.write("inventory.yaml", &format!("{HEAD}{declared}"));
    place.write("code/src/app.py", "import os\nkey = os.environ['STRIPE_ORDERS_KEY']\n");
    let scan = || place.scan(&["code", "--inventory", "inventory.yaml"]);
    assert!(scan().passes("KW102"), "the code asks for it");
    place.write("code/src/app.py", "key = None\n");
    assert_eq!(scan().of("KW102").len(), 1);
}

#[test]
fn a_change_that_alters_what_judges_it() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    place.write("code/keyward.toml", "exceptions = \"exceptions.toml\"\n[[inventory]]\npath = \"inventory.yaml\"\n");
    place.write("code/exceptions.toml", "");
    place.inventory("code", 6, SECOND);
    let base = git(&place.of("code"), 7, &["rev-parse", "HEAD"]);
    // The change brings a credential, and the record that approves it.
    place.write("code/deploy/prod/app.env", "STRIPE_ORDERS_KEY=@A@\n");
    place.inventory("code", 8, &format!("{SECOND}{RECORD}"));
    let range = format!("{base}..HEAD");
    let judged = place.scan(&["code", "--range", &range]);
    assert_eq!(judged.of("KW101").len(), 1, "the inventory of the base counts: {}", judged.report["findings"]);
    assert_eq!(
        judged.message("KW908"),
        "This change brings credentials and alters the inventory that they are judged by."
    );
    assert_eq!(judged.of("KW908")[0]["primary"]["path"], "inventory.yaml");
    let local = place.scan(&["code", "--history"]);
    assert!(local.of("KW101").is_empty() && !local.why_not("KW908").is_empty(), "a local scan trusts its own files");
    let trusted = place.scan(&["code", "--trust-from", &base]);
    assert_eq!(trusted.of("KW101").len(), 1, "--trust-from reads the inventory of that commit");
    // What is taken out judges no more, too.
    fs::remove_file(place.of("code/exceptions.toml")).unwrap();
    place.commit("code", 9);
    let judged = place.scan(&["code", "--range", &range]);
    let altered: Vec<&str> = judged.of("KW908").iter().map(|f| f["primary"]["path"].as_str().unwrap()).collect();
    assert_eq!(altered, ["exceptions.toml", "inventory.yaml"]);
    // A change of the gate alone silences nothing.
    let before = git(&place.of("code"), 9, &["rev-parse", "HEAD"]);
    place.write("code/keyward.toml", "[[inventory]]\npath = \"inventory.yaml\"\n# fewer words\n");
    place.commit("code", 10);
    let judged = place.scan(&["code", "--range", &format!("{before}..HEAD"), "--trust-from", "HEAD"]);
    assert!(judged.passes("KW908"));
}

#[test]
fn an_inventory_that_the_trusted_commit_has_not_is_an_error() {
    let place = Place::new();
    place.write("code/README.md", "orders\n");
    let base = place.commit("code", 6);
    place.inventory("code", 7, RECORD);
    let args = ["scan", "code", "--range", &format!("{base}..HEAD"), "--inventory", "code/inventory.yaml"];
    let ran = keyward(&place.of(""), &args);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.stderr.trim(), format!("keyward: code/inventory.yaml: no such file in commit {base}"));
}

#[test]
fn removal_counts_on_the_default_branch() {
    let place = Place::new();
    let top = place.of("code");
    place.write("code/app.env", "STRIPE_ORDERS_KEY=@A@\n");
    place.commit("code", 7);
    git(&top, 8, &["switch", "-q", "-c", "feature"]);
    place.write("code/app.env", "STRIPE_ORDERS_KEY=\n");
    place.commit("code", 9);
    let exposure = |args: &[&str]| {
        let judged = place.scan(&[&["code", "--history"], args].concat());
        assert_eq!(judged.of("KW002").len(), 1, "the tree that is checked out has it no more");
        judged.of("KW002")[0]["primary"]["exposure"].clone()
    };
    let here = exposure(&[]);
    assert_eq!((&here["removed"]["time"], &here["at_head"]), (&"2026-01-09T12:00:00Z".into(), &false.into()));
    let main = exposure(&["--default-branch", "main"]);
    assert_eq!((main.get("removed"), &main["at_head"]), (None, &true.into()));
    place.write("code/keyward.toml", "default_branch = \"main\"\n");
    assert_eq!(exposure(&[])["at_head"], true);
    assert_eq!(exposure(&["--default-branch", "nosuch"])["at_head"], false, "what is checked out stands for it");
}
