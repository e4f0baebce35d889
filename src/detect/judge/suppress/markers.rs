//! Markers of other scanners beside values: `gitleaks:allow`, `pragma: allowlist secret`.
//!
//! They say nothing but "leave this alone": no check, no reason, no end. So they count only where the
//! configuration asks for them by the scanner's name.

use super::Allow;
use crate::position::Span;

/// A scanner whose inline markers can be honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ForeignMarker {
    /// `gitleaks:allow`
    Gitleaks,
    /// `betterleaks:allow`
    Betterleaks,
    /// `trufflehog:ignore`
    Trufflehog,
    /// `kingfisher:ignore`
    Kingfisher,
    /// `pragma: allowlist secret`, and `pragma: allowlist nextline secret` on the line above.
    DetectSecrets,
}

impl ForeignMarker {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Gitleaks, Self::Betterleaks, Self::Trufflehog, Self::Kingfisher, Self::DetectSecrets];

    /// The word of keyward.toml: the scanner's name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks",
            Self::Betterleaks => "betterleaks",
            Self::Trufflehog => "trufflehog",
            Self::Kingfisher => "kingfisher",
            Self::DetectSecrets => "detect-secrets",
        }
    }

    /// The scanner of that name.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }

    /// Every form of its markers.
    pub(crate) fn marks(self) -> impl Iterator<Item = &'static str> {
        self.same_line().iter().chain(self.line_above()).copied()
    }

    /// Its markers as they are written today.
    pub(crate) fn words(self) -> Vec<&'static str> {
        self.marks().filter(|w| !w.contains("whitelist")).collect()
    }

    /// What stands on the line of the value.
    fn same_line(self) -> &'static [&'static str] {
        match self {
            Self::Gitleaks => &["gitleaks:allow"],
            Self::Betterleaks => &["betterleaks:allow"],
            Self::Trufflehog => &["trufflehog:ignore"],
            Self::Kingfisher => &["kingfisher:ignore"],
            Self::DetectSecrets => &["pragma: allowlist secret", "pragma: whitelist secret"],
        }
    }

    /// What stands on the line above.
    fn line_above(self) -> &'static [&'static str] {
        match self {
            Self::DetectSecrets => &["pragma: allowlist nextline secret", "pragma: whitelist nextline secret"],
            _ => &[],
        }
    }
}

/// The marker that belongs to a value, of the scanners that are asked for.
pub(super) fn beside(bytes: &[u8], value: Span, asked: &[ForeignMarker]) -> Option<Allow> {
    const FAR: usize = 2000;
    if asked.is_empty() {
        return None;
    }
    let low = value.start.saturating_sub(FAR);
    let start = memchr::memrchr(b'\n', &bytes[low..value.start]).map_or(low, |n| low + n + 1);
    let high = bytes.len().min(value.end + FAR);
    let end = memchr::memchr(b'\n', &bytes[value.end..high]).map_or(high, |n| value.end + n);
    let above = bytes[low..start].strip_suffix(b"\n").unwrap_or_default();
    let above = &above[memchr::memrchr(b'\n', above).map_or(0, |n| n + 1)..];
    let found = |line: &[u8], marks: &'static [&'static str]| {
        marks.iter().find(|mark| memchr::memmem::find(line, mark.as_bytes()).is_some())
    };
    let mark = asked.iter().find_map(|scanner| {
        found(&bytes[start..end], scanner.same_line()).or_else(|| found(above, scanner.line_above()))
    })?;
    Some(Allow { marker: Some((*mark).to_owned()), ..Allow::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scanner_has_its_own() {
        let of = |text: &str, asked: &[ForeignMarker]| {
            let at = text.find("VALUE").unwrap();
            beside(text.as_bytes(), Span::new(at, at + 5), asked).and_then(|a| a.marker)
        };
        for scanner in ForeignMarker::ALL {
            assert_eq!(ForeignMarker::parse(scanner.word()), Some(scanner));
            for mark in scanner.same_line() {
                let text = format!("a = 1\nkey = VALUE # {mark}\nb = 2\n");
                assert_eq!(of(&text, &[scanner]).as_deref(), Some(*mark));
                assert_eq!(of(&text, &[]), None, "only when asked");
                let others: Vec<_> = ForeignMarker::ALL.into_iter().filter(|m| *m != scanner).collect();
                assert_eq!(of(&text, &others), None, "{mark}: another scanner's");
                assert_eq!(of(&format!("# {mark}\nkey = VALUE\n"), &[scanner]), None, "{mark}: on its own line");
            }
        }
        let above = "# pragma: allowlist nextline secret\nkey = VALUE\n";
        assert!(of(above, &[ForeignMarker::DetectSecrets]).is_some());
        let far = "# pragma: allowlist nextline secret\n\nkey = VALUE\n";
        assert_eq!(of(far, &[ForeignMarker::DetectSecrets]), None);
    }
}
