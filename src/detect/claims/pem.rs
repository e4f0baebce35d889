//! Armoured private keys: their kind, whether a pass phrase protects them, the digest of their
//! public half, and what the certificate beside them says.

use data_encoding::{BASE64, BASE64_NOPAD};
use sha2::Digest as _;

use super::{Claims, Input, certificate, keys};

/// What a block says about itself.
pub(super) fn decode(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    if let Some(block) = input.text() {
        let spki = describe(block, &mut claims);
        certificate::beside(input, spki.as_deref(), &mut claims);
    }
    claims
}

/// A key that its provider lists by a digest of the public half.
pub(super) fn listed(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    let spki = input.text().and_then(|block| describe(block, &mut claims));
    // Oracle Cloud's own words stand around its keys.
    let oracle = &["user", "tenancy"].map(|kind| (kind, ocid(input, kind)));
    for (kind, id) in oracle {
        claims.add(&format!("{kind}_ocid"), id.clone());
    }
    if let Some(spki) = spki {
        if oracle.iter().any(|(_, id)| id.is_some()) {
            claims.add_key_id("fingerprint", &keys::md5_colons(&spki));
        } else {
            claims.add_key_id("fingerprint", &format!("SHA256:{}", BASE64.encode(&sha2::Sha256::digest(&spki))));
        }
    }
    claims
}

/// An Oracle Cloud id of `kind` near the key.
fn ocid(input: &Input<'_>, kind: &str) -> Option<String> {
    const FAR: usize = 1000;
    let whole = input.matched.whole;
    let near = [
        &input.bytes[whole.start.saturating_sub(FAR)..whole.start],
        &input.bytes[whole.end..input.bytes.len().min(whole.end + FAR)],
    ];
    near.iter().find_map(|place| {
        let at = memchr::memmem::find(place, format!("ocid1.{kind}.").as_bytes())?;
        let n = place[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')).count();
        String::from_utf8(place[at..at + n].to_vec()).ok()
    })
}

/// A block that is encoded once more. Rejected if it holds no private key.
pub(super) fn wrapped(input: &Input<'_>) -> Option<Claims> {
    let inner = unwrap(input.value)?;
    let text = String::from_utf8_lossy(&inner);
    let first = text.lines().next()?;
    if !first.contains("PRIVATE KEY") {
        return None;
    }
    let mut claims = Claims::default();
    let spki = describe(&text, &mut claims);
    certificate::beside(input, spki.as_deref(), &mut claims);
    Some(claims)
}

fn unwrap(text: &[u8]) -> Option<Vec<u8>> {
    let clean: Vec<u8> =
        text.iter().copied().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    BASE64_NOPAD.decode(&clean).or_else(|_| BASE64.decode(&clean[..clean.len() / 4 * 4])).ok()
}

/// Adds what the block says; the DER of its public half, where it carries one.
pub(super) fn describe(block: &str, claims: &mut Claims) -> Option<Vec<u8>> {
    let label = block.split("-----").nth(1).and_then(|l| l.strip_prefix("BEGIN "))?;
    claims.add("label", label);
    let old_style = block.contains("Proc-Type: 4,ENCRYPTED");
    claims.add("encrypted", old_style || label.contains("ENCRYPTED"));
    if old_style {
        let cipher = block.split("DEK-Info:").nth(1).and_then(|l| l.split(',').next());
        claims.add("cipher", cipher.map(|c| c.trim().to_ascii_lowercase()));
        return None;
    }
    let spki = keys::describe(label, &der(block)?, claims)?;
    keys::fingerprint(&spki, claims);
    Some(spki)
}

/// The decoded body of the block at the start of `bytes`, which may be encoded once more.
pub(super) fn der_at(bytes: &[u8]) -> Option<Vec<u8>> {
    const LONGEST: usize = 24 << 10;
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    if bytes.starts_with(b"-----") {
        der(&String::from_utf8_lossy(bytes))
    } else {
        der(&String::from_utf8_lossy(&unwrap(bytes)?))
    }
}

/// The decoded body; escapes and white space between the lines are skipped.
fn der(block: &str) -> Option<Vec<u8>> {
    let body = block.split("-----").nth(2)?;
    let clean: String = body
        .replace("\\n", "")
        .replace("\\r", "")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))
        .collect();
    BASE64_NOPAD.decode(clean.as_bytes()).or_else(|_| BASE64.decode(&clean.as_bytes()[..clean.len() / 4 * 4])).ok()
}
