//! SARIF of what is only in the history: what code scanning needs, and nothing about people.

use std::collections::BTreeMap;

use serde_json::Value;

use super::repo::{Repo, Tokens, scan_in};
use crate::run::Ran;

/// The runs of a log by their category.
fn runs(ran: &Ran) -> BTreeMap<String, Value> {
    let mut log: Value = serde_json::from_str(&ran.stdout).unwrap();
    let Value::Array(all) = log["runs"].take() else { panic!("no runs") };
    let count = all.len();
    let named = |run: Value| (run["automationDetails"]["id"].as_str().unwrap().to_owned(), run);
    let runs: BTreeMap<_, _> = all.into_iter().map(named).collect();
    assert_eq!(runs.len(), count, "a category stands for one run only: two are refused");
    runs
}

fn ids(runs: &BTreeMap<String, Value>) -> Vec<&str> {
    runs.keys().map(String::as_str).collect()
}

fn result<'r>(run: &'r Value, path: &str) -> &'r Value {
    let uri = |r: &Value| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path;
    let all = run["results"].as_array().unwrap();
    all.iter().find(|r| uri(r)).unwrap_or_else(|| panic!("no result at {path}"))
}

fn region(result: &Value) -> [u64; 4] {
    let region = &result["locations"][0]["physicalLocation"]["region"];
    ["startLine", "startColumn", "endLine", "endColumn"].map(|key| region[key].as_u64().unwrap())
}

#[test]
fn a_credential_that_is_only_in_the_history_is_told_as_code_scanning_takes_it() {
    let tokens = Tokens::new(["KEPT", "GONE", "MESSAGE"]);
    let repo = Repo::new(&[]);
    // A file that stays without its credential, and one that goes.
    let kept = repo.commit("kept file.env", &tokens.file("KEPT"));
    let gone = repo.commit("conf/gone.env", &tokens.file("GONE"));
    let cleaned = repo.commit("kept file.env", "# settings\nKEY=\n# end\n");
    repo.git(&["rm", "-q", "conf/gone.env"]);
    let removed = repo.commit_all();
    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("Try {} once", tokens.value("MESSAGE"))]);
    let ran = repo.scan(&["--history", "--format", "sarif"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let both = runs(&ran);
    assert_eq!(ids(&both), ["keyward/history/", "keyward/tree/"], "a category of its own");
    let run = &both["keyward/history/"];
    assert_eq!(run["tool"]["driver"]["name"], "keyward");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let tree = runs(&repo.scan(&["--format", "sarif"]));
    assert_eq!(ids(&tree), ["keyward/tree/"]);
    let tree = &tree["keyward/tree/"];
    assert_eq!(tree["tool"]["driver"]["name"], run["tool"]["driver"]["name"]);

    // Where the file is still there, no innocent line is pointed at; where it is gone, the old line is.
    let (here, away) = (result(run, "kept%20file.env"), result(run, "conf/gone.env"));
    assert_eq!(region(here), [1, 1, 1, 2]);
    let [line, column, end_line, end_column] = region(away);
    assert_eq!((line, column, end_line), (2, 5, 2));
    assert!(end_column > column);
    for (result, path, added, removed) in
        [(here, "kept file.env", &kept, &cleaned), (away, "conf/gone.env", &gone, &removed)]
    {
        assert_eq!((&result["ruleId"], &result["kind"]), (&"KW002".into(), &"fail".into()));
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let text = result["message"]["text"].as_str().unwrap();
        let told = format!(
            "In git history only: at line 2 of {path}, added in {}, removed in {}. Deleting it from the file did not revoke it.",
            &added[..7],
            &removed[..7]
        );
        assert!(text.contains(&told), "{text}");
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        let (hash, n) = hash.split_once(':').unwrap();
        assert!(hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && n == "1", "{hash}:{n}");
        let properties = &result["properties"];
        assert_eq!(properties["keyward/introduced"]["commit"], **added);
        assert_eq!(properties["keyward/removed"]["commit"], **removed);
        assert_eq!(properties["keyward/atHead"], false);
        assert_eq!(properties["keyward/refs"], serde_json::json!({ "names": [], "count": 0 }));
        for key in ["introduced", "removed"] {
            let of = properties[format!("keyward/{key}")].as_object().unwrap();
            assert_eq!(of.keys().collect::<Vec<_>>(), ["commit", "time"]);
        }
    }
    // No author, no address, no commit message, no absolute address, no piece of a value.
    for foreign in
        ["Ada", "ada@", "Try ", "\"change\"", "snippet", "\"uri\": \"http", "\"uri\": \"file", "\"uri\": \"/"]
    {
        assert!(!ran.stdout.contains(foreign), "{foreign}");
    }
    let found = crate::canary::Canary::new(tokens.secrets()).find("SARIF", ran.stdout.as_bytes());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_in_the_tree_is_in_the_category_that_a_scan_of_the_tree_keeps() {
    let tokens = Tokens::new(["KEPT", "GONE", "BACK"]);
    let repo = Repo::new(&[]);
    repo.commit("kept.env", &tokens.file("KEPT"));
    repo.commit("gone.env", &tokens.file("GONE"));
    repo.commit("back.env", &tokens.file("BACK"));
    for text in ["# nothing\n".to_owned(), tokens.file("BACK")] {
        repo.git(&["rm", "-q", "gone.env", "--ignore-unmatch"]);
        repo.commit("back.env", &text);
    }
    let told = |run: &Value| -> Vec<(String, String, Value)> {
        let of = |r: &Value| {
            let place = &r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            (text(&r["ruleId"]), text(place), r["partialFingerprints"].clone())
        };
        run["results"].as_array().unwrap().iter().map(of).collect()
    };
    let tree = runs(&repo.scan(&["--format", "sarif"]));
    let both = runs(&repo.scan(&["--history", "--format", "sarif"]));
    // Neither upload closes or re-opens what the other one has: the same alerts with the same identity.
    assert_eq!(told(&both["keyward/tree/"]), told(&tree["keyward/tree/"]));
    assert_eq!(told(&both["keyward/tree/"]).len(), 2);
    let back: Vec<(String, String)> =
        told(&both["keyward/history/"]).into_iter().map(|(rule, path, _)| (rule, path)).collect();
    let expected = [("KW002", "gone.env"), ("KW507", "back.env")];
    assert_eq!(back, expected.map(|(rule, path)| (rule.to_owned(), path.to_owned())));
    // Of a part of the tree nothing can be closed; a bare repository has no tree.
    std::fs::create_dir(repo.top.join("part")).unwrap();
    repo.write("part/a.txt", "nothing\n");
    let part = runs(&repo.scan(&["part", "--history", "--format", "sarif"]));
    assert_eq!(ids(&part), ["keyward/diff/", "keyward/history/"]);
    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", &bare.to_string_lossy()]);
    assert_eq!(ids(&runs(&scan_in(&bare, &["--history", "--format", "sarif"]))), ["keyward/history/"]);
}

#[test]
fn a_shallow_clone_says_that_its_history_is_incomplete() {
    let tokens = Tokens::new(["KEY", "OLD"]);
    let repo = Repo::new(&[]);
    repo.commit("old.env", &tokens.file("OLD"));
    repo.git(&["rm", "-q", "old.env"]);
    repo.commit_all();
    repo.commit("app.txt", "# nothing\n");
    let clone = repo.beside("clone");
    let url = format!("file://{}", repo.top.display());
    repo.git(&["clone", "-q", "--depth=1", &url, &clone.to_string_lossy()]);
    let ran = scan_in(&clone, &["--history", "--format", "sarif"]);
    assert_eq!(ran.code, 3, "nothing was found, and nothing can be concluded: {}", ran.stderr);
    let runs = runs(&ran);
    let run = &runs["keyward/history/"];
    assert_eq!(
        (&run["results"], &run["invocations"][0]["executionSuccessful"]),
        (&serde_json::json!([]), &true.into())
    );
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(notes.iter().any(|n| n["descriptor"]["id"] == "history-incomplete"), "{notes:?}");
}
