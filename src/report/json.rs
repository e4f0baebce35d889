//! JSON: the [`Report`] itself with a summary; and JSON lines, one per finding.
//!
//! `docs/report-format.md` describes both.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::view::{Counts, View};
use crate::govern::Finding;

/// Name and version of the line format.
pub(super) const LINES_SCHEMA: &str = "keyward.findings/1";

#[derive(Serialize)]
struct WithSummary<'a> {
    #[serde(flatten)]
    report: &'a Report,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: Counts,
    verdict: String,
}

#[derive(Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line<'a> {
    Header { schema: &'static str, tool: String, as_of: &'a str, scope: &'a [String], repositories: Vec<&'a str> },
    Finding(&'a Finding),
    Done { findings: usize, complete: bool, summary: Summary },
}

fn summary(view: &View<'_>) -> Summary {
    Summary { counts: view.counts(), verdict: view.verdict() }
}

/// The whole report, indented.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = WithSummary { report: view.report, summary: summary(view) };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    out.write_all(b"\n")
}

/// A header, every finding, a trailer that counts them, so that a cut file is noticed.
pub(super) fn render_lines(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |line: &Line<'_>| -> io::Result<()> {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")
    };
    let report = view.report;
    line(&Line::Header {
        schema: LINES_SCHEMA,
        tool: format!("keyward {}", report.version),
        as_of: &report.as_of,
        scope: &report.scope,
        repositories: report.repositories.iter().map(|r| r.name.as_str()).collect(),
    })?;
    for finding in view.findings() {
        line(&Line::Finding(finding))?;
    }
    line(&Line::Done { findings: view.findings().len(), complete: report.complete, summary: summary(view) })
}

#[cfg(test)]
mod tests {
    use crate::report::testing::{rendered, sample};
    use crate::report::{Format, Report};

    #[test]
    fn json_is_the_report_and_can_be_read_back() {
        let report = sample();
        let text = rendered(&report, Format::Json);
        let back: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(back, super::super::disclose::disclose(&report, super::super::Disclose::Ids).into_owned());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["schema"], "keyward.report/1");
        assert_eq!(
            value["summary"]["error"],
            report.judgement.findings.iter().filter(|f| f.is_open() && f.level == crate::govern::Level::Error).count()
        );
    }

    #[test]
    fn lines_have_a_header_and_a_trailer_that_counts() {
        let report = sample();
        let text = rendered(&report, Format::Jsonl);
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0]["line"], "header");
        assert_eq!((&lines[1]["line"], &lines[1]["record"]), (&"finding".into(), &"cred-017".into()));
        assert_eq!(lines[0]["schema"], super::LINES_SCHEMA);
        assert_eq!(lines.len(), report.judgement.findings.len() + 2);
        assert_eq!(lines[lines.len() - 1]["findings"], report.judgement.findings.len());
    }
}
