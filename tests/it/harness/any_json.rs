//! Any JSON at all, with a liking for what databases stumble over.
//!
//! [`any_json`] gives texts in the spelling that a value is shown in, so that what comes back can be compared byte for
//! byte; [`any_spelling`] gives them as anybody may send them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// JSON texts: any kind of value, nested up to six levels.
pub(crate) fn any_json() -> impl Strategy<Value = String> {
    nested(prop_oneof![atom(), integer(), fraction(), any_text().prop_map(|text| quoted(&text, 0))].boxed(), 1, &[""])
}

/// The same with blanks, with escapes, and with numbers in all their shapes, of which not every one can be kept.
pub(crate) fn any_spelling() -> impl Strategy<Value = String> {
    let text = (any_text(), 0..SPELLINGS).prop_map(|(text, spelling)| quoted(&text, spelling));
    let leaf = prop_oneof![4 => atom(), 2 => integer(), 2 => fraction(), 3 => number(), 6 => text];
    nested(leaf.boxed(), SPELLINGS, &["", " ", "\r\n\t"])
}

fn atom() -> impl Strategy<Value = String> {
    select(vec!["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned)
}

/// Arrays and objects of leaves, with names in so many spellings and with one of these blanks between everything.
fn nested(
    leaf: BoxedStrategy<String>,
    spellings: usize,
    blanks: &'static [&'static str],
) -> impl Strategy<Value = String> {
    leaf.prop_recursive(6, 64, 8, move |inner| {
        let members = vec((member_name(), 0..spellings, inner.clone()), 0..8);
        prop_oneof![
            (vec(inner, 0..8), select(blanks)).prop_map(|(items, blank)| between(blank, '[', &items, ']')),
            (members, select(blanks)).prop_map(|(members, blank)| object(members, blank)),
        ]
    })
}

/// Numbers in every shape that JSON has (RFC 8259, 6).
fn number() -> impl Strategy<Value = String> {
    let odd = vec![
        "-0",
        "0e0",
        "-0.0e-0",
        "1E5",
        "1e+05",
        "100e-2",
        "0.10",
        "4.350",
        "1e23",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "9007199254740993",
        "9007199254740993.0",
        "-1045642467743651.2",
        "-1045642467743651.3",
        "1e309",
        "1e-400",
        "0e999999999999",
        "1000000000000000000000000000000000000000",
    ];
    prop_oneof![
        1 => select(odd).prop_map(str::to_owned),
        4 => "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?",
        1 => "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?",
    ]
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
fn object(members: Vec<(String, usize, String)>, blank: &str) -> String {
    let mut names = Vec::new();
    let mut texts = Vec::new();
    for (name, spelling, value) in members {
        if !names.contains(&name) {
            texts.push(format!("{}{blank}:{blank}{value}", quoted(&name, spelling)));
            names.push(name);
        }
    }
    between(blank, '{', &texts, '}')
}

fn between(blank: &str, open: char, items: &[String], close: char) -> String {
    format!("{open}{blank}{}{blank}{close}", items.join(&format!("{blank},{blank}")))
}

/// How many spellings of a text there are.
const SPELLINGS: usize = 3;

/// A text as it is shown, or with an escape for every character, or with one for those that need none.
fn quoted(text: &str, spelling: usize) -> String {
    let shown = serde_json::to_string(text).expect("a text can be written");
    match spelling {
        0 => shown,
        1 => format!("\"{}\"", text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>()),
        _ => shown.replace('/', "\\/").replace('e', "\\u0065"),
    }
}
