//! What every answer carries, whatever was asked and whatever became of it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use super::assert_problem;
use crate::harness::http::{Answer, Http};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        every_answer_is_safe_to_receive,
        a_store_that_is_away_is_no_fault_of_the_client,
    );
}

/// Neither kept by a cache, nor told to other sites, nor run in a browser; and it does not say what it is served by.
#[track_caller]
fn assert_safe(answer: &Answer, what: &str) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {answer:?}");
    }
    for name in ["server", "x-powered-by", "set-cookie", "location", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), None, "{what}: {answer:?}");
    }
    let again = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert_eq!(again.is_some(), answer.status == 503, "{what}: {answer:?}");
}

/// Sends requests and notes what became of them.
struct Seen<'h> {
    http: &'h Http,
    all: BTreeSet<(&'static str, u16)>,
}

impl Seen<'_> {
    async fn ask(&mut self, route: &'static str, method: Method, path: &str, body: &str) {
        let answer = self.http.send(method, path, &[("Content-Type", "application/json")], body).await;
        assert_safe(&answer, route);
        self.all.insert((route, answer.status));
    }
}

async fn every_answer_is_safe_to_receive(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\nmax_value_bytes=1000\n").await;
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let large = "x".repeat(10_000);
    let ann = json!({ "username": "ann", "password": "pw" }).to_string();
    let bob = json!({ "username": "bob", "password": "pw" }).to_string();
    let mut seen = Seen { http: server, all: BTreeSet::new() };

    for body in [bob.as_str(), &bob, "", &large] {
        seen.ask("/register", Method::POST, "/register", body).await;
    }
    for body in [ann.as_str(), r#"{"username":"ann","password":"x"}"#, "{}", &large] {
        seen.ask("/token", Method::POST, "/token", body).await;
    }
    for body in [bob.as_str(), &bob, "[]", &large] {
        seen.ask("/unregister", Method::DELETE, "/unregister", body).await;
    }
    let token = match server.post("/token", &ann).await.json()["token"]["token"].as_str() {
        Some(new) => new.to_owned(),
        None => token,
    };
    for body in [r#"{"value":1}"#, "", r#"{"value":1e400}"#, &large] {
        seen.ask("POST store", Method::POST, &format!("/user/{token}/store/one"), body).await;
    }
    seen.ask("POST store", Method::POST, "/user/x/store/one", "").await;
    for path in ["one", "two", "a-b", ""] {
        seen.ask("GET store", Method::GET, &format!("/user/{token}/store/{path}"), "").await;
        seen.ask("HEAD store", Method::HEAD, &format!("/user/{token}/store/{path}"), "").await;
    }
    seen.ask("GET store", Method::GET, "/user/x/store/one", "").await;
    seen.ask("HEAD store", Method::HEAD, "/user/x/store/one", "").await;
    for segment in [token.as_str(), "x"] {
        seen.ask("GET keys", Method::GET, &format!("/user/{segment}/keys"), "").await;
        seen.ask("HEAD keys", Method::HEAD, &format!("/user/{segment}/keys"), "").await;
    }
    for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS, Method::TRACE] {
        seen.ask("nowhere", method.clone(), "/nowhere", "").await;
        seen.ask("//", method, "//nowhere", "").await;
    }
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH, Method::TRACE] {
        seen.ask("wrong method", method, "/token", "").await;
    }
    // What Rocket itself takes for no request.
    for line in ["BREW", "get"] {
        let exchange = server.raw(request(line, "/token", &[], "")).await;
        assert_safe(exchange.answer(), line);
        seen.all.insert(("no request", exchange.answer().status));
    }

    let expected = [
        ("/register", [200, 400, 409, 413].as_slice()),
        ("/token", &[200, 400, 403, 413]),
        ("/unregister", &[200, 400, 403, 413]),
        ("POST store", &[200, 400, 403, 413, 422]),
        ("GET store", &[200, 400, 403, 404]),
        ("HEAD store", &[200, 400, 403, 404]),
        ("GET keys", &[200, 403]),
        ("HEAD keys", &[200, 403]),
        ("nowhere", &[404]),
        ("//", &[404]),
        ("wrong method", &[405]),
        ("no request", &[400]),
    ];
    let expected = expected.iter().flat_map(|(route, statuses)| statuses.iter().map(move |status| (*route, *status)));
    assert_eq!(seen.all, expected.collect());
}

async fn a_store_that_is_away_is_no_fault_of_the_client(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let jwt = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x";
    server.store().close().await;
    let ann = json!({ "username": "ann", "password": "pw" });
    let bob = json!({ "username": "bob", "password": "pw" });
    for answer in [
        server.post("/register", &bob).await,
        server.post("/token", &ann).await,
        server.delete("/unregister", &ann).await,
        server.get(&format!("/user/{token}/keys")).await,
        server.get(&format!("/user/{token}/store/one")).await,
        server.post(&format!("/user/{token}/store/one"), r#"{"value":1}"#).await,
        server.send(Method::GET, "/user/-/keys", &[("Authorization", &format!("Bearer {token}"))], "").await,
        server.send(Method::GET, "/user/-/keys", &[("Authorization", jwt)], "").await,
    ] {
        assert_safe(&answer, "away");
        let detail = "The service is not available at the moment; nothing was changed, please try again";
        assert_problem(&answer, 503, "unavailable", detail);
    }
    let head = server.send(Method::HEAD, &format!("/user/{token}/keys"), &[], "").await;
    assert_safe(&head, "away");
    assert_eq!((head.status, head.text()), (503, ""));
    // What needs no store is answered as ever.
    assert_eq!(server.get("/user/x/keys").await.status, 403);
    assert_eq!(server.get("/nowhere").await.status, 404);
}
