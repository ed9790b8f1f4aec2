//! Equality as JSON (RFC 6902, 4.6): numbers by their value, objects whatever the order of their members.

use bson::raw::RawBson;
use bson::{Bson, Document};

use crate::domain::Value;
use crate::domain::value::Decimal;

/// Whether what is stored is shown as JSON that is equal to `expected`.
pub(super) fn are_equal(stored: &Bson, expected: &Bson) -> bool {
    match (stored, expected) {
        (Bson::Null, Bson::Null) => true,
        (Bson::Boolean(a), Bson::Boolean(b)) => a == b,
        (Bson::String(a), Bson::String(b)) => a == b,
        (Bson::Array(a), Bson::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(stored, expected)| are_equal(stored, expected))
        }
        (Bson::Document(a), Bson::Document(b)) => are_equal_objects(a, b),
        _ => match (Decimal::as_shown(stored), Decimal::as_shown(expected)) {
            (Some(a), Some(b)) => a == b,
            (None, None) => is_shown_as(stored, expected),
            _ => false,
        },
    }
}

/// No name occurs twice in an object, so that as many members that are all in the other one are the same.
fn are_equal_objects(stored: &Document, expected: &Document) -> bool {
    stored.len() == expected.len()
        && stored.iter().all(|(name, value)| expected.get(name).is_some_and(|expected| are_equal(value, expected)))
}

/// What JSON does not have is shown as extended JSON, which is an object.
fn is_shown_as(stored: &Bson, expected: &Bson) -> bool {
    if matches!(stored, Bson::Document(_)) || !matches!(expected, Bson::Document(_)) {
        return false;
    }
    let shown = RawBson::try_from(stored.clone()).ok().and_then(|raw| {
        let json = Value::from_bson(raw.as_raw_bson_ref()).to_json().ok()?;
        Value::from_json(&json, usize::MAX).ok()?.to_tree().ok()
    });
    shown.is_some_and(|shown| matches!(shown, Bson::Document(_)) && are_equal(&shown, expected))
}
