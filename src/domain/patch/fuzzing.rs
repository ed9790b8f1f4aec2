//! What holds of patches, whatever comes in: a patch, and on the lines below it the value to apply it to, both in JSON.
//!
//! What is held against ours are merge patches and JSON patches on serde_json's values, in a few lines each. They round
//! numbers, but all of them alike.

use bson::Bson;
use serde_json::Value as Json;

use super::json::Action;
use super::{Increment, IncrementError, JsonPatch, Patch, PatchError};
use crate::domain::value::Decimal;
use crate::domain::{Value, ValueError};

/// More than any input has, or makes of itself.
const ENOUGH: usize = 1 << 24;

/// All three kinds of patches, as far as the text is one.
pub fn patch(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (patch, value) = text.split_once('\n').unwrap_or((text, "null"));
    let read = Value::from_json(patch.as_bytes(), ENOUGH);
    let value = Value::from_json(value.as_bytes(), ENOUGH).ok();
    assert_eq!(Patch::parse_merge(patch.as_bytes(), ENOUGH).is_ok(), read.is_ok());
    if let (Ok(patch), Some(value)) = (&read, &value) {
        merge(patch, value);
        increment(patch, value);
    }
    if let (Ok(Patch::Json(patch)), Some(value)) = (Patch::parse_json(patch.as_bytes(), ENOUGH), &value) {
        json(&patch, value);
    }
}

/// Merging does what the RFC says, once and for all, and needs nothing to begin with.
fn merge(patch: &Value, value: &Value) {
    let merges = Patch::merge(patch).expect("sound");
    let merged = merges.apply(Some(value), ENOUGH).expect("no deeper than the deeper of the two");
    assert_eq!(merges.apply(Some(&merged), ENOUGH).as_ref(), Ok(&merged), "a second time changes nothing");
    assert_eq!(shown(&merged), theirs_merged(Some(shown(value)), &shown(patch)));
    let alone = merges.apply(None, ENOUGH).expect("no deeper than it is");
    assert_eq!(shown(&alone), theirs_merged(None, &shown(patch)));
    assert!(merges.work(value.as_stored().len()).is_some_and(|work| work >= value.as_stored().len()));
}

fn theirs_merged(target: Option<Json>, patch: &Json) -> Json {
    let Json::Object(changes) = patch else { return patch.clone() };
    let mut members = match target {
        Some(Json::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    for (name, change) in changes {
        match members.remove(name) {
            _ if change.is_null() => {}
            member => drop(members.insert(name.clone(), theirs_merged(member, change))),
        }
    }
    Json::Object(members)
}

/// Operations do what the RFC says, and the same one by one as all together.
fn json(patch: &JsonPatch, value: &Value) {
    let whole = Patch::Json(patch.clone());
    let outcome = whole.apply(Some(value), ENOUGH);
    assert_eq!(whole.apply(Some(value), ENOUGH), outcome);
    assert_eq!(whole.apply(None, ENOUGH), Err(PatchError::Nothing));
    let mut here = value.clone();
    let mut theirs = Some(shown(value));
    for (index, operation) in patch.0.iter().enumerate() {
        theirs = theirs.and_then(|json| theirs_changed(json, &operation.action, &operation.path.to_string()));
        match Patch::Json(JsonPatch(vec![operation.clone()])).apply(Some(&here), ENOUGH) {
            Ok(changed) => here = changed,
            Err(error) => {
                assert_eq!(outcome, Err(at(index, error.clone())));
                assert!(theirs.is_none() || !matches!(error, PatchError::NoSuchPath { .. }));
                return;
            }
        }
        assert_eq!(Some(shown(&here)), theirs);
    }
    match outcome {
        Ok(patched) => assert_eq!(patched, here),
        // Copied together, not one by one.
        Err(error) => assert_eq!(error, PatchError::Value(ValueError::TooLarge(crate::domain::value::MAX_BSON_BYTES))),
    }
}

/// What an operation that stands alone says of itself, where it stands among others.
fn at(place: usize, error: PatchError) -> PatchError {
    match error {
        PatchError::Test { path, .. } => PatchError::Test { index: place, path },
        PatchError::NoSuchPath { path, .. } => PatchError::NoSuchPath { index: place, path },
        other => other,
    }
}

/// A `test` is let pass: numbers that are rounded are equal too often.
fn theirs_changed(mut json: Json, action: &Action, path: &str) -> Option<Json> {
    match action {
        Action::Add(value) => theirs_added(&mut json, path, theirs(value))?,
        Action::Remove => drop(theirs_removed(&mut json, path)?),
        Action::Replace(value) => *json.pointer_mut(path)? = theirs(value),
        Action::Move(from) if from.to_string() == path => drop(json.pointer(path)?),
        Action::Move(from) => {
            let value = theirs_removed(&mut json, &from.to_string())?;
            theirs_added(&mut json, path, value)?;
        }
        Action::Copy(from) => {
            let value = json.pointer(&from.to_string())?.clone();
            theirs_added(&mut json, path, value)?;
        }
        Action::Test(_) => drop(json.pointer(path)?),
    }
    Some(json)
}

/// Where a path ends: what it leads through, and the last name.
fn theirs_parent<'j>(json: &'j mut Json, path: &str) -> Option<(&'j mut Json, String)> {
    let (parents, last) = path.rsplit_once('/')?;
    Some((json.pointer_mut(parents)?, last.replace("~1", "/").replace("~0", "~")))
}

fn theirs_index(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    name.parse().ok().filter(|_| plain)
}

fn theirs_added(json: &mut Json, path: &str, value: Json) -> Option<()> {
    if path.is_empty() {
        *json = value;
        return Some(());
    }
    match theirs_parent(json, path)? {
        (Json::Object(members), name) => drop(members.insert(name, value)),
        (Json::Array(items), name) if name == "-" => items.push(value),
        (Json::Array(items), name) => {
            let index = theirs_index(&name).filter(|index| *index <= items.len())?;
            items.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

fn theirs_removed(json: &mut Json, path: &str) -> Option<Json> {
    match theirs_parent(json, path)? {
        (Json::Object(members), name) => members.remove(&name),
        (Json::Array(items), name) => {
            let index = theirs_index(&name).filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

/// A sum is the sum whichever way round, and takes back what is added to it.
fn increment(by: &Value, value: &Value) {
    let Ok(increment) = Increment::new(Some(by), Some(value)) else { return };
    let sum = increment.apply(None);
    assert_eq!(increment.apply(Some(value)), sum, "nothing counts as what is said to be there initially");
    let turned = Increment::new(Some(value), Some(by)).expect("both are numbers");
    assert_eq!(turned.apply(None), sum);
    let Ok(sum) = sum else { return };
    assert_eq!(Value::from_json(&sum.to_json().expect("sound"), ENOUGH).as_ref(), Ok(&sum));
    let by = String::from_utf8(by.to_json().expect("sound")).expect("JSON is UTF-8");
    let back = by.strip_prefix('-').map_or_else(|| format!("-{by}"), str::to_owned);
    let back = Value::from_json(back.as_bytes(), ENOUGH).expect("a number");
    let before = Increment::new(Some(&back), None).and_then(|increment| increment.apply(Some(&sum)));
    match before {
        Ok(before) => assert_eq!(number(&before), number(value)),
        // An integer stays one, also where only a double reaches as far as what was there.
        Err(error) => assert_eq!(error, IncrementError::Inexact),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    Decimal::as_shown(&value.to_tree().expect("sound"))
}

fn shown(value: &Value) -> Json {
    serde_json::from_slice(&value.to_json().expect("sound")).expect("JSON, not too deep")
}

fn theirs(tree: &Bson) -> Json {
    shown(&Value::from_tree(tree.clone(), ENOUGH).expect("no deeper than a value"))
}
