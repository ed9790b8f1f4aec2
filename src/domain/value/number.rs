//! Numbers: which BSON type keeps a JSON number exactly.

use bson::{Bson, Decimal128};

use super::ValueError;
use super::decimal::Decimal;

/// A JSON number in the BSON type that keeps it.
#[derive(Debug, PartialEq)]
pub(in crate::domain) enum Number {
    /// An integer that fits 32 bits.
    Int32(i32),
    /// An integer that fits 64 bits.
    Int64(i64),
    /// A longer integer, of up to 34 digits.
    Decimal(Decimal128),
    /// Any other number whose decimal spelling an `f64` gives back.
    Double(f64),
}

/// The most digits a Decimal128 keeps.
const DECIMAL_DIGITS: u32 = 34;

/// The most significant digits that survive decimal → `f64` → decimal whatever they are (IEEE 754 binary64).
const SAFE_DIGITS: usize = 15;

/// Chooses the type for the JSON number `text`, whose grammar was checked before.
pub(super) fn read(text: &str) -> Result<Number, ValueError> {
    let inexact = || ValueError::InexactNumber(shorten(text));
    let is_integer = text.bytes().all(|b| b == b'-' || b.is_ascii_digit());
    // A negative zero is no integer: i64 would lose its sign.
    if is_integer && text != "-0" {
        if let Ok(n) = text.parse::<i64>() {
            return Ok(i32::try_from(n).map_or(Number::Int64(n), Number::Int32));
        }
        if text.trim_start_matches('-').len() <= DECIMAL_DIGITS as usize {
            return text.parse().map(Number::Decimal).map_err(|_| inexact());
        }
    }
    let double: f64 = text.parse().map_err(|_| inexact())?;
    if comes_back_equal(text, double) { Ok(Number::Double(double)) } else { Err(inexact()) }
}

/// Chooses the type for a number that was reckoned: with `fraction` a double, where one keeps it, else the smallest
/// type for integers. `None` where nothing keeps it exactly.
pub(in crate::domain) fn keep(number: Decimal, fraction: bool) -> Option<Number> {
    // Spelled with an exponent it is never taken for an integer.
    let double = || read(&number.to_scientific()).ok();
    let integer = || read(&number.to_integer(DECIMAL_DIGITS)?).ok();
    if fraction { double().or_else(integer) } else { integer() }
}

/// The spelling of a Decimal128 that is shown as a number. Ours are integers; another tool's may be a fraction,
/// infinite or no number.
pub(in crate::domain) fn shown_as_integer(number: Decimal128) -> Option<String> {
    let text = number.to_string();
    text.bytes().all(|b| b == b'-' || b.is_ascii_digit()).then_some(text)
}

impl From<Number> for Bson {
    fn from(number: Number) -> Self {
        match number {
            Number::Int32(n) => Self::Int32(n),
            Number::Int64(n) => Self::Int64(n),
            Number::Decimal(n) => Self::Decimal128(n),
            Number::Double(n) => Self::Double(n),
        }
    }
}

/// Whether `double`, spelled as `render` spells it, says the same number as `text`. Where two spellings are equally
/// short and equally near, the standard library chooses another.
fn comes_back_equal(text: &str, double: f64) -> bool {
    if !double.is_finite() {
        return false;
    }
    let short = text.bytes().filter(u8::is_ascii_digit).count() <= SAFE_DIGITS;
    if short && double.is_normal() {
        return true;
    }
    // Not Rust's own spelling: of two that are equally short and equally near, it takes the other one.
    let Ok(written) = serde_json::to_string(&double) else { return false };
    matches!((decimal(text), decimal(&written)), (Some(a), Some(b)) if a == b)
}

/// A decimal spelling reduced to sign, significant digits and the exponent of the last digit.
pub(super) fn decimal(text: &str) -> Option<(bool, Vec<u8>, i64)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').collect();
    let significant = digits.iter().rposition(|b| *b != b'0').map_or(0, |last| last + 1);
    if significant == 0 {
        return Some((negative, Vec::new(), 0));
    }
    let exponent: i64 = exponent.parse().ok()?;
    let last = exponent.checked_sub(fraction.len() as i64)?.checked_add((digits.len() - significant) as i64)?;
    Some((negative, digits[..significant].to_vec(), last))
}

/// A number as it appears in a message: whole, or its beginning where it is very long.
fn shorten(text: &str) -> String {
    if text.len() <= 48 { text.to_owned() } else { format!("{}…", &text[..48]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_the_smallest_type_that_holds_them() {
        assert_eq!(read("0"), Ok(Number::Int32(0)));
        assert_eq!(read("-2147483648"), Ok(Number::Int32(i32::MIN)));
        assert_eq!(read("2147483648"), Ok(Number::Int64(2_147_483_648)));
        assert_eq!(read("-9223372036854775808"), Ok(Number::Int64(i64::MIN)));
        for text in ["9223372036854775808", "18446744073709551615", "-1234567890123456789012345678901234"] {
            match read(text) {
                Ok(Number::Decimal(d)) => assert_eq!(d.to_string(), text),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn other_numbers_are_doubles_where_they_come_back_equal() {
        for text in [
            "-0",
            "0.0",
            "-0.0",
            "1.0",
            "1.50",
            "0.1",
            "1e2",
            "1E+2",
            "5e-324",
            "1.7976931348623157e308",
            "0e99999999999999999999",
            "0.30000000000000004",
            "10000000000000000000000000000000000000000",
            "100.000000000000000000",
            "101694173208715.62",
            // The double is …651.25, and of its two spellings of 17 digits this one is written.
            "-1045642467743651.2",
        ] {
            assert!(matches!(read(text), Ok(Number::Double(_))), "{text}");
        }
    }

    #[test]
    fn what_an_f64_changes_is_refused() {
        for text in [
            "1e400",
            "9007199254740993.0",
            "-1e400",
            "1e-400",
            "3.14159265358979323846",
            "0.12345678901234567",
            "-1045642467743651.3",
            "12345678901234567890123456789012345",
            "0.1000000000000000055511151231257827021181583404541015625",
            "1e99999999999999999999",
            "101694173208715.63",
        ] {
            assert!(matches!(read(text), Err(ValueError::InexactNumber(_))), "{text}");
        }
    }
}
