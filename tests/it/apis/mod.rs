//! The Stow, Forms, Pairs and Users APIs as their clients see them, and what holds across all five; over real sockets,
//! every case on both stores.
//!
//! * [`stow`], [`forms`], [`sessions`], [`pairs`], [`users`] — every request, and every refusal of it
//! * [`house`] — one set of accounts, tokens and documents below all of them
//! * [`doors`] — what becomes of each kind of credential in each state that it can be in
//! * [`jwt`], [`basic`], [`forgery`] — what others may try
//! * [`instances`] — two servers on one database
//! * [`closed`] — an API that is switched off
//! * [`ask`], [`elsewhere`] — requests as values, and a second server beside the one of the test

mod basic;
mod closed;
mod doors;
mod elsewhere;
mod forge;
mod forgery;
mod forms;
mod house;
mod instances;
mod jwt;
mod jwt_ends;
mod pairs;
mod stow;
mod users;

use serde_json::{Value, json};

use crate::harness::Trials;
use crate::harness::ask::{Ask, get, post};
use crate::harness::http::{Answer, Http};

pub(crate) fn register(trials: &mut Trials) {
    stow::register(trials);
    forms::register(trials);
    pairs::register(trials);
    users::register(trials);
    house::register(trials);
    instances::register(trials);
    doors::register(trials);
    jwt::register(trials);
    jwt_ends::register(trials);
    basic::register(trials);
    forgery::register(trials);
    closed::register(trials);
}

/// A password that every API takes.
const PASSWORD: &str = "Passw0rd!";

/// What an answer says: its status, and the JSON that it is.
#[track_caller]
fn assert_says(answer: &Answer, status: u16, body: &Value) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.json(), *body);
}

/// What an answer of the Stow or the Pairs API says.
#[track_caller]
fn assert_message(answer: &Answer, status: u16, message: &str) {
    assert_says(answer, status, &json!({ "message": message }));
}

/// A new token of the Stow API.
async fn stow_token(http: &Http, name: &str, password: &str) -> String {
    issued(http, get("/api/token").basic(name, password), "/token").await
}

/// A new access token of the Forms API.
async fn forms_jwt(http: &Http, name: &str, password: &str) -> String {
    let body = json!({ "username": name, "password": password });
    issued(http, post("/api/token").json(body), "/data/access_token").await
}

/// A new access token of the Pairs API.
async fn pairs_jwt(http: &Http, name: &str, password: &str) -> String {
    issued(http, post("/auth/login").json(json!({ "name": name, "password": password })), "/access_token").await
}

/// A new access token of the Users API.
async fn users_jwt(http: &Http, name: &str, password: &str) -> String {
    issued(http, post("/auth").json(json!({ "username": name, "password": password })), "/access_token").await
}

/// A new session of the Forms API: its secret, and its form token.
async fn session(http: &Http, name: &str, password: &str) -> (String, String) {
    let answer = post("/api/login").json(json!({ "username": name, "password": password })).ask(http).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").expect("a cookie");
    let secret = cookie.strip_prefix("keybin_session=").and_then(|rest| rest.split(';').next()).expect("a session");
    (secret.to_owned(), answer.json()["data"]["csrf_token"].as_str().expect("a form token").to_owned())
}

/// The text at this place of the answer (RFC 6901), which there must be.
async fn issued(http: &Http, request: Ask, place: &str) -> String {
    let answer = request.ask(http).await;
    assert_eq!(answer.status, 200, "{request}: {answer:?}");
    answer.json().pointer(place).and_then(Value::as_str).expect("a token").to_owned()
}
