//! BSON → JSON text, in one pass.

use bson::{Bson, RawArray, RawBsonRef, RawDocument, error::Error as BsonError};
use serde::Serialize;

use super::{ValueError, number};

/// Appends `value` to `out` as JSON.
pub(super) fn to_json(value: RawBsonRef<'_>, out: &mut Vec<u8>) -> Result<(), ValueError> {
    match value {
        RawBsonRef::Null => out.extend_from_slice(b"null"),
        RawBsonRef::Boolean(b) => plain(&b, out),
        RawBsonRef::Int32(n) => plain(&n, out),
        RawBsonRef::Int64(n) => plain(&n, out),
        RawBsonRef::Double(n) if n.is_finite() => plain(&n, out),
        RawBsonRef::String(text) => plain(text, out),
        RawBsonRef::Decimal128(n) => return decimal(n, out),
        RawBsonRef::Document(members) => return object(members, out),
        RawBsonRef::Array(items) => return array(items, out),
        foreign => return extended(foreign, out),
    }
    Ok(())
}

fn damaged(error: &BsonError) -> ValueError {
    ValueError::Damaged(error.to_string())
}

/// Scalars and strings, in serde_json's spelling (shortest for floats). Writing to a Vec cannot fail.
fn plain<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, value);
}

fn decimal(value: bson::Decimal128, out: &mut Vec<u8>) -> Result<(), ValueError> {
    if let Some(text) = number::shown_as_integer(value) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    extended(RawBsonRef::Decimal128(value), out)
}

fn object(members: &RawDocument, out: &mut Vec<u8>) -> Result<(), ValueError> {
    out.push(b'{');
    let mut first = true;
    for member in members.iter() {
        let (name, value) = member.map_err(|e| damaged(&e))?;
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        plain(name.as_str(), out);
        out.push(b':');
        to_json(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn array(items: &RawArray, out: &mut Vec<u8>) -> Result<(), ValueError> {
    out.push(b'[');
    let mut first = true;
    for item in items {
        let value = item.map_err(|e| damaged(&e))?;
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        to_json(value, out)?;
    }
    out.push(b']');
    Ok(())
}

/// BSON types that JSON does not have, which only other tools write.
fn extended(value: RawBsonRef<'_>, out: &mut Vec<u8>) -> Result<(), ValueError> {
    let value = Bson::try_from(value).map_err(|e| damaged(&e))?;
    plain(&value.into_relaxed_extjson(), out);
    Ok(())
}
