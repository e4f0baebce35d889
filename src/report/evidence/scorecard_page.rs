//! The scorecard as a page.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::page::{Head, figures, page};
use super::scorecard::{by, comparison_verdict, counted, left_out, of, parts, side, standing, value, verdict};
use super::sheet::{Figure, Tone};
use crate::govern::evidence::{Comparison, Direction, Evidence, Measure, Metric, Standing};
use crate::report::html::Esc;

/// Writes the scorecard.
pub fn scorecard_html(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let missed = standing(evidence, Standing::Missed);
    let undecided = standing(evidence, Standing::Undecided);
    let tone = match (missed, undecided) {
        // Nothing measured is no success.
        (0, 0) if standing(evidence, Standing::Met) == 0 => "",
        (0, 0) => "good",
        (0, _) => "warning",
        _ => "",
    };
    let lead = format!(
        "Judged on {} by the profile {}. Each number says what is counted of what, and how many could not be evaluated; a \
         target is met only if none were left out.",
        evidence.run.as_of, evidence.run.profile
    );
    let head = Head {
        name: "Scorecard",
        kind: "keyward scorecard",
        title: &verdict(evidence),
        tone,
        lead: &lead,
        landscape: false,
    };
    page(&head, &evidence.run, |out| body(evidence, out), out)
}

fn body(evidence: &Evidence, out: &mut String) -> fmt::Result {
    let figure = |s: Standing, label: &str, tone: Tone| {
        let n = standing(evidence, s);
        Figure { number: n.to_string(), label: label.to_owned(), tone: if n == 0 { Tone::Plain } else { tone } }
    };
    figures(
        &[
            figure(Standing::Met, "targets met", Tone::Good),
            figure(Standing::Missed, "missed", Tone::Bad),
            figure(Standing::Undecided, "undecided: something could not be evaluated", Tone::Plain),
            figure(Standing::Nothing, "with nothing to measure", Tone::Plain),
            figure(Standing::NoTarget, "without a target, for planning", Tone::Plain),
        ],
        out,
    )?;
    out.push_str(
        "<div class=\"scroll\"><table class=\"score\"><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Value</th>\
         <th scope=\"col\">Of</th><th scope=\"col\">Target</th><th scope=\"col\">Evidence for</th></tr></thead><tbody>\n",
    );
    for metric in &evidence.scorecard.metrics {
        write!(out, "<tr id=\"m-{}\"><td>", Esc(&metric.id))?;
        about(metric, out)?;
        write!(out, "</td><td><span class=\"value\">{}</span>", Esc(&value(metric)))?;
        gauge(metric, out)?;
        write!(out, "</td><td class=\"of\">{}", Esc(&of(metric)))?;
        if metric.not_evaluated > 0 {
            write!(out, "<br>{} not evaluated", metric.not_evaluated)?;
        }
        let aim = metric.target.as_ref().map_or("", |t| t.words.as_str());
        writeln!(
            out,
            "</td><td><span class=\"standing {}\">{}</span><p>{}</p></td><td class=\"quiet\">{}</td></tr>",
            class(metric.standing),
            metric.standing.word(),
            Esc(aim),
            Esc(&metric.controls.join(", "))
        )?;
    }
    out.push_str("</tbody></table></div>\n");
    Ok(())
}

fn about(metric: &Metric, out: &mut String) -> fmt::Result {
    write!(out, "<strong>{}</strong><p>{}</p>", Esc(&metric.title), Esc(&metric.formula))?;
    let more = parts(metric);
    if !more.is_empty() {
        write!(out, "<p>{}</p>", Esc(&more))?;
    }
    for text in left_out(metric) {
        write!(out, "<p class=\"out\">{}</p>", Esc(&text))?;
    }
    Ok(())
}

fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Met => "met",
        Standing::Missed => "missed",
        Standing::Undecided => "undecided",
        Standing::Nothing => "nothing",
        Standing::NoTarget => "no_target",
    }
}

/// A share as a bar, with a mark at its target.
fn gauge(metric: &Metric, out: &mut String) -> fmt::Result {
    let Some(value) = metric.value.filter(|_| metric.measure == Measure::Share) else { return Ok(()) };
    write!(
        out,
        "<svg class=\"gauge\" viewBox=\"0 0 100 6\" aria-hidden=\"true\" preserveAspectRatio=\"none\">\
         <rect class=\"back\" width=\"100\" height=\"6\" rx=\"1\"/><rect class=\"{}\" width=\"{value:.1}\" height=\"6\" rx=\"1\"/>",
        class(metric.standing)
    )?;
    if let Some(target) = &metric.target
        && target.value > 0.0
        && target.value < 100.0
    {
        write!(out, "<rect class=\"aim\" x=\"{:.1}\" width=\"0.8\" height=\"6\"/>", target.value)?;
    }
    out.push_str("</svg>");
    Ok(())
}

/// Writes a comparison.
pub fn comparison_html(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    let worse = comparison.count(Direction::Worse);
    let lead = format!("The scorecard of {} beside that of {}.", comparison.new.as_of, comparison.old.as_of);
    let head = Head {
        name: "Scorecard comparison",
        kind: "keyward scorecard",
        title: &comparison_verdict(comparison),
        tone: if worse > 0 { "" } else { "good" },
        lead: &lead,
        landscape: false,
    };
    page(&head, comparison.new, |out| changes(comparison, out), out)
}

fn changes(comparison: &Comparison<'_>, out: &mut String) -> fmt::Result {
    if !comparison.caveats.is_empty() {
        out.push_str("<section><h2>Before you compare</h2><ul class=\"limits\">");
        for caveat in &comparison.caveats {
            write!(out, "<li>{}</li>", Esc(caveat))?;
        }
        out.push_str("</ul></section>\n");
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table class=\"score\"><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">{}</th>\
         <th scope=\"col\">{}</th><th scope=\"col\">Change</th></tr></thead><tbody>",
        Esc(&comparison.old.as_of),
        Esc(&comparison.new.as_of)
    )?;
    for change in &comparison.metrics {
        let Some(metric) = change.new.or(change.old) else { continue };
        write!(out, "<tr id=\"m-{}\"><td>", Esc(&metric.id))?;
        about(metric, out)?;
        out.push_str("</td>");
        for of in [change.old, change.new] {
            let counts = of.map_or_else(|| "not measured".to_owned(), counted);
            write!(out, "<td><span class=\"value\">{}</span><p>{}</p></td>", Esc(&side(of)), Esc(&counts))?;
        }
        let class = match change.direction {
            Direction::Better => "met",
            Direction::Worse => "missed",
            Direction::NotComparable => "undecided",
            Direction::Same | Direction::Changed => "nothing",
        };
        writeln!(out, "<td><span class=\"standing {class}\">{}</span></td></tr>", Esc(&by(change)))?;
    }
    out.push_str("</tbody></table></div>\n");
    Ok(())
}
