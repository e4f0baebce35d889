//! Environments: where a path, a branch or a host belongs to. The first that matches decides; what
//! matches none is unknown, and that changes nothing.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::known_environments::ENVIRONMENTS;
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

    /// Globs over paths that are keyward's own: upper and lower case are one.
    pub(super) fn known(texts: &[String]) -> Self {
        let mut set = GlobSetBuilder::new();
        let globs = texts.iter().map(|t| GlobBuilder::new(t).literal_separator(true).case_insensitive(true).build());
        for glob in globs.flatten() {
            set.add(glob);
        }
        Self { texts: texts.to_vec(), set: set.build().unwrap_or_else(|_| GlobSet::empty()) }
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

/// The environments, in order: the policy's own, or those that are known by their names.
#[derive(Clone, Debug, Default)]
pub struct Environments {
    own: Option<Vec<Environment>>,
}

impl Environments {
    /// In order of precedence.
    pub fn new(list: Vec<Environment>) -> Self {
        Self { own: Some(list) }
    }

    /// The environments, in order.
    pub fn all(&self) -> &[Environment] {
        self.own.as_deref().unwrap_or_else(|| &ENVIRONMENTS)
    }

    /// Where something belongs: its path decides, then the host beside it, then the branch.
    pub fn of(&self, path: &RepoPath, host: Option<&str>, branch: Option<&str>) -> Option<&Environment> {
        let by_path = self.all().iter().find(|e| e.paths.matches(path));
        let by_host = || self.all().iter().find(|e| host.is_some_and(|h| e.hosts.is_match(h)));
        let by_branch = || self.all().iter().find(|e| branch.is_some_and(|b| e.branches.is_match(b)));
        by_path.or_else(by_host).or_else(by_branch)
    }

    /// The environment that a record means by `name`.
    pub fn named(&self, name: &str) -> Option<&Environment> {
        self.all().iter().find(|e| same(&e.name, name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_records_are_understood() {
        let all = Environments::default();
        assert!(all.is_production("Production") && all.is_production("prod") && !all.is_production("staging"));
        assert!(same("stg", "staging") && !same("prod", "test"));
    }
}
