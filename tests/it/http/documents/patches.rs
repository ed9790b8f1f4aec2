//! PATCH: what it makes of a value, and what it refuses.

use super::super::{OK, assert_json, assert_problem};
use super::{Ann, JSON, MERGE, PATCH, tag};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_merge_patch_sets_and_removes_members,
        a_json_patch_points_into_the_value,
        a_patch_needs_a_document,
        other_types_are_refused_with_those_that_are_taken,
        what_is_no_patch_is_refused,
        a_patch_that_cannot_be_applied_changes_nothing,
        a_result_that_cannot_be_kept_is_refused,
    );
}

async fn a_merge_patch_sets_and_removes_members(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let before = tag(&ann.put("one", r#"{"a":1,"b":{"c":2,"d":3}}"#).await);
    server.clock().advance(2000);
    let answer =
        ann.send("PATCH", "store/one", &[MERGE], r#"{"b":{"c":null,"e":[null]},"f":12345678901234567890}"#).await;
    assert_json(&answer, OK);
    let there = ann.get("one").await;
    assert_json(&there, r#"{"value":{"a":1,"b":{"d":3,"e":[null]},"f":12345678901234567890}}"#);
    assert_eq!(tag(&there), tag(&answer));
    assert_ne!(tag(&there), before);
    assert_eq!(there.header("keybin-created"), Some("2040-01-02T03:04:05.678Z"));
    assert_eq!(there.header("last-modified"), Some("Mon, 02 Jan 2040 03:04:07 GMT"));
    let charset = ("Content-Type", "Application/Merge-Patch+JSON; charset=utf-8");
    assert_json(&ann.send("PATCH", "store/one", &[charset], "null").await, OK);
    assert_json(&ann.get("one").await, r#"{"value":null}"#);
}

async fn a_json_patch_points_into_the_value(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", r#"{"a":[1,2],"b/c":"x"}"#).await;
    let operations = r#"[{"op":"test","path":"/b~1c","value":"x"},{"op":"remove","path":"/a/0"},
        {"op":"add","path":"/a/-","value":{"n":1.0}},{"op":"copy","from":"/a","path":"/d"},
        {"op":"move","from":"/b~1c","path":"/e"},{"op":"replace","path":"/a/0","value":3}]"#;
    assert_json(&ann.send("PATCH", "store/one", &[PATCH], operations).await, OK);
    assert_json(&ann.get("one").await, r#"{"value":{"a":[3,{"n":1.0}],"d":[2,{"n":1.0}],"e":"x"}}"#);
    assert_json(&ann.send("PATCH", "store/one", &[PATCH], r#"[{"op":"replace","path":"","value":7}]"#).await, OK);
    assert_json(&ann.get("one").await, r#"{"value":7}"#);
}

async fn a_patch_needs_a_document(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for (content, body) in [(MERGE, "{}"), (PATCH, "[]"), (MERGE, "")] {
        let answer = ann.send("PATCH", "store/one?ttl=5", &[content], body).await;
        assert_problem(&answer, 404, "key_not_found", "Key 'one' not found");
    }
    assert_eq!(server.keys(&ann.token).await, <[&str; 0]>::default());
}

async fn other_types_are_refused_with_those_that_are_taken(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "{}").await;
    for given in ["application/json", "text/plain", "application/x-json-patch+json", "x/merge-patch+json"] {
        let answer = ann.send("PATCH", "store/one", &[("Content-Type", given)], "{}").await;
        let detail = "The content type is none of the patches that are understood";
        assert_problem(&answer, 415, "unsupported_media_type", detail);
        let accepted = "application/merge-patch+json, application/json-patch+json";
        assert_eq!(answer.header("accept-patch"), Some(accepted));
    }
    assert_eq!(ann.send("PATCH", "store/one", &[], "{}").await.status, 415);
}

async fn what_is_no_patch_is_refused(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let before = tag(&ann.put("one", "{}").await);
    for (content, body, code) in [
        (MERGE, "", "invalid_json"),
        (PATCH, "", "invalid_json"),
        (MERGE, "{", "invalid_json"),
        (PATCH, "[", "invalid_json"),
        (PATCH, "{}", "invalid_patch"),
        (PATCH, r#"[{"op":"jump","path":"/a"}]"#, "invalid_patch"),
        (PATCH, r#"[{"op":"add","path":"a","value":1}]"#, "invalid_patch"),
        (PATCH, r#"[{"op":"add","path":"/a"}]"#, "invalid_patch"),
        (PATCH, "[1]", "invalid_patch"),
    ] {
        let answer = ann.send("PATCH", "store/one", &[content], body).await;
        assert_eq!((answer.status, answer.code().as_deref()), (400, Some(code)), "{body}");
    }
    let answer = ann.send("PATCH", "store/one", &[PATCH], r#"[{"op":"jump","path":"/a"}]"#).await;
    assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.contains("/0/op")), "{answer:?}");
    assert_eq!(ann.send("PATCH", "store/one", &[MERGE], r#"{"a":1,"a":2}"#).await.status, 422);
    assert_eq!(tag(&ann.get("one").await), before);
}

async fn a_patch_that_cannot_be_applied_changes_nothing(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let before = tag(&ann.put("one", r#"{"a":[1]}"#).await);
    for (operation, code) in [
        (r#"{"op":"test","path":"/a/0","value":2}"#, "test_failed"),
        (r#"{"op":"test","path":"/b","value":2}"#, "no_such_path"),
        (r#"{"op":"remove","path":"/a/1"}"#, "no_such_path"),
        (r#"{"op":"replace","path":"/b","value":2}"#, "no_such_path"),
        (r#"{"op":"add","path":"/b/c","value":2}"#, "no_such_path"),
        (r#"{"op":"move","from":"/b","path":"/c"}"#, "no_such_path"),
    ] {
        let body = format!(r#"[{{"op":"add","path":"/z","value":1}},{operation}]"#);
        let answer = ann.send("PATCH", "store/one", &[PATCH], body).await;
        assert_eq!((answer.status, answer.code().as_deref()), (409, Some(code)), "{operation}");
        assert!(answer.text().contains("peration 1"), "{answer:?}");
    }
    assert_eq!(tag(&ann.get("one").await), before);
}

async fn a_result_that_cannot_be_kept_is_refused(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let half = "x".repeat(600_000);
    let before = tag(&ann.put("one", format!("{{\"a\":\"{half}\"}}")).await);
    for body in [format!("{{\"b\":\"{half}\"}}"), format!("\"{}\"", "x".repeat(2_000_000))] {
        let answer = ann.send("PATCH", "store/one", &[MERGE], body).await;
        assert_eq!((answer.status, answer.code().as_deref()), (413, Some("too_large")));
    }
    let copy = r#"[{"op":"copy","from":"/a","path":"/b"}]"#;
    assert_eq!(ann.send("PATCH", "store/one", &[PATCH], copy).await.status, 413);
    let deep = format!("{}{}", r#"{"a":"#.repeat(70), "1".to_owned() + &"}".repeat(70));
    assert_eq!(ann.send("PATCH", "store/one", &[MERGE], deep).await.status, 422);
    assert_eq!(ann.send("PATCH", "store/one", &[JSON], "{}").await.status, 415);
    assert_eq!(tag(&ann.get("one").await), before);
}
