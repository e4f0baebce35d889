//! Values that people choose and assign to a name: passwords and short secrets in code and files.
//!
//! Nothing vouches for them but what the name means, how the value is written and how it looks. Most
//! of what stands behind such names is no value: a label, a message, an expression, a placeholder.

use super::names::segments;
use super::passwords::{Strength, strength};
use super::{Rejection, generic, wordlike};
use crate::detect::Candidate;
use crate::position::Span;
use crate::source::RepoPath;

/// Longest name that is read.
const NAME: usize = 80;

/// The name around `anchor`, where the rule's literal stands.
pub(super) fn name_at(bytes: &[u8], anchor: usize) -> &str {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let before = bytes[..anchor].iter().rev().take(NAME).take_while(part).count();
    let after = bytes[anchor..].iter().take(NAME).take_while(part).count();
    let name = std::str::from_utf8(&bytes[anchor - before..anchor + after]).unwrap_or_default();
    name.trim_matches(['-', '.'])
}

/// Judges the value at `span` that is assigned to the name at the candidate's anchor.
pub(super) fn check(bytes: &[u8], path: &RepoPath, candidate: Candidate, span: Span) -> Result<(), Rejection> {
    let value = span.of(bytes);
    let name = name_at(bytes, candidate.anchor as usize);
    if !names_secret(name) || is_part_of_other(bytes, candidate.anchor as usize, name, span) {
        return Err(Rejection::OtherMeaning);
    }
    if is_translation(path) {
        return Err(Rejection::FileKind);
    }
    let quoted = is_quoted(bytes, span);
    if !quoted && super::structure::is_in_template(bytes, span) {
        return Err(Rejection::NotAssigned);
    }
    if value.iter().any(|b| !b.is_ascii_graphic()) || is_expression(bytes, path, span, quoted) {
        return Err(Rejection::NotAssigned);
    }
    if is_encrypted(value) || generic::is_reference(value) || is_place(value) || is_rules(value) || is_list(value) {
        return Err(Rejection::OtherMeaning);
    }
    if is_made_up(value, name) {
        return Err(Rejection::Placeholder);
    }
    if let Some((text, _)) = super::decode::text_of(value)
        && !generic::is_plausible(&text)
    {
        return Err(Rejection::OtherMeaning);
    }
    if strength(value) == Strength::Word && !is_phrase_with_number(value) || reads_as_words(value) {
        return Err(Rejection::LowEntropy);
    }
    Ok(())
}

/// `Kind::Secret`, `user:pass`, `check_password("...")`: the name belongs to something else.
fn is_part_of_other(bytes: &[u8], anchor: usize, name: &str, span: Span) -> bool {
    let mut before = bytes[..anchor]
        .iter()
        .rev()
        .take(NAME)
        .skip_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let behind = &bytes[anchor..span.start];
    // `"Smtp:Password"` is a path in quotes; `:password` alone is a symbol.
    let path = behind.iter().find(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))).copied();
    let scoped = before.next() == Some(&b':')
        && before.next().is_some_and(|b| b.is_ascii_alphanumeric() && path != Some(b'"') || *b == b':');
    // `name("VALUE")` sets it only if the name says so.
    let opened = behind.iter().rposition(|b| *b == b'(');
    let called = opened.is_some_and(|at| behind[..at].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_'));
    let first = segments(name);
    let last = name.rsplit('.').next().unwrap_or_default();
    let sets = first.first().is_some_and(|f| matches!(f.as_str(), "set" | "with" | "add" | "put"))
        || segments(last).len() == 1
        || matches!(segments(last).first().map(String::as_str), Some("set" | "with"));
    scoped || called && !sets
}

/// Whether a name means a value that opens something: its last part does, and no part says that it is
/// about one, or something else.
fn names_secret(name: &str) -> bool {
    /// Parts that stand behind the word and change nothing.
    const TAILS: &[&str] = &[
        "value", "text", "str", "string", "prod", "production", "dev", "development", "staging", "live", "test",
        "sandbox", "default", "plain", "plaintext", "cleartext", "raw", "primary", "secondary", "old", "new", "admin",
        "root", "master", "main", "backup", "env", "base64", "b64", "key", "keys",
    ];
    /// Parts that say that the name is about one: actions, states, pieces of a form.
    const ABOUT: &[&str] = &[
        "forgot", "forgotten", "forget", "reset", "resetting", "change", "changed", "changing", "show", "hide",
        "toggle", "enter", "entered", "invalid", "wrong", "incorrect", "bad", "missing", "no", "not", "is", "has",
        "have", "need", "needs", "require", "required", "requires", "lost", "recover", "recovery", "update", "updated",
        "verify", "check", "validate", "hash", "hashed", "encrypt", "encrypted", "decrypt", "decrypted", "generate",
        "generated", "salt", "public", "label", "placeholder", "hint", "field", "input", "form", "error", "errors",
        "message", "min", "max", "length", "strength", "type", "name", "path", "file", "url", "uri", "id", "match",
        "matches", "mismatch", "by", "allow", "can", "use", "without", "remember", "ask", "prompt", "expired",
        "expiry", "expire", "policy", "rule", "rules", "regex", "pattern", "format", "title", "header", "help", "desc",
        "description", "empty", "weak", "strong", "too", "must", "same", "should", "could", "would", "will", "split",
        "parse", "make", "get", "read", "load", "find", "create", "created", "choose", "your", "cli", "arn", "ref",
        "manager", "provider", "store", "vault", "render", "test", "class", "css", "icon",
    ];
    let parts = segments(name);
    let of = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let Some(at) = parts.iter().rposition(|p| is_word(&of(p))) else { return false };
    let (before, after) = (&parts[..at], &parts[at + 1..]);
    after.iter().all(|p| TAILS.contains(&of(p).as_str()) || of(p).is_empty())
        && !before.iter().any(|p| ABOUT.contains(&p.as_str()) && !matches!(p.as_str(), "test" | "form" | "strong"))
}

/// `password`, `pwd`, `dbpass`, `clientsecret`.
fn is_word(part: &str) -> bool {
    const WHOLE: [&str; 14] = [
        "pass", "password", "passwd", "passwrd", "passphrase", "passcode", "pwd", "secret", "secrets", "psw",
        "passwort", "passkey", "passwords", "pw",
    ];
    const ENDS: [&str; 5] = ["password", "passwd", "passphrase", "secret", "pwd"];
    /// Words before `pass` in one part.
    const OWNERS: [&str; 18] = [
        "db", "my", "user", "admin", "root", "mail", "smtp", "ftp", "ssh", "login", "bind", "key", "store", "http",
        "proxy", "auth", "pg", "sudo",
    ];
    WHOLE.contains(&part)
        || ENDS.iter().any(|e| part.ends_with(e))
        || part.strip_suffix("pass").is_some_and(|owner| OWNERS.contains(&owner))
        || part.ends_with("secretkey")
}

fn is_quoted(bytes: &[u8], span: Span) -> bool {
    let quote = |b: Option<&u8>| matches!(b, Some(b'"' | b'\'' | b'`' | b'\\'));
    quote(span.start.checked_sub(1).map(|i| &bytes[i])) && quote(bytes.get(span.end))
}

/// Whether code stands where a value would, or the text is only a part of an expression.
fn is_expression(bytes: &[u8], path: &RepoPath, span: Span, quoted: bool) -> bool {
    let value = span.of(bytes);
    let has = |needle: &[u8]| memchr::memmem::find(value, needle).is_some();
    if has(b"${") || has(b"{{") || has(b"}}") || has(b"#{") || has(b"$(") || has(b"%(") || has(b"<%") || has(b"{%") {
        return true;
    }
    if quoted {
        // `'--password='.$x['`: between two strings stands code.
        if matches!(value, [b'.' | b'+' | b',' | b')' | b']' | b';', ..]) || has(b".$") || has(b"$_") {
            return true;
        }
        // `"abc" + x`, `"%s" % x`, `"a".join(x)`
        let rest = bytes[span.end + 1..].iter().copied().filter(|b| *b != b' ' && *b != b'\\' && *b != b'"');
        let next: Vec<u8> = rest.take(2).collect();
        let goes_on = matches!(next.as_slice(), [b'+' | b'%', ..] | [b'=', b'=' | b'>'] | [b'?', _]);
        let compared = matches!(next.as_slice(), [b'=', ..]) && !has(b"=");
        return goes_on || compared || has(b"{}") || has(b"%s") || has(b"%v") || has(b"%d") || is_field(value);
    }
    let element = span.start > 0 && bytes[span.start - 1] == b'>';
    let called = has(b"(") || has(b"->") || has(b"::") || has(b"=>") || value.ends_with(b"[") || has(b"[]");
    let variable = matches!(value.first(), Some(b'$' | b'@' | b'&' | b'*' | b'!' | b'?' | b'[' | b'{' | b'(' | b'|'));
    let member = memchr::memchr(b'.', value).is_some_and(|at| {
        at > 0 && at + 1 < value.len() && wordlike::score(value).0 > 0.0 && value.iter().all(|b| is_member(*b))
    });
    // A query's or a command's words are values even in code; what else is bare there is a name.
    let in_text = is_in_text(bytes, span);
    called || variable || member || !element && !in_text && generic::is_code(path)
}

fn is_member(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'[' | b']' | b'?' | b'!')
}

/// `{name}`, `{0}`, `:name`: a field that is filled in.
fn is_field(value: &[u8]) -> bool {
    let name = |inner: &[u8]| inner.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    value.strip_prefix(b"{").and_then(|v| v.strip_suffix(b"}")).is_some_and(name)
        || value.strip_prefix(b":").is_some_and(|v| name(v) && wordlike::score(v).0 > 0.0)
        || memchr::memchr(b'{', value).is_some_and(|open| memchr::memchr(b'}', &value[open..]).is_some_and(|n| n > 1))
}

/// Whether the assignment stands inside a text: in a query, or right behind `NAME=` without spaces in a
/// string that goes on.
fn is_in_text(bytes: &[u8], span: Span) -> bool {
    let low = span.start.saturating_sub(200);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let before = &bytes[line..span.start];
    let tight = before.last() == Some(&b'=') && before.len() > 1 && before[before.len() - 2].is_ascii_alphanumeric();
    let quotes = |q: u8| memchr::memchr_iter(q, before).count() % 2 == 1;
    tight && (quotes(b'"') || quotes(b'\''))
}

/// Texts for people, by language.
fn is_translation(path: &RepoPath) -> bool {
    let lower = path.to_str_lossy().to_ascii_lowercase();
    let folder = |words: &[&str]| lower.split('/').rev().skip(1).any(|part| words.contains(&part));
    let name = lower.rsplit('/').next().unwrap_or_default();
    folder(&["locale", "locales", "i18n", "l10n", "lang", "langs", "language", "languages", "translations", "_locales"])
        || name.starts_with("messages_")
        || name.starts_with("messages.")
        || name.contains("translation")
        || [".strings", ".arb", ".ftl", ".po", ".xlf", ".lproj"].iter().any(|e| name.ends_with(e))
}

/// Encrypted or hashed: what stands there opens nothing by itself.
fn is_encrypted(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"ENC(", b"ENC[", b"enc:", b"enc(", b"{cipher}", b"{enc", b"{AES", b"{SSHA", b"{SHA", b"{MD5", b"{bcrypt}",
        b"{noop}", b"{pbkdf2", b"{scrypt", b"{argon2", b"$2a$", b"$2b$", b"$2y$", b"$6$", b"$5$", b"$1$", b"$argon2",
        b"$apr1$", b"pbkdf2_", b"pbkdf2:", b"bcrypt", b"argon2", b"sha1$", b"sha256$", b"md5$", b"scrypt:", b"!vault",
        b"$ANSIBLE_VAULT", b"vault:", b"gAAAAA", b"AQICAH", b"CiQA", b"crypt:", b"encrypted:", b"DPAPI:", b"SCRAM-SHA",
        b"01000000d08c9ddf", b"76492d1116743f",
    ];
    STARTS.iter().any(|s| value.starts_with(s))
}

/// `required|min:6|confirmed`: what a value has to be.
fn is_rules(value: &[u8]) -> bool {
    let rule = |part: &[u8]| {
        let word = part.iter().take_while(|b| b.is_ascii_lowercase() || **b == b'_').count();
        word >= 2 && matches!(part.get(word), None | Some(b':'))
    };
    memchr::memchr(b'|', value).is_some() && value.split(|b| *b == b'|').all(rule)
}

/// `DB-USER,DB-KEY`: names of secrets.
fn is_list(value: &[u8]) -> bool {
    let name = |part: &[u8]| {
        part.len() >= 4
            && part.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
            && wordlike::score(part).0 > -1.0
    };
    memchr::memchr(b',', value).is_some() && value.split(|b| *b == b',').all(name)
}

/// Addresses, paths and types.
fn is_place(value: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(value, needle).is_some();
    let slashes = memchr::memchr_iter(b'/', value).count();
    has(b"://")
        || matches!(value, [b'/' | b'~', ..]) && slashes >= 1
        || value.starts_with(b"./")
        || value.starts_with(b"../")
        || slashes >= 2 && wordlike::score(value).0 > 0.3
        || is_address(value)
        || generic::ends_like_file(value)
}

/// `name@host.tld`
fn is_address(value: &[u8]) -> bool {
    memchr::memchr(b'@', value).is_some_and(|at| {
        let host = &value[at + 1..];
        let ends = host.rsplit(|b| *b == b'.').next().unwrap_or_default();
        at > 0
            && memchr::memchr(b'.', host).is_some()
            && (2..=6).contains(&ends.len())
            && ends.iter().all(u8::is_ascii_lowercase)
            && host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    })
}

/// Values that say what they stand for, however they are dressed: `P@ssw0rd1`, `test1234`, `my-db-secret`.
fn is_made_up(value: &[u8], name: &str) -> bool {
    const PROOF: &[&str] = &[
        "password", "passwd", "passwort", "secret", "changeme", "example", "sample", "testing", "dummy", "fake",
        "foobar", "placeholder", "your", "redacted", "letmein", "qwerty", "undefined", "invalid", "hunter2", "test",
        "masked", "insert", "replace", "welcome", "sekret",
    ];
    const WORDS: &[&str] = &[
        "pass", "pwd", "foo", "bar", "baz", "demo", "default", "admin", "root", "user", "guest", "asdf", "hello",
        "world", "todo", "fixme", "xxx", "abc", "123", "null", "none", "nil", "true", "false", "string", "hidden",
        "wrong", "correct", "horse", "battery", "staple", "hunter", "token", "key", "value", "mysql", "postgres",
        "mongo", "redis", "rabbit", "some", "valid", "strong", "weak", "temp", "super", "unsafe", "dont", "please",
        "change", "unused", "blah", "whatever", "my", "secure", "login", "api", "client", "app", "new", "old",
    ];
    let plain: Vec<u8> = value
        .iter()
        .map(|b| match b.to_ascii_lowercase() {
            b'0' => b'o',
            b'3' => b'e',
            b'@' | b'4' => b'a',
            b'$' | b'5' => b's',
            b'7' => b't',
            other => other,
        })
        .collect();
    let lower = value.to_ascii_lowercase();
    if PROOF.iter().any(|w| {
        memchr::memmem::find(&lower, w.as_bytes()).is_some() || memchr::memmem::find(&plain, w.as_bytes()).is_some()
    }) {
        return true;
    }
    let mut told = 0;
    for word in WORDS {
        let bytes = word.as_bytes();
        let found = memchr::memmem::find(&lower, bytes).is_some() || memchr::memmem::find(&plain, bytes).is_some();
        told += usize::from(found) * bytes.len();
    }
    // Parts of its own name: `acme` in `acme_pass`, `smtp` in `SMTP_PASSWORD`.
    let own =
        segments(name).iter().filter(|p| p.len() >= 4).any(|p| memchr::memmem::find(&lower, p.as_bytes()).is_some());
    let distinct = lower.iter().collect::<std::collections::BTreeSet<_>>().len();
    own || told * 2 >= value.len() || distinct <= 3 || is_run_of_keys(&lower)
}

/// `12345678`, `abcdef12`, `qwer1234`: neighbours in the alphabet or on the keyboard.
fn is_run_of_keys(lower: &[u8]) -> bool {
    const ROWS: [&[u8]; 5] = [b"1234567890", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm", b"abcdefghijklmnopqrstuvwxyz"];
    let near = |a: u8, b: u8| {
        a == b
            || ROWS.iter().any(|row| {
                let at = |x: u8| row.iter().position(|r| *r == x);
                at(a).zip(at(b)).is_some_and(|(i, j)| i.abs_diff(j) == 1)
            })
    };
    let steps = lower.windows(2).filter(|w| near(w[0], w[1])).count();
    steps * 3 >= (lower.len() - 1) * 2
}

/// Two words or a long one, and a number behind: what people choose where a policy asks for digits.
fn is_phrase_with_number(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let digits = value[letters..].iter().take_while(|b| b.is_ascii_digit()).count();
    letters >= 6 && (2..=6).contains(&digits) && value.len() - letters - digits <= 1
}

/// Words with signs between or behind them: `Required!`, `new-password`, `user.password.label`.
fn reads_as_words(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let words: Vec<&[u8]> = value.split(|b| !b.is_ascii_alphabetic()).filter(|w| !w.is_empty()).collect();
    let letters: usize = words.iter().map(|w| w.len()).sum();
    let (mean, pairs) = wordlike::score(value);
    let lone_case = words.iter().all(|w| {
        let upper = w.iter().filter(|b| b.is_ascii_uppercase()).count();
        upper == 0 || upper == w.len() || upper == 1 && w[0].is_ascii_uppercase()
    });
    let inner = value[..value.len().saturating_sub(1)]
        .iter()
        .filter(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b','))
        .count();
    digits == 0
        && inner == 0
        && pairs >= 3
        && mean >= 0.2
        && (lone_case || mean >= 1.0)
        && letters * 3 >= value.len() * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_a_value() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPass",
            "PGPASSWORD",
            "spring.datasource.password",
            "userpass",
            "smtp_pwd",
            "setPassword",
            "MYSQL_ROOT_PASSWORD",
            "password1",
            "client_secret",
            "new_password",
            "dbpass",
            "jwtSecret",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "bypass", "passed", "password_field", "forgot_password", "resetPassword", "passwordHash", "secret_name",
            "passwordMinLength", "compass", "has_password", "password-file", "secretmanager",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn made_up_and_chosen() {
        for value in ["P@ssw0rd1", "test1234", "my-secret-1", "qwer1234", "12345678", "aaaa1111", "changeMe!"] {
            assert!(is_made_up(value.as_bytes(), "db"), "{value}");
        }
        for value in ["Sum9er#2o1k!", "xK9!pq2Lw", "h7Gs2kQp", "zqw8-Rt2x"] {
            assert!(!is_made_up(value.as_bytes(), "password"), "{value}");
        }
        for value in ["Required!", "new-password", "user.label", "currentPhrase"] {
            assert!(reads_as_words(value.as_bytes()), "{value}");
        }
    }
}
