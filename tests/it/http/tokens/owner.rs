//! Listing, ending and renewing tokens.

use keybin::domain::Timestamp;
use reqwest::Method;
use serde_json::json;

use super::super::{OK, assert_json, assert_problem};
use super::{client_ids, opens, secret, send, token};
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        live_tokens_are_listed_without_their_secrets,
        one_token_is_ended_by_its_client_id,
        a_client_id_that_is_none_ends_nothing,
        all_others_are_ended,
        an_empty_client_id_does_not_end_all_others,
        a_renewed_token_takes_the_place_of_the_old_one,
        a_renewed_token_may_what_the_old_one_could,
        of_16_renewals_at_once_one_succeeds,
    );
}

async fn live_tokens_are_listed_without_their_secrets(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    server.token_for("bob", "pw", "hers").await;
    token(server, &json!({ "client_id": "gone", "expires_in": 1 })).await;
    let start = server.clock().advance(1000);
    let full = token(server, &json!({ "client_id": "web/1" })).await;
    let limited = json!({ "client_id": "a b", "scope": "read", "prefix": "é.", "expires_in": 10 });
    let limited = token(server, &limited).await;
    let answer = server.get(&format!("/user/{full}/tokens")).await;
    let entry = |client_id: &str, scope: &str, prefix: &str, expires_at: Timestamp| {
        json!({
            "client_id": client_id, "scope": scope, "prefix": prefix, "origin": "keybin",
            "created_at": start.to_string(), "expires_at": expires_at.to_string(),
        })
    };
    let tokens =
        [entry("a b", "read", "é.", start.plus_seconds(10)), entry("web/1", "write", "", start.plus_seconds(43200))];
    assert_eq!((answer.status, answer.json()), (200, json!({ "tokens": tokens })));
    assert!(!answer.text().contains(&limited) && !answer.text().contains(&full));
}

async fn one_token_is_ended_by_its_client_id(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    let own = server.token_for("ann", "pw", "own").await;
    let bob = server.token_for("bob", "pw", "web/1").await;
    for (client_id, segment) in [("phone", "phone"), ("web/1", "web%2F1"), ("/", "%2f"), ("é .", "%C3%A9%20%2E")] {
        let other = server.token_for("ann", "pw", client_id).await;
        let path = format!("/user/{own}/tokens/{segment}");
        assert_json(&send(server, Method::DELETE, &path).await, OK);
        assert!(!opens(server, &other).await, "{client_id}");
        let again = send(server, Method::DELETE, &path).await;
        let detail = format!("There is no token for the client id {client_id}");
        assert_problem(&again, 404, "token_not_found", &detail);
    }
    assert!(opens(server, &own).await && opens(server, &bob).await);
    // One's own as well.
    assert_json(&send(server, Method::DELETE, &format!("/user/{own}/tokens/own")).await, OK);
    assert!(!opens(server, &own).await);
}

async fn a_client_id_that_is_none_ends_nothing(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let own = server.token("ann", "pw").await;
    for segment in ["%00", "%0A", "%FF", &"x".repeat(256)] {
        let answer = send(server, Method::DELETE, &format!("/user/{own}/tokens/{segment}")).await;
        assert_eq!((answer.status, answer.code().as_deref()), (400, Some("invalid_client_id")), "{segment}");
    }
    assert!(opens(server, &own).await);
}

async fn all_others_are_ended(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    let bob = server.token_for("bob", "pw", "phone").await;
    let own = server.token_for("ann", "pw", "own").await;
    let mut others = Vec::new();
    for client_id in ["default", "own/2", "phone"] {
        others.push(server.token_for("ann", "pw", client_id).await);
    }
    let path = format!("/user/{own}/tokens");
    assert_json(&send(server, Method::DELETE, &path).await, r#"{"revoked":3}"#);
    for other in &others {
        assert!(!opens(server, other).await);
    }
    assert_json(&send(server, Method::DELETE, &path).await, r#"{"revoked":0}"#);
    assert_eq!(client_ids(server, &own).await, ["own"]);
    assert!(opens(server, &bob).await);
}

async fn an_empty_client_id_does_not_end_all_others(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let (own, other) = (server.token("ann", "pw").await, server.token_for("ann", "pw", "phone").await);
    let answer = send(server, Method::DELETE, &format!("/user/{own}/tokens/")).await;
    assert_eq!((answer.status, answer.code().as_deref()), (400, Some("invalid_client_id")));
    assert!(opens(server, &other).await);
}

async fn a_renewed_token_takes_the_place_of_the_old_one(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let other = server.token_for("ann", "pw", "default").await;
    let old = token(server, &json!({ "client_id": "phone", "expires_in": 60 })).await;
    let start = server.clock().advance(30_000);
    let answer = send(server, Method::POST, &format!("/user/{old}/token/renew")).await;
    assert_eq!(answer.json()["token"]["expire_seconds"], 300);
    assert_eq!(answer.json().as_object().map(serde_json::Map::len), Some(1));
    let new = secret(&answer);
    assert!(new != old && !opens(server, &old).await);
    for path in ["keys", "tokens", "token/renew"] {
        let method = if path == "token/renew" { Method::POST } else { Method::GET };
        let answer = send(server, method, &format!("/user/{old}/{path}")).await;
        assert_problem(&answer, 403, "invalid_token", "Invalid token");
    }
    assert_eq!(client_ids(server, &new).await, ["default", "phone"]);
    server.clock().set(Timestamp::from_millis(start.plus_seconds(300).as_millis() - 1));
    assert!(opens(server, &new).await);
    server.clock().advance(1);
    assert!(!opens(server, &new).await && !opens(server, &other).await);
}

async fn a_renewed_token_may_what_the_old_one_could(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let own = token(server, &json!({ "client_id": "own" })).await;
    server.put(&own, "a.1", "1").await;
    server.put(&own, "b.1", "1").await;
    let mut limited = token(server, &json!({ "client_id": "phone", "scope": "read", "prefix": "a." })).await;
    for _ in 0..3 {
        limited = secret(&send(server, Method::POST, &format!("/user/{limited}/token/renew")).await);
        assert_eq!(server.keys(&limited).await, ["a.1"]);
        assert_eq!(server.post(&format!("/user/{limited}/store/a.1"), r#"{"value":2}"#).await.status, 403);
        assert_eq!(server.get(&format!("/user/{limited}/tokens")).await.status, 403);
    }
    let tokens = server.get(&format!("/user/{own}/tokens")).await.json();
    assert_eq!((&tokens["tokens"][1]["scope"], &tokens["tokens"][1]["prefix"]), (&json!("read"), &json!("a.")));
    assert_eq!(tokens["tokens"][1]["origin"], "keybin");
}

async fn of_16_renewals_at_once_one_succeeds(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let mut last = server.token_for("ann", "pw", "phone").await;
    for round in 0..4 {
        let answers = race(16, |_| {
            let (http, path) = (server.http(), format!("/user/{last}/token/renew"));
            async move { send(&http, Method::POST, &path).await }
        })
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1, "round {round}: {answers:?}");
        for answer in lost {
            assert_problem(answer, 403, "invalid_token", "Invalid token");
        }
        last = secret(won[0]);
        assert!(opens(server, &last).await, "round {round}");
    }
}
