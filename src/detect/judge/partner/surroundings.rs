//! What stands around a value that can name its partner: hosts, parent keys, callees.

use crate::position::Span;

/// Hosts of the block around `span`, nearest first. The block ends at an empty line.
pub(super) fn hosts(bytes: &[u8], span: Span, reach: usize) -> Vec<String> {
    let (low, high) = block(bytes, span, reach);
    hosts_within(bytes, span, low, high)
}

/// Where the block around `span` begins and ends.
fn block(bytes: &[u8], span: Span, reach: usize) -> (usize, usize) {
    let low = span.start.saturating_sub(reach);
    let high = (span.end + reach).min(bytes.len());
    let low = last_break(&bytes[low..span.start]).map_or(low, |n| low + n);
    let high = first_break(&bytes[span.end..high]).map_or(high, |n| span.end + n);
    (low, high)
}

/// The nearest address of the block around `span`: a host in a URL, after a user's name, or of a key that
/// says so. A word with a dot is none, nor is what people link to.
pub(super) fn address(bytes: &[u8], span: Span, reach: usize) -> Option<String> {
    let (low, high) = block(bytes, span, reach);
    let is_addressed = |start: usize| {
        let line = memchr::memrchr(b'\n', &bytes[low..start]).map_or(low, |n| low + n + 1);
        let before = &bytes[line..start];
        before.ends_with(b"//") || before.ends_with(b"@") || names_host(before)
    };
    located(bytes, span, low, high)
        .into_iter()
        .find(|(_, start, host)| is_addressed(*start) && !is_link(host))
        .map(|(_, _, host)| host)
}

/// Hosts of the part of the document around `span`, nearest first, across empty lines.
pub(super) fn hosts_of_part(bytes: &[u8], span: Span) -> Vec<String> {
    const PART: usize = 8 << 10;
    hosts_within(bytes, span, span.start.saturating_sub(PART), bytes.len().min(span.end + PART))
}

fn hosts_within(bytes: &[u8], span: Span, low: usize, high: usize) -> Vec<String> {
    let mut found: Vec<_> = located(bytes, span, low, high).into_iter().map(|(far, _, host)| (far, host)).collect();
    found.sort();
    found.into_iter().map(|(_, host)| host).collect()
}

/// Hosts with how far they stand from the value and where, nearest first.
fn located(bytes: &[u8], span: Span, low: usize, high: usize) -> Vec<(usize, usize, String)> {
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    let mut at = low;
    // No host without a dot.
    while let Some(n) = memchr::memchr(b'.', &bytes[at..high]) {
        let dot = at + n;
        let start = dot - bytes[at..dot].iter().rev().take_while(|b| is_host_byte(**b)).count();
        let end = dot + bytes[dot..high].iter().take_while(|b| is_host_byte(**b)).count();
        let inside = start < span.end && end > span.start;
        if !inside && let Some(host) = host_in(&bytes[start..end]) {
            let distance = if start >= span.end { start - span.end } else { span.start - end.min(span.start) };
            found.push((distance, start, host));
        }
        at = end;
    }
    found.sort();
    found
}

/// Whether the text before a host ends in the name of a key for one, and its separator.
fn names_host(before: &[u8]) -> bool {
    const WORDS: [&str; 4] = ["host", "endpoint", "server", "domain"];
    let before = before.trim_ascii_end();
    let quoted = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii_end();
    let Some(key) = quoted.strip_suffix(b"=").or_else(|| quoted.strip_suffix(b":")) else { return false };
    let key = String::from_utf8_lossy(&key[key.len().saturating_sub(40)..]).to_ascii_lowercase();
    let key = key.trim_end().trim_end_matches(['"', '\'']);
    let name = key.rsplit(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').next().unwrap_or_default();
    WORDS.iter().any(|word| name.contains(word))
}

fn is_host_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')
}

/// An empty line in the text before a value: what is above belongs to something else.
fn last_break(text: &[u8]) -> Option<usize> {
    let unix = memchr::memmem::rfind(text, b"\n\n").map(|n| n + 2);
    let dos = memchr::memmem::rfind(text, b"\r\n\r\n").map(|n| n + 4);
    unix.max(dos)
}

fn first_break(text: &[u8]) -> Option<usize> {
    [memchr::memmem::find(text, b"\n\n"), memchr::memmem::find(text, b"\r\n\r\n")].into_iter().flatten().min()
}

/// The word as a host: labels, and a last one of letters alone.
fn host_in(word: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(word).ok()?.trim_matches(['.', '-']);
    let (_, top) = text.rsplit_once('.')?;
    let is_top = (2..=18).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic());
    (is_top && text.len() >= 5).then(|| text.to_ascii_lowercase())
}

/// Hosts that people link to: they name whoever wrote the documentation, or nobody.
pub(super) fn is_link(host: &str) -> bool {
    const LINKS: &[&str] = &[
        "github.com", "githubusercontent.com", "ghcr.io", "github.io", "gitlab.com", "gitlab.io", "google.com",
        "googleapis.com", "microsoft.com", "w3.org", "apache.org", "wikipedia.org", "stackoverflow.com", "npmjs.com",
        "npmjs.org", "pypi.org", "medium.com", "youtube.com", "twitter.com", "x.com", "facebook.com", "linkedin.com",
        "mozilla.org", "amazonaws.com", "azure.com", "windows.net", "cloudfront.net", "herokuapp.com", "vercel.app",
        "netlify.app", "readthedocs.io", "docker.io", "docker.com", "gmail.com", "outlook.com", "apple.com",
        "mozilla.com", "schema.org", "json-schema.org", "googlegroups.com", "atlassian.net", "gravatar.com",
        "cloudflare.com", "jsdelivr.net", "unpkg.com", "gstatic.com", "shields.io", "codecov.io", "crates.io",
        "docs.rs",
    ];
    const FRONTS: &[&str] = &[
        "docs.", "doc.", "www.", "help.", "support.", "blog.", "status.", "community.", "learn.", "developer.",
        "developers.", "cdn.",
    ];
    LINKS.iter().any(|l| host == *l || host.strip_suffix(l).is_some_and(|h| h.ends_with('.')))
        || FRONTS.iter().any(|f| host.starts_with(f)) && host.matches('.').count() > 2
}

/// Bytes before a value in which parents are looked for.
const FAR: usize = 6000;
/// Levels of nesting that are followed.
const LEVELS: usize = 5;

/// Names of what the value is nested in, innermost first: lines above with less indentation that
/// open something, and the section of an INI or TOML file.
pub(super) fn parents(bytes: &[u8], span: Span) -> Vec<String> {
    let low = span.start.saturating_sub(FAR);
    let text = &bytes[low..span.start];
    let mut lines = text.rsplit(|b| *b == b'\n');
    let Some(own) = lines.next() else { return Vec::new() };
    let mut indent = indent_of(own);
    let mut found = Vec::new();
    for line in lines.take(200) {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() || trimmed.starts_with(b"#") || trimmed.starts_with(b"//") {
            continue;
        }
        if trimmed.starts_with(b"[") && trimmed.ends_with(b"]") {
            if indent_of(line) <= indent {
                found.extend(name_in(trimmed));
                break;
            }
            continue;
        }
        let own = indent_of(line);
        if own < indent {
            indent = own;
            if opens(trimmed) {
                found.extend(name_in(trimmed));
            }
            if found.len() >= LEVELS {
                break;
            }
        }
    }
    found
}

fn indent_of(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Whether a line opens something: `name:`, `"name": {`, `name = {`, `resource "x" "y" {`, `call({`.
fn opens(line: &[u8]) -> bool {
    matches!(line.last(), Some(b':' | b'{' | b'[' | b'(' | b'>')) || line.ends_with(b"|")
}

/// The words of an opening line, joined so that segments stay apart.
fn name_in(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let name: String = text.chars().take(80).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name = name.trim_matches('_').to_owned();
    (!name.is_empty()).then_some(name)
}

/// Words of what is written for people beside the value, nearest first: the comment behind it, comments on
/// the four lines above it; in a text for people (`prose`) two lines and its own whatever they are. One, two
/// or three words in a row are joined, the longest first.
pub(super) fn words_before(bytes: &[u8], span: Span, prose: bool) -> Vec<String> {
    const NEAR: usize = 300;
    const MARKS: [&[u8]; 7] = [b"#", b"//", b"/*", b"*", b"--", b";", b"<!--"];
    let reach = if prose { 2 } else { 4 };
    let written = |line: &&[u8]| prose || MARKS.iter().any(|mark| line.trim_ascii_start().starts_with(mark));
    let low = span.start.saturating_sub(NEAR);
    let low = last_break(&bytes[low..span.start]).map_or(low, |n| low + n);
    let mut lines: Vec<&[u8]> = bytes[low..span.start].split(|b| *b == b'\n').collect();
    let own = lines.pop().filter(written);
    let above = lines.iter().rev().take(reach).copied().filter(written);
    let mut found = Vec::new();
    for line in comment_behind(bytes, span).into_iter().chain(own).chain(above) {
        let words = words(line);
        for until in (1..=words.len()).rev() {
            for from in until.saturating_sub(3)..until {
                // What is joined is divided by nothing but a space, a dash or a dot.
                let close = words[from..until].windows(2).all(|pair| pair[1].start == pair[0].end + 1);
                if close {
                    let joined = words[from..until].iter().map(|w| String::from_utf8_lossy(w.of(line)));
                    found.push(joined.collect::<String>().to_ascii_lowercase());
                }
            }
        }
    }
    found
}

/// The comment at the end of the value's line.
fn comment_behind(bytes: &[u8], span: Span) -> Option<&[u8]> {
    let rest = &bytes[span.end..bytes.len().min(span.end + 160)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let marks = [&b" #"[..], b" //", b" /*", b" --", b"<!--"];
    let at = marks.iter().filter_map(|mark| memchr::memmem::find(rest, mark)).min()?;
    // What stands between is a quote, a bracket, a comma.
    rest[..at].iter().all(|b| !b.is_ascii_alphanumeric()).then(|| &rest[at..])
}

/// Where the words of a line stand; none behind an escape's backslash, and none of an address.
fn words(line: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        at += rest_of_address(&line[at..]);
        let n = line[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if n > 0 && (at == 0 || line[at - 1] != b'\\') {
            found.push(Span::new(at, at + n));
        }
        at += n.max(1);
    }
    found
}

/// How many bytes at the start of `text` are an address behind its scheme.
fn rest_of_address(text: &[u8]) -> usize {
    if !text.starts_with(b"://") {
        return 0;
    }
    text.iter().take_while(|b| !matches!(b, b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b')')).count()
}

/// Identifiers on the value's line that are called or whose members are used, nearest first.
pub(super) fn callees(bytes: &[u8], span: Span) -> Vec<String> {
    let low = span.start.saturating_sub(300);
    let line = memchr::memrchr(b'\n', &bytes[low..span.start]).map_or(low, |n| low + n + 1);
    let text = &bytes[line..span.start];
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        // Labels of a host are not called.
        at += rest_of_address(&text[at..]);
        let n = text[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let object = || {
            let tie = text[at + n..]
                .iter()
                .take(6)
                .take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'=' | b':' | b'>'))
                .count();
            tie > 0 && text.get(at + n + tie) == Some(&b'{')
        };
        if n >= 4 && (matches!(text.get(at + n), Some(b'(' | b'.' | b':')) || object()) {
            found.push(String::from_utf8_lossy(&text[at..at + n]).into_owned());
        }
        at += n.max(1);
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting() {
        let text = "a:\n  b:\n    x: 1\n  c:\n    key: VALUE";
        let at = text.find("VALUE").unwrap();
        assert_eq!(parents(text.as_bytes(), Span::new(at, at + 5)), ["c", "a"]);
    }

    #[test]
    fn hosts_of_the_block() {
        let text = "old.acme.net\n\nurl = https://api.acme.io/v1\nkey = VALUE\nmail: a@b.org";
        let at = text.find("VALUE").unwrap();
        assert_eq!(hosts(text.as_bytes(), Span::new(at, at + 5), 400), ["b.org", "api.acme.io"]);
    }
}
