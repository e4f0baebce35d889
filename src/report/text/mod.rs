//! For people at a terminal: findings by partner and credential, what to do next, what was looked at,
//! and the verdict in the last line.
//!
//! Takes a view, writes lines of at most `width` columns (paths are never broken). Every text of
//! foreign origin goes through `terminal::harmless`.

mod brief;
mod card;
mod excerpt;
mod footer;
pub(super) mod paint;

use std::io::{self, Write};

use super::RenderOptions;
use super::cards::{Group, groups};
use super::terminal::{harmless, width};
use super::view::{Counts, View};
pub(super) use paint::{Paint, Style};

/// What the parts of the text share.
struct Page<'v> {
    view: &'v View<'v>,
    paint: Paint,
    columns: usize,
    /// Nothing is shortened.
    verbose: bool,
    /// The scope spans repositories or places other than the tree: spots say where they are.
    named_places: bool,
}

impl<'v> Page<'v> {
    fn new(view: &'v View<'v>, options: &RenderOptions<'_>) -> Self {
        let named_places = view.report.scope.iter().any(|s| s != "tree" && s != "paths");
        Self {
            view,
            paint: Paint(options.color),
            columns: options.width.clamp(40, 120),
            verbose: options.verbose,
            named_places,
        }
    }
}

/// Writes what fits on one screen.
pub(super) fn render_brief(view: &View<'_>, options: &RenderOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    brief::write(&Page::new(view, options), out)
}

/// Writes the text.
pub(super) fn render(view: &View<'_>, options: &RenderOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(view, options);
    for group in groups(view, view.open()) {
        writeln!(out, "{}", heading(&page, &group))?;
        for card in &group.cards {
            writeln!(out)?;
            card::write(&page, card, out)?;
        }
        writeln!(out)?;
    }
    if view.counts().open() > 0 {
        writeln!(out, "{}\n", page.paint.on(Style::Quiet, &"\u{2500}".repeat(page.columns)))?;
    }
    footer::write(&page, out)
}

/// `Stripe ─────────── 2 errors`.
fn heading(page: &Page<'_>, group: &Group<'_>) -> String {
    let name = harmless(&group.name);
    let counts = Counts::of(group.findings()).words();
    let rule = page.columns.saturating_sub(width(&name) + width(&counts) + 2).max(2);
    format!(
        "{} {} {}",
        page.paint.on(Style::Strong, &name),
        page.paint.on(Style::Quiet, &"\u{2500}".repeat(rule)),
        page.paint.on(Style::Strong, &counts)
    )
}

#[cfg(test)]
mod tests {
    use super::width;
    use crate::report::testing::{clean, history, hostile, options, rendered, sample};
    use crate::report::{Format, RenderOptions, render};

    #[test]
    fn shows_what_where_why_and_what_next() {
        let text = rendered(&sample(), Format::Text);
        for part in [
            "Stripe \u{2500}",
            "error    KW001  Leaked credential",
            "--> src/payments/charge.py:14:15",
            "record   cred-017 (governance/inventory.csv:7)",
            "lowered from error: ",
            "Expire now",
            "1 could not be read: ",
            "KW202",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let last = text.lines().last().unwrap_or_default();
        assert!(last.contains("in 412 files") && last.contains("incomplete: 1 file could not be read"), "{last}");
    }

    #[test]
    fn the_caret_stands_under_the_value() {
        let text = rendered(&sample(), Format::Text);
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|l| l.contains("STRIPE_KEY = ")).unwrap();
        let value = lines[at].find("sk_live_").unwrap();
        assert_eq!(lines[at + 1].find('^'), Some(value), "{text}");
    }

    #[test]
    fn keeps_to_its_columns() {
        for width_asked in [60, 80, 100] {
            let mut out = Vec::new();
            let asked = RenderOptions { width: width_asked, ..options() };
            for report in [sample(), clean(), hostile()] {
                render(&report, Format::Text, &asked, &mut out).unwrap();
            }
            for line in String::from_utf8(out).unwrap().lines() {
                let unbreakable = line.contains("-->")
                    || line.contains(" in 412 files")
                    || line.split(' ').any(|word| width(word) > 30);
                assert!(width(line) <= width_asked || unbreakable, "{} > {width_asked}: {line}", width(line));
            }
        }
    }

    #[test]
    fn nothing_hostile_reaches_the_terminal() {
        let text = rendered(&hostile(), Format::Text);
        assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'));
    }

    #[test]
    fn colour_only_when_asked() {
        assert!(!rendered(&sample(), Format::Text).contains('\u{1b}'));
        let mut out = Vec::new();
        render(&sample(), Format::Text, &RenderOptions { color: true, ..options() }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\u{1b}[1;31merror\u{1b}[0m"));
    }

    /// For eyes: `cat target/report-samples/*.txt`.
    #[test]
    fn samples_to_look_at() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-samples");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, report) in [("sample", sample()), ("clean", clean()), ("history", history()), ("hostile", hostile())]
        {
            for (colour, color) in [("", false), ("-colour", true)] {
                let mut out = Vec::new();
                let asked = RenderOptions { color, disclose: crate::report::Disclose::Full, ..options() };
                render(&report, Format::Text, &asked, &mut out).unwrap();
                std::fs::write(folder.join(format!("{name}{colour}.txt")), out).unwrap();
            }
        }
    }

    #[test]
    fn a_clean_run_says_what_was_looked_at() {
        let text = rendered(&clean(), Format::Text);
        assert!(text.starts_with("Scanned "), "{text}");
        assert!(text.contains("no findings in 412 files"), "{text}");
    }
}
