//! The layout of the database changes nothing: the same report before and after packing.

use std::fmt::Write as _;

use super::repo::{Repo, START, Tokens};

/// A history of several hundred commits on some branches, in which files with credentials change,
/// move, and go.
fn history(tokens: &Tokens) -> Repo {
    let repo = Repo::new(&[]);
    let filler = |n: u32| -> String { (0..120).map(|i| format!("setting_{i} = {}\n", i * 31 + n / 7)).collect() };
    let mut stream = String::new();
    for n in 0..400_u32 {
        let branch = ["main", "main", "main", "next"][(n % 4) as usize];
        let time = START + i64::from(n) * 3600;
        let _ = write!(stream, "commit refs/heads/{branch}\nmark :{}\n", n + 1);
        let _ = write!(stream, "committer Ada <ada@acme.example> {time} +0000\ndata 6\nchange\n");
        if n == 3 {
            stream.push_str("from :1\n");
        }
        if n % 40 == 24 {
            let _ = writeln!(stream, "merge :{n}");
        }
        let path = format!("service{}/app.env", n % 9);
        let mut text = filler(n);
        if n % 5 < 2 {
            text += &tokens.file(["A", "B", "C", "D"][(n / 5 % 4) as usize]);
        }
        let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        if n % 50 == 30 {
            let _ = writeln!(stream, "R service{0}/app.env moved{0}/old.env", n % 9);
        }
    }
    repo.git_in(&repo.top, &["fast-import", "--quiet"], stream.as_bytes());
    repo.git(&["reset", "-q", "--hard"]);
    repo
}

#[test]
fn packing_changes_no_finding() {
    let tokens = Tokens::new(["A", "B", "C", "D"]);
    let repo = history(&tokens);
    let scan = |threads: &str| {
        let ran = repo.scan(&["--history", "--format", "json", "--threads", threads]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        ran.stdout
    };
    let before = scan("2");
    assert!(before.matches("\"check\": \"KW00").count() > 10, "there is something to find");
    assert_eq!(scan("1"), before, "one worker");
    repo.git(&["repack", "-adfq", "--depth=50"]);
    assert_eq!(scan("2"), before, "after git repack -adf");
    repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--window=40"]);
    assert_eq!(scan("2"), before, "with reference deltas");
    // Two packs that hold the same objects in part, with a multi-pack-index and without.
    let half = repo.git(&["rev-list", "--objects", "HEAD~200"]);
    let half: String = half.lines().map(|l| format!("{}\n", &l[..40])).collect();
    repo.git_in(&repo.top, &["pack-objects", "-q", "--window=3", ".git/objects/pack/pack"], half.as_bytes());
    repo.git(&["multi-pack-index", "write"]);
    assert_eq!(scan("2"), before, "with a multi-pack-index over two packs");
    std::fs::remove_file(repo.top.join(".git/objects/pack/multi-pack-index")).unwrap();
    assert_eq!(scan("2"), before, "without it");
    repo.git(&["gc", "-q"]);
    assert_eq!(scan("2"), before, "after git gc");
}
