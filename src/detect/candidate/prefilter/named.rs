//! Values that are assigned to a name: `db_password = "VALUE"`, `<Password>VALUE</Password>`.
//!
//! Values of people are short and have no form, so that no run leads to them; what leads there is the
//! end of the name. From it on, a few bytes tell whether something is assigned and where that begins
//! and ends. What the name means, and whether the value is one, is judged later.

use crate::position::Span;

/// Bytes behind the literal that are read.
pub(super) const REACH: usize = 320;
/// Longest rest of a name, its brackets and quotes included.
const NAME: usize = 48;
/// Shortest and longest value.
const VALUE: std::ops::RangeInclusive<usize> = 4..=160;

/// The value that is assigned to the name in which a literal ends at `end`. Reads at most [`REACH`]
/// bytes from there.
pub(super) fn value_behind(bytes: &[u8], start: usize, end: usize) -> Option<Span> {
    let high = bytes.len().min(end + REACH);
    let mut at = Cursor { bytes: &bytes[..high], at: end };
    at.rest_of_name(bytes[end - 1])?;
    let name_end = at.at;
    let dashes = bytes[..start].iter().rev().take(NAME).take_while(|b| is_name(**b)).last() == Some(&b'-');
    let closed = at.skip(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b']' | b')')) > 0;
    let quoted_name = closed && matches!(bytes[name_end..at.at], [b'"' | b'\'' | b'`', ..] | [b'\\', b'"' | b'\'', ..]);
    let spaces = at.skip(|b| matches!(b, b' ' | b'\t'));
    let span = match at.peek() {
        b'=' if matches!(at.ahead(1), b'=' | b'~') => None,
        b'=' => {
            at.at += 1 + usize::from(at.ahead(1) == b'>');
            at.value(spaces == 0)
        }
        b':' if at.ahead(1) == b':' => None,
        b':' => {
            at.at += 1;
            // `${NAME:-VALUE}`, `name := VALUE`
            let tight = matches!(at.peek(), b'-' | b'=') && at.skip_one();
            if !tight {
                at.type_annotation();
            }
            at.value(false)
        }
        b'|' if at.ahead(1) == b'|' => at.quoted_after(2),
        b'?' if at.ahead(1) == b'?' => at.quoted_after(2),
        b',' if quoted_name && is_first(bytes, start) => at.argument(),
        b'(' if !closed => at.quoted_after(1),
        b'>' => {
            at.at += 1;
            at.element()
        }
        b'{' if quoted_name && spaces > 0 => at.default_in_block(),
        b'v' | b'V' if quoted_name && spaces > 0 => at.attribute(),
        b'\n' | b'\r' if spaces == 0 && bytes[..start].iter().rev().take(80).any(|b| *b == b':') => at.next_value(),
        b'"' | b'\'' if spaces > 0 && !closed && (dashes || bytes[end - 1].is_ascii_uppercase()) => at.quoted(),
        _ if spaces > 0 && !closed && (dashes || is_instruction(bytes, start)) => Some(at.bare()),
        _ => None,
    }?;
    VALUE.contains(&span.len()).then_some(span)
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// Whether the quoted name is the first of its list: in `("http", "password", "x")` it is a value.
fn is_first(bytes: &[u8], start: usize) -> bool {
    let name = bytes[..start].iter().rev().take(NAME).take_while(|b| is_name(**b)).count();
    let before = &bytes[..start - name];
    let opened = before.iter().rev().skip_while(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b' ')).take(NAME).next();
    // `"key": "password", "value": ...`
    matches!(opened, Some(b'(' | b'[' | b'{' | b':'))
}

/// Functions that give what they are given: `Secret("...")`, `String::from("...")`.
const WRAPPERS: [&[u8]; 16] = [
    b"string", b"secret", b"secretstr", b"secretstring", b"securestring", b"new", b"from", b"some", b"wrap", b"b",
    b"u", b"value", b"str", b"quote", b"encode", b"fromstring",
];

/// `ENV NAME VALUE`: the line begins with an instruction that takes a name and a value.
fn is_instruction(bytes: &[u8], start: usize) -> bool {
    let low = start.saturating_sub(NAME);
    let line = memchr::memrchr(b'\n', &bytes[low..start]).map_or(low, |n| low + n + 1);
    let text = bytes[line..start].trim_ascii_start();
    [&b"ENV "[..], b"SetEnv ", b"env ", b"fastcgi_param "].iter().any(|word| text.starts_with(word))
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> u8 {
        self.ahead(0)
    }

    fn ahead(&self, n: usize) -> u8 {
        self.bytes.get(self.at + n).copied().unwrap_or(0)
    }

    fn skip(&mut self, eat: impl Fn(u8) -> bool) -> usize {
        let n = self.bytes[self.at.min(self.bytes.len())..].iter().take(NAME).take_while(|b| eat(**b)).count();
        self.at += n;
        n
    }

    fn skip_one(&mut self) -> bool {
        self.at += 1;
        true
    }

    /// Goes to the name's end. A word that only begins like the literal (`passed`) is another name.
    fn rest_of_name(&mut self, last: u8) -> Option<()> {
        const ENDINGS: [&[u8]; 7] = [b"word", b"wd", b"wrd", b"phrase", b"code", b"s", b"key"];
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let runs_on = |b: u8| if last.is_ascii_uppercase() { b.is_ascii_uppercase() } else { b.is_ascii_lowercase() };
        let n = rest.iter().take(NAME).take_while(|b| runs_on(**b)).count();
        if n > 0 && !ENDINGS.iter().any(|e| rest[..n].eq_ignore_ascii_case(e)) {
            return None;
        }
        self.at += n;
        (self.skip(is_name) < NAME).then_some(())
    }

    /// A type before the value: `name: &str = VALUE`.
    fn type_annotation(&mut self) {
        let from = self.at;
        let kept = |b: u8| {
            b.is_ascii_alphanumeric()
                || matches!(b, b' ' | b'&' | b'<' | b'>' | b'[' | b']' | b'?' | b'_' | b'|' | b'.' | b'\'')
        };
        self.skip(kept);
        if self.peek() == b'=' && self.at > from + 2 {
            self.at += 1;
            self.skip(|b| b == b' ');
            if matches!(self.peek(), b'"' | b'\'' | b'`') {
                return;
            }
        }
        self.at = from;
    }

    /// What stands behind an operator: a quoted text, or a bare one.
    fn value(&mut self, tight: bool) -> Option<Span> {
        self.skip(|b| matches!(b, b' ' | b'\t'));
        // `b"..."`, `@"..."`, `N'...'`, `Secret("...")`
        let from = self.at;
        let prefix = self.skip(|b| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'_' | b'.' | b':' | b'$'));
        let word = self.bytes[self.at - prefix..self.at].rsplit(|b| matches!(b, b'.' | b':')).next();
        let called = self.peek() == b'(' && word.is_some_and(|w| WRAPPERS.iter().any(|f| f.eq_ignore_ascii_case(w)));
        if called {
            self.at += 1;
        }
        let literal = prefix <= 2 || called;
        if matches!(self.peek(), b'"' | b'\'' | b'`' | b'\\') && literal {
            return self.quoted();
        }
        self.at = from;
        if matches!(self.peek(), b'"' | b'\'' | b'`' | b'\\') {
            return self.quoted();
        }
        let span = self.bare();
        // Words that go on are a sentence, unless the assignment is one word of a command.
        let mut rest = self.bytes[span.end..].iter().copied().skip_while(|b| matches!(b, b' ' | b'\t' | b',' | b';'));
        let next = rest.next().unwrap_or(b'\n');
        (tight || matches!(next, b'\n' | b'\r' | b'#' | b'}' | b'/' | b'"' | b'\'' | b'`' | b'<' | b')' | b']' | b'\\'))
            .then_some(span)
    }

    fn quoted_after(&mut self, n: usize) -> Option<Span> {
        self.at += n;
        self.skip(|b| matches!(b, b' ' | b'\t'));
        self.skip(|b| matches!(b, b'@'));
        self.quoted()
    }

    /// `"name", "VALUE"` and `"name","value":"VALUE"`.
    fn argument(&mut self) -> Option<Span> {
        let first = self.quoted_after(1)?;
        let word = first.of(self.bytes);
        if !word.eq_ignore_ascii_case(b"value") {
            return Some(first);
        }
        self.at = first.end;
        self.skip(|b| matches!(b, b'"' | b'\'' | b'\\'));
        self.skip(|b| b == b' ');
        if self.peek() == b':' { self.quoted_after(1) } else { None }
    }

    /// `key="name" value="VALUE"`.
    fn attribute(&mut self) -> Option<Span> {
        let n = self.skip(|b| b.is_ascii_alphabetic());
        let word = &self.bytes[self.at - n..self.at];
        if !word.eq_ignore_ascii_case(b"value") || self.peek() != b'=' {
            return None;
        }
        self.quoted_after(1)
    }

    /// `name: NAME` and, on the next line, `value: VALUE`.
    fn next_value(&mut self) -> Option<Span> {
        self.skip(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
        if !self.bytes[self.at.min(self.bytes.len())..].starts_with(b"value:") {
            return None;
        }
        self.at += 6;
        self.value(false)
    }

    /// `variable "NAME" {` and, some lines below, `default = "VALUE"`.
    fn default_in_block(&mut self) -> Option<Span> {
        let block = &self.bytes[self.at..];
        let block = &block[..memchr::memchr(b'}', block).unwrap_or(block.len())];
        self.at += memchr::memmem::find(block, b"default")? + 7;
        self.skip(|b| matches!(b, b' ' | b'\t'));
        if self.peek() == b'=' { self.quoted_after(1) } else { None }
    }

    fn element(&mut self) -> Option<Span> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let n = memchr::memchr2(b'<', b'\n', rest)?;
        (rest[n] == b'<').then(|| Span::new(self.at, self.at + n))
    }

    /// A text in quotes, perhaps escaped ones, on one line.
    fn quoted(&mut self) -> Option<Span> {
        let escaped = self.peek() == b'\\';
        self.at += usize::from(escaped);
        let quote = self.peek();
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        loop {
            match *self.bytes.get(at)? {
                b'\n' | b'\r' => return None,
                b'\\' if self.bytes.get(at + 1) == Some(&quote) && escaped => break,
                b'\\' => at += 2,
                b if b == quote => break,
                _ => at += 1,
            }
        }
        (at <= self.bytes.len()).then(|| Span::new(from, at))
    }

    /// A word without quotes.
    fn bare(&mut self) -> Span {
        self.skip(|b| matches!(b, b' ' | b'\t'));
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let n = rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>'));
        let mut n = n.unwrap_or(rest.len());
        // The next field of a query or a list begins: `&name=`, `;Name=`, `,name=`.
        let field = |at: usize| {
            let name = rest[at + 1..].iter().take(NAME).take_while(|b| is_name(**b)).count();
            name > 0 && rest.get(at + 1 + name) == Some(&b'=')
        };
        if let Some(cut) = (0..n).find(|&i| matches!(rest[i], b'&' | b';' | b',') && field(i)) {
            n = cut;
        }
        // What closes the text around the value is not the value's, unless the value opened it.
        let opened = |close: u8, n: usize| {
            let open = match close {
                b')' => b'(',
                b'}' => b'{',
                _ => b'[',
            };
            matches!(close, b')' | b'}' | b']') && memchr::memchr(open, &rest[..n]).is_some()
        };
        while n > 0 && matches!(rest[n - 1], b',' | b';' | b')' | b'}' | b']' | b'\\') && !opened(rest[n - 1], n) {
            n -= 1;
        }
        Span::new(self.at, self.at + n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<&str> {
        let lower = line.to_ascii_lowercase();
        let start = lower.find("pass")?;
        value_behind(line.as_bytes(), start, start + 4).map(|s| &line[s.start..s.end])
    }

    #[test]
    fn values_of_the_usual_assignments() {
        for line in [
            "password = \"VALUE-1\"",
            "DB_PASSWORD=VALUE-1",
            "  password: VALUE-1",
            "\"password\": \"VALUE-1\",",
            "{\\\"password\\\": \\\"VALUE-1\\\"}",
            "const password: string = 'VALUE-1';",
            "let db_pass: &'static str = \"VALUE-1\";",
            "props.setProperty(\"password\", \"VALUE-1\");",
            "define('DB_PASSWORD', 'VALUE-1');",
            "ds.setPassword(\"VALUE-1\");",
            "$db['default']['password'] = 'VALUE-1';",
            "'password' => 'VALUE-1',",
            "<password>VALUE-1</password>",
            "<property name=\"connection.password\">VALUE-1</property>",
            "<add key=\"SmtpPassword\" value=\"VALUE-1\" />",
            "<user name=\"svc\" password=\"VALUE-1\" />",
            "{\"key\":\"password\",\"value\":\"VALUE-1\"}",
            "- name: DB_PASSWORD\n  value: VALUE-1\n",
            "ENV DB_PASSWORD VALUE-1",
            "mysql --password=VALUE-1 shop",
            "tool --password VALUE-1 --quiet",
            "PGPASSWORD=VALUE-1 psql -h db",
            "grant_type=password&x=1 password=VALUE-1&scope=all",
            "process.env.DB_PASS || 'VALUE-1'",
            "os.getenv(\"DB_PASS\", \"VALUE-1\")",
            "${DB_PASS:-VALUE-1}",
            "password := \"VALUE-1\"",
            "pass: SecretStr(\"VALUE-1\")",
            "ALTER USER svc WITH PASSWORD 'VALUE-1';",
            "variable \"db_pass\" {\n  type = string\n  default = \"VALUE-1\"\n}",
        ] {
            let line = line.strip_prefix("grant_type=password&x=1 ").unwrap_or(line);
            assert_eq!(of(line), Some("VALUE-1"), "{line}");
        }
        for line in [
            "passed = \"VALUE-1\"",
            "if password == \"VALUE-1\"",
            "password: please enter your password",
            "The password must be long",
            "pass::new(\"VALUE-1\")",
            "password =\n  other",
            "bypass VALUE-1",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn nothing_beyond_reach_is_read() {
        let line = format!("password = \"{}\"", "x".repeat(400));
        assert_eq!(of(&line), None);
        for cut in 0..line.len().min(40) {
            let _ = of(&line[..cut]);
        }
    }
}
