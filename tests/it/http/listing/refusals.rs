//! Listings that are refused: parameters that are none, and doors that stay shut.

use reqwest::Method;

use super::super::assert_problem;
use super::{ann, encoded, keys_on};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_parameter_that_is_none_is_a_bad_request,
        a_parameter_that_is_there_twice_is_a_bad_request,
        nobody_comes_in_with_a_token_that_is_not_good,
        nobody_sees_what_another_keeps,
        whether_the_token_is_good_is_asked_first,
        a_known_path_says_what_it_answers_to,
    );
}

const LISTINGS: [&str; 2] = ["keys", "documents"];

async fn a_parameter_that_is_none_is_a_bad_request(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let (limit, order) = ("Parameter 'limit' must be 1 to 1000", "Parameter 'order' must be asc or desc");
    let (after, fields) =
        ("Parameter 'after' must be a key", "Parameter 'fields' must be paths like a.b, separated by commas");
    let long = format!("after={}", "x".repeat(256));
    for (query, detail) in [
        ("limit=0", limit),
        ("limit=1001", limit),
        ("limit=-1", limit),
        ("limit=%2B5", limit),
        ("limit=", limit),
        ("limit", limit),
        ("limit=1.0", limit),
        ("limit=ten", limit),
        ("limit=99999999999999999999", limit),
        ("order=", order),
        ("order=up", order),
        ("order=DESC", order),
        ("after=a%2Fb", after),
        ("after=.", after),
        ("after=%00", after),
        (&long, after),
        ("prefix=%FF", "Parameter 'prefix' must be UTF-8"),
        ("after=%FF", "Parameter 'after' must be UTF-8"),
    ] {
        for listing in LISTINGS {
            let path = format!("/user/{token}/{listing}?{query}");
            assert_problem(&server.get(&path).await, 400, "invalid_parameter", detail);
            let head = server.send(Method::HEAD, &path, &[], "").await;
            assert_eq!((head.status, head.header("keybin-total")), (400, None), "{query}");
        }
    }
    for bad in ["", ",", "a,", "a..b", ".a", "a.", &"a,".repeat(100), "%FF"] {
        let detail = if bad == "%FF" { "Parameter 'fields' must be UTF-8" } else { fields };
        let answer = server.get(&format!("/user/{token}/documents?fields={bad}")).await;
        assert_problem(&answer, 400, "invalid_parameter", detail);
    }
}

async fn a_parameter_that_is_there_twice_is_a_bad_request(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for name in ["prefix", "after", "limit", "order", "fields", "where"] {
        let path = format!("/user/{token}/documents?{name}=1&prefixed=2&{name}=1");
        let detail = format!("Parameter '{name}' occurs twice");
        assert_problem(&server.get(&path).await, 400, "repeated_parameter", &detail);
    }
}

async fn nobody_comes_in_with_a_token_that_is_not_good(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.put(&token, "a", 1).await;
    let filter = encoded("{}");
    let listings = ["keys", "keys?limit=1", "documents", "documents?fields=a", &format!("documents?where={filter}")];
    let other = "00000000-0000-4000-8000-000000000000";
    server.clock().advance(300_000);
    for listing in listings {
        for token in [&token, other, "x", "%FF"] {
            let path = format!("/user/{token}/{listing}");
            assert_problem(&server.get(&path).await, 403, "invalid_token", "Invalid token");
            let head = server.send(Method::HEAD, &path, &[], "").await;
            assert_eq!((head.status, head.header("keybin-total")), (403, None));
        }
        for headers in [&[][..], &[("Authorization", &*format!("Bearer {token}"))], &[("Authorization", "Basic YTpi")]]
        {
            let answer = server.send(Method::GET, &format!("/user/-/{listing}"), headers, "").await;
            assert_problem(&answer, 403, "invalid_token", "Invalid token");
        }
    }
}

async fn nobody_sees_what_another_keeps(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.register("bob", "pw").await;
    let bob = server.token("bob", "pw").await;
    for key in ["a", "b", "c"] {
        server.put(&token, key, r#"{"whose":"ann's"}"#).await;
    }
    server.put(&bob, "b", r#"{"whose":"bob's"}"#).await;
    let all = encoded(r#"{"$or":[{"whose":{"$exists":true}},{"$exists":true}]}"#);
    for listing in ["keys", "keys?limit=5", "documents", "documents?order=desc", &format!("documents?where={all}")] {
        let path = format!("/user/{bob}/{listing}");
        assert_eq!(keys_on(&[server.get(&path).await]), ["b"], "{listing}");
        let head = server.send(Method::HEAD, &path, &[], "").await;
        assert_eq!(head.header("keybin-total"), Some("1"));
    }
    let page = server.get(&format!("/user/{bob}/documents?after=a")).await.json();
    assert_eq!(page["documents"][0]["value"]["whose"], "bob's");
}

async fn whether_the_token_is_good_is_asked_first(server: &mut TestServer<'_>) {
    for listing in ["keys?limit=0", "documents?limit=0", "documents?where=no", "documents?fields="] {
        assert_problem(&server.get(&format!("/user/x/{listing}")).await, 403, "invalid_token", "Invalid token");
    }
}

async fn a_known_path_says_what_it_answers_to(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for listing in LISTINGS {
        let answer = server.post(&format!("/user/{token}/{listing}?limit=1"), "{}").await;
        let allow = answer.header("allow").unwrap_or_default();
        assert_eq!(answer.status, 405);
        assert!(allow.contains("GET, HEAD"), "{allow}");
    }
}
