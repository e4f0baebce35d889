//! A masked source line with a mark under the value, cut to the columns there are.

use crate::observe::Excerpt;
use crate::report::terminal::char_width;

/// A line and the columns that the mark under it takes.
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) indent: usize,
    pub(super) length: usize,
}

/// Fits `excerpt` into `columns`, so that the value's beginning is always seen.
pub(super) fn fit(excerpt: &Excerpt, columns: usize) -> Marked {
    // An observation file can come from anywhere: what is harmful is replaced one for one.
    let chars: Vec<char> = excerpt.text.chars().map(|c| if harmful(c) { '\u{b7}' } else { c }).collect();
    let start = (excerpt.start as usize).min(chars.len());
    let end = (excerpt.end as usize).clamp(start, chars.len());
    let columns_of = |part: &[char]| part.iter().copied().map(char_width).sum::<usize>();
    let from = if columns_of(&chars) <= columns {
        0
    } else {
        let room = columns / 3;
        let cut = (0..=start).find(|i| columns_of(&chars[*i..start]) <= room).unwrap_or(start);
        // A cut that saves less than the mark of omission takes is none.
        if cut <= 1 { 0 } else { cut }
    };
    let mut text = String::new();
    let mut used = 0;
    if from > 0 {
        text.push('\u{2026}');
        used = 1;
    }
    let indent = used + columns_of(&chars[from..start]);
    let mut length = 0;
    for (i, c) in chars.iter().enumerate().skip(from) {
        let last = i + 1 == chars.len();
        if used + char_width(*c) + usize::from(!last) > columns {
            text.push('\u{2026}');
            break;
        }
        text.push(*c);
        used += char_width(*c);
        if (start..end).contains(&i) {
            length += char_width(*c);
        }
    }
    Marked { text, indent, length: length.max(1) }
}

fn harmful(c: char) -> bool {
    char_width(c) == 0 || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_move_the_mark() {
        let excerpt = Excerpt { text: "\u{5bc6}\u{94a5} = \"abc****\"".to_owned(), start: 6, end: 13 };
        let marked = fit(&excerpt, 70);
        assert_eq!((marked.indent, marked.length), (8, 7));
    }

    proptest! {
        #[test]
        fn never_wider_than_asked(text in "[a-z\u{5bc6}\u{1f511} *]{0,160}", start in 0..170_u32, more in 0..40_u32, columns in 20..90_usize) {
            let marked = fit(&Excerpt { text, start, end: start + more }, columns);
            prop_assert!(marked.text.chars().map(char_width).sum::<usize>() <= columns);
            prop_assert!(marked.indent <= columns);
        }
    }
}
