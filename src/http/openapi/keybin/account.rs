//! The account in the hand of its owner.

use rocket::http::Method::{Get, Post};
use serde_json::json;

use super::inside;
use crate::domain::InvalidPassword;
use crate::http::openapi::common::{done, email, password, username};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::of_password;
use crate::http::openapi::shape::{exactly, object, or_null, whole};
use crate::service::ServiceError;

pub(super) fn operations() -> Vec<Operation> {
    let account = exactly([
        ("username", username()),
        ("email", or_null(email())),
        ("number", whole(1)),
        ("documents", whole(0)),
        ("bytes", whole(0)),
    ]);
    let example = json!({ "username": "ann", "email": null, "number": 1, "documents": 2, "bytes": 1234 });
    vec![
        inside(Get, "/user/{token}/account", "Tells of the account")
            .answers(200, "The account, and what it keeps.", account, example)
            .refuses([ServiceError::NotGranted.into()]),
        inside(Post, "/user/{token}/password", "Changes the password")
            .about("Every token but the presented one ends.")
            .json(
                object([("current", password()), ("new", password())]),
                json!({ "current": "Passw0rd!", "new": "An0ther one" }),
            )
            .answers(200, "Changed.", done(), json!({ "result": "ok" }))
            .refuses(of_password())
            .refuses([ServiceError::NotGranted.into(), ServiceError::Password(InvalidPassword).into()]),
    ]
}
