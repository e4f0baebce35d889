//! Every command of the pages is run, in the order of its page, by the built binary: beside a checkout
//! stands a repository of the reader's own, with a credential in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward::Sample;

use crate::pages::{blocks, pages, read};
use crate::run::{git, home};

/// What cannot be run inside of a test, because it is what runs the tests or builds the program: where it is run instead, and by
/// which words there.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("cargo install --path . --locked", "tests/newcomer", "/README.md"),
    ("cargo build", "tests/validators/check", "cargo build"),
    ("cargo test", "tests/run", "cargo test"),
    ("KEYWARD_BLESS=1 cargo test", "tests/run", "cargo test"),
    ("tests/run", ".ci/run", "tests/run"),
    ("tests/newcomer", "tests/run", "tests/newcomer"),
    ("tests/differential", "tests/validators/check", "tests/differential"),
    ("tests/reproducible", ".github/workflows/ci.yml", "tests/reproducible"),
    (".ci/run", ".github/workflows/ci.yml", ".ci/run"),
    ("pre-commit install", "tests/validators/pre-commit", "pre-commit install"),
    ("pre-commit try-repo", "tests/validators/pre-commit", "pre-commit try-repo"),
];

/// What a reader has.
struct Desk {
    folder: tempfile::TempDir,
    path: std::ffi::OsString,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let sample = Sample::parse("A = \"sk_live_51{base62:97}\"").unwrap();
        write("keyward/README.md", "a checkout of keyward\n");
        // Examples of rules that pages tell to add.
        let rule = blocks(&read("CONTRIBUTING.md"), &["toml"]).remove(0);
        write(
            "keyward/our-partner.toml",
            &format!("provider = \"acme\"\nname = \"Acme\"\nclass = \"other\"\n\n{rule}"),
        );
        write("your-repository/README.md", "# Orders\n");
        // Another scanner was here before.
        let theirs = "[[rules]]\nid = \"acme-key\"\nregex = '''acme_[0-9a-z]{32}'''\n";
        write("your-repository/.gitleaks.toml", theirs);
        write("your-repository/.gitleaksignore", "src/prod.env:acme-key:1\n");
        write("your-repository/src/prod.env", &format!("STRIPE_KEY={}\n", sample.value("A").unwrap()));
        write("your-repository/.github/CODEOWNERS", "* @acme/orders\n");
        // What another scanner left there.
        write("your-repository/.gitleaks.toml", "[allowlist]\npaths = ['(^|/)vendor/']\n");
        write("your-repository/.gitleaksignore", "src/old.env:generic-api-key:3\n");
        write("value.txt", sample.value("A").unwrap());
        let apigee = fs::read_to_string(home().join("fixtures/inventories/apigee.json")).unwrap();
        write("apigee-apps.json", &apigee);
        let partners = fs::read_to_string(home().join("fixtures/inventories/keyward-partners.csv")).unwrap();
        write("partners.csv", &partners);
        for (day, name) in [(1, "keyward"), (1, "your-repository")] {
            let repository = folder.path().join(name);
            git(&repository, day, &["init", "-q"]);
            git(&repository, day, &["add", "."]);
            git(&repository, day, &["commit", "-q", "-m", "first"]);
        }
        // What stands beside the code, where pages name no folder.
        for name in ["value.txt", "apigee-apps.json", "partners.csv"] {
            fs::copy(folder.path().join(name), folder.path().join("your-repository").join(name)).unwrap();
        }
        fs::create_dir_all(folder.path().join("srv/git")).unwrap();
        git(&folder.path().join("srv/git"), 1, &["init", "-q", "--bare", "orders.git"]);
        write(".gitconfig", "[user]\n  name = Ada\n  email = ada@acme.example\n");
        let own = Path::new(env!("CARGO_BIN_EXE_keyward")).parent().unwrap().to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(own).chain(std::env::split_paths(&others));
        Self { path: std::env::join_paths(path).unwrap(), folder }
    }

    /// Runs a line in `folder`; the folder afterwards, the exit code, and what was printed.
    fn run(&self, folder: &Path, line: &str) -> (PathBuf, i32, String) {
        let top = self.folder.path();
        let line = line.replace("/srv/", &format!("{}/srv/", top.display()));
        // `cargo run --` is how a contributor starts the program.
        let line = line.replace("cargo run -- ", "keyward ");
        let output = Command::new("bash")
            .args(["-c", &format!("{line}\ncode=$?\npwd > \"$HOME/place\"\nexit $code")])
            .current_dir(folder)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", top)
            .env("TMPDIR", top)
            .output()
            .unwrap();
        let place = fs::read_to_string(top.join("place")).unwrap_or_default();
        let said = [output.stdout, output.stderr].concat();
        (PathBuf::from(place.trim()), output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }
}

#[test]
fn every_command_of_every_page_runs() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for page in pages() {
        let lines: Vec<String> = blocks(&read(&page), &["sh"])
            .iter()
            .flat_map(|b| b.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if lines.is_empty() {
            continue;
        }
        let desk = Desk::new();
        let from_the_checkout = ["README.md", "CONTRIBUTING.md", "docs/getting-started.md"].contains(&page.as_str());
        let mut place = desk.folder.path().join(if from_the_checkout { "keyward" } else { "your-repository" });
        for line in lines {
            let (command, comment) = line.split_once(" #").unwrap_or((&line, ""));
            // What is after the installation is run here as well.
            let command = command.trim();
            let command = command.strip_prefix("cargo install --path . --locked && ").unwrap_or(command);
            if command.is_empty() || ELSEWHERE.iter().any(|(start, ..)| command.starts_with(start)) {
                continue;
            }
            let (after, code, said) = desk.run(&place, command);
            // A verdict is 0 or 1, where the page does not say which.
            let told = comment.split("exits with ").nth(1).and_then(|rest| rest.get(..1)?.parse().ok());
            let verdict = ["keyward scan", "keyward diff", "keyward assess"].iter().any(|c| command.starts_with(c));
            let right = told.map_or(code == 0 || (verdict && code == 1), |told: i32| code == told);
            if !right || said.contains("panicked") {
                wrong.push(format!("{page}: {command}: {code}\n{said}"));
            }
            place = after;
            run += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run > 50, "{run} commands");
}

#[test]
fn what_is_not_run_here_is_run_elsewhere() {
    let read = |file: &str| fs::read_to_string(home().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    for (command, file, words) in ELSEWHERE {
        assert!(read(file).contains(words), "`{command}`: {file} has no {words}");
    }
    // Tests that pages name.
    let main = read("tests/it/main.rs");
    for page in pages() {
        let text = self::read(&page);
        for line in text.lines().filter(|l| l.contains("cargo test --test it ")) {
            let name = line.split("cargo test --test it ").nth(1).unwrap().split([' ', '`']).next().unwrap();
            assert!(main.contains(&format!("mod {name};")), "{page}: no tests {name}");
        }
    }
}
