//! A credential's life as a picture: the time it was in the history as bars, and the dates that the
//! commits, the inventory and the value itself tell. The caption says the same in words.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use jiff::civil::Date;

use super::Esc;
use crate::govern::Subject;
use crate::observe::{CommitRef, Exposure};
use crate::report::cards::Card;
use crate::report::view::View;

/// Places on the axis, in hundredths of a percent, and what stays free at its ends.
const WHOLE: i64 = 10_000;
const PAD: i64 = 300;
/// The narrowest picture that has labels, in pixels: there none may cover another.
const NARROW: i64 = 640;
/// Pixels of one character of a label, at most.
const CHARACTER: i64 = 7;
/// Bars and labels at most.
const BARS: usize = 5;
const EVENTS: usize = 12;

/// What happened: each has a shape of its own, so that nothing hangs on colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Introduced,
    Removed,
    Approved,
    Expires,
    Expired,
    Revoked,
    Other,
    AsOf,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::Removed => "removed",
            Self::Approved => "approved",
            Self::Expires => "expires",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Other => "other",
            Self::AsOf => "as-of",
        }
    }

    /// Drawn around the place where it happened.
    fn shape(self) -> &'static str {
        match self {
            Self::Introduced => "M-6 -5h12l-6 10z",
            Self::Removed => "M-6 5h12l-6 -10z",
            Self::Approved => "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M-3 0l2 2.5l4 -5",
            Self::Expires | Self::Expired => "M0 -6l6 6l-6 6l-6 -6z",
            Self::Revoked => "M-5 -5l10 10M5 -5l-10 10",
            Self::Other => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
            Self::AsOf => "M0 -6v12",
        }
    }
}

/// A day with a name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    day: Date,
    kind: Kind,
    name: String,
}

impl Event {
    fn new(day: Date, kind: Kind, name: &str) -> Self {
        Self { day, kind, name: name.to_owned() }
    }

    /// From the name of a field: `expires_at`.
    fn of_field(name: &str, day: Date, as_of: Date) -> Self {
        let name = name.replace('_', " ");
        match name.strip_suffix(" at").unwrap_or(&name) {
            // A finding may tell as a fact what the history tells anyway; once is enough.
            "introduced" => Self::new(day, Kind::Introduced, "introduced"),
            "removed" => Self::new(day, Kind::Removed, "removed"),
            "approved" => Self::new(day, Kind::Approved, "approved"),
            "expires" if day <= as_of => Self::new(day, Kind::Expired, "expired"),
            "expires" => Self::new(day, Kind::Expires, "expires"),
            "revoked" => Self::new(day, Kind::Revoked, "revoked"),
            other => Self::new(day, Kind::Other, other),
        }
    }
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
        events.extend(introduced.map(|day| Event::new(day, Kind::Introduced, "introduced")));
        events.extend(removed.map(|day| Event::new(day, Kind::Removed, "removed")));
        let back = exposure.reintroduced.iter().filter_map(commit_day);
        events.extend(back.map(|day| Event::new(day, Kind::Introduced, "introduced again")));
        if let Some(from) = introduced {
            bars.insert((from, removed.unwrap_or(as_of).max(from), removed.is_none()));
        }
    }
    for (name, value) in card.findings.iter().flat_map(|f| &f.facts) {
        events.extend(value.as_str().and_then(day).map(|day| Event::of_field(name, day, as_of)));
    }
    for (name, value) in dates(view, card) {
        events.extend(day(value).map(|day| Event::of_field(name, day, as_of)));
    }
    for (name, value) in card.observation.iter().flat_map(|o| &o.claims.facts) {
        let name = format!("claims {}", name.replace('_', " "));
        events.extend(value.as_str().and_then(day).map(|day| Event::new(day, Kind::Other, &name)));
    }
    if bars.is_empty() && events.len() < 2 {
        return Ok(());
    }
    let mut events: Vec<Event> = events.into_iter().collect();
    events.truncate(EVENTS);
    events.push(Event::new(as_of, Kind::AsOf, "as of"));
    draw(&bars.into_iter().collect::<Vec<_>>(), &events, out)
}

/// The days that the record tells which the card is about, or is bound to.
fn dates<'v>(view: &View<'v>, card: &Card<'_>) -> Vec<(&'v str, &'v str)> {
    let matches = &view.report.judgement.matches;
    let record = match card.subject() {
        Subject::Credential(id) => matches.get(id),
        Subject::Record(id) => matches.values().find(|m| m.records == [id.as_str()]),
        Subject::Governance(_) => None,
    };
    record.iter().flat_map(|m| &m.dates).map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn draw(bars: &[(Date, Date, bool)], events: &[Event], out: &mut String) -> fmt::Result {
    let days = events.iter().map(|e| e.day).chain(bars.iter().flat_map(|b| [b.0, b.1])).map(number);
    let (first, last) = days.fold((i64::MAX, i64::MIN), |(a, b), d| (a.min(d), b.max(d)));
    let span = (last - first).max(1);
    let x = |day: Date| PAD + (number(day) - first) * (WHOLE - 2 * PAD) / span;
    let shown = &bars[..bars.len().min(BARS)];
    let axis = i64::try_from(shown.len()).unwrap_or(0) * 12 + 12;
    let (labels, rows) = place(events, x);
    let height = axis + 14 + rows * 16;
    write!(out, "<figure class=\"time\"><svg width=\"100%\" height=\"{height}\" aria-hidden=\"true\">")?;
    write!(out, "<line class=\"axis\" x1=\"0\" y1=\"{axis}\" x2=\"100%\" y2=\"{axis}\"/>")?;
    for (i, (from, to, still)) in shown.iter().enumerate() {
        let (x1, x2) = (x(*from), x(*to));
        let class = if *still { "span" } else { "span gone" };
        let wide = percent((x2 - x1).max(40));
        write!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{wide}\" height=\"8\" rx=\"2\"/>",
            percent(x1),
            i * 12
        )?;
    }
    // From the approval to the end: what the record allows.
    let first_of = |kinds: &[Kind], after: Date| {
        events.iter().filter(|e| kinds.contains(&e.kind) && e.day >= after).map(|e| e.day).min()
    };
    if let Some(from) = first_of(&[Kind::Approved], Date::MIN) {
        let end = first_of(&[Kind::Expires, Kind::Expired, Kind::Revoked], from);
        let to = end.or_else(|| first_of(&[Kind::AsOf], from)).unwrap_or(from);
        write!(
            out,
            "<rect class=\"allowed\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"4\"/>",
            percent(x(from)),
            axis - 2,
            percent(x(to) - x(from))
        )?;
    }
    for (event, label) in events.iter().zip(&labels) {
        let at = percent(x(event.day));
        marker(event.kind, &format!(" x=\"{at}\" y=\"{axis}\""), out)?;
        let (anchor, dx) = if label.from_end { (" text-anchor=\"end\"", 6) } else { ("", -6) };
        write!(
            out,
            "<text x=\"{at}\" dx=\"{dx}\" y=\"{}\"{anchor}>{}</text>",
            axis + 22 + label.row * 16,
            Esc(&words(event))
        )?;
    }
    out.push_str("</svg><figcaption><ul>");
    for event in events {
        out.push_str("<li>");
        out.push_str("<svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\">");
        marker(event.kind, "", out)?;
        write!(out, "</svg>{}</li>", Esc(&words(event)))?;
    }
    out.push_str("</ul></figcaption></figure>\n");
    Ok(())
}

fn marker(kind: Kind, at: &str, out: &mut String) -> fmt::Result {
    write!(out, "<svg class=\"event {}\"{at} overflow=\"visible\"><path d=\"{}\"/></svg>", kind.class(), kind.shape())
}

/// Hundredths of a percent, as an attribute.
fn percent(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Where a label stands.
struct Label {
    row: i64,
    /// It ends at its event, rather than beginning there.
    from_end: bool,
}

/// A row for each label, so that none covers another even in the narrowest picture; and how many rows.
fn place(events: &[Event], x: impl Fn(Date) -> i64) -> (Vec<Label>, i64) {
    let mut rows: Vec<Vec<(i64, i64)>> = Vec::new();
    let mut labels = Vec::new();
    for event in events {
        let width = i64::try_from(words(event).chars().count()).unwrap_or(0) * CHARACTER;
        let at = x(event.day) * NARROW / WHOLE;
        let from_end = at > NARROW / 2;
        let (from, to) = if from_end { (at - width, at + 6) } else { (at - 6, at + width) };
        let free = |taken: &Vec<(i64, i64)>| taken.iter().all(|(a, b)| to + 8 < *a || *b + 8 < from);
        let row = rows.iter().position(free).unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(Vec::new());
        }
        rows[row].push((from, to));
        labels.push(Label { row: i64::try_from(row).unwrap_or(0), from_end });
    }
    (labels, i64::try_from(rows.len()).unwrap_or(0))
}

fn words(event: &Event) -> String {
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
        let event = |day: &str| Event::new(day.parse().unwrap(), Kind::Introduced, "introduced");
        let first = number("2026-01-01".parse().unwrap());
        let (labels, rows) =
            place(&[event("2026-01-01"), event("2026-01-02"), event("2026-12-01")], |d| (number(d) - first) * 30);
        let at: Vec<(i64, bool)> = labels.iter().map(|l| (l.row, l.from_end)).collect();
        assert_eq!((at, rows), (vec![(0, false), (1, false), (0, true)], 2));
    }

    #[test]
    fn an_end_is_named_by_the_day_that_is_judged() {
        let (as_of, end) = ("2026-11-22".parse().unwrap(), "2026-11-30".parse().unwrap());
        assert_eq!(Event::of_field("expires_at", end, as_of).kind, Kind::Expires);
        assert_eq!(Event::of_field("expires_at", as_of, end).kind, Kind::Expired);
        assert_eq!(Event::of_field("last_used_at", end, as_of).name, "last used");
        let told = Event::of_field("introduced", end, as_of);
        assert!(told == Event::new(end, Kind::Introduced, "introduced"), "the same event as the history's");
    }
}
