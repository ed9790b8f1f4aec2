//! Import: what becomes of what is there, of lines that are none, and of those beyond a token.

use serde_json::json;

use super::super::assert_problem;
use super::super::tokens::token;
use super::{export, import};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        skip_leaves_what_is_there,
        overwrite_takes_what_comes,
        fail_stops_at_the_first_key_that_is_there,
        a_dry_run_writes_nothing,
        lines_that_are_none_are_told_and_the_rest_is_taken,
        lines_beyond_the_token_are_not_taken,
        an_archive_is_not_imported_here,
        a_wrong_query_is_refused,
        a_last_line_needs_no_end,
        more_than_a_thousand_failures_are_counted,
    );
}

const THREE: &str = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":2}\n{\"key\":\"c\",\"value\":3}\n";

/// Ann's token; she has a document under `b`.
async fn ann(server: &TestServer<'_>) -> String {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "b", "\"there\"").await;
    token
}

async fn value(server: &TestServer<'_>, token: &str, key: &str) -> String {
    server.get(&format!("/user/{token}/store/{key}")).await.text().to_owned()
}

async fn skip_leaves_what_is_there(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for query in ["", "?mode=skip", "?mode=skip&dry_run=false"] {
        let answer = import(server, &token, query, THREE).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        let written = if query.is_empty() { 2 } else { 0 };
        assert_eq!(answer.json(), json!({ "written": written, "skipped": 3 - written, "failed": [] }), "{query}");
    }
    assert_eq!(value(server, &token, "b").await, r#"{"value":"there"}"#);
    assert_eq!(server.keys(&token).await, ["a", "b", "c"]);
}

async fn overwrite_takes_what_comes(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let answer = import(server, &token, "?mode=overwrite", THREE).await;
    assert_eq!(answer.json(), json!({ "written": 3, "skipped": 0, "failed": [] }));
    assert_eq!(value(server, &token, "b").await, r#"{"value":2}"#);
    // Of two lines with one key, the last wins.
    let twice = "{\"key\":\"b\",\"value\":4}\n{\"key\":\"b\",\"value\":5}\n";
    assert_eq!(import(server, &token, "?mode=overwrite", twice).await.json()["written"], 2);
    assert_eq!(value(server, &token, "b").await, r#"{"value":5}"#);
}

async fn fail_stops_at_the_first_key_that_is_there(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let answer = import(server, &token, "?mode=fail", THREE).await;
    let failed = json!([{ "line": 2, "reason": "there is a document under the key b already" }]);
    assert_eq!(answer.json(), json!({ "written": 1, "skipped": 0, "failed": failed }));
    assert_eq!(server.keys(&token).await, ["a", "b"]);
    // However much comes behind it.
    let more = format!("{THREE}{}", "{\"key\":\"d\",\"value\":4}\n".repeat(200_000));
    assert_eq!(import(server, &token, "?mode=fail", more).await.json()["failed"][0]["line"], 1);
    assert_eq!(server.keys(&token).await, ["a", "b"]);
}

async fn a_dry_run_writes_nothing(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for (mode, written, skipped, failed) in [("skip", 2, 1, 0), ("overwrite", 3, 0, 0), ("fail", 1, 0, 1)] {
        let told = import(server, &token, &format!("?mode={mode}&dry_run=true"), THREE).await.json();
        let counts = (&told["written"], &told["skipped"], told["failed"].as_array().map(Vec::len));
        assert_eq!(counts, (&json!(written), &json!(skipped), Some(failed)), "{mode}");
    }
    assert_eq!(server.keys(&token).await, ["b"]);
    assert_eq!(value(server, &token, "b").await, r#"{"value":"there"}"#);
}

async fn lines_that_are_none_are_told_and_the_rest_is_taken(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let lines = [
        r#"{"key":"a","value":1}"#,
        "",
        "nonsense",
        r#"{"key":"a/b","value":1}"#,
        r#"{"key":"..","value":1}"#,
        r#"{"key":"c"}"#,
        r#"{"key":"c","value":1e999}"#,
        r#"{"key":"c","value":1,"revision":"x"}"#,
        r#"{"key":"c","value":1,"expires_at":"soon"}"#,
        "  {\"key\":\"d\",\"value\":[]}  \r",
    ]
    .join("\n");
    let answer = import(server, &token, "", lines).await.json();
    assert_eq!((&answer["written"], &answer["skipped"]), (&json!(2), &json!(0)), "{answer}");
    let failed = answer["failed"].as_array().expect("lines");
    let numbers: Vec<u64> = failed.iter().filter_map(|line| line["line"].as_u64()).collect();
    assert_eq!(numbers, [3, 4, 5, 6, 7, 8, 9], "{answer}");
    assert!(failed.iter().all(|line| line["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    assert_eq!(server.keys(&token).await, ["a", "b", "d"]);
}

async fn lines_beyond_the_token_are_not_taken(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    let limited = token(server, &json!({ "client_id": "limited", "prefix": "a" })).await;
    let answer = import(server, &limited, "?mode=overwrite", THREE).await.json();
    let failed = [(2, "b"), (3, "c")]
        .map(|(line, key)| json!({ "line": line, "reason": format!("the token does not reach the key {key}") }));
    assert_eq!(answer, json!({ "written": 1, "skipped": 0, "failed": failed }));
    assert_eq!(server.keys(&own).await, ["a", "b"]);
    let reader = token(server, &json!({ "client_id": "reader", "scope": "read" })).await;
    let answer = import(server, &reader, "", THREE).await;
    assert_problem(&answer, 403, "not_granted", "The token does not allow this");
}

async fn an_archive_is_not_imported_here(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let line = "{\"account\":{\"username\":\"eve\",\"admin\":true}}\n";
    let answer = import(server, &token, "?mode=overwrite", line).await.json();
    let reason = "this is a line of an archive, which is not imported into one account";
    assert_eq!(answer["failed"], json!([{ "line": 1, "reason": reason }]));
}

async fn a_wrong_query_is_refused(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for (query, detail) in [
        ("?mode=", "Parameter 'mode' must be skip, overwrite or fail"),
        ("?mode=Skip", "Parameter 'mode' must be skip, overwrite or fail"),
        ("?dry_run=", "Parameter 'dry_run' must be true or false"),
        ("?dry_run", "Parameter 'dry_run' must be true or false"),
        ("?dry_run=1", "Parameter 'dry_run' must be true or false"),
    ] {
        assert_problem(&import(server, &token, query, THREE).await, 400, "invalid_parameter", detail);
    }
    let answer = import(server, &token, "?mode=skip&mode=fail", THREE).await;
    assert_problem(&answer, 400, "repeated_parameter", "Parameter 'mode' occurs twice");
    assert_eq!(server.keys(&token).await, ["b"]);
}

async fn a_last_line_needs_no_end(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    assert_eq!(import(server, &token, "", THREE.trim_end()).await.json()["written"], 2);
    assert_eq!(import(server, &token, "", "").await.json(), json!({ "written": 0, "skipped": 0, "failed": [] }));
    assert_eq!(export(server, &token).await.lines().count(), 3);
}

async fn more_than_a_thousand_failures_are_counted(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let answer = import(server, &token, "", "x\n".repeat(1500)).await.json();
    assert_eq!(answer["failed"].as_array().map(Vec::len), Some(1000));
    assert_eq!(answer["more_failed"], 500);
}
