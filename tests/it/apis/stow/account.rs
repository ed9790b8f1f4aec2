//! Registering, the account, its tokens, and its end.

use keybin::domain::{Clock, Token};
use serde_json::json;

use super::super::{assert_message, assert_says};
use super::{assert_unauthorized, guarded, store};
use crate::harness::ask::{delete, get, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        an_account_is_registered_told_and_deleted,
        what_cannot_be_registered_is_told_so,
        a_token_serves_in_place_of_the_name,
        tokens_are_good_for_an_hour_to_the_second,
        tokens_live_beside_each_other,
        without_a_good_credential_nothing_happens,
        names_and_passwords_may_have_any_letters,
        only_the_own_account_is_deleted,
    );
}

async fn an_account_is_registered_told_and_deleted(server: &mut TestServer<'_>) {
    let ann = post("/api/user").json(json!({ "name": "ann", "password": "pw" }));
    assert_message(&ann.ask(server).await, 201, "User 'ann' registered");
    for password in ["pw", "another"] {
        let again = post("/api/user").json(json!({ "name": "ann", "password": password }));
        assert_message(&again.ask(server).await, 409, "User 'ann' already registered");
    }
    server.clock().advance(1_500);
    let bob = post("/api/user").json(json!({ "name": "bob", "password": "pw" }));
    assert_message(&bob.ask(server).await, 201, "User 'bob' registered");

    let account = get("/api/user").basic("ann", "pw").ask(server).await;
    let first = account.json()["id"].as_u64().expect("a number");
    assert!(first >= 1);
    assert_says(&account, 200, &json!({ "id": first, "name": "ann", "created": "2040-01-02T03:04:05.678000" }));
    let account = get("/api/user").basic("bob", "pw").ask(server).await;
    let second = account.json()["id"].as_u64().expect("a number");
    assert!(second > first);
    assert_says(&account, 200, &json!({ "id": second, "name": "bob", "created": "2040-01-02T03:04:07.178000" }));

    assert_message(&delete("/api/user").basic("ann", "pw").ask(server).await, 200, "User deleted");
    for request in guarded() {
        assert_unauthorized(&request.basic("ann", "pw").ask(server).await);
    }
    // The name is free, the number is not given again.
    assert_message(&ann.ask(server).await, 201, "User 'ann' registered");
    let account = get("/api/user").basic("ann", "pw").ask(server).await.json();
    assert!(account["id"].as_u64() > Some(second), "{account}");
    assert_eq!(get("/api/stow").basic("ann", "pw").ask(server).await.json(), json!({ "entries": {} }));
}

async fn what_cannot_be_registered_is_told_so(server: &mut TestServer<'_>) {
    let rows = server.rows().await;
    let (name, password) = (
        "A username must be 1 to 255 bytes without control characters",
        "A password must be 1 to 72 bytes and must not contain a NUL character",
    );
    let no_json = "Request body is not JSON or is empty";
    let (long, longer) = ("x".repeat(73), "x".repeat(256));
    for (body, message) in [
        (json!({ "password": "pw" }), "Required parameter 'name' is missing"),
        (json!({ "name": "ann" }), "Required parameter 'password' is missing"),
        (json!({ "username": "ann", "password": "pw" }), "Required parameter 'name' is missing"),
        (json!({ "name": 1, "password": "pw" }), "Parameter 'name' must be a string"),
        (json!({ "name": null, "password": "pw" }), "Parameter 'name' must be a string"),
        (json!({ "name": "ann", "password": ["pw"] }), "Parameter 'password' must be a string"),
        (json!({ "name": { "$ne": "" }, "password": { "$gt": "" } }), "Parameter 'name' must be a string"),
        (json!({ "name": "", "password": "pw" }), name),
        (json!({ "name": "a\nb", "password": "pw" }), name),
        (json!({ "name": longer, "password": "pw" }), name),
        (json!({ "name": "ann", "password": "" }), password),
        (json!({ "name": "ann", "password": "a\0b" }), password),
        (json!({ "name": "ann", "password": long }), password),
        (json!(["ann", "pw"]), no_json),
        (json!("ann"), no_json),
    ] {
        assert_message(&post("/api/user").json(body).ask(server).await, 400, message);
    }
    assert_message(&post("/api/user").json(r#"{"name":"ann","#).ask(server).await, 400, no_json);
    assert_message(&post("/api/user").ask(server).await, 400, no_json);
    let form = post("/api/user").form(&[("name", "ann"), ("password", "pw")]);
    assert_message(&form.ask(server).await, 400, no_json);
    let twice = post("/api/user").json(r#"{"name":"ann","name":"bob","password":"pw"}"#);
    assert_message(&twice.ask(server).await, 400, "Parameter 'name' occurs twice");
    assert_eq!(server.rows().await, rows);
}

async fn a_token_serves_in_place_of_the_name(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let answer = get("/api/token").basic("ann", "pw").ask(server).await;
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    assert_says(&answer, 200, &json!({ "token": token, "duration": 3600 }));
    assert!(Token::parse(&token).is_some_and(|parsed| parsed.expose() == token));

    for password in ["", "unused", "wrong: with colons", "pässword"] {
        assert_eq!(get("/api/user").basic(&token, password).ask(server).await.json()["name"], "ann");
    }
    assert_eq!(get("/api/user").basic(&token.to_uppercase(), "").ask(server).await.status, 200);
    // A token is good for everything, a further one and the end included.
    let further = get("/api/token").basic(&token, "").ask(server).await.json();
    assert_eq!(further["duration"], 3600);
    assert_message(&delete("/api/user").basic(&token, "").ask(server).await, 200, "User deleted");
    let further = further["token"].as_str().expect("a token");
    for request in guarded() {
        assert_unauthorized(&request.basic(further, "").ask(server).await);
    }
}

async fn tokens_are_good_for_an_hour_to_the_second(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    store(server, "one", r#"{"value":1}"#).await;
    let start = server.clock().advance(999);
    let token = get("/api/token").basic("ann", "pw").ask(server).await.json();
    let token = token["token"].as_str().expect("a token");
    server.clock().set(start.plus_seconds(3600));
    let end = server.clock().now();
    server.clock().advance(-1);
    assert_eq!(get("/api/stow/one").basic(token, "").ask(server).await.status, 200);
    server.clock().set(end);
    for request in guarded() {
        assert_unauthorized(&request.basic(token, "").ask(server).await);
    }
    assert_eq!(get("/api/stow/one").basic("ann", "pw").ask(server).await.json()["value"], 1);
}

async fn tokens_live_beside_each_other(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let mut tokens = vec![server.token("ann", "pw").await];
    for _ in 0..3 {
        let token = get("/api/token").basic("ann", "pw").ask(server).await.json();
        tokens.push(token["token"].as_str().expect("a token").to_owned());
    }
    for token in tokens {
        assert_eq!(get("/api/user").basic(&token, "").ask(server).await.status, 200);
    }
}

async fn without_a_good_credential_nothing_happens(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    store(server, "one", r#"{"value":"here"}"#).await;
    let token = server.token("ann", "pw").await;
    let rows = server.rows().await;
    for request in guarded() {
        assert_unauthorized(&request.ask(server).await);
        let strangers =
            [("ann", "PW"), ("ann", ""), ("bob", "pw"), ("", ""), ("", "pw"), ("Ann", "pw"), ("ann:pw", "")];
        for (name, password) in strangers {
            assert_unauthorized(&request.clone().basic(name, password).ask(server).await);
        }
        for authorization in [
            "Basic",
            "Basic ",
            "Basic !",
            // "ann" and "ann:pw" without its padding
            "Basic YW5u",
            "Basic YW5uOnB3 YW5uOnB3",
            "Basic=YW5uOnB3",
            "YW5uOnB3",
            &format!("Bearer {token}"),
            &format!("Token {token}"),
            &token,
        ] {
            assert_unauthorized(&request.clone().authorization(authorization).ask(server).await);
        }
    }
    assert_eq!(server.rows().await, rows);
    assert_eq!(get("/api/stow/one").basic("ann", "pw").ask(server).await.json()["value"], "here");
    assert_eq!(get("/api/stow/one").authorization("bAsIc YW5uOnB3").ask(server).await.status, 200);
}

async fn names_and_passwords_may_have_any_letters(server: &mut TestServer<'_>) {
    let long = "é".repeat(36);
    for (name, password) in [("änn", "pä:ss:"), ("😀", " "), ("ann smith", "\u{1}"), ("a'b\"c\\", &long)] {
        let new = post("/api/user").json(json!({ "name": name, "password": password }));
        assert_message(&new.ask(server).await, 201, &format!("User '{name}' registered"));
        assert_eq!(get("/api/user").basic(name, password).ask(server).await.json()["name"], name);
        assert_message(&new.ask(server).await, 409, &format!("User '{name}' already registered"));
        assert_unauthorized(&get("/api/user").basic(name, &format!("{password}x")).ask(server).await);
    }
}

async fn only_the_own_account_is_deleted(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "other").await;
    let token = get("/api/token").basic("bob", "other").ask(server).await.json();
    assert_message(&delete("/api/user").basic("ann", "pw").ask(server).await, 200, "User deleted");
    assert_eq!(get("/api/user").basic("bob", "other").ask(server).await.status, 200);
    assert_eq!(get("/api/user").basic(token["token"].as_str().expect("a token"), "").ask(server).await.status, 200);
}
