//! Tokens in the hand of their owner, and what those that are limited cannot do.
//!
//! * [`limits`] — how long a token lives, and what it may
//! * [`owner`] — listing, ending and renewing tokens
//! * [`account`] — what the account is, and its password
//! * [`reach`] — what the holder of a limited token gets, at every door and API
//! * [`isolation`] — each of these requests with each kind of token that is not the owner's

mod account;
mod isolation;
mod limits;
mod owner;
mod reach;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Trials;
use crate::harness::http::{Answer, Http};

pub(crate) fn register(trials: &mut Trials) {
    limits::register(trials);
    owner::register(trials);
    account::register(trials);
    reach::register(trials);
    isolation::register(trials);
}

/// The answer to ann, who asks for a token with these members beside her name and password.
async fn ask(http: &Http, members: &Value) -> Answer {
    let mut body = json!({ "username": "ann", "password": "pw" });
    for (name, value) in members.as_object().expect("members") {
        body[name] = value.clone();
    }
    http.post("/token", body).await
}

/// The secret in the answer to whoever gets a token.
#[track_caller]
fn secret(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["token"]["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// A token of ann's with these members.
pub(super) async fn token(http: &Http, members: &Value) -> String {
    secret(&ask(http, members).await)
}

/// A request without a body.
async fn send(http: &Http, method: Method, path: &str) -> Answer {
    http.send(method, path, &[], "").await
}

/// The header that makes a token the name of HTTP Basic.
fn basic(token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{token}:")))
}

/// The client ids of the live tokens.
async fn client_ids(http: &Http, token: &str) -> Vec<String> {
    let answer = http.get(&format!("/user/{token}/tokens")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let tokens = answer["tokens"].as_array().expect("tokens");
    tokens.iter().map(|token| token["client_id"].as_str().expect("a client id").to_owned()).collect()
}

/// Whether a token opens the door.
async fn opens(http: &Http, token: &str) -> bool {
    match http.get(&format!("/user/{token}/keys")).await.status {
        200 => true,
        403 => false,
        other => panic!("{other}"),
    }
}
