//! Check values inside credentials, where the provider's algorithm is known.

use serde::{Deserialize, Serialize};

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

/// An algorithm: given everything before the check value, the check value.
struct Algorithm {
    name: &'static str,
    /// Characters of the check value at the end.
    width: usize,
    of: fn(&str) -> Option<String>,
}

const ALGORITHMS: &[Algorithm] = &[
    // GitHub, npm: CRC-32 of the body behind the prefix, base62.
    Algorithm { name: "crc32-base62-6", width: 6, of: |head| crc_base62(&head[head.rfind('_')? + 1..]) },
    // Vercel: CRC-32 of the 50 characters before.
    Algorithm { name: "vercel-crc32-base62-6", width: 6, of: |head| crc_base62(head.get(head.len().checked_sub(50)?..)?) },
    // Zuplo: CRC-32 of the 32 characters before, hex.
    Algorithm {
        name: "zuplo-crc32-hex",
        width: 8,
        of: |head| {
            let body = head.strip_suffix('_').unwrap_or(head);
            Some(format!("{:08x}", crc32fast::hash(body.get(body.len().checked_sub(32)?..)?.as_bytes())))
        },
    },
    // Grafana: CRC-32 of the prefix and the 32 characters, little-endian hex.
    Algorithm {
        name: "grafana-crc32le-hex",
        width: 8,
        of: |head| {
            let body = head.strip_suffix('_')?;
            Some(crate::secret::hex(&crc32fast::hash(body.as_bytes()).to_le_bytes()))
        },
    },
    // GitLab routable tokens: CRC-32 of all that precedes, base36.
    Algorithm { name: "gitlab-routable", width: 7, of: |head| Some(base(u64::from(crc32fast::hash(head.as_bytes())), BASE36, 7)) },
];

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

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

/// Compares the check value of `value`.
pub(super) fn verdict(rule: &Rule, value: &[u8]) -> ChecksumVerdict {
    let Some(algorithm) = find(rule) else { return ChecksumVerdict::None };
    let split = || {
        let text = std::str::from_utf8(value).ok()?;
        let (head, check) = text.split_at_checked(text.len().checked_sub(algorithm.width)?)?;
        Some(((algorithm.of)(head)?, check))
    };
    match split() {
        Some((expected, check)) if expected == check => ChecksumVerdict::Fit,
        _ => ChecksumVerdict::Misfit,
    }
}

/// The check value that belongs behind `head`: what `{checksum}` in a template becomes.
pub(crate) fn append(rule: &Rule, head: &str) -> Option<String> {
    (find(rule)?.of)(head)
}

/// Whether the rule's algorithm is one that can be computed here.
pub(crate) fn known(rule: &Rule) -> bool {
    find(rule).is_some()
}

fn find(rule: &Rule) -> Option<&'static Algorithm> {
    let name = rule.checksum.as_deref()?;
    ALGORITHMS.iter().find(|a| a.name == name)
}
