//! Removing all documents whose keys begin with a prefix.

use super::super::{assert_json, assert_problem};
use super::Ann;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        documents_are_removed_by_prefix,
        more_than_a_page_is_removed,
        nothing_is_removed_by_mistake,
    );
}

async fn documents_are_removed_by_prefix(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    server.register("bob", "pw").await;
    let bob = server.token("bob", "pw").await;
    for key in ["a", "a.1", "a.2", "a_1", "b"] {
        ann.put(key, "1").await;
        server.put(&bob, key, "1").await;
    }
    assert_json(&ann.send("DELETE", "documents?prefix=a.&dry_run=true", &[], "").await, r#"{"deleted":2}"#);
    assert_eq!(server.keys(&ann.token).await.len(), 5);
    assert_json(&ann.send("DELETE", "documents?prefix=a.&dry_run=false", &[], "").await, r#"{"deleted":2}"#);
    assert_eq!(server.keys(&ann.token).await, ["a", "a_1", "b"]);
    assert_json(&ann.send("DELETE", "documents?prefix=a.", &[], "").await, r#"{"deleted":0}"#);
    assert_json(&ann.send("DELETE", "documents?prefix=%61", &[], "").await, r#"{"deleted":2}"#);
    assert_json(&ann.send("DELETE", "documents?prefix=", &[], "").await, r#"{"deleted":1}"#);
    assert_eq!(server.keys(&bob).await, ["a", "a.1", "a.2", "a_1", "b"]);
}

async fn more_than_a_page_is_removed(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for page in 0..3 {
        let put = |n: usize| format!(r#"{{"op":"put","key":"k{page}_{n}","value":{n}}}"#);
        let operations: Vec<String> = (0..900).map(put).collect();
        assert_eq!(ann.bulk(format!(r#"{{"operations":[{}]}}"#, operations.join(","))).await.status, 200);
    }
    ann.put("other", "1").await;
    assert_json(&ann.send("DELETE", "documents?prefix=k&dry_run=true", &[], "").await, r#"{"deleted":2700}"#);
    assert_json(&ann.send("DELETE", "documents?prefix=k", &[], "").await, r#"{"deleted":2700}"#);
    assert_eq!(server.keys(&ann.token).await, ["other"]);
}

async fn nothing_is_removed_by_mistake(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    let answer = ann.send("DELETE", "documents", &[], "").await;
    assert_problem(&answer, 400, "missing_parameter", "Required parameter 'prefix' is missing");
    for query in ["prefix=&dry_run=1", "prefix=&dry_run=", "dry_run=true&prefix=&dry_run=true", "prefix=a&prefix="] {
        let answer = ann.send("DELETE", &format!("documents?{query}"), &[], "").await;
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(server.keys(&ann.token).await, ["one"]);
}
