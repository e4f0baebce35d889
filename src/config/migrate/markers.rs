//! Inline markers of other scanners in a folder: which there are, and how many. They stay where they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use super::Migrated;
use crate::detect::ForeignMarker;
use crate::govern::text::plural;
use crate::source::coverage::{Coverage, Reason};
use crate::source::worktree::{Excluded, Visit, WalkOptions, walk};
use crate::source::{Origin, RepoPath};

/// Markers and the files that have some, by scanner.
type Counts = BTreeMap<ForeignMarker, (u64, u64)>;

/// Counts the markers below a folder.
pub(super) fn read(folder: &Path) -> Migrated {
    let total = Mutex::new(Counts::new());
    let mut coverage = Coverage::default();
    let options = WalkOptions { no_ignore: false, max_file_bytes: 8 << 20, threads: 2, excluded: Excluded::empty() };
    walk(folder, &options, &mut coverage, Counter::default, |counter| {
        if let Ok(mut total) = total.lock() {
            for (scanner, (marks, files)) in counter.counts {
                let sum = total.entry(scanner).or_default();
                *sum = (sum.0 + marks, sum.1 + files);
            }
        }
    });
    let counts = total.into_inner().unwrap_or_default();
    let mut out = Migrated { format: "inline markers of other scanners", ..Migrated::default() };
    for (scanner, (marks, files)) in &counts {
        out.carried.push(format!(
            "{}: {} in {}, honoured from now on",
            scanner.word(),
            plural(*marks, "marker"),
            plural(*files, "file")
        ));
    }
    if !counts.is_empty() {
        let words: Vec<String> = counts.keys().map(|scanner| super::quoted(scanner.word())).collect();
        out.config = format!("[suppress]\nforeign_markers = [{}]\n", words.join(", "));
    }
    if coverage.has_gap() {
        out.left.push("files that could not be read".to_owned());
    }
    out
}

#[derive(Default)]
struct Counter {
    counts: Counts,
}

impl Visit for Counter {
    fn document(&mut self, _: &Origin, bytes: &[u8]) {
        for scanner in ForeignMarker::ALL {
            let marks: usize =
                scanner.marks().map(|mark| memchr::memmem::find_iter(bytes, mark.as_bytes()).count()).sum();
            if marks > 0 {
                let sum = self.counts.entry(scanner).or_default();
                *sum = (sum.0 + marks as u64, sum.1 + 1);
            }
        }
    }

    fn note(&mut self, _: Reason, _: &RepoPath, _: &str) {}

    fn interrupted(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_counted_by_scanner() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.py"), "a = 1 # gitleaks:allow\nb = 2 # gitleaks:allow\n").unwrap();
        std::fs::write(folder.path().join("b.py"), "# pragma: allowlist nextline secret\nc = 3\n").unwrap();
        let out = read(folder.path());
        assert_eq!(out.carried.len(), 2, "{}", out.summary());
        assert!(out.carried[0].starts_with("gitleaks: 2 markers in 1 file"), "{}", out.summary());
        let config = crate::config::Config::parse("keyward.toml", Path::new(""), &out.config).unwrap();
        assert_eq!(config.wishes.markers, [ForeignMarker::Gitleaks, ForeignMarker::DetectSecrets]);
    }
}
