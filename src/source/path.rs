//! Paths as git knows them.

use std::borrow::Cow;
use std::fmt;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

/// A path relative to the repository's top: bytes, `/` between the parts on every system.
///
/// In text it is itself where it is UTF-8, else `bytes:` and the percent-encoded bytes, so that it
/// can be read back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Vec<u8>);

/// What marks a percent-encoded path.
const ENCODED: &str = "bytes:";

impl RepoPath {
    /// Takes bytes that already have `/` between the parts.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Takes a relative path of this system; `.` parts vanish.
    pub fn from_path(path: &Path) -> Self {
        let mut bytes = Vec::with_capacity(path.as_os_str().len());
        for part in path.components() {
            if matches!(part, Component::CurDir) {
                continue;
            }
            if !bytes.is_empty() && bytes != b"/" {
                bytes.push(b'/');
            }
            match part {
                Component::RootDir => bytes.push(b'/'),
                part => bytes.extend_from_slice(part.as_os_str().as_encoded_bytes()),
            }
        }
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For matching with globs and for people.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The last part.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or_default()
    }

    /// A relative reference as in RFC 3986: everything but unreserved characters and `/` escaped.
    pub fn to_uri(&self) -> String {
        percent_encode(&self.0)
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.strip_prefix(ENCODED) {
            Some(encoded) => percent_decode(encoded.as_bytes()).map(Self),
            None => Some(Self(text.as_bytes().to_vec())),
        }
    }
}

fn percent_encode(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for &b in bytes {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(b));
        } else {
            // Writing to a String succeeds.
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

fn percent_decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    Some(out)
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with(ENCODED) => f.write_str(text),
            _ => write!(f, "{ENCODED}{}", percent_encode(&self.0)),
        }
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RepoPath {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::from_text(&text).ok_or_else(|| serde::de::Error::custom("expected a path"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_path_can_be_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let path = RepoPath::new(bytes);
            prop_assert_eq!(RepoPath::from_text(&path.to_string()), Some(path));
        }
    }

    #[test]
    fn system_paths_become_repository_paths() {
        assert_eq!(RepoPath::from_path(Path::new("./a/./b.txt")).to_string(), "a/b.txt");
        assert_eq!(RepoPath::new("a b/\u{e9}").to_uri(), "a%20b/%C3%A9");
    }
}
