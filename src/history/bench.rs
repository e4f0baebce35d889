//! Figures on a real repository: `KEYWARD_BENCH_REPO=... cargo test -- --ignored --nocapture history::bench`.
use std::ops::Range;
use std::time::Instant;

use super::candidates::{Candidate, Candidates, Reach};
use super::sweep::{Progress, SweepLimits, decode_only, sweep};
use crate::source::git::repository::Repository;

struct Literal(memchr::memmem::Finder<'static>);
impl Candidates for Literal {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        let from = range.start;
        let to = (range.end + 7).min(bytes.len());
        for at in self.0.find_iter(&bytes[from..to]) {
            let anchor = (from + at) as u32;
            if (anchor as usize) < range.end {
                out.push(Candidate {
                    rule: crate::detect::RuleIndex(0),
                    anchor,
                    start: anchor,
                    end: anchor + 8,
                });
            }
        }
    }
    fn reach(&self) -> Reach {
        Reach {
            back: 128,
            forward: 256,
        }
    }
}

#[test]
#[ignore = "needs a large repository"]
fn figures() {
    let path = std::env::var("KEYWARD_BENCH_REPO").unwrap();
    let threads = std::env::var("T")
        .ok()
        .and_then(|t| t.parse().ok())
        .unwrap_or(2);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let t = Instant::now();
        let repository = Repository::discover(path.as_ref(), &Default::default()).unwrap();
        let store = repository.objects();
        eprintln!(
            "open {:?}, {} packs, {} loose",
            t.elapsed(),
            store.packs().len(),
            store.loose().len()
        );
        let t = Instant::now();
        let counts = decode_only(&store, SweepLimits::default(), &Progress::default());
        eprintln!("decode {:?} {counts:?}", t.elapsed());
        let t = Instant::now();
        let swept = sweep(
            &store,
            &Literal(memchr::memmem::Finder::new("password")),
            SweepLimits::default(),
            &Progress::default(),
        );
        eprintln!(
            "sweep {:?} {:?} found {} commits {} unread {}",
            t.elapsed(),
            swept.counts,
            swept.found.len(),
            swept.commits.len(),
            swept.unread.len()
        );
        let detector = crate::detect::Detector::new(
            crate::detect::RuleSet::builtin(),
            crate::detect::Watchlist::default(),
            Vec::new(),
        );
        eprintln!("reach {:?}", detector.reach());
        let t = Instant::now();
        let swept = sweep(&store, &detector, SweepLimits::default(), &Progress::default());
        let candidates: usize = swept.found.iter().map(|f| f.1.len()).sum();
        eprintln!(
            "detector {:?} {:?} found {} with {candidates}",
            t.elapsed(),
            swept.counts,
            swept.found.len()
        );
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        for line in status
            .lines()
            .filter(|l| l.starts_with("Rss") || l.starts_with("VmHWM"))
        {
            eprintln!("{line}");
        }
    });
}
