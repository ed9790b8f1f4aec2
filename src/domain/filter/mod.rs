//! Filters: which values are wanted, said in MongoDB's query language.
//!
//! * A filter is read from JSON into types first ([`Filter::parse`]); MongoDB gets what is made of the types, never
//!   what came in.
//! * [`Filter::matches`] answers what MongoDB answers for the same filter and value, odd answers too. The conformance
//!   suite holds the two against each other.
//! * The language: a path names a place in the value (`{"address.city":"Paris"}`), with a value that must be there, or
//!   with the operators `$eq $ne $gt $gte $lt $lte $in $nin $exists $prefix $not`; `$and` and `$or` take lists of
//!   filters. What stands side by side must all hold. An operator without a path (`{"$gte":10}`) is about the value as
//!   a whole.
//! * Two things that MongoDB allows are refused, because they are mostly mistakes: operators deep in a value that must
//!   be equal (`{"a":{"b":{"$gt":1}}}`; `$eq` takes any value as it is), and `$exists` with anything but `true` or
//!   `false`.

mod fault;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod matching;
mod order;
mod parse;
mod path;

use std::fmt;

use bson::{Bson, RawBsonRef};

pub use fault::{FilterError, FilterFault};
pub use path::Path;

use super::ValueError;

/// The longest text of a filter, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// The deepest nesting of `$and`, `$or` and `$not`.
pub const MAX_NESTING: usize = 16;

/// The most tests in a filter.
pub const MAX_TESTS: usize = 100;

/// The longest list of `$in` or `$nin`.
pub const MAX_LIST: usize = 1000;

/// The longest prefix, in bytes. MongoDB looks for it with a regular expression, and those have a limit.
pub const MAX_PREFIX: usize = 1024;

/// Which values are wanted.
#[derive(Clone, PartialEq)]
pub struct Filter(Condition);

/// What must hold of a value.
#[derive(Clone, PartialEq)]
pub enum Condition {
    /// All of these, of which there may be none.
    All(Vec<Self>),
    /// One of these at least.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// What the path leads to passes the test. Where it leads through or to an array: one of the elements, or the array
    /// as a whole.
    At(Path, Test),
}

/// A test of one place in a value.
#[derive(Clone, PartialEq)]
pub enum Test {
    /// It stands so to a value of the same kind. A missing one equals null.
    Compares(Comparison, Literal),
    /// It equals one of these.
    OneOf(Vec<Literal>),
    /// It is there.
    Exists,
    /// It is a string that begins so.
    Prefix(String),
}

/// How one value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal; numbers by their value, whatever their types.
    Equal,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
}

/// A value that a filter compares with: what JSON can say, and nothing else.
#[derive(Clone, PartialEq)]
pub struct Literal(Bson);

impl Filter {
    /// Reads a filter from a JSON object.
    ///
    /// # Errors
    /// [`FilterError`], which names the place.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::filter(text).map(Self)
    }

    /// Whether a stored value is wanted.
    ///
    /// # Errors
    /// [`ValueError::Damaged`] when the value is no BSON.
    pub fn matches(&self, value: RawBsonRef<'_>) -> Result<bool, ValueError> {
        self.0.holds(value)
    }

    /// What must hold.
    #[must_use]
    pub const fn condition(&self) -> &Condition {
        &self.0
    }
}

/// Shows nothing: what somebody looks for is as much theirs as the values are.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").finish_non_exhaustive()
    }
}

impl Literal {
    /// The value as BSON.
    #[must_use]
    pub const fn as_bson(&self) -> &Bson {
        &self.0
    }
}

#[cfg(test)]
mod tests;
