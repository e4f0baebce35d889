//! A credential's life as a picture: the time it was in the history as bars, and the dates that the
//! commits, the inventory and the value itself tell. The caption says the same in words.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use jiff::civil::Date;

use super::Esc;
use crate::observe::{CommitRef, Exposure};
use crate::report::cards::Card;
use crate::report::view::View;

/// The picture's width, and the space at its sides.
const WIDTH: i64 = 960;
const PAD: i64 = 10;
/// Bars and labels at most.
const BARS: usize = 5;
const EVENTS: usize = 9;
/// Columns of one character of a label, about.
const CHARACTER: i64 = 6;

/// A day with a name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    day: Date,
    name: String,
    tone: &'static str,
}

/// Writes the picture, if there is something to draw.
pub(super) fn write(view: &View<'_>, card: &Card<'_>, out: &mut String) -> fmt::Result {
    let Some(as_of) = day(&view.report.as_of) else { return Ok(()) };
    let sightings = card.observation.map(|o| o.sightings.as_slice()).unwrap_or_default();
    let exposures = card
        .spots()
        .into_iter()
        .filter_map(|s| s.exposure.as_ref())
        .chain(sightings.iter().filter_map(|s| s.exposure.as_ref()));
    let exposures: BTreeSet<&Exposure> = exposures.collect();
    let mut bars = BTreeSet::new();
    let mut events = BTreeSet::new();
    for exposure in exposures {
        let introduced = exposure.introduced.as_ref().and_then(commit_day);
        let removed = exposure.removed.as_ref().and_then(commit_day);
        events.extend(introduced.map(|day| Event { day, name: "added".to_owned(), tone: "bad" }));
        events.extend(removed.map(|day| Event { day, name: "removed".to_owned(), tone: "good" }));
        let back = exposure.reintroduced.iter().filter_map(commit_day);
        events.extend(back.map(|day| Event { day, name: "brought back".to_owned(), tone: "bad" }));
        if let Some(from) = introduced {
            bars.insert((from, removed.unwrap_or(as_of).max(from), removed.is_none()));
        }
    }
    for (name, value) in
        card.findings.iter().flat_map(|f| &f.facts).chain(card.observation.iter().flat_map(|o| &o.claims.facts))
    {
        if let Some(day) = value.as_str().and_then(day) {
            let name = name.replace('_', " ");
            let name = name.strip_suffix(" at").unwrap_or(&name).to_owned();
            events.insert(Event { day, name, tone: "" });
        }
    }
    if bars.is_empty() && events.len() < 2 {
        return Ok(());
    }
    events.insert(Event { day: as_of, name: "as of".to_owned(), tone: "" });
    let mut events: Vec<Event> = events.into_iter().collect();
    events.truncate(EVENTS);
    draw(&bars.into_iter().collect::<Vec<_>>(), &events, out)
}

fn draw(bars: &[(Date, Date, bool)], events: &[Event], out: &mut String) -> fmt::Result {
    let days = events.iter().map(|e| e.day).chain(bars.iter().flat_map(|b| [b.0, b.1])).map(number);
    let (first, last) = days.fold((i64::MAX, i64::MIN), |(a, b), d| (a.min(d), b.max(d)));
    let span = (last - first).max(1);
    let x = |day: Date| PAD + (number(day) - first) * (WIDTH - 2 * PAD) / span;
    let shown = &bars[..bars.len().min(BARS)];
    let axis = i64::try_from(shown.len()).unwrap_or(0) * 11 + 10;
    let (labels, rows) = place(events, x);
    let height = axis + 14 + rows * 14;
    write!(out, "<figure class=\"time\"><svg viewBox=\"0 0 {WIDTH} {height}\" aria-hidden=\"true\">")?;
    for (i, (from, to, still)) in shown.iter().enumerate() {
        let (x1, x2) = (x(*from), x(*to));
        let class = if *still { "span" } else { "span gone" };
        write!(
            out,
            "<rect class=\"{class}\" x=\"{x1}\" y=\"{}\" width=\"{}\" height=\"7\" rx=\"2\"/>",
            i * 11 + 2,
            (x2 - x1).max(3)
        )?;
    }
    write!(out, "<line class=\"axis\" x1=\"0\" y1=\"{axis}\" x2=\"{WIDTH}\" y2=\"{axis}\"/>")?;
    for (event, (at, row)) in events.iter().zip(&labels) {
        write!(out, "<circle class=\"event {}\" cx=\"{}\" cy=\"{axis}\" r=\"4\"/>", event.tone, x(event.day))?;
        write!(out, "<text x=\"{at}\" y=\"{}\">{}</text>", axis + 18 + row * 14, Esc(&label(event)))?;
    }
    let words: Vec<_> = events.iter().map(label).collect();
    writeln!(out, "</svg><figcaption>{}</figcaption></figure>", Esc(&words.join(" \u{b7} ")))
}

/// Where each label begins and in which row, so that none covers another; and how many rows.
fn place(events: &[Event], x: impl Fn(Date) -> i64) -> (Vec<(i64, i64)>, i64) {
    let mut ends: Vec<i64> = Vec::new();
    let mut labels = Vec::new();
    for event in events {
        let width = i64::try_from(label(event).chars().count()).unwrap_or(0) * CHARACTER;
        let at = (x(event.day) - 4).clamp(0, (WIDTH - width).max(0));
        let row = ends.iter().position(|end| *end + 10 < at).unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(0);
        }
        ends[row] = at + width;
        labels.push((at, i64::try_from(row).unwrap_or(0)));
    }
    (labels, i64::try_from(ends.len()).unwrap_or(0))
}

fn label(event: &Event) -> String {
    format!("{} {}", event.name, event.day)
}

fn commit_day(commit: &CommitRef) -> Option<Date> {
    day(&commit.time)
}

/// The day of a date or a moment.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// Days since some day.
fn number(day: Date) -> i64 {
    let at = day.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |z| z.timestamp().as_second());
    at.div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_dates_and_moments() {
        assert_eq!(day("2026-11-22"), day("2026-11-22T10:00:00Z"));
        assert_eq!((day("CHG-4711-2026"), day("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}")), (None, None));
        assert_eq!(number("2026-01-02".parse().unwrap()) - number("2025-12-31".parse().unwrap()), 2);
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let event = |day: &str| Event { day: day.parse().unwrap(), name: "added".to_owned(), tone: "" };
        let first = number("2026-01-01".parse().unwrap());
        let (labels, rows) =
            place(&[event("2026-01-01"), event("2026-01-02"), event("2026-12-01")], |d| number(d) - first);
        assert_eq!((labels[0].1, labels[1].1, labels[2].1, rows), (0, 1, 0, 2));
    }
}
