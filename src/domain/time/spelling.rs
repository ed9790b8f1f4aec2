//! How dates are spelt. Every document that is answered has three of them, and chrono's formatting, which can do
//! everything, costs as much as looking the document up.

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// RFC 3339, with three or six digits of the second's fraction: `2018-03-10T10:25:35.576Z`.
pub(super) fn rfc3339(date: DateTime<Utc>, fraction: usize) -> String {
    let Some(year) = year(date) else {
        let format = if fraction == 3 { SecondsFormat::Millis } else { SecondsFormat::Micros };
        return date.to_rfc3339_opts(format, true);
    };
    let mut text = String::with_capacity("2018-03-10T10:25:35.576296Z".len());
    digits(&mut text, year, 4);
    for (before, number) in [('-', date.month()), ('-', date.day()), ('T', date.hour())] {
        text.push(before);
        digits(&mut text, number, 2);
    }
    minutes_and_seconds(&mut text, date);
    text.push('.');
    let micros = date.nanosecond() / 1000;
    digits(&mut text, if fraction == 3 { micros / 1000 } else { micros }, fraction);
    text.push('Z');
    text
}

/// RFC 9110, 5.6.7: `Sat, 10 Mar 2018 10:25:35 GMT`.
pub(super) fn http_date(date: DateTime<Utc>) -> String {
    let Some(year) = year(date) else { return date.format("%a, %d %b %Y %H:%M:%S GMT").to_string() };
    let mut text = String::with_capacity("Sat, 10 Mar 2018 10:25:35 GMT".len());
    text.push_str(DAYS[date.weekday().num_days_from_monday() as usize]);
    text.push_str(", ");
    digits(&mut text, date.day(), 2);
    text.push(' ');
    text.push_str(MONTHS[date.month0() as usize]);
    text.push(' ');
    digits(&mut text, year, 4);
    text.push(' ');
    digits(&mut text, date.hour(), 2);
    minutes_and_seconds(&mut text, date);
    text.push_str(" GMT");
    text
}

/// The year, where it has four digits; chrono spells the others.
fn year(date: DateTime<Utc>) -> Option<u32> {
    u32::try_from(date.year()).ok().filter(|year| *year < 10_000)
}

fn minutes_and_seconds(text: &mut String, date: DateTime<Utc>) {
    for number in [date.minute(), date.second()] {
        text.push(':');
        digits(text, number, 2);
    }
}

/// The last `count` digits of a number.
fn digits(text: &mut String, number: u32, count: usize) {
    let mut left = number;
    let mut digits = [b'0'; 6];
    for digit in digits[..count].iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    text.extend(digits[..count].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_spelt_as_chrono_spells_them() {
        let days =
            (-800_000..3_000_000_i64).step_by(997).map(|days| days * 86_400_000_000 + days * 86_399_123 % 86_400);
        for micros in
            days.chain([0, -1, 1, 1_520_677_535_576_296, i64::from(i32::MAX) * 1_000_000, 253_402_300_800_000_000])
        {
            let Some(date) = DateTime::from_timestamp_micros(micros) else { continue };
            assert_eq!(rfc3339(date, 3), date.to_rfc3339_opts(SecondsFormat::Millis, true));
            assert_eq!(rfc3339(date, 6), date.to_rfc3339_opts(SecondsFormat::Micros, true));
            assert_eq!(http_date(date), date.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        }
    }
}
