//! MongoDB's order of values: first by kind, then within the kind.
//!
//! All numbers are one kind and are compared by their value. Strings are compared by their bytes. Objects are compared
//! member by member in their order (kind, then name, then value), arrays element by element; what ends first is less.
//! <https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/>

use std::cmp::Ordering;

use bson::spec::ElementType;
use bson::{Bson, Document, RawArray, RawBsonRef, RawDocument};

use super::matching::damaged;
use crate::domain::ValueError;
use crate::domain::value::Magnitude;

/// The kind of a type, in MongoDB's order. Those that JSON does not have are never compared any further.
pub(super) const fn kind(element: ElementType) -> u8 {
    match element {
        ElementType::MinKey => 0,
        ElementType::Undefined => 1,
        ElementType::Null => 5,
        ElementType::Double | ElementType::Int32 | ElementType::Int64 | ElementType::Decimal128 => 10,
        ElementType::String | ElementType::Symbol => 15,
        ElementType::EmbeddedDocument => 20,
        ElementType::Array => 25,
        ElementType::Binary => 30,
        ElementType::ObjectId => 35,
        ElementType::Boolean => 40,
        ElementType::DateTime => 45,
        ElementType::Timestamp => 47,
        ElementType::RegularExpression => 50,
        ElementType::DbPointer => 55,
        ElementType::JavaScriptCode => 60,
        ElementType::JavaScriptCodeWithScope => 65,
        ElementType::MaxKey => 127,
    }
}

/// How a stored value stands to one that JSON can say.
pub(super) fn compare(stored: RawBsonRef<'_>, literal: &Bson) -> Result<Ordering, ValueError> {
    let by_kind = kind(stored.element_type()).cmp(&kind(literal.element_type()));
    if by_kind.is_ne() {
        return Ok(by_kind);
    }
    Ok(match (stored, literal) {
        (RawBsonRef::String(a) | RawBsonRef::Symbol(a), Bson::String(b)) => a.cmp(b),
        (RawBsonRef::Boolean(a), Bson::Boolean(b)) => a.cmp(b),
        (RawBsonRef::Document(a), Bson::Document(b)) => return compare_objects(a, b),
        (RawBsonRef::Array(a), Bson::Array(b)) => return compare_arrays(a, b),
        (a, b) => compare_numbers(a, b),
    })
}

fn compare_objects(stored: &RawDocument, literal: &Document) -> Result<Ordering, ValueError> {
    let mut others = literal.iter();
    for member in stored.iter() {
        let (name, value) = member.map_err(|e| damaged(&e))?;
        let Some((other_name, other)) = others.next() else { return Ok(Ordering::Greater) };
        let by_kind = kind(value.element_type()).cmp(&kind(other.element_type()));
        let by_name = by_kind.then_with(|| name.as_str().cmp(other_name));
        if by_name.is_ne() {
            return Ok(by_name);
        }
        let by_value = compare(value, other)?;
        if by_value.is_ne() {
            return Ok(by_value);
        }
    }
    Ok(if others.next().is_some() { Ordering::Less } else { Ordering::Equal })
}

fn compare_arrays(stored: &RawArray, literal: &[Bson]) -> Result<Ordering, ValueError> {
    let mut others = literal.iter();
    for item in stored {
        let Some(other) = others.next() else { return Ok(Ordering::Greater) };
        let by_value = compare(item.map_err(|e| damaged(&e))?, other)?;
        if by_value.is_ne() {
            return Ok(by_value);
        }
    }
    Ok(if others.next().is_some() { Ordering::Less } else { Ordering::Equal })
}

/// A number as it is stored.
#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Double(f64),
    Decimal(bson::Decimal128),
}

/// Compares numbers; what is none is null on both sides.
fn compare_numbers(stored: RawBsonRef<'_>, literal: &Bson) -> Ordering {
    let stored = match stored {
        RawBsonRef::Int32(n) => Number::Integer(n.into()),
        RawBsonRef::Int64(n) => Number::Integer(n),
        RawBsonRef::Double(n) => Number::Double(n),
        RawBsonRef::Decimal128(n) => Number::Decimal(n),
        _ => return Ordering::Equal,
    };
    let literal = match literal {
        Bson::Int32(n) => Number::Integer((*n).into()),
        Bson::Int64(n) => Number::Integer(*n),
        Bson::Double(n) => Number::Double(*n),
        Bson::Decimal128(n) => Number::Decimal(*n),
        _ => return Ordering::Equal,
    };
    match (stored, literal) {
        (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
        (Number::Integer(a), Number::Double(b)) => compare_mixed(b, a).reverse(),
        (Number::Double(a), Number::Integer(b)) => compare_mixed(a, b),
        (Number::Double(a), Number::Double(b)) => compare_doubles(a, b),
        (a, b) => a.magnitude().cmp(&b.magnitude()),
    }
}

impl Number {
    fn magnitude(self) -> Magnitude {
        match self {
            Self::Integer(n) => Magnitude::Finite(n.into()),
            Self::Double(n) => Magnitude::of_double(n),
            Self::Decimal(n) => n.into(),
        }
    }
}

/// What is no number comes before every number; the two zeros are equal.
fn compare_doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// Without turning the integer into a double, which would round it.
fn compare_mixed(double: f64, integer: i64) -> Ordering {
    /// 2^63, the first integer that is too large.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if double >= END {
        Ordering::Greater
    } else if double >= -END {
        // What is cut off decides only where the rest is equal.
        (double.trunc() as i64).cmp(&integer).then_with(|| compare_doubles(double.fract(), 0.0))
    } else {
        // Less, or no number.
        Ordering::Less
    }
}
