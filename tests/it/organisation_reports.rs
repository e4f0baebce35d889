//! The golden organisation's reports for auditors, as snapshots in `fixtures/organisation/expected` that a
//! reader can check by eye, and the same bytes however they are made. `KEYWARD_BLESS=1` rewrites them.

use std::fs;

use crate::organisation::{AS_OF, Organisation, REPOSITORIES, snapshot};
use crate::run::{Ran, keyward};

/// What is asked for, the file that holds it, and how it is shown there.
const REPORTS: &[(&str, &[&str], &str)] = &[
    ("evidence.jsonl", &["evidence"], "jsonl"),
    ("register.csv", &["register", "--format", "csv"], "csv"),
    ("register.md", &["register", "--format", "markdown"], "markdown"),
    ("register.html.txt", &["register", "--format", "html"], "html"),
    ("removals.csv", &["removals", "--format", "csv"], "csv"),
    ("removals.md", &["removals", "--format", "markdown"], "markdown"),
    ("removals.html.txt", &["removals", "--format", "html"], "html"),
    ("exceptions.csv", &["exceptions", "--format", "csv"], "csv"),
    ("exceptions.md", &["exceptions", "--format", "markdown"], "markdown"),
    ("exceptions.html.txt", &["exceptions", "--format", "html"], "html"),
    ("scorecard.txt", &["scorecard", "--format", "text"], "text"),
    ("scorecard.json", &["scorecard", "--format", "json"], "json"),
    ("scorecard.html.txt", &["scorecard", "--format", "html"], "html"),
    ("certificate-northwind.md", &["certificate", "--partner", "northwind", "--format", "markdown"], "markdown"),
    ("certificate-northwind.html.txt", &["certificate", "--partner", "northwind", "--format", "html"], "html"),
];

impl Organisation {
    fn report(&self, what: &[&str], more: &[&str]) -> Ran {
        let args = [&["report"][..], what, &REPOSITORIES, &["--history", "--config", "keyward.toml"]].concat();
        keyward(&self.folder(), &[&args[..], &["--as-of", AS_OF], more].concat())
    }
}

/// The words of a page, without its style.
fn words(page: &str) -> String {
    let body = page.split_once("</style>").map_or(page, |(_, body)| body);
    let mut out = String::new();
    for part in body.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let ends_line = ["tr", "/tr", "h1", "h2", "h3", "p", "li", "section", "article", "div", "dt", "/td", "/th"];
        if ends_line.contains(&tag.split([' ', '\n']).next().unwrap_or_default()) {
            out.push('\n');
        }
        out.push(' ');
        out.push_str(text.trim_matches('\n'));
    }
    let lines = out.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|l| !l.is_empty());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn its_reports_can_be_read() {
    let organisation = Organisation::build();
    for (file, what, form) in REPORTS {
        let ran = organisation.report(what, &["--disclose", "full"]);
        assert_eq!(ran.code, i32::from(what[0] == "certificate"), "{file}: {}", ran.stderr);
        let told = if *form == "html" { words(&ran.stdout) } else { ran.stdout };
        snapshot(&format!("expected/{file}"), &told);
    }
}

#[test]
fn a_report_is_the_same_bytes_however_it_is_made() {
    let organisation = Organisation::build();
    for what in [&["evidence"][..], &["register", "--format", "csv"], &["removals", "--format", "html"]] {
        let once = organisation.report(what, &[]);
        assert!(once.stdout.len() > 1_000, "{}", once.stderr);
        for threads in ["1", "3"] {
            assert_eq!(once.stdout, organisation.report(what, &["--threads", threads]).stdout, "{what:?}");
        }
    }
}

#[test]
fn two_evidence_files_are_compared() {
    let organisation = Organisation::build();
    let now = organisation.report(&["evidence"], &["--disclose", "full"]);
    let earlier = [&REPOSITORIES[..], &["--history", "--config", "keyward.toml", "--as-of", "2026-10-01"]].concat();
    let then = keyward(&organisation.folder(), &[&["report", "evidence", "--disclose", "full"], &earlier[..]].concat());
    fs::write(organisation.folder().join("then.jsonl"), then.stdout).unwrap();
    fs::write(organisation.folder().join("now.jsonl"), now.stdout).unwrap();
    let args = ["report", "scorecard", "--compare", "then.jsonl", "now.jsonl", "--format", "text"];
    let ran = keyward(&organisation.folder(), &args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    snapshot("expected/scorecard-compare.txt", &ran.stdout);
}

#[test]
fn a_certificate_is_complete_only_when_nothing_is_left() {
    // What is left of the northwind contract when the one credential that was ended in order is all there is.
    let organisation = Organisation::build();
    let register = fs::read_to_string(organisation.folder().join("governance/register.yaml")).unwrap();
    let others = ["northwind-feed", "northwind-archive", "northwind-report", "northwind-sandbox"];
    let left = register.lines().filter(|l| !others.iter().any(|id| l.contains(&format!("id: {id},"))));
    let only = left.collect::<Vec<_>>().join("\n").replace("<<: *northwind,", "<<: *sound, partner_id: northwind,");
    fs::write(organisation.folder().join("only.yaml"), only).unwrap();
    let certificate = ["report", "certificate", "--partner", "northwind", "--inventory", "only.yaml", "--as-of", AS_OF];
    let scanned = ["--config", "none.toml", "--disclose", "full", "--format", "markdown"];
    fs::write(organisation.folder().join("none.toml"), "").unwrap();
    let from_scan = [&certificate[..], &scanned, &["payments", "--history"]].concat();
    let ran = keyward(&organisation.folder(), &from_scan);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    snapshot("expected/certificate-complete.md", &ran.stdout);
    // Observed without the watchlist, the same shows nothing of keys that only the inventory knows.
    let observe = ["observe", "payments", "--history", "--config", "none.toml", "--output", "jsonl=payments.jsonl"];
    assert_eq!(keyward(&organisation.folder(), &observe).code, 0);
    let blind = [&certificate[..], &scanned, &["--observations", "payments.jsonl"]].concat();
    let ran = keyward(&organisation.folder(), &blind);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("observed without a watchlist"), "{}", ran.stdout);
    let judged = ["assess", "payments.jsonl", "--inventory", "only.yaml", "--config", "none.toml", "--as-of", AS_OF];
    let text = keyward(&organisation.folder(), &judged).stdout;
    assert!(text.contains("without a watchlist"), "{text}");
}
