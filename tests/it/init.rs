//! `keyward init` in real repositories: what it writes is taken by keyward itself, holds no value,
//! and never replaces anything.

use std::fs;
use std::path::Path;

use keyward::Policy;
use keyward::config::Config;

use crate::repository::Repository;
use crate::run::{Ran, files, git, keyward};

struct Repo(Repository);

impl std::ops::Deref for Repo {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        &self.0
    }
}

impl Repo {
    fn new() -> Self {
        let values = "A = \"sk_live_51{base62:97}\"\nB = \"sk_live_51{base62:97}\"\nC = \"sk_test_51{base62:97}\"\nD = \"{base62:40}\"";
        Self(Repository::new("shop", values))
    }

    fn key(&self, name: &str) -> String {
        format!("STRIPE_SECRET_KEY=\"{}\"\n", self.value(name))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn init(&self, args: &[&str]) -> Ran {
        let ran = keyward(&self.top, &[&["init"], args].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        for name in ["A", "B", "C", "D"] {
            for piece in self.value(name).as_bytes()["sk_live_51".len()..].windows(8) {
                let piece = std::str::from_utf8(piece).unwrap();
                assert!(!ran.stdout.contains(piece) && !ran.stderr.contains(piece), "a value is printed");
            }
        }
        ran
    }
}

/// The cells of a row by their column.
fn cell<'t>(table: &'t str, row: usize, column: &str) -> &'t str {
    let mut lines = table.lines();
    let at = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    lines.nth(row).unwrap().split(',').nth(at).unwrap()
}

fn row_of(table: &str, part: &str) -> usize {
    table.lines().skip(1).position(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part} in\n{table}"))
}

#[test]
fn sets_up_a_repository_so_that_keyward_takes_everything() {
    let repo = Repo::new();
    repo.write("deploy/prod/pay.env", &repo.key("A"));
    repo.write("src/pay.py", &repo.key("B"));
    repo.write("src/ship.py", &format!("ORDERS_API_KEY = \"{}\"\n", repo.value("D")));
    repo.write("README.md", "shop\n");
    repo.write(".github/CODEOWNERS", "* @acme/all\ndeploy/ @acme/ops\n/src/\n");
    repo.commit(3);
    let before = keyward(&repo.top, &["scan", "--as-of", "2026-11-22", "--format", "json"]);
    let ran = repo.init(&[]);
    for part in [
        "wrote    keyward.toml",
        "wrote    partner-inventory.csv",
        "3 credentials",
        "1 of a partner",
        "keyward.yml",
        "Next",
    ] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    let table = repo.read("partner-inventory.csv");
    let prod = row_of(&table, "deploy/prod/pay.env");
    assert_eq!(cell(&table, prod, "partner_id"), "stripe");
    assert_eq!(cell(&table, prod, "kind"), "api_key");
    assert_eq!(cell(&table, prod, "environments"), "prod");
    assert_eq!(cell(&table, prod, "credential_owner"), "acme/ops");
    assert_eq!(cell(&table, prod, "env_vars"), "STRIPE_SECRET_KEY");
    assert!(cell(&table, prod, "fingerprints").starts_with("sha256:"));
    assert_eq!(cell(&table, prod, "approved_by"), "", "nothing is guessed");
    // An inventory sets a row without a partner aside.
    assert_eq!(cell(&table, row_of(&table, "src/ship.py"), "partner_id"), "unnamed");
    // The last line that matches names nobody, so the commit does.
    assert_eq!(cell(&table, row_of(&table, "src/pay.py"), "credential_owner"), "ada@acme.example");

    // What keyward itself says of what it wrote.
    let lint = keyward(&repo.top, &["inventory", "lint", "partner-inventory.csv"]);
    assert_eq!(lint.code, 1, "{}{}", lint.stdout, lint.stderr);
    for line in lint.stdout.lines().filter(|l| l.starts_with("partner-inventory")) {
        assert!(line.contains("the minimal profile lacks: "), "{line}");
    }
    let scan = keyward(
        &repo.top,
        &["scan", "--as-of", "2026-11-22", "--format", "json", "--inventory", "partner-inventory.csv"],
    );
    let report: serde_json::Value = serde_json::from_str(&scan.stdout).unwrap_or_else(|e| panic!("{e}{}", scan.stderr));
    assert_eq!(report["inventory"]["records"], 3);
    assert!(report["inventory"].get("errors").is_none(), "{}", report["inventory"]);
    let matches = report["matches"].as_object().unwrap();
    assert!(matches.len() == 3 && matches.values().all(|m| m["level"] == "certain"), "{matches:?}");
    let checks: Vec<_> = report["findings"].as_array().unwrap().iter().map(|f| f["check"].as_str().unwrap()).collect();
    assert!(!checks.contains(&"KW902"), "what init declares is where the credential stands: {checks:?}");
    // The files themselves are no findings, nor do they change any.
    let after = keyward(&repo.top, &["scan", "--as-of", "2026-11-22", "--format", "json"]);
    let findings = |ran: &Ran| serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()["findings"].clone();
    assert_eq!(findings(&before), findings(&after));
    // A value that stands in any of the files would stand here.
    for path in files(&repo.top).into_iter().filter(|p| !p.starts_with(".git")) {
        let text = String::from_utf8_lossy(&fs::read(repo.top.join(&path)).unwrap()).into_owned();
        let planted = path.starts_with("deploy") || path.starts_with("src");
        let held = ["A", "B", "D"].iter().any(|name| {
            let value = repo.value(name);
            value.as_bytes()["sk_live_51".len()..].windows(8).any(|w| text.contains(std::str::from_utf8(w).unwrap()))
        });
        assert_eq!(held, planted, "{}", path.display());
    }
    let workflow = repo.read(".github/workflows/keyward.yml");
    assert!(workflow.contains("branches: [main]\n"), "{workflow}");
    assert!(workflow.starts_with("name: keyward\n") && workflow.contains("uses: keyward/keyward@"), "{workflow}");
    assert!(workflow.contains(" # TODO: ") && ran.stdout.contains("where it says TODO"), "what is left to do is told");
}

#[test]
fn the_commit_of_keyward_and_the_baseline_are_filled_in() {
    let repo = Repo::new();
    repo.write("a.env", &repo.key("A"));
    repo.write(".github/CODEOWNERS", "");
    repo.write(".gitlab-ci.yml", "");
    repo.commit(1);
    keyward(&repo.top, &["baseline", "write"]);
    assert_eq!(keyward(&repo.top, &["init", "--pin", "main"]).code, 2, "a name can be made to mean something else");
    let pin = "5f".repeat(20);
    let ran = repo.init(&["--pin", &pin]);
    assert!(ran.stdout.contains("it names keyward.baseline"), "{}", ran.stdout);
    for path in [".github/workflows/keyward.yml", "keyward.gitlab-ci.yml"] {
        let text = repo.read(path);
        assert!(text.contains(&pin) && !text.contains("TODO") && !text.contains("00000000"), "{path}\n{text}");
    }
    // The gate that begins green, and goes red with the next credential.
    assert_eq!(keyward(&repo.top, &["scan"]).code, 0);
    repo.write("b.env", &repo.key("B"));
    assert_eq!(keyward(&repo.top, &["scan"]).code, 1);
}

#[test]
fn never_replaces_a_file_and_says_what_it_kept() {
    let repo = Repo::new();
    repo.write("a.env", &repo.key("A"));
    repo.write("keyward.toml", "exclude = [\"b.env\"]\n");
    repo.write("b.env", &repo.key("B"));
    repo.write(".gitlab-ci.yml", "test:\n  script: [make]\n");
    repo.commit(1);
    let ran = repo.init(&[]);
    assert!(ran.stdout.contains("kept     keyward.toml: it was there already"), "{}", ran.stdout);
    assert_eq!(repo.read("keyward.toml"), "exclude = [\"b.env\"]\n");
    let table = repo.read("partner-inventory.csv");
    assert!(table.contains("a.env") && !table.contains("b.env"), "the configuration that is there counts\n{table}");
    assert!(repo.read("keyward.gitlab-ci.yml").contains("  script:\n"), "GitLab's file");
    assert_eq!(repo.read(".gitlab-ci.yml"), "test:\n  script: [make]\n");
    repo.write("partner-inventory.csv", "id\nmine\n");
    let again = repo.init(&[]);
    assert!(!again.stdout.contains("wrote"), "{}", again.stdout);
    assert_eq!(repo.read("partner-inventory.csv"), "id\nmine\n");
}

#[test]
fn a_dry_run_prints_what_it_would_write_and_writes_nothing() {
    let repo = Repo::new();
    repo.write("a.env", &repo.key("C"));
    repo.write("azure-pipelines.yml", "steps: []\n");
    repo.write("Jenkinsfile", "pipeline {}\n");
    let before = files(&repo.top);
    let dry = repo.init(&["--dry-run"]);
    assert_eq!(files(&repo.top), before);
    for part in ["id,partner_id,kind", "# keyward.toml: ", "CodeAnalysisLogs", "recordIssues", "keyward inventory lint"]
    {
        assert!(dry.stdout.contains(part), "{part} is not in\n{}", dry.stdout);
    }
    repo.init(&[]);
    let table = repo.read("partner-inventory.csv");
    assert!(dry.stdout.contains(&table), "the same as what is written then");
    assert_eq!((cell(&table, 0, "mode"), cell(&table, 0, "credential_owner")), ("test", ""), "nobody committed it");
}

#[test]
fn nothing_found_and_no_repository_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    let ran = keyward(folder.path(), &["init"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("no credential in the tree") && ran.stdout.contains("no platform"), "{}", ran.stdout);
    assert!(!folder.path().join("partner-inventory.csv").exists());
    assert_eq!(ran.stdout.split("Next\n").nth(1).unwrap().lines().count(), 3, "{}", ran.stdout);
    let ran = keyward(folder.path(), &["init", "a.txt"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("keyward: a.txt: expected the folder of a repository"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_what_is_written_out_of_the_repository() {
    let repo = Repo::new();
    let outside = repo.top.with_file_name("outside");
    fs::create_dir_all(outside.join("workflows")).unwrap();
    std::os::unix::fs::symlink(&outside, repo.top.join(".github")).unwrap();
    repo.write("a.txt", "x\n");
    let ran = keyward(&repo.top, &["init"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("leads out of the repository"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(outside.join("workflows")).unwrap().count(), 0);
}

/// The options without the `#` before them.
fn uncommented(text: &str) -> String {
    let option =
        |line: &str| line.strip_prefix('#').filter(|l| !l.is_empty() && !l.starts_with(' ')).map(str::to_owned);
    text.lines().map(|line| option(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn the_configuration_says_the_defaults_and_every_option_of_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "x\n").unwrap();
    keyward(folder.path(), &["init"]);
    let text = fs::read_to_string(folder.path().join("keyward.toml")).unwrap();
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with(['#', '['])), "all of it is commented out");
    let read = |text: &str| Config::parse("keyward.toml", Path::new(""), text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read(&text).policy.required_fields, Policy::default().required_fields);
    let shown = read(&uncommented(&text)).policy;
    let own = Policy::default();
    assert_eq!(shown.grace_days, own.grace_days);
    assert_eq!(shown.repository_public, own.repository_public);
    assert_eq!(shown.max_export_age_days, own.max_export_age_days);
    assert_eq!(shown.required_fields, own.required_fields);
    assert_eq!(shown.required_in_production, own.required_in_production);
    assert_eq!((shown.expiry, shown.recertification), (own.expiry, own.recertification));
    assert_eq!(shown.approval.allowed_systems, own.approval.allowed_systems);
    assert_eq!(shown.approval.ref_patterns.texts(), own.approval.ref_patterns.texts());
    assert_eq!(shown.approval.separation_of_duties, own.approval.separation_of_duties);
    assert_eq!(shown.approval.must_precede_first_use, own.approval.must_precede_first_use);
    assert_eq!(shown.approval.tolerance_hours, own.approval.tolerance_hours);
    assert_eq!((shown.offboarding, shown.reuse), (own.offboarding, own.reuse));
    assert_eq!((shown.unobserved_days, shown.temporary_days), (own.unobserved_days, own.temporary_days));
    assert_eq!((shown.scope, shown.data, shown.exceptions), (own.scope, own.data, own.exceptions));
    // A new option of docs/configuration.md belongs here too.
    let page = fs::read_to_string(crate::run::home().join("docs/configuration.md")).unwrap();
    let block = page.split("```toml\n").find(|b| b.contains("[policy.recertification]")).unwrap();
    for line in block.split("```").next().unwrap().lines().filter(|l| l.contains(" = ")) {
        let name = line.split(" = ").next().unwrap();
        assert!(text.contains(&format!("#{name} = ")), "{name} is missing");
    }
}

#[test]
fn the_job_runs_on_the_branch_that_the_remote_or_the_repository_has() {
    let repo = Repo::new();
    repo.write(".github/dependabot.yml", "version: 2\n");
    repo.commit(3);
    git(&repo.top, 3, &["branch", "-m", "master"]);
    let clone = repo.top.parent().unwrap().join("clone");
    git(&repo.top, 4, &["clone", "-q", ".", clone.to_str().unwrap()]);
    // Somebody sets it up from a branch of their own.
    git(&clone, 4, &["checkout", "-q", "-b", "set-up"]);
    for top in [&repo.top, &clone] {
        assert_eq!(keyward(top, &["init"]).code, 0);
        let workflow = fs::read_to_string(top.join(".github/workflows/keyward.yml")).unwrap();
        assert!(workflow.contains("branches: [master]\n"), "{}: {workflow}", top.display());
    }
}
