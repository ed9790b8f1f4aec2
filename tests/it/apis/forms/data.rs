//! Data: which keys and values, whose, and for how long somebody is let in.

use keybin::domain::Clock;
use serde_json::json;

use super::{Spelling, assert_data, assert_error, assert_invalid_token, assert_success, guarded, register_person};
use crate::harness::ask::{get, percent, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        keys_and_values_may_be_anything,
        what_is_no_key_is_told,
        what_is_no_value_is_told,
        nobody_sees_the_data_of_another,
        without_a_good_credential_nothing_happens,
        an_access_token_is_good_for_an_hour_to_the_second,
        tokens_of_every_kind_open_the_door,
    );
}

async fn keys_and_values_may_be_anything(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    for key in ["a b", "é", "鍵", "a+b", "100%", "%41", "a&b=c", "a?b", "#", "\"", "...", &"é".repeat(127)] {
        for spelling in Spelling::BOTH {
            let stored = spelling.of(post("/api/data").bearer(&jwt), &[("key", key), ("value", key)]).ask(server).await;
            assert_success(&stored, "Data stored successfully.");
            let answer = get(format!("/api/data/retrieve?key={}", percent(key))).bearer(&jwt).ask(server).await;
            assert_data(&answer, "Data retrieved successfully.", &json!({ "key": key, "value": key }));
            let deleted = spelling.of(post("/api/data/delete").bearer(&jwt), &[("key", key)]).ask(server).await;
            assert_success(&deleted, "Data deleted successfully.");
        }
    }
    // In a query a plus is a blank, as browsers send it.
    let stored = post("/api/data").bearer(&jwt).form(&[("key", "a b"), ("value", "x")]).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    assert_eq!(get("/api/data/retrieve?key=a+b").bearer(&jwt).ask(server).await.status, 200);

    for value in ["null", "0", "false", "[]", "1234567890123456789012345678901234", r#"{"b":[1.5],"a":{"$oid":"x"}}"#] {
        let body = format!(r#"{{"key":"a b","value":{value}}}"#);
        let updated = post("/api/data/update").bearer(&jwt).json(body).ask(server).await;
        assert_success(&updated, "Data updated successfully.");
        let answer = get("/api/data/retrieve?key=a%20b").bearer(&jwt).ask(server).await;
        assert!(answer.text().ends_with(&format!(r#""data":{{"key":"a b","value":{value}}}}}"#)), "{answer:?}");
    }
}

async fn what_is_no_key_is_told(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let rows = server.rows().await;
    let rule = "Key must be 1 to 255 bytes, without control characters or /, and not . or ..";
    let long = "x".repeat(256);
    for key in ["", ".", "..", "a/b", "a\0", "a\nb", "\u{7f}", "\u{85}", &long] {
        for spelling in Spelling::BOTH {
            for path in ["/api/data", "/api/data/update", "/api/data/delete"] {
                let request = spelling.of(post(path).bearer(&jwt), &[("key", key), ("value", "x")]);
                assert_error(&request.ask(server).await, 400, "INVALID_KEY", rule);
            }
        }
        let answer = get(format!("/api/data/retrieve?key={}", percent(key))).bearer(&jwt).ask(server).await;
        assert_error(&answer, 400, "INVALID_KEY", rule);
    }
    let missing = "Required parameter 'key' is missing";
    for spelling in Spelling::BOTH {
        for path in ["/api/data", "/api/data/update", "/api/data/delete"] {
            let request = spelling.of(post(path).bearer(&jwt), &[("value", "x")]);
            assert_error(&request.ask(server).await, 400, "INVALID_KEY", missing);
        }
    }
    for query in ["", "?", "?Key=one", "?value=x", "?key%3Done"] {
        let answer = get(format!("/api/data/retrieve{query}")).bearer(&jwt).ask(server).await;
        assert_error(&answer, 400, "INVALID_KEY", missing);
    }
    let answer = get("/api/data/retrieve?key=%FF").bearer(&jwt).ask(server).await;
    assert_error(&answer, 400, "INVALID_KEY", rule);
    let answer = get("/api/data/retrieve?key=a&key=b").bearer(&jwt).ask(server).await;
    assert_error(&answer, 400, "INVALID_REQUEST", "Parameter 'key' occurs twice");
    assert_eq!(server.rows().await, rows);
}

async fn what_is_no_value_is_told(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\nmax_value_bytes=1000\n").await;
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let stored = post("/api/data").bearer(&jwt).form(&[("key", "one"), ("value", "kept")]).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    let rows = server.rows().await;
    for (path, key) in [("/api/data", "two"), ("/api/data/update", "one")] {
        for spelling in Spelling::BOTH {
            let request = spelling.of(post(path).bearer(&jwt), &[("key", key)]);
            let message = "Required parameter 'value' is missing";
            assert_error(&request.ask(server).await, 400, "INVALID_VALUE", message);
            let request = spelling.of(post(path).bearer(&jwt), &[("key", key), ("value", &"x".repeat(999))]);
            let message = "The value is larger than 1000 bytes";
            assert_error(&request.ask(server).await, 413, "INVALID_VALUE", message);
        }
        let number = post(path).bearer(&jwt).json(format!(r#"{{"key":"{key}","value":1e400}}"#)).ask(server).await;
        let message = "The number 1e400 cannot be kept exactly; send it as a string";
        assert_error(&number, 400, "INVALID_VALUE", message);
    }
    let answer = get("/api/data/retrieve?key=one").bearer(&jwt).ask(server).await;
    assert_eq!(answer.json()["data"]["value"], "kept");
    assert_eq!(server.rows().await, rows);
}

async fn nobody_sees_the_data_of_another(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    register_person(server, "bob").await;
    let (ann, bob) = (super::jwt(server, "ann").await, super::jwt(server, "bob").await);
    for spelling in Spelling::BOTH {
        let store = |value| spelling.of(post("/api/data"), &[("key", "one"), ("value", value)]);
        assert_success(&store("ann's").bearer(&ann).ask(server).await, "Data stored successfully.");
        for request in &guarded(spelling)[1..4] {
            let answer = request.clone().bearer(&bob).ask(server).await;
            assert_error(&answer, 404, "KEY_NOT_FOUND", "Key 'one' not found");
        }
        assert_success(&store("bob's").bearer(&bob).ask(server).await, "Data stored successfully.");
        let delete = spelling.of(post("/api/data/delete"), &[("key", "one")]);
        assert_success(&delete.clone().bearer(&bob).ask(server).await, "Data deleted successfully.");
        let answer = get("/api/data/retrieve?key=one").bearer(&ann).ask(server).await;
        assert_eq!(answer.json()["data"]["value"], "ann's");
        assert_success(&delete.bearer(&ann).ask(server).await, "Data deleted successfully.");
    }
}

async fn without_a_good_credential_nothing_happens(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let stored = post("/api/data").bearer(&jwt).form(&[("key", "one"), ("value", "kept")]).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    let rows = server.rows().await;
    for spelling in Spelling::BOTH {
        for request in guarded(spelling) {
            assert_invalid_token(&request.ask(server).await);
            for secret in ["", "x", "00000000-0000-0000-0000-000000000000", &jwt] {
                assert_invalid_token(&request.clone().session(secret).ask(server).await);
            }
            let changed = format!("{}x", &jwt[..jwt.len() - 1]);
            for token in ["", "x", "00000000-0000-0000-0000-000000000000", "a.b.c", &changed] {
                assert_invalid_token(&request.clone().bearer(token).ask(server).await);
            }
            assert_invalid_token(&request.clone().jwt(&jwt).ask(server).await);
            assert_invalid_token(&request.clone().basic("ann", super::PASSWORD).ask(server).await);
            assert_invalid_token(&request.clone().header("Cookie", "session=x; keybin=y").ask(server).await);
        }
    }
    assert_eq!(server.rows().await, rows);
    let answer = get("/api/data/retrieve?key=one").bearer(&jwt).ask(server).await;
    assert_eq!(answer.json()["data"]["value"], "kept");
}

async fn an_access_token_is_good_for_an_hour_to_the_second(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let start = server.clock().advance(999);
    let jwt = super::jwt(server, "ann").await;
    let stored = post("/api/data").bearer(&jwt).form(&[("key", "one"), ("value", "kept")]).ask(server).await;
    assert_success(&stored, "Data stored successfully.");
    let end = server.clock().set(start.plus_seconds(3600));
    server.clock().advance(-1);
    assert_eq!(get("/api/data/retrieve?key=one").bearer(&jwt).ask(server).await.status, 200);
    server.clock().set(end);
    for request in guarded(Spelling::Form) {
        assert_invalid_token(&request.bearer(&jwt).ask(server).await);
    }
    assert_eq!(server.clock().now(), end);
}

async fn tokens_of_every_kind_open_the_door(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let tokens = [
        server.token("ann", super::PASSWORD).await,
        super::super::stow_token(server, "ann", super::PASSWORD).await,
        super::super::pairs_jwt(server, "ann", super::PASSWORD).await,
        super::super::users_jwt(server, "ann", super::PASSWORD).await,
    ];
    for (n, token) in tokens.iter().enumerate() {
        let key = format!("key{n}");
        let stored = post("/api/data").bearer(token).form(&[("key", &key), ("value", "x")]).ask(server).await;
        assert_success(&stored, "Data stored successfully.");
        let answer = get(format!("/api/data/retrieve?key={key}")).bearer(token).ask(server).await;
        assert_data(&answer, "Data retrieved successfully.", &json!({ "key": key, "value": "x" }));
    }
}
