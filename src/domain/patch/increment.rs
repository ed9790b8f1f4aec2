//! Adding to a number.

use std::fmt;

use bson::Bson;
use thiserror::Error;

use crate::domain::value::{Decimal, keep};
use crate::domain::{Value, ValueError};

/// What is added to a number, and what a missing one counts as.
///
/// It reckons with the decimal numbers that JSON shows, without rounding: 0.1 and 0.2 make 0.3. The sum is a fraction
/// (`1.0`) where one of the two is and a double keeps it, otherwise an integer.
#[derive(Clone, PartialEq)]
pub struct Increment {
    by: Term,
    initial: Term,
}

/// Why a number was not added to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IncrementError {
    /// This part of the increment is no number.
    #[error("{0} is no number")]
    Operand(&'static str),
    /// The value is no number.
    #[error("the value is no number")]
    NotANumber,
    /// No type of number keeps the sum exactly.
    #[error("the sum cannot be kept exactly")]
    Inexact,
    /// The value is damaged.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// A number, and whether it is written with a fraction or an exponent.
#[derive(Clone, Copy, PartialEq)]
struct Term {
    number: Decimal,
    fraction: bool,
}

impl Increment {
    /// Adds `by`, or 1; a missing value counts as `initial`, or 0.
    ///
    /// # Errors
    /// [`IncrementError::Operand`].
    pub fn new(by: Option<&Value>, initial: Option<&Value>) -> Result<Self, IncrementError> {
        let operand = |value: Option<&Value>, absent: i64, name| match value {
            Some(value) => Term::of(value)?.ok_or(IncrementError::Operand(name)),
            None => Ok(Term { number: absent.into(), fraction: false }),
        };
        Ok(Self { by: operand(by, 1, "by")?, initial: operand(initial, 0, "initial")? })
    }

    /// The sum of a value, or of what a missing one counts as, and what is added.
    ///
    /// # Errors
    /// [`IncrementError::NotANumber`], [`IncrementError::Inexact`], [`IncrementError::Value`].
    pub fn apply(&self, value: Option<&Value>) -> Result<Value, IncrementError> {
        let present = match value {
            Some(value) => Term::of(value)?.ok_or(IncrementError::NotANumber)?,
            None => self.initial,
        };
        let sum = present.number.checked_add(self.by.number).ok_or(IncrementError::Inexact)?;
        let sum = keep(sum, present.fraction || self.by.fraction).ok_or(IncrementError::Inexact)?;
        // A number has no size that could be too large.
        Ok(Value::from_tree(sum.into(), usize::MAX)?)
    }
}

/// Shows nothing: the numbers are as much somebody's as the value is.
impl fmt::Debug for Increment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Increment").finish_non_exhaustive()
    }
}

impl Term {
    /// `None` for what is not shown as a number.
    fn of(value: &Value) -> Result<Option<Self>, ValueError> {
        let tree = value.to_tree()?;
        let fraction = matches!(tree, Bson::Double(_));
        Ok(Decimal::as_shown(&tree).map(|number| Self { number, fraction }))
    }
}
