//! Patches: what is to become of a value, said as a difference.
//!
//! * [`Patch::Merge`] is a JSON merge patch (RFC 7396), [`Patch::Json`] a JSON patch (RFC 6902), [`Increment`] adds to
//!   a number.
//! * They work on the BSON of a [`Value`], so that no number is rounded on the way; the crates for JSON patches work on
//!   serde_json's values, which keep neither long integers nor what other tools wrote.
//! * A patch is applied as a whole or not at all: what is given is never changed, and the result is a new value.
//! * Members keep their order; new ones come last. What the patch does not touch stays as it is, BSON that JSON does
//!   not have included.

mod apply;
mod equality;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod increment;
mod json;
mod merge;
mod pointer;

use thiserror::Error;

pub use increment::{Increment, IncrementError};
pub use json::JsonPatch;
pub use merge::MergePatch;

use super::value::MAX_DEPTH;
use super::{Value, ValueError};

/// The most operations of a JSON patch.
pub const MAX_OPERATIONS: usize = 1000;

/// What is to become of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// RFC 7396: the members to set, and null for those to remove.
    Merge(MergePatch),
    /// RFC 6902: operations, one after the other.
    Json(JsonPatch),
}

/// Why a patch is none, or cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatchError {
    /// It is JSON, but no patch.
    #[error("at {at:?} of the patch: {what}")]
    Malformed {
        /// The offending part: a JSON pointer (RFC 6901) into the patch.
        at: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The text is no JSON, or the result is no value: too large or too deep.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// There is no value to apply it to.
    #[error("there is nothing to patch")]
    Nothing,
    /// What a `test` expects is not there.
    #[error("operation {index} failed: the value at {path:?} is another one")]
    Test {
        /// The number of the operation, from 0.
        index: usize,
        /// The JSON pointer of the place.
        path: String,
    },
    /// An operation needs a place that is not there.
    #[error("operation {index} failed: there is no place {path:?}")]
    NoSuchPath {
        /// The number of the operation, from 0.
        index: usize,
        /// The JSON pointer of the place.
        path: String,
    },
}

impl Patch {
    /// Reads a merge patch from a JSON text of at most `max_bytes` bytes. Any JSON is one.
    ///
    /// # Errors
    /// [`PatchError::Value`].
    pub fn parse_merge(text: &[u8], max_bytes: usize) -> Result<Self, PatchError> {
        Self::merge(&Value::from_json(text, max_bytes)?)
    }

    /// Reads a JSON patch from a JSON text of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// [`PatchError::Value`], [`PatchError::Malformed`].
    pub fn parse_json(text: &[u8], max_bytes: usize) -> Result<Self, PatchError> {
        /// Every value of a patch stands within an operation, which stands in a list.
        const AROUND: usize = 2;
        Self::json(&Value::from_nested_json(text, max_bytes, MAX_DEPTH + AROUND)?)
    }

    /// Takes a value for a merge patch.
    ///
    /// # Errors
    /// [`PatchError::Value`] when it is damaged.
    pub fn merge(patch: &Value) -> Result<Self, PatchError> {
        Ok(Self::Merge(MergePatch::new(patch.to_tree()?)))
    }

    /// Takes a value for a JSON patch.
    ///
    /// # Errors
    /// [`PatchError::Malformed`], or [`PatchError::Value`] when it is damaged.
    pub fn json(patch: &Value) -> Result<Self, PatchError> {
        JsonPatch::new(patch.to_tree()?).map(Self::Json)
    }

    /// What becomes of a value, or of nothing, if its JSON has at most `max_bytes` bytes.
    ///
    /// # Errors
    /// All but [`PatchError::Malformed`]; [`PatchError::Nothing`] for a JSON patch only.
    pub fn apply(&self, value: Option<&Value>, max_bytes: usize) -> Result<Value, PatchError> {
        let tree = value.map(Value::to_tree).transpose()?;
        let patched = match (self, tree) {
            (Self::Merge(patch), tree) => patch.apply(tree),
            (Self::Json(patch), Some(tree)) => patch.apply(tree)?,
            (Self::Json(_), None) => return Err(PatchError::Nothing),
        };
        Ok(Value::from_tree(patched, max_bytes)?)
    }

    /// Roughly how much work it is to apply it to a value of so many bytes of BSON, in bytes that are looked at. `None`
    /// where copies of the value into itself may multiply it.
    #[must_use]
    pub fn work(&self, bytes: usize) -> Option<usize> {
        match self {
            Self::Merge(patch) => Some(bytes.saturating_add(patch.size())),
            Self::Json(patch) => patch.work(bytes),
        }
    }
}

#[cfg(test)]
mod tests;
