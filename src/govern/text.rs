//! Words of messages: numbers with their nouns; messages of parsers, without the values that they quote.

/// `1 day`, `2 days`, `12,345 days`.
pub(crate) fn plural(n: impl Into<i128>, word: &str) -> String {
    let n = n.into();
    format!("{} {word}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `a`, `a and b`, `a, b and c`; of many the first five: `a, b, c, d, e and 2 more`.
pub(crate) fn list(items: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 5;
    let more = items.len().saturating_sub(SHOWN);
    let last = if more == 0 { items.last().map(|i| i.as_ref().to_owned()) } else { Some(format!("{more} more")) };
    let first = &items[..items.len().saturating_sub(1).min(SHOWN)];
    let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
    match (first.as_slice(), last) {
        (_, None) => String::new(),
        ([], Some(one)) => one,
        (first, Some(last)) => format!("{} and {last}", first.join(", ")),
    }
}

/// `12,345`.
pub(crate) fn grouped(n: impl Into<i128>) -> String {
    let n: i128 = n.into();
    let digits = n.unsigned_abs().to_string();
    let mut out = if n < 0 { "-".to_owned() } else { String::new() };
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The line of a byte offset, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count() + 1
}

/// What was expected, from a parser's message; what was found instead is left out.
pub(crate) fn without_values(message: &str) -> String {
    let expected =
        message.rsplit_once(", expected ").or_else(|| message.rsplit_once("expected ")).map(|(_, e)| e.trim());
    let what = match message.split([' ', '`']).next().unwrap_or_default() {
        "unknown" if message.starts_with("unknown field") => "unknown field",
        "unknown" => "unknown word",
        "missing" => return message.lines().next().unwrap_or_default().to_owned(),
        "duplicate" => return "a key that stands twice".to_owned(),
        "invalid" if message.starts_with("invalid type") => "wrong type",
        _ => "cannot be read",
    };
    match expected {
        Some(expected) if !expected.contains('"') => {
            format!("{what}; expected {}", in_words(&expected.replace('`', "")))
        }
        _ => what.to_owned(),
    }
}

/// What a parser calls a kind of value, for people who write files and no programs.
fn in_words(expected: &str) -> String {
    let word = match expected {
        "a sequence" => "a list: [...]",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a map" => "a table",
        "literal string" => "a value: text in quotes, a number, true or false, a list",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_values_are_told_in_words() {
        for (message, told) in [
            ("invalid type: string \"x\", expected i64", "wrong type; expected a whole number"),
            ("invalid type: string \"x\", expected a sequence", "wrong type; expected a list: [...]"),
            ("invalid type: integer `1`, expected struct RawPolicy", "wrong type; expected a table"),
            ("invalid type: integer `1`, expected a boolean", "wrong type; expected true or false"),
            ("invalid type: integer `1`, expected a string", "wrong type; expected a string"),
        ] {
            assert_eq!(without_values(message), told, "{message}");
        }
    }

    #[test]
    fn lists_read_well() {
        let told = |n: usize| list(&["a", "b", "c", "d", "e", "f", "g"][..n]);
        let all: Vec<String> = (0..8).map(told).collect();
        let expected = [
            "",
            "a",
            "a and b",
            "a, b and c",
            "a, b, c and d",
            "a, b, c, d and e",
            "a, b, c, d, e and 1 more",
            "a, b, c, d, e and 2 more",
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            (grouped(1_234_567), grouped(-1_000), grouped(0)),
            ("1,234,567".into(), "-1,000".into(), "0".into())
        );
        assert_eq!((plural(1, "file"), plural(0, "file")), ("1 file".to_owned(), "0 files".to_owned()));
    }
}
