//! The timeline against brute force: everything that is told of a history, told again from what
//! `git rev-list`, `git ls-tree` and `git cat-file` print, by the definitions and without any of
//! keyward's code. On scripted and on random histories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::prelude::*;

use super::repo::{AS_OF, Repo, START, Tokens, git_at};
use super::told::{Exposed, Told};

/// A credential and a path.
type Place = (String, String);

/// A commit as git prints it.
struct Commit {
    id: String,
    parents: Vec<String>,
    /// Committer time.
    time: i64,
    /// What its tree has.
    has: BTreeSet<Place>,
}

/// What git says.
struct Oracle {
    /// All commits of the database, parents first.
    commits: Vec<Commit>,
    /// Place in `commits` by id.
    at: BTreeMap<String, usize>,
    /// Of each commit, itself and its ancestors.
    ancestors: Vec<BTreeSet<usize>>,
    /// Branches and tags, and what they lead to.
    refs: Vec<(String, usize)>,
    /// What reflogs lead to.
    logged: Vec<(String, usize)>,
    head: usize,
}

impl Oracle {
    fn ask(repo: &Repo, tokens: &[(&str, &str)]) -> Self {
        let all = repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
        let of = |kind: &str| -> Vec<String> {
            all.lines().filter_map(|l| l.strip_prefix(kind)?.strip_prefix(' ')).map(str::to_owned).collect()
        };
        let held: BTreeMap<String, BTreeSet<&str>> = of("blob")
            .into_iter()
            .map(|id| {
                let text = git_at(&repo.top, START, &["cat-file", "blob", &id], b"");
                let held = tokens.iter().filter(|(_, value)| text.contains(value)).map(|(name, _)| *name).collect();
                (id, held)
            })
            .collect();
        let ids = of("commit").join("\n");
        let args = ["rev-list", "--topo-order", "--reverse", "--no-commit-header", "--format=%H|%P|%ct", "--stdin"];
        let commits: Vec<Commit> = repo
            .git_in(&repo.top, &args, ids.as_bytes())
            .lines()
            .map(|line| {
                let mut fields = line.split('|');
                let id = fields.next().unwrap().to_owned();
                let parents = fields.next().unwrap().split_whitespace().map(str::to_owned).collect();
                let time = fields.next().unwrap().parse().unwrap();
                let mut has = BTreeSet::new();
                for entry in repo.git(&["ls-tree", "-r", &id]).lines() {
                    let (meta, path) = entry.split_once('\t').unwrap();
                    let blob = meta.split(' ').nth(2).unwrap();
                    has.extend(held[blob].iter().map(|name| ((*name).to_owned(), path.to_owned())));
                }
                Commit { id, parents, time, has }
            })
            .collect();
        let at: BTreeMap<String, usize> = commits.iter().enumerate().map(|(n, c)| (c.id.clone(), n)).collect();
        let mut ancestors: Vec<BTreeSet<usize>> = Vec::new();
        for (n, commit) in commits.iter().enumerate() {
            let mut own = BTreeSet::from([n]);
            for parent in &commit.parents {
                own.extend(&ancestors[at[parent]]);
            }
            ancestors.push(own);
        }
        let refs = repo.git(&["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)"]);
        let refs = refs.lines().map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            (fields[0].to_owned(), at[fields[fields.len() - 1]])
        });
        let refs: Vec<(String, usize)> = refs.collect();
        let mut by_logs = Vec::new();
        for log in refs.iter().map(|(name, _)| name.as_str()).chain(["HEAD"]) {
            let entries = repo.git(&["log", "--walk-reflogs", "--format=%H", log, "--"]);
            by_logs.extend(entries.lines().map(|id| (log.to_owned(), at[id])));
        }
        let tip = at[&repo.head()];
        Self { commits, at, ancestors, refs, logged: by_logs, head: tip }
    }

    /// The definitions, word by word, for anything that a commit has or has not.
    fn expect(&self, has: impl Fn(&BTreeSet<Place>) -> bool) -> Truth {
        let having: Vec<bool> = self.commits.iter().map(|c| has(&c.has)).collect();
        let parents = |n: usize| self.commits[n].parents.iter().map(|p| self.at[p]);
        // Introduced: it has it, and no parent has.
        let adds: Vec<usize> = (0..having.len()).filter(|&n| having[n] && parents(n).all(|p| !having[p])).collect();
        let first = adds.iter().map(|&n| self.commits[n].time).min();
        let introduced = adds.iter().filter(|&&n| Some(self.commits[n].time) == first);
        // Brought back: introduced where an ancestor had it.
        let back = adds.iter().filter(|&&n| self.ancestors[n].iter().any(|&a| a != n && having[a]));
        // Removed: the last commit along the first parents of HEAD after which it is gone.
        let mut mainline = vec![self.head];
        while let Some(parent) = parents(mainline[mainline.len() - 1]).next() {
            mainline.push(parent);
        }
        mainline.reverse();
        let gone = mainline.windows(2).filter(|w| having[w[0]] && !having[w[1]]).map(|w| w[1]).next_back();
        let on_mainline = mainline.iter().any(|&n| having[n]);
        let at_head = having[self.head];
        let tips: BTreeSet<&str> = self.refs.iter().filter(|(_, tip)| having[*tip]).map(|(n, _)| n.as_str()).collect();
        let holding = |roots: &[(String, usize)]| -> BTreeSet<String> {
            let leads = |tip: usize| self.ancestors[tip].iter().any(|&a| having[a]);
            roots.iter().filter(|(_, tip)| leads(*tip)).map(|(name, _)| name.clone()).collect()
        };
        let removed: BTreeSet<String> = if at_head {
            BTreeSet::new()
        } else if on_mainline {
            gone.iter().map(|&n| self.commits[n].id.clone()).collect()
        } else if tips.is_empty() {
            let lost = (0..having.len()).filter(|&n| !having[n] && parents(n).any(|p| having[p]));
            lost.map(|n| self.commits[n].id.clone()).collect()
        } else {
            BTreeSet::new()
        };
        let (by_refs, by_logs) = (holding(&self.refs), holding(&self.logged));
        let (held, held_by) = match (by_refs.is_empty(), by_logs.is_empty()) {
            (false, _) => ("ref", by_refs),
            (true, false) => ("reflog", by_logs),
            (true, true) => ("nothing", BTreeSet::new()),
        };
        Truth {
            introduced: introduced.map(|&n| self.commits[n].id.clone()).collect(),
            removed,
            reintroduced: back.map(|&n| self.commits[n].id.clone()).collect(),
            at_head,
            refs: tips.into_iter().map(str::to_owned).collect(),
            held: held.to_owned(),
            held_by: held_by.into_iter().collect(),
        }
    }

    fn time(&self, id: &str) -> i64 {
        self.commits[self.at[id]].time
    }
}

/// What has to be told. Where the definition leaves a choice between commits, all of them.
struct Truth {
    introduced: BTreeSet<String>,
    removed: BTreeSet<String>,
    reintroduced: BTreeSet<String>,
    at_head: bool,
    refs: Vec<String>,
    held: String,
    held_by: Vec<String>,
}

impl Truth {
    fn check(&self, told: &Exposed, what: &str) {
        let introduced = told.introduced.as_ref();
        assert!(introduced.is_some_and(|c| self.introduced.contains(c)), "{what}: introduced {introduced:?}");
        match &told.removed {
            None => assert!(self.removed.is_empty(), "{what}: removed in one of {:?}", self.removed),
            Some(commit) => assert!(self.removed.contains(commit), "{what}: removed {commit}, not {:?}", self.removed),
        }
        assert_eq!(told.reintroduced, self.reintroduced, "{what}: brought back");
        assert_eq!(told.at_head, self.at_head, "{what}: at HEAD");
        assert_eq!(told.refs, self.refs, "{what}: refs whose tips hold it");
        assert_eq!((&told.held, &told.held_by), (&self.held, &self.held_by), "{what}: how it is held");
    }
}

/// Compares all that is told with what git says.
fn compare(repo: &Repo, tokens: &Tokens, names: &[&str], what: &str) -> Told {
    let values: Vec<(&str, &str)> = names.iter().map(|name| (*name, tokens.value(name))).collect();
    let oracle = Oracle::ask(repo, &values);
    let told = repo.told();
    let places: BTreeSet<Place> = oracle.commits.iter().flat_map(|c| c.has.iter().cloned()).collect();
    let (at, days) = (told.at(tokens), told.days(tokens));
    assert_eq!(at.keys().cloned().collect::<BTreeSet<_>>(), places, "{what}: each credential at each path");
    let end = jiff::civil::Date::to_zoned(AS_OF.parse().unwrap(), jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let end = end.as_second() + 86_399;
    for (place, exposed) in &at {
        let what = format!("{what}: {} at {}", place.0, place.1);
        oracle.expect(|has| has.contains(place)).check(exposed, &what);
        let until = exposed.removed.as_ref().map_or(end, |id| oracle.time(id));
        let exposed_for = (until - oracle.time(exposed.introduced.as_ref().unwrap())).max(0) / 86_400;
        if let Some(days) = days.get(place) {
            assert_eq!(*days, exposed_for, "{what}: days exposed");
        }
    }
    // A credential that is gone is told at all its paths, one that is there at those where it is.
    let there: BTreeSet<&str> = at.iter().filter(|(_, e)| e.at_head).map(|(place, _)| place.0.as_str()).collect();
    let told_of: Vec<&Place> =
        at.iter().filter(|(p, e)| e.at_head || !there.contains(p.0.as_str())).map(|(p, _)| p).collect();
    assert_eq!(days.keys().collect::<Vec<_>>(), told_of, "{what}: findings that tell the days");
    for (name, exposed) in told.anywhere(tokens) {
        let truth = oracle.expect(|has| has.iter().any(|place| place.0 == name));
        truth.check(&exposed, &format!("{what}: {name} anywhere"));
    }
    told
}

/// A small generator of numbers: the same histories on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const NAMES: [&str; 3] = ["A", "B", "C"];
const PATHS: [&str; 5] = ["a.env", "conf/a.env", "conf/x/d.env", "conf/x/e.env", "z.env"];

/// Files, and which credentials stand in each.
type Files = BTreeMap<&'static str, BTreeSet<usize>>;

/// Changes files as a commit would: adds, removes, renames, copies, cleans.
fn change(files: &mut Files, random: &mut Random) {
    let (path, other) = (PATHS[random.below(PATHS.len())], PATHS[random.below(PATHS.len())]);
    match random.below(6) {
        0 | 1 => {
            files.entry(path).or_default().insert(random.below(NAMES.len()));
        }
        2 => {
            files.remove(path);
        }
        3 => {
            if let Some(moved) = files.remove(path) {
                files.insert(other, moved);
            }
        }
        4 => {
            if let Some(copied) = files.get(path).cloned() {
                files.insert(other, copied);
            }
        }
        _ => {
            files.insert(path, BTreeSet::new());
        }
    }
}

/// A random history, written by `git fast-import`: roots, merges of two and of three, reverts, files
/// in a merge that no parent has, commits whose time runs backwards, deleted branches.
fn random_history(seed: u64, tokens: &Tokens) -> Repo {
    let mut random = Random(seed);
    let repo = Repo::new(&[]);
    let mut trees: Vec<Files> = Vec::new();
    let (mut stream, mut time) = (String::new(), START);
    let count = 6 + random.below(16);
    for n in 0..count {
        time += i64::try_from(random.below(9 * 86_400)).unwrap() - 2 * 86_400;
        let mut parents: Vec<usize> = Vec::new();
        if n > 0 && !random.one_in(10) {
            let most = if random.one_in(3) { 1 + random.below(3) } else { 1 };
            for _ in 0..most {
                let parent = n - 1 - random.below(n.min(5));
                if !parents.contains(&parent) {
                    parents.push(parent);
                }
            }
        }
        let mut files = Files::new();
        for &parent in &parents {
            for (path, held) in &trees[parent] {
                files.entry(path).or_default().extend(held);
            }
        }
        match random.below(8) {
            // A revert: everything as it was some commits ago.
            0 if n > 2 => files = trees[random.below(n)].clone(),
            1 => {}
            _ => change(&mut files, &mut random),
        }
        let _ = write!(stream, "reset refs/heads/scratch\n\ncommit refs/heads/scratch\nmark :{}\n", n + 1);
        let _ = write!(stream, "committer Ada <ada@acme.example> {time} +0000\ndata 7\nchange\n");
        for (i, parent) in parents.iter().enumerate() {
            let _ = writeln!(stream, "{} :{}", if i == 0 { "from" } else { "merge" }, parent + 1);
        }
        stream.push_str("deleteall\n");
        for (path, held) in &files {
            let mut text = format!("# the settings of {path}\n").repeat(20);
            for &name in held {
                let _ = write!(text, "KEY={}\n# more settings\n", tokens.value(NAMES[name]));
            }
            let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        if random.one_in(4) {
            let _ = write!(stream, "reset refs/heads/b{}\nfrom :{}\n\n", random.below(4), n + 1);
        }
        if random.one_in(8) {
            let _ =
                write!(stream, "tag v{n}\nfrom :{}\ntagger Ada <ada@acme.example> {time} +0000\ndata 1\nx\n", n + 1);
        }
        trees.push(files);
    }
    let _ = write!(stream, "reset refs/heads/main\nfrom :{count}\n\n");
    repo.git_in(&repo.top, &["fast-import", "--quiet", "--force"], stream.as_bytes());
    repo.git(&["update-ref", "-d", "refs/heads/scratch"]);
    // A branch that was looked at and is no more: its commits are in the reflog of HEAD.
    let branches = repo.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/b*"]);
    let branches: Vec<&str> = branches.lines().collect();
    if branches.is_empty() {
        repo.git(&["reset", "-q", "--hard"]);
    } else {
        let gone = branches[random.below(branches.len())];
        repo.git(&["checkout", "-q", "-f", gone]);
        repo.git(&["checkout", "-q", "-f", "main"]);
        repo.git(&["branch", "-q", "-D", gone]);
    }
    if random.one_in(2) {
        repo.git(&["repack", "-q", "-a", "-d", "-f", "--depth=20"]);
    }
    repo
}

#[test]
fn random_histories_are_told_as_git_tells_them() {
    let tokens = Tokens::new(NAMES);
    (0..36_u64).into_par_iter().for_each(|seed| {
        let repo = random_history(seed, &tokens);
        let what = format!("history {seed}");
        let before = compare(&repo, &tokens, &NAMES, &what);
        repo.git(&["repack", "-q", "-a", "-d", "-f", "-k", "--depth=50", "--window=50"]);
        assert_eq!(repo.told().report, before.report, "{what}: the layout of packs does not matter");
    });
}

/// What people do to histories with git's own commands.
#[test]
fn merges_squashes_rebases_and_reverts_are_told_as_git_tells_them() {
    let tokens = Tokens::new(NAMES);
    let repo = Repo::new(&[]);
    repo.commit("readme.txt", "# an application\n");

    // One added on both sides, the same way and in other files; then merged.
    repo.git(&["checkout", "-q", "-b", "left"]);
    repo.commit("both.env", &tokens.file("A"));
    repo.git(&["checkout", "-q", "-b", "right", "main"]);
    repo.wait(3);
    repo.commit("both.env", &tokens.file("A"));
    repo.commit("other.env", &tokens.file("A"));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "left", "right"]);
    compare(&repo, &tokens, &NAMES, "an octopus");

    // Squashed, and the branch deleted; then reverted, and the revert reverted.
    repo.git(&["checkout", "-q", "-b", "feature"]);
    repo.commit("feature.env", &tokens.file("B"));
    repo.commit("feature.env", "KEY=\n");
    repo.commit("feature.env", &format!("{}# more\n", tokens.file("B")));
    repo.git(&["checkout", "-q", "main"]);
    repo.wait(5);
    repo.git(&["merge", "-q", "--squash", "feature"]);
    repo.git(&["commit", "-q", "-m", "squashed"]);
    repo.git(&["branch", "-q", "-D", "feature"]);
    compare(&repo, &tokens, &NAMES, "a squash");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.wait(2);
    compare(&repo, &tokens, &NAMES, "a revert");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    compare(&repo, &tokens, &NAMES, "a revert of a revert");

    // Rebased: the old commits are in reflogs only.
    repo.git(&["checkout", "-q", "-b", "topic", "HEAD~2"]);
    repo.commit("topic.env", &tokens.file("C"));
    repo.commit("topic/more.env", &tokens.file("A"));
    repo.wait(1);
    repo.git(&["rebase", "-q", "main"]);
    repo.git(&["checkout", "-q", "main"]);
    compare(&repo, &tokens, &NAMES, "a rebase");

    // A merge that settles a conflict with what neither side had.
    repo.git(&["checkout", "-q", "-b", "clash", "HEAD~1"]);
    repo.commit("both.env", "# mine\n");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("both.env", "# yours\n");
    repo.git(&["merge", "-q", "--no-ff", "-s", "ours", "--no-commit", "clash"]);
    repo.commit("both.env", &tokens.file("C"));
    compare(&repo, &tokens, &NAMES, "an evil merge");

    // Two histories that had nothing in common.
    repo.git(&["checkout", "-q", "--orphan", "elsewhere"]);
    repo.git(&["rm", "-q", "-rf", "."]);
    repo.commit("both.env", &tokens.file("B"));
    repo.git(&["checkout", "-q", "-f", "main"]);
    repo.git(&["merge", "-q", "-s", "ours", "--allow-unrelated-histories", "-m", "join", "elsewhere"]);
    compare(&repo, &tokens, &NAMES, "unrelated histories");

    // Nothing keeps what was thrown away.
    repo.git(&["branch", "-q", "-D", "topic", "elsewhere", "left"]);
    repo.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    compare(&repo, &tokens, &NAMES, "without reflogs");
}
