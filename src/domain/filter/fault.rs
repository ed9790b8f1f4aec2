//! What is wrong with a filter, and where.

use thiserror::Error;

use super::{MAX_BYTES, MAX_LIST, MAX_NESTING, MAX_PREFIX, MAX_TESTS, ValueError};
use crate::domain::value::MAX_DEPTH;

/// Why a text is no [`Filter`](super::Filter).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at {at:?} of the filter: {what}")]
pub struct FilterError {
    /// The offending part: a JSON pointer (RFC 6901) into the filter.
    pub at: String,
    /// What is wrong with it.
    pub what: FilterFault,
}

/// What can be wrong with a filter.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FilterFault {
    /// The text is too long.
    #[error("a filter has at most {MAX_BYTES} bytes")]
    TooLong,
    /// The text is no JSON, or says something that no value says.
    #[error(transparent)]
    Json(ValueError),
    /// Filters and operators are members of objects.
    #[error("a filter is an object")]
    NotAnObject,
    /// Something that begins with `$` and is no operator, or not one that may stand here.
    #[error("{0} is no operator that may stand here")]
    UnknownOperator(String),
    /// An object is a value or a test; this one looks like both.
    #[error("operators and other members do not go together")]
    Mixed,
    /// A value to be equal to has a member like an operator.
    #[error("a name that begins with $, within a value: use $eq where this is meant, or a path (a.b) before operators")]
    OperatorInValue,
    /// `$not` takes operators.
    #[error("$not takes an object of operators")]
    NotOperators,
    /// `$and` and `$or` take filters.
    #[error("a list of at least one filter is expected")]
    NotFilters,
    /// `$in` and `$nin` take lists.
    #[error("a list of at most {MAX_LIST} values is expected")]
    NotAList,
    /// `$prefix` takes a string.
    #[error("a string of at most {MAX_PREFIX} bytes is expected")]
    NotAPrefix,
    /// `$exists` takes true or false.
    #[error("true or false is expected")]
    NotABoolean,
    /// A path with an empty part (`a..b`), or with too many.
    #[error("a path has 1 to {MAX_DEPTH} parts between dots, none of them empty")]
    BadPath,
    /// Nested too deep.
    #[error("$and, $or and $not are nested at most {MAX_NESTING} deep")]
    TooDeep,
    /// Too many tests.
    #[error("a filter has at most {MAX_TESTS} tests")]
    TooMany,
}
