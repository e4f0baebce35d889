//! SSH private keys: type, protection, and the fingerprint that servers log.

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::Digest as _;

use super::{Claims, Input};

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// An `OpenSSH` key. A block whose body does not begin as one is rejected.
pub(super) fn openssh(input: &Input<'_>) -> Option<Claims> {
    let text = input.text()?;
    let body = text.split("-----").nth(2)?.replace("\\n", "").replace("\\r", "");
    let clean: Vec<u8> = body.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    let bytes = BASE64.decode(&clean[..clean.len() / 4 * 4]).ok()?;
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let cipher = field(&mut rest)?;
    let kdf = field(&mut rest)?;
    let _options = field(&mut rest)?;
    let mut claims = Claims::default();
    claims.add("encrypted", cipher != b"none");
    claims.add("cipher", String::from_utf8_lossy(cipher));
    claims.add("kdf", String::from_utf8_lossy(kdf));
    rest = rest.get(4..)?;
    if let Some(public) = field(&mut rest) {
        let mut blob = public;
        if let Some(kind) = field(&mut blob) {
            claims.add("key_type", String::from_utf8_lossy(kind));
        }
        claims.add_key_id("ssh_fingerprint", &fingerprint(public));
    }
    Some(claims)
}

/// A `PuTTY` key: everything but the private lines is in clear.
pub(super) fn putty(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let text = String::from_utf8_lossy(input.whole());
    for (name, fact) in [
        ("PuTTY-User-Key-File-2: ", "key_type"),
        ("PuTTY-User-Key-File-3: ", "key_type"),
        ("Encryption: ", "cipher"),
        ("Comment: ", "comment"),
    ] {
        if let Some(value) = text.lines().find_map(|l| l.strip_prefix(name)) {
            claims.add(fact, value.trim());
        }
    }
    claims.add("encrypted", !text.contains("Encryption: none"));
    claims
}

/// What `ssh-keygen -l` prints of a public key.
fn fingerprint(public: &[u8]) -> String {
    format!("SHA256:{}", BASE64_NOPAD.encode(&sha2::Sha256::digest(public)))
}

/// A field with its length before it.
fn field<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (value, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = tail;
    Some(value)
}
