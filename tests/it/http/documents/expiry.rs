//! Expiry: `?ttl=` and `?expires_at=`, to the millisecond.

use super::super::{OK, assert_json, assert_problem};
use super::{Ann, JSON, MERGE, PATCH, tag};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_document_is_gone_on_its_second,
        each_write_can_say_when_its_document_ends,
        a_touch_changes_nothing_but_the_end,
        what_is_no_end_is_refused,
    );
}

async fn a_document_is_gone_on_its_second(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("ttl?ttl=10", "1").await;
    ann.put("at?expires_at=2040-01-02T04:04:15.678%2B01:00", "1").await;
    server.clock().advance(9_999);
    for key in ["ttl", "at"] {
        assert_eq!(ann.get(key).await.header("keybin-expires"), Some("2040-01-02T03:04:15.678Z"), "{key}");
    }
    server.clock().advance(1);
    for key in ["ttl", "at"] {
        let not_found = format!("Key '{key}' not found");
        assert_problem(&ann.get(key).await, 404, "key_not_found", &not_found);
        assert_problem(&ann.send("DELETE", &format!("store/{key}"), &[], "").await, 404, "key_not_found", &not_found);
        let answer = ann.send("PATCH", &format!("store/{key}"), &[MERGE], "{}").await;
        assert_problem(&answer, 404, "key_not_found", &not_found);
        let answer = ann.send("PUT", &format!("store/{key}"), &[JSON, ("If-Match", "*")], r#"{"value":1}"#).await;
        assert_problem(&answer, 412, "precondition_failed", "The condition does not hold");
    }
    assert_eq!(server.keys(&ann.token).await, <[&str; 0]>::default());
    assert_json(&ann.send("DELETE", "documents?prefix=", &[], "").await, r#"{"deleted":0}"#);
    assert_json(&ann.send("POST", "increment/ttl", &[], "").await, r#"{"value":1}"#);
    assert_eq!(ann.get("ttl").await.header("keybin-expires"), None);
}

async fn each_write_can_say_when_its_document_ends(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let end = async |key: &str| ann.get(key).await.header("keybin-expires").map(str::to_owned);
    let (minute, hour) = (Some("2040-01-02T03:05:05.678Z".to_owned()), Some("2040-01-02T04:04:05.678Z".to_owned()));
    for (method, path, content, body) in [
        ("PUT", "store/one", JSON, r#"{"value":{}}"#),
        ("POST", "store/one", JSON, r#"{"value":{}}"#),
        ("PATCH", "store/one", MERGE, "{}"),
        ("PATCH", "store/one", PATCH, "[]"),
        ("PATCH", "store/one", MERGE, "1"),
        ("POST", "increment/one", JSON, "{}"),
    ] {
        let keeps = method == "PATCH" || path == "increment/one";
        assert!(ann.send(method, &format!("{path}?ttl=60"), &[content], body).await.status < 300);
        assert_eq!(end("one").await, minute, "{method}");
        assert!(ann.send(method, path, &[content], body).await.status < 300);
        assert_eq!(end("one").await, if keeps { minute.clone() } else { None }, "{method}");
        let at = format!("{path}?expires_at=2040-01-02T04:04:05.678999Z");
        assert!(ann.send(method, &at, &[content], body).await.status < 300);
        assert_eq!(end("one").await, hour, "{method}");
    }
}

async fn a_touch_changes_nothing_but_the_end(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let before = tag(&ann.put("one", "[1]").await);
    server.clock().advance(5000);
    let touched = ann.send("PATCH", "store/one?ttl=60", &[], "").await;
    assert_json(&touched, OK);
    let there = ann.get("one").await;
    assert_json(&there, r#"{"value":[1]}"#);
    assert_eq!(there.header("last-modified"), Some("Mon, 02 Jan 2040 03:04:05 GMT"));
    assert_eq!(there.header("keybin-expires"), Some("2040-01-02T03:05:10.678Z"));
    assert_eq!(tag(&there), tag(&touched));
    assert_ne!(tag(&there), before);
}

async fn what_is_no_end_is_refused(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let ttl = "Parameter 'ttl' must be a whole number of seconds from 1 to 4294967295";
    let at = "Parameter 'expires_at' must be a time like 2030-01-31T12:00:00Z that is to come";
    for (query, detail) in [
        ("ttl=0", ttl),
        ("ttl=-1", ttl),
        ("ttl=%2B1", ttl),
        ("ttl=1.5", ttl),
        ("ttl=", ttl),
        ("ttl", ttl),
        ("ttl=x", ttl),
        ("ttl=4294967296", ttl),
        ("ttl=%FF", "Parameter 'ttl' must be UTF-8"),
        ("expires_at=", at),
        ("expires_at=tomorrow", at),
        ("expires_at=2041-01-01", at),
        ("expires_at=2041-13-01T00:00:00Z", at),
        ("expires_at=2040-01-02T03:04:05.678Z", at),
        ("expires_at=2040-01-02T03:04:05.678999Z", at),
        ("expires_at=1999-01-01T00:00:00Z", at),
        ("ttl=1&expires_at=2041-01-01T00:00:00Z", "Parameter 'ttl' cannot be given together with 'expires_at'"),
    ] {
        for (method, path, content, body) in [
            ("PUT", "store/one", JSON, r#"{"value":1}"#),
            ("POST", "store/one", JSON, r#"{"value":1}"#),
            ("PATCH", "store/one", MERGE, "1"),
            ("PATCH", "store/one", MERGE, ""),
            ("POST", "increment/one", JSON, "{}"),
        ] {
            let answer = ann.send(method, &format!("{path}?{query}"), &[content], body).await;
            assert_problem(&answer, 400, "invalid_parameter", detail);
        }
    }
    let answer = ann.put("one?ttl=1&ttl=2", "1").await;
    assert_problem(&answer, 400, "repeated_parameter", "Parameter 'ttl' occurs twice");
    assert_eq!(server.keys(&ann.token).await, <[&str; 0]>::default());
    assert_eq!(ann.put("one?ttl=4294967295", "1").await.status, 201);
}
