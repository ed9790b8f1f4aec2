//! The table of cases: every filter is tried on every value.

use bson::{Bson, DateTime, Decimal128, Regex, Timestamp, doc, oid::ObjectId, spec::BinarySubtype};
use keybin::domain::filter::{MAX_LIST, MAX_NESTING, MAX_PREFIX, MAX_TESTS};
use keybin::domain::value::MAX_DEPTH;

use crate::harness::samples::value;

/// What stands between bars.
fn each(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|').map(str::trim)
}

/// Values as JSON, each tried as the whole and under `a`.
const JSON: &str = r#"
    null | true | false | 0 | 1 | 2 | -1 | 5 | 1.0 | -0.0 | 0.5 | 1.5 | 2147483648 | 9007199254740992 |
    9007199254740993 | 9007199254740992.0 | 9223372036854775807 | 9223372036854775808 | 9.223372036854776e18 |
    -9223372036854775808 | 18446744073709551616 | 9999999999999999999999999999999999 | 1e+22 |
    10000000000000000000000 | 1e+34 | 1e+300 | 5e-324 | 0.1 | 0.3 | 0.30000000000000004 | "" | "a" | "ab" | "abc" |
    "b" | "A" | "1" | "a\u0000b" | "a\nab" | "é" | "éa" | "ｚ" | "😀" | "a.b*c" | "$a" | "\\Qa" | [] | [null] | [[]] |
    [[null]] | [1] | [1,2] | [2,1] | [1,5,9] | [0,10] | [[1]] | [[1],2] | [[1,2],[3]] | [[[1]]] | ["a","b"] |
    ["ab",1] | [["ab"]] | [["a","b"]] | [1.0] | [true] | {} | [{}] | {"b":null} | {"b":1} | {"b":1.0} | {"b":2} |
    {"b":"ab"} | {"b":1,"c":2} | {"c":2,"b":1} | {"b":{"c":1}} | {"b":{"c":null}} | {"b":[]} | {"b":[1,2]} |
    {"b":[{"c":1}]} | {"b":[{"c":1},{"c":5}]} | {"b":[[{"c":1}]]} | {"b":{}} | [{"b":1}] | [{"b":1},{"b":2}] |
    [{"b":null}] | [{"c":1}] | [{"b":1},{"c":1}] | [1,{"b":1}] | [[{"b":1}]] | [[{"b":1},{"b":5}],{"b":7}] |
    [{"b":[1,2]}] | [{"b":[{"c":1}]},{"b":[{"c":2}]}] | [{"b":[[1]]}] | {"0":1} | {"0":{"b":1}} | {"0":[1,2]} |
    {"0":{"0":1}} | [{"0":1}] | [{"0":5},{"1":6}] | [{"0":{"b":1}}] | [[{"0":1}]] | [[5]] | [[[5]]] | [5,[6,[7]]] |
    {"00":1,"01":2} | {"-1":1} | [{"b":{"0":1}}] | {"b":{"0":{"c":1}}} | {"b.c":1} | {"":1} | {"":{"":1}} |
    {"$gt":1} | {"$gt":5,"b":1} | {"b":{"$gt":1}} | {"b":1,"$gt":5} | [{"$gt":1}] | {"$ref":"x","$id":1} |
    {"$oid":"0123456789abcdef01234567"} | {"$x":{"$y":1}} | {"b":1,"c":null} | {"b":[1,{"c":[2,{"d":3}]}]} |
    [[],[1]] | [[],{"b":[]}] | {"b":true} | {"a":1} | {"a":[{"a":1}]}
"#;

/// What other tools may have written.
fn foreign() -> Vec<Bson> {
    let decimals = [
        "NaN",
        "Infinity",
        "-Infinity",
        "1",
        "1.00",
        "-0",
        "0.1",
        "1E+2",
        "9E+6144",
        "-9E+6144",
        "1E-6176",
        "-1E-6176",
        "1.5",
    ];
    let decimals = decimals.map(|text| Bson::Decimal128(text.parse().expect("a Decimal128")));
    // Where the double 0.1 is, between two that are as near as can be.
    let tenths = ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257828"];
    let tenths = tenths.map(|text| Bson::Decimal128(text.parse().expect("a Decimal128")));
    let mut foreign = vec![
        Bson::Double(f64::NAN),
        Bson::Double(f64::INFINITY),
        Bson::Double(f64::NEG_INFINITY),
        // A coefficient of more than 34 digits, which counts as zero.
        Bson::Decimal128(Decimal128::from_bytes([0x6c; 16])),
        Bson::DateTime(DateTime::from_millis(0)),
        Bson::ObjectId(ObjectId::from_bytes([7; 12])),
        Bson::Binary(bson::Binary { subtype: BinarySubtype::Generic, bytes: b"ab".to_vec() }),
        Bson::Timestamp(Timestamp { time: 1, increment: 1 }),
        Bson::RegularExpression(Regex {
            pattern: "ab".try_into().expect("no NUL"),
            options: "".try_into().expect("no NUL"),
        }),
        Bson::JavaScriptCode("ab".to_owned()),
        Bson::Symbol("ab".to_owned()),
        Bson::MinKey,
        Bson::MaxKey,
        Bson::Int64(1),
        Bson::Int64(0),
    ];
    foreign.extend(decimals);
    foreign.extend(tenths);
    foreign
}

/// Every value of the table.
pub(super) fn values() -> Vec<Bson> {
    let mut bare: Vec<Bson> =
        each(JSON).map(|text| Bson::try_from(value(text).as_bson().expect("BSON")).expect("BSON")).collect();
    for odd in foreign() {
        bare.extend([Bson::Array(vec![odd.clone()]), Bson::from(doc! { "b": odd.clone() }), odd]);
    }
    let under_a = bare.iter().map(|value| Bson::from(doc! { "a": value }));
    let next_to_a =
        [doc! { "a": 1, "b": 1 }, doc! { "a": { "b": 1 }, "x": 5 }, doc! { "x": [{ "a": 1 }] }, doc! { "b": 1 }];
    let listed = bare.iter().take(40).map(|value| Bson::Array(vec![Bson::from(doc! { "a": value }), Bson::Int32(1)]));
    let all: Vec<Bson> = under_a.chain(next_to_a.map(Bson::from)).chain(listed).collect();
    bare.into_iter().chain(all).collect()
}

/// What stands behind a path.
const TESTS: &str = r#"
    null | true | 0 | 1 | 1.0 | 0.1 | 0.3 | 2 | 5 | 9007199254740993 | 9007199254740992.0 | 9223372036854775807 |
    9223372036854775808 | 18446744073709551616 | 1e22 | "" | "a" | "ab" | "1" | "a\u0000b" | [] | [null] | [1] |
    [1.0] | [1,2] | [[1]] | ["a","b"] | {} | [{}] | {"b":1} | {"b":1.0} | {"c":2,"b":1} | {"b":null} | {"b":{"c":1}} |
    [{"b":1}] | {"0":1} | {"":1} | {"$eq":null} | {"$eq":1} | {"$eq":{"$gt":1}} | {"$eq":{"b":{"$gt":1}}} |
    {"$eq":{"$ref":"x","$id":1}} | {"$eq":{"$oid":"0123456789abcdef01234567"}} | {"$eq":[{"$gt":1}]} | {"$eq":"$a"} |
    {"$ne":null} | {"$ne":1} | {"$ne":[1]} | {"$ne":{"$gt":1}} | {"$ne":{}} | {"$gte":null} | {"$lte":null} |
    {"$gt":1} | {"$gte":1} | {"$lt":1} | {"$lte":1} | {"$gt":0.1} | {"$gte":0.1} | {"$lt":9007199254740993} |
    {"$gt":9007199254740992} | {"$gt":9007199254740992.0} | {"$lt":9223372036854775808} |
    {"$lte":9.223372036854776e18} | {"$gte":9.223372036854776e18} | {"$gte":10000000000000000000000} | {"$lt":1e300} |
    {"$gt":-1e300} | {"$lt":-9.223372036854776e18} | {"$lte":9999999999999999999999999999999999} | {"$gt":"a"} |
    {"$gte":"ab"} | {"$lt":"b"} | {"$lte":""} | {"$gt":"é"} | {"$lt":"ｚ"} | {"$gt":false} | {"$lt":true} |
    {"$gte":true} | {"$gt":[1]} | {"$gte":[1]} | {"$lt":[1,5]} | {"$lte":[]} | {"$gt":[]} | {"$gt":[null]} |
    {"$lt":[[1]]} | {"$gt":{}} | {"$gte":{"b":1}} | {"$lt":{"b":1}} | {"$lt":{"b":"a"}} | {"$lt":{"c":1}} |
    {"$gt":{"b":null}} | {"$lte":{"$gt":5}} | {"$gt":{"b":1,"c":1}} | {"$gt":3,"$lt":8} | {"$gt":8,"$lt":3} |
    {"$gte":1,"$ne":5} | {"$in":[1,"ab",null]} | {"$in":[null]} | {"$in":[[1],{}]} | {"$in":[1.0,[]]} |
    {"$in":[{"$gt":1},1]} | {"$in":[{"$gt":1}]} | {"$in":[{"$ref":"x","$id":1},{"b":{"$gt":1}}]} |
    {"$in":[[{"$gt":1}]]} | {"$nin":[1,"ab",null]} | {"$nin":[{"$gt":1},[1]]} | {"$exists":true} | {"$exists":false} |
    {"$not":{"$exists":true}} | {"$not":{"$gt":1}} | {"$not":{"$gt":1,"$lt":8}} | {"$not":{"$not":{"$gt":1}}} |
    {"$not":{"$ne":1}} | {"$not":{"$in":[1,{"$gt":1}]}} | {"$not":{"$prefix":"a"}} | {"$prefix":""} |
    {"$prefix":"a"} | {"$prefix":"ab"} | {"$prefix":"é"} | {"$prefix":"a\u0000"} | {"$prefix":"a\n"} |
    {"$prefix":"a.b*"} | {"$prefix":"$"} | {"$prefix":"\\Q"} | {"$prefix":"😀"} | {"$prefix":"a","$gt":"ab"}
"#;

/// Paths that lead through everything that the values have, each with a few tests that tell its values apart.
const PATHS: &str = r#"
    b | 0 | 1 | a.b | a.c | a.0 | a.1 | a.b.c | a.b.0 | a.0.b | a.1.b | a.0.0 | a.1.1.0 | a.b.0.c | a.b.1.c |
    a.b.1.c.1.d | a.b.c.d | a.0.b.c | a.0.b.0 | a.0.0.b | a.0.0.0 | a.b.0.0 | a.b.0.0.c | 0.a | 0.b | 0.0 | 0.0.b |
    a.$gt | a.b.$gt | a.$x.$y | a.00 | a.01 | a.-1 | a.a.a | x.a | 00
"#;

/// Tests that go with every one of [`PATHS`].
const BEHIND_PATHS: &str = r#"
    null | 1 | 5 | {"b":1} | [1] | {"$ne":1} | {"$gt":0} | {"$gt":4} | {"$lte":null} | {"$in":[null,6]} |
    {"$nin":[1,5]} | {"$exists":true} | {"$exists":false} | {"$gte":[]} | {"$gte":{}} | {"$prefix":"a"} |
    {"$not":{"$gt":1}}
"#;

/// Filters that want some of the values and not all.
pub(super) fn telling() -> Vec<String> {
    let at_a = each(TESTS).map(|test| format!(r#"{{"a":{test}}}"#));
    let operators = each(TESTS).filter(|test| test.starts_with(r#"{"$"#) && !test.contains("$exists"));
    let reached = each(PATHS).map(|path| format!(r#"{{"{path}":{{"$exists":true}}}}"#));
    let whole = [
        r#"{"a":1,"b":1}"#,
        r#"{"$and":[{"a":{"$gt":0}},{"a":{"$lt":3}}]}"#,
        r#"{"$or":[{"a":1},{"a.b":1},{"$prefix":"a"}]}"#,
        r#"{"$or":[{"a":1,"b":1},{"$and":[{"a":{"$ne":null}},{"x":5}]}]}"#,
        r#"{"$or":[{"a":null},{"a":1},{"a":"ab"}]}"#,
        r#"{"$and":[{}],"a":1}"#,
        r#"{"$gte":1,"$ne":5,"a":null}"#,
    ];
    at_a.chain(operators.chain(whole).map(str::to_owned)).chain(reached).collect()
}

/// Filters of which some want nothing or everything.
pub(super) fn others() -> Vec<String> {
    let odd = [
        "{}",
        r#"{"$and":[{},{}]}"#,
        r#"{"$or":[{"a":1},{}]}"#,
        r#"{"a":{"$gt":null}}"#,
        r#"{"$lt":null}"#,
        r#"{"$exists":true}"#,
        r#"{"$exists":false}"#,
        r#"{"a":{"$in":[]}}"#,
        r#"{"a":{"$nin":[]}}"#,
    ];
    let behind = |path| each(BEHIND_PATHS).map(move |test| format!(r#"{{"{path}":{test}}}"#));
    odd.map(str::to_owned).into_iter().chain(each(PATHS).flat_map(behind)).collect()
}

/// Filters that have the most of something that they may have.
pub(super) fn large_filters() -> Vec<String> {
    let nested = format!("{}{}{}", r#"{"$or":["#.repeat(MAX_NESTING), r#"{"a":{"$gt":1}}"#, "]}".repeat(MAX_NESTING));
    let negated = format!(r#"{{"a":{}{{"$gt":1}}{}}}"#, r#"{"$not":"#.repeat(MAX_NESTING), "}".repeat(MAX_NESTING));
    let tests: Vec<String> = (0..MAX_TESTS).map(|i| format!(r#"{{"a":{i}}}"#)).collect();
    let list: Vec<String> = (0..MAX_LIST).map(|i| i.to_string()).collect();
    let odd: Vec<String> = (0..MAX_LIST).map(|i| format!(r#"{{"$gt":{i}}}"#)).collect();
    let prefix = |text: &str| format!(r#"{{"a":{{"$prefix":"{}"}}}}"#, text.repeat(MAX_PREFIX / text.len()));
    let deep = format!(r#"{{"a":{{"$eq":{}{}}}}}"#, "[".repeat(MAX_DEPTH - 2), "]".repeat(MAX_DEPTH - 2));
    vec![
        nested,
        negated,
        format!(r#"{{"$or":[{}]}}"#, tests.join(",")),
        format!(r#"{{"a":{{"$in":[{}]}}}}"#, list.join(",")),
        format!(r#"{{"a":{{"$nin":[{}]}}}}"#, odd.join(",")),
        prefix("*"),
        prefix("😀"),
        prefix(r"\u0000").replace(r"\u0000", "a"),
        deep,
        format!(r#"{{"{}":null}}"#, vec!["a"; MAX_DEPTH].join(".")),
        format!(r#"{{"{}":null}}"#, vec!["0"; MAX_DEPTH].join(".")),
    ]
}
