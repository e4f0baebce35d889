//! The torture repository: the same kind of token once in every hiding place.

use super::{Told, open, tell};
use crate::history::{Exposure, Held};
use crate::source::git::tests::repo::Repo;

/// A token that is nowhere in the sources in one piece.
fn token(place: &str) -> String {
    format!("TOK{}{place}", '_')
}

fn text(place: &str) -> String {
    format!("before\nkey = {}\nafter\n", token(place))
}

fn at<'a>(told: &'a Told, place: &str, path: &str) -> &'a Exposure {
    told.at
        .get(&(token(place), path.to_owned()))
        .unwrap_or_else(|| panic!("{place} is found at {path}; there is {:?}", told.at.keys().collect::<Vec<_>>()))
}

/// The one exposure of a place, with what is always asked of it.
struct Look<'a>(&'a Told);

impl Look<'_> {
    fn introduced(&self, place: &str, path: &str, commit: &str) -> &Self {
        let exposure = at(self.0, place, path);
        let moment = exposure.introduced.map(|n| self.0.history.moment(n).commit.to_string());
        assert_eq!(moment.as_deref(), Some(commit), "{place}: introduced");
        self
    }

    fn removed(&self, place: &str, path: &str, commit: Option<&str>) -> &Self {
        let exposure = at(self.0, place, path);
        let moment = exposure.removed.map(|n| self.0.history.moment(n).commit.to_string());
        assert_eq!(moment.as_deref(), commit, "{place}: removed");
        self
    }

    fn held(&self, place: &str, path: &str, held: Held, at_head: bool, refs: &[&str]) -> &Self {
        let exposure = at(self.0, place, path);
        assert_eq!(exposure.held, held, "{place}: how it is held");
        assert_eq!(exposure.at_head, at_head, "{place}: at HEAD");
        assert_eq!(exposure.held_by.names, refs, "{place}: refs");
        assert_eq!(exposure.held_by.total, refs.len() as u64, "{place}: number of refs");
        self
    }
}

/// Builds everything and checks it: once loose, once packed with reference deltas, once repacked.
#[test]
fn every_hiding_place_is_found_and_dated() {
    let repo = Repo::new(&[]);
    let plain = repo.commit("plain.txt", &text("plain"));
    let rename_from = repo.commit("old/name.txt", &(text("renamed") + &"filler\n".repeat(50)));
    std::fs::create_dir_all(repo.path().join("new")).unwrap();
    repo.git(&["mv", "old/name.txt", "new/name.txt"]);
    repo.git(&["commit", "-q", "-m", "rename"]);
    let rename = repo.head();

    // Only in a merge's own tree.
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("side.txt", "side\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("main.txt", "main\n");
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repo.write("merged.txt", &text("merge"));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    let merge = repo.head();
    repo.git(&["branch", "-q", "-D", "side"]);

    // In a message, in a tag's message, in a note.
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("use {}", token("message"))]);
    let message = repo.head();
    repo.git(&["tag", "-a", "annotated", "-m", &format!("with {}", token("tag"))]);
    repo.git(&["notes", "add", "-m", &token("note"), "HEAD"]);

    // Reachable from a tag only; on a deleted branch; amended away; on an orphan branch.
    repo.git(&["checkout", "-q", "-b", "tagged"]);
    let tagged = repo.commit("tagged.txt", &text("tagged"));
    repo.git(&["tag", "light"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "tagged"]);
    repo.git(&["checkout", "-q", "-b", "doomed"]);
    let deleted = repo.commit("deleted.txt", &text("deleted"));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "doomed"]);
    let amended = repo.commit("amended.txt", &text("amended"));
    repo.write("amended.txt", "nothing\n");
    repo.git(&["commit", "-q", "-a", "--amend", "-m", "amended"]);
    repo.git(&["checkout", "-q", "--orphan", "orphan"]);
    repo.git(&["rm", "-q", "-rf", "--cached", "."]);
    repo.write("orphan.txt", &text("orphan"));
    repo.git(&["add", "orphan.txt"]);
    repo.git(&["commit", "-q", "-m", "orphan"]);
    let orphan = repo.head();
    repo.git(&["checkout", "-q", "-f", "main"]);

    // Removed, and removed and brought back.
    repo.commit("gone.txt", &text("gone"));
    let gone_in = repo.head();
    repo.commit("again.txt", &text("again"));
    let again_in = repo.head();
    repo.git(&["rm", "-q", "gone.txt", "again.txt"]);
    repo.git(&["commit", "-q", "-m", "remove"]);
    let removed = repo.head();
    let again_back = repo.commit("again.txt", &text("again"));

    // The three parts of a stash.
    repo.write("plain.txt", &(text("plain") + &token("stashindex")));
    repo.git(&["add", "plain.txt"]);
    repo.write("plain.txt", &(text("plain") + &token("stashtree")));
    repo.write("untracked.txt", &text("stashuntracked"));
    repo.git(&["stash", "push", "-q", "--include-untracked"]);
    let stash = repo.git(&["rev-parse", "stash"]);
    let stash_index = repo.git(&["rev-parse", "stash^2"]);
    let stash_untracked = repo.git(&["rev-parse", "stash^3"]);

    // In a second working tree's index, and unreachable altogether.
    let second = repo.path().join("second");
    repo.git(&["worktree", "add", "-q", "--detach", "second"]);
    std::fs::write(second.join("indexed.txt"), text("worktree")).unwrap();
    repo.git_in(&second, &["add", "indexed.txt"], b"");
    repo.git_in(repo.path(), &["hash-object", "-w", "--stdin"], text("dangling").as_bytes());

    // In an alternate, and in a submodule.
    let other = Repo::new(&[]);
    let alternate = other.commit("alternate.txt", &text("alternate"));
    let info = repo.path().join(".git/objects/info");
    std::fs::create_dir_all(&info).unwrap();
    std::fs::write(info.join("alternates"), format!("{}/.git/objects\n", other.path().display())).unwrap();
    let sub = Repo::new(&[]);
    let submodule = sub.commit("in.txt", &text("submodule"));
    repo.git(&["submodule", "--quiet", "add", &sub.path().to_string_lossy(), "module"]);
    repo.git(&["commit", "-q", "-m", "submodule"]);

    let check = |told: &Told, alternate_held: Held| {
        let main = &["refs/heads/main", "refs/stash"][..];
        let with_tags = &["refs/heads/main", "refs/stash", "refs/tags/annotated", "refs/tags/light"][..];
        // A detached second working tree is one more root.
        let with = |refs: &[&'static str]| {
            let mut all = refs.to_vec();
            all.push("worktrees/second/HEAD");
            all.sort_unstable();
            all
        };
        Look(told)
            .introduced("plain", "plain.txt", &plain)
            .held("plain", "plain.txt", Held::ByRef, true, &with(with_tags))
            .introduced("merge", "merged.txt", &merge)
            .held("merge", "merged.txt", Held::ByRef, true, &with(with_tags))
            .introduced("renamed", "old/name.txt", &rename_from)
            .removed("renamed", "old/name.txt", Some(&rename))
            .introduced("renamed", "new/name.txt", &rename)
            .removed("renamed", "new/name.txt", None)
            .introduced("message", "<commit>", &message)
            .held("message", "<commit>", Held::ByRef, false, &with(with_tags))
            .held("tag", "<tag>", Held::ByRef, false, &["refs/tags/annotated"])
            .introduced("tagged", "tagged.txt", &tagged)
            .held("tagged", "tagged.txt", Held::ByRef, false, &["refs/tags/light"])
            .introduced("deleted", "deleted.txt", &deleted)
            .held("deleted", "deleted.txt", Held::ByReflog, false, &["HEAD"])
            .introduced("amended", "amended.txt", &amended)
            .held("amended", "amended.txt", Held::ByReflog, false, &["HEAD", "refs/heads/main"])
            .introduced("orphan", "orphan.txt", &orphan)
            .held("orphan", "orphan.txt", Held::ByRef, false, &["refs/heads/orphan"])
            .introduced("gone", "gone.txt", &gone_in)
            .removed("gone", "gone.txt", Some(&removed))
            .held("gone", "gone.txt", Held::ByRef, false, &with(main))
            .introduced("again", "again.txt", &again_in)
            .removed("again", "again.txt", None)
            .introduced("stashtree", "plain.txt", &stash)
            .held("stashtree", "plain.txt", Held::ByRef, false, &["refs/stash"])
            .introduced("stashindex", "plain.txt", &stash_index)
            .introduced("stashuntracked", "untracked.txt", &stash_untracked)
            .held("worktree", "indexed.txt", Held::ByIndex, false, &["worktrees/second/index"])
            .held("dangling", "<blob>", Held::Unreachable, false, &[])
            .introduced("alternate", "alternate.txt", &alternate)
            .held("alternate", "alternate.txt", alternate_held, false, &[]);
        let note = told.at.iter().find(|((t, _), _)| *t == token("note")).unwrap();
        assert_eq!(note.1.held_by.names, ["refs/notes/commits"], "a note is held by its ref");
        let again = at(told, "again", "again.txt");
        let back: Vec<_> = again.reintroduced.iter().map(|n| told.history.moment(*n).commit.to_string()).collect();
        assert_eq!(back, [again_back.as_str()], "brought back");
        assert!(told.anywhere[&token("renamed")].reintroduced.is_empty(), "a rename is not a return");
        assert_eq!(told.anywhere[&token("renamed")].removed, None);
        assert!(told.swept.unread.is_empty());
    };
    let loose = tell(&open(repo.path()));
    check(&loose, Held::Borrowed);
    let repository = open(repo.path());
    let (name, dir) = repository.submodules().pop().unwrap();
    assert_eq!(name, "module");
    let inside = tell(&open(&dir));
    Look(&inside).introduced("submodule", "in.txt", &submodule);

    // Reference deltas, in a pack that keeps unreachable objects too.
    let objects = repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    repo.git_in(repo.path(), &["pack-objects", "-q", "--no-reuse-delta", ".git/objects/pack/pack"], objects.as_bytes());
    repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-k", "-a", "-d", "-f"]);
    let packed = tell(&open(repo.path()));
    // The pack has copies of the alternate's objects, which nothing holds.
    check(&packed, Held::Unreachable);
    assert_eq!(packed.swept.found, loose.swept.found, "the layout of packs does not matter");
    repo.git(&["multi-pack-index", "write"]);
    same(&packed, &tell(&open(repo.path())));
    // From a linked working tree the database is the same; what is at HEAD is its own matter.
    let linked = tell(&open(&second));
    assert_eq!(linked.swept.found, loose.swept.found);
}

fn same(a: &Told, b: &Told) {
    assert_eq!(a.at, b.at, "the layout of packs does not matter");
    assert_eq!(a.anywhere, b.anywhere);
    assert_eq!(a.swept.found, b.swept.found);
    let counts = |t: &Told| (t.swept.counts.blobs, t.swept.counts.messages, t.swept.counts.bytes);
    assert_eq!(counts(a), counts(b), "objects are counted once");
}

#[test]
fn sha256_bare_and_mirrored_repositories_are_read() {
    let repo = Repo::new(&["--object-format=sha256"]);
    let commit = repo.commit("dir/a.txt", &text("long"));
    repo.git(&["gc", "-q"]);
    repo.git(&["clone", "-q", "--mirror", ".", "bare.git"]);
    for dir in [repo.path().to_owned(), repo.path().join("bare.git")] {
        let told = tell(&open(&dir));
        Look(&told).introduced("long", "dir/a.txt", &commit).held(
            "long",
            "dir/a.txt",
            Held::ByRef,
            true,
            &["refs/heads/main"],
        );
    }
}

#[test]
fn a_shallow_clone_says_not_later_than() {
    let repo = Repo::new(&[]);
    repo.commit("a.txt", &text("shallow"));
    let second = repo.commit("b.txt", "more\n");
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=1", &url, "clone"]);
    let repository = open(&repo.path().join("clone"));
    assert_eq!(repository.shallow.len(), 1);
    let told = tell(&repository);
    Look(&told).introduced("shallow", "a.txt", &second);
    assert!(at(&told, "shallow", "a.txt").introduced_at_cut);
}

#[test]
fn a_reftable_repository_is_swept_and_its_refs_are_a_gap() {
    let repo = Repo::new(&["--ref-format=reftable"]);
    repo.commit("a.txt", &text("reftable"));
    let repository = open(repo.path());
    let refs = crate::source::git::refs::Refs::read(&repository);
    assert_eq!(refs.gaps, ["reftable"]);
    assert!(tell(&repository).at.contains_key(&(token("reftable"), "a.txt".to_owned())));
}

#[test]
fn hostile_names_are_bytes() {
    let repo = Repo::new(&[]);
    let blob = repo.git_in(repo.path(), &["hash-object", "-w", "--stdin"], text("hostile").as_bytes());
    let mut entries = Vec::new();
    for name in ["..", ".git", "a\nb", "\u{1b}[31m"] {
        entries.extend(format!("100644 blob {blob}\t{name}\0").bytes());
    }
    let tree = repo.git_in(repo.path(), &["mktree", "-z"], &entries);
    let commit = repo.git(&["commit-tree", &tree, "-m", "hostile"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let told = tell(&open(repo.path()));
    assert_eq!(told.at.len(), 4);
    Look(&told).introduced("hostile", "..", &commit);
}

#[test]
fn encodings_are_decoded_whether_delta_or_not() {
    let repo = Repo::new(&[]);
    let filler = "some filler line that repeats\n".repeat(200);
    let utf16 =
        |s: &str| -> Vec<u8> { [0xff, 0xfe].into_iter().chain(s.encode_utf16().flat_map(u16::to_le_bytes)).collect() };
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(repo.path().join(name), bytes).unwrap();
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", name]);
    };
    write("wide.txt", &utf16(&filler));
    write("wide.txt", &utf16(&format!("{filler}{}", text("wide"))));
    write("marked.txt", format!("\u{feff}{}{filler}", text("marked")).as_bytes());
    write("marked.txt", format!("{}{filler}", text("marked")).as_bytes());
    write("marked.txt", format!("\u{feff}{}{filler}{}", text("marked"), text("both")).as_bytes());
    repo.git(&["repack", "-adfq"]);
    let told = tell(&open(repo.path()));
    for place in ["wide", "marked", "both"] {
        assert!(told.anywhere.contains_key(&token(place)), "{place}");
    }
}
