//! Registering, unregistering, and fetching a token for a device.

use rocket::http::Method::{Delete, Post};
use serde_json::json;

use super::Keybin;
use crate::domain::{InvalidClientId, InvalidPrefix};
use crate::http::openapi::common::{client_id, credentials, done, password, prefix, username};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::{of_password, of_query, of_registration};
use crate::http::openapi::shape::{
    Shape, either, exactly, formatted, meaning, object, or_null, usually, whole, whole_up_to, word,
};
use crate::service::ServiceError;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::open::<Keybin>(Post, "/register", "Registers an account")
            .json(credentials(), json!({ "username": "ann", "password": "Passw0rd!" }))
            .answers(200, "Registered.", done(), json!({ "result": "ok" }))
            .refuses(of_registration()),
        Operation::open::<Keybin>(Delete, "/unregister", "Erases an account, its tokens and every document")
            .json(credentials(), json!({ "username": "ann", "password": "Passw0rd!" }))
            .answers(200, "Erased.", done(), json!({ "result": "ok" }))
            .refuses(of_password()),
        Operation::open::<Keybin>(Post, "/token", "Fetches a token for a device")
            .about("It takes the place of the token that the device had.")
            .json(
                asked(),
                json!({ "username": "ann", "password": "Passw0rd!", "client_id": "kiosk", "expires_in": 60,
                        "scope": "read", "prefix": "note." }),
            )
            .answers(200, "The token.", issued(), issued_example())
            .refuses(of_password())
            .refuses(of_query())
            .refuses([
                ServiceError::ClientId(InvalidClientId).into(),
                ServiceError::Prefix(InvalidPrefix).into(),
                ServiceError::Lifetime(1).into(),
            ]),
    ]
}

/// What a token is asked to be.
fn asked() -> Shape {
    let device = usually(or_null(either([client_id(), word(&[""])])), "default");
    let least = "A whole number of seconds, at most what is configured for the client id.";
    object([
        ("username", username()),
        ("password", password()),
        ("client_id?", meaning(device, "Names the device; `default` where nothing is said.")),
        ("expires_in?", meaning(or_null(whole_up_to(1, u32::MAX.into())), least)),
        ("scope?", meaning(or_null(word(&["read", "write"])), "`write`, where nothing is said, includes reading.")),
        ("prefix?", meaning(or_null(prefix()), "What every key begins with that the token reaches.")),
    ])
}

/// A new token.
pub(super) fn issued() -> Shape {
    exactly([("token", exactly([("token", formatted("uuid")), ("expire_seconds", whole(1))]))])
}

pub(super) fn issued_example() -> serde_json::Value {
    json!({ "token": { "token": "4d1c0ff0-95c8-4f3b-9a1e-0a3f6a1d8c52", "expire_seconds": 60 } })
}
