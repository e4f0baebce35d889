//! Annotations of GitHub Actions: workflow commands on standard output, at most ten.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::terminal::harmless;
use super::view::{View, inside};
use crate::govern::{Finding, Level};

/// What GitHub shows of one step; the last is used to say how many more there are.
const SHOWN: usize = 10;

/// Writes the annotations, the gravest first, and the verdict.
pub(super) fn render(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut open: Vec<&Finding> = view.open().collect();
    open.sort_by_key(|f| Reverse(f.level));
    let shown = if open.len() > SHOWN { SHOWN - 1 } else { open.len() };
    for finding in &open[..shown] {
        annotation(view, finding, out)?;
    }
    if open.len() > shown {
        let text = format!("{} more findings are in the full report.", open.len() - shown);
        writeln!(out, "::notice title=keyward::{}", data(&text))?;
    }
    // A line of its own, which no command can hide in: it begins with a word of ours.
    writeln!(out, "keyward: {}", harmless(&view.verdict()))
}

fn annotation(view: &View<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let check = view.check(finding.check);
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut place = String::new();
    if inside(&finding.primary) {
        let at = &finding.primary.location;
        let (line, end_line) = (at.line.max(1), at.end_line.max(at.line).max(1));
        place = format!("file={},line={line},endLine={end_line},", property(&finding.primary.path.to_str_lossy()));
        // GitHub takes columns only within one line.
        if line == end_line {
            let column = at.column.max(1);
            let _ = write!(place, "col={column},endColumn={},", at.end_column.max(column + 1));
        }
    }
    let title = property(&format!("{} {}", finding.check, check.title));
    let mut text = finding.message.clone();
    if let Some(revoke) = view.observation(finding).filter(|o| o.is_leak()).and_then(|o| o.revoke.as_deref()) {
        text = format!("{text} Revoke: {revoke}.");
    }
    writeln!(out, "::{level} {place}title={title}::{}", data(&text))
}

/// The text of a command.
fn data(text: &str) -> String {
    harmless(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::report::Format;
    use crate::report::testing::{clean, hostile, many, rendered, sample};

    #[test]
    fn annotations_name_place_check_and_message() {
        let text = rendered(&sample(), Format::Github);
        assert!(text.contains("::error file=src/payments/charge.py,line=14,endLine=14,col=15,endColumn=47,title=KW001 Leaked credential::A Stripe"), "{text}");
        assert!(text.contains("::warning title=KW503 No way to end it::"), "{text}");
    }

    #[test]
    fn at_most_ten() {
        let count = |text: &str| text.lines().filter(|l| l.starts_with("::")).count();
        assert_eq!(count(&rendered(&many(40), Format::Github)), 10);
        assert_eq!(count(&rendered(&many(10), Format::Github)), 10);
        assert_eq!(count(&rendered(&clean(), Format::Github)), 0);
        assert!(rendered(&many(40), Format::Github).contains("31 more findings"));
    }

    #[test]
    fn no_text_is_a_command() {
        let text = rendered(&hostile(), Format::Github);
        let commands: Vec<_> = text.lines().filter(|l| l.starts_with("::")).collect();
        assert_eq!((commands.len(), text.lines().count()), (1, 2), "{text}");
        assert_eq!(commands[0].matches("::").count(), 2, "{text}");
    }
}
