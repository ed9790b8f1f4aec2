//! JSON patch.

use bson::{DateTime, doc, oid::ObjectId};

use super::*;
use crate::domain::value::MAX_BSON_BYTES;

fn parsed(patch: &str) -> Result<Patch, PatchError> {
    Patch::parse_json(patch.as_bytes(), PLENTY)
}

fn patched(target: &str, patch: &str) -> Result<String, PatchError> {
    parsed(patch)?.apply(Some(&value(target)), PLENTY).map(|value| text(&value))
}

fn no_such_path(index: usize, path: &str) -> Result<String, PatchError> {
    Err(PatchError::NoSuchPath { index, path: path.to_owned() })
}

fn malformed(patch: &str) -> (String, &'static str) {
    match parsed(patch) {
        Err(PatchError::Malformed { at, what }) => (at, what),
        other => panic!("{patch}: {other:?}"),
    }
}

#[test]
fn the_examples_of_rfc_6902_appendix_a_that_succeed() {
    for (section, target, patch, result) in [
        ("1", r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz","value":"qux"}]"#, r#"{"foo":"bar","baz":"qux"}"#),
        (
            "2",
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        ("3", r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#),
        ("4", r#"{"foo":["bar","qux","baz"]}"#, r#"[{"op":"remove","path":"/foo/1"}]"#, r#"{"foo":["bar","baz"]}"#),
        (
            "5",
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            "6",
            r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
        ),
        (
            "7",
            r#"{"foo":["all","grass","cows","eat"]}"#,
            r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            r#"{"foo":["all","cows","eat","grass"]}"#,
        ),
        (
            "8",
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
            r#"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
        ),
        (
            "10",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            r#"{"foo":"bar","child":{"grandchild":{}}}"#,
        ),
        (
            "11",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        ("14", r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":10}]"#, r#"{"/":9,"~1":10}"#),
        (
            "16",
            r#"{"foo":["bar"]}"#,
            r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            r#"{"foo":["bar",["abc","def"]]}"#,
        ),
    ] {
        assert_eq!(patched(target, patch).as_deref(), Ok(result), "A.{section}");
    }
}

#[test]
fn the_examples_of_rfc_6902_appendix_a_that_fail() {
    let test = |index, path: &str| Err(PatchError::Test { index, path: path.to_owned() });
    let a9 = patched(r#"{"baz":"qux"}"#, r#"[{"op":"test","path":"/baz","value":"bar"}]"#);
    assert_eq!(a9, test(0, "/baz"));
    let a12 = patched(r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz/bat","value":"qux"}]"#);
    assert_eq!(a12, no_such_path(0, "/baz/bat"));
    let a13 = parsed(r#"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#);
    assert_eq!(a13, Err(PatchError::Value(ValueError::DuplicateMember("op".to_owned()))));
    let a15 = patched(r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":"10"}]"#);
    assert_eq!(a15, test(0, "/~01"));
}

#[test]
fn pointers_follow_rfc_6901() {
    let target = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
    for (path, found) in [
        ("/foo", r#"["bar","baz"]"#),
        ("/foo/0", r#""bar""#),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        (r"/i\\j", "5"),
        (r#"/k\"l"#, "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
        ("", target),
    ] {
        let patch = format!(r#"[{{"op":"test","path":"{path}","value":{found}}}]"#);
        assert_eq!(patched(target, &patch).as_deref(), Ok(target), "{path}");
    }
    assert_eq!(patched("[1]", r#"[{"op":"remove","path":"/x~1~0"}]"#), no_such_path(0, "/x~1~0"));
    for path in ["a", "a/b", "/~", "/~2", "/a~", "#/a"] {
        let patch = format!(r#"[{{"op":"remove","path":"{path}"}}]"#);
        assert_eq!(malformed(&patch), ("/0/path".to_owned(), "a JSON pointer is expected"), "{path}");
    }
}

#[test]
fn elements_are_counted_strictly() {
    for (path, result) in [("/0", "[9,1,2]"), ("/1", "[1,9,2]"), ("/2", "[1,2,9]"), ("/-", "[1,2,9]")] {
        let patch = format!(r#"[{{"op":"add","path":"{path}","value":9}}]"#);
        assert_eq!(patched("[1,2]", &patch).as_deref(), Ok(result), "{path}");
    }
    for part in ["3", "01", "00", "-1", "+1", "1e0", "1.0", "", "a", " 1", "１", "99999999999999999999999"] {
        for operation in [r#""op":"add","value":9"#, r#""op":"replace","value":9"#, r#""op":"remove""#] {
            let patch = format!(r#"[{{"path":"/{part}",{operation}}}]"#);
            assert_eq!(patched("[1,2]", &patch), no_such_path(0, &format!("/{part}")), "{patch}");
        }
    }
    for operation in [r#""op":"remove""#, r#""op":"replace","value":1"#, r#""op":"test","value":1"#] {
        assert_eq!(patched("[1]", &format!(r#"[{{"path":"/-",{operation}}}]"#)), no_such_path(0, "/-"));
        assert_eq!(patched("[1]", &format!(r#"[{{"path":"/1",{operation}}}]"#)), no_such_path(0, "/1"));
    }
    assert_eq!(patched(r#"{"-":1,"01":2}"#, r#"[{"op":"remove","path":"/-"}]"#).as_deref(), Ok(r#"{"01":2}"#));
}

#[test]
fn the_whole_value_is_a_place() {
    for (patch, result) in [
        (r#"[{"op":"add","path":"","value":null}]"#, "null"),
        (r#"[{"op":"replace","path":"","value":[1]},{"op":"add","path":"/0","value":0}]"#, "[0,1]"),
        (r#"[{"op":"copy","from":"","path":"/b"}]"#, r#"{"a":{"c":1},"b":{"a":{"c":1}}}"#),
        (r#"[{"op":"move","from":"/a","path":""}]"#, r#"{"c":1}"#),
        (r#"[{"op":"move","from":"","path":""}]"#, r#"{"a":{"c":1}}"#),
        (r#"[{"op":"move","from":"/a","path":"/a"}]"#, r#"{"a":{"c":1}}"#),
        ("[]", r#"{"a":{"c":1}}"#),
    ] {
        assert_eq!(patched(r#"{"a":{"c":1}}"#, patch).as_deref(), Ok(result), "{patch}");
    }
    assert_eq!(parsed("[]").and_then(|patch| patch.apply(None, PLENTY)), Err(PatchError::Nothing));
}

#[test]
fn members_keep_their_places() {
    let target = r#"{"c":1,"b":18446744073709551616,"a":-0.0}"#;
    for (patch, result) in [
        (r#"[{"op":"add","path":"/b","value":2}]"#, r#"{"c":1,"b":2,"a":-0.0}"#),
        (r#"[{"op":"replace","path":"/c","value":1.10}]"#, r#"{"c":1.1,"b":18446744073709551616,"a":-0.0}"#),
        (r#"[{"op":"remove","path":"/c"}]"#, r#"{"b":18446744073709551616,"a":-0.0}"#),
        (r#"[{"op":"move","from":"/b","path":"/$d"}]"#, r#"{"c":1,"a":-0.0,"$d":18446744073709551616}"#),
    ] {
        assert_eq!(patched(target, patch).as_deref(), Ok(result), "{patch}");
    }
}

#[test]
fn a_test_compares_as_json() {
    let holds = |stored: &str, expected: &str| {
        let patch = format!(r#"[{{"op":"test","path":"","value":{expected}}}]"#);
        match patched(stored, &patch) {
            Ok(same) => same == stored,
            Err(PatchError::Test { index: 0, path }) if path.is_empty() => false,
            Err(other) => panic!("{other}"),
        }
    };
    for (a, b) in [
        ("1", "1.0"),
        ("100", "1e2"),
        ("0", "-0"),
        ("1e+22", "10000000000000000000000"),
        ("1e+23", "100000000000000000000000"),
        ("18446744073709551616", "18446744073709551616"),
        (r#"{"a":1,"b":[{"c":2,"d":3}]}"#, r#"{"b":[{"d":3.0,"c":2}],"a":1}"#),
        ("[]", "[]"),
        (r#""é""#, r#""\u00e9""#),
    ] {
        assert!(holds(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("1", r#""1""#),
        ("0", "false"),
        ("null", "false"),
        ("9007199254740993", "9007199254740992"),
        ("0.1", "0.10000000000000002"),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("{}", "[]"),
        (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
        (r#"{"a":1,"b":2}"#, r#"{"a":1}"#),
        (r#"{"a":null}"#, r#"{"b":null}"#),
        (r#""a""#, r#""A""#),
        (r#""a""#, r#"{"$symbol":"a"}"#),
    ] {
        assert!(!holds(a, b) && !holds(b, a), "{a} {b}");
    }
}

#[test]
fn what_json_does_not_have_is_left_alone() {
    let id = ObjectId::parse_str("0123456789abcdef01234567").expect("an id");
    let before = foreign(doc! { "id": id, "n": f64::NAN, "at": [DateTime::from_millis(5)] });
    let patch = r#"[
        {"op":"test","path":"/id","value":{"$oid":"0123456789abcdef01234567"}},
        {"op":"test","path":"/n","value":{"$numberDouble":"NaN"}},
        {"op":"copy","from":"/id","path":"/at/0"},
        {"op":"move","from":"/n","path":"/m"}
    ]"#;
    let after = parsed(patch).and_then(|patch| patch.apply(Some(&before), PLENTY));
    assert_eq!(after, Ok(foreign(doc! { "id": id, "at": [id, DateTime::from_millis(5)], "m": f64::NAN })));
    for (path, refusal) in [
        ("/id", PatchError::Test { index: 0, path: "/id".to_owned() }),
        ("/id/$oid", PatchError::NoSuchPath { index: 0, path: "/id/$oid".to_owned() }),
    ] {
        let patch = format!(r#"[{{"op":"test","path":"{path}","value":"0123456789abcdef01234567"}}]"#);
        assert_eq!(parsed(&patch).and_then(|patch| patch.apply(Some(&before), PLENTY)), Err(refusal));
    }
}

#[test]
fn what_is_no_patch_is_refused_at_its_place() {
    for (patch, at, what) in [
        ("{}", "", "a list of operations is expected"),
        ("[1]", "/0", "an object is expected"),
        (r#"[{"path":""}]"#, "/0/op", "a string is expected"),
        (r#"[{"op":"test"}]"#, "/0/path", "a string is expected"),
        (r#"[{"op":"remove","path":"/a"},{"op":"add","path":"/a"}]"#, "/1/value", "a value is expected"),
        (r#"[{"op":"copy","path":"/a"}]"#, "/0/from", "a string is expected"),
        (r#"[{"op":"move","path":"/a","from":1}]"#, "/0/from", "a string is expected"),
        (
            r#"[{"op":"ADD","path":"/a","value":1}]"#,
            "/0/op",
            "one of add, remove, replace, move, copy, test is expected",
        ),
        (r#"[{"op":"remove","path":""}]"#, "/0/path", "the whole value cannot be removed"),
        (r#"[{"op":"move","from":"/a","path":"/a/b"}]"#, "/0/path", "nothing can be moved into itself"),
        (r#"[{"op":"move","from":"","path":"/a"}]"#, "/0/path", "nothing can be moved into itself"),
    ] {
        assert_eq!(malformed(patch), (at.to_owned(), what), "{patch}");
    }
    let many = |count: usize| format!("[{}]", vec![r#"{"op":"test","path":"","value":1}"#; count].join(","));
    assert_eq!(patched("1", &many(MAX_OPERATIONS)).as_deref(), Ok("1"));
    assert_eq!(malformed(&many(MAX_OPERATIONS + 1)).1, "too many operations");
    assert!(matches!(parsed("[{]"), Err(PatchError::Value(ValueError::Syntax(_)))));
    // Next to each other, places with a common beginning are no places within each other.
    assert_eq!(patched(r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/ab"}]"#).as_deref(), Ok(r#"{"ab":1}"#));
}

#[test]
fn nothing_of_a_patch_that_fails_is_left() {
    let before = value(r#"{"a":1}"#);
    let patch = r#"[{"op":"replace","path":"/a","value":2},{"op":"test","path":"/a","value":1}]"#;
    let failed = parsed(patch).and_then(|patch| patch.apply(Some(&before), PLENTY));
    assert_eq!(failed, Err(PatchError::Test { index: 1, path: "/a".to_owned() }));
    assert_eq!(text(&before), r#"{"a":1}"#);
}

#[test]
fn a_value_may_be_as_deep_as_ever_and_no_deeper() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let whole = |depth| format!(r#"[{{"op":"add","path":"","value":{}}}]"#, nested(depth));
    assert_eq!(patched("1", &whole(MAX_DEPTH)), Ok(nested(MAX_DEPTH)));
    let too_deep = || Err(PatchError::Value(ValueError::TooDeep));
    assert_eq!(patched("1", &whole(MAX_DEPTH + 1)), too_deep());
    let within = |depth| format!(r#"[{{"op":"add","path":"/0","value":{}}}]"#, nested(depth));
    assert_eq!(patched("[]", &within(MAX_DEPTH - 1)), Ok(nested(MAX_DEPTH)));
    assert_eq!(patched("[]", &within(MAX_DEPTH)), too_deep());
    let replaced = format!(r#"[{{"op":"replace","path":"/0","value":{}}}]"#, nested(MAX_DEPTH));
    assert_eq!(patched("[1]", &replaced), too_deep());
    let deep = format!("[[],{}]", nested(MAX_DEPTH - 1));
    assert_eq!(patched(&deep, r#"[{"op":"copy","from":"/1","path":"/0/0"}]"#), too_deep());
    assert_eq!(patched(&deep, r#"[{"op":"move","from":"/1","path":"/0/0"}]"#), too_deep());
}

#[test]
fn no_member_gets_a_name_with_a_nul() {
    for patch in [
        r#"[{"op":"add","path":"/a\u0000","value":1}]"#,
        r#"[{"op":"add","path":"/\u0000","value":1},{"op":"remove","path":"/\u0000"}]"#,
        r#"[{"op":"move","from":"/a","path":"/a\u0000b"}]"#,
        r#"[{"op":"copy","from":"","path":"/\u0000a"}]"#,
    ] {
        assert_eq!(patched(r#"{"a":1}"#, patch), Err(PatchError::Value(ValueError::NulInName)), "{patch}");
    }
    let patch = r#"[{"op":"replace","path":"/a\u0000","value":1}]"#;
    assert_eq!(patched(r#"{"a":1}"#, patch), no_such_path(0, "/a\0"));
}

#[test]
fn copies_do_not_grow_without_end() {
    let too_large = |limit| Err(PatchError::Value(ValueError::TooLarge(limit)));
    let doubling = vec![r#"{"op":"copy","from":"","path":"/0"}"#; MAX_OPERATIONS].join(",");
    assert_eq!(patched(r#"["0123456789"]"#, &format!("[{doubling}]")), too_large(MAX_BSON_BYTES));
    let large = format!(r#"{{"a":["{}"]}}"#, "x".repeat(PLENTY - 10));
    let copies: Vec<String> = (0..20).map(|i| format!(r#"{{"op":"copy","from":"/a","path":"/c{i}"}}"#)).collect();
    assert_eq!(patched(&large, &format!("[{}]", copies.join(","))), too_large(MAX_BSON_BYTES));
    assert_eq!(patched(&large, r#"[{"op":"copy","from":"/a","path":"/c"}]"#), too_large(PLENTY));
}

proptest! {
    /// What was added and removed again, or moved there and back, is as if nothing had been.
    #[test]
    fn there_and_back(target in any_value(), added in any_value()) {
        let holder = format!(r#"{{"t":{target},"l":[1,2]}}"#);
        for there in [
            format!(r#"{{"op":"add","path":"/n","value":{added}}},{{"op":"remove","path":"/n"}}"#),
            format!(r#"{{"op":"add","path":"/l/1","value":{added}}},{{"op":"remove","path":"/l/1"}}"#),
            r#"{"op":"copy","from":"/t","path":"/l/0"},{"op":"remove","path":"/l/0"}"#.to_owned(),
            r#"{"op":"move","from":"/l","path":"/m"},{"op":"move","from":"/m","path":"/l"}"#.to_owned(),
            format!(r#"{{"op":"add","path":"/n","value":{added}}},{{"op":"move","from":"/t","path":"/l/-"}},
                {{"op":"test","path":"/n","value":{added}}},{{"op":"move","from":"/n","path":"/t"}},
                {{"op":"move","from":"/l/2","path":"/t"}},{{"op":"move","from":"/l","path":"/l"}}"#),
        ] {
            let patch = format!(r#"[{there},{{"op":"test","path":"","value":{holder}}}]"#);
            prop_assert!(patched(&holder, &patch).is_ok(), "{:?}", patched(&holder, &patch));
        }
    }

    /// A value is equal to itself as JSON and, if it is spelled otherwise, to no other.
    #[test]
    fn tests_tell_values_apart(one in any_value(), other in any_value()) {
        let test = |expected: &str| patched(&one, &format!(r#"[{{"op":"test","path":"","value":{expected}}}]"#));
        prop_assert_eq!(test(&one), Ok(one.clone()));
        let [a, b]: [serde_json::Value; 2] = [&one, &other].map(|text| serde_json::from_str(text).expect("JSON"));
        prop_assert_eq!(test(&other).is_ok(), a == b);
    }
}
