//! The scorecard as text and JSON; `scorecard_page.rs` has it as a page.

use std::io::{self, Write};

use serde::Serialize;

use crate::govern::evidence::{Change, Comparison, Direction, Evidence, Measure, Metric, Run, Standing};
use crate::report::terminal::{harmless, width, wrap};
use crate::report::text::{Paint, Style};

/// Name and version of the JSON scorecard.
const SCHEMA: &str = "keyward.scorecard/1";
/// Name and version of the JSON comparison.
const COMPARISON: &str = "keyward.scorecard-comparison/1";

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// ANSI colours.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

#[derive(Serialize)]
struct Card<'e> {
    schema: &'static str,
    run: &'e Run,
    metrics: &'e [Metric],
}

#[derive(Serialize)]
struct Compared<'c, 'e> {
    schema: &'static str,
    #[serde(flatten)]
    comparison: &'c Comparison<'e>,
}

/// The scorecard as one JSON value.
pub fn scorecard_json(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let card = Card { schema: SCHEMA, run: &evidence.run, metrics: &evidence.scorecard.metrics };
    serde_json::to_writer_pretty(&mut *out, &card)?;
    out.write_all(b"\n")
}

/// A comparison as one JSON value.
pub fn comparison_json(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Compared { schema: COMPARISON, comparison })?;
    out.write_all(b"\n")
}

/// `60.0 %`, `2`, `-28 d`; a dash where nothing could be evaluated.
pub(super) fn value(metric: &Metric) -> String {
    metric.value.map_or_else(|| "\u{2013}".to_owned(), |v| worded(metric.measure, v))
}

pub(super) fn worded(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Share => format!("{value:.1} %"),
        Measure::Days if value.fract() != 0.0 => format!("{value:.1} d"),
        Measure::Days => format!("{value:.0} d"),
        Measure::Count => format!("{value:.0}"),
    }
}

/// `3 of 5`, `median of 4`.
pub(super) fn of(metric: &Metric) -> String {
    match metric.measure {
        Measure::Share | Measure::Count => format!("{} of {}", metric.numerator, metric.denominator),
        Measure::Days => format!("median of {}", metric.numerator),
    }
}

/// What was left out, and why: one line each.
pub(super) fn left_out(metric: &Metric) -> Vec<String> {
    let worded = |b: &crate::govern::evidence::Because| match b.count {
        0 => format!("not evaluated: {}", b.reason),
        n => format!("not evaluated: {n}, because {}", b.reason),
    };
    metric.because.iter().map(worded).collect()
}

/// Further numbers: `mean days 12`.
pub(super) fn parts(metric: &Metric) -> String {
    metric.parts.iter().map(|(name, n)| format!("{name}: {n}")).collect::<Vec<_>>().join(" \u{b7} ")
}

/// How many metrics stand so.
pub(super) fn standing(evidence: &Evidence, standing: Standing) -> usize {
    evidence.scorecard.metrics.iter().filter(|m| m.standing == standing).count()
}

/// The whole in one sentence.
pub(super) fn verdict(evidence: &Evidence) -> String {
    let count = |s| standing(evidence, s);
    let aimed = evidence.scorecard.metrics.iter().filter(|m| m.target.is_some()).count();
    // What there is nothing of was not met; it is told, so that the numbers add up.
    let nothing = match count(Standing::Nothing) {
        0 => String::new(),
        n => format!(", {n} with nothing to measure"),
    };
    format!(
        "{} of {aimed} targets met, {} missed, {} undecided{nothing}",
        count(Standing::Met),
        count(Standing::Missed),
        count(Standing::Undecided)
    )
}

/// For a terminal.
pub fn scorecard_text(evidence: &Evidence, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let columns = options.width.clamp(60, 120);
    let run = &evidence.run;
    writeln!(out, "{}", paint.on(Style::Strong, &format!("Scorecard, {}", harmless(&run.as_of))))?;
    let names: Vec<String> = run.repositories.iter().take(5).map(|r| harmless(&r.name)).collect();
    let more = run.repositories.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let about = format!("{}{more} \u{b7} profile {}", names.join(", "), run.profile);
    writeln!(out, "{}\n", paint.on(Style::Quiet, about.trim_start_matches(" \u{b7} ")))?;
    for metric in &evidence.scorecard.metrics {
        let (mark, style) = mark(metric.standing);
        let target = metric.target.as_ref().map_or_else(String::new, |t| format!("target {}", t.words));
        line(
            out,
            columns,
            &[&paint.on(style, mark), &pad(&metric.title, 34), &left(&value(metric), 9), &pad(&of(metric), 13)],
            (&paint.on(Style::Quiet, &target), width(&target)),
        )?;
        let details = [metric.formula.clone(), parts(metric)].into_iter().chain(left_out(metric));
        quiet(out, paint, columns, details)?;
    }
    writeln!(out)?;
    for limit in &run.limits {
        quiet_at(out, paint, columns, "- ", limit)?;
    }
    writeln!(out, "\n{}", paint.on(Style::Strong, &verdict(evidence)))
}

/// A comparison, for a terminal.
pub fn comparison_text(comparison: &Comparison<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let columns = options.width.clamp(60, 120);
    let (old, new) = (&comparison.old.as_of, &comparison.new.as_of);
    let head = format!("Scorecard, {} compared with {}", harmless(new), harmless(old));
    writeln!(out, "{}\n", paint.on(Style::Strong, &head))?;
    for change in &comparison.metrics {
        let Some(metric) = change.new.or(change.old) else { continue };
        let (mark, style) = arrow(change.direction);
        let values = format!("{} \u{2192} {}", side(change.old), side(change.new));
        line(
            out,
            columns,
            &[&paint.on(style, mark), &pad(&metric.title, 34), &pad(&values, 22)],
            (&paint.on(style, &by(change)), width(&by(change))),
        )?;
        let counts = |m: Option<&Metric>| m.map_or_else(|| "not measured".to_owned(), counted);
        quiet(out, paint, columns, [format!("{}; before: {}", counts(change.new), counts(change.old))])?;
    }
    if !comparison.caveats.is_empty() {
        writeln!(out)?;
    }
    for caveat in &comparison.caveats {
        quiet_at(out, paint, columns, "- ", caveat)?;
    }
    writeln!(out, "\n{}", paint.on(Style::Strong, &comparison_verdict(comparison)))
}

/// A comparison in one sentence.
pub(super) fn comparison_verdict(comparison: &Comparison<'_>) -> String {
    let count = |d| comparison.count(d);
    format!(
        "{} better, {} worse, {} the same, {} changed, {} not comparable",
        count(Direction::Better),
        count(Direction::Worse),
        count(Direction::Same),
        count(Direction::Changed),
        count(Direction::NotComparable)
    )
}

/// `3 of 5, 2 not evaluated`.
pub(super) fn counted(metric: &Metric) -> String {
    match metric.not_evaluated {
        0 => of(metric),
        n => format!("{}, {n} not evaluated", of(metric)),
    }
}

/// One side of a comparison.
pub(super) fn side(metric: Option<&Metric>) -> String {
    metric.map_or_else(|| "\u{2013}".to_owned(), value)
}

/// `better by 12.5`, `same`.
pub(super) fn by(change: &Change<'_>) -> String {
    match (change.direction, change.change) {
        (Direction::Same | Direction::NotComparable, _) | (_, None) => change.direction.word().to_owned(),
        (direction, Some(0.0)) => direction.word().to_owned(),
        (direction, Some(by)) => {
            let unit = change.new.map_or("", |m| match m.measure {
                Measure::Share => " points",
                Measure::Days => " d",
                Measure::Count => "",
            });
            let amount = by.abs();
            let amount = if amount.fract() == 0.0 { format!("{amount:.0}") } else { format!("{amount:.1}") };
            format!("{} by {amount}{unit}", direction.word())
        }
    }
}

fn mark(standing: Standing) -> (&'static str, Style) {
    use crate::govern::Level;
    match standing {
        Standing::Met => ("\u{2713}", Style::Good),
        Standing::Missed => ("\u{2717}", Style::Level(Level::Error)),
        Standing::Undecided => ("?", Style::Level(Level::Warning)),
        Standing::Nothing | Standing::NoTarget => ("\u{b7}", Style::Quiet),
    }
}

fn arrow(direction: Direction) -> (&'static str, Style) {
    use crate::govern::Level;
    match direction {
        Direction::Better => ("\u{2713}", Style::Good),
        Direction::Worse => ("\u{2717}", Style::Level(Level::Error)),
        Direction::NotComparable => ("?", Style::Level(Level::Warning)),
        Direction::Same | Direction::Changed => ("\u{b7}", Style::Quiet),
    }
}

/// Columns, and a last part beside them where it fits, else below.
fn line(out: &mut dyn Write, columns: usize, parts: &[&str], (last, last_columns): (&str, usize)) -> io::Result<()> {
    let text = parts.join(" ");
    // The mark in front may be coloured: it is one column wide.
    let used = 1 + parts[1..].iter().map(|p| 1 + width(p)).sum::<usize>();
    if last.is_empty() || used + 1 + last_columns <= columns {
        writeln!(out, "{}", format!("{text} {last}").trim_end())
    } else {
        writeln!(out, "{}\n  {last}", text.trim_end())
    }
}

fn quiet(out: &mut dyn Write, paint: Paint, columns: usize, texts: impl IntoIterator<Item = String>) -> io::Result<()> {
    for text in texts.into_iter().filter(|t| !t.is_empty()) {
        for line in wrap(&harmless(&text), columns - 2) {
            writeln!(out, "  {}", paint.on(Style::Quiet, &line))?;
        }
    }
    Ok(())
}

fn quiet_at(out: &mut dyn Write, paint: Paint, columns: usize, first: &str, text: &str) -> io::Result<()> {
    for (n, line) in wrap(&harmless(text), columns - first.len()).into_iter().enumerate() {
        let lead = if n == 0 { first.to_owned() } else { " ".repeat(first.len()) };
        writeln!(out, "{lead}{}", paint.on(Style::Quiet, &line))?;
    }
    Ok(())
}

fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}
