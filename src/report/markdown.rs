//! For a pull-request comment or a job summary: a table per partner, what to do, what was looked at.
//!
//! Every text of foreign origin is escaped so that it is shown as it stands: no link, no mention, no
//! markup. The whole stays under what a job summary takes; findings that do not fit are counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::cards::groups;
use super::terminal::harmless;
use super::view::{Counts, View, bytes, check_url, counted, level_reasons, plural};
use crate::govern::{CheckId, Finding, Level};
use crate::source::coverage::Effect;

/// A job summary takes 1 MiB; the rest is room for what stands around it.
const BUDGET: usize = 850_000;

/// Writes the summary.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = format!("## keyward: {}\n", escape(&view.verdict()));
    let mut left = 0;
    for group in groups(view, view.open()) {
        if text.len() > BUDGET {
            left += group.findings().count();
            continue;
        }
        let counts = Counts::of(group.findings()).words();
        let _ = write!(
            text,
            "\n### {}: {counts}\n\n| Level | Check | Where | What |\n| --- | --- | --- | --- |\n",
            escape(&group.name)
        );
        for finding in group.findings() {
            if text.len() > BUDGET {
                left += 1;
            } else {
                row(view, finding, &mut text);
            }
        }
    }
    if left > 0 {
        let _ = write!(
            text,
            "\n{} did not fit; the JSON, SARIF and HTML reports have all of them.\n",
            plural(left as u64, "more finding")
        );
    }
    remedies(view, &mut text);
    coverage(view, &mut text);
    out.write_all(text.as_bytes())
}

fn row(view: &View<'_>, finding: &Finding, text: &mut String) {
    let check = view.check(finding.check);
    let mark = match finding.level {
        Level::Error => "**error**",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let at = &finding.primary.location;
    let place = code(&format!("{}:{}:{}", finding.primary.path, at.line, at.column));
    let mut what = escape(&finding.message);
    if let Some(reasons) = level_reasons(check, finding) {
        let _ = write!(what, "<br>Level {}.", escape(&reasons));
    }
    if let Some(record) = finding.record.as_ref().filter(|r| !finding.message.contains(*r)) {
        let matched = finding.matched.as_ref().map(|m| format!(" ({})", escape(m))).unwrap_or_default();
        let _ = write!(what, "<br>Record {}{matched}.", code(record));
    }
    if let Some(exposure) = &finding.primary.exposure {
        let _ = write!(what, "<br>{}.", escape(&super::view::exposed(exposure)));
    }
    let _ = writeln!(
        text,
        "| {mark} | [{}]({}) {} | {place} | {what} |",
        finding.check,
        check_url(finding.check),
        escape(check.title)
    );
}

fn remedies(view: &View<'_>, text: &mut String) {
    let mut revoke: BTreeMap<&str, &str> = BTreeMap::new();
    let mut checks: BTreeMap<CheckId, &str> = BTreeMap::new();
    for finding in view.open() {
        checks.insert(finding.check, view.check(finding.check).remedy);
        if let Some(o) = view.observation(finding).filter(|o| o.is_leak()) {
            revoke.extend(o.revoke.as_deref().map(|how| (o.title.as_str(), how)));
        }
    }
    if checks.is_empty() {
        return;
    }
    text.push_str("\n<details><summary>What to do</summary>\n\n");
    for (title, how) in revoke.iter().take(50) {
        let _ = writeln!(text, "- Revoke a {}: {}", escape(title), escape(how));
    }
    for (id, remedy) in checks {
        let _ = writeln!(text, "- {id}: {}", escape(remedy));
    }
    text.push_str("\n</details>\n");
}

fn coverage(view: &View<'_>, text: &mut String) {
    let report = view.report;
    text.push_str("\n<details><summary>What was looked at</summary>\n\n");
    let scope: Vec<_> = report.scope.iter().map(|s| escape(s)).collect();
    let _ = writeln!(
        text,
        "- {} ({}), {}, as of {}",
        view.documents(),
        bytes(report.coverage.bytes),
        scope.join(" and "),
        escape(&report.as_of)
    );
    match &report.inventory {
        None => text.push_str("- Inventory: none given; only leaks are judged\n"),
        Some(inventory) => {
            let files: Vec<_> = inventory.files.iter().map(|f| code(&f.name)).collect();
            let _ = writeln!(text, "- Inventory: {}, {}", files.join(", "), plural(inventory.records, "record"));
        }
    }
    for (reason, n) in &report.coverage.counts {
        let word = if reason.effect() == Effect::Gap { "**Missing**" } else { "Left out" };
        let _ = writeln!(text, "- {word}: {}", escape(&counted(*reason, *n)));
    }
    let mut missing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    if let Some(gone) = view.gone() {
        let _ = writeln!(text, "- Baseline: {}", escape(&gone));
    }
    for (id, why, _) in view.not_evaluated() {
        missing.entry(why).or_default().push(id.to_string());
    }
    for (why, ids) in missing {
        let _ = writeln!(text, "- Not evaluated: {} ({})", ids.join(" "), escape(why));
    }
    text.push_str("\n</details>\n");
}

/// Text as it stands: no markup, no link, no mention, no reference.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = harmless(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Mentions and references are looked for after the markup is gone.
            '@' | '#' => {
                let _ = write!(out, "{c}<!-- -->");
            }
            '&' | '<' | '>' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '!' | '$' | '^' | '{' | '}' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            // `https://` and `www.` become links by themselves, and `:name:` a picture.
            ':' if chars.peek().is_some_and(|next| !next.is_whitespace()) => out.push_str("&#58;"),
            c => out.push(c),
        }
    }
    out.replace("www.", "www&#46;")
}

/// The same in a fixed-width font.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text).replace("<!-- -->", ""))
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, escape};
    use crate::report::Format;
    use crate::report::testing::{CANARY, clean, history, hostile, many, rendered, sample};

    #[test]
    fn shows_findings_by_partner() {
        let text = rendered(&sample(), Format::Markdown);
        assert!(text.contains("### Stripe: 3 errors"), "{text}");
        assert!(
            text.contains("<code>src/payments/charge.py:14:15</code>") || text.contains("charge.py&#58;14&#58;15"),
            "{text}"
        );
        assert!(text.contains("**Missing**: 1 could not be read"));
        assert!(!text.contains(CANARY) && !text.contains("Dana"));
        assert!(rendered(&clean(), Format::Markdown).contains("no findings in 412 files"));
        assert!(rendered(&history(), Format::Markdown).contains("removed 2025-06-30 in bbbbbbb"));
    }

    #[test]
    fn foreign_text_is_text() {
        let text = rendered(&hostile(), Format::Markdown);
        for bad in ["<script", "<b>", "<img", "](https://evil", "`a`", "https://evil"] {
            assert!(!text.contains(bad), "{bad} in {text}");
        }
        let rows: Vec<_> = text.lines().filter(|l| l.starts_with('|')).collect();
        assert!(rows.iter().all(|r| r.matches('|').count() == 5), "{rows:?}");
        assert_eq!(escape("@team #12 a_b"), "@<!-- -->team #<!-- -->12 a&#95;b");
    }

    #[test]
    fn stays_within_its_budget_and_counts_the_rest() {
        let text = rendered(&many(5_000), Format::Markdown);
        assert!(text.len() < BUDGET + 50_000, "{}", text.len());
        assert!(text.contains("more findings did not fit"));
    }
}
