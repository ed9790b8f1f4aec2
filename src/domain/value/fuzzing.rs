//! What holds of JSON and of stored bytes, whatever comes in. serde_json, which rounds numbers but reads the same
//! grammar, is what the reading is held against.

use bson::Bson;
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::{MAX_DEPTH, Value, ValueError, depth, items, members, pretty, string};

/// More than any input has.
const ENOUGH: usize = 1 << 24;

/// A JSON text: read as serde_json reads it or refused for a reason, and the same again after it was shown.
pub fn json(data: &[u8]) {
    let theirs = serde_json::from_slice::<Json>(data).ok();
    let read = Value::from_json(data, ENOUGH);
    assert_eq!(Value::from_json(data, data.len()), read, "the limit is the length that is still taken");
    if let Some(less) = data.len().checked_sub(1) {
        assert_eq!(Value::from_json(data, less), Err(ValueError::TooLarge(less)));
    }
    match &read {
        Ok(value) => {
            let theirs = theirs.expect("what is read is JSON");
            let shown = shown(value);
            let again = Value::from_json(&shown, ENOUGH).expect("what is shown is read");
            assert_eq!(again.as_stored(), value.as_stored());
            assert_eq!(serde_json::from_slice::<Json>(&shown).ok(), Some(theirs));
            comes_back(value, &shown);
        }
        Err(ValueError::Syntax(why)) => assert_eq!(theirs, None, "JSON, but refused: {why}"),
        Err(_) => {}
    }
    if let Ok(text) = str::from_utf8(data) {
        parts(text, read.ok().as_ref());
    }
}

/// Bytes as a store keeps them, which something else may have written: shown as JSON, or damaged.
pub fn bson(data: &[u8]) {
    let value = Value::from_stored(Bytes::copy_from_slice(data));
    let Ok(shown) = value.to_json() else { return };
    let text = str::from_utf8(&shown).expect("JSON is UTF-8");
    assert!(is_json(text), "{text}");
    let bson = value.as_bson().expect("what is shown is BSON");
    assert_eq!(shown, self::shown(&Value::from_bson(bson)));
    // Something else may have nested it deeper, or named a member twice, of which a tree keeps one.
    if let Ok(tree) = value.to_tree()
        && let Ok(kept) = Value::from_tree(tree, usize::MAX)
    {
        assert!(is_json(str::from_utf8(&self::shown(&kept)).expect("JSON is UTF-8")));
    }
}

/// Through BSON, through a tree, and laid out, a value stays what it is.
fn comes_back(value: &Value, shown: &[u8]) {
    assert_eq!(&Value::from_stored(value.as_stored().clone()), value);
    assert_eq!(&Value::from_bson(value.as_bson().expect("sound")), value);
    let tree = value.to_tree().expect("sound");
    assert!(depth(&tree) <= MAX_DEPTH);
    assert_eq!(Value::from_tree(tree.clone(), shown.len()).as_ref(), Ok(value));
    if let Some(less) = shown.len().checked_sub(1) {
        assert_eq!(Value::from_tree(tree, less), Err(ValueError::TooLarge(less)));
    }
    let laid_out = pretty(str::from_utf8(shown).expect("JSON is UTF-8"));
    assert_eq!(Value::from_json(laid_out.as_bytes(), ENOUGH).as_ref(), Ok(value));
}

/// An object and an array are taken apart into what a value has: the same names, and as many elements.
fn parts(text: &str, value: Option<&Value>) {
    let tree = value.map(|value| value.to_tree().expect("sound"));
    let read = |json: &str| Value::from_json(json.as_bytes(), ENOUGH).and_then(|value| value.to_tree());
    if let Ok(members) = members(text) {
        assert!(items(text).is_err());
        if let Some(Bson::Document(tree)) = &tree {
            assert!(tree.keys().eq(members.iter().map(|(name, _)| name)));
            assert!(members.iter().all(|(name, place)| read(&text[place.clone()]).as_ref().ok() == tree.get(name)));
        }
    }
    if let Ok(items) = items(text)
        && let Some(Bson::Array(tree)) = &tree
    {
        assert!(items.iter().map(|place| read(&text[place.clone()])).eq(tree.iter().cloned().map(Ok)));
    }
    match &tree {
        Some(Bson::Document(_)) => assert!(members(text).is_ok()),
        Some(Bson::Array(_)) => assert!(items(text).is_ok()),
        Some(Bson::String(read)) => assert_eq!(string(text.as_bytes()).as_ref(), Ok(read)),
        _ => {}
    }
}

fn shown(value: &Value) -> Vec<u8> {
    value.to_json().expect("sound")
}

/// Whether the grammar is kept, at any depth.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
