//! What the rules give on a tree, for people who work on them:
//! `KEYWARD_TRY=folder cargo test --lib try_tree -- --ignored --nocapture`. Values are masked.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Candidate, Detector, RuleSet, Watchlist};
use crate::observe::Excerpt;
use crate::position::LineIndex;
use crate::source::{Document, Origin, Place, RepoPath};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_symlink() || path.file_name().is_some_and(|n| n == ".git") {
            continue;
        }
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
#[ignore = "prints; needs a folder in KEYWARD_TRY"]
fn try_tree() {
    let top = PathBuf::from(std::env::var_os("KEYWARD_TRY").unwrap());
    let all = std::env::var_os("KEYWARD_TRY_REJECTED").is_some();
    let mut paths = Vec::new();
    files(&top, &mut paths);
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    let mut out = std::io::stdout().lock();
    let mut lines_total = 0;
    for path in &paths {
        let Ok(bytes) = std::fs::read(path) else { continue };
        if bytes.len() > 4 << 20 {
            continue;
        }
        let relative = path.strip_prefix(&top).unwrap();
        let origin = Origin { place: Place::Tree, path: RepoPath::from_path(relative) };
        let document = Document::new(&origin, &bytes);
        let mut candidates: Vec<Candidate> = Vec::new();
        detector.candidates(&bytes, 0..bytes.len(), &mut candidates);
        let judged = detector.judge(&document, &candidates);
        let lines = LineIndex::new(&bytes);
        lines_total += memchr::memchr_iter(b'\n', &bytes).count();
        let spans: Vec<_> = judged.detections.iter().map(|d| d.span).collect();
        for d in &judged.detections {
            let rule = detector.rules().get(d.rule);
            let excerpt = Excerpt::new(&bytes, &lines, d.span, 0, &spans);
            let partner =
                d.partner.as_ref().map_or(String::new(), |p| format!("{}/{}/{}", p.id, p.evidence, p.confidence));
            writeln!(
                out,
                "{} {} {} {} [{}] {}:{} {}",
                rule.form.word(),
                rule.visibility.word(),
                rule.id,
                d.span.len(),
                partner,
                relative.display(),
                lines.line_of(d.span.start) + 1,
                excerpt.text
            )
            .unwrap();
        }
        if all {
            for r in &judged.rejected {
                let excerpt = Excerpt::new(&bytes, &lines, r.span, 0, &[r.span]);
                writeln!(
                    out,
                    "- {} {} {}:{} {}",
                    detector.rules().get(r.rule).id,
                    r.why.text(),
                    relative.display(),
                    lines.line_of(r.span.start) + 1,
                    excerpt.text
                )
                .unwrap();
            }
        }
    }
    writeln!(out, "{} files, {lines_total} lines", paths.len()).unwrap();
}
