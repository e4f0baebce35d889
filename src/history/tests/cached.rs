//! The cache: the same result as without, and only what is new is scanned.

use std::fs;

use super::{Tokens, open};
use crate::history::{Cache, CacheState, Progress, SweepLimits, Swept, sweep, sweep_cached};
use crate::source::git::tests::repo::Repo;

fn token(n: usize) -> String {
    format!("TOK{}{n}", '_')
}

fn same(a: &Swept, b: &Swept) {
    assert_eq!(a.found, b.found);
    assert_eq!(a.commits, b.commits);
    assert_eq!(a.lfs_pointers, b.lfs_pointers);
    let counts = |s: &Swept| (s.counts.blobs, s.counts.messages, s.counts.bytes);
    assert_eq!(counts(a), counts(b));
}

#[test]
fn a_second_run_says_the_same_and_scans_what_is_new() {
    let repo = Repo::new(&[]);
    let directory = tempfile::tempdir().unwrap();
    let filler: String = (0..300).map(|n| format!("line {n}\n")).collect();
    let (limits, progress) = (SweepLimits::default(), Progress::default());
    let digest = [7; 32];
    let repository = open(repo.path());
    let path = Cache::path(directory.path(), &repository.common_dir);
    let run = |digest: &[u8; 32]| {
        let store = open(repo.path()).objects();
        let (cache, state) = Cache::load(&path, digest, repository.hash);
        let (swept, cache) = sweep_cached(&store, &Tokens, limits, progress, &cache);
        cache.save(&path, digest, repository.hash).unwrap();
        same(&swept, &sweep(&store, &Tokens, limits, progress));
        (swept, state)
    };
    for n in 0..6 {
        repo.commit("a", &format!("{filler}{}\n", token(n)));
    }
    repo.commit("large", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    repo.git(&["repack", "-adfq"]);
    assert_eq!(run(&digest).1, CacheState::None);
    let (swept, state) = run(&digest);
    assert_eq!(state, CacheState::Used);
    assert!(swept.counts.scanned < 5000, "messages alone are read again");
    repo.commit("a", &format!("{filler}{}\n", token(9)));
    repo.git(&["repack", "-adfq"]);
    assert_eq!(run(&digest).1, CacheState::Used, "another layout of packs");
    assert_eq!(run(&[8; 32]).1, CacheState::Ignored, "other rules");
    let bytes = fs::read(&path).unwrap();
    assert!(memchr::memmem::find(&bytes, b"TOK_").is_none(), "it holds no value");
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(Cache::load(&path, &[8; 32], repository.hash).1, CacheState::Ignored);
    }
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(run(&[8; 32]).1, CacheState::Ignored, "cut");
    // What git has collected since is not reported from the cache.
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["reflog", "expire", "--all", "--expire=all"]);
    repo.git(&["gc", "-q", "--prune=all"]);
    run(&[8; 32]);
}
