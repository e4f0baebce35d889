//! The textual form of rules: one TOML file per provider.
//!
//! Shared by the build script (built-in rules become static tables) and by the loader of user
//! rules, so it depends on nothing but serde. What the fields mean is told in `docs/rules-format.md`.

use serde::Deserialize;

/// A whole file, `rules/<provider>.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Partner directory id, or the id of a technology.
    pub provider: String,
    /// Name for people.
    pub name: String,
    /// Partner class.
    pub class: String,
    /// The format belongs to no partner: PEM, JWT, netrc.
    #[serde(default)]
    pub technology: bool,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleText>,
}

/// One rule as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Unique over all files; never changes.
    pub id: String,
    /// Noun phrase for people.
    pub title: String,
    /// Kind of credential.
    pub kind: String,
    /// `secret`, `identifier` or `publishable`.
    pub visibility: String,
    /// `certain`, `strong` or `contextual`.
    pub form: String,
    /// Case-sensitive literals, one of which is in every match.
    #[serde(default)]
    pub literals: Vec<String>,
    /// `text` where no run of 16 token bytes begins in or right behind each literal; `after` where one
    /// ends right before it; `name` where the literal ends a name and the value is what is assigned to it.
    pub anchor: Option<String>,
    /// Regular expression with a group `secret`.
    pub pattern: String,
    /// Parts that mark a test-mode value.
    #[serde(default)]
    pub test_mode: Vec<String>,
    /// Parts that mark a live-mode value.
    #[serde(default)]
    pub live_mode: Vec<String>,
    /// Shannon bits per character that the secret must reach.
    pub entropy: Option<f32>,
    /// Name of the check value's algorithm.
    pub checksum: Option<String>,
    /// Whether a misfit rejects.
    #[serde(default)]
    pub checksum_decides: bool,
    /// Name of the offline decoder.
    pub claims: Option<String>,
    /// A secret that matches is no credential.
    pub reject: Option<String>,
    /// Documented sample values, cut in two by ` + `.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Rules that belong to this one: its key id, its other half.
    #[serde(default)]
    pub pairs: Vec<String>,
    /// The public part names an account, a workspace or a user, which many credentials share.
    #[serde(default)]
    pub shared_public: bool,
    /// Bytes before the literal that may belong to the match.
    #[serde(default)]
    pub before: u16,
    /// Bytes after the literal that the match may need.
    pub reach: Option<u16>,
    /// How a match runs on past `reach`.
    pub extends: Option<String>,
    /// Words of which one must stand near.
    #[serde(default)]
    pub context: Vec<String>,
    /// Bytes before the value in which context counts.
    pub context_before: Option<u16>,
    /// Bytes after the value in which context counts.
    pub context_after: Option<u16>,
    /// How it is revoked.
    pub revoke: Option<String>,
    /// Provider documentation.
    #[serde(default)]
    pub references: Vec<String>,
    /// Templates that must be found.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Templates that must not.
    #[serde(default)]
    pub near_misses: Vec<String>,
}

/// Defaults and bounds of the numbers, in bytes.
pub(crate) mod bounds {
    /// Default of `reach`.
    pub(crate) const REACH: u16 = 256;
    /// Largest `reach`.
    pub(crate) const REACH_MAX: u16 = 512;
    /// Largest `before`.
    pub(crate) const BEFORE_MAX: u16 = 128;
    /// Default of `context_before` and its bound.
    pub(crate) const CONTEXT_BEFORE: u16 = 120;
    /// Largest `context_before`.
    pub(crate) const CONTEXT_BEFORE_MAX: u16 = 240;
    /// Largest `context_after`.
    pub(crate) const CONTEXT_AFTER_MAX: u16 = 120;
}

/// The sample value written as two halves.
pub(crate) fn join_halves(cut: &str) -> String {
    cut.replace(" + ", "")
}

/// A sample value as it is kept: 64 bits of a hash (FNV-1a), so that no binary carries the value.
pub(crate) fn sample_hash(value: &[u8]) -> u64 {
    value.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
