//! `JUnit`'s XML, for servers that know test results and neither SARIF nor GitLab's report.
//!
//! One suite per check that was asked. An open error or warning is a failed test, a note one that passed and says
//! so; what is accepted is skipped, and so is a check that could not be evaluated: it has not passed. A gap in
//! the coverage is an error. Names hold no line, so that a server sees the same test when code moves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::terminal::harmless;
use super::view::{View, inside, level_reasons};
use crate::govern::{CheckId, Disposition, Finding, Level};

/// Writes the document.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut found: BTreeMap<CheckId, Vec<&Finding>> = BTreeMap::new();
    for finding in view.findings() {
        found.entry(finding.check).or_default().push(finding);
    }
    let mut suites = Vec::new();
    for (id, state) in &view.report.judgement.checks {
        let mut suite = Suite { name: format!("{id} {}", view.check(*id).title), ..Suite::default() };
        let mut seen = BTreeMap::new();
        for finding in found.remove(id).unwrap_or_default() {
            suite.finding(view, finding, &mut seen);
        }
        if suite.tests == 0 {
            let missing: Vec<&str> = state.not_evaluated.keys().map(String::as_str).collect();
            if state.evaluated > 0 || missing.is_empty() {
                suite.case(*id, "no findings", "", "");
            } else {
                suite.skipped += 1;
                suite.case(*id, "not evaluated", "", &format!("<skipped message=\"{}\"/>", text(&missing.join("; "))));
            }
        }
        suites.push(suite);
    }
    let gaps = view.gaps();
    let mut coverage = Suite { name: "coverage".to_owned(), ..Suite::default() };
    for gap in &gaps {
        coverage.errors += 1;
        coverage.case("coverage", gap, "", &format!("<error type=\"incomplete\" message=\"{}\"/>", text(gap)));
    }
    if gaps.is_empty() {
        coverage.case("coverage", "everything that was asked for was scanned", "", "");
    }
    suites.push(coverage);
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"keyward\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
        sum(|s| s.tests),
        sum(|s| s.failures),
        sum(|s| s.errors),
        sum(|s| s.skipped),
    )?;
    for suite in &suites {
        let Suite { name, tests, failures, errors, skipped, cases } = suite;
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">",
            text(name),
        )?;
        out.write_all(cases.as_bytes())?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// A group of tests, and what is counted of it.
#[derive(Default)]
struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    cases: String,
}

impl Suite {
    fn finding(&mut self, view: &View<'_>, finding: &Finding, seen: &mut BTreeMap<String, u32>) {
        let check = view.check(finding.check);
        let observation = view.observation(finding);
        let at = &finding.primary;
        let mut name = observation.map_or_else(|| finding.message.clone(), |o| o.title.clone());
        if !at.path.as_bytes().is_empty() {
            name = format!("{}: {name}", at.path);
        }
        // Two keys of a kind in one file: a server tells tests apart by their names.
        let n = seen.entry(name.clone()).or_default();
        *n += 1;
        if *n > 1 {
            let _ = write!(name, " ({n})");
        }
        let place = if inside(at) { format!("{}:{}", at.path, at.location.line.max(1)) } else { String::new() };
        let mut body = if place.is_empty() { finding.message.clone() } else { format!("{place}: {}", finding.message) };
        if let Some(reasons) = level_reasons(check, finding) {
            let _ = write!(body, "\nLevel {reasons}.");
        }
        if let Some(revoke) = observation.filter(|o| o.is_leak()).and_then(|o| o.revoke.as_deref()) {
            let _ = write!(body, "\nTo revoke: {revoke}");
        }
        let _ = write!(body, "\n{}", check.remedy);
        let body: Vec<String> = body.lines().map(text).collect();
        let body = body.join("\n");
        let message = text(&finding.message);
        let inner = match &finding.disposition {
            Disposition::Open if finding.level == Level::Note => format!("<system-out>note: {body}</system-out>"),
            Disposition::Open => {
                self.failures += 1;
                format!("<failure type=\"{}\" message=\"{message}\">{body}</failure>", finding.level.word())
            }
            covered => {
                self.skipped += 1;
                let by = covered.permission().unwrap_or_else(|| "the baseline".to_owned());
                format!("<skipped message=\"accepted by {}\"/>", text(&by))
            }
        };
        let file = if inside(at) { at.path.to_string() } else { String::new() };
        self.case(finding.check, &name, &file, &inner);
    }

    fn case(&mut self, class: impl std::fmt::Display, name: &str, file: &str, inner: &str) {
        self.tests += 1;
        // Writing to a String succeeds.
        let _ = write!(self.cases, "    <testcase classname=\"keyward.{class}\" name=\"{}\"", text(name));
        if !file.is_empty() {
            let _ = write!(self.cases, " file=\"{}\"", text(file));
        }
        let _ = if inner.is_empty() { writeln!(self.cases, "/>") } else { writeln!(self.cases, ">{inner}</testcase>") };
    }
}

/// For an attribute or an element; what XML cannot hold is written as an escape.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in harmless(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::report::Format;
    use crate::report::testing::{clean, hostile, rendered, sample};

    fn count(text: &str, part: &str) -> usize {
        text.matches(part).count()
    }

    #[test]
    fn a_finding_is_a_failed_test_and_a_check_without_inputs_a_skipped_one() {
        let text = rendered(&sample(), Format::Junit);
        assert!(text.contains("<testsuite name=\"KW001 Leaked credential\""), "{text}");
        assert!(text.contains("classname=\"keyward.KW001\" name=\"src/payments/charge.py: "), "{text}");
        assert!(text.contains("<failure type=\"error\" message=\"A Stripe"), "{text}");
        assert!(text.contains(">src/payments/charge.py:14: A Stripe"), "{text}");
        assert!(text.contains("name=\"not evaluated\"") && text.contains("<skipped message=\""), "{text}");
        assert!(text.contains("<error type=\"incomplete\""), "{text}");
    }

    #[test]
    fn the_counts_are_those_of_the_tests() {
        for report in [sample(), clean(), hostile()] {
            let text = rendered(&report, Format::Junit);
            let head = text.lines().nth(1).unwrap();
            let told = |name: &str| {
                let (_, rest) = head.split_once(&format!(" {name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse::<usize>().unwrap()
            };
            assert_eq!(told("tests"), count(&text, "<testcase "), "{text}");
            assert_eq!(told("failures"), count(&text, "<failure "), "{text}");
            assert_eq!(told("errors"), count(&text, "<error "), "{text}");
            assert_eq!(told("skipped"), count(&text, "<skipped "), "{text}");
        }
    }

    #[test]
    fn what_is_clean_has_no_failure() {
        let text = rendered(&clean(), Format::Junit);
        assert!(text.contains(" failures=\"0\" errors=\"0\""), "{text}");
        assert!(text.contains("name=\"everything that was asked for was scanned\""), "{text}");
    }

    #[test]
    fn no_text_is_markup() {
        let text = rendered(&hostile(), Format::Junit);
        assert!(!text.contains("<script") && !text.contains("]]>"), "{text}");
        let known = ["?xml", "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"];
        for tag in text.split('<').skip(1) {
            let tag = tag.trim_start_matches('/');
            assert!(known.iter().any(|k| tag.starts_with(k)), "<{tag}");
        }
        assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text}");
    }
}
