//! The hidden modes that measurements and proofs stand on.

use super::repo::{Repo, Tokens};
use crate::run::keyward;

/// The number behind a word at the start of a line.
fn number(text: &str, word: &str) -> u64 {
    let line = text.lines().find_map(|l| l.strip_prefix(word)).unwrap_or_else(|| panic!("no {word} in {text}"));
    line.split_whitespace().next().unwrap().trim_end_matches(',').parse().unwrap()
}

#[test]
fn the_floor_builds_every_blob_once_and_the_proof_compares_every_object() {
    let tokens = Tokens::new(["KEY", "OTHER"]);
    let repo = Repo::new(&[]);
    let filler: String = (0..400).map(|i| format!("setting_{i} = {}\n", i * 7919)).collect();
    for n in 0..12 {
        let text = format!("{n}\n{filler}{}{filler}", tokens.file(["KEY", "OTHER"][n % 2]));
        repo.commit("app.env", &text);
    }
    repo.git(&["repack", "-adfq"]);
    // Some of it once more, in a pack of its own and loose.
    let some = repo.git(&["rev-list", "--objects", "HEAD~3..HEAD"]);
    let ids: String = some.lines().map(|l| format!("{}\n", &l[..40])).collect();
    repo.git_in(&repo.top, &["pack-objects", "-q", ".git/objects/pack/pack"], ids.as_bytes());
    repo.blob(b"loose\n");
    let check = "--batch-check=%(objecttype) %(objectsize)";
    let all = repo.git(&["cat-file", "--batch-all-objects", "--unordered", check]);
    let sizes: Vec<u64> = all.lines().filter_map(|l| l.strip_prefix("blob ")?.parse().ok()).collect();

    let ran = keyward(&repo.top, &["bench", "decode", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(number(&ran.stdout, "blobs"), sizes.len() as u64);
    assert_eq!(number(&ran.stdout, "bytes"), sizes.iter().sum::<u64>());

    let ran = keyward(&repo.top, &["bench", "carry", ".", "--threads", "1"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(number(&ran.stdout, "objects"), sizes.len() as u64 + 12, "blobs and commits");
    assert_eq!(number(&ran.stdout, "candidates") % 12, 0, "in every version");
    assert!(number(&ran.stdout, "candidates") > 0);
    assert_eq!((number(&ran.stdout, "differing"), number(&ran.stdout, "misbuilt")), (0, 0));

    assert_eq!(keyward(repo.top.parent().unwrap(), &["bench", "decode", "."]).code, 2, "no repository");
    let help = keyward(&repo.top, &["--help"]).stdout;
    assert!(help.contains("scan") && !help.contains("bench"), "{help}");
}
