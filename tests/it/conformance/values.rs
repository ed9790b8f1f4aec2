//! Values of every kind come back as they were written.

use bson::raw::RawDocumentBuf;
use bson::{Bson, DateTime, Decimal128, doc, oid::ObjectId, spec::BinarySubtype};
use keybin::domain::{AccountId, Precondition, Value, value::MAX_DEPTH};
use keybin::store::{StoreError, Write};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Handle as Runtime;

use crate::harness::any_json::any_json;
use crate::harness::samples::{Handle, NOW, json, key, register as registered, set, value};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        json_comes_back_as_it_was_written,
        numbers_come_back_as_they_were_written,
        names_of_members_mean_nothing,
        what_looks_like_extended_json_is_plain_json,
        deep_nesting_comes_back,
        wide_values_come_back,
        a_text_of_15_mib_comes_back,
        any_json_comes_back,
        what_other_tools_wrote_comes_back,
    );
}

/// Writes each text under one key, over what was there, and reads it back: the same bytes.
async fn come_back(store: &impl Handle, texts: &[&str]) {
    let id = registered(store, "ada").await.id;
    for text in texts {
        set(store, id, "k", text).await.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(json(store, id, "k").await.as_deref(), Some(*text));
    }
}

async fn json_comes_back_as_it_was_written(store: &mut TestStore) {
    let texts = [
        "null",
        "true",
        "false",
        r#""""#,
        r#"" ""#,
        r#""x""#,
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "[null]",
        "[[],[[]],{}]",
        r#"{"a":{},"b":[],"c":null}"#,
        r#"{"b":1,"a":2,"c":{"z":1,"y":2}}"#,
        r#""a\u0000b""#,
        r#""\u0001\u001f\b\f\n\r\t\"\\/""#,
        "\"\u{7f}\u{85}\u{2028}\u{feff}\u{fffd}\u{ffff}\u{10ffff}\"",
        "\"\u{1f469}\u{200d}\u{1f4bb} \u{e9} e\u{301}\"",
    ];
    come_back(store, &texts).await;
}

async fn numbers_come_back_as_they_were_written(store: &mut TestStore) {
    let texts = [
        "0",
        "-1",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "9999999999999999999999999999999999",
        "-1234567890123456789012345678901234",
        "1000000000000000000000000000000000",
        "0.0",
        "-0.0",
        "0.1",
        "-1.5",
        "1e+300",
        "5e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e+308",
        "[1,1.0,100000000000000000000]",
    ];
    come_back(store, &texts).await;
}

async fn names_of_members_mean_nothing(store: &mut TestStore) {
    let texts = [
        r#"{"":1}"#,
        r#"{"":{"":{"":null}}}"#,
        r#"{"$":1}"#,
        r#"{"$set":{}}"#,
        r#"{"$set":{"value":1},"$unset":{"revision":1}}"#,
        r#"{"$inc":{"a.b":1}}"#,
        r#"{"$where":"sleep(1000)","$expr":{"$eq":[1,1]}}"#,
        r#"{"a":{"$gt":0},"$or":[{"$ne":null}]}"#,
        r#"{"$literal":{"$literal":"$$ROOT"}}"#,
        r#"["$$ROOT","$value","$$REMOVE"]"#,
        r#""$$NOW""#,
        r#"{"$ref":1}"#,
        r#"{"$ref":"users","$id":1,"$db":"store"}"#,
        r#"{"$id":1,"$ref":null}"#,
        r#"{"a.b":1,"a":{"b":2}}"#,
        r#"{".":1,"..":2,".a":3,"a.":4,"a..b":5}"#,
        r#"{"a.$":1,"a.$[]":2,"0":3,"a.0":4}"#,
        r#"{"_id":1}"#,
        r#"{"_id":[1,2],"a":{"_id":null}}"#,
        r#"{"v":1,"value":2,"key":3,"user_id":4,"revision":5,"expires_at":6}"#,
        r#"{"__proto__":1,"constructor":2}"#,
        r#"{"a":1,"A":2,"\u0001":3,"😀":4,"é":5}"#,
    ];
    come_back(store, &texts).await;
}

async fn what_looks_like_extended_json_is_plain_json(store: &mut TestStore) {
    let texts = [
        r#"{"$oid":"0123456789abcdef01234567"}"#,
        r#"{"$oid":"zz"}"#,
        r#"{"$numberLong":"5"}"#,
        r#"{"$numberInt":"5"}"#,
        r#"{"$numberDouble":"NaN"}"#,
        r#"{"$numberDecimal":"1"}"#,
        r#"{"$date":{"$numberLong":"0"}}"#,
        r#"{"$date":"1970-01-01T00:00:00Z"}"#,
        r#"{"$binary":{"base64":"AA==","subType":"00"}}"#,
        r#"{"$uuid":"67e55044-10b1-426f-9247-bb680e5fe0c8"}"#,
        r#"{"$regularExpression":{"pattern":"a","options":""}}"#,
        r#"{"$timestamp":{"t":0,"i":0}}"#,
        r#"{"$undefined":true}"#,
        r#"{"$minKey":1}"#,
        r#"{"$code":"1","$scope":{}}"#,
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"[{"$symbol":"a"},{"$dbPointer":{}}]"#,
    ];
    come_back(store, &texts).await;
}

async fn deep_nesting_comes_back(store: &mut TestStore) {
    let arrays = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH));
    let mixed = format!("{}{}", r#"[{"$a.b":"#.repeat(MAX_DEPTH / 2), "}]".repeat(MAX_DEPTH / 2));
    let mixed = mixed.replace(":}", ":0}");
    come_back(store, &[&arrays, &objects, &mixed]).await;
}

async fn wide_values_come_back(store: &mut TestStore) {
    let numbers = (0..100_000).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
    let members = (0..50_000).map(|i| format!("\"{i}\":{i}")).collect::<Vec<_>>().join(",");
    come_back(store, &[&format!("[{numbers}]"), &format!("{{{members}}}")]).await;
}

async fn a_text_of_15_mib_comes_back(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for filler in ["x", "\u{e9}", "\u{1f600}"] {
        let text = format!("\"{}\"", filler.repeat((15 << 20) / filler.len()));
        // On a machine that is busy with other tests, the answer may take longer than the store waits.
        for last in [false, false, false, false, true] {
            match set(store, id, "k", &text).await {
                Err(StoreError::Unknown(_)) if !last => {}
                answer => {
                    answer.expect("writes");
                    break;
                }
            }
        }
        assert!(json(store, id, "k").await.as_deref() == Some(&*text), "{filler} came back changed");
    }
}

async fn any_json_comes_back(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let (store, runtime) = (store.share(), Runtime::current());
    // The runner is not asynchronous, so it gets a thread on which it may block.
    let run = move || {
        let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&any_json(), |text| {
            let back = runtime.block_on(async {
                set(&store, id, "k", &text).await.map_err(|e| TestCaseError::fail(e.to_string()))?;
                Ok::<_, TestCaseError>(json(&store, id, "k").await)
            })?;
            if back.as_deref() == Some(&text) { Ok(()) } else { Err(TestCaseError::fail(format!("{back:?}"))) }
        })
    };
    if let Err(failure) = tokio::task::spawn_blocking(run).await.expect("the runner ends") {
        panic!("{failure}");
    }
}

/// BSON that is no JSON, as another tool may leave it in the database; an export and import brings it through here.
async fn what_other_tools_wrote_comes_back(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let decimal: Decimal128 = "1.50".parse().expect("a decimal");
    let foreign = doc! {
        "date": DateTime::from_millis(-1),
        "id": ObjectId::new(),
        "nan": f64::NAN,
        "infinite": f64::INFINITY,
        "decimal": decimal,
        "binary": bson::Binary { subtype: BinarySubtype::Generic, bytes: vec![0, 255] },
        "code": Bson::JavaScriptCode("1".to_owned()),
        "in an array": [DateTime::from_millis(0), ObjectId::new()],
        "long": 1_i64,
    };
    let raw = RawDocumentBuf::try_from(&doc! { "v": foreign }).expect("BSON");
    let whole = Value::from_bson(raw.get("v").expect("valid").expect("is there"));
    assert_stored(store, id, whole).await;
    for name in ["date", "id", "nan", "decimal", "binary", "long"] {
        let raw = raw.get_document("v").expect("a document");
        assert_stored(store, id, Value::from_bson(raw.get(name).expect("valid").expect("is there"))).await;
    }
    assert_stored(store, id, value("1")).await;
}

async fn assert_stored(store: &TestStore, id: AccountId, value: Value) {
    let write = Write::of(value.clone());
    store.put(id, &key("k"), &write, Precondition::None, NOW).await.expect("writes");
    let document = store.get(id, &key("k"), NOW).await.expect("reads").expect("is there");
    assert_eq!(document.value.as_stored(), value.as_stored());
}
