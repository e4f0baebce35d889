//! The continuous integration that a repository has, and what to put there.

use std::path::Path;

/// The page that shows every set-up; what is written here is what stands there.
const PAGE: &str = include_str!("../../../../docs/ci.md");

/// Stands in the page for the commit of keyward that a job builds.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// What is done for a platform.
pub(super) enum Setup {
    /// A file of its own, and what is left to do.
    File { path: &'static str, text: String, left: String },
    /// A part of a file that is there already: to be put in by hand.
    Part { of: &'static str, text: String },
}

/// What each platform that the repository uses needs; `pin` is the commit of keyward that its job builds, `branch` where
/// the repository's work comes together.
pub(super) fn setups(top: &Path, pin: Option<&str>, branch: Option<&str>) -> Vec<Setup> {
    let snippet = |name: &str| pinned(&snippet(name), pin);
    let left = |rest: &str| match (pin, rest) {
        (Some(_), "") => "it runs with the next push".to_owned(),
        (Some(_), rest) => rest.to_owned(),
        (None, "") => "fill in the commit of keyward where it says TODO".to_owned(),
        (None, rest) => format!("fill in the commit of keyward where it says TODO; {rest}"),
    };
    let mut all = Vec::new();
    if top.join(".github").is_dir() {
        let text = on_branch(&snippet("action.workflow.yml"), branch);
        all.push(Setup::File { path: ".github/workflows/keyward.yml", text, left: left("") });
    }
    if top.join(".gitlab-ci.yml").is_file() {
        let text = format!("# In .gitlab-ci.yml:  include: keyward.gitlab-ci.yml\n{}", snippet("alone.gitlab-ci.yml"));
        all.push(Setup::File { path: "keyward.gitlab-ci.yml", text, left: left("include it in .gitlab-ci.yml") });
    }
    for (of, name) in [("azure-pipelines.yml", "tree.azure-pipelines.yml"), ("Jenkinsfile", "Jenkinsfile")] {
        if top.join(of).is_file() {
            all.push(Setup::Part { of, text: snippet(name) });
        }
    }
    all
}

/// The snippet with the commit filled in, and nothing left to do there.
fn pinned(text: &str, pin: Option<&str>) -> String {
    let Some(pin) = pin else { return text.to_owned() };
    let line = |line: &str| {
        let done = line.replace(NO_COMMIT, pin);
        let text = if done == line { line } else { done.split(" # TODO: ").next().unwrap_or(&done) };
        format!("{text}\n")
    };
    text.lines().map(line).collect()
}

/// GitHub's job names the branch whose pushes it judges. Quoted where it is not one plain word: YAML has its own ideas
/// of some names.
fn on_branch(text: &str, branch: Option<&str>) -> String {
    const MAIN: &str = "branches: [main]";
    match branch {
        None => text.to_owned(),
        Some(name @ ("main" | "master" | "trunk" | "develop")) => text.replace(MAIN, &format!("branches: [{name}]")),
        Some(name) => text.replace(MAIN, &format!("branches: [\"{name}\"]")),
    }
}

/// The block of the page behind its mark.
fn snippet(name: &str) -> String {
    let mark = format!("<!-- ci: {name} -->");
    let block = PAGE.split_once(&mark).and_then(|(_, rest)| rest.split_once("```"));
    let body = block.and_then(|(_, rest)| rest.split_once("```")).and_then(|(block, _)| block.split_once('\n'));
    body.map_or_else(String::new, |(_, body)| body.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_job_is_for_the_branch_of_the_repository() {
        let text = super::snippet("action.workflow.yml");
        assert!(text.contains("branches: [main]\n"));
        for (branch, line) in [
            (None, "branches: [main]\n"),
            (Some("master"), "branches: [master]\n"),
            (Some("release/1.0"), "branches: [\"release/1.0\"]\n"),
            (Some("on"), "branches: [\"on\"]\n"),
        ] {
            assert!(super::on_branch(&text, branch).contains(line), "{branch:?}");
        }
    }

    #[test]
    fn the_page_has_every_snippet() {
        for name in ["action.workflow.yml", "alone.gitlab-ci.yml", "tree.azure-pipelines.yml", "Jenkinsfile"] {
            let text = super::snippet(name);
            assert!(text.contains("keyward") && !text.contains("```"), "{name}: {text}");
            let pin = "5f".repeat(20);
            let pinned = super::pinned(&text, Some(&pin));
            assert!(!pinned.contains("TODO") && !pinned.contains(super::NO_COMMIT), "{name}: {pinned}");
            assert_eq!(text.contains("TODO"), pinned.contains(&pin), "{name}: {pinned}");
        }
    }
}
