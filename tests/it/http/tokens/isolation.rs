//! Each request of an owner with each kind of token that is not the owner's: what is answered, and that nothing of
//! ann's has changed.

use keybin::domain::{IssuedToken, Key, KeyRange, Order, PasswordHash, Query};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::super::assert_problem;
use super::token;
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        who_is_nobody_is_not_let_in,
        a_limited_token_gets_what_it_allows,
        another_account_gets_its_own,
    );
}

/// A request: the method, what stands behind the token, and the body.
type Request = (Method, &'static str, &'static str);

/// What only an owner may ask for.
const OWNERS: &[Request] = &[
    (Method::GET, "tokens", ""),
    (Method::DELETE, "tokens/phone", ""),
    (Method::DELETE, "tokens", ""),
    (Method::GET, "account", ""),
    (Method::POST, "password", r#"{"current":"pw","new":"stolen"}"#),
    (Method::POST, "password", r#"{"current":"wrong","new":"stolen"}"#),
];

const EXPORT: Request = (Method::GET, "export", "");
const IMPORT: Request = (Method::POST, "import?mode=overwrite", "{\"key\":\"b.1\",\"value\":\"stolen\"}\n");
const RENEW: Request = (Method::POST, "token/renew", "");

/// What becomes of it beyond a prefix.
const BEYOND: &str =
    r#"{"failed":[{"line":1,"reason":"the token does not reach the key b.1"}],"skipped":0,"written":0}"#;

fn all() -> impl Iterator<Item = Request> {
    OWNERS.iter().cloned().chain([EXPORT, IMPORT, RENEW])
}

async fn ask(http: &Http, segment: &str, (method, rest, body): &Request, headers: &[(&str, &str)]) -> Answer {
    let headers = [headers, &[("Content-Type", "application/json")]].concat();
    http.send(method.clone(), &format!("/user/{segment}/{rest}"), &headers, *body).await
}

/// All that there is of ann.
#[derive(Debug, PartialEq)]
struct State {
    password: PasswordHash,
    tokens: Vec<IssuedToken>,
    documents: Vec<(Key, String)>,
}

async fn state(server: &TestServer<'_>) -> State {
    let store = server.store();
    let now = keybin::domain::Clock::now(server.clock());
    let name = keybin::domain::Username::parse("ann").expect("a name");
    let known = store.credentials(&name).await.expect("reads").expect("is there");
    let range = KeyRange { prefix: String::new(), after: None, limit: 1000, order: Order::Ascending };
    let everything = Query { range, filter: None, looks: usize::MAX, bytes: usize::MAX };
    let documents = store.list_documents(known.account.id, &everything, now).await.expect("lists").found;
    let json = |value: keybin::domain::Value| String::from_utf8(value.to_json().expect("renders")).expect("UTF-8");
    State {
        password: known.password,
        tokens: store.list_tokens(known.account.id, now).await.expect("lists"),
        documents: documents.into_iter().map(|(key, document)| (key, json(document.value))).collect(),
    }
}

/// Ann, with the documents `a.1` and `b.1` and the client ids `own` and `phone`.
async fn ann(server: &TestServer<'_>) -> String {
    server.register("ann", "pw").await;
    let own = server.token_for("ann", "pw", "own").await;
    server.token_for("ann", "pw", "phone").await;
    server.put(&own, "a.1", "1").await;
    server.put(&own, "b.1", "1").await;
    own
}

async fn who_is_nobody_is_not_let_in(server: &mut TestServer<'_>) {
    ann(server).await;
    let expired = token(server, &json!({ "client_id": "expired", "expires_in": 1 })).await;
    server.clock().advance(1000);
    let replaced = token(server, &json!({ "client_id": "replaced" })).await;
    token(server, &json!({ "client_id": "replaced" })).await;
    let before = state(server).await;
    let unknown = Uuid::new_v4().to_string();
    for request in all() {
        for (what, secret) in [("expired", &*expired), ("replaced", &replaced), ("unknown", &unknown), ("none", "x")] {
            for (segment, bearer) in [(secret, None), ("-", Some(format!("Bearer {secret}"))), ("-", None)] {
                let headers: Vec<_> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
                let answer = ask(server, segment, &request, &headers).await;
                assert_eq!(answer.status, 403, "{what}: {request:?}");
                assert_problem(&answer, 403, "invalid_token", "Invalid token");
            }
        }
    }
    assert_eq!(state(server).await, before);
}

async fn a_limited_token_gets_what_it_allows(server: &mut TestServer<'_>) {
    ann(server).await;
    for (scope, prefix, export, import) in [
        ("read", "", r#"["a.1","b.1"]"#, None),
        ("read", "a.", r#"["a.1"]"#, None),
        ("write", "a.", r#"["a.1"]"#, Some(BEYOND)),
    ] {
        let limited = token(server, &json!({ "client_id": "limited", "scope": scope, "prefix": prefix })).await;
        let before = state(server).await;
        for request in OWNERS {
            let answer = ask(server, &limited, request, &[]).await;
            assert_eq!(answer.status, 403, "{scope} {prefix}: {request:?}");
            assert_problem(&answer, 403, "not_granted", "The token does not allow this");
        }
        let exported = ask(server, &limited, &EXPORT, &[]).await;
        let keys: Vec<serde_json::Value> = exported
            .text()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["key"].clone())
            .collect();
        assert_eq!((exported.status, json!(keys).to_string().as_str()), (200, export), "{scope} {prefix}");
        let imported = ask(server, &limited, &IMPORT, &[]).await;
        match import {
            Some(report) => assert_eq!((imported.status, imported.text()), (200, report), "{scope} {prefix}"),
            None => assert_problem(&imported, 403, "not_granted", "The token does not allow this"),
        }
        assert_eq!(state(server).await, before, "{scope} {prefix}");
        // It renews itself, and nothing else.
        assert_eq!(ask(server, &limited, &RENEW, &[]).await.status, 200);
        let after = state(server).await;
        let others = |state: &State| {
            let others = state.tokens.iter().filter(|token| token.client_id.as_str() != "limited");
            others.cloned().collect::<Vec<_>>()
        };
        assert_eq!(others(&after), others(&before));
        assert_eq!((after.password, after.documents), (before.password, before.documents));
    }
}

async fn another_account_gets_its_own(server: &mut TestServer<'_>) {
    ann(server).await;
    server.register("bob", "pw").await;
    let before = state(server).await;
    for request in all() {
        let bob = server.token_for("bob", "pw", "bobs").await;
        let answer = ask(server, &bob, &request, &[]).await;
        let (status, text) = (answer.status, answer.text().to_owned());
        match request.1 {
            "tokens/phone" => {
                assert_problem(&answer, 404, "token_not_found", "There is no token for the client id phone")
            }
            "password" if request.2.contains("wrong") => {
                assert_problem(&answer, 403, "invalid_credentials", "Invalid credentials");
            }
            _ => assert_eq!(status, 200, "{request:?}: {text}"),
        }
        let is_anns = ["ann", "own", "a.1", "b.1"].into_iter().any(|word| text.contains(&format!("\"{word}\"")));
        assert!(!is_anns, "{request:?}: {text}");
        assert_eq!(state(server).await, before, "{request:?}");
        if request.1 == "password" && status == 200 {
            let back = json!({ "current": "stolen", "new": "pw" });
            assert_eq!(server.post(&format!("/user/{bob}/password"), back).await.status, 200);
        }
    }
}
