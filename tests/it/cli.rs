//! The command line: exit codes, help, errors.

use std::fs;

use crate::run::{keyward, with_input};

#[test]
fn an_empty_folder_is_a_gap_and_never_a_clean_bill() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["scan"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("no document"), "{}", ran.stdout);
}

#[test]
fn a_clean_folder_is_0_and_says_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing here\n").unwrap();
    let ran = keyward(folder.path(), &["scan"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 file"), "{}", ran.stdout);
}

#[test]
fn a_path_that_is_not_there_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["scan", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("keyward: nowhere: "), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
}

#[test]
fn history_without_a_repository_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "x\n").unwrap();
    let ran = keyward(folder.path(), &["scan", "--history"]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("in no git repository"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let ran = with_input(folder.path(), &["scan", "--stdin", "--stdin-name", "app.env"], b"PORT=80\n");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn built_in_rules_pass_their_own_check() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["rules", "check"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_demo_scans_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in ["KW101", "KW501", "acme-orders", "SARIF", "keyward scan --history"] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    assert!(folder.path().join("sample/keyward.sarif").is_file());
    assert_eq!(keyward(folder.path(), &["demo", "--into", "sample"]).code, 2, "a folder that is not empty");
}

#[test]
fn a_line_is_explained_and_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let value = keyward::template::expand("sk_live_51{base62:97}", 5, None).unwrap();
    fs::write(folder.path().join("a.env"), format!("A=1\nSTRIPE_KEY={value}\nDB_PASSWORD=changeme1\n")).unwrap();
    let ran = keyward(folder.path(), &["explain", "a.env:2"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("stripe-secret-key") && ran.stdout.contains("the literal `sk_live_"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(&value[20..28]), "{}", ran.stdout);
    let near = keyward(folder.path(), &["explain", "a.env:3"]);
    assert!(near.stdout.contains("not reported") && near.stdout.contains("placeholder"), "{}", near.stdout);
    assert!(keyward(folder.path(), &["explain", "a.env:1"]).stdout.contains("nothing here looks like a credential"));
    let report = keyward(folder.path(), &["scan", ".", "--format", "json"]).stdout;
    fs::write(folder.path().join("report.json"), &report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let key = report["findings"][0]["key"].as_str().unwrap();
    let told = keyward(folder.path(), &["explain", &key[..10], "--report", "report.json"]);
    assert!(told.stdout.starts_with("KW001 ") && told.stdout.contains("reported as"), "{}{}", told.stdout, told.stderr);
    assert_eq!(keyward(folder.path(), &["explain", "nonsense"]).code, 2);
    assert_eq!(keyward(folder.path(), &["explain", "ffffffff", "--report", "report.json"]).code, 2);
}

#[test]
fn a_foreign_configuration_becomes_rules_that_find() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[extend]\nuseDefault = true\n[[rules]]\nid = \"shop-key\"\ndescription = \"Shop key\"\n\
                  regex = '''\\b(shopkey_[a-z0-9]{24})\\b'''\nkeywords = [\"shopkey_\"]\n[allowlist]\npaths = ['''(^|/)vendor/''']\n";
    fs::write(folder.path().join(".gitleaks.toml"), config).unwrap();
    let ran = keyward(folder.path(), &["migrate", ".gitleaks.toml", "--into", "new"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("+ rule shop-key") && ran.stdout.contains("wrote new"), "{}", ran.stdout);
    let value = keyward::template::expand("shopkey_{base36:24}", 5, None).unwrap();
    for path in ["new/src", "new/vendor"] {
        fs::create_dir_all(folder.path().join(path)).unwrap();
        fs::write(folder.path().join(path).join("a.txt"), format!("use {value} here\n")).unwrap();
    }
    let ran = keyward(&folder.path().join("new"), &["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e} {}", ran.stderr));
    let found: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|f| f["facts"]["rule"] == "shop-key").collect();
    assert_eq!(found.len(), 1, "{}", ran.stdout);
    assert_eq!(found[0]["primary"]["path"], "src/a.txt");
    assert_eq!(
        keyward(folder.path(), &["migrate", ".gitleaks.toml", "--into", "new"]).code,
        2,
        "nothing is written over"
    );
    fs::write(folder.path().join("x.toml"), "a = 1\n").unwrap();
    assert_eq!(keyward(folder.path(), &["migrate", "x.toml", "--into", "other"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page_and_no_page_names_another_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["man", "--into", "man1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let pages: Vec<String> = fs::read_dir(folder.path().join("man1"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(pages.len() > 25, "{pages:?}");
    for page in &pages {
        let text = fs::read_to_string(folder.path().join("man1").join(page)).unwrap().replace('\\', "");
        for named in text.split_whitespace().filter_map(|word| word.strip_suffix("(1)")) {
            assert!(pages.contains(&format!("{named}.1")), "{page} names {named}");
        }
    }
    let one = keyward(folder.path(), &["man", "baseline", "write"]).stdout;
    assert_eq!(one, fs::read_to_string(folder.path().join("man1/keyward-baseline-write.1")).unwrap());
    let none = keyward(folder.path(), &["man", "sacn"]);
    assert!(none.code == 2 && none.stderr.contains("no command `sacn`"), "{}", none.stderr);
}

#[test]
fn completions_complete() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        let ran = keyward(folder.path(), &["completions", shell]);
        assert!(ran.code == 0 && ran.stdout.contains("baseline"), "{shell}");
    }
    fs::write(folder.path().join("keyward.bash"), keyward(folder.path(), &["completions", "bash"]).stdout).unwrap();
    // A real shell, which asks as it does when somebody presses the tabulator.
    let script = "source keyward.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
                  _keyward \"$1\" \"${@: -1}\" \"${@: -2:1}\"; echo \"${COMPREPLY[@]}\"";
    let completed = |words: &[&str]| {
        let mut bash = std::process::Command::new("bash");
        let ran =
            bash.args(["--norc", "-c", script, "bash", "keyward"]).args(words).current_dir(folder.path()).output();
        String::from_utf8(ran.unwrap().stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed(&["base"]), "baseline");
    assert_eq!(completed(&["baseline", "w"]), "write");
    assert_eq!(completed(&["scan", "--fail-on", "wa"]), "warning");
}
