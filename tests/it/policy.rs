//! The policy, on the built binary: profiles, environments, classes, levels and gates, and what happens to a
//! value that does not fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyward::Sample;
use serde_json::Value;
use tempfile::TempDir;

use crate::run::{git, home, keyward};

const RECORD: &str = "id,partner_id,kind,status,environments,purpose,api_owner,credential_owner,approved_by,approved_at,approval_system,approval_ref,approved_scopes,data_classes,issued_at,expires_at,expiry_enforced,last_rotated_at,last_recertified_at,logging_ref,offboarding_runbook,offboarding_method,offboarding_team,fingerprints\n\
r1,stripe,api_key,active,dev,orders,team/a,team/b,people/lena,2026-10-01,itsm,CHG0041277,orders:read,internal,2026-10-02,2027-06-01,true,2026-10-02,2026-10-02,siem/a,docs/a.md,api,team/b,@sha256:KEY@\n";

/// A folder with one key, one record that is in order, and a policy.
struct Place(TempDir, Sample);

impl Place {
    fn new(path: &str, policy: &str, change: &[(&str, &str)]) -> Self {
        let place = Self(
            tempfile::tempdir().unwrap(),
            Sample::parse("KEY = \"stripe-secret-key: sk_live_51{base62:97}\"").unwrap(),
        );
        place.write(path, "STRIPE_KEY=@KEY@\n");
        let record = change.iter().fold(RECORD.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        place.write("inventory.csv", &record);
        place.write("keyward.toml", policy);
        place
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.0.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, self.1.fill(text, &[])).unwrap();
    }

    fn judge(&self, more: &[&str]) -> (i32, BTreeMap<String, String>) {
        let args = ["scan", ".", "--inventory", "inventory.csv", "--as-of", "2026-11-22", "--format", "json"];
        let ran = keyward(self.0.path(), &[&args[..], more].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
        let word = |f: &Value, key: &str| f[key].as_str().unwrap().to_owned();
        let found = report["findings"].as_array().unwrap().iter().map(|f| (word(f, "check"), word(f, "level")));
        (ran.code, found.collect())
    }

    /// The level of a check, where it failed.
    fn level(&self, check: &str) -> String {
        self.judge(&[]).1.get(check).cloned().unwrap_or_else(|| "passed".to_owned())
    }
}

fn profile(name: &str) -> String {
    format!("[policy]\nprofile = \"{name}\"\n")
}

#[test]
fn profiles_differ_as_they_should() {
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], [&'a str; 3]);
    // minimal, standard, regulated; outside production.
    let rows: &[Row<'_>] = &[
        ("KW001", &[], ["error", "error", "error"]),
        ("KW101", &[("@sha256:KEY@", "")], ["error", "error", "error"]),
        ("KW201", &[("team/a,team/b,", ",,")], ["error", "error", "error"]),
        ("KW205", &[("team/a,", ",")], ["note", "warning", "warning"]),
        ("KW301", &[("people/lena", "")], ["note", "warning", "error"]),
        ("KW302", &[("CHG0041277", "")], ["note", "warning", "error"]),
        ("KW402", &[("2027-06-01", "never")], ["error", "warning", "warning"]),
        // 300 days: within a year, and beyond half of one.
        ("KW403", &[("2027-06-01", "2027-07-29")], ["passed", "passed", "warning"]),
        ("KW407", &[("true,2026-10-02", "true,2026-08-01")], ["passed", "passed", "warning"]),
        ("KW503", &[("docs/a.md,api,team/b", ",,")], ["error", "error", "error"]),
        ("KW706", &[("internal", "")], ["note", "warning", "error"]),
        ("KW708", &[("internal", "pii")], ["note", "warning", "error"]),
    ];
    for (check, change, levels) in rows {
        for (name, level) in ["minimal", "standard", "regulated"].iter().zip(levels) {
            let place = Place::new("src/app.env", &profile(name), change);
            assert_eq!(place.level(check), *level, "{check} under {name}");
        }
    }
}

#[test]
fn environments_are_told_by_path_host_and_branch() {
    let policy = "[[policy.environments]]\nname = \"prod\"\nproduction = true\npaths = [\"live/**\"]\nbranches = [\"release/*\"]\nhosts = [\"*.live.example\"]\n\n[[policy.environments]]\nname = \"dev\"\nproduction = false\npaths = [\"desk/**\"]\n";
    let never = &[("2027-06-01", "never")][..];
    // A missing end is a warning, and in production an error.
    assert_eq!(Place::new("live/app.env", policy, never).level("KW402"), "error");
    assert_eq!(Place::new("desk/app.env", policy, never).level("KW402"), "warning");
    assert_eq!(Place::new("src/app.env", policy, never).level("KW402"), "warning", "unknown changes nothing");
    let beside = Place::new("src/app.env", policy, never);
    // A key that only its host tells whose it is.
    beside.write("partners.csv", "id,name,kind,criticality,contract_end,business_owner,security_contact,hosts\nstripe,Stripe,supplier,high,never,people/x,a@b.example,api.live.example\n");
    assert_eq!(beside.level("KW402"), "warning");
    beside.write("src/app.env", "STRIPE_URL=https://api.live.example/v1\nSTRIPE_API_KEY=@KEY@\n");
    assert_eq!(beside.level("KW402"), "error", "by the host beside it, though the form names the partner");
    beside.write("src/app.env", "STRIPE_HOST=api.live.example\nSTRIPE_API_KEY=@KEY@\n");
    assert_eq!(beside.level("KW402"), "error", "a host without its scheme");
    beside.write("desk/app.env", "STRIPE_URL=https://api.live.example/v1\nSTRIPE_API_KEY=@KEY@\n");
    fs::remove_file(beside.0.path().join("src/app.env")).unwrap();
    assert_eq!(beside.level("KW402"), "warning", "the path counts before the host");
    let by_branch = Place::new("src/app.env", policy, never);
    let top = by_branch.0.path();
    git(top, 1, &["init", "-q"]);
    git(top, 1, &["add", "-A"]);
    git(top, 1, &["commit", "-q", "-m", "one"]);
    assert_eq!(by_branch.level("KW402"), "warning");
    git(top, 1, &["checkout", "-q", "-b", "release/7"]);
    assert_eq!(by_branch.level("KW402"), "error");
}

#[test]
fn levels_and_classes_of_ones_own() {
    let policy = "[policy.severity]\nKW402 = { default = \"note\", prod = \"warning\" }\n";
    assert_eq!(Place::new("src/app.env", policy, &[("2027-06-01", "never")]).level("KW402"), "note");
    let class = |days: u32| {
        format!(
            "[[policy.classes]]\nmatch = {{ kind = [\"api_key\"], environments = [\"dev\"] }}\nmax_lifetime = {days}\n"
        )
    };
    // 242 days from issue to end.
    assert_eq!(Place::new("src/app.env", &class(242), &[]).level("KW403"), "passed");
    assert_eq!(Place::new("src/app.env", &class(241), &[]).level("KW403"), "warning");
    let other = class(10).replace("api_key", "ssh_key");
    assert_eq!(Place::new("src/app.env", &other, &[]).level("KW403"), "passed", "a class of another kind");
}

#[test]
fn each_stage_has_its_gate() {
    let leak = Place::new("src/app.env", "", &[]);
    let record_only = Place::new("src/app.env", "", &[("team/a,team/b,", ",,")]);
    record_only.write("src/app.env", "nothing\n");
    for place in [&leak, &record_only] {
        git(place.0.path(), 10, &["init", "-q"]);
        git(place.0.path(), 10, &["add", "."]);
        git(place.0.path(), 10, &["commit", "-q", "-m", "one"]);
    }
    for (stage, with_a_leak, with_somebody_else_s_record) in
        [("pre_commit", 1, 0), ("pull_request", 1, 0), ("main", 0, 0), ("nightly", 1, 1)]
    {
        let code = |place: &Place| place.judge(&["--stage", stage]).0;
        assert_eq!(code(&leak), with_a_leak, "{stage}, a leak");
        assert_eq!(code(&record_only), with_somebody_else_s_record, "{stage}, a record without an owner");
    }
    let own = "stage = \"night\"\n[policy.gate.night]\nfail_on = \"note\"\nchecks = [\"KW2xx\"]\n";
    assert_eq!(Place::new("src/app.env", own, &[]).judge(&[]).0, 0, "a leak is not what this gate looks at");
    assert_eq!(Place::new("src/app.env", own, &[("siem/a", "")]).judge(&[]).0, 1);
    assert_eq!(Place::new("src/app.env", own, &[]).judge(&["--stage", "main", "--fail-on", "error"]).0, 1);
}

#[test]
fn the_nightly_stage_reads_the_history() {
    let place = Place::new("src/app.env", "", &[]);
    let repository = |args: &[&str]| git(place.0.path(), 10, args);
    repository(&["init", "-q"]);
    repository(&["add", "."]);
    repository(&["commit", "-q", "-m", "one"]);
    repository(&["rm", "-q", "src/app.env"]);
    repository(&["commit", "-q", "-m", "gone"]);
    let judged = |more: &[&str]| {
        let (code, found) = place.judge(more);
        (code, found.contains_key("KW002"))
    };
    assert_eq!(judged(&[]), (0, false));
    assert_eq!(judged(&["--stage", "nightly"]), (1, true));
    // What is piped in has none.
    assert_eq!(judged(&["--stage", "nightly", "--range", "HEAD~1..HEAD"]), (0, false));
    // What the baseline holds fails no stage; one that was written of the tree alone does not hold this.
    for (history, code) in [(&[][..], 1), (&["--history"], 0)] {
        let args = [&["baseline", "write", "--to", "known", "--inventory", "inventory.csv"], history].concat();
        assert_eq!(keyward(place.0.path(), &args).code, 0);
        assert_eq!(judged(&["--stage", "nightly", "--baseline", "known"]).0, code, "{history:?}");
    }
    // A gate of one's own may do without it, and observations without it are a gap.
    place.write("keyward.toml", "[policy.gate.nightly]\nhistory = false\n");
    assert_eq!(judged(&["--stage", "nightly"]), (0, false));
    place.write("keyward.toml", "");
    for (history, code) in [(&[][..], 3), (&["--history"], 1)] {
        assert_eq!(keyward(place.0.path(), &[&["observe", ".", "--output", "jsonl=o"], history].concat()).code, 0);
        let ran = keyward(place.0.path(), &["assess", "o", "--stage", "nightly", "--as-of", "2026-11-22"]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("the stage asks for the history"), code == 3, "{}", ran.stderr);
    }
}

#[test]
fn a_gate_bounds_the_time() {
    let many: String = (0..20_000).map(|n| format!("name_{n} = some text about nothing in particular\n")).collect();
    let place = Place::new("src/app.env", "[policy.gate.quick]\nmax_ms = 1\n", &[]);
    (0..8).for_each(|n| place.write(&format!("text/{n}.txt"), &many));
    let ran = |more: &[&str]| keyward(place.0.path(), &[&["scan", ".", "--fail-on", "none"], more].concat()).code;
    assert_eq!(ran(&["--stage", "quick"]), 3);
    assert_eq!(ran(&["--stage", "quick", "--deadline", "600"]), 0, "the command line counts more");
}

#[test]
fn every_value_is_checked_and_its_line_named() {
    // The policy of the page: in the place of each value one that fits nowhere.
    let page = fs::read_to_string(home().join("docs/configuration.md")).unwrap();
    let blocks = page.split("```toml\n").skip(1).filter_map(|b| b.split("```").next());
    let mut tried = 0;
    for block in blocks.filter(|b| b.contains("[policy") && !b.contains("roster = ")) {
        assert_eq!(code_of(block), 0, "{block}");
        for (number, line) in block.lines().enumerate() {
            let Some((key, _)) = line.split_once(" = ").filter(|_| !line.trim_start().starts_with('#')) else {
                continue;
            };
            let hostile: Vec<String> = block
                .lines()
                .enumerate()
                .map(|(n, l)| if n == number { format!("{key} = 1979-05-27") } else { l.to_owned() })
                .collect();
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("keyward.toml"), hostile.join("\n")).unwrap();
            let ran = keyward(folder.path(), &["scan", "."]);
            let place = format!("keyward.toml:{}", number + 1);
            assert_eq!(ran.code, 2, "{key}: {}", ran.stdout);
            assert!(ran.stderr.contains(&place), "{key}: {place} expected in: {}", ran.stderr);
            assert!(!ran.stderr.contains("1979"), "{key}: shows the value: {}", ran.stderr);
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

/// How a scan of an empty file ends with a configuration.
fn code_of(config: &str) -> i32 {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "keyward.toml", config);
    write(folder.path(), "a.txt", "nothing\n");
    keyward(folder.path(), &["scan", "."]).code
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

/// What keyward.toml names stands in reports as the repository has it, so that it can be anchored there.
#[test]
fn files_named_in_the_configuration_are_told_by_their_paths_in_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    git(folder.path(), 1, &["init", "-q"]);
    write("keyward.toml", "exceptions = \"exceptions.toml\"\n");
    write(
        "exceptions.toml",
        "keyward_exceptions = 1\n[[exception]]\nid = \"E1\"\ntype = \"legacy_system\"\nchecks = [\"KW407\"]\n\
         subject = { credential = \"acme\" }\nreason = \"until the gateway is gone\"\nrequested_by = \"people/omar\"\n\
         approved_by = \"people/lena\"\napproved_at = \"2026-01-02\"\nexpires_at = \"2026-02-01\"\n",
    );
    let ran = keyward(folder.path(), &["scan", ".", "--as-of", "2026-01-28", "--format", "sarif", "--exit-zero"]);
    let log: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let places: Vec<_> = results
        .iter()
        .filter(|r| r["ruleId"].as_str().is_some_and(|id| id.starts_with("KW8")))
        .map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or_default())
        .collect();
    assert!(!places.is_empty() && places.iter().all(|place| *place == "exceptions.toml"), "{places:?}");
}
