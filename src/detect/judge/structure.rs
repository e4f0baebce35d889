//! What stands around a value: the name it is assigned to, and how.

use super::Rejection;
use crate::detect::candidate::rule::Rule;
use crate::position::Span;

/// How a value is tied to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `:`.
    Colon,
    /// An argument: `set("name", "value")`.
    Argument,
    /// An element: `<name>value</name>`.
    Element,
    /// A command-line option: `--name value`.
    Option,
}

/// The surroundings of a value on its line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assignment {
    /// The name.
    pub(crate) key: Option<String>,
    /// How it is tied.
    pub(crate) operator: Option<Operator>,
    /// The value stands in quotes.
    pub(crate) quoted: bool,
    /// `Bearer`, `Basic`, `Token` before the value.
    pub(crate) scheme: Option<&'static str>,
}

/// Bytes before a value that are read for its name.
const BEFORE: usize = 200;

/// Reads the name that the value at `span` is assigned to, from the bytes before it on its line.
pub(crate) fn assignment(bytes: &[u8], span: Span) -> Assignment {
    let low = span.start.saturating_sub(BEFORE);
    let low = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let mut left = Left { text: &bytes[low..span.start] };
    let mut found = Assignment { quoted: left.quotes(), ..Assignment::default() };
    for (word, name) in [(&b"bearer"[..], "Bearer"), (b"basic", "Basic"), (b"token", "Token"), (b"apikey", "ApiKey")] {
        if left.scheme(word) {
            found.scheme = Some(name);
            left.spaces();
            found.quoted |= left.quotes();
            break;
        }
    }
    let spaced = left.spaces();
    let operator = match left.text.last() {
        Some(b'=') => {
            left.drop_while(|b| matches!(b, b'=' | b':' | b'?' | b'+' | b'!'));
            Operator::Equals
        }
        Some(b'>') if left.text.ends_with(b"=>") => {
            left.drop(2);
            Operator::Equals
        }
        Some(b'>') if left.text.ends_with(b"->") => return found,
        Some(b'>') => {
            left.drop(1);
            Operator::Element
        }
        Some(b':') => {
            left.drop_while(|b| b == b':');
            Operator::Colon
        }
        Some(b',' | b'(') => {
            left.drop(1);
            Operator::Argument
        }
        Some(_) if spaced => Operator::Option,
        _ => return found,
    };
    let apart = left.spaces();
    left.drop_while(|b| matches!(b, b'"' | b'\'' | b'`' | b']' | b')' | b'\\' | b' '));
    let mut key = left.name();
    // `api_key: &str = "..."`: what stands before `=` is a type.
    if operator == Operator::Equals && apart {
        let rest = Left { text: &left.text[..left.text.len() - key.len()] };
        if let Some(before) = rest.before_type() {
            key = before;
        }
    }
    let key = key.trim_start_matches(['-', '.', '/', '$', '@']).trim_end_matches(['-', '.', '/']);
    let option = operator != Operator::Option || left.text.len() > key.len() && is_flag(left.text, key);
    if !key.is_empty() && key.bytes().any(|b| b.is_ascii_alphabetic()) && option {
        found.key = Some(key.to_owned());
        found.operator = Some(operator);
    }
    found
}

fn is_flag(text: &[u8], key: &str) -> bool {
    let before = &text[..text.len() - key.len()];
    before.ends_with(b"-") || before.ends_with(b"--")
}

/// Text left of a value, eaten from its right end.
struct Left<'t> {
    text: &'t [u8],
}

impl<'t> Left<'t> {
    fn drop(&mut self, n: usize) {
        self.text = &self.text[..self.text.len() - n];
    }

    fn drop_while(&mut self, eat: impl Fn(u8) -> bool) -> bool {
        let n = self.text.iter().rev().take_while(|b| eat(**b)).count();
        self.drop(n);
        n > 0
    }

    fn spaces(&mut self) -> bool {
        self.drop_while(|b| matches!(b, b' ' | b'\t'))
    }

    fn quotes(&mut self) -> bool {
        self.drop_while(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\'))
    }

    /// Eats an authentication scheme and the space behind it.
    fn scheme(&mut self, word: &[u8]) -> bool {
        let trimmed = self.text.trim_ascii_end();
        let spaced = trimmed.len() < self.text.len();
        let at = trimmed.len().saturating_sub(word.len());
        let alone = at == 0 || !trimmed[at - 1].is_ascii_alphanumeric() && !matches!(trimmed[at - 1], b'_' | b'-');
        let is = spaced && alone && trimmed[at..].eq_ignore_ascii_case(word);
        if is {
            self.text = &trimmed[..at];
        }
        is
    }

    /// The name at the right end.
    fn name(&self) -> &'t str {
        let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'@');
        let n = self.text.iter().rev().take(80).take_while(|b| part(**b)).count();
        std::str::from_utf8(&self.text[self.text.len() - n..]).unwrap_or_default()
    }

    /// The name before a type annotation: `name: Type<..>`.
    fn before_type(&self) -> Option<&'t str> {
        let mut left = Left { text: self.text };
        let typed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'&' | b'<' | b'>' | b'\'' | b'?' | b'[' | b'_' | b'|');
        left.drop_while(typed);
        if left.text.last() != Some(&b':') || left.text.ends_with(b"::") {
            return None;
        }
        left.drop(1);
        left.spaces();
        left.drop_while(|b| matches!(b, b'?' | b'!'));
        let name = left.name();
        (!name.is_empty()).then_some(name)
    }
}

/// Names whose values are random strings but no credentials.
const OTHER: &[&str] = &[
    "hash", "sha1", "sha256", "sha512", "md5", "digest", "checksum", "integrity", "commit", "revision", "etag", "fingerprint",
    "thumbprint", "uuid", "guid", "nonce", "trace", "span_id", "spanid", "requestid", "request_id", "correlation", "build_id", "buildid",
    "public_key", "publickey", "pubkey", "cert", "certificate", "signature", "version", "session_id", "sha", "crc", "blob", "image",
];

/// Whether a contextual shape is really assigned to something that can be a credential.
pub(super) fn check_contextual(
    rule: &Rule,
    bytes: &[u8],
    span: Span,
    assignment: &Assignment,
) -> Result<(), Rejection> {
    let value = span.of(bytes);
    let in_url_path = span.start > 0 && bytes[span.start - 1] == b'/';
    if assignment.key.is_none() && assignment.scheme.is_none() && !assignment.quoted && !in_url_path {
        return Err(Rejection::NotAssigned);
    }
    if let Some(key) = &assignment.key {
        let lower = key.to_ascii_lowercase();
        let credential = ["key", "secret", "token", "passw", "auth", "cred"].iter().any(|w| lower.contains(w));
        let last = lower.rsplit(['.', '-']).next().unwrap_or_default();
        if !credential && OTHER.iter().any(|w| lower == *w || last == *w || lower.ends_with(&format!("_{w}")) || lower.starts_with(&format!("{w}_"))) {
            return Err(Rejection::OtherMeaning);
        }
        if ["sha256", "sha1", "sha512", "md5", "checksum", "integrity", "digest", "public"].iter().any(|w| lower.contains(w)) {
            return Err(Rejection::OtherMeaning);
        }
    }
    let _ = (rule, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(line: &str) -> String {
        let at = line.find("VALUE").unwrap();
        let found = assignment(line.as_bytes(), Span::new(at, at + 5));
        format!("{} {}", found.key.unwrap_or_default(), found.scheme.unwrap_or_default()).trim().to_owned()
    }

    #[test]
    fn names_of_the_usual_assignments() {
        for (line, key) in [
            ("API_KEY=VALUE", "API_KEY"),
            ("export ACME_API_KEY=\"VALUE\"", "ACME_API_KEY"),
            ("  api_key: VALUE", "api_key"),
            ("\"apiKey\": \"VALUE\",", "apiKey"),
            ("let api_key: &'static str = \"VALUE\";", "api_key"),
            ("const apiKey: string = 'VALUE'", "apiKey"),
            ("client.api_key := \"VALUE\"", "client.api_key"),
            (":api_key => 'VALUE'", "api_key"),
            ("config['acme_key'] = 'VALUE'", "acme_key"),
            ("<apiKey>VALUE</apiKey>", "apiKey"),
            ("headers.set(\"X-Api-Key\", \"VALUE\")", "X-Api-Key"),
            ("setApiKey(\"VALUE\")", "setApiKey"),
            ("curl -H 'X-Api-Key: VALUE'", "X-Api-Key"),
            ("curl -H 'Authorization: Bearer VALUE'", "Authorization Bearer"),
            ("tool --api-key VALUE", "api-key"),
            ("tool --api-key=VALUE", "api-key"),
            ("https://api.example.com/v1?api_key=VALUE", "api_key"),
            ("just VALUE", ""),
        ] {
            assert_eq!(key_of(line), key, "{line}");
        }
    }
}
