//! Values that people choose: passwords in addresses, headers and files.

use super::{Rejection, wordlike};
use crate::position::Span;

/// Hosts that are nobody's but the developer's.
const LOCAL: &[&str] = &[
    "localhost", "127.0.0.1", "0.0.0.0", "[::1]", "::1", "host.docker.internal", "host", "hostname", "server", "proxy",
];

/// Ends of hosts that documentation uses.
const SAMPLE_ENDS: &[&str] = &[
    "example.com", "example.org", "example.net", "example.io", ".example", ".test", ".invalid", ".localhost",
    "domain.com", "domain.tld", "foo.com", "bar.com", "foobar.com", "mydomain.com", "yourdomain.com", "myserver.com",
    "your-server.com", "company.com", "acme.com", "site.com", "server.com", "host.com", "some.host", "test.com",
    "website.com", "myhost.com", "corp.com", "somewhere.com", "somehost.com", "example.edu", "xxx.com",
];

/// User names that say that the pair is made up, with passwords that are plain words.
const SAMPLE_USERS: &[&str] = &[
    "user", "username", "usr", "myuser", "foo", "bar", "name", "login", "u", "me", "test", "someuser", "testuser",
    "example",
];

/// Judges a password: what it looks like, and where it would be used.
pub(super) fn check(bytes: &[u8], secret: Span, public: Option<Span>, whole: Span) -> Result<(), Rejection> {
    let value = secret.of(bytes);
    let user = public.map(|s| s.of(bytes)).unwrap_or_default();
    let quoted = matches!(bytes.get(secret.end), Some(b'"' | b'\''));
    if is_code(value) || !quoted && super::structure::is_in_template(bytes, secret) {
        return Err(Rejection::Placeholder);
    }
    // The value goes on as a template.
    if matches!(bytes.get(secret.end), Some(b'{' | b'$' | b'<')) {
        return Err(Rejection::Placeholder);
    }
    let lower = value.to_ascii_lowercase();
    if !user.is_empty() && lower.eq_ignore_ascii_case(user) || lower.len() < 4 {
        return Err(Rejection::Placeholder);
    }
    let host = host_after(bytes, whole.end);
    // Names that are kept for documentation lead nowhere.
    if host.as_deref().is_some_and(is_sample) {
        return Err(Rejection::Placeholder);
    }
    let strength = strength(value);
    if strength == Strength::Word {
        return Err(Rejection::LowEntropy);
    }
    if strength == Strength::Strong {
        return Ok(());
    }
    let user = String::from_utf8_lossy(user).to_ascii_lowercase();
    if SAMPLE_USERS.contains(&user.as_str()) {
        return Err(Rejection::Placeholder);
    }
    // A weak password counts only where it opens something that others can reach.
    match host {
        Some(host) if is_local(&host) => Err(Rejection::Placeholder),
        _ => Ok(()),
    }
}

/// How a password looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// A word, or one with a number at its end.
    Word,
    /// Chosen by somebody.
    Chosen,
    /// Drawn at random.
    Strong,
}

/// How `value` looks.
pub(super) fn strength(value: &[u8]) -> Strength {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let symbols = value.len() - digits - letters;
    let inner_symbols = value[..value.len() - 1]
        .iter()
        .filter(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.'))
        .count();
    let upper = value.iter().any(u8::is_ascii_uppercase);
    let lower = value.iter().any(u8::is_ascii_lowercase);
    let kinds = usize::from(upper) + usize::from(lower) + usize::from(digits > 0) + usize::from(symbols > 0);
    let (mean, pairs) = wordlike::score(value);
    let words = pairs >= 3 && mean >= if value.len() >= 12 { 0.9 } else { 0.3 };
    if letters == 0 || digits + symbols == 0 && (words || !(upper && lower)) || value.len() < 6 {
        return Strength::Word;
    }
    if words && inner_symbols == 0 && digits <= 4 && (kinds <= 2 || value.len() < 8) {
        return Strength::Word;
    }
    let drawn = value.len() >= 12 && kinds >= 2 && !words && super::entropy::shannon(value) >= 2.9;
    if drawn { Strength::Strong } else { Strength::Chosen }
}

/// Formats, calls and templates stand where a value would.
fn is_code(value: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(value, needle).is_some();
    has(b"%s")
        || has(b"%v")
        || has(b"%d")
        || has(b"${")
        || has(b"{}")
        || has(b"()")
        || has(b"::")
        || value.starts_with(b"$")
        || value.starts_with(b":")
        || value.starts_with(b"%(")
        || value.starts_with(b"<")
        || value.starts_with(b"[")
        || has(b"\" +")
        || has(b"process.env")
        || has(b"os.environ")
        || value.starts_with(b"+")
        || value.starts_with(b"@") && value.ends_with(b"@")
}

/// The host that stands behind the at sign of an address.
fn host_after(bytes: &[u8], end: usize) -> Option<String> {
    // Some expressions end behind the sign and one byte of the host.
    let at = memchr::memrchr(b'@', &bytes[end.saturating_sub(2)..end]).map(|n| end.saturating_sub(2) + n + 1)?;
    let rest = &bytes[at..bytes.len().min(at + 120)];
    let n =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']')).count();
    Some(String::from_utf8_lossy(&rest[..n]).to_ascii_lowercase())
}

/// Reserved for documentation and tests (RFC 2606, RFC 6761).
fn is_sample(host: &str) -> bool {
    const RESERVED: [&str; 3] = ["example.com", "example.org", "example.net"];
    RESERVED.iter().any(|end| {
        host.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.') || end.starts_with('.'))
    })
}

fn is_local(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    LOCAL.contains(&host)
        || SAMPLE_ENDS.iter().any(|e| host.ends_with(e))
        || !host.contains('.')
        || host.starts_with("127.")
        || host.starts_with("192.168.")
        || host.starts_with("10.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths() {
        for (text, want) in [
            ("password1", Strength::Word),
            ("postgres", Strength::Word),
            ("letmein", Strength::Word),
            ("Summer#2019!", Strength::Chosen),
            ("q8Zr2LmX0vKp4TyB", Strength::Strong),
            ("7f3a9c1e5b2d8f60", Strength::Strong),
        ] {
            assert_eq!(strength(text.as_bytes()), want, "{text}");
        }
    }
}
