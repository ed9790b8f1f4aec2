//! `If-Match` and `If-None-Match` (RFC 9110, 13), on every method.

use serde_json::{Value, json};

use super::super::{OK, assert_json, assert_problem};
use super::{Ann, JSON, MERGE, tag};
use crate::harness::http::Answer;
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_read_that_changes_nothing_is_304,
        a_read_of_another_revision_is_412,
        a_write_takes_place_exactly_when_its_condition_holds,
        a_refused_write_shows_what_is_there,
        conditions_on_what_is_not_there,
        a_condition_that_is_none_is_refused,
        of_many_writers_with_one_revision_one_wins,
        of_many_who_create_one_wins,
    );
}

const OTHER: &str = "\"00000000000000000000000000000000\"";

async fn a_read_that_changes_nothing_is_304(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let tag = tag(&ann.put("one?ttl=60", "[1]").await);
    let list = format!("{OTHER} , W/{tag}");
    for method in ["GET", "HEAD"] {
        let whole = ann.send(method, "store/one", &[], "").await;
        for tags in [&tag, &format!("W/{tag}"), "*", &list] {
            let answer = ann.send(method, "store/one", &[("If-None-Match", tags)], "").await;
            assert_eq!((answer.status, answer.text()), (304, ""), "{tags}");
            for header in ["etag", "last-modified", "keybin-created", "keybin-expires", "cache-control"] {
                assert_eq!(answer.header(header), whole.header(header), "{header}");
            }
            assert_eq!(answer.header("content-type"), None);
            assert!(answer.header("content-length").is_none_or(|length| length != "0"), "{answer:?}");
        }
        for tags in [OTHER, "\"\"", "\"some other\"".replace(' ', "").as_str()] {
            let answer = ann.send(method, "store/one", &[("If-None-Match", tags)], "").await;
            assert_eq!((answer.status, answer.text()), (200, whole.text()), "{tags}");
        }
    }
    // Several lines are one list, and the connection goes on after an answer without a body.
    let answer = ann.send("GET", "store/one", &[("If-None-Match", OTHER), ("If-None-Match", &tag)], "").await;
    assert_eq!(answer.status, 304);
    let raw = format!("GET /user/{}/store/one HTTP/1.1\r\nHost: k\r\nIf-None-Match: {tag}\r\n\r\n", ann.token);
    assert_eq!(server.raw(raw).await.end, None);
}

async fn a_read_of_another_revision_is_412(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let tag = tag(&ann.put("one", "[1]").await);
    for tags in [&tag, "*", &format!("{OTHER},{tag}")] {
        assert_json(&ann.send("GET", "store/one", &[("If-Match", tags)], "").await, r#"{"value":[1]}"#);
    }
    for tags in [OTHER, &format!("W/{tag}")] {
        let answer = ann.send("GET", "store/one", &[("If-Match", tags)], "").await;
        assert_eq!(answer.status, 412, "{tags}");
        assert_shown(&answer, &tag, &json!([1]));
        assert_eq!(ann.send("HEAD", "store/one", &[("If-Match", tags)], "").await.status, 412);
        // If-Match comes first (13.2.2).
        let both = [("If-Match", tags), ("If-None-Match", tag.as_str())];
        assert_eq!(ann.send("GET", "store/one", &both, "").await.status, 412);
    }
    let both = [("If-Match", tag.as_str()), ("If-None-Match", "*")];
    assert_eq!(ann.send("GET", "store/one", &both, "").await.status, 304);
}

/// Each way to write, each with every condition.
async fn a_write_takes_place_exactly_when_its_condition_holds(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for (method, path, content, body) in [
        ("PUT", "store/one", JSON, r#"{"value":2}"#),
        ("POST", "store/one", JSON, r#"{"value":2}"#),
        ("PATCH", "store/one", MERGE, "2"),
        ("PATCH", "store/one?ttl=60", MERGE, ""),
        ("POST", "increment/one", JSON, "{}"),
        ("DELETE", "store/one", JSON, ""),
    ] {
        for (header, given, holds) in [
            ("If-Match", "*", true),
            ("If-Match", "THIS", true),
            ("If-Match", "OTHER, THIS", true),
            ("If-Match", "OTHER", false),
            ("If-Match", "W/THIS", false),
            ("If-None-Match", "*", false),
            ("If-None-Match", "THIS", false),
            ("If-None-Match", "W/THIS", false),
            ("If-None-Match", "OTHER", true),
        ] {
            let before = tag(&ann.put("one", "1").await);
            let given = given.replace("THIS", &before).replace("OTHER", OTHER);
            let answer = ann.send(method, path, &[content, (header, &given)], body).await;
            assert_eq!(answer.status, if holds { 200 } else { 412 }, "{method} {path} {header}: {given}");
            let after = ann.get("one").await;
            if !holds {
                assert_shown(&answer, &before, &json!(1));
                assert_eq!(tag(&after), before);
            } else if method == "DELETE" {
                assert_eq!(after.status, 404);
            } else {
                assert_eq!(tag(&after), tag(&answer));
                assert_ne!(tag(&after), before);
            }
        }
    }
}

/// That a problem document shows the document that is there.
#[track_caller]
fn assert_shown(answer: &Answer, tag: &str, value: &Value) {
    let problem = answer.json();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(problem["code"], "precondition_failed");
    assert_eq!(problem["status"], 412);
    assert_eq!(format!("\"{}\"", problem["revision"].as_str().expect("a revision")), tag);
    assert_eq!(&problem["value"], value);
}

async fn a_refused_write_shows_what_is_there(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let first = tag(&ann.put("one", "1").await);
    server.clock().advance(1000);
    let there = tag(&ann.put("one", r#"{"a":[1.0,12345678901234567890]}"#).await);
    let answer = ann.send("PUT", "store/one", &[JSON, ("If-Match", &first)], r#"{"value":2}"#).await;
    let expected = format!(
        r#"{{"title":"Precondition Failed","status":412,"detail":"The condition does not hold","code":"precondition_failed","revision":{there},"value":{{"a":[1.0,12345678901234567890]}},"created_at":"2040-01-02T03:04:05.678Z","modified_at":"2040-01-02T03:04:06.678Z"}}"#
    );
    assert_eq!((answer.status, answer.text()), (412, expected.as_str()));
    // With that a client can go on.
    let merged = ann.send("PUT", "store/one", &[JSON, ("If-Match", &there)], r#"{"value":3}"#).await;
    assert_json(&merged, OK);
}

async fn conditions_on_what_is_not_there(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    // Without the condition it would be 404, and so the condition does not count (13.2.1).
    for (method, content, body) in [("GET", JSON, ""), ("DELETE", JSON, ""), ("PATCH", MERGE, "{}")] {
        for header in ["If-Match", "If-None-Match"] {
            for tags in ["*", OTHER] {
                let answer = ann.send(method, "store/one", &[content, (header, tags)], body).await;
                assert_problem(&answer, 404, "key_not_found", "Key 'one' not found");
            }
        }
    }
    for path in ["store/one", "increment/one"] {
        let method = if path.starts_with("store") { "PUT" } else { "POST" };
        for tags in ["*", OTHER] {
            let answer = ann.send(method, path, &[JSON, ("If-Match", tags)], r#"{"value":1}"#).await;
            assert_problem(&answer, 412, "precondition_failed", "The condition does not hold");
        }
        for tags in ["*", OTHER] {
            let answer = ann.send(method, path, &[JSON, ("If-None-Match", tags)], r#"{"value":1}"#).await;
            assert!(answer.status < 300, "{answer:?}");
            ann.send("DELETE", "store/one", &[], "").await;
        }
    }
}

async fn a_condition_that_is_none_is_refused(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    for header in ["If-Match", "If-None-Match"] {
        let detail = format!("{header} must be * or a list of entity tags in double quotes");
        for tags in ["abc", "\"a", "*,*", ",", "\"a\" \"b\"", "00000000000000000000000000000000"] {
            for (method, content, body) in
                [("GET", JSON, ""), ("PUT", JSON, r#"{"value":2}"#), ("PATCH", MERGE, "2"), ("DELETE", JSON, "")]
            {
                let answer = ann.send(method, "store/one", &[content, (header, tags)], body).await;
                assert_problem(&answer, 400, "invalid_condition", &detail);
            }
        }
    }
    assert_json(&ann.get("one").await, r#"{"value":1}"#);
}

async fn of_many_writers_with_one_revision_one_wins(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for method in ["PUT", "PATCH", "DELETE"] {
        let tag = tag(&ann.put("one", "\"first\"").await);
        let answers = race(32, |i| {
            let (ann, tag) = (ann.clone(), tag.clone());
            async move {
                let (content, body) =
                    if method == "PUT" { (JSON, format!("{{\"value\":{i}}}")) } else { (MERGE, i.to_string()) };
                ann.send(method, "store/one", &[content, ("If-Match", &tag)], body).await
            }
        })
        .await;
        let won: Vec<usize> = (0..32).filter(|i| answers[*i].status == 200).collect();
        assert_eq!(won.len(), 1, "{method}");
        let lost = if method == "DELETE" { 404 } else { 412 };
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == lost), "{answers:?}");
        if method != "DELETE" {
            assert_json(&ann.get("one").await, &format!(r#"{{"value":{}}}"#, won[0]));
        }
    }
}

async fn of_many_who_create_one_wins(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let answers = race(32, |i| {
        let ann = ann.clone();
        async move { ann.send("PUT", "store/one", &[JSON, ("If-None-Match", "*")], format!("{{\"value\":{i}}}")).await }
    })
    .await;
    let won: Vec<usize> = (0..32).filter(|i| answers[*i].status == 201).collect();
    assert_eq!(won.len(), 1);
    let tag = tag(&answers[won[0]]);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_shown(answer, &tag, &json!(won[0]));
    }
}
