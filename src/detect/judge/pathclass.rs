//! What kind of place a path is.

use serde::{Deserialize, Serialize};

use crate::position::Span;
use crate::source::RepoPath;

/// The role of a file, read from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathClass {
    /// Source, configuration, anything else.
    Ordinary,
    /// Tests and fixtures.
    Test,
    /// Examples and samples.
    Example,
    /// Documentation.
    Documentation,
    /// Lock files, checksums, source maps, minified bundles: full of random strings by nature.
    Generated,
}

impl PathClass {
    /// The class of a path.
    pub(crate) fn of(path: &RepoPath) -> Self {
        let lower = path.to_str_lossy().to_ascii_lowercase();
        let name = lower.rsplit('/').next().unwrap_or_default();
        if is_generated(&lower, name) {
            return Self::Generated;
        }
        let folder = |words: &[&str]| lower.split('/').rev().skip(1).any(|part| words.contains(&part));
        let stem = name.split('.').next().unwrap_or_default();
        let parts = |words: &[&str]| name.split(['.', '_', '-']).any(|p| words.contains(&p));
        if folder(&[
            "__tests__", "spec", "specs", "testdata", "fixture", "fixtures", "__fixtures__", "__mocks__", "mocks",
            "mock", "e2e", "testutil", "cassettes", "t", "testsuite", "testcases",
        ]) || lower.split('/').rev().skip(1).any(is_test_folder)
            || parts(&["test", "tests", "spec", "mock", "mocks", "fixture", "fixtures"])
            || stem.ends_with("test") && stem.len() > 4
            || stem.ends_with("tests")
        {
            return Self::Test;
        }
        if folder(&["example", "examples", "sample", "samples", "demo", "demos", "quickstart", "tutorial", "tutorials"])
            || parts(&["example", "examples", "sample", "samples", "template", "tmpl", "dist", "demo"])
        {
            return Self::Example;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
        if folder(&["doc", "documentation", "man", "website", "wiki"])
            || lower.split('/').rev().skip(1).any(|part| part.split(['-', '_']).any(|word| word == "docs"))
            || ["md", "rst", "adoc", "mdx", "markdown", "textile"].contains(&extension)
            || ["readme", "changelog", "changes", "history", "contributing"].contains(&stem)
        {
            return Self::Documentation;
        }
        Self::Ordinary
    }

    /// Tests, examples and documentation lower contextual detections one level.
    pub fn is_secondary(self) -> bool {
        matches!(self, Self::Test | Self::Example | Self::Documentation)
    }

    pub(super) fn holds_random_strings(self) -> bool {
        self == Self::Generated
    }
}

/// Whether a folder is called a test, by one of its words or by its end: `smoke-test`, `unit_tests`,
/// `dockerTest`.
fn is_test_folder(folder: &str) -> bool {
    const NO_TESTS: &[&str] =
        &["latest", "contest", "attest", "contests", "fastest", "greatest", "protest", "backtest"];
    let tests = |word: &str| matches!(word, "test" | "tests" | "testing");
    folder.split(['-', '_', '.', ' ']).any(tests)
        || (folder.ends_with("test") || folder.ends_with("tests"))
            && !NO_TESTS.iter().any(|word| folder.ends_with(word))
}

/// Whether the value stands in a line of a script that no person writes: a bundle's keys are made for
/// clients, and its random strings are names.
pub(super) fn is_minified(path: &RepoPath, bytes: &[u8], at: Span) -> bool {
    const LONG: usize = 2000;
    let name = path.to_str_lossy().to_ascii_lowercase();
    if ![".js", ".cjs", ".mjs", ".css"].iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let before = &bytes[at.start.saturating_sub(LONG)..at.start];
    let before = before.len() - memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
    let after = &bytes[at.end..bytes.len().min(at.end + LONG)];
    before + memchr::memchr(b'\n', after).unwrap_or(after.len()) >= LONG
}

fn is_generated(path: &str, name: &str) -> bool {
    const NAMES: &[&str] = &[
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "cargo.lock",
        "poetry.lock",
        "pdm.lock",
        "uv.lock",
        "pipfile.lock",
        "composer.lock",
        "gemfile.lock",
        "go.sum",
        "go.work.sum",
        "mix.lock",
        "pubspec.lock",
        "podfile.lock",
        "flake.lock",
        "bun.lock",
        "bun.lockb",
        "deno.lock",
        "packages.lock.json",
        "gradle.lockfile",
        "verification-metadata.xml",
        "chart.lock",
        ".terraform.lock.hcl",
        "conan.lock",
        "cartfile.resolved",
        "package.resolved",
        "module.bazel.lock",
        ".secrets.baseline",
        "renv.lock",
        "manifest.toml",
        "sha256sums",
        "checksums.txt",
        "cgmanifest.json",
    ];
    const ENDS: &[&str] = &[
        ".min.js", ".min.css", ".min.mjs", ".bundle.js", ".chunk.js", ".map", ".svg", ".sum", ".sha256", ".sha512",
        ".sha1", ".md5", ".asc", ".sig", ".pem.pub", ".snap", ".po", ".pot", ".xlf", ".xliff", ".lock", ".wasm",
        ".ttf", ".woff", ".woff2", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".mp4", ".csv.gz",
        ".pbxproj", ".storyboard", ".xib", ".resx",
    ];
    NAMES.contains(&name)
        || ENDS.iter().any(|e| name.ends_with(e))
        || path.contains("/node_modules/")
        || path.starts_with("node_modules/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_of_a_path() {
        for (path, class) in [
            ("src/pay/client.rs", PathClass::Ordinary),
            ("src/dockerTest/resources/ssl/server.key", PathClass::Test),
            ("smoke-test/app/server.key", PathClass::Test),
            ("caddytest/a.localhost.key", PathClass::Test),
            ("internal/funcs/crypto_test.go", PathClass::Test),
            ("spec/client_spec.rb", PathClass::Test),
            ("deploy/latest/app.env", PathClass::Ordinary),
            ("integration/acme/client.ts", PathClass::Ordinary),
            ("examples/app/.env", PathClass::Example),
            ("config/.env.sample", PathClass::Example),
            ("docs/setup.md", PathClass::Documentation),
            ("docs_src/security/app.py", PathClass::Documentation),
            ("web/app.min.js", PathClass::Generated),
        ] {
            assert_eq!(PathClass::of(&RepoPath::new(path)), class, "{path}");
        }
    }
}
