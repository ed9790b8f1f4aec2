use bson::{doc, oid::ObjectId};

use super::*;

fn parse(text: &str) -> Result<Value, ValueError> {
    Value::from_json(text.as_bytes(), 1 << 20)
}

fn there_and_back(text: &str) -> String {
    let value = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    String::from_utf8(value.to_json().expect("renders")).expect("UTF-8")
}

#[test]
fn compact_json_comes_back_as_it_went_in() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "\"\"",
        "\"x\"",
        "[]",
        "{}",
        "[[],{}]",
        "1.5",
        "-0.0",
        "1e+30",
        "18446744073709551615",
        r#"{"$oid":"zz"}"#,
        r#"{"$numberLong":"5"}"#,
        r#"{"$set":{"a.b":1,"":2}}"#,
        r#"{"b":1,"a":2}"#,
        r#""a\u0000b""#,
        r#""\"\\\n\t""#,
        r#""😀é""#,
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"[0,1,2,3,4,5,6,7,8,9,10,[11]]"#,
        r#"{"$ref":"a"}"#,
        r#"{"_id":1}"#,
    ] {
        assert_eq!(there_and_back(text), text);
    }
    assert_eq!(there_and_back(" { \"a\" : [ 1 , \"\\ud83d\\ude00\" ] } "), r#"{"a":[1,"😀"]}"#);
    assert_eq!(there_and_back("-0"), "-0.0");
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,",
        "nul",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "0x1",
        "'a'",
        "{a:1}",
        "[1,]",
        "{\"a\":1,}",
        "\"\u{1}\"",
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#""\x""#,
        "NaN",
        "Infinity",
        "-Infinity",
        "1 2",
        "\u{feff}1",
        "// x\n1",
        "tru",
        "[1}",
    ] {
        assert!(matches!(parse(text), Err(ValueError::Syntax(_))), "{text:?} gave {:?}", parse(text));
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"{\"\xff\":1}", b"\xff"] {
        assert!(matches!(Value::from_json(bytes, 100), Err(ValueError::Syntax(_))), "{bytes:?}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused() {
    assert_eq!(parse(r#"{"a":1,"b":2,"a":1}"#), Err(ValueError::DuplicateMember("a".to_owned())));
    assert_eq!(parse(r#"{"a\u0000":1}"#), Err(ValueError::NulInName));
    assert_eq!(parse("[1e400]"), Err(ValueError::InexactNumber("1e400".to_owned())));
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(ValueError::TooDeep));
    assert_eq!(parse(&"[".repeat(100_000)), Err(ValueError::TooDeep));
    assert_eq!(parse(&r#"{"a":"#.repeat(100_000)), Err(ValueError::TooDeep));
}

#[test]
fn size_is_limited_as_text_and_as_bson() {
    assert_eq!(Value::from_json(b"\"abc\"", 4), Err(ValueError::TooLarge(4)));
    assert!(Value::from_json(b"\"abc\"", 5).is_ok());
    let zeros = format!("[{}0]", "0,".repeat(2_000_000));
    assert_eq!(Value::from_json(zeros.as_bytes(), 15 << 20), Err(ValueError::TooLarge(MAX_BSON_BYTES)));
}

#[test]
fn the_bson_is_valid_and_typed() {
    let value = parse(r#"{"a":[1,2147483648,0.5,18446744073709551616,null,true,"x",{}]}"#).expect("a value");
    let decoded = Bson::try_from(value.as_bson().expect("BSON")).expect("valid BSON");
    let big: bson::Decimal128 = "18446744073709551616".parse().expect("a decimal");
    assert_eq!(decoded, bson::bson!({"a": [1_i32, 2_147_483_648_i64, 0.5, big, null, true, "x", {}]}));
}

#[test]
fn foreign_bson_is_shown_as_extended_json() {
    let id = ObjectId::parse_str("0123456789abcdef01234567").expect("an id");
    let raw = RawDocumentBuf::try_from(&doc! { "v": { "i": 1_i64, "id": id, "n": f64::NAN } }).expect("BSON");
    let value = Value::from_bson(raw.get("v").expect("valid").expect("there"));
    let expected = r#"{"i":1,"id":{"$oid":"0123456789abcdef01234567"},"n":{"$numberDouble":"NaN"}}"#;
    assert_eq!(value.to_json(), Ok(expected.as_bytes().to_vec()));
}

#[test]
fn damaged_bytes_are_told() {
    for bytes in [&b""[..], b"\x05\0\0\0\0", b"\x0c\0\0\0\x10v\0\x01\0\0\0\x01", b"\xff\xff\xff\xff"] {
        assert!(
            matches!(Value::from_stored(Bytes::copy_from_slice(bytes)).to_json(), Err(ValueError::Damaged(_))),
            "{bytes:?}"
        );
    }
}

use bson::Bson;
