//! Dates as exports spell them.
//!
//! RFC 3339, ISO days, `yyyy-MM-dd HH:mm:ss` with a declared zone, epoch seconds and milliseconds
//! (told apart by magnitude), and the spellings of "never" and "unknown". A day that could be read
//! two ways (`03/04/2026`) is refused unless the source declares its format. Messages say what was
//! expected and never show the text.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::date::{Until, When};

/// What a text says of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelled {
    /// Nothing.
    Missing,
    /// That nobody knows.
    Unknown,
    /// That the day never comes.
    Never,
    /// This.
    On(When),
}

impl Spelled {
    /// The date, if there is one.
    pub(crate) fn when(self) -> Option<When> {
        match self {
            Self::On(when) => Some(when),
            _ => None,
        }
    }

    /// When something ends; that nothing is said is told by the record's `unknown_fields`.
    pub(crate) fn until(self) -> Until {
        match self {
            Self::Missing | Self::Unknown => Until::Unknown,
            Self::Never => Until::Never,
            Self::On(when) => Until::On(when),
        }
    }
}

/// What is expected where a date stands.
pub(crate) const EXPECTED: &str = "expected a date (2026-11-20), a date-time (2026-11-20T06:00:00Z) or `never`";
/// What is expected of a lifetime that counts from the day of issue.
pub(crate) const EXPECTED_SECONDS: &str = "expected a lifetime as a whole number, and the time of issue";
const AMBIGUOUS: &str = "day and month cannot be told apart; write 2026-11-20 or declare `date_format`";

/// How a source writes its dates.
#[derive(Clone, Debug)]
pub(crate) struct DateStyle {
    /// `dd/mm/yyyy`, `epoch_s`, `epoch_ms` or a strptime pattern; `None` for what needs no telling.
    pub(crate) format: Option<String>,
    /// Zone of times that name none.
    pub(crate) zone: Offset,
}

impl Default for DateStyle {
    fn default() -> Self {
        Self { format: None, zone: Offset::UTC }
    }
}

/// Reads the text of a date. Never, unknown and missing stay three things.
pub(crate) fn read(text: &str, style: &DateStyle) -> Result<Spelled, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Spelled::Missing);
    }
    if let Some(spelled) = word(text) {
        return Ok(spelled);
    }
    if let Some(format) = &style.format
        && let Some(when) = declared(text, format, style.zone)
    {
        return Ok(Spelled::On(when));
    }
    if let Some(seconds) = epoch(text, style.format.as_deref()) {
        return seconds.map(|t| Spelled::On(When::At(t)));
    }
    iso(text, style.zone).map(Spelled::On).ok_or(if is_slashed(text) { AMBIGUOUS } else { EXPECTED })
}

fn word(text: &str) -> Option<Spelled> {
    const NEVER: [&str; 10] = [
        "never", "-1", "0", "none", "unlimited", "no expiry", "no_expiry", "no expiration", "does not expire",
        "infinite",
    ];
    const UNKNOWN: [&str; 11] =
        ["n/a", "na", "n.a.", "unknown", "not_supported", "no_information", "?", "-", "--", "tbd", "null"];
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if NEVER.iter().any(is) || text.starts_with("9999-") {
        Some(Spelled::Never)
    } else if UNKNOWN.iter().any(is) || text.starts_with("0001-01-01") {
        Some(Spelled::Unknown)
    } else {
        None
    }
}

/// Epoch seconds or milliseconds. `None` if the text is no number.
fn epoch(text: &str, format: Option<&str>) -> Option<Result<Timestamp, &'static str>> {
    /// 1973: smaller numbers are days of a spreadsheet, or digits of a day.
    const LEAST_SECONDS: i64 = 100_000_000;
    const GREATEST_SECONDS: i64 = 100_000_000_000;
    const REFUSED: &str = "expected epoch seconds or milliseconds, or a date (2026-11-20)";
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = if !whole.is_empty() && digits(whole) && digits(fraction) {
        (whole.parse::<i64>().ok(), fraction)
    } else if text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) && text.contains(['e', 'E']) {
        let number = text.parse::<f64>().ok().filter(|n| *n > 0.0 && *n < 1e15);
        (number.map(|n| n as i64), "")
    } else {
        return None;
    };
    let Some(whole) = whole else { return Some(Err(REFUSED)) };
    let milliseconds = format == Some("epoch_ms") || whole > GREATEST_SECONDS;
    let read = if milliseconds {
        Timestamp::from_millisecond(whole)
    } else {
        let nanoseconds: i32 = format!("{fraction:0<9.9}").parse().unwrap_or(0);
        if whole < LEAST_SECONDS && format != Some("epoch_s") {
            return Some(Err(REFUSED));
        }
        Timestamp::new(whole, nanoseconds)
    };
    Some(read.map_err(|_| REFUSED))
}

fn iso(text: &str, zone: Offset) -> Option<When> {
    let bytes = text.as_bytes();
    let day_shaped = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !day_shaped {
        return None;
    }
    if bytes.len() == 10 {
        return text.parse::<Date>().ok().map(When::Day);
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(When::At(moment));
    }
    zoned(text.parse::<DateTime>().ok()?, zone)
}

fn zoned(moment: DateTime, zone: Offset) -> Option<When> {
    moment.to_zoned(TimeZone::fixed(zone)).ok().map(|z| When::At(z.timestamp()))
}

fn is_slashed(text: &str) -> bool {
    let parts: Vec<_> = text.split(['/', '.', '-']).collect();
    parts.len() >= 3 && parts[..2].iter().all(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
}

/// A declared format: friendly (`dd/mm/yyyy`), or a strptime pattern.
fn declared(text: &str, format: &str, zone: Offset) -> Option<When> {
    if matches!(format, "epoch_s" | "epoch_ms") {
        return None;
    }
    let pattern = pattern_of(format);
    let parsed = jiff::fmt::strtime::parse(&pattern, text).ok()?;
    if let Ok(moment) = parsed.to_timestamp() {
        return Some(When::At(moment));
    }
    if parsed.hour().is_some() {
        return zoned(parsed.to_datetime().ok()?, zone);
    }
    parsed.to_date().ok().map(When::Day)
}

/// Turns `dd/MM/yyyy HH:mm:ss` into a strptime pattern; texts with `%` are one already.
fn pattern_of(format: &str) -> String {
    if format.contains('%') {
        return format.to_owned();
    }
    let (day, time) = format.split_once(['T', ' ']).map_or((format, ""), |(d, t)| (d, t));
    let day =
        day.to_ascii_lowercase().replace("yyyy", "%Y").replace("mmm", "%b").replace("mm", "%m").replace("dd", "%d");
    if time.is_empty() {
        return day;
    }
    let between = &format[format.find(['T', ' ']).unwrap_or(0)..][..1];
    let time = time.to_ascii_lowercase().replace("hh", "%H").replace("mm", "%M").replace("ss", "%S");
    format!("{day}{between}{time}")
}

/// Reads a declared zone: `UTC`, `Z`, `+02:00`.
pub(crate) fn read_zone(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=15).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<String, &'static str> {
        read(text, &DateStyle::default()).map(|u| match u {
            Spelled::Missing => "missing".to_owned(),
            Spelled::Unknown => "unknown".to_owned(),
            Spelled::Never => "never".to_owned(),
            Spelled::On(when) => when.to_string(),
        })
    }

    #[test]
    fn never_unknown_and_missing_are_three_things() {
        for text in ["never", "Never", "-1", "0", "9999-12-31", "9999-12-31T23:59:59Z"] {
            assert_eq!(plain(text), Ok("never".to_owned()));
        }
        for text in ["N/A", "unknown", "not_supported", "no_information", "0001-01-01T00:00:00Z"] {
            assert_eq!(plain(text), Ok("unknown".to_owned()));
        }
        for text in ["", "  "] {
            assert_eq!(plain(text), Ok("missing".to_owned()));
        }
    }

    #[test]
    fn spellings_of_a_moment() {
        let cases = [
            ("2026-02-04", "2026-02-04"),
            ("2023-05-16T08:47:09.000-07:00", "2023-05-16T15:47:09Z"),
            ("2018-03-22T02:24:06.945319214Z", "2018-03-22T02:24:06.945319214Z"),
            ("2026-02-04 10:00:00", "2026-02-04T10:00:00Z"),
            ("2026-02-04 10:00:00 UTC", "2026-02-04T10:00:00Z"),
            ("2021-11-11T20:38:10", "2021-11-11T20:38:10Z"),
            ("1591645866735", "2020-06-08T19:51:06.735Z"),
            ("1734329245", "2024-12-16T06:07:25Z"),
            ("1729914781.603", "2024-10-26T03:53:01.603Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for text in ["03/04/2026", "3.4.2026", "04-05-26"] {
            assert_eq!(plain(text), Err(AMBIGUOUS), "{text}");
        }
        for text in ["45000", "20260204", "2026-13-01", "2026-02-30", "soon", "99999999999999999999", "2026-02-04Tx"] {
            assert!(plain(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_declared_format_decides() {
        let style = |f: &str| DateStyle { format: Some(f.to_owned()), zone: read_zone("+02:00").unwrap() };
        let of = |text: &str, f: &str| read(text, &style(f)).map(|u| u.when().map(|w| w.to_string()));
        assert_eq!(of("03/04/2026", "dd/mm/yyyy"), Ok(Some("2026-04-03".to_owned())));
        assert_eq!(of("03/04/2026", "mm/dd/yyyy"), Ok(Some("2026-03-04".to_owned())));
        assert_eq!(of("03.04.2026 10:30", "dd.MM.yyyy HH:mm"), Ok(Some("2026-04-03T08:30:00Z".to_owned())));
        assert_eq!(of("4 Feb 2026", "%d %b %Y"), Ok(Some("2026-02-04".to_owned())));
        assert_eq!(of("0", "dd/mm/yyyy"), Ok(None));
        assert!(of("31/31/2026", "dd/mm/yyyy").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", format in proptest::option::of(".{0,12}")) {
            let _ = read(&text, &DateStyle { format, zone: Offset::UTC });
            let _ = read_zone(&text);
        }
    }
}
