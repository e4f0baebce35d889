//! For somebody whose commit or push was just stopped: what, where, why, and the ways on, on one
//! screen whatever was found. The whole report is `text`.
//!
//! At most [`MOST_LINES`] lines, so that what git and the pre-commit framework print around it fits
//! on 24 lines too.

use std::io::{self, Write};

use super::Page;
use super::excerpt::fit;
use super::paint::Style;
use crate::govern::Subject;
use crate::report::cards::{Card, groups};
use crate::report::terminal::{char_width, harmless, width};
use crate::report::view::{grouped, plural};
use crate::source::coverage::Reason;

/// Lines of the whole text.
#[cfg(test)]
const MOST_LINES: usize = 18;
/// Credentials and records that are shown.
const CARDS: usize = 3;
/// Gaps that are shown.
const GAPS: usize = 2;

/// Writes the text.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let moment = Moment::of(page);
    let counts = page.view.counts();
    let mut cards: Vec<Card<'_>> = groups(page.view, page.view.open()).into_iter().flat_map(|g| g.cards).collect();
    // The groups are by partner; here the gravest come first.
    cards.sort_by_key(|c| std::cmp::Reverse(c.level()));
    if cards.is_empty() {
        let text = if page.view.report.coverage.documents == 0 && counted(page, Reason::EmptyScope) {
            format!("keyward: nothing is {}; nothing was scanned", moment.about)
        } else {
            format!("keyward: no findings in {} {}", page.view.documents(), moment.about)
        };
        let style = if page.view.report.complete { Style::Good } else { Style::Strong };
        writeln!(out, "{}", page.paint.on(style, &text))?;
        return gaps(page, out);
    }
    let head = format!("keyward: {} in what is {}", counts.words(), moment.about);
    writeln!(out, "{}\n", page.paint.on(Style::Level(cards[0].level()), &head))?;
    for card in cards.iter().take(CARDS) {
        self::card(page, card, cards.len() == 1, out)?;
    }
    if cards.len() > CARDS {
        let more = format!("  and {} more", grouped((cards.len() - CARDS) as u64));
        writeln!(out, "{}", page.paint.on(Style::Quiet, &more))?;
    }
    gaps(page, out)?;
    writeln!(out)?;
    for line in ways_on(&cards) {
        writeln!(out, "{}", cut(&line, page.columns))?;
    }
    let whole = format!("All of it: keyward scan {}--format text", moment.flag);
    let why = format!("Why: keyward explain {}", cards[0].findings[0].check);
    writeln!(out, "{}", page.paint.on(Style::Quiet, &format!("{whole}   {why}")))
}

/// Two lines, or four where it stands alone: where, what, why.
fn card(page: &Page<'_>, card: &Card<'_>, alone: bool, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: usize = 11;
    let first = card.findings[0];
    let level = card.level().word();
    let at = format!("{}:{}", harmless(&first.primary.path.to_string()), first.primary.location.line);
    let more = card.spots().len() - 1;
    let more = if more > 0 { format!(" and {}", plural(more as u64, "more place")) } else { String::new() };
    let at = format!("{}{more}", cut_left(&at, page.columns - INDENT - width(&more)));
    let label = page.paint.on(Style::Level(card.level()), level);
    writeln!(out, "  {label}{:pad$}{}", "", page.paint.on(Style::Strong, &at), pad = INDENT - 2 - level.len())?;
    let title = harmless(&card.title());
    let why = format!("{} {}", first.check, harmless(&first.message));
    let lines = if alone {
        let excerpt = first.primary.excerpt.as_ref().filter(|e| !e.text.is_empty());
        excerpt.map(|e| fit(e, page.columns - INDENT).text).into_iter().chain([title, why]).collect()
    } else {
        vec![format!("{} {title}", first.check)]
    };
    for line in lines {
        writeln!(out, "{:INDENT$}{}", "", cut(&line, page.columns - INDENT))?;
    }
    Ok(())
}

/// The three ways on. The inventory never takes a leak away, so the first is the one that ends it.
fn ways_on(cards: &[Card<'_>]) -> Vec<String> {
    let mut lines =
        vec!["What to do".to_owned(), "  1. Rotate it, and let the code read the new value from a vault.".to_owned()];
    let mut revoke: Vec<&str> = cards
        .iter()
        .filter_map(|c| c.observation)
        .filter(|o| o.is_leak())
        .filter_map(|o| o.revoke.as_deref())
        .collect();
    revoke.dedup();
    if let [one] = revoke.as_slice() {
        lines.push(format!("     {}", harmless(one)));
    }
    lines.push("  2. Record it in the inventory, so that it has an owner and an end:".to_owned());
    lines.push("     keyward inventory template --format csv".to_owned());
    match cards {
        [one] if let Subject::Credential(id) = one.subject() => {
            lines.push("  3. Have an exception approved, with an end; in the file of exceptions:".to_owned());
            lines.push(format!("     subject = {{ credential = \"{id}\" }}"));
        }
        _ => lines.push("  3. Have an exception approved, with an end.".to_owned()),
    }
    lines
}

/// What was asked for and not got.
fn gaps(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let gaps = page.view.gaps();
    for gap in gaps.iter().take(GAPS) {
        let line = cut(&format!("  incomplete: {}", harmless(gap)), page.columns);
        writeln!(out, "{}", page.paint.on(Style::Level(crate::govern::Level::Warning), &line))?;
    }
    Ok(())
}

fn counted(page: &Page<'_>, reason: Reason) -> bool {
    page.view.report.coverage.counts.contains_key(&reason)
}

/// What is being stopped.
struct Moment {
    about: &'static str,
    flag: &'static str,
}

impl Moment {
    fn of(page: &Page<'_>) -> Self {
        let is = |word: &str| page.view.report.scope.iter().any(|s| s == word);
        let (about, flag) = if is("staged") {
            ("about to be committed", "--staged ")
        } else if is("push") {
            // What the hook was told is gone; the commits are still here.
            ("about to be pushed", "--history ")
        } else if is("receive") {
            ("being pushed", "--history ")
        } else {
            ("scanned", "")
        };
        Self { about, flag }
    }
}

/// At most `columns`, with the end cut off.
fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += char_width(*c);
        used <= columns
    });
    let mut kept: String = kept.collect();
    kept.push('\u{2026}');
    kept
}

/// At most `columns`, with the beginning cut off: of a path the end tells more.
fn cut_left(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let reversed: String = text.chars().rev().collect();
    cut(&reversed, columns).chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, width};
    use crate::report::testing::{clean, history, hostile, many, options, sample};
    use crate::report::{Format, RenderOptions, Report, render};

    fn brief(report: &Report, columns: usize) -> String {
        let mut out = Vec::new();
        render(report, Format::Brief, &RenderOptions { width: columns, ..options() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fits_on_one_screen_whatever_was_found() {
        for report in [sample(), clean(), history(), hostile(), many(1), many(2), many(40)] {
            let text = brief(&report, 80);
            assert!(text.lines().count() <= MOST_LINES, "{}:\n{text}", text.lines().count());
            assert!(text.lines().all(|line| width(line) <= 80), "{text}");
            assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{text:?}");
        }
    }

    #[test]
    fn says_what_where_why_and_the_ways_on() {
        let mut report = many(1);
        report.scope = vec!["staged".to_owned()];
        let text = brief(&report, 80);
        for part in ["about to be committed", "error", "KW001", "vault", "inventory", "exception", "--staged"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let text = brief(&many(40), 80);
        assert!(text.contains("and 37 more"), "{text}");
    }

    #[test]
    fn clean_is_one_line() {
        assert_eq!(brief(&clean(), 80).lines().count(), 1);
    }
}
