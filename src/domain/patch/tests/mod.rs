//! What patches and increments make of values, and what they refuse.

mod increment;
mod json;
mod merge;

use bson::{Bson, Document, raw::RawDocumentBuf};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Enough for whatever is tried here.
const PLENTY: usize = 1 << 20;

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes(), PLENTY).unwrap_or_else(|e| panic!("{json}: {e}"))
}

fn text(value: &Value) -> String {
    String::from_utf8(value.to_json().expect("renders")).expect("UTF-8")
}

/// A value that another tool wrote.
fn foreign(members: Document) -> Value {
    let raw =
        RawDocumentBuf::try_from(&Document::from_iter([("v".to_owned(), Bson::Document(members))])).expect("BSON");
    Value::from_bson(raw.get("v").expect("sound").expect("is there"))
}

/// Small values whose members often have the same names.
fn any_value() -> impl Strategy<Value = String> {
    let scalars = vec!["null", "true", "0", "1", "1.5", "18446744073709551616", "\"\"", "\"x\""];
    select(scalars).prop_map(str::to_owned).prop_recursive(3, 24, 4, |inner| {
        let name = select(vec!["a", "b", "c", "", "0", "~/"]);
        let members = vec((name, inner.clone()), 0..4).prop_map(|members| {
            let mut names = Vec::new();
            let mut texts = Vec::new();
            for (name, value) in members {
                if !names.contains(&name) {
                    names.push(name);
                    texts.push(format!("\"{name}\":{value}"));
                }
            }
            format!("{{{}}}", texts.join(","))
        });
        prop_oneof![2 => members, 1 => vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(",")))]
    })
}
