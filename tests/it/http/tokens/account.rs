//! What the account is, and its password.

use keybin::service::Change;
use serde_json::{Value, json};

use super::super::{OK, assert_json, assert_problem};
use super::{client_ids, opens, token};
use crate::harness::http::{Answer, Http};
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        the_account_is_shown_with_what_it_keeps,
        a_new_password_ends_every_other_token,
        a_wrong_current_password_changes_nothing,
        a_new_password_that_is_none_changes_nothing,
        of_8_changes_at_once_one_succeeds,
    );
}

async fn change(http: &Http, token: &str, current: &str, new: &str) -> Answer {
    http.post(&format!("/user/{token}/password"), json!({ "current": current, "new": new })).await
}

async fn log_in(http: &Http, password: &str) -> u16 {
    let body = json!({ "username": "ann", "password": password, "client_id": "probe" });
    http.post("/token", body).await.status
}

async fn the_account_is_shown_with_what_it_keeps(server: &mut TestServer<'_>) {
    server.register("bob", "pw").await;
    server.register("ann", "pw").await;
    let own = token(server, &json!({})).await;
    let path = format!("/user/{own}/account");
    let expected = |email: Value, documents: u64, bytes: u64| {
        json!({
            "username": "ann", "email": email, "number": 2, "documents": documents, "bytes": bytes,
        })
    };
    let answer = server.get(&path).await;
    assert_eq!((answer.status, answer.json()), (200, expected(Value::Null, 0, 0)));

    server.put(&own, "one", "[1,2,3]").await;
    server.put(&own, "two", "{}").await;
    let services = server.services();
    let account = services.accounts.find("ann").await.expect("is there");
    let email = Change { email: Some("ann@example.org".to_owned()), ..Change::default() };
    services.operator.change(account.id, email).await.expect("changes");
    let usage = services.operator.usage(account.id).await.expect("sums up");
    assert!(usage.documents == 2 && usage.bytes > 0);
    let answer = server.get(&path).await;
    assert_eq!((answer.status, answer.json()), (200, expected(json!("ann@example.org"), 2, usage.bytes)));
}

async fn a_new_password_ends_every_other_token(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    let own = server.token_for("ann", "pw", "own").await;
    let others = [server.token("ann", "pw").await, server.token_for("ann", "pw", "own/2").await];
    let bob = server.token_for("bob", "pw", "own").await;
    server.put(&own, "one", "1").await;
    assert_json(&change(server, &own, "pw", "another one").await, OK);
    for other in &others {
        assert!(!opens(server, other).await);
    }
    assert!(opens(server, &own).await && opens(server, &bob).await);
    assert_eq!(client_ids(server, &own).await, ["own"]);
    assert_eq!(server.keys(&own).await, ["one"]);
    assert_eq!((log_in(server, "pw").await, log_in(server, "another one").await), (403, 200));
    // It goes on with the token that is there, and back.
    assert_json(&change(server, &own, "another one", "pw").await, OK);
    assert_eq!(client_ids(server, &own).await, ["own"]);
}

async fn a_wrong_current_password_changes_nothing(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "hers").await;
    let (own, other) = (server.token_for("ann", "pw", "own").await, server.token("ann", "pw").await);
    for wrong in ["", "PW", "hers", &"x".repeat(100), "pw\0"] {
        let answer = change(server, &own, wrong, "new").await;
        assert_problem(&answer, 403, "invalid_credentials", "Invalid credentials");
    }
    assert!(opens(server, &own).await && opens(server, &other).await);
    assert_eq!((log_in(server, "pw").await, log_in(server, "new").await), (200, 403));
}

async fn a_new_password_that_is_none_changes_nothing(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let (own, other) = (server.token_for("ann", "pw", "own").await, server.token("ann", "pw").await);
    for wrong in ["", &"x".repeat(73), "a\0b"] {
        let answer = change(server, &own, "pw", wrong).await;
        assert_eq!((answer.status, answer.code().as_deref()), (400, Some("invalid_password")), "{wrong:?}");
    }
    let path = format!("/user/{own}/password");
    for (body, detail) in [
        (json!({ "new": "x" }), "Required parameter 'current' is missing"),
        (json!({ "current": "pw" }), "Required parameter 'new' is missing"),
    ] {
        assert_problem(&server.post(&path, body).await, 400, "missing_parameter", detail);
    }
    assert!(opens(server, &own).await && opens(server, &other).await);
    assert_eq!(log_in(server, "pw").await, 200);
}

async fn of_8_changes_at_once_one_succeeds(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let mut tokens = Vec::new();
    for i in 0..8 {
        tokens.push(server.token_for("ann", "pw", &format!("{i}")).await);
    }
    let answers = race(8, |i| {
        let (http, token) = (server.http(), tokens[i].clone());
        async move { change(&http, &token, "pw", &format!("new {i}")).await }
    })
    .await;
    let won: Vec<usize> = (0..8).filter(|i| answers[*i].status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 403].contains(&answer.status)), "{answers:?}");
    for (i, token) in tokens.iter().enumerate() {
        assert_eq!(opens(server, token).await, i == won[0], "{i} of {won:?}");
    }
    assert_eq!(log_in(server, &format!("new {}", won[0])).await, 200);
}
