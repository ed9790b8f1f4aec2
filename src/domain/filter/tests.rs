use super::*;
use crate::domain::Value;
use crate::domain::value::MAX_DEPTH;

fn refused(text: &str) -> (String, FilterFault) {
    let FilterError { at, what } = Filter::parse(text).expect_err(text);
    (at, what)
}

fn wants(filter: &str, value: &str) -> bool {
    let parsed = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    let value = Value::from_json(value.as_bytes(), 1 << 20).expect("a value");
    parsed.matches(value.as_bson().expect("BSON")).expect("sound BSON")
}

#[test]
fn what_is_refused_is_refused_at_its_place() {
    use FilterFault::*;
    let unknown = |name: &str| UnknownOperator(name.to_owned());
    for (text, at, what) in [
        ("[]", "", NotAnObject),
        ("5", "", NotAnObject),
        (r#"{"$or":[5]}"#, "/$or/0", NotAnObject),
        (r#"{"$where":"sleep(1)"}"#, "/$where", unknown("$where")),
        (r#"{"$expr":{"$eq":[1,1]}}"#, "/$expr", unknown("$expr")),
        (r#"{"$nor":[{"a":1}]}"#, "/$nor", unknown("$nor")),
        (r#"{"$":1}"#, "/$", unknown("$")),
        (r#"{"a":{"$regex":"x"}}"#, "/a/$regex", unknown("$regex")),
        (r#"{"a":{"$elemMatch":{"b":1}}}"#, "/a/$elemMatch", unknown("$elemMatch")),
        (r#"{"a":{"$and":[{"b":1}]}}"#, "/a/$and", unknown("$and")),
        (r#"{"a":{"$oid":"0123456789abcdef01234567"}}"#, "/a/$oid", unknown("$oid")),
        (r#"{"a":{"$EQ":1}}"#, "/a/$EQ", unknown("$EQ")),
        (r#"{"x/y~":{"$not":{"$foo":1}}}"#, "/x~1y~0/$not/$foo", unknown("$foo")),
        (r#"{"a":{"$gt":1,"b":2}}"#, "/a/b", Mixed),
        (r#"{"a":{"b":2,"$gt":1}}"#, "/a/b", Mixed),
        (r#"{"a":{"b":{"$gt":1}}}"#, "/a/b/$gt", OperatorInValue),
        (r#"{"a":[1,{"$gt":1}]}"#, "/a/1/$gt", OperatorInValue),
        (r#"{"a":{"$not":5}}"#, "/a/$not", NotOperators),
        (r#"{"a":{"$not":{}}}"#, "/a/$not", NotOperators),
        (r#"{"a":{"$not":{"b":1}}}"#, "/a/$not/b", NotOperators),
        (r#"{"$not":{"a":1}}"#, "/$not/a", NotOperators),
        (r#"{"$and":[]}"#, "/$and", NotFilters),
        (r#"{"$or":{"a":1}}"#, "/$or", NotFilters),
        (r#"{"a":{"$in":1}}"#, "/a/$in", NotAList),
        (r#"{"a":{"$nin":{}}}"#, "/a/$nin", NotAList),
        (r#"{"a":{"$prefix":1}}"#, "/a/$prefix", NotAPrefix),
        (r#"{"a":{"$exists":1}}"#, "/a/$exists", NotABoolean),
        (r#"{"":1}"#, "/", BadPath),
        (r#"{"a.":1}"#, "/a.", BadPath),
        (r#"{".a":1}"#, "/.a", BadPath),
        (r#"{"a..b":1}"#, "/a..b", BadPath),
        (r#"{"a":1,"a":2}"#, "", Json(ValueError::DuplicateMember("a".to_owned()))),
        (r#"{"a\u0000":1}"#, "", Json(ValueError::NulInName)),
        (r#"{"a":1e400}"#, "", Json(ValueError::InexactNumber("1e400".to_owned()))),
    ] {
        assert_eq!(refused(text), (at.to_owned(), what), "{text}");
    }
    assert!(matches!(refused("{"), (at, Json(ValueError::Syntax(_))) if at.is_empty()));
    let told = Filter::parse(r#"{"age":{"$gte":18,"$foo":1}}"#).expect_err("unknown").to_string();
    assert_eq!(told, r#"at "/age/$foo" of the filter: $foo is no operator that may stand here"#);
}

#[test]
fn limits_are_kept() {
    let nested = |depth: usize| format!("{}{}{}", r#"{"$and":["#.repeat(depth), r#"{"a":1}"#, "]}".repeat(depth));
    assert!(Filter::parse(&nested(MAX_NESTING)).is_ok());
    assert_eq!(refused(&nested(MAX_NESTING + 1)).1, FilterFault::TooDeep);
    let negated = |depth: usize| format!(r#"{{"a":{}{{"$gt":1}}{}}}"#, r#"{"$not":"#.repeat(depth), "}".repeat(depth));
    assert!(Filter::parse(&negated(MAX_NESTING)).is_ok());
    assert_eq!(refused(&negated(MAX_NESTING + 1)).1, FilterFault::TooDeep);
    assert_eq!(refused(&nested(10_000)).1, FilterFault::TooLong);
    assert_eq!(refused(&"[".repeat(60_000)).1, FilterFault::Json(ValueError::TooDeep));

    let tests =
        |count: usize| format!("{{{}}}", (0..count).map(|i| format!("\"a{i}\":1")).collect::<Vec<_>>().join(","));
    assert!(Filter::parse(&tests(MAX_TESTS)).is_ok());
    assert_eq!(refused(&tests(MAX_TESTS + 1)), (format!("/a{MAX_TESTS}"), FilterFault::TooMany));

    let list = |length: usize| format!(r#"{{"a":{{"$in":[{}1]}}}}"#, "1,".repeat(length - 1));
    assert!(Filter::parse(&list(MAX_LIST)).is_ok());
    assert_eq!(refused(&list(MAX_LIST + 1)), ("/a/$in".to_owned(), FilterFault::NotAList));

    let prefix = |length: usize| format!(r#"{{"a":{{"$prefix":"{}"}}}}"#, "x".repeat(length));
    assert!(Filter::parse(&prefix(MAX_PREFIX)).is_ok());
    assert_eq!(refused(&prefix(MAX_PREFIX + 1)).1, FilterFault::NotAPrefix);

    let path = |parts: usize| format!(r#"{{"{}":1}}"#, vec!["a"; parts].join("."));
    assert!(Filter::parse(&path(MAX_DEPTH)).is_ok());
    assert_eq!(refused(&path(MAX_DEPTH + 1)).1, FilterFault::BadPath);
    assert_eq!(refused(&format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BYTES))).1, FilterFault::TooLong);
}

#[test]
fn everything_side_by_side_must_hold() {
    assert!(wants("{}", "null"));
    let adult = r#"{"city":"Paris","age":{"$gte":18,"$lt":65}}"#;
    assert!(wants(adult, r#"{"city":"Paris","age":18}"#));
    for other in [r#"{"city":"Lyon","age":18}"#, r#"{"city":"Paris","age":65}"#, r#"{"city":"Paris"}"#, "18", "[]"] {
        assert!(!wants(adult, other), "{other}");
    }
    let either = r#"{"$or":[{"a":1},{"b":{"$not":{"$gt":2}}}],"c":{"$exists":false}}"#;
    assert!(wants(either, r#"{"a":1,"b":3}"#) && wants(either, "{}"));
    assert!(!wants(either, r#"{"b":3}"#) && !wants(either, r#"{"a":1,"c":null}"#));
}

#[test]
fn without_a_path_it_is_the_whole_value() {
    assert!(wants(r#"{"$gte":10,"$lt":20}"#, "10") && !wants(r#"{"$gte":10,"$lt":20}"#, "20"));
    assert!(wants(r#"{"$prefix":"a"}"#, r#""abc""#) && wants(r#"{"$in":[1,2]}"#, "[5,2]"));
    assert!(wants(r#"{"$not":{"$eq":null}}"#, "0") && wants(r#"{"$eq":{"$gt":1}}"#, r#"{"$gt":1}"#));
}

#[test]
fn damaged_bytes_are_told() {
    let torn = Value::from_stored(bytes::Bytes::from_static(b"\x0d\0\0\0\x03v\0\x08\0\0\0\x10\0"));
    let filter = Filter::parse(r#"{"a":1}"#).expect("a filter");
    let answer = torn.as_bson().and_then(|value| filter.matches(value));
    assert!(matches!(answer, Err(ValueError::Damaged(_))), "{answer:?}");
}
