//! Git's own hooks as `keyward hook` writes them, with real git: commits and pushes that are stopped,
//! hooks that were there before, and every place where git looks for hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::repository::Repository;
use crate::run::{Ran, git, home, keyward};

/// A repository with one commit; git is run as its users run it, hooks included.
struct Repo {
    repository: Repository,
    key: String,
}

impl std::ops::Deref for Repo {
    type Target = Repository;

    fn deref(&self) -> &Repository {
        &self.repository
    }
}

impl Repo {
    fn new() -> Self {
        let repository = Repository::new("work", "A = \"sk_live_51{base62:97}\"");
        git(&repository.top, 1, &["commit", "-q", "--allow-empty", "-m", "first"]);
        Self { key: repository.value("A").to_owned(), repository }
    }

    fn leak(&self, path: &str) {
        self.write(path, &format!("STRIPE_KEY={}\n", self.key));
    }

    fn hook(&self, args: &[&str]) -> Ran {
        let mut all = vec!["hook"];
        all.extend(args);
        keyward(&self.top, &all)
    }

    fn installed(&self, args: &[&str]) {
        let mut all = vec!["install"];
        all.extend(args);
        let ran = self.hook(&all);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }

    /// A file of the folder of hooks.
    fn file(&self, name: &str) -> PathBuf {
        self.top.join(".git/hooks").join(name)
    }

    fn earlier(&self, name: &str, script: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        executable(&file);
    }
}

/// Git in `folder` with hooks; no keyward in its search path but the one that the hook names.
fn with_hooks(folder: &Path, args: &[&str]) -> Output {
    Command::new("git")
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@acme.example")
        .env("GIT_COMMITTER_NAME", "Ada")
        .env("GIT_COMMITTER_EMAIL", "ada@acme.example")
        .output()
        .unwrap()
}

fn passes(folder: &Path, args: &[&str]) {
    let output = with_hooks(folder, args);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What the committer saw.
fn stopped(folder: &Path, args: &[&str]) -> String {
    let output = with_hooks(folder, args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "git {args:?} passed: {text}");
    text
}

fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_commit_with_a_credential_is_stopped_on_one_screen() {
    let repo = Repo::new();
    repo.installed(&[]);
    repo.write("a.txt", "nothing\n");
    passes(&repo.top, &["add", "."]);
    passes(&repo.top, &["commit", "-q", "-m", "clean"]);
    repo.leak("deploy/app.env");
    passes(&repo.top, &["add", "."]);
    let seen = stopped(&repo.top, &["commit", "-q", "-m", "leak"]);
    for part in ["deploy/app.env:1", "Stripe secret key", "KW001", "vault", "inventory", "exception", "Rotate key"] {
        assert!(seen.contains(part), "{part} is not in\n{seen}");
    }
    assert!(seen.lines().count() <= 18 && seen.lines().all(|l| l.chars().count() <= 80), "{seen}");
    assert!(!repo.key.as_bytes()[8..].windows(8).any(|w| seen.as_bytes().windows(8).any(|v| v == w)), "{seen}");
    // Taken back, the commit passes.
    fs::remove_file(repo.top.join("deploy/app.env")).unwrap();
    passes(&repo.top, &["add", "."]);
    passes(&repo.top, &["commit", "-q", "--allow-empty", "-m", "clean again"]);
}

#[test]
fn what_is_committed_counts_however_it_is_committed() {
    let repo = Repo::new();
    repo.installed(&["pre-commit"]);
    repo.write("a.txt", "one\n");
    repo.write("b.txt", "one\n");
    passes(&repo.top, &["add", "."]);
    passes(&repo.top, &["commit", "-q", "-m", "two files"]);
    repo.leak("a.txt");
    // Another file alone: git makes an index for it.
    repo.write("b.txt", "two\n");
    passes(&repo.top, &["commit", "-q", "-m", "b alone", "b.txt"]);
    assert!(stopped(&repo.top, &["commit", "-q", "-m", "a alone", "a.txt"]).contains("a.txt:1"));
    assert!(stopped(&repo.top, &["commit", "-q", "-a", "-m", "all"]).contains("a.txt:1"));
    // Staged clean, dirty on disk.
    repo.write("a.txt", "two\n");
    passes(&repo.top, &["add", "a.txt"]);
    repo.leak("a.txt");
    passes(&repo.top, &["commit", "-q", "-m", "the staged half"]);
}

#[test]
fn moving_what_is_known_passes() {
    let repo = Repo::new();
    repo.leak("old.env");
    git(&repo.top, 1, &["add", "."]);
    git(&repo.top, 1, &["commit", "-q", "-m", "before keyward"]);
    repo.installed(&[]);
    passes(&repo.top, &["mv", "old.env", "new.env"]);
    passes(&repo.top, &["commit", "-q", "-m", "moved"]);
    repo.write("new.env", &format!("# why\nSTRIPE_KEY={}\n", repo.key));
    passes(&repo.top, &["mv", "new.env", "newer.env"]);
    passes(&repo.top, &["commit", "-q", "-a", "-m", "moved and edited"]);
    fs::copy(repo.top.join("newer.env"), repo.top.join("copy.env")).unwrap();
    passes(&repo.top, &["add", "."]);
    assert!(stopped(&repo.top, &["commit", "-q", "-m", "copied"]).contains("copy.env"));
}

#[test]
fn a_submodule_that_moves_on_stops_nothing() {
    let inner = Repo::new();
    let repo = Repo::new();
    repo.installed(&[]);
    let from = inner.top.to_str().unwrap();
    passes(&repo.top, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "inner"]);
    passes(&repo.top, &["commit", "-q", "-m", "with a submodule"]);
}

#[test]
fn what_the_configuration_leaves_out_is_left_out_of_a_commit() {
    let repo = Repo::new();
    repo.write("keyward.toml", "exclude = [\"samples/**\"]\n");
    repo.installed(&[]);
    repo.leak("samples/app.env");
    passes(&repo.top, &["add", "."]);
    passes(&repo.top, &["commit", "-q", "-m", "samples"]);
}

#[test]
fn the_hook_that_was_there_runs_first_and_comes_back() {
    let repo = Repo::new();
    repo.earlier("pre-commit", "echo earlier >> ran\n[ ! -e refuse ]");
    let before = fs::read(repo.file("pre-commit")).unwrap();
    repo.installed(&[]);
    repo.installed(&[]);
    assert!(repo.file("pre-commit.before-keyward").exists());
    passes(&repo.top, &["commit", "-q", "--allow-empty", "-m", "both"]);
    assert_eq!(fs::read_to_string(repo.top.join("ran")).unwrap(), "earlier\n");
    repo.write("refuse", "");
    stopped(&repo.top, &["commit", "-q", "--allow-empty", "-m", "the earlier one says no"]);
    let ran = repo.hook(&["uninstall"]);
    assert!(ran.code == 0 && ran.stdout.contains("is back"), "{}", ran.stdout);
    assert_eq!(fs::read(repo.file("pre-commit")).unwrap(), before);
    let left: Vec<_> = fs::read_dir(repo.top.join(".git/hooks"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".sample") && name != "pre-commit")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(repo.hook(&["uninstall"]).code, 0, "nothing to remove is no error");
    assert_eq!(fs::read(repo.file("pre-commit")).unwrap(), before, "somebody else's hook stays");
}

#[test]
fn what_somebody_added_to_a_hook_is_not_lost() {
    let repo = Repo::new();
    repo.installed(&["pre-commit", "--", "--fail-on", "warning"]);
    let added = format!("{}echo and more >&2\n", fs::read_to_string(repo.file("pre-commit")).unwrap());
    fs::write(repo.file("pre-commit"), &added).unwrap();
    for words in [&["uninstall"][..], &["install"]] {
        let ran = repo.hook(words);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(
            ran.stderr.contains("lines were added") && ran.stderr.contains("pre-commit.before-keyward"),
            "{}",
            ran.stderr
        );
        assert_eq!(fs::read_to_string(repo.file("pre-commit")).unwrap(), added);
    }
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_does_not_run_is_kept_and_told_so() {
    let repo = Repo::new();
    repo.write(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    let ran = repo.hook(&["install"]);
    assert!(ran.code == 0 && ran.stdout.contains("is kept; it is not executable"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("runs first"), "{}", ran.stdout);
    repo.hook(&["uninstall"]);
    assert_eq!(fs::read_to_string(repo.file("pre-push")).unwrap(), "#!/bin/sh\nexit 1\n");
}

#[test]
fn a_push_is_told_to_both_hooks() {
    let repo = Repo::new();
    let remote = repo.top.with_file_name("remote.git");
    git(&repo.top, 1, &["init", "-q", "--bare", remote.to_str().unwrap()]);
    git(&repo.top, 1, &["remote", "add", "origin", remote.to_str().unwrap()]);
    repo.earlier("pre-push", "echo \"$1\" > told\ncat >> told");
    repo.installed(&[]);
    passes(&repo.top, &["push", "-q", "origin", "main"]);
    let told = fs::read_to_string(repo.top.join("told")).unwrap();
    assert!(told.starts_with("origin\nrefs/heads/main ") && told.lines().count() == 2, "{told}");
    // Nothing to push: no lines for either.
    passes(&repo.top, &["push", "-q", "origin", "main"]);
    // A new branch that is not checked out.
    git(&repo.top, 2, &["checkout", "-q", "-b", "feature"]);
    repo.leak("app.env");
    git(&repo.top, 2, &["add", "."]);
    git(&repo.top, 2, &["commit", "-q", "--no-verify", "-m", "leak"]);
    git(&repo.top, 2, &["checkout", "-q", "main"]);
    let seen = stopped(&repo.top, &["push", "-q", "origin", "feature"]);
    assert!(seen.contains("about to be pushed") && seen.contains("app.env:1"), "{seen}");
    passes(&repo.top, &["push", "-q", "origin", "main"]);
}

#[test]
fn a_server_refuses_a_push() {
    let repo = Repo::new();
    let remote = repo.top.with_file_name("remote.git");
    git(&repo.top, 1, &["init", "-q", "--bare", remote.to_str().unwrap()]);
    let install = |args: &[&str]| keyward(&remote, &[&["hook", "install"], args].concat());
    assert_eq!(install(&["pre-commit"]).code, 2, "nothing is committed in a bare repository");
    assert_eq!(install(&["--", "--deadline", "60"]).code, 0);
    assert!(remote.join("hooks/pre-receive").exists() && !remote.join("hooks/pre-commit").exists());
    let to = remote.to_str().unwrap();
    passes(&repo.top, &["push", "-q", to, "main"]);
    repo.leak("app.env");
    git(&repo.top, 2, &["add", "."]);
    git(&repo.top, 2, &["commit", "-q", "-m", "leak"]);
    let seen = stopped(&repo.top, &["push", "-q", to, "main"]);
    assert!(seen.contains("remote:") && seen.contains("app.env:1"), "{seen}");
    assert_eq!(keyward(&remote, &["hook", "uninstall"]).code, 0);
    passes(&repo.top, &["push", "-q", to, "main"]);
}

#[test]
fn the_folder_is_the_one_that_git_uses() {
    let repo = Repo::new();
    git(&repo.top, 1, &["worktree", "add", "-q", "../linked"]);
    let linked = repo.top.with_file_name("linked");
    fs::create_dir(repo.top.join("below")).unwrap();
    for (folder, setting) in [
        (repo.top.join("below"), None),
        (linked.clone(), None),
        (repo.top.clone(), Some(".githooks")),
        (linked.clone(), Some(".githooks")),
    ] {
        if let Some(path) = setting {
            git(&repo.top, 1, &["config", "core.hooksPath", path]);
        }
        let ran = keyward(&folder, &["hook", "install", "pre-commit"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let output = with_hooks(&folder, &["rev-parse", "--git-path", "hooks/pre-commit"]);
        // Git says it relative to where it was asked, and for a setting relative to the top.
        let said = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        let file = folder.join(said);
        assert!(file.exists(), "{} for {}", file.display(), folder.display());
        fs::write(folder.join("app.env"), format!("KEY={}\n", repo.key)).unwrap();
        passes(&folder, &["add", "app.env"]);
        assert!(stopped(&folder, &["commit", "-q", "-m", "leak"]).contains("app.env:1"));
        let ran = keyward(&folder, &["hook", "uninstall"]);
        assert!(ran.code == 0 && !file.exists(), "{}", ran.stdout);
        passes(&folder, &["commit", "-q", "-m", "unguarded"]);
        passes(&folder, &["rm", "-q", "app.env"]);
        passes(&folder, &["commit", "-q", "-m", "gone"]);
    }
}

#[test]
fn a_folder_that_others_use_is_left_alone() {
    let repo = Repo::new();
    let shared = repo.top.with_file_name("everybody");
    git(&repo.top, 1, &["config", "core.hooksPath", shared.to_str().unwrap()]);
    let ran = repo.hook(&["install"]);
    assert_eq!((ran.code, shared.exists()), (2, false));
    assert!(ran.stderr.contains("--shared"), "{}", ran.stderr);
    repo.installed(&["--shared", "pre-commit"]);
    assert!(shared.join("pre-commit").exists());
}

#[test]
fn arguments_reach_the_scan_as_they_were_typed() {
    let repo = Repo::new();
    repo.leak("app.env");
    passes(&repo.top, &["add", "."]);
    repo.installed(&["pre-commit", "--", "--fail-on", "none"]);
    passes(&repo.top, &["commit", "-q", "-m", "counted only"]);
    let ran = repo.hook(&["install", "pre-commit", "--", "--nope"]);
    assert!(ran.code == 2 && ran.stderr.contains("--nope"), "{}", ran.stderr);
    let odd = "it's; touch \"owned\" $(id)\nx";
    repo.installed(&["pre-commit", "--", "--config", odd]);
    repo.write("b.txt", "b\n");
    passes(&repo.top, &["add", "b.txt"]);
    let seen = stopped(&repo.top, &["commit", "-q", "-m", "no such configuration"]);
    assert!(seen.contains("no such file") && !repo.top.join("owned").exists(), "{seen}");
}

#[test]
fn without_keyward_nothing_is_committed_unseen() {
    let repo = Repo::new();
    repo.installed(&["pre-commit"]);
    let script = fs::read_to_string(repo.file("pre-commit")).unwrap();
    fs::write(repo.file("pre-commit"), script.replace(env!("CARGO_BIN_EXE_keyward"), "/nowhere/keyward")).unwrap();
    let seen = stopped(&repo.top, &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(seen.contains("keyward: not found") && seen.contains("hooks/pre-commit"), "{seen}");
}

#[test]
fn the_frameworks_manifest_names_commands_that_exist() {
    let manifest = fs::read_to_string(home().join(".pre-commit-hooks.yaml")).unwrap();
    let entries: Vec<&str> = manifest.lines().filter_map(|l| l.trim().strip_prefix("entry: keyward ")).collect();
    assert!(entries.len() >= 4);
    let repo = Repo::new();
    for entry in entries {
        let ran = keyward(&repo.top, &entry.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{entry}: {}{}", ran.stdout, ran.stderr);
    }
}
