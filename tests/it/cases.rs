//! Cases as folders: add a folder to `fixtures/cases`, get three snapshots.
//!
//! `case.toml` says how keyward is run; everything else in the folder is filled with the case's
//! values and written out. `expected.txt`, `expected.json` and `expected.sarif` are what it prints.
//! `KEYWARD_BLESS=1 cargo test cases` rewrites them: read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keyward::{Pepper, Sample};
use serde::Deserialize;

use crate::run::{files, git, home, keyward};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// One line: what the case shows.
    about: String,
    /// Arguments; `--format` is added.
    args: Vec<String>,
    /// Exit code.
    exit: i32,
    /// Formats that are compared.
    #[serde(default = "all_formats")]
    formats: Vec<String>,
    /// Commits of a repository made of `tree/`: every step's files are copied from `step-N/`.
    #[serde(default)]
    git: bool,
    /// Bytes of the key for keyed fingerprints, as hex.
    #[serde(default)]
    pepper: Option<String>,
    /// Named templates.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

fn all_formats() -> Vec<String> {
    ["text", "json", "sarif"].map(str::to_owned).to_vec()
}

fn extension(format: &str) -> &str {
    match format {
        "text" => "txt",
        "markdown" => "md",
        other => other,
    }
}

#[test]
fn every_case_prints_what_is_expected() {
    let root = home().join("fixtures/cases");
    let bless = std::env::var_os("KEYWARD_BLESS").is_some();
    let mut folders: Vec<PathBuf> = fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no cases");
    let failures: Vec<String> = folders.iter().flat_map(|folder| run_case(folder, bless)).collect();
    assert!(failures.is_empty(), "{} of {} cases differ:\n\n{}", failures.len(), folders.len(), failures.join("\n\n"));
}

fn run_case(folder: &Path, bless: bool) -> Vec<String> {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(folder.join("case.toml")).unwrap_or_else(|e| panic!("{name}: {e}"));
    let case: Case = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}/case.toml: {e}"));
    assert!(!case.about.is_empty(), "{name}: say what it shows");
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path().canonicalize().unwrap();
    write_out(folder, &place, &case);
    let mut failures = Vec::new();
    for format in &case.formats {
        let mut args = case.args.clone();
        args.extend(["--format".to_owned(), format.clone()]);
        let ran = keyward(&place, &args);
        if ran.code != case.exit {
            failures.push(format!("{name} ({format}): exit code {}, expected {}\n{}", ran.code, case.exit, ran.stderr));
        }
        // Errors stand where output is missing.
        let printed = if ran.stdout.is_empty() { ran.stderr } else { ran.stdout };
        let printed = printed.replace(&*place.to_string_lossy(), "@PLACE@");
        let expected = folder.join(format!("expected.{}", extension(format)));
        if bless {
            fs::write(&expected, &printed).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != printed {
            failures.push(format!("{name}/expected.{} differs; it prints:\n{printed}", extension(format)));
        }
    }
    failures
}

fn write_out(folder: &Path, place: &Path, case: &Case) {
    let values = toml::to_string(&case.values).unwrap();
    let sample = Sample::parse(&values).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let key = case.pepper.as_ref().map(|hex| {
        fs::write(place.join("pepper"), hex).unwrap();
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect::<Vec<u8>>()
    });
    let peppers: Vec<Pepper> = key.into_iter().map(|k| Pepper::new(k).unwrap()).collect();
    let copy = |from: &Path, to: &Path| {
        for path in files(from) {
            let target = to.join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let bytes = fs::read(from.join(&path)).unwrap();
            let filled = match String::from_utf8(bytes) {
                Ok(text) => sample.fill(&text, &peppers).into_bytes(),
                Err(raw) => raw.into_bytes(),
            };
            fs::write(target, filled).unwrap();
        }
    };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("expected.") || name == "case.toml" || name.starts_with("step-") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &place.join(&name));
        } else {
            fs::write(place.join(&name), sample.fill(&fs::read_to_string(&path).unwrap(), &peppers)).unwrap();
        }
    }
    if case.git {
        let tree = place.join("tree");
        fs::create_dir_all(&tree).unwrap();
        git(&tree, 1, &["init", "-q"]);
        git(&tree, 1, &["add", "-A"]);
        git(&tree, 1, &["commit", "-q", "--allow-empty", "-m", "step 1"]);
        for n in 2.. {
            let step = folder.join(format!("step-{n}"));
            if !step.is_dir() {
                break;
            }
            for old in files(&tree).iter().filter(|p| !p.starts_with(".git")) {
                fs::remove_file(tree.join(old)).unwrap();
            }
            copy(&step, &tree);
            git(&tree, n, &["add", "-A"]);
            git(&tree, n, &["commit", "-q", "-m", &format!("step {n}")]);
        }
    }
}
