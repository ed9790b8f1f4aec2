//! What is missing, of the wrong type, or cannot be kept.

use super::super::assert_message;
use super::jwt;
use crate::harness::ask::{Ask, delete, get, post, put};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        what_is_missing_or_wrong_is_told,
        what_is_no_key_is_told,
        what_is_no_value_is_told,
    );
}

/// A document that must be as it was in the end, and the number of rows with it.
async fn keep(server: &mut TestServer<'_>, jwt: &str) -> u64 {
    let set = post("/set").bearer(jwt).json(r#"{"key":"one","value":"kept"}"#).ask(server).await;
    assert_eq!(set.status, 200);
    server.rows().await
}

async fn assert_kept(server: &mut TestServer<'_>, jwt: &str, rows: u64) {
    assert_eq!(get("/get?key=one").bearer(jwt).ask(server).await.json()["value_name"], "kept");
    assert_eq!(server.rows().await, rows);
}

async fn what_is_missing_or_wrong_is_told(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let rows = keep(server, &jwt).await;
    let no_json = "Request body is not JSON or is empty";
    let (create, change, set) = (post("/keyvaluepairs/"), put("/keyvaluepairs/one"), post("/set"));
    for (request, body, message) in [
        (&create, "{}", "Required parameter 'key_name' is missing"),
        (&create, r#"{"value_name":1}"#, "Required parameter 'key_name' is missing"),
        (&create, r#"{"key":"one","value":1}"#, "Required parameter 'key_name' is missing"),
        (&create, r#"{"key_name":"two"}"#, "Required parameter 'value_name' is missing"),
        (&create, r#"{"key_name":2,"value_name":1}"#, "Parameter 'key_name' must be a string"),
        (&create, r#"{"key_name":null,"value_name":1}"#, "Parameter 'key_name' must be a string"),
        (&create, r#"{"key_name":"a","key_name":"b","value_name":1}"#, "Parameter 'key_name' occurs twice"),
        (&change, "{}", "Required parameter 'value_name' is missing"),
        (&change, r#"{"value":1}"#, "Required parameter 'value_name' is missing"),
        (&change, r#"{"value_name":1,"value_name":2}"#, "Parameter 'value_name' occurs twice"),
        (&set, "{}", "Required parameter 'key' is missing"),
        (&set, r#"{"key":"two"}"#, "Required parameter 'value' is missing"),
        (&set, r#"{"key_name":"two","value_name":1}"#, "Required parameter 'key' is missing"),
        (&set, r#"{"key":true,"value":1}"#, "Parameter 'key' must be a string"),
    ] {
        assert_message(&request.clone().bearer(&jwt).json(body).ask(server).await, 400, message);
    }
    for request in [create, change, set] {
        for body in ["", "[]", "1", "{", r#"{"key":"two","value":}"#] {
            assert_message(&request.clone().bearer(&jwt).json(body).ask(server).await, 400, no_json);
        }
        let form = request.clone().bearer(&jwt).form(&[("key", "one"), ("key_name", "one"), ("value", "1")]);
        assert_message(&form.ask(server).await, 400, no_json);
    }
    let message = "Required parameter 'key' is missing";
    for query in ["", "?", "?key_name=one"] {
        assert_message(&get(format!("/get{query}")).bearer(&jwt).ask(server).await, 400, message);
    }
    let twice = get("/get?key=one&key=two").bearer(&jwt).ask(server).await;
    assert_message(&twice, 400, "Parameter 'key' occurs twice");
    assert_kept(server, &jwt, rows).await;
}

async fn what_is_no_key_is_told(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let rows = keep(server, &jwt).await;
    let rule = "Key must be 1 to 255 bytes, without control characters or /, and not . or ..";
    let long = "x".repeat(256);
    for segment in [".", "..", "%2e", "a%2Fb", "%00", "a%0Ab", "%7F", "%FF", "one/", &long] {
        let path = format!("/keyvaluepairs/{segment}");
        for request in [get(&path), put(&path).json(r#"{"value_name":1}"#), delete(&path)] {
            assert_message(&request.bearer(&jwt).ask(server).await, 400, rule);
        }
        assert_message(&get(format!("/get?key={segment}")).bearer(&jwt).ask(server).await, 400, rule);
    }
    for key in ["", ".", "..", "a/b", "a\\u0000", "a\\n", "\\u007f", &long] {
        let create = post("/keyvaluepairs/").json(format!(r#"{{"key_name":"{key}","value_name":1}}"#));
        let set = post("/set").json(format!(r#"{{"key":"{key}","value":1}}"#));
        for request in [create, set] {
            assert_message(&request.bearer(&jwt).ask(server).await, 400, rule);
        }
    }
    assert_message(&get("/get?key=").bearer(&jwt).ask(server).await, 400, rule);
    assert_kept(server, &jwt, rows).await;
}

async fn what_is_no_value_is_told(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\nmax_value_bytes=1000\n").await;
    let jwt = jwt(server, "ann").await;
    let rows = keep(server, &jwt).await;
    let (large, larger) = (format!("\"{}\"", "x".repeat(999)), "x".repeat(6_000));
    for (value, status, message) in [
        ("1e400", 422, "The number 1e400 cannot be kept exactly; send it as a string"),
        (r#"{"a":1,"a":2}"#, 422, "The member \"a\" occurs twice in one object"),
        (r#"{"\u0000":1}"#, 422, "A member name contains a NUL character"),
        (&large, 413, "The value is larger than 1000 bytes"),
        (&larger, 413, "The body must not be larger than 5096 bytes"),
    ] {
        for request in writes(value) {
            assert_message(&request.bearer(&jwt).ask(server).await, status, message);
        }
    }
    assert_kept(server, &jwt, rows).await;
}

fn writes(value: &str) -> [Ask; 4] {
    [
        post("/keyvaluepairs/").json(format!(r#"{{"key_name":"two","value_name":{value}}}"#)),
        put("/keyvaluepairs/one").json(format!(r#"{{"value_name":{value}}}"#)),
        post("/set").json(format!(r#"{{"key":"one","value":{value}}}"#)),
        post("/set").json(format!(r#"{{"key":"two","value":{value}}}"#)),
    ]
}
