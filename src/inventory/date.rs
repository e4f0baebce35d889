//! Dates of an inventory: a day or a moment, always in UTC; never, unknown and missing are three
//! things.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A day, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// RFC 3339 with an offset.
    At(Timestamp),
    /// A calendar day, UTC.
    Day(Date),
}

impl When {
    /// First moment: a day begins at midnight UTC.
    pub fn start(self) -> Timestamp {
        match self {
            Self::At(t) => t,
            Self::Day(d) => midnight(d),
        }
    }

    /// Last moment: an expiry day still counts.
    pub fn end(self) -> Timestamp {
        match self {
            Self::At(t) => t,
            Self::Day(d) => d.tomorrow().map_or(Timestamp::MAX, |next| midnight(next) - 1.nanosecond()),
        }
    }

    /// The day, UTC.
    pub fn day(self) -> Date {
        match self {
            Self::At(t) => t.to_zoned(TimeZone::UTC).date(),
            Self::Day(d) => d,
        }
    }

    /// Whether its last moment lies before the day `as_of` begins.
    pub fn is_past(self, as_of: Date) -> bool {
        self.end() < midnight(as_of)
    }

    /// Whole days from this day to `as_of`; negative for the future.
    pub fn days_until(self, as_of: Date) -> i64 {
        (midnight(as_of).as_second() - midnight(self.day()).as_second()) / 86_400
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(t) => write!(f, "{t}"),
            Self::Day(d) => write!(f, "{d}"),
        }
    }
}

impl Serialize for When {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let moment = || text.parse().ok().map(Self::At);
        text.parse()
            .ok()
            .map(Self::Day)
            .or_else(moment)
            .ok_or_else(|| serde::de::Error::custom("expected a date or a date-time"))
    }
}

impl PartialOrd for When {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for When {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.start().cmp(&other.start()).then_with(|| self.end().cmp(&other.end()))
    }
}

/// When something ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The field is not there, or empty, or says that nobody knows.
    #[default]
    Unknown,
    /// The source says that it never ends.
    Never,
    /// At this time.
    On(When),
}

impl Until {
    /// The time, if there is one.
    pub fn when(self) -> Option<When> {
        match self {
            Self::On(when) => Some(when),
            _ => None,
        }
    }
}

/// The first moment of a day, UTC.
pub fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |z| z.timestamp())
}
