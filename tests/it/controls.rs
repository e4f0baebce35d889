//! Controls of the frameworks: every check answers to those of `fixtures/controls.txt`, and says so
//! wherever it is explained.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::run::{home, keyward};

fn catalogue() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(home().join("fixtures/controls.txt")).unwrap();
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    lines
        .map(|line| {
            let (check, controls) = line.split_once(": ").unwrap();
            (check.to_owned(), controls.split(", ").map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn every_check_has_the_controls_of_the_catalogue() {
    let catalogue = catalogue();
    assert_eq!(catalogue.len(), 84);
    let mut wrong = Vec::new();
    for check in keyward::checks::all() {
        let id = check.id.to_string();
        let Some(wanted) = catalogue.get(&id) else {
            // Leaks and permissions beside values are keyward's own checks.
            assert!(["KW001", "KW002", "KW003", "KW004", "KW811"].contains(&&*id), "{id}");
            continue;
        };
        let missing: Vec<_> = wanted.iter().filter(|c| !check.taxa.contains(&c.as_str())).collect();
        if !missing.is_empty() {
            wrong.push(format!("{id} lacks {missing:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_check_shows_its_controls_where_it_is_explained() {
    let page = fs::read_to_string(home().join("docs/checks.md")).unwrap();
    for check in keyward::checks::all() {
        let id = check.id.to_string();
        let section = page.split("\n## ").chain(page.split("\n### ")).find(|s| s.starts_with(&id));
        let section = section.unwrap_or_else(|| panic!("{id} is not on the page"));
        for taxon in check.taxa {
            assert!(section.contains(taxon), "{id}: the page does not show {taxon}");
        }
    }
    for id in ["KW101", "KW412", "KW901"] {
        let explained = keyward(Path::new("."), &["explain", id]).stdout;
        let explained = explained.split_whitespace().collect::<Vec<_>>().join(" ");
        for control in &catalogue()[id] {
            assert!(explained.contains(control.as_str()), "{id}: {control} in {explained}");
        }
    }
}
