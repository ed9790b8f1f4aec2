//! What is missing or of the wrong type, in forms and in JSON.

use serde_json::{Value, json};

use super::{Spelling, assert_error, changed, person, register_person};
use crate::harness::ask::{get, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        what_is_missing_at_registration_is_told,
        what_is_wrong_at_registration_is_told,
        fields_of_the_wrong_type_are_told,
        what_is_missing_at_login_is_told,
        bodies_that_are_neither_json_nor_a_form_are_refused,
        forms_that_are_broken_are_refused,
    );
}

const NO_BODY: &str = "Request body is not JSON or is empty";

fn missing(name: &str) -> String {
    format!("Required parameter '{name}' is missing")
}

async fn what_is_missing_at_registration_is_told(server: &mut TestServer<'_>) {
    let rows = server.rows().await;
    let ann = person("ann");
    for spelling in Spelling::BOTH {
        for (name, code) in [
            ("username", "INVALID_REQUEST"),
            ("email", "INVALID_REQUEST"),
            ("password", "INVALID_PASSWORD"),
            ("full_name", "INVALID_REQUEST"),
            ("age", "INVALID_AGE"),
            ("gender", "GENDER_REQUIRED"),
        ] {
            let answer = spelling.of(post("/api/register"), &changed(&ann, &[(name, None)])).ask(server).await;
            assert_error(&answer, 400, code, &missing(name));
            // A field of a form that nobody filled in is there, and empty.
            for blank in ["", "  "] {
                let filled = changed(&ann, &[(name, Some(blank))]);
                let answer = spelling.of(post("/api/register"), &filled).ask(server).await;
                assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(code)), "{name}: {answer:?}");
            }
        }
    }
    assert_eq!(server.rows().await, rows);
}

async fn what_is_wrong_at_registration_is_told(server: &mut TestServer<'_>) {
    let rows = server.rows().await;
    let ann = person("ann");
    let (long, longer) = (format!("Aa1!{}", "x".repeat(69)), "x".repeat(256));
    for spelling in Spelling::BOTH {
        for (name, value, code) in [
            ("username", "a\nb", "INVALID_REQUEST"),
            ("username", longer.as_str(), "INVALID_REQUEST"),
            ("email", "nobody", "INVALID_REQUEST"),
            ("email", "@example.org", "INVALID_REQUEST"),
            ("email", "a b@example.org", "INVALID_REQUEST"),
            ("password", "Abcde1!", "INVALID_PASSWORD"),
            ("password", "abcdef1!", "INVALID_PASSWORD"),
            ("password", "ABCDEF1!", "INVALID_PASSWORD"),
            ("password", "Abcdefg!", "INVALID_PASSWORD"),
            ("password", "Abcdefg1", "INVALID_PASSWORD"),
            ("password", "Abcdef1!\0", "INVALID_PASSWORD"),
            ("password", &long, "INVALID_PASSWORD"),
            ("age", "-5", "INVALID_AGE"),
            ("age", "0", "INVALID_AGE"),
            ("age", "1.5", "INVALID_AGE"),
            ("age", "1e2", "INVALID_AGE"),
            ("age", "old", "INVALID_AGE"),
            ("age", "0x10", "INVALID_AGE"),
            ("age", "99999999999999999999", "INVALID_AGE"),
        ] {
            let request = spelling.of(post("/api/register"), &changed(&ann, &[(name, Some(value))]));
            let answer = request.ask(server).await;
            assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(code)), "{request}: {answer:?}");
            assert_eq!(answer.json()["status"], "error");
        }
    }
    assert_eq!(server.rows().await, rows);
}

async fn fields_of_the_wrong_type_are_told(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let rows = server.rows().await;
    let bob = |name: &str, value: Value| {
        let mut body = json!({
            "username": "bob", "email": "bob@example.org", "password": super::PASSWORD, "full_name": "Bob", "age": 30,
            "gender": "male",
        });
        body[name] = value;
        body
    };
    for (name, value, code) in [
        ("username", json!({ "$ne": "" }), "INVALID_REQUEST"),
        ("username", json!(null), "INVALID_REQUEST"),
        ("email", json!(["bob@example.org"]), "INVALID_REQUEST"),
        ("password", json!(12_345_678), "INVALID_REQUEST"),
        ("full_name", json!(true), "INVALID_REQUEST"),
        ("age", json!(-5), "INVALID_AGE"),
        ("age", json!(1.5), "INVALID_AGE"),
        ("age", json!([30]), "INVALID_AGE"),
        ("age", json!(true), "INVALID_AGE"),
        ("age", json!(null), "INVALID_AGE"),
        ("gender", json!(null), "GENDER_REQUIRED"),
        ("gender", json!(1), "INVALID_REQUEST"),
    ] {
        let answer = post("/api/register").json(bob(name, value)).ask(server).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(code)), "{name}: {answer:?}");
    }
    for path in ["/api/token", "/api/login"] {
        for body in [
            json!({ "username": 1, "password": super::PASSWORD }),
            json!({ "username": "ann", "password": { "$gt": "" } }),
            json!({ "username": null, "password": super::PASSWORD }),
        ] {
            let answer = post(path).json(body).ask(server).await;
            assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("INVALID_REQUEST")), "{answer:?}");
        }
    }
    let token = json!({ "username": "ann", "password": super::PASSWORD, "access_token": 1 });
    let answer = post("/api/login").json(token).ask(server).await;
    assert_error(&answer, 400, "INVALID_REQUEST", "Parameter 'access_token' must be a string");
    for path in ["/api/data", "/api/data/update", "/api/data/delete"] {
        let answer = post(path).bearer(&jwt).json(r#"{"key":1,"value":1}"#).ask(server).await;
        assert_error(&answer, 400, "INVALID_KEY", "Parameter 'key' must be a string");
    }
    assert_eq!(server.rows().await, rows);
}

async fn what_is_missing_at_login_is_told(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    for spelling in Spelling::BOTH {
        for path in ["/api/token", "/api/login"] {
            for (fields, name) in [
                (&[("password", super::PASSWORD)][..], "username"),
                (&[("username", "ann")], "password"),
                (&[("user", "ann"), ("pass", super::PASSWORD)], "username"),
                // A field of a form that nobody filled in is there, and empty.
                (&[("username", ""), ("password", super::PASSWORD)], "username"),
                (&[("username", "ann"), ("password", "")], "password"),
                (&[("username", ""), ("password", "")], "username"),
            ] {
                let answer = spelling.of(post(path), fields).ask(server).await;
                assert_error(&answer, 400, "MISSING_FIELDS", &missing(name));
                assert_eq!(answer.header("set-cookie"), None);
            }
        }
    }
}

async fn bodies_that_are_neither_json_nor_a_form_are_refused(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let rows = server.rows().await;
    let parts = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\none\r\n--x--\r\n";
    for path in ["/api/register", "/api/token", "/api/login", "/api/data", "/api/data/update", "/api/data/delete"] {
        for request in [
            post(path),
            post(path).json("[]"),
            post(path).json("{"),
            post(path).json(r#"{"key":"one"}x"#),
            post(path).body("application/json", b"{\"key\":\"\xff\"}"),
            post(path).body("text/plain", "key=one&value=1"),
            post(path).body("text/plain", r#"{"key":"one","value":1}"#),
            post(path).body("multipart/form-data; boundary=x", parts),
            post(path).body("application/octet-stream", "key=one&value=1"),
        ] {
            assert_error(&request.bearer(&jwt).ask(server).await, 400, "INVALID_REQUEST", NO_BODY);
        }
        let twice = post(path).bearer(&jwt).json(r#"{"key":"one","key":"two"}"#).ask(server).await;
        assert_error(&twice, 400, "INVALID_REQUEST", "Parameter 'key' occurs twice");
    }
    assert_eq!(server.rows().await, rows);
}

async fn forms_that_are_broken_are_refused(server: &mut TestServer<'_>) {
    register_person(server, "ann").await;
    let jwt = super::jwt(server, "ann").await;
    let form = "application/x-www-form-urlencoded";
    let ask = async |body: &str| post("/api/data").bearer(&jwt).body(form, body).ask(server).await;
    for body in ["key=%FF&value=1", "key=one&value=%C3", "%FF=1&key=one&value=1"] {
        assert_error(&ask(body).await, 400, "INVALID_REQUEST", NO_BODY);
    }
    assert_error(&ask("key=one&key=two&value=1").await, 400, "INVALID_REQUEST", "Parameter 'key' occurs twice");
    // What is odd and still a form.
    let type_of_form = post("/api/data").bearer(&jwt).body(&format!("{form}; charset=UTF-8"), "key=a&value=1");
    assert_eq!(type_of_form.ask(server).await.status, 200);
    for (body, key, value) in
        [("&&key=b&&value=x&", "b", "x"), ("value=a+b%2b&key=%63", "c", "a b+"), ("key=d&value", "d", "")]
    {
        assert_eq!(ask(body).await.status, 200, "{body}");
        let answer = get(format!("/api/data/retrieve?key={key}")).bearer(&jwt).ask(server).await;
        assert_eq!(answer.json()["data"], json!({ "key": key, "value": value }), "{body}");
    }
}
