//! Values: any JSON, kept as BSON, without loss.
//!
//! * What goes in comes back equal, or is refused: integers of any size up to 34 digits, other numbers where their
//!   decimal spelling is exactly what an `f64` gives back, strings with every character, members in their order.
//! * A document that merely looks like extended JSON (`{"$oid": …}`) is an ordinary document.
//! * BSON that other tools wrote (dates, object ids, …) is shown as relaxed extended JSON.

mod decimal;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod members;
mod number;
mod parse;
mod pretty;
mod render;
mod tree;

use std::fmt;

pub use members::{items, members, string};
pub use pretty::pretty;

use bson::{RawBsonRef, RawDocument, raw::RawDocumentBuf};
use bytes::Bytes;
use thiserror::Error;

pub(super) use decimal::{Decimal, Magnitude};
pub(super) use number::keep;
pub(super) use tree::{depth, size};

/// The deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 64;

/// The largest encoded value, so that it fits a MongoDB document (16 MiB) together with what is kept beside it.
pub const MAX_BSON_BYTES: usize = 16 * 1024 * 1024 - 16 * 1024;

/// Any JSON value.
///
/// Inside it is a BSON document with one element, named `v`. Copies are cheap: they share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(Bytes);

/// Why a value is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The text is no JSON (RFC 8259).
    #[error("not JSON: {0}")]
    Syntax(String),
    /// Larger than the limit, in bytes.
    #[error("the value is larger than {0} bytes")]
    TooLarge(usize),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A number that would come back as another one.
    #[error("the number {0} cannot be kept exactly; send it as a string")]
    InexactNumber(String),
    /// An object that names a member twice.
    #[error("the member {0:?} occurs twice in one object")]
    DuplicateMember(String),
    /// A member name with a NUL, which BSON cannot spell.
    #[error("a member name contains a NUL character")]
    NulInName,
    /// Stored bytes that are no value.
    #[error("the stored value is damaged: {0}")]
    Damaged(String),
}

impl Value {
    /// Reads a JSON text of at most `max_bytes` bytes.
    ///
    /// # Errors
    /// [`ValueError`], by the rules at the top of the module.
    pub fn from_json(text: &[u8], max_bytes: usize) -> Result<Self, ValueError> {
        Self::from_nested_json(text, max_bytes, MAX_DEPTH)
    }

    /// Reads a JSON text that may be nested so deep, because values stand within it.
    pub(in crate::domain) fn from_nested_json(
        text: &[u8],
        max_bytes: usize,
        max_depth: usize,
    ) -> Result<Self, ValueError> {
        if text.len() > max_bytes {
            return Err(ValueError::TooLarge(max_bytes));
        }
        let encoded = parse::to_bson(text, max_depth)?;
        if encoded.len() > MAX_BSON_BYTES {
            return Err(ValueError::TooLarge(MAX_BSON_BYTES));
        }
        Ok(Self(encoded.into()))
    }

    /// Appends the value as JSON to `out`.
    ///
    /// # Errors
    /// [`ValueError::Damaged`] when the stored bytes are no BSON.
    pub fn write_json(&self, out: &mut Vec<u8>) -> Result<(), ValueError> {
        render::to_json(self.as_bson()?, out)
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// [`ValueError::Damaged`] when the stored bytes are no BSON.
    pub fn to_json(&self) -> Result<Vec<u8>, ValueError> {
        let mut out = Vec::with_capacity(self.0.len());
        self.write_json(&mut out)?;
        Ok(out)
    }

    /// Takes over a BSON value that was read from a database.
    #[must_use]
    pub fn from_bson(value: RawBsonRef<'_>) -> Self {
        let mut document = RawDocumentBuf::new();
        document.append(parse::ELEMENT, value);
        Self(document.into_bytes().into())
    }

    /// The value as BSON.
    ///
    /// # Errors
    /// [`ValueError::Damaged`] when the stored bytes are no BSON.
    pub fn as_bson(&self) -> Result<RawBsonRef<'_>, ValueError> {
        let damaged = |error: bson::error::Error| ValueError::Damaged(error.to_string());
        let document = RawDocument::from_bytes(&self.0).map_err(damaged)?;
        let (_, value) =
            document.iter().next().ok_or_else(|| ValueError::Damaged("empty".to_owned()))?.map_err(damaged)?;
        Ok(value)
    }

    /// The bytes a store keeps: a BSON document with the one element `v`.
    #[must_use]
    pub const fn as_stored(&self) -> &Bytes {
        &self.0
    }

    /// Takes over bytes that [`Value::as_stored`] gave.
    #[must_use]
    pub const fn from_stored(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

/// Shows the size only: a value belongs to its owner, and `Debug` ends up in logs.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests;
