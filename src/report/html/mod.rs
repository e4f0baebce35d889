//! One self-contained page: no network, no inline handler, a content-security policy that allows this
//! style and this script by their digests and nothing else.
//!
//! The page is complete without its script, which only adds filters. Every text of foreign origin
//! goes through [`Esc`].

mod card;
mod scorecard;
mod sections;
mod timeline;

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::cards::groups;
use super::terminal::harmless;
use super::view::{Counts, View};
use crate::govern::Level;
use crate::secret::CredentialId;

pub(super) const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Foreign text, for elements and quoted attributes.
pub(super) struct Esc<'a>(pub(super) &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in harmless(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The same, with what stands between backticks as code.
pub(super) struct Prose<'a>(pub(super) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.0.split('`').collect();
        if parts.len().is_multiple_of(2) {
            return write!(f, "{}", Esc(self.0));
        }
        for (n, part) in parts.iter().enumerate() {
            if n % 2 == 0 {
                write!(f, "{}", Esc(part))?;
            } else {
                write!(f, "<code>{}</code>", Esc(part))?;
            }
        }
        Ok(())
    }
}

/// Writes the page.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    // Writing to a String succeeds.
    let _ = write_page(view, &mut page);
    out.write_all(page.as_bytes())
}

fn write_page(view: &View<'_>, out: &mut String) -> fmt::Result {
    let groups = groups(view, view.findings().iter());
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>keyward: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n",
        source(STYLE),
        source(SCRIPT),
        Esc(&view.verdict()),
    )?;
    header(view, groups.is_empty(), out)?;
    out.push_str("<main>\n");
    scorecard::write(view, out)?;
    sections::partners(&groups, out)?;
    out.push_str("<div id=\"findings\">\n");
    sections::tools(view, &groups, out)?;
    for group in &groups {
        let counts = Counts::of(group.findings());
        let name = Esc(&group.name);
        writeln!(
            out,
            "<section class=\"partner\" id=\"{}\" data-name=\"{name}\"><h2>{name} <span>{}</span></h2>",
            group_id(group.partner, &group.name),
            if counts.open() == 0 { "all accepted".to_owned() } else { counts.words() }
        )?;
        for card in &group.cards {
            card::write(view, card, out)?;
        }
        out.push_str("</section>\n");
    }
    if groups.is_empty() {
        out.push_str("<p class=\"nothing\">Nothing was found. What was looked at is told below.</p>\n");
    }
    out.push_str("<p class=\"empty\" id=\"empty\">No finding fits the filters.</p>\n</div>\n");
    sections::coverage(view, out)?;
    sections::checks(view, out)?;
    write!(
        out,
        "</main>\n<footer>Made by keyward {} for {}. Values are masked; the page loads nothing and sends nothing.</footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        Esc(&view.report.version),
        Esc(&view.report.as_of)
    )
}

fn header(view: &View<'_>, nothing: bool, out: &mut String) -> fmt::Result {
    let counts = view.counts();
    let tone = match () {
        () if counts.error > 0 => "error",
        () if counts.warning > 0 || !view.report.complete => "warning",
        () if counts.note > 0 => "note",
        () => "good",
    };
    let report = view.report;
    let names: Vec<_> = report.repositories.iter().filter(|r| !r.name.is_empty()).map(|r| r.name.as_str()).collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    let names = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let partners = if nothing { "" } else { "<a href=\"#partners\">Partners</a> " };
    write!(
        out,
        "<header class=\"top\">\n<h1>keyward report</h1>\n<p class=\"verdict {tone}\">{}</p>\n\
         <p class=\"meta\">{}{more} \u{b7} {} \u{b7} as of {}</p>\n\
         <nav class=\"parts\" aria-label=\"Parts of the report\">{partners}\
         <a href=\"#findings\">Findings</a> <a href=\"#coverage\">What was looked at</a> <a href=\"#checks\">Checks</a>\
         <button type=\"button\" id=\"theme\" aria-label=\"Dark or light\">\u{25d0}</button></nav>\n\
         </header>\n",
        Esc(&view.verdict()),
        Esc(&names),
        Esc(&report.scope.join(" and ")),
        Esc(&report.as_of)
    )
}

/// A digest as a content-security policy names it.
pub(super) fn source(text: &str) -> String {
    format!("sha256-{}", data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes())))
}

/// The same for a partner in every report, and free of its characters.
fn group_id(partner: Option<&str>, name: &str) -> String {
    format!("p-{}", &digest(partner.unwrap_or(name))[..12])
}

fn digest(text: &str) -> String {
    CredentialId::from_parts("keyward/v1/anchor", &[text.as_bytes()]).to_string()
}

/// The class of a level.
fn class(level: Level) -> &'static str {
    level.word()
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE, source};
    use crate::report::testing::{CANARY, clean, history, hostile, many, options, rendered, sample};
    use crate::report::{Disclose, Format, RenderOptions, render};

    /// For eyes and browsers.
    #[test]
    fn samples_to_look_at() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-samples");
        std::fs::create_dir_all(&folder).unwrap();
        let all = [
            ("sample", sample()),
            ("clean", clean()),
            ("history", history()),
            ("hostile", hostile()),
            ("many", many(5_000)),
        ];
        for (name, report) in all {
            let mut out = Vec::new();
            let asked = RenderOptions { disclose: Disclose::Full, ..options() };
            render(&report, Format::Html, &asked, &mut out).unwrap();
            std::fs::write(folder.join(format!("{name}.html")), out).unwrap();
        }
    }

    #[test]
    fn allows_its_own_style_and_script_and_loads_nothing() {
        let text = rendered(&sample(), Format::Html);
        assert!(text.contains(&source(STYLE)) && text.contains(&source(SCRIPT)));
        assert_eq!((text.matches("<script").count(), text.matches("<style").count()), (1, 1));
        for bad in [" style=\"", " onclick", " onload", " src=", "url(", "@import", "<link", "innerHTML"] {
            assert!(!text.contains(bad), "{bad}");
        }
    }

    #[test]
    fn foreign_text_is_text() {
        let text = rendered(&hostile(), Format::Html);
        let body = text.split("</style>").nth(1).unwrap().split("<script>").next().unwrap();
        for bad in ["<script", "<img", "<b>", "<i>", "\u{1b}", "\u{202e}"] {
            assert!(!body.contains(bad), "{bad}");
        }
        assert!(!text.contains(CANARY));
    }

    #[test]
    fn every_finding_can_be_linked_to() {
        let report = sample();
        let text = rendered(&report, Format::Html);
        for finding in &report.judgement.findings {
            assert_eq!(text.matches(&format!("id=\"f-{}\"", finding.key)).count(), 1);
        }
    }

    #[test]
    fn every_kind_of_event_is_drawn_with_a_shape_of_its_own_and_told_in_words() {
        let text = rendered(&history(), Format::Html);
        let mut shapes = std::collections::BTreeSet::new();
        for (kind, day) in [
            ("introduced", "2025-03-01"),
            ("approved", "2025-01-10"),
            ("expired", "2025-05-01"),
            ("revoked", "2025-07-02"),
            ("removed", "2025-06-30"),
        ] {
            let drawn = text.split(&format!("class=\"event {kind}\"")).nth(1).unwrap_or_else(|| panic!("{kind}"));
            shapes.insert(drawn.split("d=\"").nth(1).unwrap().split('"').next().unwrap().to_owned());
            assert!(text.contains(&format!("</svg>{kind} {day}</li>")), "{kind} in words");
        }
        assert_eq!(shapes.len(), 5);
        let none = RenderOptions { disclose: Disclose::None, ..options() };
        let mut out = Vec::new();
        render(&history(), Format::Html, &none, &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("2025-05-01"), "dates of records are not for everybody");
    }

    #[test]
    fn of_nothing_there_are_no_tables_and_no_filters_and_no_praise() {
        let page = rendered(&clean(), Format::Html);
        assert!(page.contains("Nothing was found."), "{page}");
        assert!(!page.contains("id=\"partners\"") && !page.contains("href=\"#partners\""));
        assert!(page.contains("<div class=\"tools\" role=\"search\" hidden>"));
        let mut report = clean();
        for state in report.judgement.checks.values_mut() {
            (state.evaluated, state.failed) = (0, 0);
        }
        let page = rendered(&report, Format::Html);
        assert!(page.contains("nothing to judge, ") && !page.contains("0 of 0"), "{page}");
    }

    #[test]
    fn stale_entries_of_the_baseline_are_listed() {
        let text = rendered(&history(), Format::Html);
        assert!(text.contains("1 entry of the baseline can be taken out"), "{text}");
        assert!(text.contains("old/&lt;b&gt;gone"));
        assert!(!rendered(&sample(), Format::Html).contains("id=\"stale\""));
    }

    #[test]
    fn history_is_drawn() {
        let text = rendered(&history(), Format::Html);
        assert!(text.contains("<svg") && text.contains("introduced 2025-03-01") && text.contains("removed 2025-06-30"));
    }
}
