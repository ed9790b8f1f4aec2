//! Many operations in one request.

use serde_json::{Value, json};

use super::super::assert_problem;
use super::{Ann, tag};
use crate::harness::http::Answer;
use crate::harness::mongod::Mongod;
use crate::harness::{Backend, Harness, TestServer, TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        each_operation_is_answered_by_itself_in_order,
        operations_on_one_key_are_done_in_their_order,
        all_or_nothing,
        what_fails_says_why_as_a_single_request_does,
        a_body_that_is_no_bulk_is_refused,
        a_thousand_at_once_and_no_more,
        bulks_may_be_larger_than_single_requests,
        what_is_read_is_bounded,
    );
    cases!(trials.on_harness: a_server_that_stands_alone_has_no_transactions);
}

fn results(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["results"].as_array().expect("results").clone()
}

fn statuses(answer: &Answer) -> Vec<u64> {
    results(answer).iter().map(|result| result["status"].as_u64().expect("a status")).collect()
}

async fn each_operation_is_answered_by_itself_in_order(server: &mut TestServer<'_>) {
    for atomic in ["", "\"atomic\":false,", "\"atomic\":true,", "\"atomic\":null,"] {
        server.register(&format!("ann{atomic}").replace(['"', ':', ','], ""), "pw").await;
        let name = format!("ann{atomic}").replace(['"', ':', ','], "");
        let ann = Ann { http: server.http(), token: server.token(&name, "pw").await };
        let a = tag(&ann.put("a", r#"{"n":1.0}"#).await);
        let gone = tag(&ann.put("gone", "1").await);
        let body = format!(
            r#"{{{atomic}"operations":[
            {{"op":"get","key":"a"}},
            {{"op":"put","key":"b","value":[12345678901234567890],"ttl":60,"if_revision":null}},
            {{"op":"patch","key":"a","patch":{{"m":2}},"if_revision":{a}}},
            {{"op":"patch","key":"a","patch":[{{"op":"remove","path":"/n"}}]}},
            {{"op":"increment","key":"c","by":2,"initial":40}},
            {{"op":"delete","key":"gone","if_revision":{gone}}},
            {{"op":"put","key":"a2","value":null}},
            {{"op":"patch","key":"a2","ttl":60}}]}}"#
        );
        let answer = ann.bulk(body).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(statuses(&answer), [200, 201, 200, 200, 200, 200, 201, 200], "{answer:?}");
        let results = results(&answer);
        let tag_of = |at: usize| format!("\"{}\"", results[at]["revision"].as_str().expect("a revision"));
        assert!(answer.text().starts_with(r#"{"results":[{"status":200,"value":{"n":1.0},"revision":""#), "{answer:?}");
        assert_eq!(tag_of(0), a);
        assert_eq!((&results[2]["value"], &results[3]["value"]), (&Value::Null, &Value::Null));
        assert_eq!(results[4]["value"], 42);
        assert_eq!(results[5], json!({ "status": 200 }));
        for (key, at, value, expires) in [
            ("a", 3, r#"{"m":2}"#, false),
            ("b", 1, "[12345678901234567890]", true),
            ("c", 4, "42", false),
            ("a2", 7, "null", true),
        ] {
            let there = ann.get(key).await;
            assert_eq!((there.text(), tag(&there)), (format!(r#"{{"value":{value}}}"#).as_str(), tag_of(at)));
            let end = Some("2040-01-02T03:05:05.678Z").filter(|_| expires);
            assert_eq!(there.header("keybin-expires"), end, "{key}");
        }
        assert_eq!(server.keys(&ann.token).await, ["a", "a2", "b", "c"]);
    }
}

async fn operations_on_one_key_are_done_in_their_order(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let mut operations = Vec::new();
    for n in 0..50 {
        for key in ["a", "b", "c"] {
            operations.push(json!({ "op": "put", "key": key, "value": n }));
            operations.push(json!({ "op": "get", "key": key }));
        }
    }
    for atomic in [false, true] {
        let answer = ann.bulk(json!({ "atomic": atomic, "operations": operations })).await;
        for (at, result) in results(&answer).iter().enumerate().filter(|(at, _)| at % 2 == 1) {
            assert_eq!(result["value"], at / 6);
        }
    }
}

async fn all_or_nothing(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let before = tag(&ann.put("a", "1").await);
    for (failing, status, code) in [
        (json!({ "op": "get", "key": "none" }), 404, "key_not_found"),
        (json!({ "op": "delete", "key": "none" }), 404, "key_not_found"),
        (json!({ "op": "patch", "key": "none", "patch": {} }), 404, "key_not_found"),
        (json!({ "op": "put", "key": "a", "value": 1, "if_revision": null }), 412, "precondition_failed"),
        (json!({ "op": "put", "key": "n", "value": 1, "if_revision": "x" }), 412, "precondition_failed"),
        (json!({ "op": "patch", "key": "a", "patch": [{ "op": "remove", "path": "/x" }] }), 409, "no_such_path"),
        (json!({ "op": "put", "key": "a-b", "value": 1 }), 400, "invalid_key"),
        (json!({ "op": "put", "key": "a" }), 400, "missing_parameter"),
        (json!(1), 400, "invalid_parameter"),
    ] {
        let put = |key: &str| json!({ "op": "put", "key": key, "value": 2 });
        let body = json!({ "atomic": true, "operations": [put("a"), put("b"), failing, put("c")] });
        let answer = ann.bulk(body).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["code"], "operation_failed");
        assert_eq!(
            (&problem["failed_operation"], &problem["failed_status"]),
            (&json!(2), &json!(status)),
            "{answer:?}"
        );
        assert_eq!(problem["failed_code"], code);
        assert_eq!(tag(&ann.get("a").await), before);
        assert_eq!(server.keys(&ann.token).await, ["a"]);
    }
}

async fn what_fails_says_why_as_a_single_request_does(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let there = tag(&ann.put("a", "\"text\"").await);
    let operations = [
        (json!({ "op": "get", "key": "none" }), 404, "key_not_found"),
        (json!({ "op": "delete", "key": "none" }), 404, "key_not_found"),
        (json!({ "op": "put", "key": "a", "value": 1, "if_revision": null }), 412, "precondition_failed"),
        (json!({ "op": "get", "key": "a", "if_revision": "0".repeat(32) }), 412, "precondition_failed"),
        (json!({ "op": "increment", "key": "a" }), 409, "not_a_number"),
        (json!({ "op": "increment", "key": "new", "by": "1" }), 400, "invalid_parameter"),
        (json!({ "op": "patch", "key": "a", "patch": [{ "op": "test", "path": "", "value": 1 }] }), 409, "test_failed"),
        (json!({ "op": "patch", "key": "a", "patch": 1 }), 400, "invalid_parameter"),
        (json!({ "op": "patch", "key": "a", "patch": [1] }), 400, "invalid_patch"),
        (json!({ "op": "patch", "key": "a" }), 400, "missing_parameter"),
        (json!({ "op": "put", "key": "a" }), 400, "missing_parameter"),
        (json!({ "op": "put", "key": "a", "value": "x".repeat(1_100_000) }), 413, "too_large"),
        (json!({ "op": "put", "key": "a", "value": 1, "ttl": 0 }), 400, "invalid_parameter"),
        (json!({ "op": "put", "key": "a", "value": 1, "ttl": "9" }), 400, "invalid_parameter"),
        (json!({ "op": "put", "key": "a", "value": 1, "if_revision": 1 }), 400, "invalid_parameter"),
        (json!({ "op": "put", "key": "..", "value": 1 }), 400, "invalid_key"),
        (json!({ "op": "put", "value": 1 }), 400, "missing_parameter"),
        (json!({ "op": "jump", "key": "a" }), 400, "invalid_parameter"),
        (json!({ "key": "a" }), 400, "missing_parameter"),
        (json!([]), 400, "invalid_parameter"),
        (json!({ "op": "get", "key": "a" }), 200, ""),
    ];
    let all: Vec<&Value> = operations.iter().map(|(operation, ..)| operation).collect();
    let answer = ann.bulk(json!({ "operations": all })).await;
    for (result, (operation, status, code)) in results(&answer).iter().zip(&operations) {
        assert_eq!(result["status"], *status, "{operation} {result}");
        assert_eq!(result["code"].as_str().unwrap_or_default(), *code, "{operation} {result}");
        assert_eq!(result["detail"].is_string(), *status != 200);
    }
    assert_eq!(format!("\"{}\"", results(&answer)[2]["revision"].as_str().expect("a revision")), there);
    assert_eq!(tag(&ann.get("a").await), there);
    assert_eq!(server.keys(&ann.token).await, ["a"]);
}

async fn a_body_that_is_no_bulk_is_refused(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let list = "Parameter 'operations' must be a list of at most 1000 operations";
    for (body, code, detail) in [
        ("", "invalid_json", "Request body is not JSON or is empty"),
        ("[]", "invalid_json", "Request body is not JSON or is empty"),
        ("{", "invalid_json", "Request body is not JSON or is empty"),
        ("{}", "missing_parameter", "Required parameter 'operations' is missing"),
        (r#"{"operations":{}}"#, "invalid_parameter", list),
        (r#"{"operations":null}"#, "invalid_parameter", list),
        (r#"{"operations":[],"atomic":1}"#, "invalid_parameter", "Parameter 'atomic' must be true or false"),
        (r#"{"operations":[],"operations":[]}"#, "repeated_parameter", "Parameter 'operations' occurs twice"),
    ] {
        assert_problem(&ann.bulk(body).await, 400, code, detail);
    }
    for atomic in [false, true] {
        let answer = ann.bulk(json!({ "operations": [], "atomic": atomic })).await;
        assert_eq!((answer.status, answer.text()), (200, r#"{"results":[]}"#));
    }
}

async fn a_thousand_at_once_and_no_more(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for atomic in [false, true] {
        let put = |n: usize| json!({ "op": "put", "key": format!("{atomic}_{n:04}"), "value": n });
        let operations: Vec<Value> = (0..1000).map(put).collect();
        let answer = ann.bulk(json!({ "atomic": atomic, "operations": operations })).await;
        assert_eq!(statuses(&answer), [201; 1000]);
        let operations: Vec<Value> = (0..1001).map(put).collect();
        let answer = ann.bulk(json!({ "atomic": atomic, "operations": operations })).await;
        assert_eq!((answer.status, answer.code().as_deref()), (400, Some("invalid_parameter")));
    }
    assert_eq!(server.keys(&ann.token).await.len(), 2000);
}

async fn bulks_may_be_larger_than_single_requests(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let large = "x".repeat(1_000_000);
    let put = |n: usize| json!({ "op": "put", "key": format!("k{n}"), "value": large });
    for (atomic, count, status) in [(false, 15, 200), (true, 15, 200), (false, 19, 413)] {
        let operations: Vec<Value> = (0..count).map(put).collect();
        let answer = ann.bulk(json!({ "atomic": atomic, "operations": operations })).await;
        assert_eq!(answer.status, status);
    }
}

async fn what_is_read_is_bounded(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("large", format!("\"{}\"", "x".repeat(1_000_000))).await;
    let get = json!({ "op": "get", "key": "large" });
    let answer = ann.bulk(json!({ "operations": vec![&get; 20] })).await;
    assert_eq!(statuses(&answer), [[200; 16].as_slice(), &[413; 4]].concat());
    assert_eq!(results(&answer)[19]["code"], "answer_too_large");
    let answer = ann.bulk(json!({ "atomic": true, "operations": vec![&get; 100] })).await;
    assert_eq!((answer.status, &answer.json()["failed_status"]), (409, &json!(413)));
}

async fn a_server_that_stands_alone_has_no_transactions(harness: &Harness) {
    let mongod = Mongod::start_alone(harness.mongod_binary()).await.expect("starts");
    let mut store = TestStore::open(Backend::Mongo, &mongod, "alone").await;
    let mut server = TestServer::start(&mut store).await;
    let ann = Ann::of(&server).await;
    let operations = json!([{ "op": "put", "key": "a", "value": 1 }]);
    let answer = ann.bulk(json!({ "atomic": true, "operations": operations })).await;
    assert_problem(&answer, 501, "transactions_unavailable", "The database has no transactions");
    assert_eq!(server.keys(&ann.token).await, <[&str; 0]>::default());
    // All else works.
    assert_eq!(statuses(&ann.bulk(json!({ "operations": operations })).await), [201]);
    assert_eq!(ann.send("POST", "increment/a", &[], "").await.text(), r#"{"value":2}"#);
    server.stop().await;
    drop(server);
    store.remove().await;
}
