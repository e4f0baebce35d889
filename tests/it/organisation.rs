//! The golden organisation of `fixtures/organisation`: repositories with scripted dates, exports, a
//! register in git, people, policy and exceptions, judged together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use keyward::Sample;
use serde::Deserialize;
use serde_json::Value;

use crate::canary::{Canary, every_format, listing};
use crate::run::{Ran, git_as, home, keyward};

/// The day it is judged on.
pub(crate) const AS_OF: &str = "2026-11-22";
/// Its repositories, as they are scanned.
pub(crate) const REPOSITORIES: [&str; 3] = ["shop", "payments", "integrations"];

/// The organisation in a temporary folder.
pub(crate) struct Organisation {
    temporary: tempfile::TempDir,
    /// Every made-up value by name.
    pub(crate) values: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    commit: Vec<Commit>,
}

/// One commit, as history.toml tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    repository: String,
    at: String,
    by: String,
    #[serde(default)]
    write: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    /// For the register: what stands there now, and what stood there then.
    #[serde(default)]
    was: Vec<(String, String)>,
}

impl Organisation {
    /// Builds it from its templates.
    pub(crate) fn build() -> Self {
        let source = home().join("fixtures/organisation");
        let read = |name: &str| fs::read_to_string(source.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let (register, history) = (read("register.yaml"), read("history.toml"));
        let exports = ["apigee.json", "aws-access-keys.json", "azure-apim.json"];
        let mut templates: BTreeMap<String, String> = toml::from_str(&read("values.toml")).unwrap();
        let texts =
            exports.iter().map(|name| read(&format!("exports/{name}"))).chain([register.clone(), history.clone()]);
        for name in texts.flat_map(|text| names_in(&text)) {
            templates.entry(name).or_insert_with(|| "{base62:40}".to_owned());
        }
        let sample = Sample::parse(&toml::to_string(&templates).unwrap()).unwrap();
        let organisation = Self {
            temporary: tempfile::tempdir().unwrap(),
            values: sample.values().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        };
        for name in ["keyward.toml", "roster.csv", "exceptions.toml"] {
            organisation.write(name, &read(name));
        }
        for name in exports {
            organisation.write(&format!("exports/{name}"), &sample.fill(&read(&format!("exports/{name}")), &[]));
        }
        let history: History = toml::from_str(&history).unwrap();
        for commit in history.commit {
            organisation.commit(&commit, &register, &sample);
        }
        organisation
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> PathBuf {
        self.temporary.path().canonicalize().unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.folder().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn commit(&self, commit: &Commit, register: &str, sample: &Sample) {
        let top = self.folder().join(&commit.repository);
        let mail = format!("{}@corp.example", commit.by);
        let git = |args: &[&str]| git_as(&top, (commit.by.as_str(), &mail), &commit.at, args);
        if !top.exists() {
            fs::create_dir_all(&top).unwrap();
            git(&["init", "-q"]);
        }
        for (path, text) in &commit.write {
            self.write(&format!("{}/{path}", commit.repository), &sample.fill(text, &[]));
        }
        for path in &commit.remove {
            fs::remove_file(top.join(path)).unwrap();
        }
        if commit.repository == "governance" {
            let mut text = register.to_owned();
            for (now, then) in &commit.was {
                assert_eq!(text.matches(now.as_str()).count(), 1, "{now}");
                text = text.replace(now, then);
            }
            self.write("governance/register.yaml", &sample.fill(&text, &[]));
        }
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "change"]);
    }

    /// Runs keyward on all of it.
    pub(crate) fn scan(&self, more: &[&str]) -> Ran {
        let mut args = vec!["scan"];
        args.extend(REPOSITORIES);
        args.extend(["--history", "--config", "keyward.toml", "--as-of", AS_OF]);
        args.extend(more);
        keyward(&self.folder(), &args)
    }
}

/// Names between two `@`, with or without the form before a colon.
fn names_in(text: &str) -> BTreeSet<String> {
    let name = |part: &str| part.rsplit(':').next().unwrap_or_default().to_owned();
    let is_name = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    text.split('@').map(name).filter(is_name).collect()
}

pub(crate) fn snapshot(name: &str, text: &str) {
    let file = home().join("fixtures/organisation").join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(expected == text, "{} differs; KEYWARD_BLESS=1 writes it anew", file.display());
}

/// What was found, by record, or by what it is about where there is none: the checks with their levels,
/// excepted ones in brackets.
fn by_subject(report: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let about = finding["subject"]["governance"].as_str().or_else(|| finding["record"].as_str());
        let about = about.unwrap_or("a key in no record").to_owned();
        let told = format!("{} {}", finding["check"].as_str().unwrap(), finding["level"].as_str().unwrap());
        let open = finding["disposition"] == "open";
        all.entry(about).or_default().insert(if open { told } else { format!("({told})") });
    }
    all
}

/// The rows of the README's tables: subject and findings.
fn promised() -> BTreeMap<String, BTreeSet<String>> {
    let readme = fs::read_to_string(home().join("fixtures/organisation/README.md")).unwrap();
    let mut all = BTreeMap::new();
    for row in readme.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, subject, _, found, _] = cells[..] else { panic!("four columns expected: {row}") };
        let found = found.split(", ").filter(|f| *f != "nothing").map(|f| f.trim_matches('`').to_owned());
        assert!(all.insert(subject.trim_matches('`').to_owned(), found.collect()).is_none(), "twice: {subject}");
    }
    all
}

#[test]
fn every_seed_gives_what_the_readme_says_and_nothing_else() {
    let organisation = Organisation::build();
    let report: Value = serde_json::from_str(&organisation.scan(&["--format", "json"]).stdout).unwrap();
    let (found, promised) = (by_subject(&report), promised());
    for subject in found.keys().chain(promised.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeSet::new();
        let (is, should) = (found.get(subject).unwrap_or(&none), promised.get(subject).unwrap_or(&none));
        assert_eq!(is, should, "{subject}");
    }
    assert_eq!(report["inventory"]["records"], 60);
    assert_eq!(report["inventory"]["partners"], 12);
}

#[test]
fn its_report_can_be_read() {
    let organisation = Organisation::build();
    let text = organisation.scan(&[]);
    assert_eq!((text.code, text.stderr.as_str()), (1, ""));
    snapshot("expected.txt", &text.stdout);
    let report: Value = serde_json::from_str(&organisation.scan(&["--format", "json"]).stdout).unwrap();
    snapshot("expected.json", &format!("{:#}\n", findings_of(&report)));
}

/// The findings alone, without what only people need.
fn findings_of(report: &Value) -> Value {
    let keep = ["check", "level", "modifiers", "subject", "message", "partner", "record", "match", "disposition"];
    let one = |finding: &Value| -> Value {
        let mut kept: serde_json::Map<String, Value> =
            keep.iter().filter_map(|k| Some(((*k).to_owned(), finding.get(*k)?.clone()))).collect();
        let place = &finding["primary"];
        kept.insert(
            "at".to_owned(),
            format!("{}:{}", place["path"].as_str().unwrap(), place["location"]["line"]).into(),
        );
        kept.into()
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn observed_on_three_machines_and_judged_on_a_fourth_it_is_the_same() {
    let organisation = Organisation::build();
    let folder = organisation.folder();
    let inventories =
        ["exports/aws-access-keys.json", "exports/apigee.json", "exports/azure-apim.json", "governance/register.yaml"];
    let list = keyward(&folder, &[&["inventory", "watchlist"], &inventories[..]].concat());
    fs::write(folder.join("watchlist.json"), list.stdout).unwrap();
    let mut files = Vec::new();
    for name in REPOSITORIES {
        let file = format!("{name}.jsonl");
        let output = format!("jsonl={file}");
        let ran =
            keyward(&folder, &["observe", name, "--history", "--watchlist", "watchlist.json", "--output", &output]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        files.push(file);
    }
    let judged = |files: &[String]| {
        let mut args: Vec<&str> = vec!["assess"];
        args.extend(files.iter().map(String::as_str));
        args.extend(["--config", "keyward.toml", "--as-of", AS_OF, "--format", "json"]);
        let ran = keyward(&folder, &args);
        by_subject(&serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr)))
    };
    let at_once = by_subject(&serde_json::from_str(&organisation.scan(&["--format", "json"]).stdout).unwrap());
    assert_eq!(judged(&files), at_once);
    files.reverse();
    assert_eq!(judged(&files), at_once, "whatever the order of the files");
}

#[test]
fn it_shows_no_piece_of_a_value() {
    let organisation = Organisation::build();
    let secret = |(name, value): (&'_ String, &'_ String)| {
        let from = if name == "SHADOW" { "sk_live_".len() } else { 0 };
        (name.clone(), value[from..].to_owned())
    };
    let secrets: Vec<(String, String)> = organisation.values.iter().map(secret).collect();
    let canary = Canary::new(secrets.iter().map(|(name, secret)| (name.as_str(), secret.as_str())));
    fs::create_dir(organisation.folder().join("out")).unwrap();
    let before = listing(&organisation.folder());
    let formats = every_format();
    let ran = organisation
        .scan(&[&["--disclose", "full"][..], &formats.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let mut found = canary.find_in("the organisation", &ran);
    found.extend(canary.find_below("the organisation", &organisation.folder(), &before));
    assert_eq!(found, Vec::<String>::new());
}
