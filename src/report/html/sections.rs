//! The page around the findings: partners at a glance, filters, coverage, the checks explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::{Esc, Prose, group_id};
use crate::govern::Subject;
use crate::report::cards::Group;
use crate::report::view::{Counts, View, bytes, counted, grouped, plural};
use crate::source::coverage::{Effect, Reason};

/// Width of the bars, in the units of the picture.
const BAR: usize = 144;
/// Things named of each gap.
const NAMED: usize = 50;
/// Entries of the baseline listed.
const STALE: usize = 200;

/// A row per partner.
pub(super) fn partners(groups: &[Group<'_>], out: &mut String) -> fmt::Result {
    // The section of the findings says that there are none.
    if groups.is_empty() {
        return Ok(());
    }
    out.push_str("<section id=\"partners\"><h2>Partners</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Partners, a table\">");
    out.push_str(
        "<table><thead><tr><th scope=\"col\">Partner</th><th scope=\"col\" class=\"n wide\">Credentials</th>\
         <th scope=\"col\" class=\"n\">Errors</th><th scope=\"col\" class=\"n\">Warnings</th>\
         <th scope=\"col\" class=\"n\">Notes</th><th scope=\"col\" class=\"n wide\">Accepted</th><th scope=\"col\" class=\"wide\">Findings</th></tr></thead><tbody>\n",
    );
    let most = groups.iter().map(|g| Counts::of(g.findings()).open()).max().unwrap_or(1).max(1);
    for group in groups {
        let counts = Counts::of(group.findings());
        let credentials = group.cards.iter().filter(|c| matches!(c.subject(), Subject::Credential(_))).count();
        write!(
            out,
            "<tr><td><a href=\"#{}\">{}</a></td><td class=\"n wide\">{credentials}</td>",
            group_id(group.partner, &group.name),
            Esc(&group.name)
        )?;
        let accepted = counts.excepted + counts.baselined;
        for (n, class) in
            [(counts.error, "error"), (counts.warning, "warning"), (counts.note, "note"), (accepted, "wide")]
        {
            write!(out, "<td class=\"n {}\">{n}</td>", if n == 0 && class != "wide" { "zero" } else { class })?;
        }
        bar(counts, most, out)?;
    }
    out.push_str("</tbody></table></div></section>\n");
    Ok(())
}

/// Findings by level, as long as their number.
fn bar(counts: Counts, most: usize, out: &mut String) -> fmt::Result {
    write!(
        out,
        "<td class=\"wide\"><svg class=\"bar\" viewBox=\"0 0 {BAR} 10\" aria-hidden=\"true\" preserveAspectRatio=\"none\">"
    )?;
    let mut x = 0;
    for (n, class) in [(counts.error, "error"), (counts.warning, "warning"), (counts.note, "note")] {
        let width = (n * BAR).div_ceil(most).min(BAR - x.min(BAR));
        if width > 0 {
            write!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"0\" width=\"{width}\" height=\"10\"/>")?;
        }
        x += width;
    }
    out.push_str("</svg></td></tr>\n");
    Ok(())
}

/// Search and filters; shown by the script alone.
pub(super) fn tools(view: &View<'_>, groups: &[Group<'_>], out: &mut String) -> fmt::Result {
    let counts = view.counts();
    let hidden = if groups.is_empty() { " hidden" } else { "" };
    write!(
        out,
        "<div class=\"tools\" role=\"search\"{hidden}><input type=\"search\" id=\"search\" placeholder=\"Search (press /)\" aria-label=\"Search the findings\">",
    )?;
    out.push_str("<select id=\"partner\" aria-label=\"Partner\"><option value=\"\">All partners</option>");
    let mut names: Vec<_> = groups.iter().map(|g| (g.name.as_str(), group_id(g.partner, &g.name))).collect();
    names.sort_by_cached_key(|(name, _)| name.to_lowercase());
    for (name, id) in names {
        write!(out, "<option value=\"{id}\">{}</option>", Esc(name))?;
    }
    out.push_str("</select><select id=\"check\" aria-label=\"Check\"><option value=\"\">All checks</option>");
    let failed: BTreeSet<_> = view.findings().iter().map(|f| f.check).collect();
    for id in failed {
        write!(out, "<option value=\"{id}\">{id} {}</option>", Esc(view.check(id).title))?;
    }
    out.push_str("</select>");
    let accepted = counts.excepted + counts.baselined;
    for (n, name, word) in [
        (counts.error, "error", "error"),
        (counts.warning, "warning", "warning"),
        (counts.note, "note", "note"),
        (accepted, "accepted", "accepted"),
    ] {
        let pressed = name != "accepted";
        let text = if name == "accepted" { format!("{n} accepted") } else { plural(n as u64, word) };
        write!(
            out,
            "<button type=\"button\" class=\"{name}\" data-toggle=\"{name}\" aria-pressed=\"{pressed}\"{}>{text}</button>",
            if n == 0 { " hidden" } else { "" }
        )?;
    }
    out.push_str("<output id=\"shown\" aria-live=\"polite\"></output></div>\n");
    Ok(())
}

/// What was looked at, and what was not.
pub(super) fn coverage(view: &View<'_>, out: &mut String) -> fmt::Result {
    let report = view.report;
    out.push_str("<section id=\"coverage\"><h2>What was looked at</h2>\n<table><tbody>\n");
    let mut row =
        |name: &str, text: &str| writeln!(out, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", Esc(text));
    row(
        "Scanned",
        &format!("{} ({}), {}", view.documents(), bytes(report.coverage.bytes), report.scope.join(" and ")),
    )?;
    for repository in report.repositories.iter().take(NAMED) {
        let mut text = repository.name.clone();
        if let Some(head) = &repository.head {
            let _ = write!(text, " at {}", head.chars().take(12).collect::<String>());
        }
        if let Some(branch) = &repository.branch {
            let _ = write!(text, " ({branch})");
        }
        row("Repository", &text)?;
    }
    match &report.inventory {
        None => row("Inventory", "none given; only leaks are judged")?,
        Some(inventory) => {
            let files: Vec<_> = inventory.files.iter().map(|f| format!("{} ({})", f.name, f.format)).collect();
            let made = inventory.generated_at.as_ref().map(|d| format!(", exported {d}")).unwrap_or_default();
            let text = format!(
                "{}: {}, {}{made}",
                files.join(", "),
                plural(inventory.records, "record"),
                plural(inventory.partners, "partner")
            );
            row("Inventory", &text)?;
        }
    }
    for effect in [Effect::Gap, Effect::Exclusion] {
        for (reason, n) in report.coverage.counts.iter().filter(|(r, _)| r.effect() == effect) {
            let name = if effect == Effect::Gap { "Missing" } else { "Left out" };
            row(name, &format!("{}{}", counted(*reason, *n), named(view, *reason, effect)))?;
        }
    }
    if let Some(gone) = view.gone() {
        row("Baseline", &gone)?;
    }
    let mut missing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (id, why, _) in view.not_evaluated() {
        missing.entry(why).or_default().insert(id.to_string());
    }
    for (why, ids) in missing {
        let ids: Vec<_> = ids.into_iter().collect();
        row("Not evaluated", &format!("{}: {why}", ids.join(" ")))?;
    }
    out.push_str("</tbody></table>\n");
    stale(view, out)?;
    out.push_str("</section>\n");
    Ok(())
}

/// The baseline's entries that can be taken out of it.
fn stale(view: &View<'_>, out: &mut String) -> fmt::Result {
    let entries = &view.report.judgement.stale_baseline;
    if entries.is_empty() {
        return Ok(());
    }
    write!(
        out,
        "<details id=\"stale\"><summary>{} of the baseline can be taken out; <code>keyward baseline write</code> does it</summary><ul>",
        if entries.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", grouped(entries.len() as u64)) }
    )?;
    for entry in entries.iter().take(STALE) {
        write!(out, "<li><a href=\"#k-{0}\">{0}</a> <code>{1}</code></li>", entry.check, Esc(&entry.path))?;
    }
    if entries.len() > STALE {
        write!(out, "<li class=\"quiet\">{}</li>", format_args!("{} more", entries.len() - STALE))?;
    }
    out.push_str("</ul></details>\n");
    Ok(())
}

fn named(view: &View<'_>, reason: Reason, effect: Effect) -> String {
    if effect == Effect::Exclusion {
        return String::new();
    }
    let entries = view.report.coverage.entries.iter().filter(|e| e.reason == reason && !e.subject.is_empty());
    let names: Vec<_> = entries
        .take(NAMED)
        .map(|e| if e.detail.is_empty() { e.subject.clone() } else { format!("{} ({})", e.subject, e.detail) })
        .collect();
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}

/// The checks that were evaluated, explained.
pub(super) fn checks(view: &View<'_>, out: &mut String) -> fmt::Result {
    out.push_str("<section id=\"checks\"><h2>Checks</h2>\n");
    for check in view.evaluated() {
        let state = view.report.judgement.checks.get(&check.id);
        let told = state.map_or_else(String::new, |s| {
            if s.failed == 0 {
                format!("passed for {}", grouped(s.evaluated))
            } else {
                format!("failed for {} of {}", grouped(s.failed), grouped(s.evaluated))
            }
        });
        writeln!(
            out,
            "<details id=\"k-{0}\"><summary>{0} {1} <span class=\"quiet\">{told}</span></summary><p>{2}</p>\
             <p><strong>What to do.</strong> {3}</p><p class=\"quiet\">{4}</p></details>",
            check.id,
            Esc(check.title),
            Prose(check.why),
            Prose(check.remedy),
            Esc(&check.taxa.join(", "))
        )?;
    }
    out.push_str("</section>\n");
    Ok(())
}
