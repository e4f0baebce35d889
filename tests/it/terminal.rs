//! What people read in a terminal: 80 columns, wide characters, no colours where none are wanted, names of
//! Windows, and errors that say what to do next.

use std::fs;
use std::path::Path;

use keyward::Sample;

use crate::run::{command, git, keyward};

fn key() -> String {
    Sample::parse("A = \"sk_live_51{base62:97}\"").unwrap().value("A").unwrap().to_owned()
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let name = |line: &str| {
        line.strip_prefix("  ").filter(|l| !l.starts_with(' ')).and_then(|l| l.split(' ').next()).map(str::to_owned)
    };
    list.lines().filter_map(name).filter(|name| name != "help").collect()
}

#[test]
fn every_help_fits_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let ran = keyward(folder.path(), &args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line}");
        }
        open.extend(commands(&ran.stdout).into_iter().map(|name| path.iter().cloned().chain([name]).collect()));
        seen += 1;
    }
    assert!(seen > 25, "{seen} helps");
}

#[test]
fn explanations_fit_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.env"), format!("STRIPE_KEY={}\n", key())).unwrap();
    let checks: Vec<String> = keyward::checks::all().iter().map(|c| c.id.to_string()).collect();
    let mut commands: Vec<Vec<&str>> = checks.iter().map(|id| vec!["explain", id]).collect();
    commands.push(vec!["explain", "app.env:1"]);
    commands.push(vec!["rules", "explain", "aws-secret-access-key"]);
    commands.push(vec!["rules", "explain", "slack-signing-secret"]);
    for args in commands {
        let ran = keyward(folder.path(), &args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        // What is to be copied is not broken: expressions, addresses, examples.
        let whole = |l: &str| l.starts_with("pattern ") || l.starts_with("see ") || l.starts_with("    ");
        for line in ran.stdout.lines().filter(|l| !whole(l)) {
            assert!(line.chars().count() <= 80, "{args:?}: {line}");
        }
    }
}

/// Columns of the characters of these tests.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{9fff}').contains(&c) || c >= '\u{1f300}' { 2 } else { 1 }).sum()
}

#[test]
fn wide_names_and_lines_keep_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let name = "\u{8a2d}\u{5b9a}/\u{672c}\u{756a}/\u{5bc6}\u{94a5}\u{1f511}.env";
    fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
    fs::write(folder.path().join(name), format!("\u{9375}\u{1f511} = '{}'\n", key())).unwrap();
    let ran = keyward(folder.path(), &["scan"]);
    assert!(ran.stdout.contains(&format!("--> {name}:1:8")), "{}", ran.stdout);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let at = lines.iter().position(|l| l.contains("sk_live_*")).unwrap();
    let before = |line: &str, mark: &str| columns(line.split(mark).next().unwrap());
    assert_eq!(before(lines[at], "sk_live_"), before(lines[at + 1], "^"), "{}", ran.stdout);
    for line in lines.iter().filter(|l| !l.contains("-->")) {
        assert!(columns(line) <= 80, "{line}");
    }
    let sarif = keyward(folder.path(), &["scan", "--format", "sarif"]).stdout;
    let log: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let uri = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "%E8%A8%AD%E5%AE%9A/%E6%9C%AC%E7%95%AA/%E5%AF%86%E9%92%A5%F0%9F%94%91.env");
}

#[test]
fn the_reports_of_the_demo_fit_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    let ran = keyward(folder.path(), &["demo", "--into", "sample"]);
    let brief = keyward(folder.path(), &["scan", "sample/orders", "--format", "brief"]);
    for line in ran.stdout.lines().chain(brief.stdout.lines()) {
        let unbreakable = line.contains("-->")
            || line.contains("keyward scan orders")
            || line.starts_with("  ") && line.contains('/');
        assert!(columns(line) <= 80 || unbreakable, "{line}");
    }
}

#[test]
fn verbose_names_what_is_otherwise_counted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    fs::write(folder.path().join("b.bin"), "x\n").unwrap();
    fs::write(folder.path().join("keyward.toml"), "exclude = [\"*.bin\"]\n").unwrap();
    let short = keyward(folder.path(), &["scan"]).stdout;
    let long = keyward(folder.path(), &["scan", "--verbose"]).stdout;
    assert!(short.contains(" more") && !short.contains("b.bin"), "{short}");
    assert!(!long.contains(" more") && long.contains("b.bin") && long.contains("KW908"), "{long}");
    assert_eq!(short.lines().last(), long.lines().last());
    let quiet = keyward(folder.path(), &["scan", "--quiet"]);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (short, ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_has_colours_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    // The one tool of Debian that gives a program a terminal.
    let on_a_terminal = |variable: Option<(&str, &str)>| {
        let program = command(folder.path()).get_program().to_owned();
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &format!("'{}' scan", Path::new(&program).display()), "/dev/null"]);
        script.current_dir(folder.path()).env_remove("NO_COLOR").env("TERM", "xterm").envs(variable);
        script.stdin(std::process::Stdio::null());
        String::from_utf8_lossy(&script.output().expect("script(1) of util-linux runs").stdout).into_owned()
    };
    assert!(on_a_terminal(None).contains("\u{1b}[2mScanned"));
    let plain = on_a_terminal(Some(("NO_COLOR", "1")));
    assert!(plain.contains("Scanned ") && !plain.contains('\u{1b}'), "{plain:?}");
}

#[test]
fn folders_of_windows_in_a_glob_are_an_error_and_not_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "nothing\n").unwrap();
    for glob in [r"src\gen\**", r"config\", r"C:\work\a.env"] {
        fs::write(folder.path().join("keyward.toml"), format!("exclude = ['{glob}']\n")).unwrap();
        let ran = keyward(folder.path(), &["scan"]);
        assert_eq!(ran.code, 2, "{glob}: {}", ran.stdout);
        assert!(
            ran.stderr.contains("keyward.toml:1:12: exclude: expected a glob, with `/` between folders"),
            "{}",
            ran.stderr
        );
    }
    // What the backslash is for.
    fs::write(folder.path().join("keyward.toml"), "exclude = ['a\\[1\\].txt']\n").unwrap();
    assert_eq!(keyward(folder.path(), &["scan"]).code, 0);
}

#[test]
#[cfg(unix)]
fn a_backslash_in_a_name_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(r"src\win.env"), format!("K={}\n", key())).unwrap();
    let sarif = keyward(folder.path(), &["scan", "--format", "sarif"]).stdout;
    assert!(sarif.contains("\"src%5Cwin.env\""), "{sarif}");
}

#[test]
fn errors_say_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    fs::write(top.join("a.txt"), "nothing\n").unwrap();
    fs::write(top.join("short.key"), "abc").unwrap();
    git(top, 1, &["init", "-q"]);
    git(top, 1, &["add", "."]);
    git(top, 1, &["commit", "-q", "-m", "first"]);
    for (args, words) in [
        (&["scan", "nowhere"][..], "nowhere: no such file or folder"),
        (&["scan", "--inventory", "no.csv"], "`keyward inventory template` starts one"),
        (&["scan", "--config", "no.toml"], "`keyward init` writes"),
        (&["scan", "--baseline", "no.baseline"], "`keyward baseline write` makes one"),
        (&["scan", "--fail-on", "new"], "`keyward baseline write` makes one"),
        (&["scan", "--range", "nowhere..HEAD"], "`nowhere` names no commit of this repository; `git fetch` it"),
        (&["scan", "--range", "HEAD"], "as in main..HEAD"),
        (&["scan", "--trust-from", "nowhere"], "--trust-from"),
        (&["scan", "--format", "xml"], "expected one of text, "),
        (&["scan", "--output", "sarif"], "as in sarif=keyward.sarif"),
        (&["scan", "--as-of", "soon"], "as in 2026-11-22"),
        (&["scan", "--pepper-file", "short.key"], "`openssl rand -hex 32` makes some"),
        (&["assess", "no.jsonl"], "`keyward observe --output jsonl=no.jsonl`"),
        (&["diff", "old.json", "new.json"], "`keyward scan --format json > old.json`"),
        (&["rules", "explain", "nope"], "`keyward rules list"),
        (&["explain", "KW999"], "expected a check such as KW101"),
        (&["scna"], "a similar subcommand exists: 'scan'"),
    ] {
        let ran = keyward(top, args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stdout);
        assert!(ran.stderr.contains(words), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("os error") && ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
    }
}
