//! The cache: the same report as without, whatever happens to it, and no value in it.

use std::fs;
use std::path::PathBuf;

use super::repo::{Repo, Tokens};
use crate::canary::Canary;
use crate::run::Ran;

const DAMAGED: &str = "the cache is damaged or was made under other rules";

struct Cached {
    repo: Repo,
    tokens: Tokens,
    folder: PathBuf,
}

impl Cached {
    fn new() -> Self {
        let tokens = Tokens::new(["A", "B", "C"]);
        let repo = Repo::new(&[]);
        let filler: String = (0..300).map(|n| format!("setting_{n} = {}\n", n * 7919)).collect();
        for (n, name) in ["A", "B", "A", "B"].into_iter().enumerate() {
            repo.commit("app.env", &format!("# version {n}\n{filler}{}", tokens.file(name)));
        }
        repo.commit("app.env", &filler);
        repo.commit("acme.txt", &format!("token = acme_internal_{}\n", &tokens.value("C")[20..38]));
        repo.git(&["repack", "-adfq"]);
        let folder = repo.beside("cache");
        Self { repo, tokens, folder }
    }

    fn scan(&self, more: &[&str]) -> Ran {
        self.repo.scan(&[&["--history", "--format", "json"], more].concat())
    }

    /// Scans with the cache; the report has to be that of a scan without it.
    fn same(&self, what: &str, more: &[&str]) -> Ran {
        let folder = self.folder.to_string_lossy().into_owned();
        let plain = self.scan(more);
        let cached = self.scan(&[&["--cache", &folder], more].concat());
        assert_eq!((cached.code, &cached.stdout), (plain.code, &plain.stdout), "{what}");
        cached
    }

    fn file(&self) -> PathBuf {
        let all: Vec<PathBuf> = fs::read_dir(&self.folder).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(all.len(), 1, "one file, and no temporary one: {all:?}");
        all.into_iter().next().unwrap()
    }
}

#[test]
fn a_cold_and_a_warm_cache_change_nothing() {
    let cached = Cached::new();
    assert_eq!(cached.same("cold", &[]).stderr, "");
    let cold = fs::read(cached.file()).unwrap();
    assert_eq!(cached.same("warm", &[]).stderr, "");
    assert_eq!(fs::read(cached.file()).unwrap(), cold, "the same database gives the same cache");
    // What came since is found, what went is forgotten.
    cached.repo.commit("more.env", &cached.tokens.file("C"));
    cached.same("one more commit", &[]);
    cached.repo.git(&["reset", "-q", "--hard", "HEAD~3"]);
    cached.repo.git(&["reflog", "expire", "--all", "--expire=all"]);
    cached.repo.git(&["gc", "-q", "--prune=now"]);
    let ran = cached.same("after garbage collection", &[]);
    assert!(!ran.stdout.contains("more.env"), "what the repository lost is not reported from the cache");
}

#[test]
fn what_could_change_a_candidate_scans_again() {
    let cached = Cached::new();
    cached.same("cold", &[]);
    // Other rules: what was scanned without them has to be scanned again.
    fs::write(
        cached.repo.beside("acme.toml"),
        "provider = \"acme\"\nname = \"Acme\"\nclass = \"partner\"\n\n[[rule]]\nid = \"acme-token\"\n\
         title = \"Acme token\"\nkind = \"api_key\"\nvisibility = \"secret\"\nform = \"certain\"\n\
         literals = [\"acme_internal_\"]\npattern = '(?P<secret>acme_internal_[0-9A-Za-z]{18})'\n\
         examples = ['acme_internal_{base62:18}']\nnear_misses = ['acme_internal_{base62:3}']\n",
    )
    .unwrap();
    fs::write(cached.repo.beside("keyward.toml"), "[rules]\nfiles = [\"acme.toml\"]\n").unwrap();
    let with_rule = ["--config", "../keyward.toml"];
    let ran = cached.same("with a rule of one's own", &with_rule);
    assert!(ran.stdout.contains("acme-token"), "the new rule finds what stands in old objects: {}", ran.stdout);
    assert!(ran.stderr.contains(DAMAGED), "{}", ran.stderr);
    assert_eq!(cached.same("again", &with_rule).stderr, "", "and the cache is that of the new rules");
    assert!(cached.same("without it", &[]).stderr.contains(DAMAGED));
    // Another watchlist.
    fs::write(cached.repo.beside("inventory.csv"), "id,partner_id,status,env_vars\nr1,acme,active,ACME_ORDERS_KEY\n")
        .unwrap();
    let ran = cached.same("with an inventory", &["--inventory", "../inventory.csv"]);
    assert!(ran.stderr.contains(DAMAGED), "{}", ran.stderr);
}

#[test]
fn a_damaged_cache_is_ignored_with_a_note() {
    let cached = Cached::new();
    cached.same("cold", &[]);
    let sound = fs::read(cached.file()).unwrap();
    let flipped = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x20;
        bytes
    };
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("cut in its header", sound[..5].to_vec()),
        ("cut in the middle", sound[..sound.len() / 2].to_vec()),
        ("cut at its end", sound[..sound.len() - 1].to_vec()),
        ("longer", [&sound[..], b"more"].concat()),
        ("another version", flipped(7)),
        ("a flipped byte in the digest", flipped(12)),
        ("a flipped byte in an id", flipped(60)),
        ("a flipped byte in the sum", flipped(sound.len() - 3)),
        ("something else", b"not a cache at all, whatever it is called".to_vec()),
    ] {
        fs::write(cached.file(), bytes).unwrap();
        let ran = cached.same(what, &[]);
        assert!(ran.stderr.contains(DAMAGED), "{what}: {}", ran.stderr);
        assert_eq!(fs::read(cached.file()).unwrap(), sound, "{what}: it was written again");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_note() {
    let cached = Cached::new();
    fs::write(&cached.folder, "a file where a folder should be").unwrap();
    let ran = cached.same("no folder", &[]);
    assert!(ran.stderr.contains("the cache could not be written"), "{}", ran.stderr);
}

#[test]
fn runs_at_once_do_not_harm_it() {
    let cached = Cached::new();
    let plain = cached.scan(&[]).stdout;
    let folder = cached.folder.to_string_lossy().into_owned();
    for round in 0..3 {
        let stdouts: Vec<String> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| cached.scan(&["--cache", &folder]))).collect();
            runs.into_iter()
                .map(|run| run.join().unwrap())
                .inspect(|ran| assert_eq!(ran.stderr, ""))
                .map(|r| r.stdout)
                .collect()
        });
        assert!(stdouts.iter().all(|s| *s == plain), "round {round}");
        assert_eq!(cached.same("after them", &[]).stderr, "", "what they left is whole");
    }
}

#[test]
fn it_holds_no_piece_of_a_value() {
    let cached = Cached::new();
    cached.same("cold", &[]);
    let canary = Canary::new(cached.tokens.secrets());
    let found = canary.find("the cache", &fs::read(cached.file()).unwrap());
    assert!(found.is_empty(), "{found:?}");
    let name = cached.file().file_name().unwrap().to_string_lossy().into_owned();
    assert!(!name.contains("work"), "nor does its name tell the repository's: {name}");
}
