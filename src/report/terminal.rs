//! Text of foreign origin on its way to people: made harmless, measured in columns, wrapped.

use unicode_width::UnicodeWidthChar;

/// Columns that `text` takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Columns of one character: 0 for marks that combine, 2 for East Asian wide ones and emoji.
pub(super) fn char_width(c: char) -> usize {
    // Control characters have none of their own; they are never written as they are.
    c.width().unwrap_or(1)
}

/// Characters that move the cursor, change colours, turn the direction of text or cannot be seen.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with every character that could act on a terminal or hide written as an escape.
pub(super) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Breaks `text` at spaces into lines of at most `columns`; a word that is longer stands alone.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let n = width(word);
        if used > 0 && used + 1 + n > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += n;
    }
    if used > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_what_terminals_use() {
        assert_eq!(width("key"), 3);
        assert_eq!(width("\u{5bc6}\u{94a5}"), 4);
        assert_eq!(width("\u{1f511}="), 3);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn escapes_what_acts() {
        assert_eq!(harmless("a\u{1b}[31m\n\u{202e}b \u{e9}"), "a\\u{1b}[31m\\n\\u{202e}b \u{e9}");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word_and_keeps_to_its_columns(text in "[a-z\u{5bc6} ]{0,120}", columns in 10..40_usize) {
            let lines = wrap(&text, columns);
            prop_assert_eq!(lines.join(" "), text.split_whitespace().collect::<Vec<_>>().join(" "));
            for line in lines {
                prop_assert!(width(&line) <= columns || !line.contains(' '));
            }
        }

        #[test]
        fn nothing_harmful_remains(text in "\\PC*[\u{0}-\u{1f}\u{80}-\u{9f}\u{200e}\u{2066}]{0,8}\\PC*") {
            prop_assert!(!harmless(&text).chars().any(is_harmful));
        }
    }
}
