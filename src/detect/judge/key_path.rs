//! The full path of a key in a structured file: `partners.easyship.api_key`.
//!
//! Read from the text before the value, within a bound, so that a broken file tells what it can.

use crate::position::Span;
use crate::source::RepoPath;

/// Bytes before a value that are read.
const FAR: usize = 16 << 10;
/// Levels of nesting that are told.
const LEVELS: usize = 12;

/// How a file nests.
#[derive(Clone, Copy)]
enum Nesting {
    /// JSON, HCL, GraphQL: braces.
    Braces,
    /// YAML: indentation.
    Indent,
    /// TOML, INI: sections.
    Sections,
    /// XML: elements.
    Elements,
}

fn nesting(path: &RepoPath) -> Option<Nesting> {
    let path = path.to_str_lossy().to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    Some(match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "json" | "jsonc" | "json5" | "har" | "tfstate" | "tf" | "tfvars" | "hcl" | "bru" | "webmanifest" => {
            Nesting::Braces
        }
        "yaml" | "yml" => Nesting::Indent,
        "toml" | "ini" | "cfg" | "conf" | "pypirc" => Nesting::Sections,
        "xml" | "config" | "csproj" | "props" | "plist" => Nesting::Elements,
        _ => return None,
    })
}

/// The names of what the value is nested in and its own, joined by dots; `None` where it stands at the top
/// or the file has no nesting.
pub(super) fn key_path(bytes: &[u8], span: Span, path: &RepoPath, key: Option<&str>) -> Option<String> {
    let key = key?;
    let mut low = span.start.saturating_sub(FAR);
    if low > 0 {
        low += memchr::memchr(b'\n', &bytes[low..span.start]).map_or(0, |n| n + 1);
    }
    let before = &bytes[low..span.start];
    let mut parents = match nesting(path)? {
        Nesting::Braces => braces(before),
        Nesting::Indent => indentation(before),
        Nesting::Sections => section(before).into_iter().collect(),
        Nesting::Elements => elements(before, key),
    };
    if parents.is_empty() {
        return None;
    }
    parents.truncate(LEVELS);
    parents.reverse();
    // What `value` is called may be the name of what it stands in.
    let named = |parent: &String| parent == key || parent.rsplit('.').next() == Some(key);
    if !parents.last().is_some_and(named) {
        parents.push(key.to_owned());
    }
    Some(parents.join("."))
}

/// Names before the braces that are open at the end of `text`, innermost first.
fn braces(text: &[u8]) -> Vec<String> {
    let mut open: Vec<Option<String>> = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at < text.len() {
        match text[at] {
            b'"' => {
                // A string; one that is not closed is the value's own.
                let mut end = at + 1;
                while end < text.len() && text[end] != b'"' && text[end] != b'\n' {
                    end += 1 + usize::from(text[end] == b'\\');
                }
                at = end.min(text.len());
            }
            b'{' | b'[' => {
                open.push(opener(&text[from..at]));
                from = at + 1;
            }
            b'}' | b']' => {
                open.pop();
                from = at + 1;
            }
            b',' | b'\n' if !text[from..at].ends_with(b":") && !text[from..at].ends_with(b"=") => from = at + 1,
            _ => {}
        }
        at += 1;
    }
    open.into_iter().rev().flatten().collect()
}

/// `"name": ` of JSON, `name = ` and `provider "name" ` of HCL.
fn opener(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let words = text.trim().trim_end_matches([':', '=', ' ']);
    let parts: Vec<&str> = words.split_whitespace().map(|w| w.trim_matches('"')).filter(|w| !w.is_empty()).collect();
    let name = parts.join(".");
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/' | ':' | '@' | '$');
    (!name.is_empty() && name.len() <= 120 && parts.len() <= 3 && name.chars().all(plain)).then_some(name)
}

/// Names above the last line with less indentation each, innermost first.
fn indentation(text: &[u8]) -> Vec<String> {
    let mut lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    let Some(own) = lines.pop() else { return Vec::new() };
    let mut indent = indent_of(own);
    let mut found = Vec::new();
    for line in lines.iter().rev() {
        let trimmed = line.trim_ascii();
        if trimmed.starts_with(b"---") {
            break;
        }
        if indent == 0 || trimmed.is_empty() || trimmed.starts_with(b"#") {
            continue;
        }
        let depth = indent_of(line);
        if depth >= indent && !(depth == indent && own.trim_ascii().starts_with(b"- ") && found.is_empty()) {
            continue;
        }
        let key = trimmed.strip_prefix(b"- ").unwrap_or(trimmed);
        let Some(name) = key.strip_suffix(b":").or_else(|| key.strip_suffix(b": |")) else {
            // `- name: x` in a list: what follows it stands beside.
            indent = indent.min(depth + usize::from(trimmed.starts_with(b"- ")));
            continue;
        };
        indent = depth;
        let name = String::from_utf8_lossy(name).trim_matches(['"', '\'', ' ']).to_owned();
        if !name.is_empty() && name.len() <= 120 {
            found.push(name);
        }
    }
    found
}

/// Spaces before a line's first word; the mark of a list belongs to them.
fn indent_of(line: &[u8]) -> usize {
    let spaces = line.iter().take_while(|b| **b == b' ').count();
    if line[spaces..].starts_with(b"- ") { spaces + 2 } else { spaces }
}

/// The section of the last line.
fn section(text: &[u8]) -> Option<String> {
    let line = text.split(|b| *b == b'\n').rev().map(<[u8]>::trim_ascii).find(|line| {
        line.starts_with(b"[") && line.ends_with(b"]") && !line.contains(&b',') && !line.contains(&b'=')
    })?;
    let name = String::from_utf8_lossy(line).trim_matches(['[', ']', '"', '\'', ' ']).to_owned();
    (!name.is_empty() && name.len() <= 120).then_some(name)
}

/// Elements that are open at the end of `text`, innermost first, but the value's own and the outermost.
fn elements(text: &[u8], key: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for (at, _) in text.iter().enumerate().filter(|(_, b)| **b == b'<') {
        let tag = &text[at + 1..];
        let name: Vec<u8> = tag
            .iter()
            .copied()
            .skip_while(|b| *b == b'/')
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
            .collect();
        let name = String::from_utf8_lossy(&name).into_owned();
        let Some(end) = memchr::memchr(b'>', tag) else { break };
        if name.is_empty() || tag[..end].ends_with(b"/") {
            continue;
        }
        if tag.starts_with(b"/") {
            if let Some(matching) = open.iter().rposition(|n| *n == name) {
                open.truncate(matching);
            }
        } else {
            open.push(name);
        }
    }
    if open.last().is_some_and(|n| n == key) {
        open.pop();
    }
    // The root says what kind of file it is.
    open.drain(..open.len().min(1));
    open.reverse();
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(file: &str, key: &str, text: &str) -> Option<String> {
        let at = text.find("VALUE").unwrap();
        key_path(text.as_bytes(), Span::new(at, at + 5), &RepoPath::new(file), Some(key))
    }

    #[test]
    fn every_way_to_nest() {
        for (file, text, want) in [
            ("a.json", r#"{"a": {"x": {"b": 1}, "b": {"list": [1, {"key": "VALUE"}]}}}"#, Some("a.b.list.key")),
            ("a.json", r#"{"a": "{", "b": {"key": "VALUE"}}"#, Some("b.key")),
            ("a.json", r#"{"key": "VALUE"}"#, None),
            ("a.json", r#"{"a": {"key": {"value": "VALUE"}}}"#, Some("a.key")),
            ("a.tf", "provider \"acme\" {\n  x = 1\n  key = \"VALUE\"\n}", Some("provider.acme.key")),
            ("a.yaml", "a:\n  b: 1\n  c:\n    - name: x\n      key: VALUE", Some("a.c.key")),
            ("a.yaml", "x:\n  y: 1\na:\n  # note\n  key: VALUE", Some("a.key")),
            ("a.yaml", "a:\n  b:\n    c: 1\n---\nkey: VALUE", None),
            ("a.yaml", "a:\n- key: VALUE", Some("a.key")),
            ("a.toml", "[a.b]\nx = [1]\nkey = \"VALUE\"", Some("a.b.key")),
            ("a.ini", "[one]\nx=1\n[two]\nkey = VALUE", Some("two.key")),
            ("a.xml", "<root><a><b>1</b><c/><key>VALUE</key></a></root>", Some("a.key")),
            ("a.py", "a = {\n  'key': 'VALUE'}", None),
        ] {
            assert_eq!(path_of(file, "key", text).as_deref(), want, "{text}");
        }
    }
}
