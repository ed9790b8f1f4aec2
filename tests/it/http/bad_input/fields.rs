//! Bodies whose members are missing, of another type than they must be, or there twice.

use super::{JSON, Row, post, refused, row};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        what_must_be_a_string_is_nothing_else,
        operators_of_a_database_are_no_strings,
        members_that_occur_twice_are_refused,
        members_that_are_missing_are_told,
        texts_that_nobody_may_have_are_refused,
    );
}

/// What is no string.
const OTHERS: [&str; 12] = [
    "0",
    "-1.5",
    "1e400",
    "true",
    "false",
    "[]",
    "[\"ann\"]",
    "[null]",
    "{}",
    "{\"a\":\"ann\"}",
    "{\"$ne\":null}",
    "[{\"$gt\":\"\"}]",
];

/// The body to each request that takes a name and a password.
fn account(body: &str) -> [(String, Vec<u8>); 3] {
    [
        (format!("register {body}"), post("/register", body)),
        (format!("token {body}"), post("/token", body)),
        (format!("unregister {body}"), request("DELETE", "/unregister", &[JSON], body)),
    ]
}

fn accounts(body: &str, code: &'static str) -> impl Iterator<Item = Row> {
    account(body).into_iter().map(move |(what, request)| row(what, request, 400, code))
}

async fn what_must_be_a_string_is_nothing_else(server: &mut TestServer<'_>) {
    refused(server, |_| {
        let mut rows = Vec::new();
        for other in OTHERS.iter().chain(&["null"]) {
            rows.extend(accounts(&format!("{{\"username\":{other},\"password\":\"pw\"}}"), "invalid_parameter"));
            rows.extend(accounts(&format!("{{\"username\":\"ann\",\"password\":{other}}}"), "invalid_parameter"));
            rows.extend(accounts(&format!("{{\"username\":{other},\"password\":{other}}}"), "invalid_parameter"));
        }
        for other in OTHERS {
            let body = format!("{{\"username\":\"ann\",\"password\":\"pw\",\"client_id\":{other}}}");
            rows.push(row(&body, post("/token", &body), 400, "invalid_parameter"));
        }
        rows
    })
    .await;
}

async fn operators_of_a_database_are_no_strings(server: &mut TestServer<'_>) {
    refused(server, |_| {
        let mut rows = Vec::new();
        for body in [
            r#"{"username":{"$ne":null},"password":{"$ne":null}}"#,
            r#"{"username":{"$gt":""},"password":{"$gt":""}}"#,
            r#"{"username":{"$regex":".*"},"password":"pw"}"#,
            r#"{"username":{"$in":["ann","bob"]},"password":"pw"}"#,
            r#"{"username":{"$where":"1"},"password":"pw"}"#,
            r#"{"username":"ann","password":{"$exists":true}}"#,
        ] {
            rows.extend(accounts(body, "invalid_parameter"));
        }
        for body in [r#"{"username[$ne]":"x","password[$ne]":"x"}"#, r#"{"$or":[{"username":"ann"}]}"#] {
            rows.extend(accounts(body, "missing_parameter"));
        }
        // As strings they are names like others, which nobody has.
        for name in ["{\\\"$ne\\\":null}", "$ne", "' or '1'='1", "ann\\\" or \\\"", "*", "a.n", "%", ".*"] {
            let body = format!("{{\"username\":\"{name}\",\"password\":\"pw\"}}");
            rows.push(row(name, post("/token", &body), 403, "invalid_credentials"));
            rows.push(row(name, request("DELETE", "/unregister", &[JSON], &body), 403, "invalid_credentials"));
        }
        rows
    })
    .await;
}

async fn members_that_occur_twice_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for body in [
            r#"{"username":"ann","username":"ann","password":"pw"}"#,
            r#"{"username":"bob","password":"pw","username":"ann"}"#,
            r#"{"username":"ann","password":"no","password":"pw"}"#,
            r#"{"username":"ann","password":"pw","passwor\u0064":"pw"}"#,
            r#"{"username":"ann","password":"pw","more":1,"more":1}"#,
            r#"{"username":"ann","password":"pw","":1,"":1}"#,
        ] {
            rows.extend(accounts(body, "repeated_parameter"));
        }
        let twice = r#"{"username":"ann","password":"pw","client_id":"a","client_id":"a"}"#;
        rows.push(row(twice, post("/token", twice), 400, "repeated_parameter"));
        for body in [r#"{"value":1,"value":1}"#, r#"{"value":1,"\u0076alue":2}"#, r#"{"value":1,"a":1,"a":1}"#] {
            rows.push(row(body, post(&format!("/user/{token}/store/one"), body), 400, "repeated_parameter"));
        }
        rows
    })
    .await;
}

async fn members_that_are_missing_are_told(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for body in [
            "{}",
            r#"{"username":"ann"}"#,
            r#"{"password":"pw"}"#,
            r#"{"Username":"ann","Password":"pw"}"#,
            r#"{"username ":"ann","password":"pw"}"#,
            r#"{"username\u0000":"ann","password":"pw"}"#,
            r#"{"user":{"username":"ann","password":"pw"}}"#,
        ] {
            rows.extend(accounts(body, "missing_parameter"));
        }
        for body in ["{}", r#"{"Value":1}"#, r#"{"values":1}"#, r#"{"":1}"#, r#"{"one":{"value":1}}"#] {
            rows.push(row(body, post(&format!("/user/{token}/store/one"), body), 400, "missing_parameter"));
        }
        rows
    })
    .await;
}

async fn texts_that_nobody_may_have_are_refused(server: &mut TestServer<'_>) {
    refused(server, |_| {
        let mut rows = Vec::new();
        let (long, wide) = ("x".repeat(256), "é".repeat(128));
        for bad in ["", "\\u0000", "ann\\u0000", "a\\nb", "\\u007f", "\\u0085", "\\t", &long, &wide] {
            let body = format!("{{\"username\":\"{bad}\",\"password\":\"pw\"}}");
            rows.push(row(bad, post("/register", &body), 400, "invalid_username"));
            rows.push(row(bad, post("/token", &body), 403, "invalid_credentials"));
            rows.push(row(bad, request("DELETE", "/unregister", &[JSON], &body), 403, "invalid_credentials"));
            if !bad.is_empty() {
                let body = format!("{{\"username\":\"ann\",\"password\":\"pw\",\"client_id\":\"{bad}\"}}");
                rows.push(row(bad, post("/token", body), 400, "invalid_client_id"));
            }
        }
        let (long, wide) = ("x".repeat(73), "é".repeat(37));
        for bad in ["", "\\u0000", "pw\\u0000", "pw\\u0000pw", &long, &wide] {
            let body = format!("{{\"username\":\"new\",\"password\":\"{bad}\"}}");
            rows.push(row(bad, post("/register", &body), 400, "invalid_password"));
            let body = format!("{{\"username\":\"ann\",\"password\":\"{bad}\"}}");
            rows.push(row(bad, post("/token", &body), 403, "invalid_credentials"));
            rows.push(row(bad, request("DELETE", "/unregister", &[JSON], &body), 403, "invalid_credentials"));
        }
        rows
    })
    .await;
}
