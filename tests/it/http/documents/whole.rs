//! Reading, writing and removing documents, and what the headers tell of them.

use super::super::{OK, assert_json, assert_problem};
use super::{Ann, JSON, tag};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_document_is_described_in_headers,
        put_tells_whether_the_key_is_new,
        every_write_answers_another_tag,
        a_document_can_be_removed,
        put_takes_what_post_takes,
    );
}

async fn a_document_is_described_in_headers(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let created = ann.put("one", "[1]").await;
    server.clock().advance(61_001);
    let written = ann.put("one?ttl=100", "[1,2]").await;
    assert_ne!(tag(&created), tag(&written));
    for method in ["GET", "HEAD"] {
        let answer = ann.send(method, "store/one", &[], "").await;
        assert_eq!((answer.status, tag(&answer)), (200, tag(&written)));
        assert_eq!(answer.header("last-modified"), Some("Mon, 02 Jan 2040 03:05:06 GMT"));
        assert_eq!(answer.header("keybin-created"), Some("2040-01-02T03:04:05.678Z"));
        assert_eq!(answer.header("keybin-expires"), Some("2040-01-02T03:06:46.679Z"));
        assert_eq!(answer.header("content-length"), Some(r#"{"value":[1,2]}"#.len().to_string().as_str()));
        assert_eq!(answer.text(), if method == "GET" { r#"{"value":[1,2]}"# } else { "" });
    }
    ann.put("one", "3").await;
    assert_eq!(ann.get("one").await.header("keybin-expires"), None);
}

async fn put_tells_whether_the_key_is_new(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let created = ann.put("one", "1").await;
    assert_eq!((created.status, created.text()), (201, OK));
    assert_json(&ann.put("one", "2").await, OK);
    let posted = ann.send("POST", "store/two", &[JSON], r#"{"value":1}"#).await;
    assert_json(&posted, OK);
    ann.put("three?ttl=1", "1").await;
    server.clock().advance(1000);
    assert_eq!(ann.put("three", "2").await.status, 201);
}

async fn every_write_answers_another_tag(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let mut tags = Vec::new();
    for method in ["PUT", "POST", "PUT", "POST"] {
        let written = ann.send(method, "store/one", &[JSON], r#"{"value":1}"#).await;
        assert_eq!(tag(&ann.get("one").await), tag(&written));
        tags.push(tag(&written));
    }
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

async fn a_document_can_be_removed(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    assert_json(&ann.send("DELETE", "store/one", &[], "").await, OK);
    for answer in [ann.send("DELETE", "store/one", &[], "").await, ann.get("one").await] {
        assert_problem(&answer, 404, "key_not_found", "Key 'one' not found");
    }
    assert_eq!(ann.put("one", "1").await.status, 201);
}

async fn put_takes_what_post_takes(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for (path, body) in [
        ("store/a-b", r#"{"value":1}"#),
        ("store/", r#"{"value":1}"#),
        ("store/one", r#"{"valu":1}"#),
        ("store/one", r#"{"value":1,"value":2}"#),
        ("store/one", "[1]"),
        ("store/one", r#"{"value":1e400}"#),
    ] {
        let [put, post] = ["PUT", "POST"].map(|method| ann.send(method, path, &[JSON], body));
        let (put, post) = (put.await.undated(), post.await.undated());
        assert!(put.status >= 400, "{put:?}");
        assert_eq!(put, post);
    }
    assert_problem(&ann.put("one", "{").await, 400, "invalid_json", "Request body is not JSON or is empty");
}
