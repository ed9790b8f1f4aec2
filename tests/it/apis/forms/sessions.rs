//! Sessions: the cookie, its flags, and how they begin and end.

use std::collections::BTreeSet;

use keybin::domain::{Clock, Token};
use serde_json::json;

use super::{Spelling, assert_data, assert_error, assert_invalid_token, assert_success, guarded, register_person};
use crate::harness::ask::{Ask, get, post};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        the_cookie_has_its_flags,
        a_session_is_kept_from_the_network_where_there_is_tls,
        each_login_is_a_session_of_its_own,
        a_session_is_good_for_an_hour_to_the_second,
        logging_out_ends_the_session_and_takes_the_cookie_back,
        logging_out_with_a_jwt_ends_the_jwt_alone,
        a_cookie_beside_another_credential_is_refused,
    );
}

fn login() -> Ask {
    post("/api/login").form(&[("username", "ann"), ("password", super::PASSWORD)])
}

/// The value of the cookie that an answer sets, and its flags.
fn cookie(answer: &Answer) -> (String, BTreeSet<String>) {
    let mut parts = answer.header("set-cookie").expect("a cookie").split("; ");
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a name and a value");
    assert_eq!(name, "keybin_session");
    (value.to_owned(), parts.map(str::to_owned).collect())
}

async fn session(http: &Http) -> String {
    let answer = login().ask(http).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    cookie(&answer).0
}

async fn the_cookie_has_its_flags(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    for request in [login(), login().for_a_page()] {
        let (secret, flags) = cookie(&request.ask(server).await);
        assert!(Token::parse(&secret).is_some_and(|token| token.expose() == secret));
        assert_eq!(flags, flags_of(&["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"]));
    }
}

fn flags_of(flags: &[&str]) -> BTreeSet<String> {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}

async fn a_session_is_kept_from_the_network_where_there_is_tls(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    for (proxy, is_secure) in [("https", true), ("http", false), ("", false), ("httpsx", false), ("x", false)] {
        for request in [login(), login().for_a_page()] {
            let (_, flags) = cookie(&request.header("X-Forwarded-Proto", proxy).ask(server).await);
            assert_eq!(flags.contains("Secure"), is_secure, "{proxy}");
            assert!(flags.is_superset(&flags_of(&["HttpOnly", "SameSite=Lax", "Path=/"])), "{flags:?}");
        }
    }
}

async fn each_login_is_a_session_of_its_own(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let first = session(server).await;
    // Whoever comes with a session, or with one that somebody made up, gets a new one.
    let mut sessions = vec![first.clone()];
    for presented in [first.as_str(), "x", "00000000-0000-0000-0000-000000000000"] {
        let answer = login().session(presented).ask(server).await;
        sessions.push(cookie(&answer).0);
        let unknown = get("/api/data/retrieve?key=one").session(presented).ask(server).await;
        assert_eq!(unknown.status, if presented == first { 404 } else { 401 });
    }
    let different: BTreeSet<_> = sessions.iter().collect();
    assert_eq!(different.len(), sessions.len());
    // They live beside each other, and end one by one.
    for (n, secret) in sessions.iter().enumerate() {
        assert_success(&get("/api/logout").session(secret).ask(server).await, "Logged out successfully.");
        for (m, secret) in sessions.iter().enumerate() {
            let answer = get("/api/data/retrieve?key=one").session(secret).ask(server).await;
            assert_eq!(answer.status, if m <= n { 401 } else { 404 });
        }
    }
}

async fn a_session_is_good_for_an_hour_to_the_second(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let start = server.clock().advance(999);
    let secret = session(server).await;
    let end = server.clock().set(start.plus_seconds(3600));
    server.clock().advance(-1);
    let stored = post("/api/data").session(&secret).json(r#"{"key":"one","value":1}"#).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    server.clock().set(end);
    for spelling in Spelling::BOTH {
        for request in guarded(spelling) {
            assert_invalid_token(&request.session(&secret).ask(server).await);
        }
    }
    let again = session(server).await;
    let answer = get("/api/data/retrieve?key=one").session(again).ask(server).await;
    assert_data(&answer, "Data retrieved successfully.", &json!({ "key": "one", "value": 1 }));
    assert_eq!(server.clock().now(), end);
}

async fn logging_out_ends_the_session_and_takes_the_cookie_back(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let (secret, other) = (session(server).await, session(server).await);
    let stored = post("/api/data").session(&secret).json(r#"{"key":"one","value":1}"#).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    let answer = get("/api/logout").session(&secret).ask(server).await;
    assert_success(&answer, "Logged out successfully.");
    let (value, flags) = cookie(&answer);
    assert_eq!(value, "");
    assert!(flags.is_superset(&flags_of(&["Path=/", "Max-Age=0"])), "{flags:?}");
    for request in guarded(Spelling::Form) {
        assert_invalid_token(&request.clone().session(&secret).ask(server).await);
        // The secret of a session is a token like any other, and ends as one.
        assert_invalid_token(&request.bearer(&secret).ask(server).await);
    }
    assert_eq!(get("/api/data/retrieve?key=one").session(&other).ask(server).await.status, 200);
}

async fn logging_out_with_a_jwt_ends_the_jwt_alone(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let secret = session(server).await;
    let (jwt, other) = (super::jwt(server, "ann").await, super::jwt(server, "ann").await);
    assert_success(&get("/api/logout").bearer(&jwt).ask(server).await, "Logged out successfully.");
    for request in guarded(Spelling::Form) {
        assert_invalid_token(&request.bearer(&jwt).ask(server).await);
    }
    assert_eq!(get("/api/data/retrieve?key=one").bearer(&other).ask(server).await.status, 404);
    assert_eq!(get("/api/data/retrieve?key=one").session(&secret).ask(server).await.status, 404);
}

async fn a_cookie_beside_another_credential_is_refused(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let (secret, jwt) = (session(server).await, super::jwt(server, "ann").await);
    let rows = server.rows().await;
    let message = "More than one credential was presented";
    for request in guarded(Spelling::Form) {
        for request in [
            request.clone().session(&secret).bearer(&jwt),
            request.clone().session("x").bearer(&jwt),
            request.clone().session(&secret).bearer("x"),
            request.clone().session(&secret).basic("ann", super::PASSWORD),
            request.clone().session(&secret).jwt(&jwt),
            request.clone().bearer(&jwt).bearer(&jwt),
            request.clone().bearer(&jwt).basic("ann", super::PASSWORD),
        ] {
            assert_error(&request.ask(server).await, 400, "SEVERAL_CREDENTIALS", message);
        }
    }
    assert_eq!(server.rows().await, rows);
    // Other cookies are nobody's credential.
    let answer = get("/api/data/retrieve?key=one").header("Cookie", "a=b; c=d").bearer(&jwt).ask(server).await;
    assert_eq!(answer.status, 404);
}
