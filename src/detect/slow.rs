//! Slow digests that an inventory lists, of other products: compared with what was found, never with
//! everything that is scanned.
//!
//! `HasMySecretLeaked` digests have a public salt. Those of a Vault Radar index need the project's
//! salt, which its owner gives; without it they are not comparable. Nothing is asked of any service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};

use super::Watchlist;
use crate::secret::{Fingerprint, Scheme, Secret, hex};

/// The salt of a Vault Radar project, from its owner.
pub struct RadarSalt([u8; RadarSalt::BYTES]);

impl RadarSalt {
    /// Bytes of a salt.
    pub const BYTES: usize = 16;

    /// Reads base64, with or without padding; `None` for anything that is not 16 bytes of it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('=');
        let bytes = data_encoding::BASE64_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// The listed slow digests, and how they are computed.
pub(super) struct SlowDigests {
    listed: BTreeSet<Fingerprint>,
    hmsl: bool,
    salt: Option<RadarSalt>,
    /// What was computed, by a digest of the value that never leaves: one credential stands in many places.
    known: Mutex<BTreeMap<[u8; 32], Vec<Fingerprint>>>,
}

impl SlowDigests {
    pub(super) fn new(list: &Watchlist) -> Self {
        let listed = list.slow_digests.clone();
        let hmsl = listed.iter().any(|f| f.scheme == Scheme::Hmsl);
        Self { listed, hmsl, salt: None, known: Mutex::default() }
    }

    pub(super) fn salted(&mut self, salt: Option<RadarSalt>) {
        self.salt = salt.filter(|_| self.listed.iter().any(|f| f.scheme == Scheme::Radar));
    }

    /// The schemes that are looked for.
    pub(super) fn schemes(&self) -> impl Iterator<Item = &'static str> {
        let hmsl = self.hmsl.then_some(Scheme::Hmsl);
        hmsl.into_iter().chain(self.salt.as_ref().map(|_| Scheme::Radar)).map(Scheme::name)
    }

    /// The listed digests that a value has.
    pub(super) fn of(&self, secret: &Secret) -> Vec<Fingerprint> {
        if !self.hmsl && self.salt.is_none() {
            return Vec::new();
        }
        let value = secret.expose();
        let name: [u8; 32] = Sha256::digest(value).into();
        // Held while computing: the second digest takes 46 MiB, and no two of them at once.
        let Ok(mut known) = self.known.lock() else { return Vec::new() };
        let compute = || {
            let all = self.hmsl.then(|| hmsl(value)).flatten().into_iter();
            let all = all.chain(self.salt.as_ref().and_then(|salt| radar(value, salt)));
            all.filter(|f| self.listed.contains(f)).collect()
        };
        known.entry(name).or_insert_with(compute).clone()
    }
}

/// scrypt with N = 2048, r = 8, p = 1, and the SHA-256 of the product's name as salt.
fn hmsl(value: &[u8]) -> Option<Fingerprint> {
    let params = scrypt::Params::new(11, 8, 1).ok()?;
    let mut digest = [0; 32];
    scrypt::scrypt(value, &Sha256::digest(b"GitGuardian"), &params, &mut digest).ok()?;
    Some(Fingerprint { scheme: Scheme::Hmsl, kid: None, digest: hex(&digest) })
}

/// Argon2id with 46 MiB, one pass and one lane.
fn radar(value: &[u8], salt: &RadarSalt) -> Option<Fingerprint> {
    let params = Params::new(47_104, 1, 1, Some(32)).ok()?;
    let mut digest = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(value, &salt.0, &mut digest).ok()?;
    Some(Fingerprint { scheme: Scheme::Radar, kid: None, digest: data_encoding::BASE64_NOPAD.encode(&digest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the product's own documentation.
    #[test]
    fn a_published_digest() {
        let value = ["hjshnk5ex5u34565AWS654", "/JKGjhz545d89sjkja"].concat();
        let digest = hmsl(value.as_bytes()).unwrap().digest;
        assert_eq!(digest, "e9b39209f72228f30b60c19493a3f756ac97dc02ae7f52db2a3abbe3c3269339");
    }

    #[test]
    fn only_listed_digests_are_told_and_only_where_the_salt_is_given() {
        let text = data_encoding::BASE64.encode(&[7; 16]);
        let salt = || RadarSalt::parse(&text).unwrap();
        let (secret, other) = (Secret::new(b"one of two values", false), Secret::new(b"the other value", false));
        let both: Vec<Fingerprint> =
            vec![hmsl(b"one of two values").unwrap(), radar(b"one of two values", &salt()).unwrap()];
        let list = Watchlist { slow_digests: both.iter().cloned().collect(), ..Watchlist::new() };
        let mut slow = SlowDigests::new(&list);
        assert_eq!((slow.of(&secret), slow.schemes().collect::<Vec<_>>()), (both[..1].to_vec(), vec!["hmsl"]));
        slow = SlowDigests::new(&list);
        slow.salted(Some(salt()));
        assert_eq!((slow.of(&secret), slow.schemes().collect::<Vec<_>>()), (both, vec!["hmsl", "radar"]));
        assert!(slow.of(&other).is_empty() && SlowDigests::new(&Watchlist::new()).of(&secret).is_empty());
    }

    #[test]
    fn salts() {
        let padded = data_encoding::BASE64.encode(&[1; 16]);
        assert!(RadarSalt::parse(&padded).is_some() && RadarSalt::parse(padded.trim_end_matches('=')).is_some());
        assert!(
            RadarSalt::parse("").is_none() && RadarSalt::parse("AAAA").is_none() && RadarSalt::parse("?").is_none()
        );
    }
}
