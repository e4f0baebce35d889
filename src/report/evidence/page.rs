//! The pages: self-contained, without a script, under a content-security policy that allows their
//! style by its digest and nothing else.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::sheet::{Bit, Cell, Figure, Sheet, Tone, made_from};
use crate::govern::evidence::Run;
use crate::report::html::{Esc, STYLE, source};

const OWN: &str = include_str!("page.css");

/// What stands at the top of a page.
pub(super) struct Head<'h> {
    /// For the tab.
    pub(super) name: &'h str,
    /// Above the title.
    pub(super) kind: &'h str,
    /// The title, and whether it is good news: `good`, `error`, `warning` or nothing.
    pub(super) title: &'h str,
    pub(super) tone: &'h str,
    pub(super) lead: &'h str,
    /// Wide tables are printed in landscape.
    pub(super) landscape: bool,
}

/// Writes a page around `body`.
pub(super) fn page(
    head: &Head<'_>,
    run: &Run,
    body: impl FnOnce(&mut String) -> fmt::Result,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = String::new();
    // Writing to a String succeeds.
    let _ = write_page(head, run, body, &mut text);
    out.write_all(text.as_bytes())
}

fn write_page(
    head: &Head<'_>,
    run: &Run,
    body: impl FnOnce(&mut String) -> fmt::Result,
    out: &mut String,
) -> fmt::Result {
    let style = format!("{STYLE}\n{OWN}");
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>keyward: {}</title>\n<style>{style}</style>\n</head>\n<body{}>\n\
         <header class=\"top\">\n<h1>{}</h1>\n<p class=\"title {}\">{}</p>\n<p class=\"lead\">{}</p>\n</header>\n<main>\n",
        source(&style),
        Esc(head.name),
        if head.landscape { " class=\"landscape\"" } else { "" },
        Esc(head.kind),
        head.tone,
        Esc(head.title),
        Esc(head.lead),
    )?;
    body(out)?;
    foot(run, out)?;
    write!(
        out,
        "</main>\n<footer>Made by keyward {} for {}. No value of a credential is in it; the page loads nothing and sends \
         nothing.</footer>\n</body>\n</html>\n",
        Esc(&run.version),
        Esc(&run.as_of)
    )
}

/// Limits, and what it was made from.
fn foot(run: &Run, out: &mut String) -> fmt::Result {
    out.push_str("<section id=\"limits\"><h2>Limits</h2>\n<ul class=\"limits\">");
    for limit in &run.limits {
        write!(out, "<li>{}</li>", Esc(limit))?;
    }
    out.push_str("</ul></section>\n<section id=\"made-from\"><h2>Made from</h2>\n<table class=\"foot\"><tbody>\n");
    for (name, value) in made_from(run) {
        writeln!(out, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", Esc(&value))?;
    }
    out.push_str("</tbody></table></section>\n");
    Ok(())
}

/// The numbers at the top.
pub(super) fn figures(all: &[Figure], out: &mut String) -> fmt::Result {
    out.push_str("<ul class=\"figures\">");
    for figure in all {
        let tone = match figure.tone {
            Tone::Bad => "bad",
            Tone::Good => "good",
            _ => "",
        };
        write!(out, "<li class=\"{tone}\"><b>{}</b>{}</li>", Esc(&figure.number), Esc(&figure.label))?;
    }
    out.push_str("</ul>\n");
    Ok(())
}

/// Writes a register.
pub(super) fn sheet(sheet: &Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let head =
        Head { name: sheet.title, kind: "keyward", title: sheet.title, tone: "", lead: &sheet.lead, landscape: true };
    page(&head, sheet.run, |out| rows(sheet, out), out)
}

fn rows(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    figures(&sheet.figures, out)?;
    if sheet.rows.is_empty() {
        return writeln!(out, "<p class=\"quiet\">{}</p>", sheet.nothing);
    }
    out.push_str("<div class=\"scroll\"><table class=\"sheet\"><thead><tr>");
    for head in sheet.heads {
        write!(out, "<th scope=\"col\">{head}</th>")?;
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &sheet.rows {
        out.push_str("<tr>");
        for c in &row.cells {
            cell(c, out)?;
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    Ok(())
}

fn cell(cell: &Cell, out: &mut String) -> fmt::Result {
    out.push_str("<td>");
    for bit in &cell.0 {
        out.push_str("<div>");
        line(bit, out)?;
        out.push_str("</div>");
    }
    out.push_str("</td>");
    Ok(())
}

/// A label and a text.
pub(super) fn line(bit: &Bit, out: &mut String) -> fmt::Result {
    // Dates and names in one piece.
    let whole = bit.tone != Tone::Code && bit.text.len() <= 20 && !bit.text.contains(' ');
    let class = match bit.tone {
        Tone::Plain if whole => "whole",
        Tone::Quiet if whole => "quiet whole",
        Tone::Good if whole => "good whole",
        Tone::Plain => "",
        Tone::Strong => "strong",
        Tone::Quiet => "quiet",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Code => "code",
    };
    if !bit.label.is_empty() {
        write!(out, "<span class=\"l\">{}</span> ", bit.label)?;
    }
    write!(out, "<span class=\"{class}\">{}</span>", Esc(&bit.text))
}
