//! What the holder of a limited token gets, at every door and API: what the token allows, and nothing of the account.

use keybin::auth::Address;
use keybin::domain::{ClientId, Grant, Origin, Scope};
use keybin::service::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::assert_problem;
use super::{basic, client_ids, token};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_token_that_reads_writes_nowhere,
        a_prefixed_token_reaches_nothing_else_anywhere,
        listings_show_only_what_may_be_read,
        the_account_is_out_of_reach_everywhere,
        what_is_passed_on_is_no_more_than_there_was,
        a_limited_token_ends_itself,
    );
}

/// Ann's documents `a.1` and `b.1`, and her full token.
async fn ann(server: &TestServer<'_>) -> String {
    server.register("ann", "pw").await;
    let own = server.token_for("ann", "pw", "own").await;
    server.put(&own, "a.1", "1").await;
    server.put(&own, "b.1", "1").await;
    own
}

/// Every request that reads the document under a key.
async fn reading(http: &Http, token: &str, key: &str) -> Vec<Answer> {
    let (bearer, basic) = (format!("Bearer {token}"), basic(token));
    let mut answers = vec![http.get(&format!("/user/{token}/store/{key}")).await];
    for (path, authorization) in [
        (format!("/user/-/store/{key}"), &bearer),
        (format!("/api/stow/{key}"), &basic),
        (format!("/api/data/retrieve?key={key}"), &bearer),
        (format!("/keyvaluepairs/{key}"), &bearer),
        (format!("/get?key={key}"), &bearer),
    ] {
        answers.push(http.send(Method::GET, &path, &[("Authorization", authorization)], "").await);
    }
    let cookie = format!("keybin_session={token}");
    answers.push(http.send(Method::GET, &format!("/api/data/retrieve?key={key}"), &[("Cookie", &cookie)], "").await);
    answers
}

/// Every request that writes the document under a key, or removes it.
async fn writing(http: &Http, token: &str, key: &str) -> Vec<Answer> {
    let (bearer, basic) = (format!("Bearer {token}"), basic(token));
    let value = |key_name: &str, value_name: &str| json!({ key_name: key, value_name: 2 }).to_string();
    let mut answers = Vec::new();
    for (method, path, authorization, body) in [
        (Method::POST, format!("/user/-/store/{key}"), &bearer, value("key", "value")),
        (Method::PUT, format!("/api/stow/{key}"), &basic, value("key", "value")),
        (Method::DELETE, format!("/api/stow/{key}"), &basic, String::new()),
        (Method::POST, "/api/data".to_owned(), &bearer, value("key", "value")),
        (Method::POST, "/api/data/update".to_owned(), &bearer, value("key", "value")),
        (Method::POST, "/api/data/delete".to_owned(), &bearer, value("key", "value")),
        (Method::POST, "/keyvaluepairs".to_owned(), &bearer, value("key_name", "value_name")),
        (Method::PUT, format!("/keyvaluepairs/{key}"), &bearer, value("key_name", "value_name")),
        (Method::DELETE, format!("/keyvaluepairs/{key}"), &bearer, String::new()),
        (Method::POST, "/set".to_owned(), &bearer, value("key", "value")),
    ] {
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        answers.push(http.send(method, &path, &headers, body).await);
    }
    answers
}

#[track_caller]
fn assert_all(answers: &[Answer], status: u16) {
    for (i, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, status, "{i}: {answer:?}");
    }
}

async fn a_token_that_reads_writes_nowhere(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    let reader = token(server, &json!({ "client_id": "reader", "scope": "read" })).await;
    for key in ["a.1", "b.1"] {
        assert_all(&reading(server, &reader, key).await, 200);
        assert_all(&writing(server, &reader, key).await, 403);
    }
    assert_all(&reading(server, &reader, "nothing").await, 404);
    assert_all(&writing(server, &reader, "nothing").await, 403);
    let answer = server.post(&format!("/user/{reader}/store/a.1"), r#"{"value":2}"#).await;
    assert_problem(&answer, 403, "not_granted", "The token does not allow this");
    assert_eq!(server.keys(&own).await, ["a.1", "b.1"]);
    assert_eq!(server.get(&format!("/user/{own}/store/a.1")).await.text(), r#"{"value":1}"#);
}

async fn a_prefixed_token_reaches_nothing_else_anywhere(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    let limited = token(server, &json!({ "client_id": "limited", "prefix": "a." })).await;
    assert_all(&reading(server, &limited, "a.1").await, 200);
    // Whether there is anything beyond, it cannot tell.
    for key in ["b.1", "b.2", "a", "A.1"] {
        assert_all(&reading(server, &limited, key).await, 403);
        assert_all(&writing(server, &limited, key).await, 403);
    }
    server.put(&limited, "a.2", "2").await;
    let answer = send_basic(server, Method::DELETE, "/api/stow/a.1", &limited).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(server.keys(&own).await, ["a.2", "b.1"]);
}

async fn send_basic(http: &Http, method: Method, path: &str, token: &str) -> Answer {
    http.send(method, path, &[("Authorization", &basic(token))], "").await
}

async fn listings_show_only_what_may_be_read(server: &mut TestServer<'_>) {
    ann(server).await;
    for (prefix, expected) in [("a.", vec!["a.1"]), ("b", vec!["b.1"]), ("c", vec![]), ("", vec!["a.1", "b.1"])] {
        let limited = token(server, &json!({ "client_id": "limited", "scope": "read", "prefix": prefix })).await;
        assert_eq!(server.keys(&limited).await, expected, "{prefix:?}");
        let entries = send_basic(server, Method::GET, "/api/stow", &limited).await.json();
        let keys: Vec<&String> = entries["entries"].as_object().expect("entries").keys().collect();
        assert_eq!(keys, expected, "{prefix:?}");
        let lines = server.get(&format!("/user/{limited}/export")).await;
        let keys: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(keys.iter().map(|line| line["key"].as_str().expect("a key")).collect::<Vec<_>>(), expected);
    }
}

async fn the_account_is_out_of_reach_everywhere(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    for (scope, prefix) in [(Scope::Read, ""), (Scope::Write, "a."), (Scope::Read, "a.")] {
        let jwt = jwt(server, scope, prefix).await;
        let answer = server.send(Method::GET, "/api/users", &[("Authorization", &format!("JWT {jwt}"))], "").await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.json()["description"], "The token does not allow this");

        let limits = json!({ "client_id": "limited", "scope": scope.as_str(), "prefix": prefix });
        let limited = token(server, &limits).await;
        for (method, path) in [(Method::GET, "/api/user"), (Method::DELETE, "/api/user")] {
            let answer = send_basic(server, method, path, &limited).await;
            assert_eq!((answer.status, answer.text()), (403, r#"{"message":"The token does not allow this"}"#));
        }
        let cookie = format!("keybin_session={limited}");
        for page in ["/dashboard", "/devices", "/account", "/account/export", "/glance", "/accounts"] {
            let answer = server.send(Method::GET, page, &[("Cookie", &cookie), ("Accept", "text/html")], "").await;
            assert_eq!(answer.status, 403, "{page}: {answer:?}");
            assert!(!answer.text().contains(">ann<"), "{page}");
        }
    }
    assert_eq!(client_ids(server, &own).await, ["limited", "own"]);
    assert_eq!(server.keys(&own).await, ["a.1", "b.1"]);
}

/// A JWT that spells a limited token. The server hands out none, so that it is asked for within.
async fn jwt(server: &TestServer<'_>, scope: Scope, prefix: &str) -> String {
    let services = server.services();
    let proof = services.doorkeeper.verify("ann", "pw", Address::new([127, 0, 0, 1].into())).await.expect("is right");
    let grant = Grant::parse(scope, prefix).expect("a grant");
    let (client_id, limits) = (ClientId::parse("limited").expect("a client id"), Limits { grant, expires_in: None });
    let fresh = services.tokens.issue_limited(&proof, client_id, Origin::Users, limits).await.expect("issues");
    services.tokens.jwt(&fresh).await.expect("signs")
}

async fn what_is_passed_on_is_no_more_than_there_was(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    let limited = token(server, &json!({ "client_id": "limited", "scope": "read", "prefix": "a." })).await;
    let answer = send_basic(server, Method::GET, "/api/token", &limited).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let further = answer.json()["token"].as_str().expect("a token").to_owned();
    let again = send_basic(server, Method::GET, "/api/token", &further).await.json();
    for passed_on in [further.as_str(), again["token"].as_str().expect("a token")] {
        assert_eq!(server.keys(passed_on).await, ["a.1"]);
        assert_all(&reading(server, passed_on, "b.1").await, 403);
        assert_all(&writing(server, passed_on, "a.1").await, 403);
        assert_eq!(server.get(&format!("/user/{passed_on}/account")).await.status, 403);
    }
    let tokens = server.get(&format!("/user/{own}/tokens")).await.json();
    let tokens = tokens["tokens"].as_array().expect("tokens").clone();
    assert_eq!(tokens.len(), 4);
    for token in tokens.iter().filter(|token| token["client_id"] != "own") {
        assert_eq!((&token["scope"], &token["prefix"]), (&json!("read"), &json!("a.")), "{token}");
    }
}

async fn a_limited_token_ends_itself(server: &mut TestServer<'_>) {
    let own = ann(server).await;
    for path in ["/api/logout", "/auth/logout"] {
        let limited = token(server, &json!({ "client_id": "limited", "scope": "read" })).await;
        let method = if path == "/auth/logout" { Method::POST } else { Method::GET };
        let answer = server.send(method, path, &[("Authorization", &format!("Bearer {limited}"))], "").await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(client_ids(server, &own).await, ["own"], "{path}");
    }
}
