//! Registering, logging in and out.

use serde_json::json;

use super::super::{assert_message, assert_says};
use super::{assert_refused, assert_unauthorized, guarded, jwt};
use crate::harness::ask::{get, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        somebody_registers_logs_in_and_out,
        whoever_is_there_already_is_told_to_log_in,
        what_cannot_be_registered_is_told_so,
        who_cannot_log_in_is_told_so,
        logins_live_beside_each_other,
        a_jwt_is_good_for_twenty_minutes_to_the_second,
        without_a_good_credential_nothing_happens,
        tokens_of_every_kind_open_the_door,
    );
}

const WRONG: &str = "Invalid name or password, Please try again.";

async fn somebody_registers_logs_in_and_out(server: &mut TestServer<'_>) {
    let ann = json!({ "name": "ann", "password": "pw" });
    let registered = post("/auth/register").json(&ann).ask(server).await;
    assert_message(&registered, 201, "You registered successfully. Please login.");
    let answer = post("/auth/login").json(&ann).ask(server).await;
    let jwt = answer.json()["access_token"].as_str().expect("a JWT").to_owned();
    assert_says(&answer, 200, &json!({ "message": "You logged in successfully.", "access_token": jwt }));
    assert_eq!(jwt.split('.').count(), 3);
    let stored = post("/set").bearer(&jwt).json(r#"{"key":"one","value":"kept"}"#).ask(server).await;
    assert_eq!(stored.status, 200);

    let out = post("/auth/logout").bearer(&jwt).ask(server).await;
    assert_message(&out, 200, "You logged out successfully.");
    for request in guarded() {
        assert_unauthorized(&request.bearer(&jwt).ask(server).await);
    }
    let again = super::super::pairs_jwt(server, "ann", "pw").await;
    assert_ne!(again, jwt);
    assert_eq!(get("/get?key=one").bearer(&again).ask(server).await.json()["value_name"], "kept");
}

async fn whoever_is_there_already_is_told_to_log_in(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let rows = server.rows().await;
    for password in ["pw", "another"] {
        let again = post("/auth/register").json(json!({ "name": "ann", "password": password }));
        assert_message(&again.ask(server).await, 202, "User already exists. Please login.");
    }
    assert_eq!(server.rows().await, rows);
    // It is the one that was there.
    assert_eq!(get("/get?key=one").bearer(&jwt).ask(server).await.status, 404);
    super::super::pairs_jwt(server, "ann", "pw").await;
    let login = post("/auth/login").json(json!({ "name": "ann", "password": "another" }));
    assert_refused(&login.ask(server).await, WRONG);
}

async fn what_cannot_be_registered_is_told_so(server: &mut TestServer<'_>) {
    let rows = server.rows().await;
    let (name, password) = (
        "A username must be 1 to 255 bytes without control characters",
        "A password must be 1 to 72 bytes and must not contain a NUL character",
    );
    let no_json = "Request body is not JSON or is empty";
    for (body, message) in [
        (json!({ "password": "pw" }), "Required parameter 'name' is missing"),
        (json!({ "name": "ann" }), "Required parameter 'password' is missing"),
        (json!({ "name": 1, "password": "pw" }), "Parameter 'name' must be a string"),
        (json!({ "name": "ann", "password": null }), "Parameter 'password' must be a string"),
        (json!({ "name": "", "password": "pw" }), name),
        (json!({ "name": "a\0", "password": "pw" }), name),
        (json!({ "name": "ann", "password": "" }), password),
        (json!({ "name": "ann", "password": "x".repeat(73) }), password),
        (json!(null), no_json),
    ] {
        assert_message(&post("/auth/register").json(body).ask(server).await, 400, message);
    }
    assert_message(&post("/auth/register").ask(server).await, 400, no_json);
    let form = post("/auth/register").form(&[("name", "ann"), ("password", "pw")]);
    assert_message(&form.ask(server).await, 400, no_json);
    assert_eq!(server.rows().await, rows);
}

async fn who_cannot_log_in_is_told_so(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let long = "x".repeat(300);
    let rows = server.rows().await;
    for (name, password) in [("ann", "PW"), ("ann", ""), ("ann", &long), ("Ann", "pw"), ("nobody", "pw"), ("", "")] {
        let login = post("/auth/login").json(json!({ "name": name, "password": password }));
        assert_refused(&login.ask(server).await, WRONG);
    }
    for (body, message) in [
        (json!({ "password": "pw" }), "Required parameter 'name' is missing"),
        (json!({ "name": "ann" }), "Required parameter 'password' is missing"),
        (json!({ "name": ["ann"], "password": "pw" }), "Parameter 'name' must be a string"),
        (json!({ "name": "ann", "password": { "$gt": "" } }), "Parameter 'password' must be a string"),
        (json!([]), "Request body is not JSON or is empty"),
    ] {
        assert_message(&post("/auth/login").json(body).ask(server).await, 400, message);
    }
    assert_eq!(server.rows().await, rows);
}

async fn logins_live_beside_each_other(server: &mut TestServer<'_>) {
    let first = jwt(server, "ann").await;
    let second = super::super::pairs_jwt(server, "ann", "pw").await;
    let third = super::super::pairs_jwt(server, "ann", "pw").await;
    for jwt in [&first, &second, &third] {
        assert_eq!(get("/get?key=one").bearer(jwt).ask(server).await.status, 404);
    }
    assert_eq!(post("/auth/logout").bearer(&second).ask(server).await.status, 200);
    assert_unauthorized(&get("/get?key=one").bearer(&second).ask(server).await);
    for jwt in [&first, &third] {
        assert_eq!(get("/get?key=one").bearer(jwt).ask(server).await.status, 404);
    }
}

async fn a_jwt_is_good_for_twenty_minutes_to_the_second(server: &mut TestServer<'_>) {
    let start = server.clock().advance(999);
    let jwt = jwt(server, "ann").await;
    let end = server.clock().set(start.plus_seconds(1200));
    server.clock().advance(-1);
    assert_eq!(get("/get?key=one").bearer(&jwt).ask(server).await.status, 404);
    server.clock().set(end);
    for request in guarded() {
        assert_unauthorized(&request.bearer(&jwt).ask(server).await);
    }
}

async fn without_a_good_credential_nothing_happens(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let stored = post("/set").bearer(&jwt).json(r#"{"key":"one","value":"kept"}"#).ask(server).await;
    assert_eq!(stored.status, 200);
    let rows = server.rows().await;
    for request in guarded() {
        assert_unauthorized(&request.ask(server).await);
        let changed = format!("{}x", &jwt[..jwt.len() - 1]);
        for token in ["", "x", "a.b.c", "00000000-0000-0000-0000-000000000000", &changed] {
            assert_unauthorized(&request.clone().bearer(token).ask(server).await);
        }
        assert_unauthorized(&request.clone().authorization(&jwt).ask(server).await);
        assert_unauthorized(&request.clone().jwt(&jwt).ask(server).await);
        assert_unauthorized(&request.clone().basic("ann", "pw").ask(server).await);
        assert_unauthorized(&request.clone().session(&jwt).ask(server).await);
    }
    assert_eq!(server.rows().await, rows);
    assert_eq!(get("/get?key=one").bearer(&jwt).ask(server).await.json()["value_name"], "kept");
    assert_eq!(get("/get?key=one").authorization(format!("bEaReR {jwt}")).ask(server).await.status, 200);
}

async fn tokens_of_every_kind_open_the_door(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for token in [
        server.token("ann", "pw").await,
        super::super::stow_token(server, "ann", "pw").await,
        super::super::forms_jwt(server, "ann", "pw").await,
        super::super::users_jwt(server, "ann", "pw").await,
        super::super::session(server, "ann", "pw").await.0,
    ] {
        for (request, status) in guarded().into_iter().zip([201, 200, 200, 200, 404, 200, 200]) {
            assert_eq!(request.clone().bearer(&token).ask(server).await.status, status, "{request}");
        }
        assert_unauthorized(&get("/get?key=one").bearer(&token).ask(server).await);
    }
}
