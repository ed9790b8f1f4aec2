//! Decimal numbers without rounding: what the four types of numbers in BSON have in common.
//!
//! A double has two meanings. As JSON it is the decimal number that it is shown as (0.1 is a tenth); to MongoDB it is
//! the binary number that it is (0.1 is a bit more). Each user of this file says which of the two it means.

use std::cmp::Ordering;

use bson::{Bson, Decimal128};

use super::number;

/// The most decimal digits of which every one fits a `u128`.
const MAX_DIGITS: u32 = 38;

/// The most digits that a Decimal128 has.
const DECIMAL128_DIGITS: u32 = 34;

/// The most significant digits that a double has, spelled out exactly.
const DOUBLE_DIGITS: usize = 767;

/// What is added to the exponent of a Decimal128 before it is stored (IEEE 754-2008, 3.6).
const DECIMAL128_BIAS: i32 = 6176;

/// A finite number: `coefficient · 10^exponent`. The coefficient does not end in a zero, and zero has one spelling
/// only, so that equal numbers are equal field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) struct Decimal {
    negative: bool,
    coefficient: u128,
    exponent: i32,
}

/// Any number that BSON can say, in MongoDB's order: what is no number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain) enum Magnitude {
    /// NaN of any kind.
    NotANumber,
    /// −∞.
    NegativeInfinity,
    /// What JSON can say.
    Finite(Decimal),
    /// +∞.
    Infinity,
}

impl Decimal {
    fn new(negative: bool, mut coefficient: u128, mut exponent: i32) -> Self {
        if coefficient == 0 {
            return Self { negative: false, coefficient, exponent: 0 };
        }
        while coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        Self { negative, coefficient, exponent }
    }

    /// Reads a JSON number of at most 38 significant digits.
    fn of_spelling(text: &str) -> Option<Self> {
        let (negative, digits, exponent) = number::decimal(text)?;
        let mut coefficient = 0_u128;
        for digit in digits {
            coefficient = coefficient.checked_mul(10)?.checked_add(u128::from(digit - b'0'))?;
        }
        Some(Self::new(negative, coefficient, i32::try_from(exponent).ok()?))
    }

    /// The number that a value is shown as, if it is shown as a number.
    pub(in crate::domain) fn as_shown(value: &Bson) -> Option<Self> {
        match value {
            Bson::Int32(n) => Some(i64::from(*n).into()),
            Bson::Int64(n) => Some((*n).into()),
            Bson::Double(n) if n.is_finite() => Self::of_spelling(&serde_json::to_string(n).ok()?),
            Bson::Decimal128(n) => number::shown_as_integer(*n).and_then(|text| Self::of_spelling(&text)),
            _ => None,
        }
    }

    /// The sum, where it fits; a sum that does not has more digits than any type keeps.
    pub(in crate::domain) fn checked_add(self, other: Self) -> Option<Self> {
        if self.coefficient == 0 {
            return Some(other);
        }
        if other.coefficient == 0 {
            return Some(self);
        }
        let exponent = self.exponent.min(other.exponent);
        let sum = self.scaled_to(exponent)?.checked_add(other.scaled_to(exponent)?)?;
        Some(Self::new(sum < 0, sum.unsigned_abs(), exponent))
    }

    /// The coefficient that goes with a smaller exponent.
    fn scaled_to(self, exponent: i32) -> Option<i128> {
        let factor = 10_u128.checked_pow(u32::try_from(self.exponent - exponent).ok()?)?;
        let scaled = i128::try_from(self.coefficient.checked_mul(factor)?).ok()?;
        Some(if self.negative { -scaled } else { scaled })
    }

    /// As an integer of at most `digits` digits, if it is one.
    pub(in crate::domain) fn to_integer(self, digits: u32) -> Option<String> {
        let zeros = usize::try_from(self.exponent).ok()?;
        let fits = self.digits() + zeros as u64 <= u64::from(digits);
        let sign = if self.negative { "-" } else { "" };
        fits.then(|| format!("{sign}{}{}", self.coefficient, "0".repeat(zeros)))
    }

    /// As a JSON number with an exponent.
    pub(in crate::domain) fn to_scientific(self) -> String {
        format!("{}{}e{}", if self.negative { "-" } else { "" }, self.coefficient, self.exponent)
    }

    /// How many digits the coefficient has.
    fn digits(self) -> u64 {
        u64::from(self.coefficient.checked_ilog10().map_or(0, |log| log + 1))
    }

    fn cmp_magnitude(self, other: Self) -> Ordering {
        // Where the first digit stands decides, unless it is the same.
        let place = |number: Self| i64::from(number.exponent) + number.digits() as i64;
        // Both with as many digits as there can be.
        let padded = |number: Self| number.coefficient * 10_u128.pow(MAX_DIGITS - number.digits() as u32);
        match (self.coefficient, other.coefficient) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            _ => place(self).cmp(&place(other)).then_with(|| padded(self).cmp(&padded(other))),
        }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::new(number < 0, u128::from(number.unsigned_abs()), 0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(*other),
            (true, true) => other.cmp_magnitude(*self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Magnitude {
    /// A double as the binary number that it is. What does not fit is told by a last digit, so that the order among
    /// doubles and those that a Decimal128 can say stays exact.
    pub(in crate::domain) fn of_double(number: f64) -> Self {
        if number.is_infinite() {
            return if number < 0.0 { Self::NegativeInfinity } else { Self::Infinity };
        }
        Self::digits_of(number).map_or(Self::NotANumber, Self::Finite)
    }

    fn digits_of(number: f64) -> Option<Decimal> {
        let spelled = format!("{:.*e}", DOUBLE_DIGITS - 1, number.abs());
        // What is no number has no exponent.
        let (digits, exponent) = spelled.split_once('e')?;
        let (kept, lost) = (digits.get(..38)?, digits.get(38..)?);
        let last = u8::from(lost.bytes().any(|digit| digit != b'0'));
        let sign = if number < 0.0 { "-" } else { "" };
        Decimal::of_spelling(&format!("{sign}{kept}{last}e{exponent}"))
    }
}

impl From<Decimal128> for Magnitude {
    /// Decodes the binary encoding (IEEE 754-2008, 3.5.2), in little-endian bytes as BSON has them.
    fn from(number: Decimal128) -> Self {
        let bits = u128::from_le_bytes(number.bytes());
        let negative = bits >> 127 == 1;
        match (bits >> 122) & 0x1f {
            0x1f => return Self::NotANumber,
            0x1e if negative => return Self::NegativeInfinity,
            0x1e => return Self::Infinity,
            // These would have a coefficient of more than 34 digits, which counts as zero.
            0x18.. => return Self::Finite(Decimal::new(false, 0, 0)),
            _ => {}
        }
        let exponent = ((bits >> 113) & 0x3fff) as i32 - DECIMAL128_BIAS;
        let coefficient = bits & ((1 << 113) - 1);
        let canonical = if coefficient < 10_u128.pow(DECIMAL128_DIGITS) { coefficient } else { 0 };
        Self::Finite(Decimal::new(negative, canonical, exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::of_spelling(text).expect("a decimal")
    }

    #[test]
    fn the_order_is_that_of_the_numbers() {
        let sorted =
            ["-1e40", "-12", "-1.5", "-1e-300", "0", "5e-324", "0.1", "0.11", "1", "9.99", "10", "1e38", "1e308"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(decimal(a).cmp(&decimal(b)), i.cmp(&j), "{a} {b}");
            }
        }
        for (a, b) in [("0", "-0.0"), ("1", "1.00"), ("100", "1e2"), ("0.5", "5e-1")] {
            assert_eq!(decimal(a), decimal(b));
        }
    }

    #[test]
    fn decimal128_is_decoded() {
        for text in ["0", "-0", "1", "-1.50", "1E+6111", "-9.999999999999999999999999999999999E+6144", "1E-6176", "0.1"]
        {
            let number: Decimal128 = text.parse().expect("a Decimal128");
            assert_eq!(Magnitude::from(number), Magnitude::Finite(decimal(text)), "{text}");
        }
        for (text, magnitude) in [
            ("NaN", Magnitude::NotANumber),
            ("Infinity", Magnitude::Infinity),
            ("-Infinity", Magnitude::NegativeInfinity),
        ] {
            assert_eq!(Magnitude::from(text.parse::<Decimal128>().expect("a Decimal128")), magnitude);
        }
    }

    #[test]
    fn doubles_are_what_they_are_or_what_they_are_shown_as() {
        assert_eq!(Decimal::as_shown(&Bson::Double(0.1)), Some(decimal("0.1")));
        let tenth = Magnitude::of_double(0.1);
        assert!(tenth > Magnitude::Finite(decimal("0.1000000000000000055511151231257827")));
        assert!(tenth < Magnitude::Finite(decimal("0.1000000000000000055511151231257828")));
        assert!(Magnitude::of_double(-0.1) < Magnitude::Finite(decimal("-0.1000000000000000055511151231257827")));
        assert!(Magnitude::of_double(5e-324) > Magnitude::Finite(decimal("4.940656458412465441765687928682213e-324")));
        assert_eq!(Magnitude::of_double(1e22), Magnitude::Finite(decimal("1e22")));
        assert_eq!(Magnitude::of_double(-0.0), Magnitude::Finite(decimal("0")));
        assert_eq!(Magnitude::of_double(-2.5), Magnitude::Finite(decimal("-2.5")));
        assert_eq!(Magnitude::of_double(f64::NEG_INFINITY), Magnitude::NegativeInfinity);
        assert_eq!(Magnitude::of_double(f64::INFINITY), Magnitude::Infinity);
        assert_eq!(Magnitude::of_double(f64::NAN), Magnitude::NotANumber);
    }

    #[test]
    fn sums_are_exact_or_none() {
        for (a, b, sum) in [
            ("0.1", "0.2", Some("0.3")),
            ("1", "-1", Some("0")),
            ("0.1", "-0.1", Some("0")),
            ("1e300", "0", Some("1e300")),
            ("9999999999999999999999999999999999", "1", Some("1e34")),
            ("1e300", "1", None),
            ("1e300", "-1e300", Some("0")),
        ] {
            assert_eq!(decimal(a).checked_add(decimal(b)), sum.map(decimal), "{a} + {b}");
        }
    }
}
