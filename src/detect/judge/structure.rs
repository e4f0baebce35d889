//! What stands around a value: the name it is assigned to, and how.

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
    /// The word before: `auth login VALUE`, `password VALUE`, `ENV NAME VALUE`.
    Word,
    /// The password of a URL: `scheme://name:value@host`.
    Userinfo,
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
    /// `Bearer`, `Basic`, `sso-key` before the value.
    pub(crate) scheme: Option<String>,
}

impl Assignment {
    /// Whether the value is the credential of an `Authorization` header.
    pub(crate) fn is_authorization(&self) -> bool {
        self.key.as_deref().is_some_and(|k| k.to_ascii_lowercase().contains("authorization"))
    }
}

/// Bytes before a value that are read for its name.
const BEFORE: usize = 240;

/// Reads the name that the value at `span` is assigned to, from the bytes before it.
pub(crate) fn assignment(bytes: &[u8], span: Span) -> Assignment {
    let low = span.start.saturating_sub(BEFORE);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let mut left = Left { text: &bytes[line..span.start] };
    let quoted = left.quotes();
    let mut found = Assignment { quoted, ..Assignment::default() };
    left.string_prefix(quoted);
    // The value stands on a line of its own: the name is on the line before.
    if left.text.iter().all(|b| matches!(b, b' ' | b'\t' | b'-' | b'[' | b'+' | b'>' | b'#' | b'/' | b'*')) {
        let Some(above) = line_above(bytes, low, line) else { return found };
        left = Left { text: above };
        left.drop_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\\' | b'|' | b'+' | b'-') || b == b'>');
        if !matches!(left.text.last(), Some(b':' | b'=' | b'(' | b'[' | b',' | b'{')) {
            return closing_key(left, found);
        }
    }
    if let Some(scheme) = left.scheme() {
        found.scheme = Some(scheme);
        left.spaces();
        found.quoted |= left.quotes();
    }
    let mut found = name_left_of(left, found);
    // `- name: X` and then `value: VALUE`: what the value is called stands beside.
    if let Some(key) = found.key.take() {
        let last = key.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let stands_beside =
            matches!(last.as_str(), "value" | "default" | "string" | "content" | "text" | "defaultvalue");
        let before = &bytes[low..span.start];
        let at = memchr::memmem::rfind(before, key.as_bytes()).unwrap_or(0);
        let beside = if stands_beside {
            std::str::from_utf8(&before[..at]).ok().and_then(|text| super::siblings::name_beside(bytes, text, span))
        } else {
            None
        };
        found.key = Some(beside.unwrap_or(key));
    }
    found
}

/// `<key>NAME</key>` on the line before, as in property lists.
fn closing_key(mut left: Left<'_>, mut found: Assignment) -> Assignment {
    if left.text.ends_with(b"</key>") {
        left.drop(6);
        let key = left.name();
        if !key.is_empty() {
            found.key = Some(key.to_owned());
            found.operator = Some(Operator::Element);
        }
    }
    found
}

fn name_left_of(mut left: Left<'_>, mut found: Assignment) -> Assignment {
    let spaced = left.spaces();
    left.drop_while(|b| b == b'[');
    left.spaces();
    let operator = match left.text.last() {
        Some(b'=') => {
            left.drop_while(|b| matches!(b, b'=' | b':' | b'?' | b'+' | b'!' | b'|'));
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
        Some(b'-') if left.text.ends_with(b":-") => {
            left.drop(2);
            Operator::Equals
        }
        Some(b'|') if left.text.ends_with(b"||") => {
            left.drop(2);
            Operator::Equals
        }
        Some(b'?') if left.text.ends_with(b"??") => {
            left.drop(2);
            Operator::Equals
        }
        Some(b'D' | b'd') if left.text.ends_with(b"%3D") || left.text.ends_with(b"%3d") => {
            left.drop(3);
            Operator::Equals
        }
        Some(b',' | b'(') => {
            left.drop(1);
            Operator::Argument
        }
        // `acme token - 'VALUE'`, `the key is VALUE`
        Some(b'-') if spaced && left.text.ends_with(b" -") => {
            left.drop(1);
            Operator::Word
        }
        Some(b's') if spaced && left.text.ends_with(b" is") => {
            left.drop(2);
            Operator::Word
        }
        Some(_) if spaced => Operator::Word,
        _ => return found,
    };
    let apart = left.spaces();
    left.drop_while(|b| matches!(b, b'"' | b'\'' | b'`' | b']' | b')' | b'\\' | b' '));
    let mut key = left.name();
    // `Unseal Key 1: ...`
    if !key.is_empty()
        && key.bytes().all(|b| b.is_ascii_digit())
        && left.text[..left.text.len() - key.len()].ends_with(b" ")
    {
        left.drop(key.len() + 1);
        key = left.name();
    }
    // `api_key: &str = "..."`: what stands before `=` is a type.
    if operator == Operator::Equals && apart {
        let rest = Left { text: &left.text[..left.text.len() - key.len()] };
        if let Some(before) = rest.before_type() {
            key = before;
        }
    }
    let mut operator = operator;
    let before_key = &left.text[..left.text.len() - key.len()];
    match operator {
        Operator::Word if is_flag(key, before_key) => operator = Operator::Option,
        Operator::Colon if before_key.ends_with(b"//") => operator = Operator::Userinfo,
        // `APP_KEY=base64:...`: the word says how the value is written.
        Operator::Colon if !apart && key == "base64" && before_key.ends_with(b"=") => {
            return name_left_of(Left { text: before_key }, found);
        }
        // `key_id:secret`: the value is a half of what is assigned.
        Operator::Colon | Operator::Argument if !apart && looks_drawn(key) => {
            let mut rest = Left { text: before_key };
            if operator == Operator::Colon || rest.text.ends_with(b"\"") || rest.text.ends_with(b"'") {
                found.quoted |= rest.quotes();
                if let Some(scheme) = rest.scheme() {
                    found.scheme = found.scheme.or(Some(scheme));
                    rest.quotes();
                }
                return name_left_of(rest, found);
            }
        }
        _ => {}
    }
    let key = key.trim_start_matches(['-', '.', '/', '$', '@']).trim_end_matches(['-', '.', '/']);
    let joined = matches!(operator, Operator::Equals | Operator::Colon | Operator::Word)
        .then(|| words_before(key, before_key))
        .flatten();
    let key = joined.as_deref().unwrap_or(key);
    if !key.is_empty() && key.bytes().any(|b| b.is_ascii_alphabetic()) {
        if operator == Operator::Word && !found.quoted && !names_a_value(key) {
            return found;
        }
        found.key = Some(key.to_owned());
        found.operator = Some(operator);
    }
    found
}

/// `Acme api key: VALUE`: the words before `key` belong to the name.
fn words_before(key: &str, before: &[u8]) -> Option<String> {
    const ENDS: [&str; 5] = ["key", "token", "secret", "password", "apikey"];
    const MIDDLES: [&str; 14] = [
        "api", "access", "secret", "client", "auth", "private", "refresh", "app", "consumer", "account", "integration",
        "subscription", "license", "webhook",
    ];
    if !ENDS.iter().any(|e| key.eq_ignore_ascii_case(e)) {
        return None;
    }
    let mut name = key.to_owned();
    let mut rest = before;
    for _ in 0..3 {
        let trimmed = rest.strip_suffix(b" ").unwrap_or(rest);
        let n = trimmed.iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
        let word = std::str::from_utf8(&trimmed[trimmed.len() - n..]).ok()?;
        let belongs = MIDDLES.iter().any(|m| word.eq_ignore_ascii_case(m)) || super::partner::is_name(word, true);
        if trimmed.len() == rest.len() || n < 3 || !belongs {
            break;
        }
        name = format!("{word}_{name}");
        rest = &trimmed[..trimmed.len() - n];
    }
    (name != key).then_some(name)
}

/// Whether the value stands in `{{ ... }}`, where a word without quotes is an expression.
pub(super) fn is_in_template(bytes: &[u8], span: Span) -> bool {
    let low = span.start.saturating_sub(BEFORE);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let before = &bytes[line..span.start];
    memchr::memmem::rfind(before, b"{{").is_some_and(|open| memchr::memmem::find(&before[open..], b"}}").is_none())
}

/// The line before `line`, from `low` on, skipping an empty one.
fn line_above(bytes: &[u8], low: usize, line: usize) -> Option<&[u8]> {
    let above = bytes[low..line].trim_ascii_end();
    let start = memchr::memrchr(b'\n', above).map_or(0, |n| n + 1);
    (!above.is_empty()).then(|| &above[start..])
}

/// `--name` or `-n` before a value.
fn is_flag(key: &str, before: &[u8]) -> bool {
    key.starts_with('-') || before.ends_with(b"-")
}

/// Whether a word, followed by a space and a value, introduces that value.
fn names_a_value(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "auth", "login", "token", "key", "password", "secret", "authtoken", "passwd", "apikey", "login:", "user",
        "account", "sign", "authorize",
    ];
    let lower = word.to_ascii_lowercase();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or_default();
    let shouting = word.len() >= 6 && word.contains('_') && !word.bytes().any(|b| b.is_ascii_lowercase());
    WORDS.contains(&last) || shouting
}

/// Whether a name is itself drawn at random: the public half before a colon.
fn looks_drawn(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    key.len() >= 10 && digits >= 2 && digits * 8 >= key.len()
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

    /// The letter before a string: `b"..."`, `@"..."`, `r#"..."#`.
    fn string_prefix(&mut self, quoted: bool) {
        if !quoted {
            return;
        }
        self.drop_while(|b| matches!(b, b'@' | b'#'));
        let n = self.text.len();
        let alone =
            n < 2 || !(self.text[n - 2].is_ascii_alphanumeric() || matches!(self.text[n - 2], b'_' | b'"' | b'\''));
        if alone && matches!(self.text.last(), Some(b'b' | b'r' | b'u' | b'f' | b'L' | b'N' | b'$')) {
            self.drop(1);
        }
    }

    /// Eats an authentication scheme and the space behind it. Known ones anywhere, any word in an
    /// `Authorization` header.
    fn scheme(&mut self) -> Option<String> {
        const KNOWN: [&str; 8] = ["bearer", "basic", "token", "apikey", "api-key", "oauth", "sso-key", "key"];
        let trimmed = self.text.trim_ascii_end();
        if trimmed.len() == self.text.len() {
            return None;
        }
        let n = trimmed.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let word = std::str::from_utf8(&trimmed[trimmed.len() - n..]).ok()?;
        if !(3..=20).contains(&n) {
            return None;
        }
        let rest = &trimmed[..trimmed.len() - n];
        let known = KNOWN.iter().any(|k| word.eq_ignore_ascii_case(k));
        let mut header = Left { text: rest };
        header
            .drop_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'`' | b'\\' | b':' | b'=' | b',' | b'>' | b']' | b'('));
        let authorization =
            rest.len() > header.text.len() && header.name().to_ascii_lowercase().ends_with("authorization");
        let tied = matches!(rest.trim_ascii_end().last(), Some(b'"' | b'\'' | b'`' | b':' | b'=' | b'('));
        // `Key` and `Token` are ordinary words: only where a value begins.
        if !(authorization || known && (tied || rest.is_empty())) {
            return None;
        }
        let word = word.to_owned();
        self.text = rest;
        Some(word)
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
        let typed = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b' ' | b'&' | b'<' | b'>' | b'\'' | b'?' | b'[' | b'_' | b'|')
        };
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
            ("<string name=\"api_key\">VALUE</string>", "api_key"),
            ("headers.set(\"X-Api-Key\", \"VALUE\")", "X-Api-Key"),
            ("setApiKey(\"VALUE\")", "setApiKey"),
            ("curl -H 'X-Api-Key: VALUE'", "X-Api-Key"),
            ("curl -H 'Authorization: Bearer VALUE'", "Authorization Bearer"),
            ("curl -H 'Authorization: sso-key VALUE'", "Authorization sso-key"),
            ("headers = {'Authorization': 'Splunk VALUE'}", "Authorization Splunk"),
            ("headers['Authorization'] = 'Token VALUE'", "Authorization Token"),
            ("tool --api-key VALUE", "api-key"),
            ("tool --api-key=VALUE", "api-key"),
            ("https://api.example.com/v1?api_key=VALUE", "api_key"),
            ("machine api.acme.io login me password VALUE", "password"),
            ("snyk auth VALUE", "auth"),
            ("#define ACME_API_KEY \"VALUE\"", "ACME_API_KEY"),
            ("ENV ACME_API_KEY VALUE", "ACME_API_KEY"),
            ("os.environ.get(\"ACME_KEY\", \"VALUE\")", "ACME_KEY"),
            ("key = process.env.ACME_KEY || 'VALUE'", "process.env.ACME_KEY"),
            ("NSString *key = @\"VALUE\";", "key"),
            ("acme_keys = [\"VALUE\"]", "acme_keys"),
            ("api_key: |\n    VALUE", "api_key"),
            ("api_key =\n    \"VALUE\"", "api_key"),
            ("Authorization: Basic VALUE", "Authorization Basic"),
            ("key = 1f3a9c1e5b2d:VALUE", "key"),
            ("APP_KEY=base64:VALUE", "APP_KEY"),
            ("- name: ACME_KEY\n  value: VALUE", "ACME_KEY"),
            ("<add key=\"AcmeKey\" value=\"VALUE\"/>", "AcmeKey"),
            ("variable \"acme_key\" {\n  default = \"VALUE\"", "acme_key"),
            ("<key>AcmeKey</key>\n<string>VALUE</string>", "AcmeKey"),
            ("\"apikey\": [ { \"key\": \"value\", \"value\": \"VALUE\" }", "apikey"),
            ("Stripe api key: VALUE", "Stripe_api_key"),
            ("stripe token - 'VALUE'", "stripe_token"),
            ("the Stripe api key is VALUE", "Stripe_api_key"),
            ("const key = VALUE", "key"),
            ("just VALUE", ""),
        ] {
            assert_eq!(key_of(line), key, "{line}");
        }
    }
}
