//! Values that somebody is meant to fill in.

/// Words that a random value does not hold.
const WORDS: &[&[u8]] = &[
    b"example", b"sample", b"dummy", b"placeholder", b"changeme", b"change-me", b"change_me", b"replace", b"redacted",
    b"your-", b"your_", b"yourapi", b"yourkey", b"yourtoken", b"yoursecret", b"insert", b"foobar", b"foo-bar", b"todo",
    b"fixme", b"invalid", b"notareal", b"not-a-real", b"not_a_real", b"fake", b"xxxx", b"abcdefg", b"12345678",
    b"01234567", b"98765432", b"deadbeef", b"cafebabe", b"lorem", b"asdfgh", b"qwerty", b"secret-here", b"goes-here",
    b"goes_here", b"my-secret", b"my_secret", b"mysecret", b"my-api", b"my_api", b"myapikey", b"some-", b"some_", b"-here", b"_here",
    b"enter-", b"enter_", b"undefined", b"test-key", b"test_key", b"testkey", b"test-token", b"test_token", b"testtoken",
    b"hunter2", b"api-key", b"api_key", b"apikey", b"access-token", b"access_token", b"accesstoken", b"mock",
];

/// Words that people do use in passwords but that name no credential by themselves.
const WHOLE: &[&[u8]] = &[
    b"password", b"passwd", b"secret", b"pass", b"token", b"user", b"admin", b"root", b"test", b"pwd", b"guest", b"none",
    b"null", b"true", b"false", b"postgres", b"mysql", b"redis", b"rabbitmq", b"key", b"value", b"string", b"username",
    b"localhost", b"changeit", b"default", b"empty", b"required", b"optional", b"hidden", b"masked", b"private",
];

/// Whether `value` (without its rule's literal) only stands for a value. `people`: chosen by people,
/// so that shortness and words are no proof.
pub(super) fn is_placeholder(value: &[u8], people: bool) -> bool {
    if value.is_empty() {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    let has = |needle: &[u8]| memchr::memmem::find(&lower, needle).is_some();
    if is_template(value) || WHOLE.contains(&&lower[..]) {
        return true;
    }
    if lower.iter().filter(|b| **b == b'*' || **b == b'.').count() >= 3 && (has(b"***") || has(b"...")) {
        return true;
    }
    if WORDS.iter().any(|w| has(w)) {
        return true;
    }
    let mut distinct = [false; 256];
    lower.iter().for_each(|b| distinct[usize::from(*b)] = true);
    let distinct = distinct.iter().filter(|d| **d).count();
    if people {
        return distinct <= 1;
    }
    distinct <= 4.min(value.len() / 3) || has_stutter(&lower) || is_sequence(&lower)
}

/// `${NAME}`, `{{ name }}`, `<name>`, `%NAME%`, `$(...)`, `$NAME`.
fn is_template(value: &[u8]) -> bool {
    let pairs: [(&[u8], &[u8]); 6] =
        [(b"${", b"}"), (b"{{", b"}}"), (b"<", b">"), (b"%", b"%"), (b"$(", b")"), (b"{", b"}")];
    pairs.iter().any(|(open, close)| {
        memchr::memmem::find(value, open)
            .is_some_and(|at| memchr::memmem::find(&value[at + open.len()..], close).is_some())
    }) || value.starts_with(b"$")
}

/// Six times the same character in a row.
fn has_stutter(value: &[u8]) -> bool {
    value.windows(6).any(|w| w.iter().all(|b| *b == w[0]))
}

/// Most steps from one character to the next are the same small one: `abcdef`, `02468`.
fn is_sequence(value: &[u8]) -> bool {
    let steps: Vec<i16> = value.windows(2).map(|w| i16::from(w[1]) - i16::from(w[0])).collect();
    let same = steps.windows(2).filter(|s| s[0] == s[1] && s[0].abs() <= 2).count();
    value.len() >= 8 && same * 10 >= steps.len() * 6
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_and_values() {
        for text in ["<your-key>", "${API_KEY}", "xxxxxxxxxxxxxxxx", "abcdefghijklmnop", "YOUR_API_KEY", "aaaaaaaaaaaaaaaa"] {
            assert!(is_placeholder(text.as_bytes(), false), "{text}");
        }
        for text in ["q8Zr2LmX0vKp4TyB", "7f3a9c1e5b2d8f604c1a7e9b3d5f2c80"] {
            assert!(!is_placeholder(text.as_bytes(), false), "{text}");
        }
    }
}
