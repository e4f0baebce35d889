//! The torture repository: the same kind of credential once in every hiding place. Each is found,
//! and what is told of it is right: loose, packed with reference deltas, and with a multi-pack-index.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::repo::{Repo, Tokens};
use super::told::{Exposed, Told};

const PLACES: &[&str] = &[
    "PLAIN", "MERGE", "STASH_TREE", "STASH_INDEX", "STASH_UNTRACKED", "STASH_OLDER", "AMENDED", "DELETED", "TAGGED",
    "NOTE", "MESSAGE", "TAG_MESSAGE", "RENAMED", "ORPHAN", "SUBMODULE", "DELTA", "LOOSE", "ALTERNATE", "WORKTREE",
    "GONE", "AGAIN", "DANGLING", "INDEX",
];

/// What is expected, built up while the repository is.
#[derive(Default)]
struct Expected(BTreeMap<(String, String), Exposed>);

impl Expected {
    fn put(&mut self, name: &str, path: &str, introduced: &str) -> &mut Exposed {
        let exposed = self.0.entry((name.to_owned(), path.to_owned())).or_default();
        exposed.introduced = (!introduced.is_empty()).then(|| introduced.to_owned());
        "ref".clone_into(&mut exposed.held);
        exposed
    }
}

impl Exposed {
    fn removed(&mut self, commit: &str) -> &mut Self {
        self.removed = Some(commit.to_owned());
        self
    }

    fn at_head(&mut self, refs: &[&str]) -> &mut Self {
        self.at_head = true;
        self.on(refs)
    }

    fn on(&mut self, refs: &[&str]) -> &mut Self {
        self.refs = refs.iter().map(ToString::to_string).collect();
        self
    }

    fn held(&mut self, held: &str, by: &[&str]) -> &mut Self {
        held.clone_into(&mut self.held);
        self.held_by = by.iter().map(ToString::to_string).collect();
        self
    }
}

struct Torture {
    repo: Repo,
    tokens: Tokens,
    expected: Expected,
    _others: Vec<Repo>,
}

/// Refs that lead to everything on the main branch.
const ALL: &[&str] =
    &["refs/heads/main", "refs/stash", "refs/tags/annotated", "refs/tags/light", "worktrees/second/HEAD"];
/// Those made after the tags.
const LATER: &[&str] = &["refs/heads/main", "refs/stash", "worktrees/second/HEAD"];

fn build() -> Torture {
    let tokens = Tokens::new(PLACES.iter().copied());
    let repo = Repo::new(&[]);
    let mut expected = Expected::default();
    let file = |name: &str| tokens.file(name);
    let filler: String = (0..200).map(|n| format!("setting_{n} = {}\n", n * 7919)).collect();

    let plain = repo.commit("plain.txt", &file("PLAIN"));
    expected.put("PLAIN", "plain.txt", &plain).at_head(ALL).held("ref", ALL);
    repo.commit("delta.txt", &filler);
    let delta = repo.commit("delta.txt", &format!("{filler}{}", file("DELTA")));
    expected.put("DELTA", "delta.txt", &delta).at_head(ALL).held("ref", ALL);

    let renamed = repo.commit("old/name.txt", &(file("RENAMED") + &filler));
    fs::create_dir_all(repo.top.join("new")).unwrap();
    repo.git(&["mv", "old/name.txt", "new/name.txt"]);
    let rename = repo.commit_all();
    expected.put("RENAMED", "old/name.txt", &renamed).removed(&rename).held("ref", ALL);
    expected.put("RENAMED", "new/name.txt", &rename).at_head(ALL).held("ref", ALL);

    // Only in a merge's own tree.
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("side.txt", "side\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("main.txt", "main\n");
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    let merge = repo.commit("merged.txt", &file("MERGE"));
    expected.put("MERGE", "merged.txt", &merge).at_head(ALL).held("ref", ALL);
    repo.git(&["branch", "-q", "-D", "side"]);

    // In a message, in a tag's message, in a note.
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("Use {} here", tokens.value("MESSAGE"))]);
    expected.put("MESSAGE", "(commit message)", &repo.head()).held("ref", ALL);
    repo.git(&["tag", "-a", "annotated", "-m", &format!("With {} now", tokens.value("TAG_MESSAGE"))]);
    let tag = repo.git(&["rev-parse", "annotated"]);
    expected.put("TAG_MESSAGE", "(tag message)", &tag).held("ref", &["refs/tags/annotated"]);
    repo.git(&["notes", "add", "-m", &format!("KEY={}", tokens.value("NOTE"))]);
    let (noted, note) = (repo.head(), repo.git(&["rev-parse", "refs/notes/commits"]));
    expected.put("NOTE", &noted, &note).on(&["refs/notes/commits"]).held("ref", &["refs/notes/commits"]);

    // Reachable from a tag only; on a deleted branch; amended away; on an orphan branch.
    repo.git(&["checkout", "-q", "-b", "tagged"]);
    let tagged = repo.commit("tagged.txt", &file("TAGGED"));
    repo.git(&["tag", "light"]);
    expected.put("TAGGED", "tagged.txt", &tagged).on(&["refs/tags/light"]).held("ref", &["refs/tags/light"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "tagged"]);
    repo.git(&["checkout", "-q", "-b", "doomed"]);
    let deleted = repo.commit("deleted.txt", &file("DELETED"));
    expected.put("DELETED", "deleted.txt", &deleted).held("reflog", &["HEAD"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "doomed"]);
    let amended = repo.commit("amended.txt", &file("AMENDED"));
    expected.put("AMENDED", "amended.txt", &amended).held("reflog", &["HEAD", "refs/heads/main"]);
    repo.write("amended.txt", "nothing\n");
    repo.git(&["commit", "-q", "-a", "--amend", "-m", "amended"]);
    repo.git(&["checkout", "-q", "--orphan", "orphan"]);
    repo.git(&["rm", "-q", "-rf", "."]);
    let orphan = repo.commit("orphan.txt", &file("ORPHAN"));
    expected.put("ORPHAN", "orphan.txt", &orphan).on(&["refs/heads/orphan"]).held("ref", &["refs/heads/orphan"]);
    repo.git(&["checkout", "-q", "-f", "main"]);

    // Removed; removed and brought back.
    let gone = repo.commit("gone.txt", &file("GONE"));
    let again = repo.commit("again.txt", &file("AGAIN"));
    repo.wait(10);
    repo.git(&["rm", "-q", "gone.txt", "again.txt"]);
    let removal = repo.commit_all();
    expected.put("GONE", "gone.txt", &gone).removed(&removal).held("ref", LATER);
    let back = repo.commit("again.txt", &file("AGAIN"));
    expected.put("AGAIN", "again.txt", &again).at_head(LATER).held("ref", LATER).reintroduced.insert(back);

    // Two stashes, the newer one with all three parts.
    repo.write("plain.txt", &(file("PLAIN") + &file("STASH_OLDER")));
    repo.git(&["stash", "push", "-q"]);
    let older = repo.git(&["rev-parse", "stash"]);
    expected.put("STASH_OLDER", "plain.txt", &older).on(&["refs/stash"]).held("ref", &["refs/stash"]);
    repo.write("plain.txt", &(file("PLAIN") + &file("STASH_INDEX")));
    repo.git(&["add", "plain.txt"]);
    repo.write("plain.txt", &(file("PLAIN") + &file("STASH_TREE")));
    repo.write("untracked.txt", &file("STASH_UNTRACKED"));
    repo.git(&["stash", "push", "-q", "--include-untracked"]);
    for (name, path, part) in [
        ("STASH_TREE", "plain.txt", "stash"),
        ("STASH_INDEX", "plain.txt", "stash^2"),
        ("STASH_UNTRACKED", "untracked.txt", "stash^3"),
    ] {
        let commit = repo.git(&["rev-parse", part]);
        expected.put(name, path, &commit).on(&["refs/stash"]).held("ref", &["refs/stash"]);
    }

    // In the index of this and of a second working tree; in no tree at all.
    let second = repo.beside("second");
    repo.git(&["worktree", "add", "-q", "--detach", &second.to_string_lossy()]);
    fs::write(second.join("indexed.txt"), file("WORKTREE")).unwrap();
    repo.git_in(&second, &["add", "indexed.txt"], b"");
    expected.put("WORKTREE", "indexed.txt", "").held("index", &["worktrees/second/index"]);
    repo.write("staged.txt", &file("INDEX"));
    repo.git(&["add", "staged.txt"]);
    fs::remove_file(repo.top.join("staged.txt")).unwrap();
    expected.put("INDEX", "staged.txt", "").held("index", &["index"]);
    repo.blob(file("DANGLING").as_bytes());
    expected.put("DANGLING", "(blob without a path)", "").held("nothing", &[]);

    // In an alternate, in a submodule whose name is not its place, and in an object of its own.
    let other = Repo::new(&[]);
    let borrowed = other.commit("alternate.txt", &file("ALTERNATE"));
    expected.put("ALTERNATE", "alternate.txt", &borrowed).held("alternate", &[]);
    fs::write(repo.top.join(".git/objects/info/alternates"), format!("{}/.git/objects\n", other.top.display()))
        .unwrap();
    let inner = Repo::new(&[]);
    let inside = inner.commit("in.txt", &file("SUBMODULE"));
    inner.git(&["rm", "-q", "in.txt"]);
    let outside = inner.commit_all();
    let mains = &["refs/heads/main", "refs/remotes/origin/main"];
    expected.put("SUBMODULE", "vendor/inner/in.txt", &inside).removed(&outside).held("ref", mains);
    repo.git(&["submodule", "--quiet", "add", "--name", "lib", &inner.top.to_string_lossy(), "vendor/inner"]);
    repo.git(&["commit", "-q", "-m", "submodule", "--", ".gitmodules", "vendor/inner"]);
    let loose = repo.git(&["hash-object", "-w", "--stdin"]);
    assert!(repo.top.join(".git/objects").join(&loose[..2]).is_dir());
    repo.write("loose.txt", &file("LOOSE"));
    repo.git(&["add", "loose.txt"]);
    repo.git(&["commit", "-q", "-m", "loose", "--", "loose.txt"]);
    expected.put("LOOSE", "loose.txt", &repo.head()).at_head(&["refs/heads/main"]).held("ref", &["refs/heads/main"]);
    Torture { repo, tokens, expected, _others: vec![other, inner] }
}

impl Torture {
    /// Compares the history with what is expected; `borrowed` where the alternate is still one.
    fn check(&self, layout: &str, borrowed: bool) -> Told {
        let told = self.repo.told();
        let mut found = told.at(&self.tokens);
        for exposed in found.values_mut() {
            exposed.since = None;
        }
        let names: BTreeSet<&str> = found.keys().map(|(name, _)| name.as_str()).collect();
        for place in PLACES {
            assert!(names.contains(place), "{layout}: {place} is found");
        }
        for (place, expected) in &self.expected.0 {
            let mut expected = expected.clone();
            if expected.held == "alternate" && !borrowed {
                expected.held("nothing", &[]);
            }
            assert_eq!(found.get(place), Some(&expected), "{layout}: {place:?}");
        }
        // What a stash keeps of a file that is at HEAD as well, and nothing else.
        let more: Vec<_> = found.keys().filter(|k| !self.expected.0.contains_key(*k)).collect();
        assert!(more.is_empty(), "{layout}: {more:?}");
        assert_eq!((told.code, told.report["complete"].as_bool()), (1, Some(true)), "{layout}");
        told
    }
}

#[test]
fn every_hiding_place_is_found_and_dated() {
    let torture = build();
    let repo = &torture.repo;
    let loose = torture.check("loose", true);

    // The whole database packed, unreachable objects too, with reference deltas alone.
    let objects = repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    repo.git_in(&repo.top, &["pack-objects", "-q", "--no-reuse-delta", ".git/objects/pack/pack"], objects.as_bytes());
    repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-k", "-a", "-d", "-f"]);
    let delta = repo.git(&["rev-parse", "HEAD:delta.txt"]);
    let packed = fs::read_dir(repo.top.join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path());
    let idx = packed.into_iter().find(|p| p.extension().is_some_and(|x| x == "idx")).unwrap();
    let entries = repo.git(&["verify-pack", "-v", &idx.to_string_lossy()]);
    let line = |id: &str| entries.lines().find(|l| l.starts_with(id)).unwrap_or_default().split_whitespace().count();
    let older = repo.git(&["rev-list", "--all", "--objects", "--", "delta.txt"]);
    let deltas = older.lines().filter_map(|l| l.strip_suffix(" delta.txt")).filter(|id| line(id) == 7).count();
    assert!(deltas > 0 && !delta.is_empty(), "git made a delta of the file");
    let packed = torture.check("packed", false);
    repo.git(&["multi-pack-index", "write"]);
    let indexed = torture.check("multi-pack-index", false);
    assert_eq!(packed.report, indexed.report);
    let keys = |told: &Told| -> BTreeSet<String> {
        told.findings().iter().map(|f| f["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&loose), keys(&packed), "findings have the same identity in every layout");
}

#[test]
fn a_rename_is_neither_a_removal_nor_a_return() {
    let tokens = Tokens::new(["KEY"]);
    let repo = Repo::new(&[]);
    let first = repo.commit("a.txt", &tokens.file("KEY"));
    repo.git(&["mv", "a.txt", "b.txt"]);
    repo.commit_all();
    repo.git(&["mv", "b.txt", "a.txt"]);
    repo.commit_all();
    let told = repo.told();
    let whole = &told.anywhere(&tokens)["KEY"];
    assert_eq!((whole.introduced.as_deref(), &whole.removed, whole.at_head), (Some(first.as_str()), &None, true));
    assert!(whole.reintroduced.is_empty());
    assert_eq!(told.checks(), ["KW001 a.txt"], "no KW507");
    repo.git(&["rm", "-q", "a.txt"]);
    repo.commit_all();
    repo.commit("c.txt", &tokens.file("KEY"));
    assert_eq!(repo.told().checks(), ["KW001 c.txt", "KW507 c.txt"], "removed everywhere, and back elsewhere");
}
