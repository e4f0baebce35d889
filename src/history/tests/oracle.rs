//! The timeline against brute force over what git itself says, on random histories.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Told, open, tell};
use crate::history::{Exposure, Held, History};
use crate::source::git::tests::repo::Repo;

type Place = (String, String);

/// What git says, without any of our code.
struct Oracle {
    /// Commits, parents first: id, parents, committer time, tokens at paths.
    commits: Vec<(String, Vec<String>, i64, BTreeSet<Place>)>,
    refs: Vec<(String, String)>,
    head: String,
}

impl Oracle {
    fn ask(repo: &Repo) -> Self {
        let mut blobs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let log = repo.git(&["log", "--all", "--topo-order", "--reverse", "--format=%H|%P|%ct"]);
        let commits = log
            .lines()
            .map(|line| {
                let mut fields = line.split('|');
                let id = fields.next().unwrap().to_owned();
                let parents = fields.next().unwrap().split_whitespace().map(str::to_owned).collect();
                let time = fields.next().unwrap().parse().unwrap();
                let mut tokens = BTreeSet::new();
                for entry in repo.git(&["ls-tree", "-r", &id]).lines() {
                    let (meta, path) = entry.split_once('\t').unwrap();
                    let blob = meta.split(' ').nth(2).unwrap().to_owned();
                    let held = blobs.entry(blob.clone()).or_insert_with(|| {
                        let text = repo.git(&["cat-file", "blob", &blob]);
                        text.split_whitespace().filter(|w| w.starts_with("TOK_")).map(str::to_owned).collect()
                    });
                    tokens.extend(held.iter().map(|t| (t.clone(), path.to_owned())));
                }
                (id, parents, time, tokens)
            })
            .collect();
        let refs = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let refs = refs.lines().filter_map(|l| l.split_once(' ')).map(|(n, o)| (n.to_owned(), o.to_owned())).collect();
        Self { commits, refs, head: repo.head() }
    }

    fn ancestors(&self, tip: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([tip.to_owned()]);
        for (id, parents, _, _) in self.commits.iter().rev() {
            if all.contains(id) {
                all.extend(parents.iter().cloned());
            }
        }
        all
    }

    /// The definitions, word by word, for anything that a commit has or has not.
    fn expect(&self, has: impl Fn(&BTreeSet<Place>) -> bool) -> Expected {
        let having: BTreeMap<&str, bool> = self.commits.iter().map(|c| (c.0.as_str(), has(&c.3))).collect();
        let intros: Vec<_> =
            self.commits.iter().filter(|c| having[c.0.as_str()] && c.1.iter().all(|p| !having[p.as_str()])).collect();
        let first = intros.iter().map(|c| c.2).min();
        let reintroduced = intros
            .iter()
            .filter(|c| self.ancestors(&c.0).iter().any(|a| *a != c.0 && having[a.as_str()]))
            .map(|c| c.0.clone())
            .collect();
        let by_id: BTreeMap<&str, &Vec<String>> = self.commits.iter().map(|c| (c.0.as_str(), &c.1)).collect();
        let mut mainline = vec![self.head.as_str()];
        while let Some(parent) = by_id[mainline[mainline.len() - 1]].first() {
            mainline.push(parent);
        }
        let (mut on_mainline, mut before): (Option<(String, Option<String>)>, _) = (None, false);
        for commit in mainline.into_iter().rev() {
            match (before, having[commit]) {
                (false, true) => on_mainline = Some((commit.to_owned(), None)),
                (true, false) => on_mainline.as_mut().unwrap().1 = Some(commit.to_owned()),
                _ => {}
            }
            before = having[commit];
        }
        let holding =
            |all: bool| {
                self.refs
                    .iter()
                    .filter(|(_, tip)| {
                        if all { self.ancestors(tip).iter().any(|a| having[a.as_str()]) } else { having[tip.as_str()] }
                    })
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>()
            };
        let (refs, tips) = (holding(true), holding(false));
        let lost = self.commits.iter().filter(|c| !having[c.0.as_str()] && c.1.iter().any(|p| having[p.as_str()]));
        let lost: BTreeSet<String> = lost.map(|c| c.0.clone()).collect();
        Expected { first, reintroduced, on_mainline, at_head: having[self.head.as_str()], refs, tips, lost }
    }
}

struct Expected {
    first: Option<i64>,
    reintroduced: BTreeSet<String>,
    on_mainline: Option<(String, Option<String>)>,
    at_head: bool,
    refs: Vec<String>,
    tips: Vec<String>,
    lost: BTreeSet<String>,
}

impl Expected {
    fn check(&self, history: &History, told: &Exposure, what: &str) {
        let id = |n| history.moment(n).commit.to_string();
        let introduced = told.introduced.map(|n| history.moment(n).committer_time);
        assert_eq!(introduced, self.first, "{what}: introduced");
        let again: BTreeSet<String> = told.reintroduced.iter().map(|n| id(*n)).collect();
        assert_eq!(again, self.reintroduced, "{what}: re-introduced");
        let on_mainline = told.on_mainline.map(|(a, b)| (id(a), b.map(id)));
        assert_eq!(on_mainline, self.on_mainline, "{what}: on the mainline");
        assert_eq!(told.at_head, self.at_head, "{what}: at HEAD");
        assert_eq!(told.held_by.names, self.refs, "{what}: reachable from");
        assert_eq!(told.tips.names, self.tips, "{what}: in tips");
        assert_eq!(told.held, if self.refs.is_empty() { Held::Unreachable } else { Held::ByRef }, "{what}: held");
        let removed = told.removed.map(id);
        match &self.on_mainline {
            Some((_, end)) => assert_eq!(removed, *end, "{what}: removed from the mainline"),
            None if self.tips.is_empty() => {
                assert!(removed.is_some_and(|r| self.lost.contains(&r)), "{what}: removed elsewhere");
            }
            None => assert_eq!(removed, None, "{what}: still in a tip"),
        }
    }
}

/// Compares all that is told with what git says.
fn compare(repo: &Repo) -> Told {
    let told = tell(&open(repo.path()));
    let oracle = Oracle::ask(repo);
    let places: BTreeSet<Place> = oracle.commits.iter().flat_map(|c| c.3.iter().cloned()).collect();
    assert_eq!(told.at.keys().cloned().collect::<BTreeSet<_>>(), places, "each token at each path, and nothing else");
    for (place, exposure) in &told.at {
        oracle.expect(|has| has.contains(place)).check(&told.history, exposure, &format!("{} at {}", place.0, place.1));
    }
    for (token, exposure) in &told.anywhere {
        oracle.expect(|has| has.iter().any(|p| p.0 == *token)).check(&told.history, exposure, token);
    }
    told
}

/// One commit of a random history: parents (counted back), and which files hold which tokens.
#[derive(Clone, Debug)]
struct Step {
    parents: Vec<usize>,
    files: Vec<(usize, Vec<usize>)>,
    branch: Option<usize>,
    later: i64,
}

const PATHS: [&str; 5] = ["a", "b/a", "b/c/d", "b/c/e", "z"];

fn step() -> impl Strategy<Value = Step> {
    let parents = prop_oneof![
        1 => Just(vec![]),
        6 => (0..4_usize).prop_map(|p| vec![p]),
        3 => prop::collection::vec(0..6_usize, 2..4),
    ];
    let files = prop::collection::vec((0..PATHS.len(), prop::collection::vec(0..4_usize, 0..3)), 0..5);
    (parents, files, prop::option::of(0..4_usize), -300..600_i64).prop_map(|(parents, files, branch, later)| Step {
        parents,
        files,
        branch,
        later,
    })
}

fn import(repo: &Repo, steps: &[Step]) {
    use std::fmt::Write as _;
    let mut stream = String::new();
    let mut time = crate::source::git::tests::repo::START;
    for (n, step) in steps.iter().enumerate() {
        time += step.later;
        let mut parents: Vec<usize> = step.parents.iter().filter_map(|back| n.checked_sub(1 + back)).collect();
        let mut seen = BTreeSet::new();
        parents.retain(|p| seen.insert(*p));
        let _ = write!(stream, "reset refs/heads/scratch\n\ncommit refs/heads/scratch\nmark :{}\n", n + 1);
        let _ = write!(stream, "committer A <a@example.com> {time} +0000\ndata 1\nx\n");
        for (i, parent) in parents.iter().enumerate() {
            let _ = writeln!(stream, "{} :{}", if i == 0 { "from" } else { "merge" }, parent + 1);
        }
        stream.push_str("deleteall\n");
        for (path, tokens) in &step.files {
            // Long lines around, so that git finds deltas worth making.
            let filler = format!("{} filler of file {path}\n", "x y z ".repeat(30));
            let text: String = tokens.iter().map(|t| format!("{filler}TOK_{t}\n")).collect::<String>() + &filler;
            let _ = write!(stream, "M 100644 inline {}\ndata {}\n{text}\n", PATHS[*path], text.len());
        }
        if let Some(branch) = step.branch {
            let _ = write!(stream, "reset refs/heads/b{branch}\nfrom :{}\n\n", n + 1);
        }
    }
    let _ = write!(stream, "reset refs/heads/main\nfrom :{}\n\n", steps.len());
    repo.git_in(repo.path(), &["fast-import", "--quiet", "--force"], stream.as_bytes());
    repo.git(&["update-ref", "-d", "refs/heads/scratch"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_are_told_as_git_tells_them(steps in prop::collection::vec(step(), 1..24)) {
        let repo = Repo::new(&[]);
        import(&repo, &steps);
        // What no ref holds is another test's matter.
        repo.git(&["reflog", "expire", "--all", "--expire=all"]);
        repo.git(&["gc", "-q", "--prune=all"]);
        let before = compare(&repo);
        repo.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
        let after = tell(&open(repo.path()));
        prop_assert_eq!(before.at, after.at, "the layout of packs does not matter");
        prop_assert_eq!(before.swept.found, after.swept.found);
    }
}
