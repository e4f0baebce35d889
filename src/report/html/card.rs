//! One credential or record.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::{Esc, Prose, class, digest, timeline};
use crate::govern::{Disposition, Finding, Spot, Subject};
use crate::report::cards::{Card, Verdict};
use crate::report::view::{View, exposed, level_reasons, plural};

/// Places shown with their line, and in all.
const EXCERPTS: usize = 5;
const PLACES: usize = 12;

/// Writes the card.
pub(super) fn write(view: &View<'_>, card: &Card<'_>, out: &mut String) -> fmt::Result {
    let id = match card.subject() {
        Subject::Credential(id) => id.to_string(),
        Subject::Record(id) => digest(id),
        Subject::Governance(what) => digest(&format!("governance {what}")),
    };
    writeln!(out, "<article id=\"c-{id}\"><h3>{}</h3>", Esc(&card.title()))?;
    places(card, out)?;
    out.push_str("<ul class=\"checks\">");
    for verdict in card.verdicts() {
        checks(&verdict, out)?;
    }
    out.push_str("</ul>\n");
    timeline::write(view, card, out)?;
    rows(card, out)?;
    out.push_str("</article>\n");
    Ok(())
}

fn places(card: &Card<'_>, out: &mut String) -> fmt::Result {
    let spots = card.spots();
    out.push_str("<ul class=\"places\">");
    for (i, spot) in spots.iter().take(PLACES).enumerate() {
        let at = format!("{}:{}:{}", spot.path, spot.location.line, spot.location.column);
        let mut about = Vec::new();
        about.extend(spot.place.filter(|p| *p != crate::source::Place::Tree).map(|p| p.word().to_owned()));
        about.extend(spot.exposure.as_ref().map(exposed));
        about.extend(Some(card.note(spot)).filter(|n| !n.is_empty()).map(str::to_owned));
        write!(out, "<li><span class=\"place\">{}", Esc(&at))?;
        if !about.is_empty() {
            write!(out, " <span class=\"quiet\">{}</span>", Esc(&about.join(", ")))?;
        }
        out.push_str("</span>");
        if i < EXCERPTS && card.is_own(spot) {
            excerpt(spot, out)?;
        }
        out.push_str("</li>");
    }
    if spots.len() > PLACES {
        write!(out, "<li class=\"quiet\">{}</li>", plural((spots.len() - PLACES) as u64, "more place"))?;
    }
    out.push_str("</ul>\n");
    Ok(())
}

fn excerpt(spot: &Spot, out: &mut String) -> fmt::Result {
    let Some(excerpt) = spot.excerpt.as_ref().filter(|e| !e.text.is_empty()) else { return Ok(()) };
    let chars: Vec<char> = excerpt.text.chars().collect();
    let start = (excerpt.start as usize).min(chars.len());
    let end = (excerpt.end as usize).clamp(start, chars.len());
    let part = |range: &[char]| range.iter().collect::<String>();
    write!(
        out,
        "<pre><span class=\"ln\">{}</span>{}<mark>{}</mark>{}</pre>",
        spot.location.line,
        Esc(&part(&chars[..start])),
        Esc(&part(&chars[start..end])),
        Esc(&part(&chars[end..]))
    )
}

/// One line for each message; the findings that say the same share it.
fn checks(verdict: &Verdict<'_>, out: &mut String) -> fmt::Result {
    let mut lines: BTreeMap<(&Disposition, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &verdict.findings {
        lines.entry((&finding.disposition, &finding.message)).or_default().push(finding);
    }
    for ((disposition, message), findings) in lines {
        let level = class(verdict.level);
        let state = if *disposition == Disposition::Open { "open" } else { "accepted" };
        write!(
            out,
            "<li id=\"f-{}\" data-level=\"{level}\" data-check=\"{}\" data-state=\"{state}\" data-n=\"{}\"><span class=\"level {level}\">{level}</span><div>",
            findings[0].key,
            verdict.id,
            findings.len()
        )?;
        for other in &findings[1..] {
            write!(out, "<span id=\"f-{}\"></span>", other.key)?;
        }
        write!(out, "<p><a href=\"#k-{0}\">{0}</a> <strong>{1}</strong>", verdict.id, Esc(verdict.check.title))?;
        match disposition {
            Disposition::Open => {}
            covered @ Disposition::Excepted { .. } => {
                let permission = covered.permission().unwrap_or_default();
                write!(out, " <span class=\"accepted\">{}</span>", Esc(&permission))?;
            }
            Disposition::Baselined => out.push_str(" <span class=\"accepted\">in the baseline</span>"),
        }
        if findings.len() > 1 {
            write!(out, " <span class=\"quiet\">in {}</span>", plural(findings.len() as u64, "place"))?;
        }
        write!(out, "</p><p>{}</p>", Esc(message))?;
        if let Some(reasons) = level_reasons(verdict.check, findings[0]) {
            write!(out, "<p class=\"quiet\">Level {}</p>", Esc(&reasons))?;
        }
        out.push_str("</div></li>");
    }
    Ok(())
}

fn rows(card: &Card<'_>, out: &mut String) -> fmt::Result {
    out.push_str("<dl>");
    if let Some(record) = card.record() {
        write!(out, "<dt>Record</dt><dd>{}</dd>", Esc(&record))?;
    }
    let facts = card.facts();
    if !facts.is_empty() {
        out.push_str("<dt>Facts</dt><dd>");
        for (name, value) in facts {
            write!(out, "<span class=\"fact\"><span class=\"quiet\">{}:</span> {}</span>", Esc(&name), Esc(&value))?;
        }
        out.push_str("</dd>");
    }
    let claims = card.observation.map(|o| &o.claims.facts).into_iter().flatten();
    let claims: Vec<_> =
        claims.map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect();
    if !claims.is_empty() {
        out.push_str("<dt>Claims</dt><dd>");
        for (name, value) in claims {
            write!(
                out,
                "<span class=\"fact\"><span class=\"quiet\">{}:</span> {}</span>",
                Esc(&name.replace('_', " ")),
                Esc(&value)
            )?;
        }
        out.push_str("</dd>");
    }
    let steps = card.steps();
    match steps.as_slice() {
        [] => {}
        [one] => write!(out, "<dt>Next</dt><dd>{}</dd>", Prose(one))?,
        many => {
            out.push_str("<dt>Next</dt><dd><ol>");
            for step in many {
                write!(out, "<li>{}</li>", Prose(step))?;
            }
            out.push_str("</ol></dd>");
        }
    }
    out.push_str("</dl>\n");
    Ok(())
}
