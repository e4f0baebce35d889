//! Check values inside credentials, where the provider's algorithm is known.

use data_encoding::{BASE32, BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::marvin::marvin32;
use crate::detect::candidate::rule::Rule;

/// What the check value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChecksumVerdict {
    /// The format has none, or none that is known.
    None,
    /// It fits: no chance string does.
    Fit,
    /// It does not fit.
    Misfit,
}

/// An algorithm.
struct Algorithm {
    name: &'static str,
    /// Whether the value's check fits.
    fits: fn(&str) -> Option<bool>,
    /// Given everything before the check value, the check value.
    append: fn(&str) -> Option<String>,
}

/// An algorithm whose check value is the last `$width` characters.
macro_rules! suffix {
    ($name:literal, $width:literal, $of:expr) => {
        Algorithm {
            name: $name,
            fits: |value| {
                let (head, check) = value.split_at_checked(value.len().checked_sub($width)?)?;
                let of: fn(&str) -> Option<String> = $of;
                Some(of(head)? == check)
            },
            append: $of,
        }
    };
}

const ALGORITHMS: &[Algorithm] = &[
    // GitHub, npm: CRC-32 of the body behind the prefix, base62.
    suffix!("crc32-base62-6", 6, |head| crc_base62(&head[head.rfind('_')? + 1..])),
    // Vercel: CRC-32 of the 50 characters before.
    suffix!("vercel-crc32-base62-6", 6, |head| crc_base62(last(head, 50)?)),
    // Zuplo: CRC-32 of the 32 characters before, hex.
    suffix!("zuplo-crc32-hex", 8, |head| {
        let body = head.strip_suffix('_').unwrap_or(head);
        Some(format!("{:08x}", crc32fast::hash(last(body, 32)?.as_bytes())))
    }),
    // Grafana: CRC-32 of the prefix and the 32 characters, little-endian hex.
    suffix!("grafana-crc32le-hex", 8, |head| {
        Some(crate::secret::hex(&crc32fast::hash(head.strip_suffix('_')?.as_bytes()).to_le_bytes()))
    }),
    // GitLab routable tokens: CRC-32 of all that precedes, base36.
    suffix!("gitlab-routable", 7, |head| Some(base(u64::from(crc32fast::hash(head.as_bytes())), BASE36, 7))),
    // Customer.io: XOR of the body's bytes, as an index into the alphabet.
    suffix!("customerio-xor62", 1, |head| {
        let sum = last(head, 31)?.bytes().fold(0, |sum, b| sum ^ b);
        Some(char::from(LETTERS_FIRST[usize::from(sum) % 62]).to_string())
    }),
    // GitHub's fine-grained tokens: base32 of SHA-256 of all that precedes, eight before the last eight.
    Algorithm {
        name: "github-fine-grained",
        fits: |value| {
            let at = value.len().checked_sub(16)?;
            Some(sha256_base32_8(value.get(..at)?) == value.get(at..at + 8)?)
        },
        append: |head| Some(sha256_base32_8(head)),
    },
    // Azure's identifiable keys: the last four decoded bytes are a Marvin hash of the others.
    Algorithm {
        name: "azure-marvin32",
        fits: |value| {
            decode_any(value)?;
            Some(azure_seed(value).is_some())
        },
        append: |head| {
            let data = BASE64.decode(token(head).as_bytes()).ok()?;
            Some(BASE64.encode(&marvin32(&data, *AZURE_SEEDS[0]).to_le_bytes()))
        },
    },
    // Entra client secrets: three digits in base 66 of a Marvin hash.
    suffix!("entra-8q", 3, |head| {
        const DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
        Some(base(u64::from(marvin32(head.as_bytes(), *b"AadPwd00")), DIGITS, 6)[..3].to_owned())
    }),
    Algorithm { name: "azure-devops-pat-52", fits: azure_devops_52, append: |_| None },
    // NuGet: the first two decoded bytes are `v4`.
    Algorithm {
        name: "nuget-v4",
        fits: |value| {
            let start = BASE32.decode(value.get(..8)?.to_ascii_uppercase().as_bytes()).ok()?;
            Some(start.starts_with(b"v4"))
        },
        append: |_| None,
    },
    // PyPI: a macaroon of version 2 whose location is the index's host.
    Algorithm {
        name: "pypi-macaroon",
        fits: |value| {
            let body = value.strip_prefix("pypi-")?;
            let bytes = BASE64URL_NOPAD.decode(&body.as_bytes()[..body.len() / 4 * 4]).ok()?;
            Some(bytes.starts_with(&[2, 1]) && memchr::memmem::find(&bytes, b"pypi.org").is_some())
        },
        append: |_| None,
    },
    // age: bech32 over the lower-cased text.
    suffix!("bech32-age", 6, |head| bech32(token(head))),
];

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const LETTERS_FIRST: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Seeds of Azure's services; a value that fits one by chance is one in 200 million.
const AZURE_SEEDS: &[&[u8; 8]] = &[
    b"Default0", b"Send0000", b"Listen00", b"Manage00", b"MastRO00", b"MastRW00", b"Functi00", b"System00",
    b"Master00", b"Query000", b"PAdmin00", b"ACRDflt0", b"Access00", b"AbAcct00", b"IoTHub00", b"DpsKey00",
    b"Device00", b"Classic0", b"Tenant00", b"Gatewy00", b"GitKey00",
];

/// The seed under which the check value of an Azure key fits: it tells the service and the key's role.
pub(crate) fn azure_seed(value: &str) -> Option<[u8; 8]> {
    let bytes = decode_any(value)?;
    let (data, check) = bytes.split_last_chunk::<4>()?;
    AZURE_SEEDS.iter().find(|seed| marvin32(data, ***seed).to_le_bytes() == *check).map(|seed| **seed)
}

#[allow(clippy::unnecessary_wraps, reason = "the table's functions all give an option")]
fn crc_base62(body: &str) -> Option<String> {
    Some(base(u64::from(crc32fast::hash(body.as_bytes())), BASE62, 6))
}

/// `n` in the alphabet's base, most significant digit first, left-padded to `width`.
fn base(mut n: u64, alphabet: &[u8], width: usize) -> String {
    let mut digits = Vec::new();
    while n > 0 || digits.len() < width {
        digits.push(char::from(alphabet[(n % alphabet.len() as u64) as usize]));
        n /= alphabet.len() as u64;
    }
    digits.iter().rev().collect()
}

fn last(text: &str, n: usize) -> Option<&str> {
    text.get(text.len().checked_sub(n)?..)
}

/// The token at the end of `text`.
fn token(text: &str) -> &str {
    let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_'));
    &text[text.rfind(other).map_or(0, |n| n + 1)..]
}

/// base64 in either alphabet, padded or not.
fn decode_any(value: &str) -> Option<Vec<u8>> {
    let plain = value.trim_end_matches('=');
    BASE64_NOPAD.decode(plain.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(plain.as_bytes())).ok()
}

fn sha256_base32_8(head: &str) -> String {
    BASE32.encode(&sha2::Sha256::digest(head.as_bytes())[..5])
}

/// Azure `DevOps`' 52-character tokens.
fn azure_devops_52(value: &str) -> Option<bool> {
    azure_devops_kind(value)?;
    Some(true)
}

/// Whose token it is, `user` or `application`, by the constant under which its check value fits: the
/// check bytes are strewn over the decoded bytes.
pub(crate) fn azure_devops_kind(value: &str) -> Option<&'static str> {
    let mut spec = data_encoding::Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.check_trailing_bits = false;
    let bytes = spec.encoding().ok()?.decode(value.to_ascii_lowercase().as_bytes()).ok()?;
    let bytes: [u8; 32] = bytes.get(..32)?.try_into().ok()?;
    let data = [&bytes[0..2], &bytes[3..7], &bytes[9..22], &bytes[23..32]].concat();
    let check = u32::from_le_bytes([bytes[22], bytes[8], bytes[7], bytes[2]]);
    let crc = crc32fast::hash(&data);
    match crc ^ check {
        0xE0B9_692D => Some("user"),
        0x1019_F92E => Some("application"),
        _ => None,
    }
}

/// The six check characters of a bech32 text without them, in its own case.
fn bech32(head: &str) -> Option<String> {
    const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = head.to_ascii_lowercase();
    let (name, data) = lower.rsplit_once('1')?;
    let mut values: Vec<u32> = name.bytes().map(|b| u32::from(b) >> 5).collect();
    values.push(0);
    values.extend(name.bytes().map(|b| u32::from(b) & 31));
    for b in data.bytes() {
        values.push(DIGITS.iter().position(|d| *d == b)? as u32);
    }
    values.extend([0; 6]);
    let mut sum: u32 = 1;
    for value in values {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ value;
        for (i, g) in [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].into_iter().enumerate() {
            if top >> i & 1 == 1 {
                sum ^= g;
            }
        }
    }
    sum ^= 1;
    let check: String = (0..6).map(|i| char::from(DIGITS[(sum >> (5 * (5 - i)) & 31) as usize])).collect();
    let upper = head.bytes().any(|b| b.is_ascii_uppercase());
    Some(if upper { check.to_ascii_uppercase() } else { check })
}

/// Compares the check value of `value`.
pub(super) fn verdict(rule: &Rule, value: &[u8]) -> ChecksumVerdict {
    let Some(algorithm) = find(rule) else { return ChecksumVerdict::None };
    match std::str::from_utf8(value).ok().and_then(algorithm.fits) {
        Some(true) => ChecksumVerdict::Fit,
        _ => ChecksumVerdict::Misfit,
    }
}

/// The check value that belongs behind `head`: what `{checksum}` in a template becomes.
pub(crate) fn append(rule: &Rule, head: &str) -> Option<String> {
    (find(rule)?.append)(head)
}

/// Whether the rule's algorithm is one that can be computed here.
pub(crate) fn known(rule: &Rule) -> bool {
    find(rule).is_some()
}

fn find(rule: &Rule) -> Option<&'static Algorithm> {
    let name = rule.checksum.as_deref()?;
    ALGORITHMS.iter().find(|a| a.name == name)
}

/// An Azure key whose check value fits under `seed`.
#[cfg(test)]
pub(crate) fn azure_example(seed: [u8; 8]) -> String {
    let data: Vec<u8> = (0..60_u8).map(|n| n.wrapping_mul(37) ^ seed[0]).collect();
    let check = marvin32(&data, seed).to_le_bytes();
    BASE64.encode(&[&data[..], &check].concat())
}

/// An Azure `DevOps` token of 52 characters, made under `constant`.
#[cfg(test)]
pub(crate) fn azure_devops_example(constant: u32) -> String {
    let mut bytes: Vec<u8> = (0..32_u8).map(|n| n.wrapping_mul(91) ^ 0x5a).collect();
    let data = [&bytes[0..2], &bytes[3..7], &bytes[9..22], &bytes[23..32]].concat();
    let check = (crc32fast::hash(&data) ^ constant).to_le_bytes();
    for (at, byte) in [22, 8, 7, 2].into_iter().zip(check) {
        bytes[at] = byte;
    }
    BASE32.encode(&bytes).trim_end_matches('=').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_that_fits_is_found_and_no_other() {
        for seed in AZURE_SEEDS {
            assert_eq!(azure_seed(&azure_example(**seed)), Some(**seed));
        }
        assert_eq!(azure_seed(&azure_example(*b"Foreign0")), None);
    }

    /// The test vector of BIP 173 and of the age specification's identities: case is kept.
    #[test]
    fn bech32_check() {
        assert_eq!(bech32("A1").unwrap(), "2UEL5L");
        assert_eq!(bech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7l").unwrap(), "mqqqxw");
    }

    #[test]
    fn digits_of_a_base() {
        assert_eq!(base(61, BASE62, 6), "00000z");
        assert_eq!(base(35, BASE36, 2), "0z");
    }
}
