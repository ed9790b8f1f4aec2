//! Points in time, and where they come from.

use std::fmt;

mod spelling;

use chrono::{DateTime, Datelike, Utc};

/// A point in time in microseconds since 1970-01-01T00:00:00Z.
///
/// Keybin's own clock goes by milliseconds. Finer times come from clients, who say when they changed a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Whole milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This point, `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds as i64 * 1_000_000))
    }

    /// Reads an RFC 3339 time of any offset. What is finer than a microsecond is cut off. `None` also where the year has
    /// not four digits in UTC, as around the ends of what RFC 3339 can say: it could be shown to nobody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time = Self(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros());
        (0..10_000).contains(&time.to_datetime().year()).then_some(time)
    }

    /// As [`fmt::Display`], with microseconds where there are any.
    #[must_use]
    pub fn to_exact(self) -> String {
        if self.0 % 1000 == 0 { self.to_string() } else { self.with_micros() }
    }

    /// RFC 3339, UTC, microseconds: `2018-03-10T10:25:35.576296Z`.
    #[must_use]
    pub fn with_micros(self) -> String {
        spelling::rfc3339(self.to_datetime(), 6)
    }

    /// As HTTP has it (RFC 9110, 5.6.7): `Sat, 10 Mar 2018 10:25:35 GMT`.
    #[must_use]
    pub fn to_http_date(self) -> String {
        spelling::http_date(self.to_datetime())
    }

    /// The same as a date; the epoch where a date cannot say it.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

/// RFC 3339, UTC, milliseconds: `2018-03-10T10:25:35.576Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spelling::rfc3339(self.to_datetime(), 3))
    }
}

/// Where the present comes from. Handed in from outside, so that nothing below reads a clock of its own.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The present.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl SystemClock {
    /// The present to the microsecond, for what people compare and nothing is judged by.
    #[must_use]
    pub fn now_exactly(self) -> Timestamp {
        Timestamp::from_micros(Utc::now().timestamp_micros())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(Utc::now().timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_read_can_be_shown() {
        for (text, shown) in [
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31T23:59:59+00:01", "9999-12-31T23:58:59.000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::to_exact).as_deref(), Some(shown), "{text}");
        }
        for text in ["9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
