//! Paths into a value, and what they lead to.
//!
//! This follows the iterator of MongoDB's matcher (`src/mongo/db/matcher/path.cpp`, `BSONElementIterator`), because
//! which places a path visits decides what a filter answers. Through an array a path leads to each of its objects, and
//! where a part is the number of an element, to that element as well. From an array directly within an array it does
//! not go on, unless a number said so.

use std::fmt;

use bson::{RawArray, RawBsonRef};

use super::matching::damaged;
use crate::domain::ValueError;
use crate::domain::value::MAX_DEPTH;

/// A place in a value: names of members and numbers of elements. Without any it is the value as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

/// Looks at what stands at one place, or at nothing; `true` ends the search.
type Look<'l> = dyn FnMut(Option<RawBsonRef<'_>>) -> Result<bool, ValueError> + 'l;

impl Path {
    /// The path to the value as a whole.
    pub(super) const WHOLE: Self = Self(Vec::new());

    /// Reads parts between dots. There is no way to name a member with a dot in it, or without a name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        (parts.len() <= MAX_DEPTH && parts.iter().all(|part| !part.is_empty())).then_some(Self(parts))
    }

    /// The parts, from the outside in.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Whether one of the places that the path leads to is what is looked for.
    pub(super) fn leads_to(&self, value: RawBsonRef<'_>, look: &mut Look<'_>) -> Result<bool, ValueError> {
        visit(value, &self.0, look)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

fn visit(value: RawBsonRef<'_>, path: &[String], look: &mut Look<'_>) -> Result<bool, ValueError> {
    match (value, path) {
        // The elements first, then the array as a whole.
        (RawBsonRef::Array(items), []) => {
            for item in items {
                if look(Some(item.map_err(|e| damaged(&e))?))? {
                    return Ok(true);
                }
            }
            look(Some(value))
        }
        (RawBsonRef::Array(items), path) => visit_elements(items, path, look),
        (value, []) => look(Some(value)),
        (RawBsonRef::Document(members), [name, rest @ ..]) => {
            match members.get(name.as_str()).map_err(|e| damaged(&e))? {
                Some(member) => visit(member, rest, look),
                None => look(None),
            }
        }
        _ => look(None),
    }
}

/// Looks on from the elements of an array; at nothing, where none of them leads on.
fn visit_elements(items: &RawArray, path: &[String], look: &mut Look<'_>) -> Result<bool, ValueError> {
    let Some((first, rest)) = path.split_first() else { return Ok(false) };
    for (index, item) in items.into_iter().enumerate() {
        let item = item.map_err(|e| damaged(&e))?;
        if matches!(item, RawBsonRef::Document(_)) && visit(item, path, look)? {
            return Ok(true);
        }
        if !is_number(first, index) {
            continue;
        }
        let found = match item {
            // The last part is the number: what is there is not taken apart, even if it is an array.
            _ if rest.is_empty() => look(Some(item))?,
            RawBsonRef::Document(_) => visit(item, rest, look)?,
            RawBsonRef::Array(inner) => visit_elements(inner, rest, look)?,
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a part says this index, without leading zeros.
fn is_number(part: &str, index: usize) -> bool {
    // Most parts are names, and this is asked for every element.
    part.starts_with(|c: char| c.is_ascii_digit()) && part == index.to_string()
}
