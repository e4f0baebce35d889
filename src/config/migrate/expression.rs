//! Foreign regular expressions: where their value stands, and what literal every match holds.

/// The expression with the group that is the value named `secret`. `group` counts from 1; 0 means the
/// first group if there is one, else the whole match.
pub(super) fn with_secret(pattern: &str, group: usize) -> Option<String> {
    let groups = capturing(pattern);
    let wanted = if group == 0 { 1 } else { group };
    match groups.get(wanted - 1) {
        Some(&(at, length)) => Some(format!("{}(?P<secret>{}", &pattern[..at], &pattern[at + length..])),
        None if group == 0 => Some(format!("(?P<secret>{pattern})")),
        None => None,
    }
}

/// Where capturing groups open, and how long what opens them is.
fn capturing(pattern: &str) -> Vec<(usize, usize)> {
    let bytes = pattern.as_bytes();
    let (mut groups, mut at, mut class) = (Vec::new(), 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' if !class => class = true,
            // A bracket that stands first in a class is one of its characters.
            b']' if class && !matches!(bytes[at - 1], b'[') && !(bytes[at - 1] == b'^' && bytes[at - 2] == b'[') => {
                class = false;
            }
            b'(' if !class => {
                let rest = &pattern[at..];
                if !rest.starts_with("(?") {
                    groups.push((at, 1));
                } else if rest.starts_with("(?P<")
                    || rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")
                {
                    groups.push((at, rest.find('>').map_or(1, |n| n + 1)));
                }
            }
            _ => {}
        }
        at += 1;
    }
    groups
}

/// A keyword in the case in which the expression holds it as plain text; `None` where case is free, or
/// where it stands in a class, a choice or something optional, so that not every match holds it.
pub(super) fn literal(pattern: &str, keyword: &str) -> Option<String> {
    if pattern.contains("(?i") || keyword.len() < 3 {
        return None;
    }
    let at = pattern.to_ascii_lowercase().find(&keyword.to_ascii_lowercase())?;
    let (before, found) = (&pattern[..at], &pattern[at..at + keyword.len()]);
    let depth = |open: char, close: char| before.matches(open).count() > before.matches(close).count();
    let optional = pattern[at + keyword.len()..].starts_with(['?', '*', '{', '|']);
    let plain = found.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    (plain && !optional && !depth('[', ']') && !pattern.contains('|')).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_gets_its_name() {
        for (pattern, group, want) in [
            (r"acme_[a-z]{20}", 0, r"(?P<secret>acme_[a-z]{20})"),
            (r"key=([a-z]{20})", 0, r"key=(?P<secret>[a-z]{20})"),
            (r"(?:a|b)\(([x(]+)(\d+)", 2, r"(?:a|b)\(([x(]+)(?P<secret>\d+)"),
            (r"(?P<k>[a-z]+)=(?<v>[0-9]+)", 2, r"(?P<k>[a-z]+)=(?P<secret>[0-9]+)"),
        ] {
            assert_eq!(with_secret(pattern, group).as_deref(), Some(want), "{pattern}");
        }
        assert_eq!(with_secret("abc", 1), None);
    }

    #[test]
    fn literals_are_what_every_match_holds() {
        assert_eq!(literal(r"\b(ACME-[a-z]{20})\b", "acme-").as_deref(), Some("ACME-"));
        for pattern in ["(?i)acme-[a-z]{20}", "(?:acme-|beta-)[a-z]{20}", "(acme-)?[a-z]{20}|x", "[acme-]{20}"] {
            assert_eq!(literal(pattern, "acme-"), None, "{pattern}");
        }
    }
}
