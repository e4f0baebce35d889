//! `keyward:allow` comments that stand beside no value: what they were written for is gone, and the next
//! value in their place would be covered in silence.

use serde::{Deserialize, Serialize};

use super::{Allow, MARK, beside, read};
use crate::detect::PathClass;
use crate::position::{LineIndex, Location, Span};
use crate::source::{Document, Place, RepoPath};

/// A permission beside which no value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stray {
    /// Path from the repository's top.
    pub path: RepoPath,
    /// Where the comment stands.
    pub location: Location,
    /// Tree, index or standard input.
    pub place: Place,
    /// What it says.
    pub allow: Allow,
}

/// The permissions of a document that belong to none of the values at `values`.
///
/// Only comments that name a check count; prose and strings of programs may speak of permissions.
pub(crate) fn strays(document: &Document<'_>, values: &[Span]) -> Vec<Stray> {
    let (bytes, origin) = (document.bytes, document.origin);
    let prose = || PathClass::of(&origin.path) == PathClass::Documentation;
    if origin.place == Place::History || document.binary || prose() {
        return Vec::new();
    }
    let used: Vec<usize> = values.iter().filter_map(|v| beside(bytes, *v)).map(|(at, _)| at).collect();
    let mut lines = None;
    let mut all = Vec::new();
    for at in memchr::memmem::find_iter(bytes, MARK) {
        let (mark, end) = extent(bytes, at);
        let Some(allow) = read(&bytes[mark..end]) else { continue };
        if used.contains(&at) || allow.checks.is_empty() || !is_comment(&bytes[line_start(bytes, at)..at]) {
            continue;
        }
        let lines = lines.get_or_insert_with(|| LineIndex::new(bytes));
        all.push(Stray {
            path: origin.path.clone(),
            location: lines.locate(bytes, Span::new(at, mark)),
            place: origin.place,
            allow,
        });
    }
    all
}

/// Where the words behind a mark begin, and where its line ends. `-begin` belongs to the mark.
fn extent(bytes: &[u8], at: usize) -> (usize, usize) {
    let mark = at + MARK.len();
    let mark = if bytes[mark..].starts_with(b"-begin") { mark + b"-begin".len() } else { mark };
    (mark, memchr::memchr(b'\n', &bytes[mark..]).map_or(bytes.len(), |n| mark + n))
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |n| n + 1)
}

/// Whether a comment begins at the end of this part of a line, outside strings.
fn is_comment(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let leader = [&b"#"[..], b"//", b"--", b"/*", b"*", b"<!--", b";", b"%", b"REM"];
    let quotes = before.iter().filter(|b| matches!(b, b'"' | b'`')).count();
    quotes % 2 == 0 && leader.iter().any(|l| before.ends_with(l))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn lines(path: &str, text: &str) -> Vec<u32> {
        let origin = Origin { place: Place::Tree, path: RepoPath::new(path) };
        let values: Vec<Span> = text.match_indices("VALUE").map(|(at, v)| Span::new(at, at + v.len())).collect();
        strays(&Document::new(&origin, text.as_bytes()), &values).iter().map(|s| s.location.line).collect()
    }

    #[test]
    fn what_stands_beside_no_value() {
        let allow = "keyward:allow KW001 reason=x until=2027-01-31";
        assert_eq!(lines("a.py", &format!("key = VALUE # {allow}\nother = 1 # {allow}\n")), [2]);
        assert_eq!(lines("a.py", &format!("# {allow}\nkey = VALUE\n")), [0_u32; 0]);
        assert_eq!(lines("a.py", &format!("# {allow}\n\nkey = VALUE\n")), [1]);
        let begin = allow.replace("allow", "allow-begin");
        assert_eq!(lines("a.py", &format!("# {begin}\nkey = VALUE\n# keyward:allow-end\n")), [0_u32; 0]);
        assert_eq!(lines("a.py", &format!("# {begin}\nother = 1\n# keyward:allow-end\n")), [1]);
    }

    #[test]
    fn prose_and_strings_are_none() {
        let allow = "# keyward:allow KW001 reason=x until=2027-01-31\n";
        assert_eq!(lines("docs/a.md", allow), [0_u32; 0]);
        assert_eq!(lines("a.rs", &format!("let text = \"{allow}\";\n")), [0_u32; 0]);
        assert_eq!(lines("a.rs", "// write keyward:allow KW001 there\n"), [0_u32; 0]);
        assert_eq!(lines("a.rs", "// keyward:allowed KW001\n// keyward:allow\n"), [0_u32; 0]);
    }
}
