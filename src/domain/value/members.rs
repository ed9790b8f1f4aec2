//! Taking a JSON object apart without reading what is in it.

use std::collections::HashSet;
use std::ops::Range;

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType};

use super::ValueError;

/// The members of a JSON object: their names, and where in the text their values stand.
///
/// # Errors
/// [`ValueError::Syntax`] for what is no object, [`ValueError::DuplicateMember`], and for values that nobody reads that
/// deep or that far [`ValueError::TooDeep`] or [`ValueError::InexactNumber`].
pub fn members(text: &str) -> Result<Vec<(String, Range<usize>)>, ValueError> {
    let mut json = Jiter::new(text.as_bytes());
    let mut names = HashSet::new();
    let mut members = Vec::new();
    let owned = |name: Option<&str>| name.map(str::to_owned);
    let mut next = json.next_object().map(owned).map_err(|error| syntax(&error))?;
    while let Some(name) = next {
        let peek = json.peek().map_err(|error| syntax(&error))?;
        let start = json.current_index();
        json.known_skip(peek).map_err(|error| unread(&error))?;
        if !names.insert(name.clone()) {
            return Err(ValueError::DuplicateMember(name));
        }
        members.push((name, start..json.current_index()));
        next = json.next_key().map(owned).map_err(|error| syntax(&error))?;
    }
    json.finish().map_err(|error| syntax(&error))?;
    Ok(members)
}

/// The elements of a JSON array: where in the text they stand.
///
/// # Errors
/// As [`members`], for what is no array.
pub fn items(text: &str) -> Result<Vec<Range<usize>>, ValueError> {
    let mut json = Jiter::new(text.as_bytes());
    let mut items = Vec::new();
    let mut next = json.next_array().map_err(|error| syntax(&error))?;
    while let Some(peek) = next {
        let start = json.current_index();
        json.known_skip(peek).map_err(|error| unread(&error))?;
        items.push(start..json.current_index());
        next = json.array_step().map_err(|error| syntax(&error))?;
    }
    json.finish().map_err(|error| syntax(&error))?;
    Ok(items)
}

/// The text of a JSON string.
///
/// # Errors
/// [`ValueError::Syntax`] for everything else.
pub fn string(json: &[u8]) -> Result<String, ValueError> {
    Jiter::new(json).next_str().map(str::to_owned).map_err(|error| syntax(&error))
}

fn syntax(error: &JiterError) -> ValueError {
    ValueError::Syntax(error.to_string())
}

/// Why a member was not read to its end. It may be JSON all the same.
fn unread(error: &JiterError) -> ValueError {
    match error.error_type {
        JiterErrorType::JsonError(JsonErrorType::RecursionLimitExceeded) => ValueError::TooDeep,
        JiterErrorType::JsonError(JsonErrorType::NumberOutOfRange) => {
            ValueError::InexactNumber("of more than 4300 digits".to_owned())
        }
        _ => syntax(error),
    }
}
