//! Client ids: which of them are one and the same, and how long their tokens live.

use serde_json::{Value, json};

use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        no_client_id_null_and_nothing_are_all_the_default_one,
        each_client_id_has_a_token_of_its_own,
        tokens_live_as_long_as_their_client_id_or_its_family_may,
    );
}

fn request(client_id: &Value) -> Value {
    json!({ "username": "ann", "password": "pw", "client_id": client_id })
}

async fn token(server: &TestServer<'_>, body: &Value) -> String {
    let answer = server.post("/token", body).await;
    answer.json()["token"]["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn opens(server: &TestServer<'_>, token: &str) -> bool {
    match server.get(&format!("/user/{token}/keys")).await.status {
        200 => true,
        403 => false,
        other => panic!("{other}"),
    }
}

async fn no_client_id_null_and_nothing_are_all_the_default_one(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let absent = json!({ "username": "ann", "password": "pw" });
    let bodies = [absent, request(&Value::Null), request(&json!("")), request(&json!("default"))];
    let mut last = token(server, &bodies[3]).await;
    for body in bodies {
        let next = token(server, &body).await;
        assert!(!opens(server, &last).await, "{body} is another client");
        assert!(opens(server, &next).await, "{body}");
        last = next;
    }
}

async fn each_client_id_has_a_token_of_its_own(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    let bob = server.token_for("bob", "pw", "phone").await;
    let long = "x".repeat(255);
    let ids = ["default", "Default", "default/1", "phone", "phone ", "/", "phone/1", "phone/2", "é", "a.b$c", &long];
    let mut tokens = Vec::new();
    for id in ids {
        tokens.push(server.token_for("ann", "pw", id).await);
    }
    for (id, token) in ids.iter().zip(&tokens) {
        assert!(opens(server, token).await, "{id:?} was ended by another");
    }
    let next = server.token_for("ann", "pw", "phone").await;
    for (id, token) in ids.iter().zip(&tokens) {
        assert_eq!(opens(server, token).await, *id != "phone", "{id:?}");
    }
    assert!(opens(server, &next).await);
    assert!(opens(server, &bob).await, "somebody else's phone");
}

async fn tokens_live_as_long_as_their_client_id_or_its_family_may(server: &mut TestServer<'_>) {
    let store_cfg = "[STORE]\ntoken_expiration=100\n[TOKEN_EXPIRATION]\nphone=86400\nphone/old=7\nweb=50\nstow=60\n";
    server.restart_with(store_cfg).await;
    server.register("ann", "pw").await;
    for (client_id, seconds) in [
        ("default", 100),
        ("laptop", 100),
        ("phone", 86400),
        ("phone/new", 86400),
        ("phone/old", 7),
        ("phone/old/er", 86400),
        ("Phone", 100),
        ("phones", 100),
        ("web/3f9a", 50),
        ("stow", 60),
        ("forms", 3600),
        ("/phone", 100),
    ] {
        let start = server.clock().advance(1);
        let answer = server.post("/token", request(&json!(client_id))).await;
        assert_eq!(answer.json()["token"]["expire_seconds"], seconds, "{client_id}");
        let token = answer.json()["token"]["token"].as_str().expect("a token").to_owned();
        let end = server.clock().set(start.plus_seconds(seconds));
        assert!(!opens(server, &token).await, "{client_id} at {end}");
    }
}
