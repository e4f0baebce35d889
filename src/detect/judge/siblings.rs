//! What stands beside a value in one entry: `name: X` next to `value: VALUE`, `partner: X` next to
//! `token: VALUE`, in lists and objects of structured files.
//!
//! Reads lines and braces around the value within a bound; a broken file tells what it can.

use crate::position::Span;

/// Words that name an entry whose value stands beside them.
const NAMES: &[&str] = &["name", "key", "id", "variable", "header"];
/// Bytes behind a value in which its entry may run on.
const AFTER: usize = 200;

/// The name of the entry in which `value:` stands, whose text up to that word is `before`: a sibling's, the
/// name of the enclosing object, or what follows the value at `span`.
pub(super) fn name_beside(bytes: &[u8], before: &str, span: Span) -> Option<String> {
    let entry = Entry::around(before);
    let name = last_named(entry.inside).or_else(|| {
        let after = &bytes[span.end..bytes.len().min(span.end + AFTER)];
        if entry.anonymous { first_named(rest_of_entry(after, entry.braces)) } else { entry.opener.map(str::to_owned) }
    });
    // `"apikey": [{"key": "value", "value": VALUE}]`: the list says what it is.
    name.map(|name| match name.as_str() {
        "value" | "in" => list_around(before).unwrap_or(name),
        _ => name,
    })
}

/// The text before a value that belongs to its entry.
struct Entry<'t> {
    inside: &'t str,
    /// The name of the object, `NAME: {` or `NAME:` above.
    opener: Option<&'t str>,
    /// One of a list, with no name of its own.
    anonymous: bool,
    /// It ends with a brace, not with its lines.
    braces: bool,
}

impl<'t> Entry<'t> {
    fn around(before: &'t str) -> Self {
        if let Some(at) = open_brace(before) {
            let opener = opener_of(&before[..at]);
            return Self { inside: &before[at + 1..], opener, anonymous: opener.is_none(), braces: true };
        }
        let own_at = before.rfind('\n').map_or(0, |n| n + 1);
        let own = indent_of(&before.as_bytes()[own_at..]);
        let mut from = own_at;
        if begins_item(&before.as_bytes()[own_at..]) {
            return Self { inside: &before[from..], opener: None, anonymous: true, braces: false };
        }
        let mut anonymous = false;
        let mut opener = None;
        for line in before[..own_at].lines().rev() {
            let start = line.as_ptr() as usize - before.as_ptr() as usize;
            let indent = indent_of(line.as_bytes());
            if line.trim().is_empty() {
                continue;
            }
            if indent < own {
                opener = opener_of(line.trim_end().strip_suffix(':').map_or("", |_| line.trim_end()));
                break;
            }
            from = start;
            if indent == own && begins_item(line.as_bytes()) {
                anonymous = true;
                break;
            }
        }
        Self { inside: &before[from..], opener, anonymous, braces: false }
    }
}

/// The last brace that `text` leaves open.
fn open_brace(text: &str) -> Option<usize> {
    let mut closed = 0_usize;
    for (at, b) in text.bytes().enumerate().rev() {
        match b {
            b'}' => closed += 1,
            b'{' if closed == 0 => return Some(at),
            b'{' => closed -= 1,
            _ => {}
        }
    }
    None
}

/// The name at the end of `"NAME": `, `NAME = `, `variable "NAME" `, `NAME:`.
fn opener_of(text: &str) -> Option<&str> {
    let tied = text.trim_end().trim_end_matches([':', '=']).trim_end();
    let block = ["variable", "output"]
        .iter()
        .any(|word| tied.rsplit_once('\n').map_or(tied, |(_, line)| line).trim_start().starts_with(word));
    if tied.len() == text.trim_end().len() && !block {
        return None;
    }
    let bare = tied.trim_end_matches(['"', '\'', '\\']);
    let from = bare.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).map_or(0, |n| n + 1);
    let name = &bare[from..];
    (name.len() >= 3 && name.bytes().any(|b| b.is_ascii_alphabetic())).then_some(name)
}

/// What follows a value in its entry: to the closing brace, or while lines are as deep and begin no other.
fn rest_of_entry(after: &[u8], braces: bool) -> &str {
    let end = if braces {
        memchr::memchr2(b'}', b'{', after)
    } else {
        memchr::memchr_iter(b'\n', after).find(|at| {
            let next = &after[at + 1..];
            next.first().is_none_or(|b| *b != b' ') || begins_item(next)
        })
    };
    let text = &after[..end.unwrap_or(after.len())];
    let valid = std::str::from_utf8(text).map_or_else(|e| e.valid_up_to(), str::len);
    std::str::from_utf8(&text[..valid]).unwrap_or_default()
}

fn last_named(text: &str) -> Option<String> {
    named(text, NAMES).into_iter().next_back().map(|(_, name)| name)
}

fn first_named(text: &str) -> Option<String> {
    named(text, NAMES).into_iter().next().map(|(_, name)| name)
}

/// The names in `name: X`, `key="X"`, `variable "X"`, in their order.
fn named(text: &str, words: &[&str]) -> Vec<(usize, String)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for word in words {
        for (at, _) in lower.match_indices(word) {
            let alone = at == 0 || !lower.as_bytes()[at - 1].is_ascii_alphanumeric();
            let rest = &text[at + word.len()..];
            let tied = rest.trim_start_matches(['"', '\'', ' ', '>', ':', '=', '\\']);
            if !alone || !(1..=6).contains(&(rest.len() - tied.len())) {
                continue;
            }
            let name: String =
                tied.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
            if name.len() >= 3 && name.bytes().any(|b| b.is_ascii_alphabetic()) {
                found.push((at, name));
            }
        }
    }
    found.sort();
    found
}

/// The name of the list that was opened last in `text`: `"apikey": [`.
fn list_around(text: &str) -> Option<String> {
    let (before, _) = text.rsplit_once('[')?;
    let name = before.trim_end().strip_suffix(':')?.trim_end().trim_end_matches('"');
    let at = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |n| n + 1);
    (name.len() - at >= 3).then(|| name[at..].to_owned())
}

/// Columns before a line's first word; the mark of a list belongs to them.
fn indent_of(line: &[u8]) -> usize {
    let spaces = blanks(line);
    if begins_item(line) { spaces + 2 } else { spaces }
}

fn blanks(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn begins_item(line: &[u8]) -> bool {
    line[blanks(line)..].starts_with(b"- ")
}

/// Words whose value names whose an entry is.
const OWNERS: &[&str] = &[
    "name", "partner", "provider", "vendor", "supplier", "service", "integration", "carrier", "gateway", "platform",
    "company", "system", "app", "application", "product", "slug", "type", "uses", "chart", "repository", "title",
    "label",
];
/// Bytes around a value in which its entry is read.
const NEAR: usize = 1500;
/// Levels of nesting whose entries are read: the value's own, and what it is nested in.
const LEVELS: usize = 3;

/// What the entries around `span` say whose they are, nearest first: the text of `partner: X`, `"name": "X"` and
/// the like beside the value, then beside what it is nested in; and the name in a manifest's metadata.
pub(super) fn owners(bytes: &[u8], span: Span) -> Vec<(String, String)> {
    let low = span.start.saturating_sub(NEAR);
    let high = bytes.len().min(span.end + NEAR);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let own = &bytes[line..span.start];
    let end = memchr::memchr(b'\n', &bytes[span.end..high]).map_or(high, |n| span.end + n);
    // One line holds the entry: what its braces enclose.
    if let Ok(before) = std::str::from_utf8(own)
        && let Some(at) = open_brace(before)
    {
        let mut found = assigned(&before[at + 1..]);
        found.reverse();
        found.extend(assigned(rest_of_entry(&bytes[span.end..end], true)));
        return found;
    }
    let mut found = Vec::new();
    let mut indent = indent_of(own);
    if !begins_item(own) {
        above(&bytes[low..line.max(low)], &mut indent, &mut found);
    }
    below(&bytes[end.min(high)..high], indent_of(own), &mut found);
    found
}

/// Walks the lines above, nearest first, level by level.
fn above(text: &[u8], indent: &mut usize, found: &mut Vec<(String, String)>) {
    let (mut levels, mut in_list, mut metadata) = (1, false, None);
    for line in text.rsplit(|b| *b == b'\n').skip(1) {
        let trimmed = line.trim_ascii();
        if trimmed.starts_with(b"[") && trimmed.ends_with(b"]") || trimmed.starts_with(b"---") {
            break;
        }
        if trimmed.is_empty() && *indent == 0 && metadata.is_none() && levels == 1 {
            break;
        }
        if trimmed.is_empty() || trimmed.starts_with(b"#") || trimmed.starts_with(b"//") {
            continue;
        }
        let depth = indent_of(line);
        // `metadata:` of a manifest, whose `name:` was passed below it.
        if depth == 0 && trimmed == b"metadata:" {
            found.extend(metadata.take());
        }
        if depth == 2 && *indent == 0 && trimmed.starts_with(b"name:") {
            metadata = line_assigns(trimmed);
        }
        if begins_item(line) {
            if depth == *indent {
                found.extend(line_assigns(&trimmed[2..]));
                *indent = blanks(line);
                in_list = true;
            } else if blanks(line) < *indent {
                levels += 1;
                *indent = blanks(line);
                in_list = true;
            }
            continue;
        }
        if depth > *indent || in_list && depth == *indent && trimmed.starts_with(b"-") {
            continue;
        }
        if depth < *indent {
            levels += 1;
            in_list = false;
            *indent = depth;
        }
        if levels > LEVELS {
            break;
        }
        found.extend(line_assigns(trimmed));
    }
}

/// Walks the lines below of the value's own level.
fn below(text: &[u8], indent: usize, found: &mut Vec<(String, String)>) {
    for line in text.split(|b| *b == b'\n').skip(1).take(20) {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() && indent == 0 || trimmed.starts_with(b"[") {
            break;
        }
        if trimmed.is_empty() {
            continue;
        }
        let depth = indent_of(line);
        if depth < indent || begins_item(line) && depth == indent {
            break;
        }
        if depth == indent {
            found.extend(line_assigns(trimmed));
        }
    }
}

/// What a line assigns to one of the words: `name: X`, `"name": "X",`, `name = "X"`.
fn line_assigns(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok().filter(|l| l.len() <= 160)?;
    let mut all = assigned(line);
    (all.len() == 1).then(|| all.remove(0))
}

/// What text assigns to the words, in order.
fn assigned(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([':', '=']) {
        let key = rest[..at].trim_end().trim_end_matches(['"', '\'', '\\']);
        let from = key.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).map_or(0, |n| n + 1);
        let key = &key[from..];
        rest = &rest[at + 1..];
        if !OWNERS.iter().any(|word| key.eq_ignore_ascii_case(word)) {
            continue;
        }
        let value = rest.trim_start_matches([' ', '"', '\'', '\\', '=', '>']);
        let end = value.find(['"', '\'', '\\', ',', '}', ';', '#', '\n', '{']).unwrap_or(value.len());
        let value = value[..end].trim();
        if (3..=60).contains(&value.len()) {
            found.push((key.to_owned(), value.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Span {
        let at = text.find("VALUE").unwrap();
        Span::new(at, at + 5)
    }

    #[test]
    fn what_an_entry_is_called() {
        for (text, want) in [
            ("- name: ACME_KEY\n  value: VALUE", "ACME_KEY"),
            ("- value: VALUE\n  name: ACME_KEY\n- name: LOG\n", "ACME_KEY"),
            ("- name: LOG\n  value: debug\n- value: VALUE\n  name: ACME_KEY", "ACME_KEY"),
            ("[{\"value\": \"VALUE\", \"name\": \"ACME_KEY\"}]", "ACME_KEY"),
            ("[{\"name\": \"LOG\"}, {\"value\": \"VALUE\", \"name\": \"ACME_KEY\"}]", "ACME_KEY"),
            ("ACME_KEY:\n  value: VALUE\n  description: the name: x", "ACME_KEY"),
            ("\"acme_key\": {\n  \"sensitive\": true,\n  \"value\": \"VALUE\"", "acme_key"),
            ("variable \"acme_key\" {\n  default = \"VALUE\"\n  description = \"name: other\"", "acme_key"),
            ("<property>\n  <name>acme.key</name>\n  <value>VALUE</value>", "acme.key"),
            ("\"apikey\": [ { \"key\": \"value\", \"value\": \"VALUE\" }", "apikey"),
            ("other:\n  name: LOG\nx:\n  - value: VALUE\n", ""),
        ] {
            let span = at(text);
            let word = text[..span.start].rfind("value").or(text[..span.start].rfind("default")).unwrap();
            assert_eq!(name_beside(text.as_bytes(), &text[..word], span).unwrap_or_default(), want, "{text}");
        }
    }

    #[test]
    fn whose_an_entry_is() {
        let said = |text: &str| owners(text.as_bytes(), at(text)).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        for (text, want) in [
            ("- name: acme\n  token: VALUE", &["acme"][..]),
            ("- name: other\n  token: x\n- name: acme\n  token: VALUE\n- name: third", &["acme"]),
            ("- token: VALUE\n  partner: acme\n- partner: other", &["acme"]),
            ("- name: acme\n  credentials:\n    token: VALUE", &["acme"]),
            ("[[partner]]\nname = \"acme\"\nkey = \"VALUE\"\n\n[[partner]]\nname = \"other\"", &["acme"]),
            ("{\n  \"partner\": \"acme\",\n  \"token\": \"VALUE\"\n}", &["acme"]),
            (
                "[\n  {\n    \"name\": \"other\"\n  },\n  {\n    \"name\": \"acme\",\n    \"token\": \"VALUE\"\n  }\n]",
                &["acme"],
            ),
            ("[{\"name\": \"other\", \"token\": \"x\"}, {\"name\": \"acme\", \"token\": \"VALUE\"}]", &["acme"]),
            ("kind: Secret\nmetadata:\n  name: acme\n  labels:\n    a: b\ndata:\n  token: VALUE", &["acme"]),
            ("- uses: acme/deploy@v1\n  with:\n    token: VALUE", &["acme/deploy@v1"]),
            ("name = acme\n\ntoken = VALUE", &[]),
        ] {
            assert_eq!(said(text), want, "{text}");
        }
    }
}
