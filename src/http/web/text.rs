//! Sizes, times, counts and previews, as people read them; and parts of URLs.

use std::fmt;

use rocket::http::RawStr;

use crate::domain::{Timestamp, Value, ValueError};

/// The longest preview of a value, in characters.
const PREVIEW: usize = 80;

/// A number of bytes: `734 B`, `1.2 KiB`, `15 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be rounded to 1024 is one of the next unit.
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(amount < 9.95);
    format!("{amount:.digits$} {}", UNITS[unit])
}

/// A count with what is counted: `1 document`, `12,345 documents`.
pub(super) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The beginning of a value as JSON, in one line.
pub(super) fn preview(value: &Value) -> Result<String, ValueError> {
    let json = String::from_utf8_lossy(&value.to_json()?).into_owned();
    let mut letters = json.chars();
    let beginning: String = letters.by_ref().take(PREVIEW).collect();
    Ok(if letters.next().is_some() { beginning + "…" } else { beginning })
}

/// A text as it stands in a query.
pub(super) fn in_query(text: &str) -> String {
    RawStr::new(text).percent_encode().to_string()
}

/// A point in time, seen from the present.
pub(super) struct Presence {
    time: Timestamp,
    now: Timestamp,
}

impl Presence {
    pub(super) const fn new(time: Timestamp, now: Timestamp) -> Self {
        Self { time, now }
    }

    /// For programs, and exactly: RFC 3339.
    pub(super) fn exact(&self) -> String {
        self.time.to_string()
    }

    /// For people: `21 Nov 2026, 10:42 UTC`. A script turns it into the reader's own way of writing it.
    pub(super) fn plain(&self) -> String {
        self.time.to_datetime().format("%-d %b %Y, %H:%M UTC").to_string()
    }

    /// How long it is until then: `in 4 min 10 s`. A script counts it down.
    pub(super) fn remaining(&self) -> String {
        let seconds = (self.time.as_millis() - self.now.as_millis()).div_euclid(1000).max(0);
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => format!("in {seconds} s"),
            (0, 0, minutes) => format!("in {minutes} min {} s", seconds % 60),
            (0, hours, minutes) => format!("in {hours} h {minutes} min"),
            (days, hours, _) => format!("in {days} d {hours} h"),
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_or_three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1229, "1.2 KiB"),
            (10 * 1024, "10 KiB"),
            (1_048_575, "1.0 MiB"),
            (15 * 1_048_576, "15 MiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn counts_are_grouped_and_have_their_plural() {
        for (number, text) in [(0, "0 keys"), (1, "1 key"), (999, "999 keys"), (1000, "1,000 keys")] {
            assert_eq!(count(number, "key"), text);
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn what_remains_is_told_in_the_two_largest_units() {
        let now = Timestamp::from_millis(1_000_000);
        for (seconds, text) in
            [(-5, "in 0 s"), (59, "in 59 s"), (300, "in 5 min 0 s"), (3661, "in 1 h 1 min"), (90_000, "in 1 d 1 h")]
        {
            let then = Timestamp::from_millis(now.as_millis() + seconds * 1000);
            assert_eq!(Presence::new(then, now).remaining(), text);
        }
    }

    #[test]
    fn a_query_can_hold_any_text() {
        assert_eq!(in_query("a b&c=é%\"<"), "a%20b%26c%3D%C3%A9%25%22%3C");
    }

    #[test]
    fn a_preview_is_the_beginning() {
        let value = |json: &str| Value::from_json(json.as_bytes(), 10_000).expect("a value");
        assert_eq!(preview(&value(r#"{"a":[1,null]}"#)).as_deref(), Ok(r#"{"a":[1,null]}"#));
        let long = preview(&value(&format!("\"{}\"", "é".repeat(100)))).expect("a preview");
        assert_eq!((long.chars().count(), long.ends_with("é…")), (PREVIEW + 1, true));
    }
}
