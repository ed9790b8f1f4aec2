//! The Users API: accounts with an e-mail address, `Authorization: JWT`, and the list of users.

use keybin::domain::Clock;
use keybin::service::{Change, Registration};
use serde_json::{Value, json};

use super::{assert_says, users_jwt};
use crate::harness::ask::{Ask, get, post};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        somebody_registers_and_logs_in,
        what_is_taken_is_a_conflict,
        what_cannot_be_registered_is_told_so,
        who_cannot_log_in_is_told_so,
        everybody_sees_themselves,
        an_administrator_sees_everybody,
        an_open_directory_shows_everybody,
        the_scheme_may_be_in_any_case,
        without_a_good_credential_nothing_is_shown,
        a_jwt_is_good_for_five_minutes_to_the_second,
        logins_live_beside_each_other,
    );
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, error: &str, description: &str) {
    assert_says(answer, status, &json!({ "status_code": status, "error": error, "description": description }));
    let scheme = (status == 401).then_some("JWT realm=\"keybin\"");
    assert_eq!(answer.header("www-authenticate"), scheme, "{answer:?}");
}

#[track_caller]
fn assert_invalid_token(answer: &Answer) {
    assert_error(answer, 401, "Invalid token", "The access token is not valid");
}

fn registration(name: &str) -> Ask {
    let email = format!("{name}@example.org");
    post("/api/users").json(json!({ "username": name, "password": "pw", "email": email }))
}

/// Registers somebody and gives what is shown of them.
async fn register_user(http: &Http, name: &str) -> Value {
    let answer = registration(name).ask(http).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn list() -> Ask {
    get("/api/users")
}

async fn somebody_registers_and_logs_in(server: &mut TestServer<'_>) {
    let answer = registration("ann").ask(server).await;
    let id = answer.json()["id"].as_u64().expect("a number");
    let ann = json!({ "username": "ann", "id": id, "email": "ann@example.org" });
    assert_says(&answer, 201, &ann);
    let answer = post("/auth").json(r#"{"username":"ann","password":"pw"}"#).ask(server).await;
    let jwt = answer.json()["access_token"].as_str().expect("a JWT").to_owned();
    assert_says(&answer, 200, &json!({ "access_token": jwt }));
    assert!(jwt.starts_with("eyJ") && jwt.split('.').count() == 3, "{jwt}");
    assert_says(&list().jwt(&jwt).ask(server).await, 200, &json!([ann]));

    let bob = registration("bob").ask(server).await;
    assert!(bob.json()["id"].as_u64() > Some(id));
}

async fn what_is_taken_is_a_conflict(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let rows = server.rows().await;
    for body in [
        json!({ "username": "ann", "password": "pw", "email": "ann@example.org" }),
        json!({ "username": "ann", "password": "other", "email": "other@example.org" }),
    ] {
        assert_error(&post("/api/users").json(body).ask(server).await, 409, "Conflict", "User already registered");
    }
    for email in ["ann@example.org", "ANN@EXAMPLE.org"] {
        let body = json!({ "username": "bob", "password": "pw", "email": email });
        let answer = post("/api/users").json(body).ask(server).await;
        assert_error(&answer, 409, "Conflict", "E-mail address already registered");
    }
    assert_eq!(server.rows().await, rows);
}

async fn what_cannot_be_registered_is_told_so(server: &mut TestServer<'_>) {
    let rows = server.rows().await;
    let (name, password, email) = (
        "A username must be 1 to 255 bytes without control characters",
        "A password must be 1 to 72 bytes and must not contain a NUL character",
        "An e-mail address must look like name@host and be at most 254 bytes long",
    );
    let right = || json!({ "username": "ann", "password": "pw", "email": "ann@example.org" });
    let long = format!("{}@example.org", "x".repeat(255));
    for (field, value, description) in [
        ("username", json!(""), name),
        ("username", json!("a\nb"), name),
        ("username", json!(1), "Parameter 'username' must be a string"),
        ("username", json!({ "$ne": "" }), "Parameter 'username' must be a string"),
        ("password", json!(""), password),
        ("password", json!("a\0b"), password),
        ("password", json!("x".repeat(73)), password),
        ("password", json!(null), "Parameter 'password' must be a string"),
        ("email", json!(""), email),
        ("email", json!("ann"), email),
        ("email", json!("ann@"), email),
        ("email", json!("a b@example.org"), email),
        ("email", json!(long), email),
        ("email", json!(null), "Parameter 'email' must be a string"),
        ("email", json!(["ann@example.org"]), "Parameter 'email' must be a string"),
    ] {
        let mut body = right();
        body[field] = value;
        assert_error(&post("/api/users").json(body).ask(server).await, 400, "Bad Request", description);
    }
    for field in ["username", "password", "email"] {
        let mut body = right();
        body.as_object_mut().expect("an object").remove(field);
        let description = format!("Required parameter '{field}' is missing");
        assert_error(&post("/api/users").json(body).ask(server).await, 400, "Bad Request", &description);
    }
    let no_json = "Request body is not JSON or is empty";
    let form = [("username", "ann"), ("password", "pw"), ("email", "ann@example.org")];
    for request in [post("/api/users"), post("/api/users").json("[]"), post("/api/users").form(&form)] {
        assert_error(&request.ask(server).await, 400, "Bad Request", no_json);
    }
    assert_eq!(server.rows().await, rows);
}

async fn who_cannot_log_in_is_told_so(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let rows = server.rows().await;
    let long = "x".repeat(300);
    for (name, password) in [("ann", "PW"), ("ann", ""), ("ann", &long), ("nobody", "pw"), ("ann@example.org", "pw")] {
        let answer = post("/auth").json(json!({ "username": name, "password": password })).ask(server).await;
        assert_error(&answer, 401, "Bad Request", "Invalid credentials");
    }
    for (body, description) in [
        (json!({ "password": "pw" }), "Required parameter 'username' is missing"),
        (json!({ "username": "ann" }), "Required parameter 'password' is missing"),
        (json!({ "username": 1, "password": "pw" }), "Parameter 'username' must be a string"),
        (json!({ "username": "ann", "password": { "$gt": "" } }), "Parameter 'password' must be a string"),
        (json!("ann"), "Request body is not JSON or is empty"),
    ] {
        assert_error(&post("/auth").json(body).ask(server).await, 400, "Bad Request", description);
    }
    assert_eq!(server.rows().await, rows);
}

async fn everybody_sees_themselves(server: &mut TestServer<'_>) {
    let (ann, bob) = (register_user(server, "ann").await, register_user(server, "bob").await);
    // An account of another API has no e-mail address.
    server.register("eve", "pw").await;
    let number = get("/api/user").basic("eve", "pw").ask(server).await.json()["id"].clone();
    let eve = json!({ "username": "eve", "id": number, "email": null });
    for (name, entry) in [("ann", ann), ("bob", bob), ("eve", eve)] {
        let jwt = users_jwt(server, name, "pw").await;
        assert_says(&list().jwt(&jwt).ask(server).await, 200, &json!([entry]));
    }
}

async fn an_administrator_sees_everybody(server: &mut TestServer<'_>) {
    let mut all = Vec::new();
    for name in ["eve", "ann", "dan", "bob"] {
        all.push(register_user(server, name).await);
    }
    let accounts = server.services().accounts;
    let root = Registration { username: "carl".into(), password: "pw".into(), admin: true, ..Default::default() };
    let root = accounts.register(root).await.expect("registers");
    all.push(json!({ "username": "carl", "id": root.number, "email": null }));
    all.sort_by_key(|entry| entry["username"].as_str().map(str::to_owned));
    let jwt = users_jwt(server, "carl", "pw").await;
    assert_says(&list().jwt(&jwt).ask(server).await, 200, &json!(all));
    // Somebody else still does not, until they are made one, and not any more when they are no longer one.
    let anns = users_jwt(server, "ann", "pw").await;
    let ann = accounts.find("ann").await.expect("is there").id;
    for (admin, entries) in [(None, 1), (Some(true), 5), (Some(false), 1)] {
        server.services().operator.change(ann, Change { admin, ..Change::default() }).await.expect("changes");
        let answer = list().jwt(&anns).ask(server).await;
        assert_eq!(answer.json().as_array().map(Vec::len), Some(entries), "{admin:?}");
    }
}

async fn an_open_directory_shows_everybody(server: &mut TestServer<'_>) {
    server.restart_with("[USERS]\ndirectory=everyone\n").await;
    let mut all = Vec::new();
    for name in ["eve", "ann", "bob"] {
        all.push(register_user(server, name).await);
    }
    all.sort_by_key(|entry| entry["username"].as_str().map(str::to_owned));
    for name in ["ann", "bob", "eve"] {
        let jwt = users_jwt(server, name, "pw").await;
        assert_says(&list().jwt(&jwt).ask(server).await, 200, &json!(all));
    }
    assert_eq!(list().ask(server).await.status, 401);
}

async fn the_scheme_may_be_in_any_case(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let jwt = users_jwt(server, "ann", "pw").await;
    for scheme in ["JWT", "jwt", "Jwt", "jWt", "JWT  "] {
        assert_eq!(list().authorization(format!("{scheme} {jwt}")).ask(server).await.status, 200, "{scheme}");
    }
}

async fn without_a_good_credential_nothing_is_shown(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let jwt = users_jwt(server, "ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let absent = "Request does not contain an access token";
    for request in [list(), list().session(&token), list().header("X-Access-Token", &jwt)] {
        assert_error(&request.ask(server).await, 401, "Authorization Required", absent);
    }
    let changed = format!("{}x", &jwt[..jwt.len() - 1]);
    for authorization in [
        "",
        "JWT",
        "JWT x",
        "JWT a.b.c",
        &jwt,
        &format!("JWT{jwt}"),
        &format!("JWT {changed}"),
        &format!("JWT {jwt} {jwt}"),
        &format!("JWT \"{jwt}\""),
        &format!("Bearer {jwt}"),
        // A token is no JWT.
        &format!("JWT {token}"),
    ] {
        assert_invalid_token(&list().authorization(authorization).ask(server).await);
    }
    assert_invalid_token(&list().basic("ann", "pw").ask(server).await);
    let twice = list().jwt(&jwt).jwt(&jwt).ask(server).await;
    assert_error(&twice, 400, "Bad Request", "More than one credential was presented");
}

async fn a_jwt_is_good_for_five_minutes_to_the_second(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let start = server.clock().advance(999);
    let jwt = users_jwt(server, "ann", "pw").await;
    let end = server.clock().set(start.plus_seconds(300));
    server.clock().advance(-1);
    assert_eq!(list().jwt(&jwt).ask(server).await.status, 200);
    server.clock().set(end);
    assert_invalid_token(&list().jwt(&jwt).ask(server).await);
    assert_eq!(server.clock().now(), end);
}

async fn logins_live_beside_each_other(server: &mut TestServer<'_>) {
    register_user(server, "ann").await;
    let jwts = [users_jwt(server, "ann", "pw").await, users_jwt(server, "ann", "pw").await];
    server.token("ann", "pw").await;
    for jwt in &jwts {
        assert_eq!(list().jwt(jwt).ask(server).await.status, 200);
    }
    assert_eq!(post("/auth/logout").bearer(&jwts[0]).ask(server).await.status, 200);
    assert_invalid_token(&list().jwt(&jwts[0]).ask(server).await);
    assert_eq!(list().jwt(&jwts[1]).ask(server).await.status, 200);
}
