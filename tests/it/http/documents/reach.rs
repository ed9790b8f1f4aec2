//! Whose documents these requests reach: nobody's but the caller's, and nobody's with a token that is no good.

use reqwest::Method;
use serde_json::json;

use super::super::tokens::token;
use super::super::{assert_json, assert_problem};
use super::{Ann, JSON, MERGE};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        another_account_is_out_of_reach,
        a_token_that_is_no_good_does_nothing,
        all_of_it_works_with_a_bearer_token,
        a_token_that_reads_changes_nothing,
        a_prefixed_token_changes_nothing_else,
        listings_show_a_limited_token_no_more_than_it_reads,
    );
}

/// Every request there is here, on the key `one`.
const REQUESTS: [(&str, &str, (&str, &str), &str); 9] = [
    ("GET", "store/one", JSON, ""),
    ("PUT", "store/one", JSON, r#"{"value":2}"#),
    ("POST", "store/one", JSON, r#"{"value":2}"#),
    ("PATCH", "store/one", MERGE, "2"),
    ("POST", "increment/one", JSON, "{}"),
    ("POST", "bulk", JSON, r#"{"operations":[{"op":"put","key":"one","value":2}]}"#),
    ("POST", "bulk", JSON, r#"{"atomic":true,"operations":[{"op":"put","key":"one","value":2}]}"#),
    ("DELETE", "documents?prefix=", JSON, ""),
    ("DELETE", "store/one", JSON, ""),
];

async fn another_account_is_out_of_reach(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    let there = ann.get("one").await.undated();
    server.register("bob", "pw").await;
    let bob = Ann { http: server.http(), token: server.token("bob", "pw").await };
    for (method, path, content, body) in REQUESTS {
        bob.send(method, path, &[content], body).await;
        assert_eq!(ann.get("one").await.undated(), there, "{method} {path}");
    }
    let tag = there.header("etag").expect("a tag").to_owned();
    for (method, content, body) in [("PUT", JSON, r#"{"value":2}"#), ("PATCH", MERGE, "2"), ("DELETE", JSON, "")] {
        let answer = bob.send(method, "store/one", &[content, ("If-Match", &tag)], body).await;
        assert!(matches!(answer.status, 404 | 412), "{answer:?}");
        assert!(!answer.text().contains("revision"), "{answer:?}");
    }
    assert_eq!(ann.get("one").await.undated(), there);
}

async fn a_token_that_is_no_good_does_nothing(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    server.clock().set(keybin::domain::Clock::now(server.clock()).plus_seconds(300));
    for token in [ann.token.as_str(), "x", "00000000-0000-0000-0000-000000000000"] {
        let nobody = Ann { http: server.http(), token: token.to_owned() };
        for (method, path, content, body) in REQUESTS {
            // Before the body, the key and the conditions are looked at.
            for (path, headers, body) in [
                (path, vec![content], body),
                (path, vec![("If-Match", "nonsense")], "nonsense"),
                ("store/a-b", vec![], ""),
            ] {
                let answer = nobody.send(method, path, &headers, body).await;
                assert_problem(&answer, 403, "invalid_token", "Invalid token");
            }
        }
    }
    let again = Ann { http: server.http(), token: server.token("ann", "pw").await };
    assert_eq!(again.get("one").await.text(), r#"{"value":1}"#);
}

async fn all_of_it_works_with_a_bearer_token(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let bearer = format!("Bearer {}", ann.token);
    for (method, path, content, body) in REQUESTS {
        ann.put("one", "1").await;
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let headers = [content, ("Authorization", bearer.as_str())];
        let answer = server.http().send(method, &format!("/user/-/{path}"), &headers, body).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        if path == "documents?prefix=" {
            assert_eq!(answer.json(), json!({ "deleted": 1 }));
        }
    }
}

/// A token of ann's with these limits.
async fn limited(server: &TestServer<'_>, limits: serde_json::Value) -> Ann {
    let mut members = json!({ "client_id": "limited" });
    members.as_object_mut().expect("an object").extend(limits.as_object().expect("an object").clone());
    Ann { http: server.http(), token: token(server, &members).await }
}

async fn a_token_that_reads_changes_nothing(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    let there = ann.get("one").await.undated();
    let reader = limited(server, json!({ "scope": "read" })).await;
    assert_eq!(reader.get("one").await.undated(), there);
    for (method, path, content, body) in &REQUESTS[1..] {
        for path in [(*path).to_owned(), path.replace("one", "new")] {
            let answer = reader.send(method, &path, &[*content], *body).await;
            match path.as_str() {
                // The operations are refused one by one.
                "bulk" => assert!(answer.text().contains("403"), "{answer:?}"),
                _ => assert_problem(&answer, 403, "not_granted", "The token does not allow this"),
            }
        }
    }
    let body =
        r#"{"operations":[{"op":"get","key":"one"},{"op":"delete","key":"one"},{"op":"increment","key":"one"}]}"#;
    let results = reader.send("POST", "bulk", &[JSON], body).await.json()["results"].clone();
    let statuses: Vec<_> = results.as_array().expect("results").iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [200, 403, 403]);
    let answer = reader.send("DELETE", "documents?prefix=&dry_run=true", &[], "").await;
    assert_problem(&answer, 403, "not_granted", "The token does not allow this");
    assert_eq!(ann.get("one").await.undated(), there);
    assert_eq!(server.keys(&ann.token).await, ["one"]);
}

async fn a_prefixed_token_changes_nothing_else(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    ann.put("one", "1").await;
    let there = ann.get("one").await.undated();
    let elsewhere = limited(server, json!({ "prefix": "t" })).await;
    for (method, path, content, body) in REQUESTS {
        let answer = elsewhere.send(method, path, &[content], body).await;
        match path {
            "bulk" => assert!(answer.text().contains("403"), "{answer:?}"),
            _ => assert_problem(&answer, 403, "not_granted", "The token does not allow this"),
        }
        // A refusal tells nothing of what is there.
        assert!(!answer.text().contains("revision"), "{answer:?}");
    }
    ann.put("two", "2").await;
    assert_json(&elsewhere.send("DELETE", "documents?prefix=t", &[], "").await, r#"{"deleted":1}"#);
    assert_eq!(ann.get("one").await.undated(), there);
}

async fn listings_show_a_limited_token_no_more_than_it_reads(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for key in ["a.1", "a.2", "b.1"] {
        ann.put(key, "1").await;
    }
    let reader = limited(server, json!({ "scope": "read", "prefix": "a." })).await;
    for (query, expected) in [
        ("", vec!["a.1", "a.2"]),
        ("&prefix=a", vec!["a.1", "a.2"]),
        ("&prefix=a.2", vec!["a.2"]),
        ("&prefix=b", vec![]),
        ("&after=a.1", vec!["a.2"]),
        ("&after=a.2", vec![]),
    ] {
        let keys = reader.send("GET", &format!("keys?limit=9{query}"), &[], "").await.json();
        assert_eq!(keys["keys"], json!(expected), "{query}");
        for order in ["", "&where=%7B%22%24eq%22%3A1%7D"] {
            let listed = reader.send("GET", &format!("documents?limit=9{query}{order}"), &[], "").await.json();
            let keys: Vec<_> =
                listed["documents"].as_array().expect("documents").iter().map(|one| &one["key"]).collect();
            assert_eq!(keys, expected, "{query}{order}");
        }
    }
    let total = reader.send("HEAD", "documents", &[], "").await;
    assert_eq!(total.header("keybin-total"), Some("2"));
}
