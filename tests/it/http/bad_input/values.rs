//! Values that are JSON and yet cannot be kept exactly: 422, and what was there before stays.

use super::{post, refused, row};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        numbers_that_would_come_back_as_others_are_refused,
        members_that_bson_cannot_spell_are_refused,
        values_that_are_nested_too_deep_are_refused,
    );
}

/// Each value, over a document that is there and under a key that is free.
async fn all_refused(server: &mut TestServer<'_>, values: &[String]) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for value in values {
            for key in ["one", "new"] {
                let request = post(&format!("/user/{token}/store/{key}"), format!("{{\"value\":{value}}}"));
                rows.push(row(&value[..value.len().min(60)], request, 422, "unsupported_value"));
            }
        }
        rows
    })
    .await;
}

async fn numbers_that_would_come_back_as_others_are_refused(server: &mut TestServer<'_>) {
    let mut values = Vec::new();
    for number in [
        "1e400".to_owned(),
        "-1e400".to_owned(),
        "1e-400".to_owned(),
        "1e99999999999999999999".to_owned(),
        "1e-99999999999999999999".to_owned(),
        "12345678901234567890123456789012345".to_owned(),
        "-12345678901234567890123456789012345".to_owned(),
        "0.1234567890123456789".to_owned(),
        "1.00000000000000000001".to_owned(),
        "123456789012345678.5".to_owned(),
        "3.141592653589793238462643383279502884197".to_owned(),
        "9".repeat(10_000),
        format!("0.{}1", "0".repeat(10_000)),
    ] {
        for value in [number.clone(), format!("[{number}]"), format!("{{\"a\":{{\"b\":[1,{number}]}}}}")] {
            values.push(value);
        }
    }
    all_refused(server, &values).await;
}

async fn members_that_bson_cannot_spell_are_refused(server: &mut TestServer<'_>) {
    let values = [
        r#"{"\u0000":1}"#,
        r#"{"a\u0000":1}"#,
        r#"{"\u0000a":{"b":1}}"#,
        r#"[{"a":{"b\u0000c":1}}]"#,
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"":1,"":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"é":1,"\u00e9":2}"#,
        r#"[[{"x":{"$set":1,"$set":2}}]]"#,
    ];
    all_refused(server, &values.map(str::to_owned)).await;
}

async fn values_that_are_nested_too_deep_are_refused(server: &mut TestServer<'_>) {
    let mut values = Vec::new();
    for depth in [65, 66, 100, 128, 150, 199, 200, 250, 1000, 100_000] {
        values.push(format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        values.push(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)));
    }
    values.push(format!("{}1{}", "{\"a\":[".repeat(33), "]}".repeat(33)));
    all_refused(server, &values).await;
}
