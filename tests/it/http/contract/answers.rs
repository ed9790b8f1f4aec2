//! Every row of the contract and every refusal of it, byte for byte.

use keybin::domain::{Token, value::MAX_DEPTH};
use serde_json::{Value, json};

use super::super::{OK, assert_json, assert_problem};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        each_request_has_its_answer,
        a_taken_name_is_a_conflict,
        credentials_that_are_not_good_are_forbidden,
        an_unknown_name_and_a_wrong_password_look_alike,
        a_key_that_holds_nothing_is_not_found,
        a_key_of_other_characters_is_a_bad_request,
        a_body_that_is_no_json_is_a_bad_request,
        a_parameter_that_is_missing_is_a_bad_request,
        a_parameter_that_is_no_string_is_a_bad_request,
        a_parameter_that_occurs_twice_is_a_bad_request,
        texts_that_are_no_names_or_passwords_are_bad_requests,
        a_value_that_is_too_large_is_told_so,
        a_value_that_cannot_be_kept_is_told_so,
        an_unknown_path_is_not_found,
        a_closed_api_answers_like_an_unknown_path,
    );
}

async fn each_request_has_its_answer(server: &mut TestServer<'_>) {
    let ann = json!({ "username": "ann", "password": "pw" });
    assert_json(&server.post("/register", &ann).await, OK);

    let answer = server.post("/token", &ann).await;
    let token = answer.json()["token"]["token"].as_str().expect("a token").to_owned();
    assert_json(&answer, &format!(r#"{{"token":{{"expire_seconds":300,"token":"{token}"}}}}"#));
    assert_eq!(Token::parse(&token).map(|token| token.expose()), Some(token.clone()));

    let (keys, one) = (format!("/user/{token}/keys"), format!("/user/{token}/store/one"));
    assert_json(&server.get(&keys).await, r#"{"keys":[]}"#);
    assert_json(&server.post(&one, r#"{"value":"x"}"#).await, OK);
    assert_json(&server.get(&one).await, r#"{"value":"x"}"#);
    assert_json(&server.post(&one, r#"{"value":{"b":[1,2.5],"a":null}}"#).await, OK);
    assert_json(&server.get(&one).await, r#"{"value":{"b":[1,2.5],"a":null}}"#);
    assert_json(&server.get(&keys).await, r#"{"keys":["one"]}"#);

    assert_json(&server.delete("/unregister", &ann).await, OK);
}

async fn a_taken_name_is_a_conflict(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for password in ["pw", "another"] {
        let answer = server.post("/register", json!({ "username": "ann", "password": password })).await;
        assert_problem(&answer, 409, "user_exists", "User already registered");
    }
    // Names are compared bytewise.
    server.register("Ann", "pw").await;
    server.register("ann ", "pw").await;
}

async fn credentials_that_are_not_good_are_forbidden(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let long = "x".repeat(300);
    for (username, password) in [
        ("ann", "PW"),
        ("ann", ""),
        ("ann", "pw\0"),
        ("ann", &long),
        ("Ann", "pw"),
        ("bob", "pw"),
        ("", ""),
        ("a\0", "pw"),
        (&long, "pw"),
    ] {
        let body = json!({ "username": username, "password": password });
        for answer in [server.post("/token", &body).await, server.delete("/unregister", &body).await] {
            assert_problem(&answer, 403, "invalid_credentials", "Invalid credentials");
        }
    }
    server.token("ann", "pw").await;
}

async fn an_unknown_name_and_a_wrong_password_look_alike(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let wrong = json!({ "username": "ann", "password": "x" });
    let unknown = json!({ "username": "bob", "password": "x" });
    let answer = server.post("/token", &wrong).await;
    assert_eq!(answer.undated(), server.post("/token", &unknown).await.undated());
    let answer = server.delete("/unregister", &wrong).await;
    assert_eq!(answer.undated(), server.delete("/unregister", &unknown).await.undated());
}

async fn a_key_that_holds_nothing_is_not_found(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for key in ["one", "a.b,c_D9", "...", &"k".repeat(255)] {
        let answer = server.get(&format!("/user/{token}/store/{key}")).await;
        assert_problem(&answer, 404, "key_not_found", &format!("Key '{key}' not found"));
    }
}

const KEY_RULE: &str = "Key must contain only alphanumeric or _ . , characters";

async fn a_key_of_other_characters_is_a_bad_request(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for key in ["a-b", "a%20b", "%C3%A9", ""] {
        let path = format!("/user/{token}/store/{key}");
        assert_problem(&server.get(&path).await, 400, "invalid_key", KEY_RULE);
        assert_problem(&server.post(&path, r#"{"value":1}"#).await, 400, "invalid_key", KEY_RULE);
    }
}

async fn a_body_that_is_no_json_is_a_bad_request(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for body in ["", "no json", "[]", r#"{"value":1"#] {
        for answer in [
            server.post("/register", body).await,
            server.post("/token", body).await,
            server.delete("/unregister", body).await,
            server.post(&format!("/user/{token}/store/one"), body).await,
        ] {
            assert_problem(&answer, 400, "invalid_json", "Request body is not JSON or is empty");
        }
    }
}

async fn a_parameter_that_is_missing_is_a_bad_request(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let missing = |name| format!("Required parameter '{name}' is missing");
    for (body, name) in
        [("{}", "username"), (r#"{"password":"pw"}"#, "username"), (r#"{"username":"ann"}"#, "password")]
    {
        for answer in [
            server.post("/register", body).await,
            server.post("/token", body).await,
            server.delete("/unregister", body).await,
        ] {
            assert_problem(&answer, 400, "missing_parameter", &missing(name));
        }
    }
    let answer = server.post(&format!("/user/{token}/store/one"), r#"{"Value":1}"#).await;
    assert_problem(&answer, 400, "missing_parameter", &missing("value"));
}

async fn a_parameter_that_is_no_string_is_a_bad_request(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for (name, body) in [
        ("username", json!({ "username": 1, "password": "pw" })),
        ("password", json!({ "username": "ann", "password": null })),
    ] {
        for answer in [
            server.post("/register", &body).await,
            server.post("/token", &body).await,
            server.delete("/unregister", &body).await,
        ] {
            assert_problem(&answer, 400, "invalid_parameter", &format!("Parameter '{name}' must be a string"));
        }
    }
    let body = json!({ "username": "ann", "password": "pw", "client_id": 1 });
    let answer = server.post("/token", body).await;
    assert_problem(&answer, 400, "invalid_parameter", "Parameter 'client_id' must be a string");
}

async fn a_parameter_that_occurs_twice_is_a_bad_request(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let body = r#"{"username":"ann","password":"x","password":"pw"}"#;
    for answer in [
        server.post("/register", body).await,
        server.post("/token", body).await,
        server.delete("/unregister", body).await,
    ] {
        assert_problem(&answer, 400, "repeated_parameter", "Parameter 'password' occurs twice");
    }
}

async fn texts_that_are_no_names_or_passwords_are_bad_requests(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let long = "x".repeat(256);
    for name in ["", "a\0", "a\nb", &long] {
        let answer = server.post("/register", json!({ "username": name, "password": "pw" })).await;
        let rule = "A username must be 1 to 255 bytes without control characters";
        assert_problem(&answer, 400, "invalid_username", rule);
    }
    for password in ["", "a\0b", &"x".repeat(73)] {
        let answer = server.post("/register", json!({ "username": "bob", "password": password })).await;
        let rule = "A password must be 1 to 72 bytes and must not contain a NUL character";
        assert_problem(&answer, 400, "invalid_password", rule);
    }
    for client_id in ["a\0", "a\nb", &long] {
        let body = json!({ "username": "ann", "password": "pw", "client_id": client_id });
        let rule = "A client_id must be 1 to 255 bytes without control characters";
        assert_problem(&server.post("/token", body).await, 400, "invalid_client_id", rule);
    }
}

async fn a_value_that_is_too_large_is_told_so(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\nmax_value_bytes=100\n").await;
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let path = format!("/user/{token}/store/one");
    let body = |size: usize| format!(r#"{{"value":"{}"}}"#, "x".repeat(size));
    assert_json(&server.post(&path, body(98)).await, OK);
    let answer = server.post(&path, body(99)).await;
    assert_problem(&answer, 413, "too_large", "The value must not be larger than 100 bytes");
    let answer = server.post(&path, body(5000)).await;
    assert_problem(&answer, 413, "too_large", "The body must not be larger than 4196 bytes");
}

async fn a_value_that_cannot_be_kept_is_told_so(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let path = format!("/user/{token}/store/one");
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    for (value, why) in [
        ("1e400", "the number 1e400 cannot be kept exactly; send it as a string"),
        (r#"{"a":1,"a":2}"#, r#"the member \"a\" occurs twice in one object"#),
        (r#"{"\u0000":1}"#, "a member name contains a NUL character"),
        (&deep, "the value is nested deeper than 64 levels"),
    ] {
        let answer = server.post(&path, format!(r#"{{"value":{value}}}"#)).await;
        assert_problem(&answer, 422, "unsupported_value", &format!("The value cannot be kept: {why}"));
    }
}

async fn an_unknown_path_is_not_found(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for path in [
        "/user",
        "/Register",
        "/tokens",
        &format!("/user/{token}"),
        &format!("/user/{token}/Keys"),
        &format!("/user/{token}/keys/one"),
        &format!("/user/{token}/store/one/two"),
        &format!("/{token}/keys"),
    ] {
        let nowhere = "There is nothing at this path";
        assert_problem(&server.get(path).await, 404, "not_found", nowhere);
        assert_problem(&server.post(path, "{}").await, 404, "not_found", nowhere);
        assert_problem(&server.delete(path, "{}").await, 404, "not_found", nowhere);
    }
}

async fn a_closed_api_answers_like_an_unknown_path(server: &mut TestServer<'_>) {
    let closed: Vec<_> = ["keybin", "stow", "forms", "pairs", "users", "web"].map(|api| format!("{api}=off")).into();
    server.restart_with(&format!("[API]\n{}\n", closed.join("\n"))).await;
    let ann = json!({ "username": "ann", "password": "pw" });
    let unknown = server.post("/nothing", &ann).await.undated();
    for answer in [
        server.post("/register", &ann).await,
        server.post("/token", &ann).await,
        server.delete("/unregister", &ann).await,
        server.get("/user/-/keys").await,
        server.get("/user/-/store/one").await,
        server.post("/user/-/store/one", json!({ "value": Value::Null })).await,
    ] {
        assert_eq!(answer.undated(), unknown);
    }
}
