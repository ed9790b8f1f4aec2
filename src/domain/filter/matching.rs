//! Whether a filter wants a value.

use std::cmp::Ordering;

use bson::{Bson, RawBsonRef, error::Error as BsonError};

use super::order::{compare, kind};
use super::{Comparison, Condition, Literal, Test};
use crate::domain::ValueError;
use crate::domain::value::Magnitude;

impl Condition {
    pub(super) fn holds(&self, value: RawBsonRef<'_>) -> Result<bool, ValueError> {
        match self {
            Self::All(conditions) => {
                for condition in conditions {
                    if !condition.holds(value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(value)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(condition) => condition.holds(value).map(|holds| !holds),
            Self::At(path, test) => path.leads_to(value, &mut |found| test.passes(found)),
        }
    }
}

impl Test {
    /// Whether what stands at one place, or nothing, passes.
    fn passes(&self, found: Option<RawBsonRef<'_>>) -> Result<bool, ValueError> {
        match self {
            Self::Compares(comparison, literal) => comparison.holds(found, literal),
            Self::OneOf(literals) => {
                for literal in literals {
                    if Comparison::Equal.holds(found, literal)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Exists => Ok(found.is_some()),
            Self::Prefix(prefix) => Ok(match found {
                Some(RawBsonRef::String(text) | RawBsonRef::Symbol(text)) => text.starts_with(prefix),
                _ => false,
            }),
        }
    }
}

impl Comparison {
    fn holds(self, found: Option<RawBsonRef<'_>>, Literal(literal): &Literal) -> Result<bool, ValueError> {
        let found = match found {
            // What is missing is like null; so is the deprecated `undefined`, until MongoDB 8.
            None | Some(RawBsonRef::Undefined) if *literal == Bson::Null => return Ok(self.fits(Ordering::Equal)),
            None => return Ok(false),
            // By itself, NaN is neither more nor less than a number; within an object or array it comes first.
            Some(found) if is_nan(found) => return Ok(false),
            Some(found) => found,
        };
        // Only what is of one kind can be compared.
        if kind(found.element_type()) != kind(literal.element_type()) {
            return Ok(false);
        }
        Ok(self.fits(compare(found, literal)?))
    }

    fn fits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }
}

/// No number, in either of the types that say so. A literal never is.
fn is_nan(value: RawBsonRef<'_>) -> bool {
    match value {
        RawBsonRef::Double(n) => n.is_nan(),
        RawBsonRef::Decimal128(n) => Magnitude::from(n) == Magnitude::NotANumber,
        _ => false,
    }
}

pub(super) fn damaged(error: &BsonError) -> ValueError {
    ValueError::Damaged(error.to_string())
}
