//! The continuous integration that a repository has, and what to put there.

use std::path::Path;

/// The page that shows every set-up; what is written here is what stands there.
const PAGE: &str = include_str!("../../../../docs/ci.md");

/// What is done for a platform.
pub(super) enum Setup {
    /// A file of its own, and what is left to do.
    File { path: &'static str, text: String, left: &'static str },
    /// A part of a file that is there already: to be put in by hand.
    Part { of: &'static str, text: String },
}

/// What each platform that the repository uses needs.
pub(super) fn setups(top: &Path) -> Vec<Setup> {
    let mut all = Vec::new();
    if top.join(".github").is_dir() {
        all.push(Setup::File {
            path: ".github/workflows/keyward.yml",
            text: snippet("action.workflow.yml"),
            left: "put the commit of keyward's release into its last line",
        });
    }
    if top.join(".gitlab-ci.yml").is_file() {
        let text =
            format!("# In .gitlab-ci.yml:  include: keyward.gitlab-ci.yml\n{}", snippet("component.gitlab-ci.yml"));
        all.push(Setup::File { path: "keyward.gitlab-ci.yml", text, left: "include it in .gitlab-ci.yml" });
    }
    for (of, name) in [("azure-pipelines.yml", "tree.azure-pipelines.yml"), ("Jenkinsfile", "Jenkinsfile")] {
        if top.join(of).is_file() {
            all.push(Setup::Part { of, text: snippet(name) });
        }
    }
    all
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
    fn the_page_has_every_snippet() {
        for name in ["action.workflow.yml", "component.gitlab-ci.yml", "tree.azure-pipelines.yml", "Jenkinsfile"] {
            let text = super::snippet(name);
            assert!(text.contains("keyward") && !text.contains("```"), "{name}: {text}");
        }
    }
}
