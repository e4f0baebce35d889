//! Messages of parsers, without the values that they quote.

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
        Some(expected) if !expected.contains('"') => format!("{what}; expected {}", expected.replace('`', "")),
        _ => what.to_owned(),
    }
}
