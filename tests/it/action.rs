//! The GitHub Action's own scripts, under a runner that is made up: a folder for each of its variables, real git, the
//! real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward::Sample;

use crate::run::{git, home};

struct Runner {
    folder: tempfile::TempDir,
    /// Where the repository is checked out, in the workspace.
    checkout: &'static str,
    key: String,
}

struct Job {
    code: i32,
    stdout: String,
    stderr: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

impl Runner {
    /// A workspace whose first commit is clean.
    fn new() -> Self {
        Self::with_checkout("")
    }

    /// The same, with the repository in a folder of the workspace.
    fn with_checkout(checkout: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("workspace").join(checkout)).unwrap();
        let sample = Sample::parse("A = \"sk_live_51{base62:97}\"").unwrap();
        let runner = Self { key: sample.value("A").unwrap().to_owned(), folder, checkout };
        git(&runner.repository(), 1, &["init", "-q"]);
        runner.commit(1, "a.txt", "nothing\n");
        runner
    }

    fn repository(&self) -> PathBuf {
        self.workspace().join(self.checkout)
    }

    fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    fn commit(&self, day: u32, path: &str, text: &str) -> String {
        fs::write(self.repository().join(path), text).unwrap();
        git(&self.repository(), day, &["add", "."]);
        git(&self.repository(), day, &["commit", "-q", "-m", "change"]);
        git(&self.repository(), day, &["rev-parse", "HEAD"])
    }

    fn leak(&self, day: u32, path: &str) -> String {
        self.commit(day, path, &format!("STRIPE_KEY={}\n", self.key))
    }

    fn script(&self, name: &str, variables: &[(&str, &str)]) -> Job {
        let folder = self.folder.path();
        let file = |name: &str| {
            let file = folder.join(name);
            fs::write(&file, "").unwrap();
            file
        };
        let (outputs, summary, path) = (file("outputs"), file("summary"), file("path"));
        let binary = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap();
        let paths = [folder.join("bin"), binary.to_owned(), "/usr/local/bin".into(), "/usr/bin".into(), "/bin".into()];
        let output = Command::new("bash")
            .arg(home().join("action").join(name))
            .current_dir(self.workspace())
            .env_clear()
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("HOME", folder)
            .env("RUNNER_TEMP", folder.join("temp"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_PATH", &path)
            .env("GITHUB_ACTION_PATH", home())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let outputs = fs::read_to_string(outputs).unwrap();
        let job = Job {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            summary: fs::read_to_string(summary).unwrap(),
            outputs: outputs.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect(),
        };
        for part in [&job.stdout, &job.stderr, &job.summary] {
            assert!(!part.contains(&self.key[20..40]), "a value is shown");
        }
        job
    }

    /// The scan itself never fails the step: the upload comes first.
    fn scan(&self, variables: &[(&str, &str)]) -> Job {
        let mut all = vec![("INPUT_PATH", "."), ("EVENT_NAME", "push"), ("INPUT_ARGS", "--as-of\n2026-11-22")];
        all.extend(variables);
        let job = self.script("scan", &all);
        assert_eq!(job.code, 0, "{}", job.stderr);
        job
    }
}

impl Job {
    fn is(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

#[test]
fn findings_are_annotated_summed_up_and_uploaded_before_they_fail_the_job() {
    let runner = Runner::new();
    runner.leak(2, "app.env");
    let job = runner.scan(&[]);
    assert_eq!((job.is("exit-code"), job.is("findings"), job.is("upload"), job.is("mode")), ("1", "1", "true", "full"));
    assert!(job.stdout.starts_with("::error file=app.env,line=1,"), "{}", job.stdout);
    assert!(job.summary.contains("KW001") && job.summary.contains("app.env"), "{}", job.summary);
    let sarif = fs::read_to_string(job.is("sarif-file")).unwrap();
    assert!(sarif.contains("keyward/tree/"));
    assert!(fs::read_to_string(job.is("html-file")).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn a_clean_tree_uploads_its_emptiness() {
    let runner = Runner::new();
    let job = runner.scan(&[]);
    assert_eq!((job.is("exit-code"), job.is("findings"), job.is("upload")), ("0", "0", "true"));
}

#[test]
fn a_pull_request_is_judged_by_what_it_brings() {
    let runner = Runner::new();
    let old = runner.leak(2, "old.env");
    git(&runner.workspace(), 3, &["checkout", "-q", "-b", "feature"]);
    runner.commit(3, "b.txt", "b\n");
    // The base goes on; the runner checks out the merge of both.
    git(&runner.workspace(), 4, &["checkout", "-q", "main"]);
    runner.commit(4, "others.env", &format!("OTHER_{}\nSTRIPE_KEY={}\n", "x", runner.key));
    git(&runner.workspace(), 5, &["checkout", "-q", "--detach", "main"]);
    git(&runner.workspace(), 5, &["merge", "-q", "--no-ff", "-m", "merge", "feature"]);
    let event = [("EVENT_NAME", "pull_request"), ("EVENT_BASE", old.as_str()), ("EVENT_FORK", "false")];
    let job = runner.scan(&event);
    assert_eq!((job.is("exit-code"), job.is("findings")), ("0", "0"), "{}{}", job.stdout, job.stderr);
    git(&runner.workspace(), 6, &["checkout", "-q", "feature"]);
    runner.leak(6, "new.env");
    git(&runner.workspace(), 7, &["checkout", "-q", "--detach", "main"]);
    git(&runner.workspace(), 7, &["merge", "-q", "--no-ff", "-m", "merge", "feature"]);
    let job = runner.scan(&event);
    assert_eq!((job.is("exit-code"), job.is("findings")), ("1", "1"), "{}", job.stdout);
    assert!(job.stdout.contains("file=new.env,"), "{}", job.stdout);
    assert!(fs::read_to_string(job.is("sarif-file")).unwrap().contains("keyward/diff/"));
}

#[test]
fn the_first_push_of_a_branch_is_what_it_adds() {
    let runner = Runner::new();
    runner.leak(2, "old.env");
    git(&runner.workspace(), 2, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(&runner.workspace(), 3, &["checkout", "-q", "-b", "feature"]);
    runner.commit(3, "b.txt", "b\n");
    let zeros = "0".repeat(40);
    let event = [("INPUT_SCOPE", "diff"), ("EVENT_BASE", zeros.as_str()), ("DEFAULT_BRANCH", "main")];
    let job = runner.scan(&event);
    assert_eq!((job.is("exit-code"), job.is("findings")), ("0", "0"), "{}", job.stdout);
}

#[test]
fn a_base_that_is_not_here_says_what_to_do() {
    let runner = Runner::new();
    let nowhere = "1".repeat(40);
    let job = runner.scan(&[("INPUT_SCOPE", "diff"), ("EVENT_BASE", nowhere.as_str())]);
    assert_eq!((job.is("exit-code"), job.is("upload")), ("2", ""));
    assert!(job.stdout.contains("fetch-depth: 0") && job.summary.contains("fetch-depth: 0"), "{}", job.stdout);
    let job = runner.scan(&[("INPUT_SCOPE", "everything")]);
    assert_eq!(job.is("exit-code"), "2");
}

#[test]
fn a_fork_without_inventory_is_judged_on_leaks_and_says_so() {
    let runner = Runner::new();
    runner.leak(2, "app.env");
    let absent = [("INPUT_INVENTORY", "../private/inventory.csv"), ("EVENT_NAME", "push")];
    let fork = [absent[0], absent[1], ("EVENT_FORK", "true"), ("KEYWARD_PEPPER", "")];
    let job = runner.scan(&fork);
    assert_eq!((job.is("exit-code"), job.is("mode"), job.is("upload")), ("1", "leak-only", "false"));
    assert!(job.stdout.contains("::notice title=keyward::") && job.stdout.contains("only leaks are judged"));
    assert!(job.summary.starts_with("> [!NOTE]") && job.summary.contains("KW001"), "{}", job.summary);
    // Where there are secrets, a missing inventory is an error: a typing mistake must not switch the checks off.
    let job = runner.scan(&absent);
    assert_eq!((job.is("exit-code"), job.is("upload")), ("2", ""), "{}", job.stdout);
    assert!(job.stdout.contains("inventory.csv"), "{}", job.stdout);
}

#[test]
fn what_was_judged_without_the_inventory_closes_no_alerts_of_its_checks() {
    let runner = Runner::new();
    runner.leak(2, "app.env");
    // A push to the default branch, by the bot: its runs get no secrets either.
    let inventory = "id,partner_id\n";
    fs::write(runner.folder.path().join("inventory.csv"), inventory).unwrap();
    let bot = [("INPUT_INVENTORY", "../inventory.csv"), ("EVENT_ACTOR", "dependabot[bot]"), ("KEYWARD_PEPPER", "")];
    let job = runner.scan(&bot);
    assert_eq!((job.is("exit-code"), job.is("mode"), job.is("upload")), ("1", "leak-only", "false"), "{}", job.stdout);
    let job = runner.scan(&bot[1..]);
    assert_eq!((job.is("mode"), job.is("upload")), ("full", "true"), "no inventory is asked for: {}", job.stdout);
}

#[test]
fn an_incomplete_history_closes_no_alerts() {
    let runner = Runner::new();
    runner.leak(2, "app.env");
    let clone = runner.workspace().join("shallow");
    let from = format!("file://{}", runner.workspace().display());
    git(&runner.workspace(), 3, &["clone", "-q", "--depth", "1", &from, "shallow"]);
    assert!(clone.join(".git/shallow").exists());
    let job = runner.scan(&[("INPUT_PATH", "shallow"), ("INPUT_SCOPE", "history")]);
    assert_eq!((job.is("exit-code"), job.is("upload")), ("1", "false"), "{}", job.stdout);
    let job = runner.scan(&[("INPUT_SCOPE", "history")]);
    assert_eq!(job.is("upload"), "true", "{}", job.stdout);
}

#[test]
fn inputs_are_data() {
    let runner = Runner::new();
    for input in ["INPUT_PATH", "INPUT_SCOPE", "INPUT_BASE", "INPUT_INVENTORY", "INPUT_FAIL_ON", "INPUT_ARGS"] {
        runner.scan(&[("INPUT_SCOPE", "diff"), (input, "$(touch owned)`touch owned`; touch owned\n\"'--x")]);
    }
    let owned = fs::read_dir(runner.workspace()).unwrap().any(|e| e.unwrap().file_name() == "owned");
    assert!(!owned);
}

#[test]
fn the_summary_stays_within_what_github_keeps() {
    let runner = Runner::new();
    let sample = Sample::parse("A = \"sk_live_51{base62:97}\"").unwrap();
    let value = sample.value("A").unwrap();
    // One credential in so many places that the table alone is beyond the bound.
    let folder = runner.workspace().join("long".repeat(40));
    fs::create_dir(&folder).unwrap();
    for n in 0..3500 {
        fs::write(folder.join(format!("{n:04}.env")), format!("KEY={value}\n")).unwrap();
    }
    let job = runner.scan(&[]);
    assert!((500_000..=900_000).contains(&job.summary.len()), "{}", job.summary.len());
    let annotations = job.stdout.lines().filter(|l| l.starts_with("::")).count();
    assert!((1..=10).contains(&annotations), "{annotations}");
}

#[test]
fn a_release_is_installed_only_if_it_is_what_was_released() {
    let runner = Runner::new();
    let bin = runner.folder.path().join("bin");
    let release = runner.folder.path().join("release");
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&release).unwrap();
    let archive = "keyward-x86_64-unknown-linux-musl-v9.9.9.tgz";
    fs::write(release.join("keyward"), "#!/bin/sh\necho keyward 9.9.9\n").unwrap();
    let shell = |script: &str| {
        let status = Command::new("bash").args(["-euc", script]).current_dir(&release).status().unwrap();
        assert!(status.success(), "{script}");
    };
    shell(&format!(
        "chmod +x keyward; tar -czf {archive} keyward; {{ sha256sum {archive} || shasum -a 256 {archive}; }} > SHA256SUMS"
    ));
    let gh = |verdict: u8| {
        let script = format!(
            "#!/bin/sh\ncase $1 in\n  release) cp {0}/{archive} {0}/SHA256SUMS . ;;\n  attestation) exit {verdict} ;;\nesac\n",
            release.display()
        );
        fs::write(bin.join("gh"), script).unwrap();
        shell(&format!("chmod +x {}", bin.join("gh").display()));
    };
    let install = |version: &str| runner.script("install", &[("INPUT_VERSION", version)]);
    gh(0);
    let job = install("9.9.9");
    assert!(job.code == 0 && job.stdout.ends_with("keyward 9.9.9\n"), "{}{}", job.stdout, job.stderr);
    let path = fs::read_to_string(runner.folder.path().join("path")).unwrap();
    assert!(Path::new(path.trim()).join("keyward").exists(), "{path}");
    assert_ne!(install("latest; id").code, 0);
    gh(1);
    assert_ne!(install("9.9.9").code, 0, "no provenance");
    gh(0);
    fs::write(release.join(archive), "something else").unwrap();
    assert_ne!(install("9.9.9").code, 0, "another digest");
    let present = runner.script("install", &[]);
    assert!(present.code == 0 && present.stdout.starts_with("keyward "), "what is there will do: {}", present.stderr);
}

#[test]
fn without_a_release_the_commit_that_was_pinned_is_built() {
    let runner = Runner::new();
    let bin = runner.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let install = |path: &str| runner.script("install", &[("PATH", path), ("INPUT_VERSION", "")]);
    // No keyward in the search path, and first no cargo either.
    std::os::unix::fs::symlink("/bin/bash", bin.join("bash")).unwrap();
    let job = install(&bin.display().to_string());
    assert_eq!(job.code, 2, "{}", job.stdout);
    assert!(job.stdout.contains("Install Rust (https://rustup.rs)"), "{}", job.stdout);
    let cargo = "#!/bin/sh\necho cargo \"$@\"\nwhile [ \"$1\" != --root ]; do shift; done\nmkdir -p \"$2/bin\"\n\
                 printf '#!/bin/sh\\necho keyward built\\n' > \"$2/bin/keyward\"\nchmod +x \"$2/bin/keyward\"\n";
    fs::write(bin.join("cargo"), cargo).unwrap();
    let made = Command::new("chmod").arg("+x").arg(bin.join("cargo")).status().unwrap();
    assert!(made.success());
    let job = install(&format!("{}:/usr/bin:/bin", bin.display()));
    let asked = format!("cargo install --path {} --locked", home().display());
    assert!(job.code == 0 && job.stdout.contains(&asked), "{}{}", job.stdout, job.stderr);
    assert!(job.stdout.ends_with("keyward built\n"), "{}", job.stdout);
    let path = fs::read_to_string(runner.folder.path().join("path")).unwrap();
    assert!(Path::new(path.trim()).join("keyward").exists(), "{path}");
}

#[test]
fn an_inventory_beside_the_code_judges_a_pull_request() {
    let runner = Runner::new();
    let base = git(&runner.workspace(), 1, &["rev-parse", "HEAD"]);
    runner.leak(2, "app.env");
    let table = "id,partner_id,kind,status,hint\nother,acme,api_key,active,...zzzz\n";
    fs::write(runner.folder.path().join("credentials.csv"), table).unwrap();
    let job = runner.scan(&[
        ("EVENT_NAME", "pull_request"),
        ("EVENT_BASE", &base),
        ("INPUT_INVENTORY", "../credentials.csv"),
        ("INPUT_ARGS", "--as-of\n2026-11-22\n--disclose\nnone"),
    ]);
    assert_eq!((job.is("exit-code"), job.is("mode")), ("1", "full"), "{}{}", job.stdout, job.stderr);
    assert!(job.summary.contains("KW101"), "{}", job.summary);
}

/// The set-up of docs/ci.md: the code in a folder of the workspace, the inventory in another beside it.
#[test]
fn code_and_inventory_are_checked_out_beside_each_other() {
    let runner = Runner::with_checkout("code");
    let base = git(&runner.repository(), 1, &["rev-parse", "HEAD"]);
    runner.commit(2, "keyward.toml", "# the policy\n");
    runner.leak(3, "app.env");
    fs::create_dir(runner.workspace().join("inventory")).unwrap();
    let table = "id,partner_id,kind,status,environments,credential_owner,hint\n\
                 secret-project,acme,api_key,active,prod,people/lena,...zzzz\n";
    fs::write(runner.workspace().join("inventory/credentials.csv"), table).unwrap();
    let inputs = [
        ("INPUT_PATH", "code"),
        ("INPUT_INVENTORY", "inventory/credentials.csv"),
        ("INPUT_ARGS", "--as-of\n2026-11-22\n--disclose\nnone"),
    ];
    let pull_request = [("EVENT_NAME", "pull_request"), ("EVENT_BASE", base.as_str())];
    for (event, category) in [(&[][..], "keyward/tree/"), (&pull_request[..], "keyward/diff/")] {
        let job = runner.scan(&[&inputs, event].concat());
        assert_eq!((job.is("exit-code"), job.is("mode"), job.is("upload")), ("1", "full", "true"), "{}", job.stderr);
        // GitHub looks paths up from the repository's top, and its upload action is told where that is.
        assert!(job.stdout.contains("file=app.env,line=1,") && !job.stdout.contains("file=code/"), "{}", job.stdout);
        let sarif = fs::read_to_string(job.is("sarif-file")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&sarif).unwrap();
        assert_eq!(report["runs"][0]["automationDetails"]["id"], category);
        let uri = |r: &serde_json::Value| {
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().to_owned()
        };
        let uris: Vec<String> = report["runs"][0]["results"].as_array().unwrap().iter().map(uri).collect();
        assert!(uris.iter().any(|u| u == "app.env"), "{uris:?}");
        // What there is to say of a record stands in a file that the repository has.
        assert!(uris.iter().all(|u| u == "app.env" || u == "keyward.toml"), "{uris:?}");
        for what in [&sarif, &job.stdout, &job.summary] {
            assert!(!what.contains("secret-project") && !what.contains("lena"), "a record is shown: {what}");
        }
    }
}
