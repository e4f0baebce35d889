//! What changes introduce, on repositories made with real git.

pub(crate) mod repo;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use gix::ObjectId;
use gix::objs::Kind;

use super::objects::ObjectStore;
use super::pack::Scratch;
use super::push;
use super::range::{Change, Span, introduced};
use super::refs::Refs;
use super::repository::{GitEnvironment, Repository};
use super::staged::staged;
use repo::Repo;

const LIMIT: u64 = 1 << 20;

fn open(path: &Path) -> (Repository, ObjectStore) {
    let repository = Repository::discover(path, &GitEnvironment::default()).unwrap();
    let store = repository.objects();
    (repository, store)
}

fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.as_bytes()).unwrap()
}

/// Paths with their content and the contents of their bases.
fn told(store: &ObjectStore, change: &Change) -> BTreeSet<(String, String, Vec<String>)> {
    let read = |id: &ObjectId| {
        let mut bytes = Vec::new();
        store.read(id, LIMIT, &mut Scratch::default(), &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    change
        .documents
        .iter()
        .filter_map(|d| Some((d.path.as_ref()?.to_string(), read(&d.object), d.bases.iter().map(read).collect())))
        .collect()
}

fn expect(documents: &[(&str, &str, &[&str])]) -> BTreeSet<(String, String, Vec<String>)> {
    documents
        .iter()
        .map(|(path, text, bases)| {
            (path.to_string(), text.to_string(), bases.iter().map(ToString::to_string).collect())
        })
        .collect()
}

fn stage(repo: &Repo) -> BTreeSet<(String, String, Vec<String>)> {
    let (repository, store) = open(repo.path());
    let change = staged(&repository, &store, Refs::head(&repository).unwrap(), LIMIT).unwrap();
    assert!(change.unread.is_empty());
    told(&store, &change)
}

#[test]
fn staged_is_the_index_against_head() {
    let repo = Repo::new(&[]);
    assert_eq!(stage(&repo), expect(&[]), "nothing at all");
    repo.write("a", "1");
    repo.write("d/e/f", "2");
    repo.git(&["add", "-A"]);
    assert_eq!(stage(&repo), expect(&[("a", "1", &[]), ("d/e/f", "2", &[])]), "the first commit");
    repo.git(&["commit", "-q", "-m", "first"]);
    assert_eq!(stage(&repo), expect(&[]), "nothing staged");
    repo.write("a", "staged");
    repo.git(&["add", "a"]);
    repo.write("a", "not staged");
    repo.write("d/e/f", "not staged");
    assert_eq!(stage(&repo), expect(&[("a", "staged", &["1"])]), "partial staging");
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["mv", "d/e/f", "g"]);
    assert_eq!(stage(&repo), expect(&[]), "a rename introduces nothing");
    repo.write("g", "2 and more");
    repo.git(&["add", "g"]);
    assert_eq!(stage(&repo), expect(&[("g", "2 and more", &["2"])]), "a changed rename has what went as its base");
    repo.git(&["reset", "-q", "--hard"]);
    fs::set_permissions(repo.path().join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    repo.git(&["add", "a"]);
    assert_eq!(stage(&repo), expect(&[]), "a mode change introduces nothing");
    repo.git(&["rm", "-q", "-r", "d"]);
    repo.write("d", "now a file");
    repo.git(&["add", "d"]);
    assert_eq!(stage(&repo), expect(&[("d", "now a file", &["2"])]), "a folder becomes a file");
    repo.git(&["reset", "-q", "--hard"]);
    repo.write("new", "x");
    repo.git(&["add", "--intent-to-add", "new"]);
    assert_eq!(stage(&repo), expect(&[]), "what is only intended is not committed");
}

#[test]
fn staged_sees_what_git_sees_with_and_without_its_cache_of_trees() {
    let repo = Repo::new(&[]);
    for n in 0..40 {
        repo.write(&format!("d{}/e{}/f{n}", n % 3, n % 5), &n.to_string());
        repo.write(&format!("d{}.x/f{n}", n % 3), &n.to_string());
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "first"]);
    for n in [3, 17, 28] {
        repo.write(&format!("d{}/e{}/f{n}", n % 3, n % 5), "changed");
    }
    repo.write("d0/e9/deep/new", "new");
    repo.git(&["add", "-A"]);
    let names =
        |set: &BTreeSet<(String, String, Vec<String>)>| -> Vec<String> { set.iter().map(|d| d.0.clone()).collect() };
    let expected: Vec<String> = repo.git(&["diff", "--cached", "--name-only"]).lines().map(str::to_owned).collect();
    assert_eq!(names(&stage(&repo)), expected);
    repo.git(&["write-tree"]); // fills the cache of trees
    assert_eq!(names(&stage(&repo)), expected);
    repo.git(&["read-tree", "--empty"]);
    repo.git(&["add", "-A"]); // none at all
    assert_eq!(names(&stage(&repo)), expected);
    repo.git(&["update-index", "--split-index"]);
    assert_eq!(names(&stage(&repo)), expected);
}

#[test]
fn staged_honours_the_index_that_git_names() {
    let repo = Repo::new(&[]);
    repo.commit("a", "1");
    repo.write("a", "2");
    repo.git(&["add", "a"]);
    let other = repo.path().join(".git/other-index");
    fs::copy(repo.path().join(".git/index"), &other).unwrap();
    repo.git(&["reset", "-q", "--hard"]);
    let vars = |name: &str| (name == "GIT_INDEX_FILE").then(|| other.clone().into_os_string());
    let repository = Repository::discover(repo.path(), &GitEnvironment::from_vars(vars)).unwrap();
    let store = repository.objects();
    let change = staged(&repository, &store, Refs::head(&repository).unwrap(), LIMIT).unwrap();
    assert_eq!(told(&store, &change), expect(&[("a", "2", &["1"])]));
    assert_eq!(stage(&repo), expect(&[]));
}

fn range(repo: &Repo, tips: &[&str], hidden: &[&str]) -> (ObjectStore, Change) {
    let (_, store) = open(repo.path());
    let resolve = |names: &[&str]| names.iter().map(|n| id(&repo.git(&["rev-parse", n]))).collect();
    let change = introduced(&store, &Span { tips: resolve(tips), hidden: resolve(hidden) }, LIMIT);
    (store, change)
}

#[test]
fn a_range_is_every_commit_of_it() {
    let repo = Repo::new(&[]);
    repo.commit("old", "old");
    repo.git(&["tag", "start"]);
    repo.commit("a", "added and removed");
    repo.git(&["rm", "-q", "a"]);
    repo.git(&["commit", "-q", "-m", "remove"]);
    repo.commit("b", "stays");
    let (store, change) = range(&repo, &["main"], &["start"]);
    assert_eq!(told(&store, &change), expect(&[("a", "added and removed", &[]), ("b", "stays", &[])]));
    assert_eq!(change.commits, 3);
    assert_eq!(change.documents.iter().filter(|d| d.kind == Kind::Commit).count(), 3, "messages are documents");
    assert_eq!(change.boundary, [id(&repo.git(&["rev-parse", "start"]))]);
    let (_, empty) = range(&repo, &["start"], &["main"]);
    assert_eq!((empty.commits, empty.documents.len()), (0, 0));
}

#[test]
fn a_merge_introduces_what_no_parent_has() {
    let repo = Repo::new(&[]);
    repo.commit("a", "1");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("b", "side");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("c", "main");
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    repo.write("a", "evil");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    let (store, change) = range(&repo, &["main"], &["main^1", "side"]);
    assert_eq!(told(&store, &change), expect(&[("a", "evil", &["1"])]));
    let (store, change) = range(&repo, &["main"], &["main^1"]);
    assert_eq!(told(&store, &change), expect(&[("a", "evil", &["1"]), ("b", "side", &[])]));
}

#[test]
fn ranges_are_those_of_git_on_random_histories() {
    use proptest::prelude::*;
    let strategy =
        (prop::collection::vec((prop::collection::vec(0..6_usize, 0..3), -500..900_i64), 2..30), any::<u64>());
    proptest!(ProptestConfig { cases: 12, ..ProptestConfig::default() }, |((steps, choice) in strategy)| {
        use std::fmt::Write as _;
        let repo = Repo::new(&[]);
        let (mut stream, mut time) = (String::new(), 1_600_000_000);
        for (n, (parents, later)) in steps.iter().enumerate() {
            time += later;
            let mut parents: Vec<usize> = parents.iter().filter_map(|b| n.checked_sub(1 + b)).collect();
            parents.dedup();
            let _ = write!(stream, "reset refs/heads/x\n\ncommit refs/heads/x\nmark :{}\ncommitter A <a@b> {time} +0000\ndata 1\nx\n", n + 1);
            for (i, p) in parents.iter().enumerate() {
                let _ = writeln!(stream, "{} :{}", if i == 0 { "from" } else { "merge" }, p + 1);
            }
            let _ = write!(stream, "M 100644 inline f{}\ndata 2\n{:02}\n\nreset refs/heads/c{n}\nfrom :{}\n\n", n % 4, n, n + 1);
        }
        repo.git_in(repo.path(), &["fast-import", "--quiet", "--force"], stream.as_bytes());
        let name = |k: u64| format!("c{}", k % steps.len() as u64);
        let (tip, hidden) = (name(choice), name(choice >> 32));
        let (_, change) = range(&repo, &[&tip], &[&hidden]);
        let listed = repo.git(&["rev-list", &tip, &format!("^{hidden}")]);
        let expected: BTreeSet<ObjectId> = listed.lines().map(id).collect();
        let got: BTreeSet<ObjectId> = change.documents.iter().filter(|d| d.kind == Kind::Commit).map(|d| d.object).collect();
        // Where times lie too much may be given, never too little.
        prop_assert!(got.is_superset(&expected));
        if steps.iter().all(|(_, later)| *later >= 0) {
            prop_assert_eq!(got, expected);
        }
    });
}

/// A hook that keeps what git tells it.
fn hook(dir: &Path, name: &str) {
    let file = dir.join("hooks").join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let to = dir.join(name);
    let script = format!(
        "#!/bin/sh\ncat > '{0}.lines'\nenv | grep ^GIT_ > '{0}.env'\ncp -r \"$GIT_OBJECT_DIRECTORY\" '{0}.objects' 2>/dev/null\nexit 0\n",
        to.display()
    );
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn pre_push_reads_the_lines_of_git() {
    let repo = Repo::new(&[]);
    repo.commit("a", "1");
    let other = Repo::new(&["--bare"]);
    repo.git(&["remote", "add", "origin", &other.path().to_string_lossy()]);
    hook(&repo.path().join(".git"), "pre-push");
    let pushed = |arguments: &[&str]| {
        // What the hook would see: the state before the push.
        repo.git(&[&["push", "-q"], arguments].concat());
        fs::read(repo.path().join(".git/pre-push.lines")).unwrap()
    };
    let look = |lines: &[u8], refs: &Refs| {
        let (_, store) = open(repo.path());
        let span = push::pre_push(lines, "origin", &store, refs).unwrap();
        let change = introduced(&store, &span, LIMIT);
        told(&store, &change)
    };
    let refs = || Refs::read(&open(repo.path()).0);
    let before = refs();
    assert_eq!(
        look(&pushed(&["origin", "main"]), &before),
        expect(&[("a", "1", &[])]),
        "a new branch on an empty remote"
    );
    repo.commit("a", "2");
    let before = refs();
    assert_eq!(look(&pushed(&["origin", "main"]), &before), expect(&[("a", "2", &["1"])]));
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.commit("b", "topic");
    let before = refs();
    assert_eq!(
        look(&pushed(&["origin", "topic"]), &before),
        expect(&[("b", "topic", &[])]),
        "a new branch: not what the remote has"
    );
    repo.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "other"]);
    repo.write("b", "forced");
    repo.git(&["commit", "-q", "-a", "--amend", "-m", "other"]);
    let before = refs();
    assert_eq!(
        look(&pushed(&["--force", "origin", "topic"]), &before),
        expect(&[("b", "forced", &[])]),
        "a forced push"
    );
    let before = refs();
    assert_eq!(look(&pushed(&["origin", ":topic"]), &before), expect(&[]), "a deleted branch");
    let (_, store) = open(repo.path());
    assert_eq!(push::pre_push(b"garbage\n", "origin", &store, &before).unwrap_err().line, 1);
    let tip = id(&repo.head());
    let span = push::pre_commit_push((None, None), Some(tip), Some("origin"), &store, &before);
    assert_eq!(span.tips, [tip], "pre-commit says nothing of a new branch");
}

#[test]
fn pre_receive_reads_the_quarantine() {
    let other = Repo::new(&["--bare"]);
    let repo = Repo::new(&[]);
    repo.commit("a", "1");
    repo.git(&["remote", "add", "origin", &other.path().to_string_lossy()]);
    repo.git(&["push", "-q", "origin", "main"]);
    repo.commit("a", "quarantined");
    hook(other.path(), "pre-receive");
    // The hook copies its quarantine, so that the state while it ran can be looked at afterwards.
    let refs_before = {
        let repository = Repository::open(other.path().to_owned(), &GitEnvironment::default()).unwrap();
        Refs::read(&repository)
    };
    repo.git(&["push", "-q", "origin", "main"]);
    let lines = fs::read(other.path().join("pre-receive.lines")).unwrap();
    let environment = fs::read_to_string(other.path().join("pre-receive.env")).unwrap();
    assert!(environment.contains("GIT_QUARANTINE_PATH="));
    let quarantine = other.path().join("pre-receive.objects");
    // As it was then: the new objects are in the quarantine alone.
    let new = repo.head();
    let _ = fs::remove_file(other.path().join("objects").join(&new[..2]).join(&new[2..]));
    let vars = |name: &str| match name {
        "GIT_DIR" => Some(".".into()),
        "GIT_OBJECT_DIRECTORY" => Some(quarantine.clone().into_os_string()),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES" => Some(other.path().join("objects").into_os_string()),
        _ => None,
    };
    let repository = Repository::discover(other.path(), &GitEnvironment::from_vars(vars)).unwrap();
    let store = repository.objects();
    let span = push::pre_receive(&lines, &store, &refs_before).unwrap();
    let change = introduced(&store, &span, LIMIT);
    assert!(change.unread.is_empty());
    assert_eq!(told(&store, &change), expect(&[("a", "quarantined", &["1"])]));
}
