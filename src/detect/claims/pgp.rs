//! `OpenPGP` secret keys: key id and fingerprint, algorithm, when they were made and end, and whether a pass
//! phrase protects them. Of what the block tells, the names of people are left out.

use data_encoding::{BASE64, HEXLOWER};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::{Claims, Input};

/// Packets that are read of one block.
const PACKETS: usize = 64;
const SECRET_KEY: u8 = 5;
const SIGNATURE: u8 = 2;
/// Subpacket of a signature: seconds after its creation at which the key ends.
const KEY_EXPIRATION: u8 = 9;

/// What an armoured block says.
pub(super) fn decode(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    if let Some(bytes) = input.text().and_then(body) {
        // What is cut or of another version says nothing.
        let _ = read(&bytes, &mut claims);
    }
    claims
}

/// The armour's body: behind the headers, before the check value.
fn body(block: &str) -> Option<Vec<u8>> {
    let text = block.replace("\\n", "\n").replace("\\r", "");
    let inner = text.split("-----").nth(2)?;
    let lines = inner.lines().map(str::trim).filter(|l| !l.is_empty() && !l.contains(':') && !l.starts_with('='));
    let clean: String = lines.collect();
    BASE64.decode(clean.as_bytes()).ok()
}

fn read(mut bytes: &[u8], claims: &mut Claims) -> Option<()> {
    let (tag, key) = packet(&mut bytes)?;
    if tag != SECRET_KEY {
        return None;
    }
    let created = secret_key(key, claims)?;
    for _ in 0..PACKETS {
        let (tag, content) = packet(&mut bytes)?;
        if tag == SIGNATURE
            && let Some(seconds) = expiration(content)
        {
            claims.add("exp", i64::from(created) + i64::from(seconds));
            return Some(());
        }
    }
    Some(())
}

/// The next packet: its tag and its content.
fn packet<'b>(bytes: &mut &'b [u8]) -> Option<(u8, &'b [u8])> {
    let head = take(bytes, 1)?[0];
    let number = |of: &[u8]| of.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
    if head & 0x80 == 0 {
        return None;
    }
    if head & 0x40 == 0 {
        // The old form: the width of the length is in the tag. One without length runs to the end.
        let length = match head & 3 {
            0 => number(take(bytes, 1)?),
            1 => number(take(bytes, 2)?),
            2 => number(take(bytes, 4)?),
            _ => bytes.len(),
        };
        return Some((head >> 2 & 0x0f, take(bytes, length)?));
    }
    let first = take(bytes, 1)?[0];
    let length = match first {
        0..=191 => usize::from(first),
        192..=223 => (usize::from(first) - 192) * 256 + number(take(bytes, 1)?) + 192,
        255 => number(take(bytes, 4)?),
        // In parts: never a key.
        _ => return None,
    };
    Some((head & 0x3f, take(bytes, length)?))
}

fn take<'b>(bytes: &mut &'b [u8], n: usize) -> Option<&'b [u8]> {
    let (head, tail) = bytes.split_at_checked(n)?;
    *bytes = tail;
    Some(head)
}

/// Reads the public half and what protects the other; the time at which the key was made.
fn secret_key(content: &[u8], claims: &mut Claims) -> Option<u32> {
    let mut rest = content;
    let version = take(&mut rest, 1)?[0];
    let created = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?);
    let algorithm = take(&mut rest, 1)?[0];
    if version == 6 {
        let length = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?);
        take(&mut rest, length as usize)?;
    } else if version == 4 {
        public_half(algorithm, &mut rest)?;
    } else {
        return None;
    }
    let public = &content[..content.len() - rest.len()];
    let (fingerprint, id) = if version == 4 {
        let length = u16::try_from(public.len()).ok()?.to_be_bytes();
        let digest = Sha1::new().chain_update([0x99]).chain_update(length).chain_update(public).finalize();
        (HEXLOWER.encode(&digest), HEXLOWER.encode(&digest[12..]))
    } else {
        let length = u32::try_from(public.len()).ok()?.to_be_bytes();
        let digest = Sha256::new().chain_update([0x9b]).chain_update(length).chain_update(public).finalize();
        (HEXLOWER.encode(&digest), HEXLOWER.encode(&digest[..8]))
    };
    claims.add_key_id("key_id", &id.to_ascii_uppercase());
    claims.add("fingerprint", fingerprint.to_ascii_uppercase());
    claims.add("iat", created);
    claims.add("algorithm", algorithm_name(algorithm));
    claims.add("encrypted", take(&mut rest, 1)?[0] != 0);
    Some(created)
}

fn algorithm_name(algorithm: u8) -> &'static str {
    match algorithm {
        1..=3 => "RSA",
        16 => "Elgamal",
        17 => "DSA",
        18 => "ECDH",
        19 => "ECDSA",
        22 => "EdDSA",
        25 => "X25519",
        26 => "X448",
        27 => "Ed25519",
        28 => "Ed448",
        _ => "other",
    }
}

/// Skips the numbers of a public key; `None` for algorithms that are not known.
fn public_half(algorithm: u8, rest: &mut &[u8]) -> Option<()> {
    let number = |rest: &mut &[u8]| {
        let bits = u16::from_be_bytes(take(rest, 2)?.try_into().ok()?);
        take(rest, usize::from(bits).div_ceil(8)).map(|_| ())
    };
    let short = |rest: &mut &[u8]| {
        let length = usize::from(take(rest, 1)?[0]);
        take(rest, length).map(|_| ())
    };
    match algorithm {
        1..=3 => (0..2).try_for_each(|_| number(rest)),
        16 => (0..3).try_for_each(|_| number(rest)),
        17 => (0..4).try_for_each(|_| number(rest)),
        18 => short(rest).and_then(|()| number(rest)).and_then(|()| short(rest)),
        19 | 22 => short(rest).and_then(|()| number(rest)),
        25 | 27 => take(rest, 32).map(|_| ()),
        26 => take(rest, 56).map(|_| ()),
        28 => take(rest, 57).map(|_| ()),
        _ => None,
    }
}

/// The key's lifetime that a signature over it states, in seconds.
fn expiration(mut content: &[u8]) -> Option<u32> {
    let version = take(&mut content, 1)?[0];
    take(&mut content, 3)?;
    let length = match version {
        4 => usize::from(u16::from_be_bytes(take(&mut content, 2)?.try_into().ok()?)),
        6 => u32::from_be_bytes(take(&mut content, 4)?.try_into().ok()?) as usize,
        _ => return None,
    };
    let mut hashed = take(&mut content, length)?;
    while !hashed.is_empty() {
        let first = take(&mut hashed, 1)?[0];
        let length = match first {
            0..=191 => usize::from(first),
            192..=254 => (usize::from(first) - 192) * 256 + usize::from(take(&mut hashed, 1)?[0]) + 192,
            255 => u32::from_be_bytes(take(&mut hashed, 4)?.try_into().ok()?) as usize,
        };
        let (kind, value) = take(&mut hashed, length)?.split_first()?;
        if kind & 0x7f == KEY_EXPIRATION {
            return value.try_into().ok().map(u32::from_be_bytes).filter(|seconds| *seconds > 0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::detect::claims::testing::decode_value;

    fn gpg(home: &Path, args: &[&str]) -> Option<String> {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--homedir"]).arg(home);
        let output = command.args(args).output().ok()?;
        assert!(output.status.success(), "gpg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).ok()
    }

    #[test]
    fn what_gpg_says_of_its_own_keys() {
        if Command::new("gpg").arg("--version").output().is_err() {
            return;
        }
        for (algorithm, word, expires, pass) in
            [("rsa2048", "RSA", "0", ""), ("ed25519", "EdDSA", "2y", "a pass phrase"), ("nistp256", "ECDSA", "30d", "")]
        {
            let home = tempfile::tempdir().unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
            let made = ["--passphrase", pass, "--quick-generate-key", "robot", algorithm, "sign", expires];
            gpg(home.path(), &made).unwrap();
            let told = gpg(home.path(), &["--with-colons", "--list-keys"]).unwrap();
            let field = |kind: &str, n: usize| {
                let line = told.lines().find(|l| l.starts_with(kind)).unwrap();
                line.split(':').nth(n).unwrap().to_owned()
            };
            let block = gpg(home.path(), &["--passphrase", pass, "--armor", "--export-secret-keys"]).unwrap();
            let claims = decode_value(decode, &block);
            assert_eq!(claims.key_id.as_deref(), Some(&*field("pub", 4)), "{algorithm}");
            assert_eq!(claims.facts["fingerprint"], field("fpr", 9));
            assert_eq!(claims.facts["iat"].to_string(), field("pub", 5));
            assert_eq!(claims.facts.get("exp").map(ToString::to_string).unwrap_or_default(), field("pub", 6));
            assert_eq!(claims.facts["algorithm"], word);
            assert_eq!(claims.facts["encrypted"], !pass.is_empty());
            // Cut anywhere, it says less and harms nothing.
            for length in (0..block.len()).step_by(7) {
                decode_value(decode, &block[..length]);
            }
            let _ = Command::new("gpgconf").args(["--kill", "gpg-agent", "--homedir"]).arg(home.path()).output();
        }
    }
}
