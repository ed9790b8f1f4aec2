//! Secrets: whatever is logged, told or printed, on whatever occasion, no password, token or document is in it.
//!
//! Everything secret here has `canary` in it, or is a token. Usernames are no secrets, and neither are keys.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bson::{Document, doc};
use reqwest::header::{CONTENT_TYPE, COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::client::Client;
use crate::harness::mongod::Mongod;
use crate::harness::program::{Installation, Program};
use crate::harness::{Backend, Harness, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: no_request_leaves_a_secret_in_the_log, no_command_prints_a_secret_that_it_was_told);
    cases!(trials.in_embedded: no_rejected_value_is_repeated, no_broken_connection_string_is_repeated);
    cases!(trials.in_mongo: damaged_data_is_told_without_what_it_says);
    cases!(trials.on_harness:
        an_outage_leaves_no_secret_in_the_log,
        the_password_of_the_connection_string_never_shows,
    );
}

const PASSWORD: &str = "canary password";
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary";

/// Lets the programs of an installation log all that they can.
fn let_talk(installation: &mut Installation) {
    for (variable, value) in [
        ("KEYBIN_LOG_LEVEL", "trace"),
        ("KEYBIN_APP_DEBUG", "true"),
        ("ROCKET_LOG_LEVEL", "debug"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
    ] {
        installation.set(variable, value);
    }
}

/// Looks for canaries and for these tokens in what was said.
fn assert_silent(said: &str, tokens: &[&str]) {
    let bare: Vec<String> = tokens.iter().map(|token| token.replace('-', "")).collect();
    let basic = BASE64_STANDARD.encode(format!("ann:{PASSWORD}"));
    let secrets = tokens.iter().copied().chain(bare.iter().map(String::as_str)).chain(["canary", JWT, basic.as_str()]);
    for secret in secrets {
        let lines: Vec<&str> =
            said.lines().filter(|line| line.to_lowercase().contains(&secret.to_lowercase())).collect();
        assert!(lines.is_empty(), "{secret} in\n{}", lines.join("\n"));
    }
}

async fn log_in(client: &Client, client_id: &str) -> String {
    let body = json!({ "username": "ann", "password": PASSWORD, "client_id": client_id });
    let answer = client.send(Method::POST, "/token", Some(&body)).await;
    answer.good()["token"]["token"].as_str().expect("a token").to_owned()
}

/// Every route with everything that can be right or wrong about it, each request with its status.
fn requests(client: &Client, token: &str) -> Vec<(RequestBuilder, u16)> {
    let at = |method: Method, path: &str| client.request(method, path);
    let with = |method: Method, path: &str, body: Value| client.request(method, path).json(&body);
    let text = |method: Method, path: &str, body: String| {
        client.request(method, path).header(CONTENT_TYPE, "application/json").body(body)
    };
    let (keys, key) = (format!("/user/{token}/keys"), format!("/user/{token}/store/k"));
    let value = json!({ "value": { "canary": ["canary"] } });
    let wrong = json!({ "username": "ann", "password": "wrong canary", "client_id": "canary" });
    let big = format!("{{\"value\":\"{}\"}}", "canary".repeat(250_000));
    let mut requests = vec![
        (with(Method::POST, "/register", json!({ "username": "ann", "password": PASSWORD })), 409),
        (with(Method::POST, "/register", json!({ "username": "bob", "password": "canary\0" })), 400),
        (with(Method::POST, "/register", json!({ "username": "bob", "password": ["canary"] })), 400),
        (with(Method::POST, "/register", json!({ "password": PASSWORD })), 400),
        (text(Method::POST, "/register", format!("{{\"password\":\"{PASSWORD}")), 400),
        (text(Method::POST, "/register", "{\"canary\":1,\"canary\":2}".to_owned()), 400),
        (with(Method::POST, "/token", wrong.clone()), 403),
        (with(Method::POST, "/token", json!({ "username": "nobody", "password": PASSWORD })), 403),
        (
            with(Method::POST, "/token", json!({ "username": "ann", "password": PASSWORD, "client_id": "canary\n" })),
            400,
        ),
        (with(Method::DELETE, "/unregister", wrong), 403),
        (with(Method::POST, &key, value.clone()), 200),
        (at(Method::GET, &key), 200),
        (at(Method::GET, &keys), 200),
        (at(Method::GET, &format!("/user/{token}/store/none")), 404),
        (at(Method::GET, &format!("/user/{token}/store/canary%2F")), 400),
        (at(Method::GET, &format!("/user/{token}/store/")), 400),
        (at(Method::GET, &format!("/user/{token}/store/%FFcanary")), 400),
        (at(Method::GET, &format!("/user/{token}/nowhere")), 404),
        (at(Method::GET, &format!("/user/{token}/nowhere?token={token}&password=canary")), 404),
        (at(Method::GET, &format!("{keys}?token={token}&password=canary")), 200),
        (at(Method::TRACE, &key), 405),
        (at(Method::PUT, "/register?canary"), 405),
        (with(Method::POST, &keys, value.clone()), 405),
        (at(Method::GET, "/user/canary/keys"), 403),
        (at(Method::GET, "/user/00000000-0000-4000-8000-00000000cafe/keys?canary"), 403),
        (with(Method::POST, "/user/canary/store/k", value.clone()), 403),
        (at(Method::GET, "/canary"), 404),
        (at(Method::GET, "/user/-/keys").bearer_auth(token), 200),
        (at(Method::GET, "/user/-/keys").bearer_auth("canary"), 403),
        (at(Method::GET, "/user/-/keys").bearer_auth(JWT), 403),
        (at(Method::GET, "/user/-/keys").basic_auth("ann", Some(PASSWORD)), 403),
        (at(Method::GET, "/user/-/keys").header(COOKIE, "session=canary; token=canary"), 403),
        (at(Method::GET, "/user/-/keys").header("X-Canary", "canary").header("Referer", "http://canary/"), 403),
        (at(Method::GET, &keys).bearer_auth("canary"), 400),
        (with(Method::POST, &key, json!({ "canary": 1 })), 400),
        (text(Method::POST, &key, "canary".to_owned()), 400),
        (text(Method::POST, &key, "{\"value\":{\"canary\":1,\"canary\":2}}".to_owned()), 422),
        (text(Method::POST, &key, "{\"value\":{\"canary\":0.1234567890123456789}}".to_owned()), 422),
        (text(Method::POST, &key, "{\"value\":{\"canary\\u0000\":1}}".to_owned()), 422),
        (text(Method::POST, &key, big), 413),
        (at(Method::POST, &key).header(CONTENT_TYPE, "text/canary").body("canary"), 400),
    ];
    // Last, because it ends the account.
    requests.push((with(Method::DELETE, "/unregister", json!({ "username": "ann", "password": PASSWORD })), 200));
    requests
}

/// What no HTTP client would send: a broken head, a broken length, a body that breaks off.
fn send_broken(program: &Program, token: &str) {
    for request in [
        format!("GET /user/{token}/keys canary\r\n\r\n"),
        format!("canary {token}\r\n\r\n"),
        format!("GET /user/{token}/keys HTTP/1.1\r\nHost: canary\r\nContent-Length: canary\r\n\r\n"),
        format!(
            "GET /user/{token}/keys?\u{e9}{{canary}} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\n\r\r\n\r\n"
        ),
        format!(
            "POST /user/{token}/store/k HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: 100\r\n\r\n{{\"value\":\"canary"
        ),
    ] {
        let mut stream = TcpStream::connect(program.address()).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("sends");
        stream.shutdown(std::net::Shutdown::Write).expect("ends the request");
        // It may be refused or just be over.
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

async fn no_request_leaves_a_secret_in_the_log(installation: &mut Installation) {
    let_talk(installation);
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let body = json!({ "username": "ann", "password": PASSWORD });
    client.send(Method::POST, "/register", Some(&body)).await.good();
    let (first, token) = (log_in(&client, "canary").await, log_in(&client, "canary").await);
    send_broken(&program, &token);
    for (i, (request, status)) in requests(&client, &token).into_iter().enumerate() {
        let answer = client.try_request(request).await.expect("an answer");
        assert_eq!(answer.status, status, "request {i}: {answer:?}");
    }
    assert_eq!(client.get(&first, "k").await.status, 403);
    drop(client);
    assert!(program.terminate().await.success());
    let said = installation.said();
    // Otherwise this is a test of silence.
    for part in ["/user/<_>/store/<_>", "/register", "status=200", "status=403", "status=405", "status=413"] {
        assert!(said.contains(part), "{part} is not in the log");
    }
    assert_silent(&said, &[&first, &token]);
}

async fn no_command_prints_a_secret_that_it_was_told(installation: &mut Installation) {
    let_talk(installation);
    for (arguments, succeeds) in [
        (&["user", "add", "ann"][..], true),
        (&["user", "add", "ann"], false),
        (&["user", "set", "ann", "--password"], true),
        (&["user", "set", "nobody", "--password"], false),
        (&["user", "show", "ann"], true),
        (&["user", "list"], true),
        (&["token", "list", "ann"], true),
        (&["check-config"], true),
        (&["migrate"], true),
        (&["user", "remove", "ann"], false),
        (&["user", "remove", "ann", "--yes"], true),
    ] {
        let output = installation.command(arguments).stdin(&format!("{PASSWORD}\n{PASSWORD}\n")).output().await;
        assert_eq!(output.status.success(), succeeds, "{arguments:?}: {output:?}");
    }
    for password in ["canary\0", &"canary".repeat(20)] {
        installation.command(["user", "add", "bob"]).stdin(password).output().await.reason();
    }
    assert_silent(&installation.said(), &[]);
}

async fn no_rejected_value_is_repeated(installation: &mut Installation) {
    for (variable, value) in [
        ("KEYBIN_STORE_HOST", "redis://me:canary@host"),
        ("KEYBIN_STORE_DATABASE", "mongodb://me:canary@host"),
        ("KEYBIN_APP_PORT", "mongodb://me:canary@host"),
        ("KEYBIN_JWT_SECRET", "canary"),
        ("KEYBIN_JWT_SECERT", "canary canary canary canary canary"),
        ("KEYBIN_STORE_PASSWORD", "canary"),
    ] {
        installation.set(variable, value);
    }
    let file = "[STORE]\nhost=canary\n[JWT]\nsecret=canary\nscret=canary\n[CANARY]\nmongodb://me:canary@host\n";
    std::fs::write(installation.directory().join("store.cfg"), file.replace("[CANARY]", "[X]")).expect("writes");
    for arguments in [&["check-config"][..], &["serve"], &["migrate"], &["user", "list", "--store", "canary"]] {
        let output = installation.command(arguments).output().await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stderr.contains("KEYBIN_JWT_SECERT"), "{output:?}");
    }
    assert_silent(&installation.said(), &[]);
}

async fn no_broken_connection_string_is_repeated(installation: &mut Installation) {
    let_talk(installation);
    for uri in [
        "mongodb://me:canary@",
        "mongodb://me:canary",
        "mongodb://me:canary?canary@host/",
        "mongodb://me:canary/canary@host/",
        "mongodb://me:canary#canary@host/",
        "mongodb://me:canary@canary@host/",
        "mongodb://me:%canary@host/",
        "mongodb://me:canary:canary@host/",
        "mongodb://me:canary@host:port/",
        "mongodb://me:canary@host/?w=x&readPreference=y",
        "mongodb://me:canary@host/?authMechanism=z",
        "mongodb://me:canary@host/?authMechanism=SCRAM-SHA-256&authSource=",
        "mongodb://host/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN=canary",
        "mongodb://host/?tls=true&tlsCertificateKeyFilePassword=canary&tlsCertificateKeyFile=",
        "mongodb+srv://me:canary@host:27017/",
    ] {
        for arguments in [&["serve", "--port", "0"][..], &["migrate"], &["user", "list"]] {
            let output = installation.command(arguments.iter().chain(&["--store", uri])).output().await;
            assert_eq!(output.status.code(), Some(1), "{uri}: {output:?}");
        }
        let shown = installation.command(["check-config", "--store", uri]).output().await;
        assert!(shown.status.success(), "{shown:?}");
    }
    assert_silent(&installation.said(), &[]);
}

async fn damaged_data_is_told_without_what_it_says(installation: &mut Installation) {
    let_talk(installation);
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let body = json!({ "username": "ann", "password": PASSWORD });
    client.send(Method::POST, "/register", Some(&body)).await.good();
    let token = log_in(&client, "canary").await;
    let value = json!("canary");
    client.put(&token, "k", &value).await.good();

    let database = installation.database().expect("a MongoDB");
    let damage = doc! { "$set": { "revision": "canary", "created_at": "canary" } };
    database.collection::<Document>("store").update_many(doc! {}, damage).await.expect("damages");
    let answer = client.get(&token, "k").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("canary"), "{answer:?}");
    client.put(&token, "k", &value).await.good();
    for (hash, status) in [("canary: no hash", 403), ("$2b$04$canary", 403)] {
        let damage = doc! { "$set": { "password": hash } };
        database.collection::<Document>("users").update_many(doc! {}, damage).await.expect("damages");
        let answer = client.send(Method::POST, "/token", Some(&body)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    assert!(program.stderr().contains("ERROR"), "nobody is told of the damage");
    assert_silent(&installation.said(), &[&token]);
}

async fn an_outage_leaves_no_secret_in_the_log(harness: &Harness) {
    let mut mongod = Mongod::start(harness.mongod_binary()).await.expect("starts");
    let mut installation = Installation::new(Backend::Mongo, &mongod, "secrets");
    let_talk(&mut installation);
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let body = json!({ "username": "ann", "password": PASSWORD });
    client.send(Method::POST, "/register", Some(&body)).await.good();
    let token = log_in(&client, "canary").await;
    mongod.kill();
    let statuses = requests(&client, &token).into_iter().map(|(request, _)| client.try_request(request));
    let answers = futures_util::future::join_all(statuses).await;
    let unavailable = answers.iter().flatten().filter(|answer| answer.status == 503).count();
    assert!(unavailable > 10, "{answers:?}");
    program.kill().await;
    // This one never gets to see its database.
    let program = installation.listen().await;
    assert_eq!(Client::new(program.address()).get(&token, "k").await.status, 503);
    assert_silent(&installation.said(), &[&token]);
}

async fn the_password_of_the_connection_string_never_shows(harness: &Harness) {
    let mut installation = Installation::new(Backend::Mongo, harness.mongod(), "uri");
    let_talk(&mut installation);
    // Nobody has this name at the server, so that it is refused there.
    let uri = format!("mongodb://me:canary%20password@{}/?authMechanism=SCRAM-SHA-256", harness.mongod().address());
    installation.set("KEYBIN_STORE_HOST", &uri);
    let shown = installation.command(["check-config"]).output().await.good();
    assert!(shown.contains("mongodb://me:***@"), "{shown}");
    let program = installation.listen().await;
    assert!(program.stdout().contains("mongodb://me:***@"), "{}", program.stdout());
    let answer = Client::new(program.address()).register("ann").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    program.kill().await;
    installation.command(["migrate"]).output().await;
    assert_silent(&installation.said(), &[]);
}
