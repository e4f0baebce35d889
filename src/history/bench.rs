//! Figures on a real repository: `KEYWARD_BENCH_REPO=... cargo test -- --ignored --nocapture history::bench`.
#![allow(clippy::disallowed_methods, reason = "a variable names the repository")]

use std::ops::Range;
use std::time::Instant;

use super::candidates::{Candidate, Candidates, Reach};
use super::sweep::{Progress, SweepLimits, decode_only, sweep};
use crate::source::git::repository::{GitEnvironment, Repository};

struct Literal(memchr::memmem::Finder<'static>, Reach);
impl Candidates for Literal {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        let from = range.start;
        let to = (range.end + 7).min(bytes.len());
        for at in self.0.find_iter(&bytes[from..to]) {
            let anchor = (from + at) as u32;
            if (anchor as usize) < range.end {
                out.push(Candidate { rule: crate::detect::RuleIndex(0), anchor, start: anchor, end: anchor + 8 });
            }
        }
    }
    fn reach(&self) -> Reach {
        self.1
    }
}

fn literal(back: usize, forward: usize) -> Literal {
    Literal(memchr::memmem::Finder::new("password"), Reach { back, forward })
}

/// User CPU seconds of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: f64 = stat.rsplit(')').next().unwrap().split_whitespace().nth(11).unwrap().parse().unwrap();
    ticks / 100.0
}

/// A stage's wall and CPU time.
struct Clock(Instant, f64);
impl Clock {
    fn now() -> Self {
        Self(Instant::now(), cpu())
    }
    fn elapsed(&self) -> String {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let anon = status.lines().find(|l| l.starts_with("RssAnon")).unwrap().split_whitespace().nth(1).unwrap();
        format!(
            "{:.2}s wall {:.2}s cpu {}MB",
            self.0.elapsed().as_secs_f64(),
            cpu() - self.1,
            anon.parse::<u64>().unwrap() / 1024
        )
    }
}

#[test]
#[ignore = "needs a large repository"]
fn figures() {
    let path = std::env::var("KEYWARD_BENCH_REPO").unwrap();
    let threads = std::env::var("T").ok().and_then(|t| t.parse().ok()).unwrap_or(2);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let t = Clock::now();
        let repository = Repository::discover(path.as_ref(), &GitEnvironment::default()).unwrap();
        let store = repository.objects();
        eprintln!("open {}, {} packs, {} loose", t.elapsed(), store.packs().len(), store.loose().len());
        let t = Clock::now();
        let counts = decode_only(&store, gix::objs::Kind::Blob, SweepLimits::default(), Progress::default());
        eprintln!("decode {} {counts:?}", t.elapsed());
        for kind in [gix::objs::Kind::Tree, gix::objs::Kind::Commit] {
            let t = Clock::now();
            let counts = decode_only(&store, kind, SweepLimits::default(), Progress::default());
            eprintln!("decode {kind} {} {counts:?}", t.elapsed());
        }
        let t = Clock::now();
        let trees = super::trees::Trees::read(&store, &[], SweepLimits::default(), Progress::default());
        eprintln!("trees {} {}", t.elapsed(), trees.len());
        let t = Clock::now();
        let presence = super::presence::Presence::new(&trees, |_| true);
        eprintln!("presence {} {}", t.elapsed(), presence.of_tree(0));
        drop((trees, presence));
        for (back, forward) in [(0, 8), (64, 64), (240, 714)] {
            let t = Clock::now();
            let swept = sweep(&store, &literal(back, forward), SweepLimits::default(), Progress::default());
            eprintln!("reach {back} {forward} {} {:?}", t.elapsed(), swept.counts);
        }
        let t = Clock::now();
        let swept = sweep(&store, &literal(128, 256), SweepLimits::default(), Progress::default());
        eprintln!(
            "sweep {} {:?} found {} commits {} unread {}",
            t.elapsed(),
            swept.counts,
            swept.found.len(),
            swept.commits.len(),
            swept.unread.len()
        );
        let t = Clock::now();
        let mut swept = swept;
        let refs = crate::source::git::refs::Refs::read(&repository);
        eprintln!("refs {} {}", t.elapsed(), refs.roots.len());
        let t = Clock::now();
        let limits = (SweepLimits::default(), Progress::default());
        let history = super::History::attribute(&repository, &store, &refs, refs.head, &mut swept, limits);
        eprintln!("attribute {} {} documents", t.elapsed(), history.documents().len());
        let t = Clock::now();
        let (mut scratch, mut bytes) = (crate::source::git::pack::Scratch::default(), Vec::new());
        let mut last = gix::ObjectId::null(gix::hash::Kind::Sha1);
        let keys: Vec<Vec<u32>> = history
            .documents()
            .iter()
            .map(|d| {
                if d.object != last {
                    store.read(&d.object, u64::MAX, &mut scratch, &mut bytes).unwrap();
                    last = d.object;
                }
                let mut lines: Vec<u32> = swept
                    .candidates(&d.object)
                    .iter()
                    .map(|c| crc32fast::hash(bytes[c.anchor as usize..].split(|b| *b == b'\n').next().unwrap()))
                    .collect();
                lines.sort_unstable();
                lines.dedup();
                lines
            })
            .collect();
        eprintln!("read again {}", t.elapsed());
        let t = Clock::now();
        let timeline = history.timeline(&keys);
        eprintln!("timeline {} {} sightings of {}", t.elapsed(), timeline.sightings.len(), timeline.credentials.len());
        let detector = crate::detect::Detector::new(
            crate::detect::RuleSet::builtin(),
            crate::detect::Watchlist::default(),
            Vec::new(),
        );
        drop((history, timeline, keys));
        eprintln!("reach {:?}", detector.reach());
        let t = Clock::now();
        let swept = sweep(&store, &detector, SweepLimits::default(), Progress::default());
        let candidates: usize = swept.found.iter().map(|f| f.1.len()).sum();
        eprintln!("detector {} {:?} found {} with {candidates}", t.elapsed(), swept.counts, swept.found.len());
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        for line in status.lines().filter(|l| l.starts_with("Rss") || l.starts_with("VmHWM")) {
            eprintln!("{line}");
        }
    });
}

/// The real detector, with a reach that lets nothing be carried.
struct Whole(crate::detect::Detector);
impl Candidates for Whole {
    fn candidates(&self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Candidate>) {
        self.0.candidates(bytes, range, out);
    }
    fn reach(&self) -> Reach {
        Reach { back: 1 << 40, forward: 1 << 40 }
    }
}

#[test]
#[ignore = "needs a large repository"]
fn carried_candidates_are_those_of_whole_scans() {
    let path = std::env::var("KEYWARD_BENCH_REPO").unwrap();
    let repository = Repository::discover(path.as_ref(), &GitEnvironment::default());
    let store = repository.unwrap().objects();
    let detector = crate::detect::Detector::new(
        crate::detect::RuleSet::builtin(),
        crate::detect::Watchlist::default(),
        Vec::new(),
    );
    let t = Clock::now();
    let carried = sweep(&store, &detector, SweepLimits::default(), Progress::default());
    eprintln!("carried {} {:?} in {} objects", t.elapsed(), carried.counts, carried.found.len());
    let t = Clock::now();
    let whole = sweep(&store, &Whole(detector), SweepLimits::default(), Progress::default());
    eprintln!("whole {} {:?} in {} objects", t.elapsed(), whole.counts, whole.found.len());
    assert_eq!(carried.found, whole.found, "identical candidates, byte for byte");
}
