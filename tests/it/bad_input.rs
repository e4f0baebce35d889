//! Input that cannot be read. What the run itself needs ends it: exit 2, a message with file, line,
//! column, field and what was expected, nothing on standard output. What is scanned is coverage.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use keyward::Sample;
use serde_json::Value;

use crate::run::{Ran, command, git, keyward};

fn key() -> String {
    Sample::parse("KEY = \"stripe-secret-key: sk_live_51{base62:97}\"").unwrap().value("KEY").unwrap().to_owned()
}

fn tree(folder: &Path) {
    fs::create_dir_all(folder.join("tree")).unwrap();
    fs::write(folder.join("tree/app.env"), format!("STRIPE_SECRET_KEY={}\n", key())).unwrap();
}

/// Exit 2, nothing printed, and a message that begins so and holds these words.
fn assert_refused(what: &str, ran: &Ran, begins: &str, holds: &[&str]) {
    assert_eq!(ran.code, 2, "{what}: {}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.is_empty(), "{what}: {}", ran.stdout);
    assert!(ran.stderr.starts_with(&format!("keyward: {begins}")), "{what}: {}", ran.stderr);
    for word in holds {
        assert!(ran.stderr.contains(word), "{what}: no `{word}` in {}", ran.stderr);
    }
}

/// Option, file, content, how the message begins, what else it holds.
type Refused = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const REFUSED: &[Refused] = &[
    ("--config", "c.toml", "exclude = 3\n", "c.toml:1:11: exclude: ", &["wrong type", "expected"]),
    ("--config", "c.toml", "\nexlude = [\"a\"]\n", "c.toml:2:1: ", &["unknown field", "exclude"]),
    ("--config", "c.toml", "exclude = [\"a\", \"[b\"]\n", "c.toml:1:17: exclude: ", &["expected a glob"]),
    (
        "--config",
        "c.toml",
        "[policy]\nprofile = \"strict\"\n",
        "c.toml:2:11: policy.profile: ",
        &["expected", "regulated"],
    ),
    ("--config", "c.toml", "[policy]\ngrace_days = \"many\"\n", "c.toml:2:14: ", &["grace_days", "expected"]),
    (
        "--config",
        "c.toml",
        "[policy.severity]\nKW999 = { default = \"note\" }\n",
        "c.toml:2:1: policy.severity",
        &["expected"],
    ),
    ("--config", "c.toml", "[policy\n", "c.toml:1:", &[]),
    ("--config", "c.toml", "[rules]\nreplace = true\n", "c.toml:", &["rules.replace", "zero rules"]),
    (
        "--config",
        "c.toml",
        "[rules]\ndisable = [\"jwt\", \"no-such-rule\"]\n",
        "c.toml:2:19: rules.disable: ",
        &["no rule has this id"],
    ),
    ("--config", "nowhere.toml", "", "nowhere.toml: ", &[]),
    ("--roster", "r.csv", "id,name,kind,status\npeople/a,Ann,person,gone\n", "r.csv:2", &["status", "expected"]),
    ("--roster", "nowhere.csv", "", "nowhere.csv: ", &[]),
    ("--exceptions", "e.toml", "[[exception]]\nid = \"E1\"\nrenewals = \"two\"\n", "e.toml:3", &["expected"]),
    ("--exceptions", "e.toml", "keyward_exceptions = 7\n", "e.toml:", &["expected"]),
    ("--baseline", "b", "# ok\nKW001 abc\n", "b:2: ", &["expected four fields"]),
    (
        "--inventory",
        "i.json",
        "{\"keyward_inventory\": 1, \"credentials\": 3}\n",
        "i.json:1:",
        &["credentials", "expected"],
    ),
    ("--inventory", "i.json", "{\"keyward_inventory\": 1,\n \"credentials\": [}\n", "i.json:2:", &[]),
    (
        "--inventory",
        "i.yaml",
        "keyward_inventory: 9\ncredentials: []\n",
        "i.yaml:1:",
        &["keyward_inventory", "expected"],
    ),
    ("--inventory", "i.yaml", "keyward_inventory: 1\ncredentials: [\n", "i.yaml:", &[]),
    ("--inventory", "i.csv", "colour,size\nred,4\n", "i.csv:", &[]),
    ("--inventory", "i.csv", "", "i.csv:", &[]),
    ("--inventory", "nowhere.csv", "", "nowhere.csv: ", &[]),
    ("--as-of", "yesterday", "", "--as-of yesterday: ", &["expected a day"]),
    ("--format", "pdf", "", "--format pdf", &["sarif"]),
    ("--output", "pdf=x", "", "--output pdf=x", &["sarif"]),
    ("--pepper-file", "p", "short", "--pepper-file p: ", &["32"]),
];

#[test]
fn what_the_run_needs_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    for (option, name, text, begins, holds) in REFUSED {
        if !name.starts_with("nowhere") {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let ran = keyward(folder.path(), &["scan", "tree", option, name]);
        assert_refused(&format!("{option} {name} {text:?}"), &ran, begins, holds);
    }
}

#[test]
fn rules_that_cannot_be_read_end_the_run() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    fs::write(folder.path().join("c.toml"), "[rules]\nfiles = [\"rules.toml\"]\n").unwrap();
    let head = "provider = \"acme\"\nname = \"Acme\"\nclass = \"other\"\n\n[[rule]]\nid = \"acme-key\"\ntitle = \"Acme key\"\nkind = \"api_key\"\nvisibility = \"secret\"\nform = \"strong\"\n";
    let texts = [
        ("provider = 3\n".to_owned(), "rules.toml:1:12: ", "expected"),
        (head.replace("class", "klass"), "rules.toml:3:1: ", "unknown field"),
        (format!("{head}pattern = '(?P<secret>[a'\nliterals = [\"a\"]\n"), "rules.toml", "acme-key"),
        (format!("{head}pattern = 'abc'\nliterals = [\"abc\"]\n"), "rules.toml", "acme-key"),
    ];
    for (text, begins, holds) in texts {
        fs::write(folder.path().join("rules.toml"), &text).unwrap();
        let ran = keyward(folder.path(), &["scan", "tree", "--config", "c.toml"]);
        assert_refused(&text, &ran, begins, &[holds]);
    }
}

#[test]
fn observations_that_cannot_be_read_end_the_run() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let whole = keyward(folder.path(), &["observe", "tree"]).stdout;
    assert_eq!(whole.lines().count(), 3, "header, one observation, trailer");
    let cut: String = whole.lines().take(2).map(|l| format!("{l}\n")).collect();
    let short: String = whole.lines().step_by(2).map(|l| format!("{l}\n")).collect();
    let texts = [
        (String::new(), "observed.jsonl", "no repository"),
        ("{}\n".to_owned(), "observed.jsonl:1: ", "not a line"),
        (cut, "observed.jsonl", "cut off"),
        (short, "observed.jsonl:2: ", "lines are missing"),
        (whole.replace("observations/1", "observations/9"), "observed.jsonl:1: ", "expected"),
    ];
    for (text, begins, holds) in texts {
        fs::write(folder.path().join("observed.jsonl"), &text).unwrap();
        assert_refused(&text, &keyward(folder.path(), &["assess", "observed.jsonl"]), begins, &[holds]);
    }
    fs::write(folder.path().join("watch.json"), "{\"hosts\": 3}").unwrap();
    let ran = keyward(folder.path(), &["observe", "tree", "--watchlist", "watch.json"]);
    assert_refused("watchlist", &ran, "watch.json:1:", &[]);
}

fn json(folder: &Path, args: &[&str], code: i32) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    let ran = keyward(folder, &args);
    assert_eq!(ran.code, code, "{args:?}: {}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_file_that_is_cut_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    fs::write(folder.path().join("tree/long.txt"), "x ".repeat(2000)).unwrap();
    let scan = ["scan", "tree/long.txt", "--max-file-bytes", "1000"];
    let report = json(folder.path(), &scan, 3);
    assert_eq!((&report["complete"], &report["coverage"]["counts"]["cut"]), (&Value::from(false), &Value::from(1)));
    let both = ["scan", "tree", "--max-file-bytes", "1000"];
    assert_eq!(json(folder.path(), &both, 1)["complete"], false, "findings outrank a gap");
    json(folder.path(), &[&both[..], &["--require-complete"]].concat(), 3);
    json(folder.path(), &[&both[..], &["--exit-zero"]].concat(), 0);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    fs::create_dir(folder.path().join("tree/closed")).unwrap();
    fs::write(folder.path().join("tree/closed/a.txt"), "a\n").unwrap();
    fs::write(folder.path().join("tree/closed.txt"), "a\n").unwrap();
    fs::write(folder.path().join("tree/app.env"), "PORT=80\n").unwrap();
    let mode =
        |path: &str, mode| fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    mode("", 0o755);
    mode("tree/closed", 0o000);
    mode("tree/closed.txt", 0o000);
    let mut command = command(folder.path());
    command.args(["scan", "tree", "--format", "json"]);
    if fs::read(folder.path().join("tree/closed.txt")).is_ok() {
        // The superuser reads everything: somebody else is asked.
        command.uid(65534).gid(65534);
    }
    let output = match command.output() {
        // The binary may stand where nobody else may go.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
        other => Some(other.unwrap()),
    };
    mode("tree/closed", 0o755);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["coverage"]["counts"]["unreadable"], 2);
    let subjects: Vec<&Value> =
        report["coverage"]["entries"].as_array().unwrap().iter().map(|e| &e["subject"]).collect();
    assert_eq!(subjects, ["closed", "closed.txt"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, folder.path().join("tree").join(at)).unwrap();
    link(".", "loop");
    link("two", "one");
    link("one", "two");
    link("nowhere", "dangling");
    link("/etc/hostname", "outside");
    let report = json(folder.path(), &["scan", "tree"], 1);
    assert_eq!(report["coverage"]["counts"]["symlink"], 5);
    assert_eq!((&report["coverage"]["documents"], &report["complete"]), (&Value::from(1), &Value::from(true)));
}

#[test]
fn a_tracked_file_that_is_gone_is_no_part_of_the_tree() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let tree = folder.path().join("tree");
    fs::write(tree.join("b.txt"), "b\n").unwrap();
    git(&tree, 1, &["init", "-q"]);
    git(&tree, 1, &["add", "-A"]);
    fs::remove_file(tree.join("app.env")).unwrap();
    assert_eq!(json(folder.path(), &["scan", "tree"], 0)["coverage"]["documents"], 1);
}

#[test]
fn binary_and_empty_files() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let tree = folder.path().join("tree");
    fs::write(tree.join("empty"), "").unwrap();
    let mut bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    bytes.extend_from_slice(format!("\0{}\0API_KEY=0f343b0931126a20f133d67c2b018a3b\0", key()).as_bytes());
    bytes.extend((0..=255).cycle().take(5000).map(|b: u8| b.reverse_bits()));
    fs::write(tree.join("program.bin"), bytes).unwrap();
    let report = json(folder.path(), &["scan", "tree"], 1);
    assert_eq!(report["observations"].as_array().unwrap().len(), 1, "of binary files, only what has a form");
    assert_eq!(report["observations"][0]["sightings"].as_array().unwrap().len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    for name in [&b"caf\xe9"[..], b"\xff\xfe\x1b[31m", b"a\nb"] {
        let dir = tree.join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("app.env"), format!("STRIPE_SECRET_KEY={}\n", key())).unwrap();
    }
    let paths = |report: &Value| -> Vec<String> {
        report["findings"].as_array().unwrap().iter().map(|f| f["primary"]["path"].to_string()).collect()
    };
    let report = json(folder.path(), &["scan", "tree"], 1);
    assert_eq!(paths(&report).iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{:?}", paths(&report));
    for format in ["text", "markdown", "csv", "github", "sarif", "gitlab", "junit", "html"] {
        let ran = keyward(folder.path(), &["scan", "tree", "--format", format]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(!ran.stdout.contains('\x1b'), "{format} acts on the terminal");
    }
    // As observations they come back as they were.
    assert_eq!(keyward(folder.path(), &["observe", "tree", "--output", "jsonl=o"]).code, 0);
    assert_eq!(paths(&json(folder.path(), &["assess", "o"], 1)), paths(&report));
}

#[test]
fn one_line_of_a_hundred_megabytes() {
    let size = 100_000_000;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tree")).unwrap();
    let piece = "var a=1;function b(c){return c.d(\"e\",{f:[1,2,3]})};";
    let half = piece.repeat(size / 2 / piece.len());
    fs::write(folder.path().join("tree/app.min.js"), format!("{half}k=\"{}\";{half}k=\"{}\"", key(), key())).unwrap();
    let began = Instant::now();
    let report = json(folder.path(), &["scan", "tree"], 1);
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(report["observations"][0]["sightings"].as_array().unwrap().len(), 2);
    assert!(report.to_string().len() < 100_000, "the line is cut");
}

#[test]
fn thousands_of_findings_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tree")).unwrap();
    let key = key();
    let lines: String = (0..3_000).map(|n| format!("KEY_{n}={key}; password_{n} = \"kR7!x{}Q\"\n", n % 1000)).collect();
    fs::write(folder.path().join("tree/all.env"), lines).unwrap();
    let report = json(folder.path(), &["scan", "tree"], 1);
    let places: Vec<usize> =
        report["observations"].as_array().unwrap().iter().map(|o| o["sightings"].as_array().unwrap().len()).collect();
    assert_eq!(places.iter().filter(|n| **n == 3_000).count(), 1, "the key is told once, with all its places");
    assert!(places.len() > 1_000, "each password is its own");
}

#[test]
fn sizes_and_times_have_units() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "a".repeat(1500)).unwrap();
    for (size, code) in
        [("1KiB", 3), ("1kb", 3), ("1000", 3), ("1.5kB", 2), ("2kB", 0), ("1 MB", 0), ("99999999999GB", 2)]
    {
        let ran = keyward(folder.path(), &["scan", "--max-file-bytes", size]);
        assert_eq!(ran.code, code, "{size}: {}{}", ran.stdout, ran.stderr);
        assert!(code != 2 || ran.stderr.contains("expected a size, as in 10000000, 10MB or 256MiB"), "{}", ran.stderr);
    }
    for (time, code) in [("90", 0), ("90s", 0), ("5m", 0), ("1h", 0), ("soon", 2), ("1d", 2)] {
        let ran = keyward(folder.path(), &["scan", "--deadline", time]);
        assert_eq!(ran.code, code, "{time}: {}{}", ran.stdout, ran.stderr);
        assert!(code != 2 || ran.stderr.contains("expected a time"), "{}", ran.stderr);
    }
}

#[test]
fn a_cache_that_nothing_uses_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    let ran = keyward(folder.path(), &["scan", "--cache", "/nowhere/at/all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("note: --cache") && ran.stderr.contains("without --history"), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    let ran = keyward(folder.path(), &["scan", "--output", "json=a.json", "--output", "html=reports/a.html"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(ran.stderr, "keyward: --output html=reports/a.html: there is no folder reports\n");
    assert!(!folder.path().join("a.json").exists(), "nothing was done");
    let ran = keyward(folder.path(), &["scan", "--output", "html=."]);
    assert!(ran.code == 2 && ran.stderr.contains("--output html=.: this is a folder"), "{}", ran.stderr);
}

#[test]
fn what_a_limit_leaves_out_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..5 {
        fs::write(folder.path().join(format!("{n}.env")), format!("STRIPE_KEY={}\n", key())).unwrap();
    }
    let scan = |more: &[&str]| keyward(folder.path(), &[&["scan", "--format", "sarif"][..], more].concat());
    let results = |ran: &Ran| {
        let log: Value = serde_json::from_str(&ran.stdout).unwrap();
        log["runs"][0]["results"].as_array().unwrap().len()
    };
    let ran = scan(&["--sarif-limit", "2"]);
    let more = results(&scan(&[])) - 2;
    let told = format!("the gravest 2 results of a run; {more} of lower severity left out");
    assert!(results(&ran) == 2 && more >= 3 && ran.stderr.contains(&told), "{}", ran.stderr);
    assert!(!scan(&["--sarif-limit", "0"]).stderr.contains("left out") && !scan(&[]).stderr.contains("left out"));
}
