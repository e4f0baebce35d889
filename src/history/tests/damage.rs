//! Bad input: every kind of damage is a gap, never a panic, never a miss of what is intact.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Told, open, tell};
use crate::history::cover;
use crate::source::coverage::{Coverage, Reason};
use crate::source::git::refs::Refs;
use crate::source::git::tests::repo::Repo;

fn token(place: &str) -> String {
    format!("TOK{}{place}", '_')
}

/// A packed repository with a chain of deltas.
fn packed() -> Repo {
    let repo = Repo::new(&[]);
    let filler: String = (0..400).map(|n| format!("line {n} of something\n")).collect();
    for n in 0..8 {
        repo.commit("a.txt", &format!("{filler}{}\n{}", token(&format!("v{n}")), "x".repeat(n)));
    }
    repo.commit("b.txt", &token("other"));
    repo.git(&["repack", "-adfq"]);
    repo
}

fn files(repo: &Path, extension: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(repo.join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|p| p.extension().is_some_and(|x| x == extension));
    all.sort();
    all
}

fn overwrite(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path); // git makes them read-only
    fs::write(path, bytes).unwrap();
}

fn covered(repo: &Path, told: &Told) -> Coverage {
    let repository = open(repo);
    let mut coverage = Coverage::default();
    let refs = Refs::read(&repository);
    cover(&repository, &repository.objects(), &refs, &told.swept, Some(&told.history), &mut coverage);
    coverage
}

#[test]
fn a_sound_repository_has_no_gap() {
    let repo = packed();
    let told = tell(&open(repo.path()));
    assert_eq!(covered(repo.path(), &told).counts.len(), 0);
    assert_eq!(told.anywhere.len(), 9);
}

#[test]
fn a_truncated_pack_is_a_gap() {
    let repo = packed();
    let pack = &files(repo.path(), "pack")[0];
    let bytes = fs::read(pack).unwrap();
    overwrite(pack, &bytes[..bytes.len() / 2]);
    let told = tell(&open(repo.path()));
    assert!(covered(repo.path(), &told).has_gap());
}

#[test]
fn a_pack_without_index_and_an_index_of_noise_are_gaps() {
    let repo = packed();
    let idx = &files(repo.path(), "idx")[0];
    overwrite(idx, b"\xfftOc noise");
    let told = tell(&open(repo.path()));
    assert_eq!(covered(repo.path(), &told).counts[&Reason::CorruptObject], 1);
    fs::remove_file(idx).unwrap();
    let told = tell(&open(repo.path()));
    assert_eq!(covered(repo.path(), &told).counts[&Reason::CorruptObject], 1);
}

#[test]
fn what_one_pack_lost_another_one_gives() {
    let repo = packed();
    // A second copy of everything, in a pack of its own.
    let objects = repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let clone = tempfile::tempdir().unwrap();
    let prefix = clone.path().join("pack");
    repo.git_in(
        repo.path(),
        &["pack-objects", "-q", "--no-reuse-delta", "--window=0", &prefix.to_string_lossy()],
        objects.as_bytes(),
    );
    for entry in fs::read_dir(clone.path()).unwrap().map(Result::unwrap) {
        let to = repo.path().join(".git/objects/pack").join(entry.file_name());
        if !to.exists() {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    let whole = tell(&open(repo.path()));
    let packs = files(repo.path(), "pack");
    assert_eq!(packs.len(), 2);
    for pack in &packs {
        let sound = fs::read(pack).unwrap();
        let mut bytes = sound.clone();
        let middle = 12..bytes.len() - 20;
        bytes[middle].iter_mut().for_each(|b| *b = 0xff);
        overwrite(pack, &bytes);
        let told = tell(&open(repo.path()));
        assert_eq!(told.at, whole.at, "the other copy was used");
        assert_eq!(told.swept.counts.blobs, whole.swept.counts.blobs);
        assert!(!covered(repo.path(), &told).has_gap(), "so nothing is missing");
        overwrite(pack, &sound);
    }
}

#[test]
fn loose_objects_that_lie_are_gaps() {
    use std::io::Write as _;
    let repo = Repo::new(&[]);
    repo.commit("a.txt", &token("sound"));
    let write = |name: u8, content: &[u8]| {
        let dir = repo.path().join(".git/objects/00");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(format!("{name:038x}")), content).unwrap();
    };
    let zlib = |content: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    write(1, b"");
    write(2, b"not zlib");
    write(3, &zlib(b"blob 1099511627776\0one terabyte, it says"));
    write(4, &zlib(b"blob 4\0longer than that"));
    write(5, &zlib(b"blob 40\0shorter"));
    write(6, &zlib(b"blub 4\0oops"));
    write(7, &zlib(b"blob 18446744073709551615\0"));
    write(8, &zlib(b"tree 6\0noise!"));
    write(9, &zlib(b"commit 5\0noise"));
    let told = tell(&open(repo.path()));
    assert!(told.anywhere.contains_key(&token("sound")));
    let coverage = covered(repo.path(), &told);
    assert_eq!(coverage.counts.get(&Reason::Bounded), None, "no so small a file makes a terabyte");
    assert_eq!(coverage.counts[&Reason::CorruptObject], 9);
}

#[test]
fn deltas_in_a_circle_are_gaps() {
    // Two entries that name each other as their base.
    let ids = [[0x11_u8; 20], [0x22; 20]];
    let mut pack = b"PACK\0\0\0\x02\0\0\0\x02".to_vec();
    let mut offsets = Vec::new();
    for other in [ids[1], ids[0]] {
        use std::io::Write as _;
        offsets.push(pack.len() as u32);
        pack.push(0x70 | 3);
        pack.extend(other);
        let mut encoder = flate2::write::ZlibEncoder::new(&mut pack, flate2::Compression::fast());
        encoder.write_all(&[0, 1, 1]).unwrap();
        encoder.finish().unwrap();
    }
    pack.extend([0; 20]);
    let mut idx = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..256_u32 {
        idx.extend((u32::from(first >= 0x11) + u32::from(first >= 0x22)).to_be_bytes());
    }
    idx.extend(ids.concat());
    idx.extend([0; 8]);
    idx.extend(offsets.iter().flat_map(|o| o.to_be_bytes()));
    idx.extend([0; 40]);
    let repo = Repo::new(&[]);
    repo.commit("a.txt", &token("sound"));
    let dir = repo.path().join(".git/objects/pack");
    fs::write(dir.join("pack-circle.pack"), pack).unwrap();
    fs::write(dir.join("pack-circle.idx"), idx).unwrap();
    let told = tell(&open(repo.path()));
    assert!(told.anywhere.contains_key(&token("sound")));
    assert_eq!(told.swept.unread.len(), 2);
}

#[test]
fn missing_alternates_and_trees_are_gaps() {
    let repo = Repo::new(&[]);
    repo.commit("a/b.txt", &token("sound"));
    repo.commit("c/d.txt", "another");
    fs::write(repo.path().join(".git/objects/info/alternates"), "/nonexistent/objects\n").unwrap();
    let tree = repo.git(&["rev-parse", "HEAD:c"]);
    fs::remove_file(repo.path().join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let told = tell(&open(repo.path()));
    assert!(told.at.contains_key(&(token("sound"), "a/b.txt".to_owned())));
    assert_eq!(covered(repo.path(), &told).counts[&Reason::MissingObject], 2);
}

#[test]
fn a_tree_of_endless_paths_ends() {
    // Twenty levels of two names each for the level below: a million paths out of twenty trees.
    let repo = Repo::new(&[]);
    let blob = repo.git_in(repo.path(), &["hash-object", "-w", "--stdin"], token("bomb").as_bytes());
    let mut entry = format!("100644 blob {blob}\tf\n");
    for _ in 0..24 {
        let tree = repo.git_in(repo.path(), &["mktree"], entry.as_bytes());
        entry = format!("040000 tree {tree}\ta\n040000 tree {tree}\tb\n");
    }
    let tree = repo.git_in(repo.path(), &["mktree"], entry.as_bytes());
    let commit = repo.git(&["commit-tree", &tree, "-m", "bomb"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let repository = open(repo.path());
    let store = repository.objects();
    let limits = crate::history::SweepLimits { paths: 1000, ..Default::default() };
    let progress = crate::history::Progress::default();
    let mut swept = crate::history::sweep(&store, &super::Tokens, limits, progress);
    let refs = Refs::read(&repository);
    let history =
        crate::history::History::attribute(&repository, &store, &refs, refs.head, &mut swept, (limits, progress));
    assert!(history.cut);
    assert!(history.documents().len() <= 1000);
    let keys = vec![vec![1]; history.documents().len()];
    let timeline = history.timeline(&keys, usize::MAX, crate::history::Progress::default()).unwrap();
    assert_eq!(timeline.credentials.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic(flips in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        thread_local!(static REPO: Repo = packed());
        REPO.with(|repo| {
            let (pack, idx) = (&files(repo.path(), "pack")[0], &files(repo.path(), "idx")[0]);
            let sound = [fs::read(pack).unwrap(), fs::read(idx).unwrap()];
            let mut bytes = sound.clone();
            for (in_pack, at, value) in &flips {
                let file = &mut bytes[usize::from(!in_pack)];
                let at = at.index(file.len());
                file[at] = *value;
            }
            overwrite(pack, &bytes[0]);
            overwrite(idx, &bytes[1]);
            tell(&open(repo.path()));
            overwrite(pack, &sound[0]);
            overwrite(idx, &sound[1]);
        });
    }
}
