//! Whose documents these requests reach: nobody's but the caller's, and nobody's with a token that is no good.

use reqwest::Method;
use serde_json::json;

use super::super::assert_problem;
use super::{Ann, JSON, MERGE};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        another_account_is_out_of_reach,
        a_token_that_is_no_good_does_nothing,
        all_of_it_works_with_a_bearer_token,
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
