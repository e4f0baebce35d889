//! Armoured private keys: their kind, and whether a pass phrase protects them.

use data_encoding::BASE64;

use super::{Claims, Input};

/// What a block says about itself.
pub(super) fn decode(input: &Input<'_>) -> Claims {
    let mut claims = Claims::default();
    if let Some(block) = input.text() {
        describe(block, &mut claims);
    }
    claims
}

/// A block that is encoded once more. Rejected if it holds no private key.
pub(super) fn wrapped(input: &Input<'_>) -> Option<Claims> {
    let clean: Vec<u8> = input.value.iter().copied().filter(|b| *b != b'=').collect();
    let inner = BASE64.decode(&clean[..clean.len() / 4 * 4]).ok()?;
    let text = String::from_utf8_lossy(&inner);
    let first = text.lines().next()?;
    if !first.contains("PRIVATE KEY") {
        return None;
    }
    let mut claims = Claims::default();
    describe(&text, &mut claims);
    Some(claims)
}

fn describe(block: &str, claims: &mut Claims) {
    let Some(label) = block.split("-----").nth(1).and_then(|l| l.strip_prefix("BEGIN ")) else { return };
    claims.add("label", label);
    let encrypted = label.contains("ENCRYPTED") || block.contains("Proc-Type: 4,ENCRYPTED");
    claims.add("encrypted", encrypted);
    let kind = match label {
        "RSA PRIVATE KEY" => Some("rsa"),
        "EC PRIVATE KEY" => Some("ec"),
        "DSA PRIVATE KEY" => Some("dsa"),
        "PRIVATE KEY" => der(block).as_deref().and_then(pkcs8_kind),
        _ => None,
    };
    if let Some(kind) = kind {
        claims.add("key_type", kind);
    }
    if !encrypted
        && kind == Some("rsa")
        && let Some(bits) = der(block).as_deref().and_then(|d| rsa_bits(d, label == "PRIVATE KEY"))
    {
        claims.add("key_bits", bits as u64);
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
    BASE64.decode(&clean.as_bytes()[..clean.len() / 4 * 4]).ok()
}

/// The algorithm of a PKCS #8 key, by its object identifier.
fn pkcs8_kind(der: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 5] = [
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "rsa"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "ec"),
        (&[0x2b, 0x65, 0x70], "ed25519"),
        (&[0x2b, 0x65, 0x6e], "x25519"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], "dsa"),
    ];
    let head = &der[..der.len().min(40)];
    KINDS.iter().find(|(oid, _)| memchr::memmem::find(head, oid).is_some()).map(|(_, kind)| *kind)
}

/// Bits of an RSA key's modulus.
fn rsa_bits(der: &[u8], pkcs8: bool) -> Option<usize> {
    let mut at = 0;
    let mut element = |der: &[u8], enter: bool| -> Option<(u8, usize)> {
        let tag = *der.get(at)?;
        let first = usize::from(*der.get(at + 1)?);
        let (length, head) = if first < 0x80 {
            (first, 2)
        } else {
            let n = first & 0x7f;
            let bytes = der.get(at + 2..at + 2 + n)?;
            (bytes.iter().take(4).fold(0_usize, |l, b| l << 8 | usize::from(*b)), 2 + n)
        };
        at += head;
        if !enter {
            at += length;
        }
        Some((tag, length))
    };
    element(der, true)?; // SEQUENCE
    element(der, false)?; // version
    if pkcs8 {
        element(der, false)?; // algorithm
        element(der, true)?; // OCTET STRING
        element(der, true)?; // SEQUENCE
        element(der, false)?; // version
    }
    let (tag, length) = element(der, false)?; // modulus
    let bits = length.checked_sub(1)? * 8;
    (tag == 2 && (512..=16384).contains(&bits)).then_some(bits)
}
