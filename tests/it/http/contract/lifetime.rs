//! How tokens and accounts end, and that nobody can tell why a token is no good.

use keybin::domain::{Clock, Token};
use serde_json::json;

use super::super::{OK, assert_json, assert_problem};
use super::{by_header, by_path};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_token_dies_exactly_on_its_second,
        a_new_token_ends_the_one_before_at_once,
        tokens_that_are_no_good_look_alike,
        a_bad_token_is_told_before_anything_else,
        a_token_is_good_in_either_case_and_in_no_other_spelling,
        unregistering_ends_all_there_is,
        who_registers_anew_finds_nothing,
    );
}

async fn a_token_dies_exactly_on_its_second(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let start = server.clock().advance(999);
    let token = server.token("ann", "pw").await;
    let end = server.clock().set(start.plus_seconds(300));
    server.clock().advance(-1);
    for answer in by_path(server, &token).await {
        assert_eq!(answer.status, 200);
    }
    server.clock().set(end);
    for answer in by_path(server, &token).await {
        assert_problem(&answer, 403, "invalid_token", "Invalid token");
    }
    // The documents have not ended with it.
    let token = server.token("ann", "pw").await;
    assert_eq!(server.keys(&token).await, ["one"]);
}

async fn a_new_token_ends_the_one_before_at_once(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let mut last = server.token("ann", "pw").await;
    for _ in 0..5 {
        let next = server.token("ann", "pw").await;
        assert_ne!(next, last);
        for answer in by_path(server, &last).await {
            assert_problem(&answer, 403, "invalid_token", "Invalid token");
        }
        assert_eq!(server.keys(&next).await, <[&str; 0]>::default());
        last = next;
    }
}

async fn tokens_that_are_no_good_look_alike(server: &mut TestServer<'_>) {
    server.register("eve", "pw").await;
    let erased = server.token("eve", "pw").await;
    server.delete("/unregister", json!({ "username": "eve", "password": "pw" })).await;
    server.register("eve", "pw").await;
    server.token("eve", "pw").await;
    server.register("ann", "pw").await;
    let replaced = server.token("ann", "pw").await;
    let expired = server.token("ann", "pw").await;
    server.clock().set(server.clock().now().plus_seconds(300));
    server.token_for("ann", "pw", "phone").await;

    let unknown = by_path(server, &Token::random().expose()).await;
    assert_problem(&unknown[0], 403, "invalid_token", "Invalid token");
    let nil = "00000000-0000-0000-0000-000000000000";
    let long = "x".repeat(5000);
    for token in [&erased, &replaced, &expired, nil, "x", "null", "{}", "ann", "--", &long] {
        assert_eq!(by_path(server, token).await, unknown, "{token}");
        assert_eq!(by_header(server, &format!("Bearer {token}")).await, unknown, "Bearer {token}");
    }
    for segment in ["%00", "%FF", "%2F", "%E2%82%AC", "%20", "%2D%2D", "..%2F-"] {
        assert_eq!(by_path(server, segment).await, unknown, "{segment}");
    }
}

async fn a_bad_token_is_told_before_anything_else(server: &mut TestServer<'_>) {
    let token = Token::random().expose();
    let unknown = server.get(&format!("/user/{token}/keys")).await.undated();
    let (forbidden, plain) = (format!("/user/{token}/store/a-b"), format!("/user/{token}/store/one"));
    let nothing = format!("/user/{token}/store/");
    for answer in [
        server.get(&forbidden).await,
        server.get(&nothing).await,
        server.post(&forbidden, "{}").await,
        server.post(&nothing, "{}").await,
        server.post(&plain, "").await,
        server.post(&plain, "no json").await,
        server.post(&plain, r#"{"value":1e400}"#).await,
    ] {
        assert_eq!(answer.undated(), unknown);
    }
}

async fn a_token_is_good_in_either_case_and_in_no_other_spelling(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for good in [token.to_uppercase(), token.replace('-', "%2D")] {
        assert_eq!(by_path(server, &good).await[0].status, 200, "{good}");
    }
    let bare = token.replace('-', "");
    for bad in [&bare, &format!("{{{token}}}"), &format!("urn:uuid:{token}"), &format!("{token}%20"), &token[..35]] {
        assert_eq!(by_path(server, bad).await[0].status, 403, "{bad}");
    }
}

async fn unregistering_ends_all_there_is(server: &mut TestServer<'_>) {
    server.register("bob", "pw").await;
    let bob = server.token("bob", "pw").await;
    server.put(&bob, "one", "1").await;
    let rows = server.rows().await;

    server.register("ann", "pw").await;
    let tokens = [server.token("ann", "pw").await, server.token_for("ann", "pw", "phone").await];
    for key in ["one", "two", "three"] {
        server.put(&tokens[0], key, "1").await;
    }
    let ann = json!({ "username": "ann", "password": "pw" });
    assert_json(&server.delete("/unregister", &ann).await, OK);
    for token in &tokens {
        for answer in by_path(server, token).await {
            assert_problem(&answer, 403, "invalid_token", "Invalid token");
        }
    }
    for answer in [server.post("/token", &ann).await, server.delete("/unregister", &ann).await] {
        assert_problem(&answer, 403, "invalid_credentials", "Invalid credentials");
    }
    assert_eq!(server.keys(&bob).await, ["one"]);
    assert_eq!(server.rows().await, rows);
}

async fn who_registers_anew_finds_nothing(server: &mut TestServer<'_>) {
    let ann = json!({ "username": "ann", "password": "pw" });
    for round in 0..3 {
        server.register("ann", "pw").await;
        let token = server.token("ann", "pw").await;
        assert_eq!(server.keys(&token).await, <[&str; 0]>::default(), "round {round}");
        let answer = server.get(&format!("/user/{token}/store/one")).await;
        assert_problem(&answer, 404, "key_not_found", "Key 'one' not found");
        server.put(&token, "one", round).await;
        assert_json(&server.delete("/unregister", &ann).await, OK);
    }
}
