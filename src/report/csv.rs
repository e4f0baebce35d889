//! One row per finding, for spreadsheets. No cell can be read as a formula.

use std::io::{self, Write};

use super::terminal::harmless;
use super::view::View;
use crate::govern::{Disposition, Finding, Subject};

const COLUMNS: &[&str] = &[
    "level", "check", "name", "title", "partner", "message", "path", "line", "column", "place", "record", "match",
    "state", "introduced", "introduced_at", "removed", "removed_at", "at_head", "rule", "credential", "fingerprint",
    "finding",
];

/// Writes the table.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for finding in view.findings() {
        table.write_record(row(view, finding).iter().map(|cell| safe(cell)))?;
    }
    table.flush()
}

fn row(view: &View<'_>, finding: &Finding) -> Vec<String> {
    let check = view.check(finding.check);
    let observation = view.observation(finding);
    let spot = &finding.primary;
    let exposure = spot.exposure.as_ref();
    let introduced = exposure.and_then(|e| e.introduced.as_ref());
    let removed = exposure.and_then(|e| e.removed.as_ref());
    let text = |option: Option<&String>| option.cloned().unwrap_or_default();
    vec![
        finding.level.word().to_owned(),
        finding.check.to_string(),
        check.slug.to_owned(),
        check.title.to_owned(),
        view.partner_of(finding).map(|id| view.partner_name(id).to_owned()).unwrap_or_default(),
        finding.message.clone(),
        spot.path.to_string(),
        spot.location.line.to_string(),
        spot.location.column.to_string(),
        spot.place.map_or("", crate::source::Place::word).to_owned(),
        text(finding.record.as_ref()),
        text(finding.matched.as_ref()),
        match &finding.disposition {
            Disposition::Open => "open".to_owned(),
            covered @ Disposition::Excepted { .. } => {
                format!("excepted by {}", covered.permission().unwrap_or_default())
            }
            Disposition::Baselined => "in the baseline".to_owned(),
        },
        introduced.map(|c| c.commit.clone()).unwrap_or_default(),
        introduced.map(|c| c.time.clone()).unwrap_or_default(),
        removed.map(|c| c.commit.clone()).unwrap_or_default(),
        removed.map(|c| c.time.clone()).unwrap_or_default(),
        exposure.map(|e| if e.at_head { "yes" } else { "no" }).unwrap_or_default().to_owned(),
        observation.map(|o| o.rule.clone()).unwrap_or_default(),
        match &finding.subject {
            Subject::Credential(id) => id.to_string(),
            Subject::Record(_) | Subject::Governance(_) => String::new(),
        },
        observation.and_then(|o| o.fingerprint()).map(ToString::to_string).unwrap_or_default(),
        finding.key.to_string(),
    ]
}

/// Spreadsheets take a cell that begins with one of these as a formula, quotes or not.
pub(super) fn safe(cell: &str) -> String {
    let cell = harmless(cell);
    // A number computes nothing, negative or not.
    if cell.parse::<i64>().is_ok() && !cell.starts_with('+') {
        return cell;
    }
    if cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::COLUMNS;
    use crate::report::Format;
    use crate::report::testing::{hostile, rendered, sample};

    #[test]
    fn one_row_per_finding() {
        let text = rendered(&sample(), Format::Csv);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(table.headers().unwrap().len(), COLUMNS.len());
        assert_eq!(table.records().map(Result::unwrap).count(), sample().judgement.findings.len());
    }

    #[test]
    fn no_cell_is_a_formula() {
        let text = rendered(&hostile(), Format::Csv);
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                assert!(!cell.chars().any(char::is_control), "{cell}");
            }
        }
    }
}
