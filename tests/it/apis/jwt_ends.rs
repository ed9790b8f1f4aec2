//! How JWTs end: with their token, with its account, and with the key, on every server at once.

use keybin::service::Change;
use serde_json::json;

use super::elsewhere::Elsewhere;
use super::forge::{KEY, KEY_CFG, Parts};
use super::jwt::{assert_good, assert_refused};
use super::{PASSWORD, forms_jwt, pairs_jwt, users_jwt};
use crate::harness::ask::{delete, get, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_jwt_ends_with_its_token,
        a_jwt_ends_with_a_new_password,
        a_jwt_ends_with_its_account,
        servers_over_one_store_share_the_key,
        servers_that_begin_together_share_the_key,
        the_key_outlives_a_restart,
        another_key_ends_all_jwts,
    );
}

/// Registers ann, who has a document under the key `one`, and bob, who only has a password.
async fn ann(server: &TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    server.register("bob", PASSWORD).await;
    let token = server.token("ann", PASSWORD).await;
    server.put(&token, "one", "1").await;
}

async fn a_jwt_ends_with_its_token(server: &mut TestServer<'_>) {
    ann(server).await;
    for logout in [post("/auth/logout"), get("/api/logout")] {
        let (jwt, other) = (pairs_jwt(server, "ann", PASSWORD).await, forms_jwt(server, "ann", PASSWORD).await);
        assert_eq!(logout.bearer(&jwt).ask(server).await.status, 200);
        assert_refused(server, "logged out", &jwt).await;
        assert_good(server, "of another login", &other).await;
    }
    // Its client id is one like any other: who names it replaces the token.
    let jwt = users_jwt(server, "ann", PASSWORD).await;
    let services = server.services();
    let account = services.accounts.find("ann").await.expect("is there").id;
    let tokens = services.operator.tokens(account).await.expect("lists");
    let users = tokens.iter().find(|token| token.client_id.family() == "users").expect("is there");
    assert_good(server, "not yet replaced", &jwt).await;
    server.token_for("ann", PASSWORD, users.client_id.as_str()).await;
    assert_refused(server, "replaced", &jwt).await;
    // And the operator ends it.
    let jwt = users_jwt(server, "ann", PASSWORD).await;
    for token in services.operator.tokens(account).await.expect("lists") {
        services.operator.revoke(account, &token.client_id).await.expect("revokes");
    }
    assert_refused(server, "revoked", &jwt).await;
}

async fn a_jwt_ends_with_a_new_password(server: &mut TestServer<'_>) {
    ann(server).await;
    let jwts = [
        pairs_jwt(server, "ann", PASSWORD).await,
        forms_jwt(server, "ann", PASSWORD).await,
        users_jwt(server, "ann", PASSWORD).await,
    ];
    let bobs = users_jwt(server, "bob", PASSWORD).await;
    let services = server.services();
    let account = services.accounts.find("ann").await.expect("is there").id;
    let email = Change { email: Some("ann@example.org".into()), ..Change::default() };
    services.operator.change(account, email).await.expect("changes");
    assert_good(server, "after a change of something else", &jwts[0]).await;
    // The same password once more is a new one.
    let password = Change { password: Some(PASSWORD.into()), ..Change::default() };
    services.operator.change(account, password).await.expect("changes");
    for jwt in &jwts {
        assert_refused(server, "after a new password", jwt).await;
    }
    assert_eq!(get("/api/users").jwt(&bobs).ask(server).await.status, 200);
    assert_good(server, "after logging in again", &pairs_jwt(server, "ann", PASSWORD).await).await;
}

async fn a_jwt_ends_with_its_account(server: &mut TestServer<'_>) {
    ann(server).await;
    let jwt = forms_jwt(server, "ann", PASSWORD).await;
    let unregister = delete("/unregister").json(json!({ "username": "ann", "password": PASSWORD }));
    assert_eq!(unregister.ask(server).await.status, 200);
    let shut = async |server: &TestServer<'_>| {
        for request in [
            get("/user/-/keys").bearer(&jwt),
            get("/api/data/retrieve?key=one").bearer(&jwt),
            get("/keyvaluepairs/one").bearer(&jwt),
            get("/api/users").jwt(&jwt),
        ] {
            assert!(matches!(request.ask(server).await.status, 401 | 403), "{request}");
        }
    };
    shut(server).await;
    server.register("ann", PASSWORD).await;
    assert_refused(server, "of an account of the same name that was erased", &jwt).await;
    let token = server.token("ann", PASSWORD).await;
    server.put(&token, "one", "1").await;
    assert_refused(server, "of an account of the same name that was erased", &jwt).await;
    shut(server).await;
}

async fn servers_over_one_store_share_the_key(server: &mut TestServer<'_>) {
    ann(server).await;
    let elsewhere = Elsewhere::beside(server, "").await;
    let here = pairs_jwt(server, "ann", PASSWORD).await;
    let there = forms_jwt(&elsewhere, "ann", PASSWORD).await;
    for jwt in [&here, &there] {
        assert_good(server, "here", jwt).await;
        assert_good(&elsewhere, "there", jwt).await;
    }
    // What ends at one is over at the other, at once.
    assert_eq!(post("/auth/logout").bearer(&here).ask(&elsewhere).await.status, 200);
    assert_refused(server, "logged out there", &here).await;
    assert_eq!(get("/api/logout").bearer(&there).ask(server).await.status, 200);
    assert_refused(&elsewhere, "logged out here", &there).await;

    let jwt = pairs_jwt(server, "ann", PASSWORD).await;
    assert_good(&elsewhere, "there", &jwt).await;
    let account = server.services().accounts.find("ann").await.expect("is there").id;
    let password = Change { password: Some(PASSWORD.into()), ..Change::default() };
    server.services().operator.change(account, password).await.expect("changes");
    assert_refused(&elsewhere, "after a new password", &jwt).await;
    let jwt = pairs_jwt(&elsewhere, "ann", PASSWORD).await;
    assert_good(server, "here", &jwt).await;
    assert_eq!(delete("/api/user").basic("ann", PASSWORD).ask(server).await.status, 200);
    assert_eq!(get("/api/users").jwt(&jwt).ask(&elsewhere).await.status, 401);
    elsewhere.end().await;
}

async fn servers_that_begin_together_share_the_key(server: &mut TestServer<'_>) {
    ann(server).await;
    let (first, second) = (Elsewhere::beside(server, "").await, Elsewhere::beside(server, "").await);
    // Nobody has signed anything so far.
    let (a, b, c) = tokio::join!(
        users_jwt(server, "ann", PASSWORD),
        users_jwt(&first, "ann", PASSWORD),
        users_jwt(&second, "ann", PASSWORD),
    );
    for jwt in [a, b, c] {
        assert_good(server, "here", &jwt).await;
        assert_good(&first, "there", &jwt).await;
        assert_good(&second, "there", &jwt).await;
    }
    first.end().await;
    second.end().await;
}

async fn the_key_outlives_a_restart(server: &mut TestServer<'_>) {
    ann(server).await;
    let jwt = pairs_jwt(server, "ann", PASSWORD).await;
    server.rows().await;
    assert_good(server, "after a restart", &jwt).await;
    // It is made for this store: what is known about it does not help to sign.
    assert_refused(server, "signed with a key that is not there", &Parts::of(&jwt).signed(KEY)).await;
}

async fn another_key_ends_all_jwts(server: &mut TestServer<'_>) {
    ann(server).await;
    let kept = pairs_jwt(server, "ann", PASSWORD).await;
    server.restart_with(KEY_CFG).await;
    assert_refused(server, "signed with the key of the store", &kept).await;
    let configured = pairs_jwt(server, "ann", PASSWORD).await;
    assert_good(server, "signed with the configured key", &configured).await;
    assert_good(server, "signed with the configured key", &Parts::of(&configured).signed(KEY)).await;
    let same = Elsewhere::beside(server, KEY_CFG).await;
    assert_good(&same, "signed with the configured key", &configured).await;
    same.end().await;

    let other_cfg = KEY_CFG.replace("0123", "3210");
    server.restart_with(&other_cfg).await;
    assert_refused(server, "signed with the key before", &configured).await;
    assert_refused(server, "signed with the key of the store", &kept).await;
    // The token in it lives on, as it would anywhere else.
    let token = Parts::of(&configured).claims["jti"].as_str().expect("a token").to_owned();
    assert_eq!(get(format!("/user/{token}/keys")).ask(server).await.status, 200);
    // Back to the one of the store.
    server.restart_with("").await;
    assert_refused(server, "signed with a key that was configured", &configured).await;
    assert_good(server, "signed with the key of the store", &kept).await;
}
