//! Secret values and what may be known of them afterwards.
//!
//! [`Secret`] is the only type that holds a raw value. It has no `Debug`, `Display`, `Serialize`,
//! `Clone` or `Deref`; only `detect/` may borrow its bytes (a test reads the sources and asserts
//! it). Everything downstream knows a credential by its [`Fingerprint`], [`CredentialId`] and
//! [`Hint`].

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// Values with at least this many bits may be published as a plain digest or partly as a hint:
/// nobody can find them by trying (`spec`: half the space at 2·10¹⁰ guesses a second).
pub(crate) const STRONG_BITS: f64 = 96.0;

/// A raw credential value, wiped when dropped.
pub(crate) struct Secret {
    bytes: Box<[u8]>,
    /// Estimated bits an attacker would have to guess; 0 for what people choose themselves.
    bits: f64,
}

impl Secret {
    /// Takes a copy of `value`. `chosen_by_people` marks passwords and the like, whose length says
    /// nothing about how hard they are to guess.
    pub(crate) fn new(value: &[u8], chosen_by_people: bool) -> Self {
        let bits = if chosen_by_people { 0.0 } else { estimate_bits(value) };
        Self { bytes: value.into(), bits }
    }

    /// The raw bytes. For `detect/` alone.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the value is hard enough to guess for a plain digest to be published.
    pub(crate) fn is_strong(&self) -> bool {
        self.bits >= STRONG_BITS
    }

    /// At most four last characters, and only where [`STRONG_BITS`] remain without them.
    pub(crate) fn hint(&self) -> Option<Hint> {
        let n = self.bytes.len();
        if n < 20 || !self.bytes[n - 4..].iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let left = self.bits * (n as f64 - 4.0) / n as f64;
        (left >= STRONG_BITS).then(|| Hint(String::from_utf8_lossy(&self.bytes[n - 4..]).into_owned()))
    }

    /// The identity of a strong value, independent of any pepper; `None` for weak ones.
    pub(crate) fn id(&self) -> Option<CredentialId> {
        self.is_strong().then(|| CredentialId::from_parts("keyward/v1/credential", &[&self.bytes]))
    }

    /// Fingerprints that may leave the machine: keyed with every pepper, plain only for strong values.
    pub(crate) fn fingerprints(&self, peppers: &[Pepper]) -> Vec<Fingerprint> {
        let mut all: Vec<_> = peppers.iter().map(|p| p.fingerprint(&self.bytes)).collect();
        if self.is_strong() {
            all.push(Fingerprint::sha256(&self.bytes));
        }
        all
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Bits of a machine-made value: length times the bits of the alphabet it seems drawn from,
/// lowered where few different characters occur.
fn estimate_bits(value: &[u8]) -> f64 {
    let (mut lower, mut upper, mut digit, mut other, mut beyond_hex) = (false, false, false, false, false);
    let mut seen = [false; 256];
    let mut distinct = 0_u32;
    for &b in value {
        lower |= b.is_ascii_lowercase();
        upper |= b.is_ascii_uppercase();
        digit |= b.is_ascii_digit();
        other |= !b.is_ascii_alphanumeric();
        beyond_hex |= b.is_ascii_alphabetic() && !b.is_ascii_hexdigit();
        if !seen[usize::from(b)] {
            seen[usize::from(b)] = true;
            distinct += 1;
        }
    }
    let alphabet: f64 = match (lower, upper, digit, beyond_hex) {
        (l, u, _, false) if !(l && u) => 16.0,
        (true, true, _, _) => 62.0,
        (l, u, true, true) if l != u => 36.0,
        _ => 26.0,
    };
    let alphabet: f64 = if digit && !lower && !upper { 10.0 } else { alphabet };
    let alphabet = if other { alphabet + 2.0 } else { alphabet };
    value.len() as f64 * alphabet.min(f64::from(distinct) * 3.0).log2()
}

/// The last characters of a value, shown so that people can find it in a provider's console.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hint(pub String);

/// Identity of a credential over runs, machines and peppers: 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId([u8; 16]);

impl CredentialId {
    /// A domain-separated SHA-256 over `parts`, each preceded by its length.
    pub fn from_parts(domain: &str, parts: &[&[u8]]) -> Self {
        Self(checked_digest(domain, parts))
    }
}

/// Identity of a finding: check + credential + path. Never a line, an offset or a commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey([u8; 16]);

impl FindingKey {
    /// A domain-separated SHA-256 over `parts`, each preceded by its length.
    pub fn from_parts(parts: &[&[u8]]) -> Self {
        Self(checked_digest("keyward/v1/finding", parts))
    }

    /// The first 16 hex digits, for SARIF's `primaryLocationLineHash`.
    pub fn short(&self) -> String {
        hex(&self.0[..8])
    }
}

/// How many bytes of an identity are a digest; the rest is its check value.
const DIGEST: usize = 13;

/// 104 bits of digest and 24 bits of check value over them.
///
/// The check value is what keyward knows its own identities by when a report, a baseline or a log lies in what it
/// scans. Knowing them by the file that they stand in would let anybody hide a key in a file that looks like a
/// report; a key made by somebody else has this check value once in 16 million times.
fn checked_digest(domain: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut h = Sha256::new();
    h.update(domain.as_bytes());
    h.update([0]);
    for part in parts {
        h.update((part.len() as u64).to_be_bytes());
        h.update(part);
    }
    let mut out = [0; 16];
    out[..DIGEST].copy_from_slice(&h.finalize()[..DIGEST]);
    let check = check_value(&out[..DIGEST]);
    out[DIGEST..].copy_from_slice(&check);
    out
}

fn check_value(digest: &[u8]) -> [u8; 16 - DIGEST] {
    let whole = Sha256::new().chain_update(b"keyward/v1/check\0").chain_update(digest).finalize();
    let mut out = [0; 16 - DIGEST];
    out.copy_from_slice(&whole[..16 - DIGEST]);
    out
}

/// Whether a text is an identity that keyward made: 32 lower-case hex digits with their check value.
pub(crate) fn is_own_identity(text: &[u8]) -> bool {
    text.len() == 32
        && data_encoding::HEXLOWER.decode(text).is_ok_and(|bytes| bytes[DIGEST..] == check_value(&bytes[..DIGEST]))
}

macro_rules! hex_id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                let bytes = data_encoding::HEXLOWER
                    .decode(text.as_bytes())
                    .map_err(|_| serde::de::Error::custom("expected 32 hex digits"))?;
                let bytes = bytes.try_into().map_err(|_| serde::de::Error::custom("expected 32 hex digits"))?;
                Ok(Self(bytes))
            }
        }
    };
}
hex_id!(CredentialId);
hex_id!(FindingKey);

/// How a fingerprint was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// HMAC-SHA-256 with a pepper, over `keyward/v1/fp`, a zero byte and the value.
    HmacSha256,
    /// Plain SHA-256, in hex.
    Sha256,
    /// SHA-256 of a public key's `SubjectPublicKeyInfo`.
    SpkiSha256,
    /// scrypt with a public salt, as `GitGuardian`'s `HasMySecretLeaked` uses it.
    Hmsl,
    /// Argon2id with a project's salt, as `HashiCorp` Vault Radar uses it.
    Radar,
    /// SHA-1 in hex; import only, to migrate old baselines.
    Sha1,
}

impl Scheme {
    /// The name in the textual form.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Sha256 => "sha256",
            Self::SpkiSha256 => "spki-sha256",
            Self::Hmsl => "hmsl",
            Self::Radar => "radar",
            Self::Sha1 => "sha1",
        }
    }
}

/// A digest of a credential value, `scheme:digest` or `scheme:kid:digest` in text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// How it was made.
    pub scheme: Scheme,
    /// Which pepper made it, for keyed schemes: 8 hex digits.
    pub kid: Option<String>,
    /// The digest in lower-case hex (base64 for `radar`).
    pub digest: String,
}

impl Fingerprint {
    pub(crate) fn sha256(value: &[u8]) -> Self {
        Self { scheme: Scheme::Sha256, kid: None, digest: hex(&Sha256::digest(value)) }
    }

    /// Of a public key's digest: what a private key can be found by, and safe for anyone.
    pub(crate) fn spki(digest: [u8; 32]) -> Self {
        Self { scheme: Scheme::SpkiSha256, kid: None, digest: hex(&digest) }
    }

    /// Reads the textual form; `None` where it is not one. `sha256-b64` becomes [`Scheme::Sha256`].
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let is_hex = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_hexdigit());
        let hex_of = |scheme, n| is_hex(rest, n).then(|| Self { scheme, kid: None, digest: rest.to_ascii_lowercase() });
        match scheme.to_ascii_lowercase().as_str() {
            "hmac-sha256" => {
                let (kid, digest) = rest.split_once(':')?;
                (is_hex(kid, 8) && is_hex(digest, 64)).then(|| Self {
                    scheme: Scheme::HmacSha256,
                    kid: Some(kid.to_ascii_lowercase()),
                    digest: digest.to_ascii_lowercase(),
                })
            }
            "sha256" => hex_of(Scheme::Sha256, 64),
            "spki-sha256" => hex_of(Scheme::SpkiSha256, 64),
            "sha1" => hex_of(Scheme::Sha1, 40),
            "hmsl" => hex_of(Scheme::Hmsl, 64),
            "sha256-b64" => {
                let bytes = data_encoding::BASE64.decode(rest.as_bytes()).ok()?;
                (bytes.len() == 32).then(|| Self { scheme: Scheme::Sha256, kid: None, digest: hex(&bytes) })
            }
            "radar" => {
                let digest = rest.trim_end_matches('=').to_owned();
                (!digest.is_empty()).then_some(Self { scheme: Scheme::Radar, kid: None, digest })
            }
            _ => None,
        }
    }

    /// Scheme and the first 12 digits: enough to recognise, not to decide.
    pub fn short(&self) -> String {
        let text = self.to_string();
        let cut = text.len() - self.digest.len() + self.digest.len().min(12);
        text[..cut].to_owned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "{}:{kid}:{}", self.scheme.name(), self.digest),
            None => write!(f, "{}:{}", self.scheme.name(), self.digest),
        }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a fingerprint, scheme:digest"))
    }
}

/// The key of keyed fingerprints: at least 32 random bytes, kept outside repositories.
pub struct Pepper {
    key: Zeroizing<Vec<u8>>,
    kid: String,
}

impl Pepper {
    /// Fewest bytes a pepper may have.
    pub const MIN_BYTES: usize = 32;

    /// `None` if the key is shorter than [`Self::MIN_BYTES`].
    pub fn new(key: Vec<u8>) -> Option<Self> {
        let key = Zeroizing::new(key);
        (key.len() >= Self::MIN_BYTES).then(|| {
            let kid = hex(&hmac_sha256(&key, &[b"keyward/v1/kid"])[..4]);
            Self { key, kid }
        })
    }

    /// The pepper's public name: 8 hex digits.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn fingerprint(&self, value: &[u8]) -> Fingerprint {
        let digest = hmac_sha256(&self.key, &[b"keyward/v1/fp", &[0], value]);
        Fingerprint { scheme: Scheme::HmacSha256, kid: Some(self.kid.clone()), digest: hex(&digest) }
    }
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Reads one value for an inventory owner and forgets it: what `keyward fingerprint --stdin` prints.
pub fn fingerprint_value(value: &[u8], peppers: &[Pepper]) -> (Vec<Fingerprint>, Option<Hint>) {
    let secret = Secret::new(value, false);
    (secret.fingerprints(peppers), secret.hint())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of the inventory documentation.
    #[test]
    fn keyed_fingerprint_vector() {
        let pepper = Pepper::new((0..32).collect()).unwrap();
        let value = ["acme_live_", "EXAMPLEEXAMPLEEXAMPLE0001"].concat();
        assert_eq!(
            pepper.fingerprint(value.as_bytes()).to_string(),
            "hmac-sha256:c4237cf8:bd3d0fbe58ef21e76832b44e5666c0eb65f64419afe2d6b21aecdbd250c98bb5"
        );
    }

    #[test]
    fn weak_values_get_no_plain_digest_and_no_hint() {
        let weak = Secret::new(b"hunter2hunter2", true);
        assert!(weak.fingerprints(&[]).is_empty() && weak.hint().is_none() && weak.id().is_none());
    }

    #[test]
    fn identities_are_known_by_their_check_value() {
        let id = CredentialId::from_parts("test", &[b"one"]).to_string();
        let key = FindingKey::from_parts(&[b"KW001", b"two"]).to_string();
        assert!(is_own_identity(id.as_bytes()) && is_own_identity(key.as_bytes()));
        assert!(!is_own_identity(id.to_uppercase().as_bytes()) && !is_own_identity(&id.as_bytes()[1..]));
        // One digit other than keyward made it, wherever it stands.
        for at in 0..id.len() {
            let mut other = id.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert!(!is_own_identity(&other), "{at}");
        }
        let made_elsewhere = |n: u32| hex(&Sha256::digest(n.to_be_bytes())[..16]);
        assert!((0..20_000).all(|n| !is_own_identity(made_elsewhere(n).as_bytes())));
    }

    #[test]
    fn textual_forms_round_trip() {
        let of = |t: &str| Fingerprint::parse(t).map(|f| f.to_string());
        let hex64 = "ab".repeat(32);
        assert_eq!(of(&format!("sha256:{hex64}")), Some(format!("sha256:{hex64}")));
        assert_eq!(of(&format!("SHA256:{}", hex64.to_uppercase())), Some(format!("sha256:{hex64}")));
        assert_eq!(of("sha256:abc"), None);
        assert_eq!(of("hmac-sha256:zz:00"), None);
        let b64 = data_encoding::BASE64.encode(&[0xab; 32]);
        assert_eq!(of(&format!("sha256-b64:{b64}")), Some(format!("sha256:{hex64}")));
    }
}
