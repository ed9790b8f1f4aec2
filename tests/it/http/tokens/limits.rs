//! What is asked of a token: how long it lives, what it may, and for which keys.

use serde_json::json;

use super::super::assert_problem;
use super::{ask, client_ids, opens, secret, token};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_token_lives_as_long_as_asked_for,
        no_token_lives_longer_than_is_configured,
        a_lifetime_is_a_whole_number_of_seconds,
        a_scope_is_read_or_write,
        a_prefix_is_what_a_key_can_begin_with,
        null_asks_for_nothing,
        what_is_asked_for_changes_nothing_for_a_wrong_password,
    );
}

async fn a_token_lives_as_long_as_asked_for(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for seconds in [1, 10, 299, 300] {
        let answer = ask(server, &json!({ "expires_in": seconds })).await;
        assert_eq!(answer.json()["token"]["expire_seconds"], seconds);
        let token = secret(&answer);
        server.clock().advance(seconds * 1000 - 1);
        assert!(opens(server, &token).await, "{seconds}");
        server.clock().advance(1);
        assert!(!opens(server, &token).await, "{seconds}");
    }
}

async fn no_token_lives_longer_than_is_configured(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\ntoken_expiration=100\n[TOKEN_EXPIRATION]\nphone=1000\n").await;
    server.register("ann", "pw").await;
    let before = token(server, &json!({})).await;
    for (client_id, most) in [("default", 100), ("phone", 1000), ("phone/2", 1000)] {
        for seconds in [most + 1, u32::MAX, 0] {
            let answer = ask(server, &json!({ "client_id": client_id, "expires_in": seconds })).await;
            let detail = format!("A token for this client id lives for 1 to {most} seconds");
            assert_problem(&answer, 400, "invalid_lifetime", &detail);
        }
    }
    assert!(opens(server, &before).await, "what was refused ended a token");
    let answer = ask(server, &json!({ "client_id": "phone/2", "expires_in": 1000 })).await;
    assert_eq!(answer.json()["token"]["expire_seconds"], 1000);
}

async fn a_lifetime_is_a_whole_number_of_seconds(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for wrong in [json!("10"), json!(1.5), json!(-1), json!(true), json!([1]), json!({}), json!(4_294_967_296_u64)] {
        let answer = ask(server, &json!({ "expires_in": wrong })).await;
        assert_problem(&answer, 400, "invalid_parameter", "Parameter 'expires_in' must be a whole number");
    }
    let answer = server.post("/token", r#"{"username":"ann","password":"pw","expires_in":1e1}"#).await;
    assert_eq!(answer.status, 400);
}

async fn a_scope_is_read_or_write(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for wrong in ["", "Read", "readonly", "read,write", "admin"] {
        let answer = ask(server, &json!({ "scope": wrong })).await;
        assert_problem(&answer, 400, "invalid_parameter", "Parameter 'scope' must be read or write");
    }
    let answer = ask(server, &json!({ "scope": ["read"] })).await;
    assert_problem(&answer, 400, "invalid_parameter", "Parameter 'scope' must be a string");
    for scope in ["read", "write"] {
        token(server, &json!({ "scope": scope })).await;
    }
}

async fn a_prefix_is_what_a_key_can_begin_with(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for wrong in ["/", "a/b", "a\n", "\u{7f}", &"x".repeat(256)] {
        let answer = ask(server, &json!({ "prefix": wrong })).await;
        let detail = "A prefix must be text that a key can begin with: at most 255 bytes, without control characters \
                      or /";
        assert_problem(&answer, 400, "invalid_prefix", detail);
    }
    for prefix in ["", "a", ".", "..", "é ", &"x".repeat(255)] {
        token(server, &json!({ "prefix": prefix })).await;
    }
}

async fn null_asks_for_nothing(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let answer = ask(server, &json!({ "expires_in": null, "scope": null, "prefix": null })).await;
    assert_eq!(answer.json()["token"]["expire_seconds"], 300);
    let token = secret(&answer);
    server.put(&token, "one", "1").await;
    assert_eq!(client_ids(server, &token).await, ["default"]);
}

async fn what_is_asked_for_changes_nothing_for_a_wrong_password(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for seconds in [10, 100_000] {
        let answer = ask(server, &json!({ "password": "other", "expires_in": seconds, "scope": "read" })).await;
        assert_problem(&answer, 403, "invalid_credentials", "Invalid credentials");
    }
}
