//! Environments: where a path, a branch or a host belongs to. The first that matches decides; what
//! matches none is unknown, and that changes nothing.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::source::RepoPath;

/// Whether a backslash stands where only a folder's mark makes sense: before a name.
fn is_of_windows(glob: &str) -> bool {
    let bytes = glob.as_bytes();
    let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-') || !b.is_ascii();
    bytes.iter().enumerate().any(|(n, b)| *b == b'\\' && bytes.get(n + 1).is_none_or(|next| name(*next)))
}

/// Globs that were read once; `*` stops at `/`, `**` does not.
#[derive(Clone, Debug)]
pub struct Globs {
    texts: Vec<String>,
    set: GlobSet,
}

impl Globs {
    /// Compiles globs; on failure the number of the one that is none.
    pub fn new(texts: &[impl AsRef<str>]) -> Result<Self, usize> {
        Self::compile(texts, true)
    }

    /// Globs over texts that are no paths: `*` matches everything.
    pub fn of_texts(texts: &[String]) -> Result<Self, usize> {
        Self::compile(texts, false)
    }

    pub(super) fn of_words(texts: &[&str]) -> Self {
        Self::compile(texts, false).unwrap_or_else(|_| Self { texts: Vec::new(), set: GlobSet::empty() })
    }

    fn compile(texts: &[impl AsRef<str>], paths: bool) -> Result<Self, usize> {
        let mut set = GlobSetBuilder::new();
        for (n, text) in texts.iter().map(AsRef::as_ref).enumerate() {
            // A folder's mark of Windows would be an escape here, and match nothing without a word.
            if paths && is_of_windows(text) {
                return Err(n);
            }
            // The same on every system.
            set.add(GlobBuilder::new(text).literal_separator(paths).backslash_escape(true).build().map_err(|_| n)?);
        }
        let texts: Vec<String> = texts.iter().map(|t| t.as_ref().to_owned()).collect();
        let last = texts.len().saturating_sub(1);
        Ok(Self { texts, set: set.build().map_err(|_| last)? })
    }

    /// The globs as they were written.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The compiled set.
    pub fn set(&self) -> &GlobSet {
        &self.set
    }

    /// Whether one matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.set.is_match(text)
    }

    /// Whether one matches a path.
    pub fn matches(&self, path: &RepoPath) -> bool {
        self.set.is_match(path.to_str_lossy().as_ref())
    }

    /// The numbers of those that match.
    pub fn which(&self, path: &RepoPath) -> Vec<usize> {
        self.set.matches(path.to_str_lossy().as_ref())
    }
}

/// One environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name in records and reports.
    pub name: String,
    /// It serves real users.
    pub production: bool,
    /// Paths that belong to it.
    pub paths: Globs,
    /// Branches that belong to it.
    pub branches: Globs,
    /// Hosts that belong to it.
    pub hosts: Globs,
}

/// The environments, in order.
#[derive(Clone, Debug)]
pub struct Environments {
    list: Vec<Environment>,
}

impl Environments {
    /// In order of precedence.
    pub fn new(list: Vec<Environment>) -> Self {
        Self { list }
    }

    /// The environments, in order.
    pub fn all(&self) -> &[Environment] {
        &self.list
    }

    /// Where something belongs: its path decides, then the host beside it, then the branch.
    pub fn of(&self, path: &RepoPath, host: Option<&str>, branch: Option<&str>) -> Option<&Environment> {
        let by_path = self.list.iter().find(|e| e.paths.matches(path));
        let by_host = || self.list.iter().find(|e| host.is_some_and(|h| e.hosts.is_match(h)));
        let by_branch = || self.list.iter().find(|e| branch.is_some_and(|b| e.branches.is_match(b)));
        by_path.or_else(by_host).or_else(by_branch)
    }

    /// The environment that a record means by `name`.
    pub fn named(&self, name: &str) -> Option<&Environment> {
        self.list.iter().find(|e| same(&e.name, name))
    }

    /// Whether a record's environment is one of production: as the policy says, or by its name.
    pub fn is_production(&self, name: &str) -> bool {
        self.named(name).map_or_else(|| same(name, "prod"), |e| e.production)
    }
}

/// Whether two names mean one environment: `production` is `prod`.
pub(crate) fn same(a: &str, b: &str) -> bool {
    fn short(name: &str) -> String {
        let name = name.trim().to_ascii_lowercase();
        let short = match name.as_str() {
            "production" | "live" | "prd" => "prod",
            "stage" | "stg" | "preprod" | "pre-prod" | "uat" => "staging",
            "development" | "local" => "dev",
            "testing" | "qa" | "ci" => "test",
            "sbx" => "sandbox",
            other => other,
        };
        short.to_owned()
    }
    short(a) == short(b)
}

impl Default for Environments {
    fn default() -> Self {
        let environment = |name: &str, production, paths: &[&str]| Environment {
            name: name.to_owned(),
            production,
            paths: Globs::new(&paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
                .unwrap_or_else(|_| Globs::of_words(&[])),
            branches: Globs::of_words(&[]),
            hosts: Globs::of_words(&[]),
        };
        Self {
            list: vec![
                environment(
                    "prod",
                    true,
                    &[
                        "**/prod/**",
                        "**/production/**",
                        "**/*.prod.*",
                        "**/.env.prod*",
                        "**/.env.production*",
                        "**/helm/**/values-prod*.y*ml",
                    ],
                ),
                environment("staging", false, &["**/staging/**", "**/*.stg.*", "**/.env.staging*"]),
                environment(
                    "test",
                    false,
                    &["**/test/**", "**/tests/**", "**/__fixtures__/**", "**/*_test.*", "**/.env.test*"],
                ),
                environment(
                    "dev",
                    false,
                    &["**/.env.local", "**/.env.development*", "**/dev/**", "docker-compose*.y*ml"],
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_environment_decides() {
        let all = Environments::default();
        let of = |path: &str| all.of(&RepoPath::new(path), None, None).map(|e| e.name.as_str());
        assert_eq!(of("deploy/prod/app.env"), Some("prod"));
        assert_eq!(of("prod/app.env"), Some("prod"));
        assert_eq!(of("helm/shop/values-prod-eu.yaml"), Some("prod"));
        assert_eq!(of("tests/prod/x"), Some("prod"));
        assert_eq!(of("src/a_test.go"), Some("test"));
        assert_eq!(of("docker-compose.override.yml"), Some("dev"));
        assert_eq!(of("src/main.rs"), None);
    }

    #[test]
    fn names_of_records_are_understood() {
        let all = Environments::default();
        assert!(all.is_production("Production") && all.is_production("prod") && !all.is_production("staging"));
        assert!(same("stg", "staging") && !same("prod", "test"));
    }
}
