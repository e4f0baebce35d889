//! The picture of ARCHITECTURE.md, held to the code: imports run strictly downward, foreign crates
//! stay behind their fences, files stay within their budget.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::run::{files, home};

/// Rooms from the top down; a room may import only from rooms below it. Rooms on one line are
/// siblings and do not import each other.
pub(crate) const LAYERS: &[&[&str]] = &[
    &["pipeline", "config"],
    &["report"],
    &["govern"],
    &["inventory", "observe"],
    &["history"],
    &["detect"],
    &["source"],
    &["secret", "position", "word"],
];

/// Crates and where they may be named.
pub(crate) const FENCES: &[(&str, &[&str])] = &[
    ("ignore::", &["source/worktree.rs"]),
    ("gix::", &["source/git/", "source/staged.rs", "history/", "pipeline/"]),
    ("regex::", &["detect/", "govern/policy/", "config"]),
    ("aho_corasick::", &["detect/"]),
    ("daachorse::", &["detect/"]),
    ("serde_sarif::", &["report/sarif"]),
    ("clap::", &["bin/"]),
    ("clap_complete::", &["bin/"]),
    ("csv::", &["inventory/import/", "report/", "govern/roster"]),
    ("serde_saphyr::", &["inventory/import/"]),
    ("zeroize::", &["secret.rs"]),
    ("zip::", &["source/archive.rs"]),
    ("tar::", &["source/archive.rs"]),
    ("unicode_width::", &["report/terminal.rs"]),
];

/// Lines of a file; more is a question whether it is still one thing.
const MOST_LINES: usize = 600;

fn sources() -> BTreeMap<String, String> {
    let root = home().join("src");
    files(&root)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .map(|p| (p.to_string_lossy().replace('\\', "/"), fs::read_to_string(root.join(&p)).unwrap()))
        .collect()
}

/// Code without comments, and without the tests at the end of a file.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    text.lines().map(|l| l.split("//").next().unwrap_or(l)).collect::<Vec<_>>().join("\n")
}

fn room(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("/testing.rs")
        || path.ends_with("/bench.rs")
        || path.ends_with("/trial.rs")
}

#[test]
fn imports_run_strictly_downward() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(own) = layer(room(&path)) else { continue };
        if is_test(&path) {
            continue;
        }
        let text = code(&text);
        for (at, _) in text.match_indices("crate::") {
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let name: String = text[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name == room(&path) {
                continue;
            }
            match layer(&name) {
                Some(other) if other > own => {}
                Some(_) => wrong.push(format!("src/{path} imports crate::{name}, which is not below it")),
                None => {}
            }
        }
        assert!(
            !text.contains("super::super::super::super"),
            "src/{path}: name the room instead of counting its parents"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_stay_behind_their_fences() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let text = code(&text);
        for (name, allowed) in FENCES {
            let used = text
                .match_indices(name)
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if used && !allowed.iter().any(|a| path.starts_with(a)) {
                wrong.push(format!("src/{path} names {name}, which belongs to {}", allowed.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_detection_borrows_a_secret() {
    for (path, text) in sources() {
        let borrows = code(&text).contains(".expose()");
        assert!(!borrows || path == "secret.rs" || path.starts_with("detect/"), "src/{path} borrows a secret's bytes");
    }
}

#[test]
fn unsafe_code_is_in_one_module() {
    for (path, text) in sources() {
        let holds = code(&text).contains("unsafe ");
        assert!(!holds || path.starts_with("detect/candidate/simd/"), "src/{path} holds unsafe code");
    }
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, n)| *n > MOST_LINES)
        .map(|(path, n)| format!("src/{path}: {n} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
    let vague = ["utils", "common", "helpers", "misc"];
    for path in files(&home().join("src")) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!vague.contains(&stem.as_str()), "{}: name what is in it", path.display());
    }
}

#[test]
fn the_project_speaks_of_itself_alone() {
    for path in files(&home()) {
        let text = path.to_string_lossy().replace('\\', "/");
        if text.starts_with("target/")
            || text.starts_with(".git/")
            || Path::new(&text).extension().is_none_or(|e| e == "lock")
        {
            continue;
        }
        let Ok(content) = fs::read_to_string(home().join(&path)) else { continue };
        for word in ["/work/", "../shared", "/root/."] {
            assert!(!content.contains(word) || text == "tests/it/layers.rs", "{text} names {word}");
        }
    }
}

/// The crate of the registry and the image are built from less than the repository; texts that the sources take
/// from elsewhere are in both.
#[test]
fn what_the_build_reads_is_in_the_package_and_in_the_image() {
    let read = |name: &str| fs::read_to_string(home().join(name)).unwrap();
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let package: Vec<String> = manifest["package"]["include"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_str().unwrap().trim_matches('/').trim_end_matches("/**").to_owned())
        .collect();
    let image: Vec<String> =
        read(".dockerignore").lines().filter_map(|l| l.strip_prefix('!')).map(str::to_owned).collect();
    let mut seen = 0;
    for (path, text) in sources() {
        for part in text.split("include_str!(\"").skip(1) {
            let mut place: Vec<&str> = path.split('/').collect();
            place.insert(0, "src");
            place.pop();
            for step in part.split('"').next().unwrap().split('/') {
                if step == ".." {
                    place.pop();
                } else {
                    place.push(step);
                }
            }
            let place = place.join("/");
            assert!(home().join(&place).exists(), "{path}: {place}");
            for (list, name) in [(&package, "Cargo.toml"), (&image, ".dockerignore")] {
                let held = list.iter().any(|one| place == *one || place.starts_with(&format!("{one}/")));
                assert!(held, "{name} leaves out {place}, which {path} includes");
            }
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen}");
}
