//! Values that somebody is meant to fill in.
//!
//! A random value may hold any short word by chance, so a word counts only where chance is out:
//! long words anywhere, short ones between separators or in short values.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words of six or more letters or digits: no random value holds them.
const LONG: &[&str] = &[
    "example", "sample", "placeholder", "changeme", "change-me", "change_me", "changethis", "replace", "redacted",
    "yourapi", "yourkey", "yourtoken", "yoursecret", "yourpassword", "insert", "foobar", "foo-bar", "foo_bar",
    "invalid", "notareal", "not-a-real", "not_a_real", "notreal", "abcdefg", "12345678", "01234567", "98765432",
    "987654321", "deadbeef", "cafebabe", "baadf00d", "asdfgh", "qwerty", "lorem-", "secrethere", "keyhere",
    "tokenhere", "goeshere", "goes-here", "goes_here", "my-secret", "my_secret", "mysecret", "myapikey", "mytoken",
    "undefined", "testkey", "test-key", "test_key", "testtoken", "test-token", "test_token", "testsecret",
    "test-secret", "test_secret", "testing", "hunter2", "api-key", "api_key", "access-token", "access_token",
    "accesstoken", "secret-key", "secret_key", "secretkey", "auth-token", "auth_token", "password", "passw0rd",
    "dontuse", "do-not-use", "do_not_use", "nothing", "whatever", "anything", "something", "supersecret",
    "super-secret", "super_secret", "topsecret", "client-secret", "client_secret", "fakekey", "faketoken",
];

/// Shorter words: only between separators, or in values too short for chance.
const SHORT: &[&str] =
    &["your", "dummy", "todo", "fixme", "fake", "xxxx", "mock", "stub", "foo", "mykey", "apikey", "enter", "abcd"];

/// More of them, for values that no form vouches for: documented forms have such parts.
const SHORT_OPAQUE: &[&str] =
    &["here", "some", "none", "null", "test", "demo", "bar", "baz", "secret", "real", "this", "token", "value"];

/// All of them at once: the long words, then the short ones, then those for opaque values.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // Few values are judged in most runs: what is quick to build is best.
    let kind = Some(AhoCorasickKind::NoncontiguousNFA);
    let words = [LONG, SHORT, SHORT_OPAQUE].concat();
    AhoCorasick::builder().kind(kind).ascii_case_insensitive(true).build(words).ok()
});

/// Whole values that stand for a value.
const WHOLE: &[&str] = &[
    "password", "passwd", "secret", "pass", "token", "user", "admin", "root", "test", "pwd", "guest", "none", "null",
    "true", "false", "postgres", "postgresql", "mysql", "redis", "rabbitmq", "mongo", "mongodb", "key", "value",
    "string", "username", "localhost", "changeit", "default", "empty", "required", "optional", "hidden", "masked",
    "private", "db_password", "mypassword", "mypass", "userpass", "passw0rd", "p@ssw0rd", "p4ssw0rd", "p@ssword",
    "pass123", "test123", "admin123", "password1", "password123", "secret123", "user123", "abc123", "123456", "12345",
    "1234", "letmein", "hackme", "foo", "bar", "baz", "qux", "pw", "pword", "credentials", "login", "minioadmin",
    "minio123", "docker", "example", "toor", "wordpress", "drupal", "joomla", "django", "laravel", "airflow", "sonar",
    "keycloak", "odoo", "zabbix", "nextcloud", "elastic", "sa", "system", "oracle", "devpass", "dev", "local",
    "development", "production", "staging", "temp", "tmp", "sekret", "s3cr3t", "secure", "insecure", "unused",
    "ignored", "omitted", "removed", "not_used", "pass_word", "apikey",
];

/// What vouches for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// A form that nothing but a credential has.
    Formed,
    /// Nothing but its surroundings.
    Opaque,
    /// Chosen by people, so that shortness and words are no proof.
    Chosen,
}

/// Whether `value` (without its rule's literal) only stands for a value.
pub(super) fn is_placeholder(value: &[u8], looks: Looks) -> bool {
    if value.is_empty() || is_template(value) || is_masked(value) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    if WHOLE.iter().any(|w| w.as_bytes() == lower) {
        return true;
    }
    // What is left of a value that was crossed out.
    if lower.ends_with(b"xxxx") || lower.starts_with(b"xxxx") {
        return true;
    }
    if looks == Looks::Chosen {
        const PEOPLE: &[&[u8]] = &[
            b"your", b"example", b"placeholder", b"changeme", b"redacted", b"password", b"change_me", b"change-me",
            b"xxxx", b"dummy",
        ];
        return PEOPLE.iter().any(|w| memchr::memmem::find(&lower, w).is_some()) || distinct(&lower) <= 1;
    }
    holds_word(value, looks)
        || distinct(&lower) <= 4.min(value.len() / 3)
        || has_stutter(value)
        || is_sequence(&lower)
        || is_periodic(&lower)
}

/// Whether a long word stands anywhere in a value, or a short one where chance did not put it.
fn holds_word(value: &[u8], looks: Looks) -> bool {
    let opaque = LONG.len() + SHORT.len();
    let Some(words) = &*WORDS else { return false };
    words.find_overlapping_iter(value).any(|found| match found.pattern().as_usize() {
        word if word < LONG.len() => true,
        word => (word < opaque || looks == Looks::Opaque) && is_meant(value, found.start(), found.end()),
    })
}

/// Whether a short word stands between separators, or in a value too short to hold it by chance.
fn is_meant(value: &[u8], start: usize, end: usize) -> bool {
    let apart = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
    let length = end - start;
    let between = apart(start.checked_sub(1).and_then(|i| value.get(i))) && apart(value.get(end));
    // Two separators make the word's chance small enough only where values are not endless.
    let set_off = between && (length >= 4 || value.len() <= 40) && value.len() <= 200;
    set_off || length >= 4 && value.len() <= 20 || length >= 5 && value.len() <= 80
}

/// `${NAME}`, `{{ name }}`, `<name>`, `%NAME%`, `$(...)`, `$NAME`, `#{name}`, `@name@`.
fn is_template(value: &[u8]) -> bool {
    let within = |open: &[u8], close: &[u8]| {
        memchr::memmem::find(value, open)
            .is_some_and(|at| memchr::memmem::find(&value[at + open.len()..], close).is_some())
    };
    let name = |inner: &[u8]| {
        !inner.is_empty()
            && inner
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':' | b' ' | b'[' | b']'))
            && inner.iter().filter(|b| b.is_ascii_digit()).count() * 6 <= inner.len()
    };
    let wrapped =
        |open: &[u8], close: &[u8]| value.strip_prefix(open).and_then(|v| v.strip_suffix(close)).is_some_and(name);
    let bracketed = memchr::memchr3(b'{', b'(', b'<', value).is_some()
        && (within(b"${", b"}")
            || within(b"{{", b"}}")
            || within(b"#{", b"}")
            || within(b"$(", b")")
            || within(b"<", b">")
            || has_field(value)
            || holds_field(value));
    bracketed
        || wrapped(b"%", b"%")
        || wrapped(b"{", b"}")
        || wrapped(b"@", b"@")
        || wrapped(b"[", b"]")
        || wrapped(b"__", b"__")
        || value.strip_prefix(b"$").is_some_and(name)
}

/// `{base62:24}`, `{hex:40-64}`: a field of a template, as rules write their examples.
fn holds_field(value: &[u8]) -> bool {
    memchr::memchr_iter(b'{', value).any(|open| {
        let inner = value[open + 1..].split(|b| *b == b'}').next().unwrap_or_default();
        let colon = inner.iter().position(|b| *b == b':').unwrap_or(inner.len());
        let (class, length) = inner.split_at(colon);
        open + 1 + inner.len() < value.len()
            && !class.is_empty()
            && class.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && length.len() > 1
            && length[1..].iter().all(|b| b.is_ascii_digit() || *b == b'-')
    })
}

/// A field of a template: a short word, perhaps with an argument, in braces.
fn has_field(value: &[u8]) -> bool {
    memchr::memchr(b'{', value).is_some_and(|at| {
        let inner = &value[at + 1..];
        memchr::memchr(b'}', inner).is_some_and(|end| {
            end <= 40
                && inner[..end]
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'|' | b'-'))
        })
    })
}

/// Parts are starred or dotted out.
fn is_masked(value: &[u8]) -> bool {
    [&b"***"[..], b"...", b"\xe2\x80\xa6", b"\xe2\x80\xa2\xe2\x80\xa2", b"###"]
        .iter()
        .any(|m| memchr::memmem::find(value, m).is_some())
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    for b in value {
        seen[usize::from(*b)] = true;
    }
    seen.iter().filter(|d| **d).count()
}

/// Six times the same character in a row, or a third of the value. `A` is base64's zero, and formats
/// have some: half of the value it may not be.
fn has_stutter(value: &[u8]) -> bool {
    value.chunk_by(|a, b| a == b).any(|run| match run[0] {
        b'A' => run.len() >= 6 && run.len() * 2 >= value.len(),
        _ => run.len() >= 6 || run.len() >= 4 && run.len() * 3 >= value.len(),
    })
}

/// Most steps from one character to the next are the same small one: `abcdef`, `02468`.
fn is_sequence(value: &[u8]) -> bool {
    let steps: Vec<i16> = value.windows(2).map(|w| i16::from(w[1]) - i16::from(w[0])).collect();
    let same = steps.windows(2).filter(|s| s[0] == s[1] && s[0].abs() <= 2).count();
    value.len() >= 8 && same * 10 >= steps.len() * 6
}

/// The same few characters again and again: `a1b2a1b2a1b2`.
fn is_periodic(value: &[u8]) -> bool {
    (1..=value.len() / 3).take(16).any(|period| {
        let same = value.iter().zip(&value[period..]).filter(|(a, b)| a == b).count();
        same * 10 >= (value.len() - period) * 9
    })
}

#[cfg(test)]
mod tests {
    use super::{Looks, is_placeholder};

    #[test]
    fn placeholders_and_values() {
        for text in [
            "<your-key>",
            "${API_KEY}",
            "xxxxxxxxxxxxxxxx",
            "abcdefghijklmnop",
            "YOUR_API_KEY",
            "aaaaaaaaaaaaaaaa",
            "a1b2c3d4a1b2c3d4a1b2c3d4",
            "%API_KEY%",
            "your-key-here",
            "{{ secret }}",
            "9f3***********",
            "0000000000000000",
            "test-1f3a9c1e5b",
            "$API_KEY",
            "9f3a7c1e5b2d8f604c1a7e9bxxxx",
        ] {
            assert!(is_placeholder(text.as_bytes(), Looks::Opaque), "{text}");
        }
        for text in [
            "q8Zr2LmX0vKp4TyB",
            "7f3a9c1e5b2d8f604c1a7e9b3d5f2c80",
            "k7R2%2FqLm9vTz%2Bx4",
            "0BAAAAAAAAAAq8Zr2LmX0vKp4TyB",
            "$9xQ2mfoobGq1",
        ] {
            assert!(!is_placeholder(text.as_bytes(), Looks::Opaque), "{text}");
        }
    }
}
