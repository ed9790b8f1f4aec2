//! Any JSON at all, with a liking for what databases stumble over.
//!
//! Texts are made in the spelling that a value is shown in, so that what comes back can be compared byte for byte.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// JSON texts: any kind of value, nested up to six levels.
pub(super) fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned),
        integer(),
        fraction(),
        any_text().prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let members = vec((member_name(), inner.clone()), 0..8);
        prop_oneof![vec(inner, 0..8).prop_map(|items| format!("[{}]", items.join(","))), members.prop_map(object)]
    })
}

/// Integers of up to 34 digits.
fn integer() -> impl Strategy<Value = String> {
    let any_length = "-?[1-9][0-9]{0,33}";
    prop_oneof![any::<i32>().prop_map(|n| n.to_string()), any::<i64>().prop_map(|n| n.to_string()), any_length]
}

/// Finite doubles in their shortest spelling.
fn fraction() -> impl Strategy<Value = String> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    (POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO)
        .prop_map(|n| serde_json::to_string(&n).expect("a finite number can be written"))
}

fn any_text() -> impl Strategy<Value = String> {
    let nasty = vec!["$", "$$ROOT", "\0", "a\0b", "\u{ffff}", "\u{10ffff}", "\u{1f600}", "\u{202e}", "\"\\/\u{7f}"];
    prop_oneof![
        vec(any::<char>(), 0..20).prop_map(String::from_iter),
        select(nasty).prop_map(str::to_owned),
        "[ -~]{0,20}",
    ]
}

fn member_name() -> impl Strategy<Value = String> {
    let nasty = vec![
        "",
        "_id",
        "$set",
        "$ref",
        "$id",
        "$db",
        "$oid",
        "$date",
        "$numberLong",
        "$literal",
        "a.b",
        ".",
        "..",
        "$",
        "0",
        "v",
        "value",
        "$.",
    ];
    prop_oneof![
        3 => select(nasty).prop_map(str::to_owned),
        // A NUL is the one character that no name can have.
        1 => any_text().prop_map(|text| text.replace('\0', "")),
    ]
}

/// Of members with one name the first stays: no object may name a member twice.
fn object(members: Vec<(String, String)>) -> String {
    let mut names = Vec::new();
    let mut texts = Vec::new();
    for (name, value) in members {
        if !names.contains(&name) {
            texts.push(format!("{}:{value}", quoted(&name)));
            names.push(name);
        }
    }
    format!("{{{}}}", texts.join(","))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written")
}
