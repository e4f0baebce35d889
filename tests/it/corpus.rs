//! The measured corpus: how much of what should be found is, and how little else, by class.
//!
//! `fixtures/corpus` holds templates of lines; here they are expanded into files, one line each, and
//! scanned. The outcome is `docs/accuracy.md`, written with `KEYWARD_BLESS=1`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use keyward::template::expand;
use serde::Deserialize;

use crate::pages::differs;
use crate::run::{home, keyward};

/// How often each text is expanded.
const ROUNDS: u64 = 10;

#[derive(Deserialize)]
struct Corpus {
    class: Vec<Class>,
}

#[derive(Deserialize)]
struct Class {
    name: String,
    #[serde(default)]
    value: Vec<String>,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    path: PathBuf,
    text: String,
}

/// Of one class: documents, how many have a finding, and how many one that is more than a note.
#[derive(Default)]
struct Told {
    all: usize,
    found: usize,
    loud: usize,
    /// Texts that were found, and texts that were not.
    texts: [Vec<String>; 2],
}

fn measure(file: &str) -> Vec<(String, Told)> {
    let text = fs::read_to_string(home().join("fixtures/corpus").join(file)).unwrap();
    let corpus: Corpus = toml::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut documents = Vec::new();
    for (c, class) in corpus.class.iter().enumerate() {
        for (t, text) in class.texts.iter().enumerate() {
            for round in 0..ROUNDS {
                let seed = round ^ (c as u64) << 40 ^ (t as u64) << 20;
                let value = class.value.get(round as usize % class.value.len().max(1)).map_or("", |v| v);
                let whole = expand(&text.text.replace("VALUE", value), seed, None)
                    .unwrap_or_else(|e| panic!("{}: {}: {e}", class.name, text.text));
                let path = Path::new(&format!("c{c}/l{t}/r{round}")).join(&text.path);
                fs::create_dir_all(folder.path().join(&path).parent().unwrap()).unwrap();
                fs::write(folder.path().join(&path), whole + "\n").unwrap();
                documents.push((c, path, format!("{}: {}", text.path.display(), text.text.escape_debug())));
            }
        }
    }
    let ran = keyward(folder.path(), &["scan", ".", "--no-ignore", "--format", "json", "--exit-zero"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
    let mut loudest: BTreeMap<PathBuf, bool> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let loud = finding["level"] != "note";
        let spots = std::iter::once(&finding["primary"]).chain(finding["related"].as_array().into_iter().flatten());
        for spot in spots {
            *loudest.entry(PathBuf::from(spot["path"].as_str().unwrap())).or_default() |= loud;
        }
    }
    let mut told: Vec<(String, Told)> = corpus.class.iter().map(|c| (c.name.clone(), Told::default())).collect();
    for (class, path, text) in documents {
        let (_, told) = &mut told[class];
        told.all += 1;
        match loudest.get(&path) {
            Some(loud) => {
                told.found += 1;
                told.loud += usize::from(*loud);
                told.texts[0].push(text);
            }
            None => told.texts[1].push(text),
        }
    }
    told
}

/// Texts that were found (0) or not (1), each once with how often.
fn listed(all: &[(String, Told)], which: usize) -> String {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for text in all.iter().flat_map(|(_, told)| &told.texts[which]) {
        *times.entry(text).or_default() += 1;
    }
    times.iter().map(|(text, n)| format!("  {n} x {text}\n")).collect()
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[test]
fn the_page_tells_precision_and_recall() {
    let (values, misses) = (measure("values.toml"), measure("near-misses.toml"));
    let sum = |all: &[(String, Told)], of: fn(&Told) -> usize| all.iter().map(|(_, t)| of(t)).sum::<usize>();
    let (there, found) = (sum(&values, |t| t.all), sum(&values, |t| t.found));
    let (near, wrong) = (sum(&misses, |t| t.all), sum(&misses, |t| t.found));
    let mut page = fs::read_to_string(home().join("docs/accuracy.md")).unwrap_or_default();
    let mut table =
        String::from("| values | documents | found | above note | recall |\n| --- | ---: | ---: | ---: | ---: |\n");
    for (name, told) in &values {
        let recall = percent(told.found, told.all);
        writeln!(table, "| {name} | {} | {} | {} | {recall:.1} % |", told.all, told.found, told.loud).unwrap();
    }
    writeln!(
        table,
        "| **all** | {there} | {found} | {} | **{:.1} %** |",
        sum(&values, |t| t.loud),
        percent(found, there)
    )
    .unwrap();
    table.push_str("\n| near misses | documents | reported | quiet |\n| --- | ---: | ---: | ---: |\n");
    for (name, told) in &misses {
        let quiet = percent(told.all - told.found, told.all);
        writeln!(table, "| {name} | {} | {} | {quiet:.1} % |", told.all, told.found).unwrap();
    }
    let quiet = percent(near - wrong, near);
    writeln!(table, "| **all** | {near} | {wrong} | **{quiet:.1} %** |\n").unwrap();
    let (precision, recall) = (percent(found, found + wrong), percent(found, there));
    let f1 = 2.0 * precision * recall / (precision + recall);
    writeln!(table, "Precision {precision:.1} %, recall {recall:.1} %, F1 {:.3}.", f1 / 100.0).unwrap();
    page = crate::pages::with_section(&page, "accuracy", &table);
    println!("{table}\nmissed:\n{}\nreported:\n{}", listed(&values, 1), listed(&misses, 0));
    let differs = differs("docs/accuracy.md", &page);
    assert!(differs.is_none(), "docs/accuracy.md differs; KEYWARD_BLESS=1 cargo test corpus rewrites it\n{table}");
    assert!(recall >= 90.0 && precision >= 99.0, "{table}");
}
