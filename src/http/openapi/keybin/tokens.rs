//! Tokens in the hand of their owner.

use rocket::http::Method::{Delete, Get, Post};
use serde_json::json;

use super::entrance::{issued, issued_example};
use super::inside;
use crate::domain::{ClientId, InvalidClientId};
use crate::http::openapi::common::{client_id, done, time};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::shape::{Shape, exactly, list, text, whole, word};
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

pub(super) fn operations() -> Vec<Operation> {
    let limited = || -> [Refusal; 1] { [ServiceError::NotGranted.into()] };
    vec![
        inside(Get, "/user/{token}/tokens", "Lists the tokens of the account that are live")
            .answers(200, "The tokens, by client id; never a secret.", tokens(), example())
            .refuses(limited()),
        inside(Delete, "/user/{token}/tokens/{client_id}", "Ends the token of a device")
            .segment("client_id", "The device; a `/` is written `%2F`.", client_id(), "phone")
            .answers(200, "Ended.", done(), json!({ "result": "ok" }))
            .refuses(limited())
            .refuses([
                ServiceError::ClientId(InvalidClientId).into(),
                ServiceError::NoToken(ClientId::default()).into(),
            ]),
        inside(Delete, "/user/{token}/tokens", "Ends all tokens but the presented one")
            .answers(200, "How many there were.", exactly([("revoked", whole(0))]), json!({ "revoked": 1 }))
            .refuses(limited())
            .refuses([ServiceError::ClientId(InvalidClientId).into()]),
        inside(Post, "/user/{token}/token/renew", "Puts a new token in place of the presented one").answers(
            200,
            "The token.",
            issued(),
            issued_example(),
        ),
    ]
}

fn tokens() -> Shape {
    let one = exactly([
        ("client_id", client_id()),
        ("scope", word(&["read", "write"])),
        ("prefix", text()),
        ("origin", word(&["keybin", "stow", "forms", "pairs", "users", "web", "operator"])),
        ("created_at", time()),
        ("expires_at", time()),
    ]);
    exactly([("tokens", list(one))])
}

fn example() -> serde_json::Value {
    json!({ "tokens": [{ "client_id": "phone", "scope": "write", "prefix": "", "origin": "keybin",
                         "created_at": "2026-01-02T03:04:05.678Z", "expires_at": "2026-01-02T03:09:05.678Z" }] })
}
