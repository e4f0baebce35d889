//! Key stores in base64: what they hold and how they are protected, as far as that stands outside the
//! encryption.

use super::{Claims, Input};

const JKS: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];
/// Entries that are read.
const ENTRIES: usize = 16;

/// A Java keystore. Rejected if all that it holds are certificates that it trusts.
pub(super) fn java(input: &Input<'_>) -> Option<Claims> {
    let bytes = decoded(input.value)?;
    let mut rest = bytes.get(4..)?;
    let format = match bytes.get(..4)?.try_into().ok()? {
        JKS => "JKS",
        JCEKS => "JCEKS",
        _ => return None,
    };
    let (version, entries) = (number(&mut rest)?, number(&mut rest)?);
    if !matches!(version, 1 | 2) || entries == 0 {
        return None;
    }
    let mut claims = Claims::default();
    claims.add("format", format);
    claims.add("entries", entries);
    claims.add("encrypted", true);
    let (mut aliases, mut trusted) = (Vec::new(), 0);
    for _ in 0..ENTRIES.min(entries as usize) {
        let Some((tag, alias, made)) = entry(&mut rest) else { break };
        trusted += u32::from(tag == 2);
        if tag != 2 {
            if aliases.is_empty() {
                claims.add("iat", made);
            }
            aliases.push(alias);
        }
    }
    claims.add("aliases", aliases);
    (trusted < entries).then_some(claims)
}

/// Tag, alias and seconds of the next entry. A key is followed by its certificates, whose lengths stand
/// outside the encryption.
fn entry(rest: &mut &[u8]) -> Option<(u32, String, i64)> {
    let tag = number(rest)?;
    let length = u16::from_be_bytes(take(rest, 2)?.try_into().ok()?);
    let alias = String::from_utf8_lossy(take(rest, usize::from(length))?).into_owned();
    let made = i64::from_be_bytes(take(rest, 8)?.try_into().ok()?) / 1000;
    let certificates = match tag {
        1 => {
            blob(rest)?;
            number(rest)?
        }
        2 => 1,
        // A sealed object of JCEKS: its length is not told.
        _ => return Some((tag, alias, made)),
    };
    for _ in 0..certificates.min(16) {
        let kind = u16::from_be_bytes(take(rest, 2)?.try_into().ok()?);
        take(rest, usize::from(kind))?;
        blob(rest)?;
    }
    Some((tag, alias, made))
}

fn take<'b>(bytes: &mut &'b [u8], n: usize) -> Option<&'b [u8]> {
    let (head, tail) = bytes.split_at_checked(n)?;
    *bytes = tail;
    Some(head)
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    take(bytes, 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn blob<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = number(bytes)?;
    take(bytes, length as usize)
}

/// A PKCS #12 bundle: how its keys are encrypted, by the names of the algorithms that stand in clear.
pub(super) fn pkcs12(input: &Input<'_>) -> Claims {
    const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
    const PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
    const AES256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
    const AES128: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
    let mut claims = Claims::default();
    let Some(bytes) = decoded(input.value) else { return claims };
    claims.add("format", "PKCS #12");
    let at = |oid: &[u8]| memchr::memmem::find(&bytes, oid).map(|at| at + oid.len());
    let cipher = match (at(PBES2), at(PBE).and_then(|at| bytes.get(at))) {
        (Some(_), _) if at(AES256).is_some() => Some("AES-256"),
        (Some(_), _) if at(AES128).is_some() => Some("AES-128"),
        (Some(_), _) => Some("PBES2"),
        (None, Some(3 | 4)) => Some("3DES"),
        (None, Some(5 | 6)) => Some("RC2"),
        (None, Some(1 | 2)) => Some("RC4"),
        _ => None,
    };
    claims.add("encrypted", cipher.is_some());
    claims.add("cipher", cipher);
    claims
}

/// The bytes behind base64, whole groups of it.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let clean: Vec<u8> =
        text.iter().copied().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    data_encoding::BASE64.decode(&clean[..clean.len() / 4 * 4]).ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use data_encoding::BASE64;

    use super::*;
    use crate::detect::claims::testing::decode_value;

    #[test]
    fn what_keytool_writes() {
        let folder = tempfile::tempdir().unwrap();
        for (kind, format) in [("JKS", "JKS"), ("JCEKS", "JCEKS"), ("PKCS12", "PKCS #12")] {
            let file = folder.path().join(kind);
            let mut command = Command::new("keytool");
            command.args(["-genkeypair", "-alias", "partner-mtls", "-keyalg", "EC", "-dname", "CN=robot"]);
            command.args(["-storepass", "changeit1", "-keypass", "changeit1", "-storetype", kind, "-keystore"]);
            let Ok(output) = command.arg(&file).output() else { return };
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            let text = BASE64.encode(&std::fs::read(&file).unwrap());
            let claims = match kind {
                "PKCS12" => decode_value(pkcs12, &text),
                _ => decode_value(|input| java(input).unwrap(), &text),
            };
            assert_eq!((&claims.facts["format"], &claims.facts["encrypted"]), (&format.into(), &true.into()));
            if kind == "PKCS12" {
                assert_eq!(claims.facts["cipher"], "AES-256");
            } else {
                assert_eq!(claims.facts["aliases"], serde_json::json!(["partner-mtls"]));
                assert!(claims.facts["iat"].as_i64().unwrap() > 1_700_000_000);
            }
        }
    }

    #[test]
    fn a_store_of_trusted_certificates_is_no_secret() {
        let store = |tag: u32| {
            let mut bytes = JKS.to_vec();
            bytes.extend([2_u32, 1, tag].iter().flat_map(|n| n.to_be_bytes()));
            bytes.extend([0, 2, b'c', b'a']);
            bytes.extend(1_750_000_000_000_i64.to_be_bytes());
            bytes.extend([0, 5]);
            bytes.extend(b"X.509");
            bytes.extend([0, 0, 0, 3, 1, 2, 3]);
            BASE64.encode(&bytes)
        };
        let is_one = |text: &str| decode_value(|input| java(input).unwrap_or_default(), text).is_empty();
        assert!(is_one(&store(2)) && !is_one(&store(3)));
    }
}
