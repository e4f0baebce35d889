//! The numbers at the top: what was found, how well it is governed, what was looked at.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::Esc;
use crate::govern::{CheckId, Subject};
use crate::report::view::{View, grouped, plural};

/// The checks for a value in the tree, and for one in the history alone.
const IN_TREE: CheckId = CheckId(1);
const IN_HISTORY: CheckId = CheckId(2);

/// Writes the tiles.
pub(super) fn write(view: &View<'_>, out: &mut String) -> fmt::Result {
    out.push_str("<section id=\"scorecard\" aria-label=\"Scorecard\"><dl class=\"tiles\">\n");
    let leaked = |check: CheckId| -> BTreeSet<&Subject> {
        view.findings().iter().filter(|f| f.check == check).map(|f| &f.subject).collect()
    };
    let tree = leaked(IN_TREE);
    let history: BTreeSet<_> = leaked(IN_HISTORY).difference(&tree).copied().collect();
    let all = tree.len() + history.len();
    let where_to = match (tree.len(), history.len()) {
        (0, 0) => "no credential was found".to_owned(),
        (1, 0) => "credential in what was scanned".to_owned(),
        (_, 0) => "credentials in what was scanned".to_owned(),
        (n, m) => format!("credentials: {} in the tree, {} in the history alone", grouped(n as u64), grouped(m as u64)),
    };
    tile(out, if all == 0 { "good" } else { "error" }, "In plain text", &grouped(all as u64), &where_to)?;

    match &view.report.inventory {
        None => tile(out, "", "In the inventory", "\u{2013}", "no inventory was given")?,
        Some(inventory) => {
            let bound = |subject: &Subject| {
                let Subject::Credential(id) = subject else { return false };
                let matched = view.report.judgement.matches.get(id);
                matched
                    .is_some_and(|m| ["certain", "high", "medium"].contains(&m.level.as_str()) && !m.records.is_empty())
            };
            let known = tree.union(&history).copied().filter(|s| bound(s)).count();
            let records = plural(inventory.records, "record");
            let (tone, value, words) = match (known, all) {
                (_, 0) => ("", "\u{2013}".to_owned(), format!("nothing to match with {records}")),
                (known, all) => (
                    if known == all { "good" } else { "warning" },
                    format!("{} of {}", grouped(known as u64), grouped(all as u64)),
                    format!("matched, of {records}"),
                ),
            };
            tile(out, tone, "In the inventory", &value, &words)?;
        }
    }

    let counts = view.counts();
    let tone = match () {
        () if counts.error > 0 => "error",
        () if counts.warning > 0 => "warning",
        () => "good",
    };
    let accepted = match (counts.excepted, counts.baselined) {
        (0, 0) => String::new(),
        (n, 0) => format!("; {n} excepted"),
        (0, n) => format!("; {n} in the baseline"),
        (n, m) => format!("; {n} excepted, {m} in the baseline"),
    };
    let words = if counts.open() == 0 { "none is open".to_owned() } else { counts.words() };
    tile(out, tone, "Open findings", &grouped(counts.open() as u64), &format!("{words}{accepted}"))?;

    let states = view.report.judgement.checks.values();
    let (failed, passed) = states.filter(|s| s.evaluated > 0).fold((0, 0), |(failed, passed), state| {
        if state.failed > 0 { (failed + 1, passed) } else { (failed, passed + 1) }
    });
    let unknown: usize = view.unanswered().0.values().map(Vec::len).sum();
    // Nothing to judge is no success.
    let (tone, value, words) = match (failed, passed) {
        (0, 0) => ("", "\u{2013}".to_owned(), "nothing to judge".to_owned()),
        _ => (
            if failed > 0 { "warning" } else { "good" },
            format!("{passed} of {}", passed + failed),
            format!("{failed} failed"),
        ),
    };
    tile(out, tone, "Checks passed", &value, &format!("{words}, {unknown} not evaluated"))?;

    let gaps = view.gaps();
    let (tone, word) = if view.report.complete { ("good", "Complete") } else { ("warning", "Incomplete") };
    let what = if gaps.is_empty() { view.documents() } else { gaps.join("; ") };
    tile(out, tone, "Coverage", word, &what)?;
    out.push_str("</dl></section>\n");
    Ok(())
}

fn tile(out: &mut String, tone: &str, name: &str, value: &str, what: &str) -> fmt::Result {
    writeln!(
        out,
        "<div><dt>{name}</dt><dd class=\"big {tone}\">{}</dd><dd class=\"quiet\">{}</dd></div>",
        Esc(value),
        Esc(what)
    )
}
