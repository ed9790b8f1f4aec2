//! Adding to a number.

use bson::Decimal128;

use super::*;

fn added(present: Option<&str>, by: Option<&str>, initial: Option<&str>) -> Result<String, IncrementError> {
    let [present, by, initial] = [present, by, initial].map(|json| json.map(value));
    let increment = Increment::new(by.as_ref(), initial.as_ref())?;
    increment.apply(present.as_ref()).map(|sum| text(&sum))
}

fn sum(a: &str, b: &str) -> Result<String, IncrementError> {
    let sum = added(Some(a), Some(b), None);
    assert_eq!(added(Some(b), Some(a), None), sum, "the other way round");
    sum
}

#[test]
fn a_missing_value_counts_as_the_initial_one() {
    assert_eq!(added(None, None, None).as_deref(), Ok("1"));
    assert_eq!(added(None, Some("5"), Some("-2")).as_deref(), Ok("3"));
    assert_eq!(added(Some("7"), None, Some("100")).as_deref(), Ok("8"));
    assert_eq!(added(None, Some("0"), Some("0.5")).as_deref(), Ok("0.5"));
}

#[test]
fn integers_are_exact_up_to_34_digits() {
    for (a, b, result) in [
        ("1", "-1", "0"),
        ("2147483647", "1", "2147483648"),
        ("-2147483648", "-1", "-2147483649"),
        ("2147483648", "-1", "2147483647"),
        ("9007199254740993", "2", "9007199254740995"),
        ("9223372036854775807", "1", "9223372036854775808"),
        ("9223372036854775808", "-1", "9223372036854775807"),
        ("-9223372036854775808", "-1", "-9223372036854775809"),
        ("9999999999999999999999999999999998", "1", "9999999999999999999999999999999999"),
        ("9999999999999999999999999999999999", "-9999999999999999999999999999999999", "0"),
        ("1000000000000000000000000000000000", "0", "1000000000000000000000000000000000"),
    ] {
        assert_eq!(sum(a, b).as_deref(), Ok(result), "{a} + {b}");
    }
    assert_eq!(sum("9999999999999999999999999999999999", "1"), Err(IncrementError::Inexact));
    assert_eq!(sum("-9999999999999999999999999999999999", "-1"), Err(IncrementError::Inexact));
}

#[test]
fn a_sum_takes_the_smallest_type() {
    for (a, b, kind) in [
        ("2147483647", "1", Bson::Int64(2_147_483_648)),
        ("2147483648", "-1", Bson::Int32(i32::MAX)),
        ("9223372036854775808", "-1", Bson::Int64(i64::MAX)),
        ("0.5", "0.5", Bson::Double(1.0)),
    ] {
        let sum = Increment::new(Some(&value(b)), None).and_then(|by| by.apply(Some(&value(a)))).expect("a sum");
        assert_eq!(sum.to_tree(), Ok(kind));
    }
}

#[test]
fn fractions_are_decimal_numbers() {
    for (a, b, result) in [
        ("0.1", "0.2", "0.3"),
        ("0.1", "-0.1", "0.0"),
        ("1", "0.5", "1.5"),
        ("1.5", "0.5", "2.0"),
        ("1", "1.0", "2.0"),
        ("0.3333333333333333", "0.1", "0.4333333333333333"),
        ("1e300", "2e300", "3e+300"),
        ("1e300", "0", "1e+300"),
        ("5e-324", "-5e-324", "0.0"),
        ("-0.0", "0", "0.0"),
        // Where no double keeps it, an integer may.
        ("9007199254740992.0", "1", "9007199254740993"),
        ("1e22", "1", "10000000000000000000001"),
    ] {
        assert_eq!(sum(a, b).as_deref(), Ok(result), "{a} + {b}");
    }
    for (a, b) in [
        ("1e300", "1"),
        ("1", "1e-300"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
        ("9007199254740992", "0.1"),
        ("9999999999999999999999999999999999", "0.5"),
        ("0.30000000000000004", "1"),
    ] {
        assert_eq!(sum(a, b), Err(IncrementError::Inexact), "{a} + {b}");
    }
}

#[test]
fn what_is_no_number_is_told() {
    for other in ["null", "true", r#""1""#, "[]", "[1]", "{}"] {
        assert_eq!(added(Some(other), None, None), Err(IncrementError::NotANumber), "{other}");
        assert_eq!(added(Some("1"), Some(other), None), Err(IncrementError::Operand("by")), "{other}");
        assert_eq!(added(None, None, Some(other)), Err(IncrementError::Operand("initial")), "{other}");
    }
    for (number, is_shown_as_one) in [
        (Bson::Double(f64::NAN), false),
        (Bson::Double(f64::INFINITY), false),
        (Bson::Decimal128("1.50".parse::<Decimal128>().expect("a Decimal128")), false),
        (Bson::Decimal128("1E+3".parse::<Decimal128>().expect("a Decimal128")), false),
        (Bson::Decimal128("41".parse::<Decimal128>().expect("a Decimal128")), true),
        (Bson::Int64(41), true),
    ] {
        let stored = Value::from_tree(number, usize::MAX).expect("a value");
        let sum = Increment::new(None, None).and_then(|one| one.apply(Some(&stored)));
        let expected = if is_shown_as_one { Ok("42".to_owned()) } else { Err(IncrementError::NotANumber) };
        assert_eq!(sum.map(|sum| text(&sum)), expected);
    }
}

proptest! {
    /// Sums of integers are what they are.
    #[test]
    fn integers_add_up(a in any::<i64>(), b in any::<i64>()) {
        let expected = (i128::from(a) + i128::from(b)).to_string();
        prop_assert_eq!(sum(&a.to_string(), &b.to_string()), Ok(expected));
    }

    /// Sums of amounts are what people reckon.
    #[test]
    fn cents_add_up(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
        let amount = |cents: i64| {
            let sign = if cents < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
        };
        let expected = if a + b == 0 { "0.0".to_owned() } else { text(&value(&amount(a + b))) };
        prop_assert_eq!(sum(&amount(a), &amount(b)), Ok(expected));
    }

    /// What was added can be taken away again.
    #[test]
    fn there_and_back(a in 1..9_999_999_i32, b in -9_999_999..9_999_999_i32, e in -9..9_i32, f in -9..9_i32) {
        let [start, by, minus_by] = [(a, e), (b, f), (-b, f)].map(|(digits, exponent)| format!("{digits}e{exponent}"));
        // The digits may lie too far apart for any sum to keep them.
        if let Ok(there) = sum(&start, &by) {
            let back = sum(&there, &minus_by).map(|number| value(&number));
            prop_assert_eq!(back, Ok(value(&start)));
        }
    }
}
