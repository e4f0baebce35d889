//! CODEOWNERS: whose a file is, by the rules of GitHub and GitLab.
//!
//! The last line that matches decides; in GitLab's sections, the last of each section. A pattern is
//! that of a `.gitignore`, without `!`, `[` and `{`.

use std::path::Path;

use globset::{Glob, GlobBuilder, GlobMatcher};

/// Where the file may be: the first that is there counts.
const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
/// GitHub reads no larger file.
const MOST_BYTES: u64 = 3 << 20;

/// The owners of paths.
#[derive(Default)]
pub(super) struct CodeOwners {
    lines: Vec<Line>,
}

struct Line {
    section: String,
    patterns: Vec<GlobMatcher>,
    owners: Vec<String>,
}

impl CodeOwners {
    /// Of a repository, and where it is; `None` without one.
    pub(super) fn of(top: &Path) -> Option<(Self, &'static str)> {
        let place = PLACES.into_iter().find(|place| top.join(place).is_file())?;
        let file = top.join(place);
        let size = std::fs::metadata(&file).ok()?.len();
        let bytes = (size <= MOST_BYTES).then(|| std::fs::read(&file).ok()).flatten()?;
        Some((Self::parse(&String::from_utf8_lossy(&bytes)), place))
    }

    fn parse(text: &str) -> Self {
        let (mut section, mut defaults) = (String::new(), Vec::new());
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '!'])) {
            if let Some((name, owners)) = heading(line) {
                (section, defaults) = (name.to_lowercase(), owners_of(owners));
                continue;
            }
            let (pattern, owners) = split(line);
            let mut owners = owners_of(owners);
            if owners.is_empty() {
                owners.clone_from(&defaults);
            }
            lines.push(Line { section: section.clone(), patterns: globs(pattern), owners });
        }
        Self { lines }
    }

    /// Who owns a path.
    pub(super) fn owners(&self, path: &str) -> Vec<String> {
        let mut decided: Vec<(&str, &[String])> = Vec::new();
        for line in self.lines.iter().rev() {
            let open = !decided.iter().any(|(section, _)| *section == line.section);
            if open && line.patterns.iter().any(|p| p.is_match(path)) {
                decided.push((&line.section, &line.owners));
            }
        }
        let mut owners: Vec<String> = Vec::new();
        for owner in decided.iter().rev().flat_map(|(_, owners)| owners.iter()) {
            if !owners.contains(owner) {
                owners.push(owner.clone());
            }
        }
        owners
    }
}

/// `[Name]`, `^[Name][2] @owner`: a section of GitLab's.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = rest.split_once(']')?;
    let rest = match rest.strip_prefix('[') {
        Some(count) => count.split_once(']')?.1,
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((name, rest))
}

/// The pattern, which may hold escaped spaces, and the rest.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            return line.split_at(at);
        }
        escaped = c == '\\' && !escaped;
    }
    (line, "")
}

fn owners_of(text: &str) -> Vec<String> {
    text.split_whitespace().take_while(|word| !word.starts_with('#')).map(str::to_owned).collect()
}

/// A pattern as globs: of the file, and of what is below a folder of that name.
fn globs(pattern: &str) -> Vec<GlobMatcher> {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let plain = pattern.trim_start_matches('/');
    let folder = plain.ends_with('/');
    let plain: String = plain
        .trim_end_matches('/')
        .chars()
        .flat_map(|c| "[]{}".contains(c).then_some('\\').into_iter().chain([c]))
        .collect();
    let front = if anchored || plain.starts_with("**/") { "" } else { "**/" };
    let mut texts = Vec::new();
    if !folder {
        texts.push(format!("{front}{plain}"));
    }
    // `docs/*` is what is in the folder, and not what is in its folders.
    if !(anchored && plain.ends_with("/*")) {
        texts.push(format!("{front}{plain}/**"));
    }
    let glob = |text: &String| -> Option<Glob> {
        GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build().ok()
    };
    texts.iter().filter_map(glob).map(|g| g.compile_matcher()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(text: &str, path: &str) -> String {
        CodeOwners::parse(text).owners(path).join(" ")
    }

    #[test]
    fn the_last_line_that_matches_decides() {
        let text =
            "* @all\n*.py @python # everywhere\n/deploy/ @ops ops@acme.example\n/deploy/readme.md\napps/ @apps\n";
        for (path, expected) in [
            ("a.txt", "@all"),
            ("src/deep/a.py", "@python"),
            ("deploy/prod/key.py", "@ops ops@acme.example"),
            ("x/deploy/key", "@all"),
            ("deploy/readme.md", ""),
            ("x/apps/a.py", "@apps"),
        ] {
            assert_eq!(owners(text, path), expected, "{path}");
        }
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        assert_eq!(owners("docs/* @d", "docs/a.md"), "@d");
        assert_eq!(owners("docs/* @d", "docs/a/b.md"), "");
        assert_eq!(owners("docs/** @d", "docs/a/b.md"), "@d");
        assert_eq!(owners("src/**/keys @d", "src/a/b/keys"), "@d");
        assert_eq!(owners("src/**/keys @d", "src/keys/a.env"), "@d");
        assert_eq!(owners("a\\ b/ @d", "a b/c"), "@d");
        assert_eq!(owners("/x{1}.env @d", "x{1}.env"), "@d");
        assert_eq!(owners("!x @d", "!x"), "");
        assert_eq!(owners("", "a"), "");
    }

    #[test]
    fn sections_of_gitlab_decide_each_for_itself() {
        let text = "* @all\n[Backend][2] @back\nsrc/\n^[Docs]\ndocs/ @writers\n[backend]\nsrc/pay/ @pay @all\n";
        assert_eq!(owners(text, "src/a.rs"), "@all @back");
        assert_eq!(owners(text, "src/pay/a.rs"), "@all @pay");
        assert_eq!(owners(text, "docs/a.md"), "@all @writers");
    }
}
