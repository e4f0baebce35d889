//! JSON and JSON lines into a [`Node`] tree.
//!
//! `serde_json` knows no positions of values and its messages print them; this reader knows both
//! lines and columns and names only what it expected. Depth is bounded; a key that occurs twice is
//! an error, because readers disagree on which one counts.

use std::borrow::Cow;

use super::node::{Node, Syntax, Value, has_duplicate_key};

const DEEPEST: u32 = 100;
/// Objects in lists up to this depth are checked, dropped, and read again when visited.
const DEFERRED_DEPTH: u32 = 2;

/// Reads a document; several values, one after another, become a list (JSON lines).
pub(crate) fn read(text: &str) -> Result<Node<'_>, Syntax> {
    let mut reader = Reader { text, at: 0, line: 1, line_start: 0, defer: true };
    reader.space();
    let (at, line, column) = (reader.at, reader.line, reader.column());
    let first = reader.value(0)?;
    reader.space();
    if reader.at == text.len() {
        return Ok(first);
    }
    if !first.is_map() {
        return Err(reader.fail("expected the end of the document"));
    }
    let mut rows = vec![Node { value: Value::Deferred(&text[at..]), line, column }];
    // The first value ends where the reader stood; cut it there.
    rows[0].value = Value::Deferred(text[at..reader.at].trim_end());
    drop(first);
    while reader.at < text.len() {
        rows.push(reader.deferred(1)?);
        reader.space();
    }
    Ok(Node { value: Value::List(rows), line, column })
}

/// Reads one value whose text starts at the given place of its document.
pub(crate) fn read_at(text: &str, line: u32, column: u32) -> Result<Node<'_>, Syntax> {
    let mut reader = Reader { text, at: 0, line: 1, line_start: 0, defer: false };
    let mut node = reader.value(0)?;
    shift(&mut node, line - 1, column - 1);
    Ok(node)
}

fn shift(node: &mut Node<'_>, lines: u32, columns: u32) {
    if node.line == 1 {
        node.column += columns;
    }
    node.line += lines;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|n| shift(n, lines, columns)),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, n)| shift(n, lines, columns)),
        _ => {}
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    line_start: usize,
    defer: bool,
}

impl<'a> Reader<'a> {
    fn column(&self) -> u32 {
        (self.at - self.line_start) as u32 + 1
    }

    fn fail(&self, problem: &'static str) -> Syntax {
        Syntax { line: self.line, column: self.column(), problem }
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while let Some(b) = self.text.as_bytes().get(self.at) {
            match b {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    self.line_start = self.at;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                _ => return,
            }
        }
    }

    fn value(&mut self, depth: u32) -> Result<Node<'a>, Syntax> {
        let (line, column) = (self.line, self.column());
        if depth > DEEPEST {
            return Err(self.fail("nested too deeply"));
        }
        let value = match self.peek() {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Value::Text(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { value, line, column })
    }

    fn word(&mut self) -> Result<Value<'a>, Syntax> {
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let ended = self.at >= self.text.len();
        Err(self.fail(if ended { "the document ends early" } else { "expected a JSON value" }))
    }

    fn number(&mut self) -> Result<Value<'a>, Syntax> {
        let start = self.at;
        while matches!(self.peek(), b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        if text.parse::<f64>().is_err() {
            return Err(self.fail("expected a number"));
        }
        Ok(Value::Number(Cow::Borrowed(text)))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Syntax> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let found = memchr::memchr2(b'"', b'\\', &bytes[start..]).ok_or_else(|| self.fail("a text without its end"))?;
        if bytes[start + found] == b'"' {
            let text = &self.text[start..start + found];
            if text.bytes().any(|b| b < b' ') {
                return Err(self.fail("a control character in a text"));
            }
            self.at = start + found + 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut out = String::new();
        loop {
            let rest = &bytes[self.at..];
            let run = memchr::memchr2(b'"', b'\\', rest).ok_or_else(|| self.fail("a text without its end"))?;
            let text = &self.text[self.at..self.at + run];
            if text.bytes().any(|b| b < b' ') {
                return Err(self.fail("a control character in a text"));
            }
            out.push_str(text);
            self.at += run + 1;
            if rest[run] == b'"' {
                return Ok(Cow::Owned(out));
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Syntax> {
        let b = self.peek();
        let plain = match b {
            b'"' | b'\\' | b'/' => b as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let high = self.hex4()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high).ok_or_else(|| self.fail("a broken escape in a text"));
                }
                if !self.text[self.at..].starts_with("\\u") {
                    return Err(self.fail("a broken escape in a text"));
                }
                self.at += 2;
                let low = self.hex4()?;
                let code = 0x1_0000 + ((high - 0xd800) << 10) + low.wrapping_sub(0xdc00);
                let paired = (0xdc00..0xe000).contains(&low);
                return char::from_u32(code).filter(|_| paired).ok_or_else(|| self.fail("a broken escape in a text"));
            }
            _ => return Err(self.fail("a broken escape in a text")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn hex4(&mut self) -> Result<u32, Syntax> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.ok_or_else(|| self.fail("a broken escape in a text"))?;
        let code = digits.iter().fold(0, |n, d| n * 16 + (*d as char).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(code)
    }

    fn list(&mut self, depth: u32) -> Result<Value<'a>, Syntax> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            self.space();
            items.push(self.deferred(depth + 1)?);
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => return Err(self.fail("expected `,` or `]`")),
            }
        }
    }

    /// A value of a list: objects near the top are kept as text.
    fn deferred(&mut self, depth: u32) -> Result<Node<'a>, Syntax> {
        let start = self.at;
        let mut node = self.value(depth)?;
        if self.defer && depth <= DEFERRED_DEPTH && node.is_map() {
            node.value = Value::Deferred(&self.text[start..self.at]);
        }
        Ok(node)
    }

    fn map(&mut self, depth: u32) -> Result<Value<'a>, Syntax> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Value::Map(entries));
        }
        loop {
            self.space();
            if self.peek() != b'"' {
                return Err(self.fail("expected a key in quotes"));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != b':' {
                return Err(self.fail("expected `:`"));
            }
            self.at += 1;
            self.space();
            entries.push((key, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    if has_duplicate_key(&entries) {
                        return Err(self.fail("a key occurs twice in one object"));
                    }
                    return Ok(Value::Map(entries));
                }
                _ => return Err(self.fail("expected `,` or `}`")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines() {
        let root = read("{\n  \"a\": [\n    {\"b\": 1},\n    {\n      \"c\": \"x\\u00e9\\n\"}\n  ]\n}\n").unwrap();
        let rows: Vec<_> = root.items_of("a").iter().map(|n| n.read().into_owned()).collect();
        assert_eq!(rows[0].text_of("b"), "1");
        assert_eq!((rows[0].line, rows[0].column), (3, 5));
        assert_eq!((rows[0].get("b").unwrap().line, rows[0].get("b").unwrap().column), (3, 11));
        assert_eq!(rows[1].text_of("c"), "x\u{e9}\n");
        assert_eq!(rows[1].get("c").unwrap().line, 5);
    }

    #[test]
    fn lines_become_a_list() {
        let root = read("{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}\n").unwrap();
        let texts: Vec<_> = root.rows().map(|n| (n.text_of("a").to_owned(), n.line)).collect();
        assert_eq!(texts, [("1".to_owned(), 1), ("2".to_owned(), 2), ("3".to_owned(), 4)]);
    }

    #[test]
    fn what_is_not_json_has_a_place() {
        let places =
            [("{\"a\":\n 1,}", 2), ("[1,2", 1), ("{\"a\":1,\"a\":2}", 1), ("\"abc", 1), ("tru", 1), ("1 2", 1)];
        for (text, line) in places {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
        assert_eq!(read(&"[".repeat(5000)).unwrap_err().problem, "nested too deeply");
    }

    proptest::proptest! {
        #[test]
        fn reads_what_serde_json_reads(text in "[\\[\\]{}:,\"a0-9e.\\\\u -]{0,30}") {
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() && read(&text).is_err() {
                // Only a repeated key may be refused.
                proptest::prop_assert_eq!(read(&text).unwrap_err().problem, "a key occurs twice in one object");
            }
        }
    }
}
