//! Changing documents: patches and increments.

use rocket::http::Method::{Patch, Post};
use serde_json::json;

use super::documents::{shown, with_conditions, with_lifetime};
use super::{inside, of_key};
use crate::domain::ChangeError;
use crate::domain::patch::{IncrementError, PatchError};
use crate::http::openapi::common::{done, increment, plain_key, value};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::{of_absence, of_body, of_value};
use crate::http::openapi::shape::{Shape, either, list_up_to, object, text_like, word};
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

const POINTER: &str = "^(/([^~/]|~[01])*)*$";

pub(super) fn operations() -> Vec<Operation> {
    let path = "/user/{token}/store/{key}";
    let patch = inside(Patch, path, "Changes a document")
        .about("With an empty body and `ttl` or `expires_at`, only the expiry is another.")
        .segment("key", "The key of the document.", plain_key(), "settings")
        .body("application/merge-patch+json", value(), json!({ "colour": null, "size": 3 }))
        .body("application/json-patch+json", patch_shape(), json!([{ "op": "replace", "path": "/size", "value": 2 }]))
        .answers(200, "Changed.", done(), json!({ "result": "ok" }))
        .telling("ETag", "The new revision.")
        .refuses(of_body().into_iter().filter(|refusal| !is_of_members(refusal)))
        .refuses(of_key())
        .refuses(of_value())
        .refuses(of_absence())
        .refuses([Refusal::PatchType])
        .refuses([malformed(), PatchError::Test { index: 0, path: "/size".to_owned() }, no_such_path()].map(changing));
    let increment = inside(Post, "/user/{token}/increment/{key}", "Adds to a number")
        .about("A key that is not there counts as `initial`.")
        .segment("key", "The key of the number.", plain_key(), "visits")
        .json(increment(), json!({ "by": 2, "initial": 40 }))
        .or_no_body()
        .answers(200, "The sum.", shown(), json!({ "value": 42 }))
        .telling("ETag", "The new revision.")
        .refuses(of_key())
        .refuses(of_value())
        .refuses([IncrementError::Operand("by"), IncrementError::NotANumber, IncrementError::Inexact].map(adding));
    [patch, increment].into_iter().map(with_conditions).map(with_lifetime).collect()
}

fn is_of_members(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Missing(_) | Refusal::WrongType(_) | Refusal::Repeated(_))
}

fn malformed() -> PatchError {
    PatchError::Malformed { at: "/0".to_owned(), what: "this is no operation" }
}

fn no_such_path() -> PatchError {
    PatchError::NoSuchPath { index: 0, path: "/size".to_owned() }
}

fn changing(error: PatchError) -> Refusal {
    ServiceError::Change(ChangeError::Patch(error)).into()
}

fn adding(error: IncrementError) -> Refusal {
    ServiceError::Change(ChangeError::Increment(error)).into()
}

/// RFC 6902.
pub(super) fn patch_shape() -> Shape {
    let pointer = || text_like(POINTER, 0, 65536);
    let with_value = object([("op", word(&["add", "replace", "test"])), ("path", pointer()), ("value", value())]);
    let from = object([("op", word(&["move", "copy"])), ("path", pointer()), ("from", pointer())]);
    let removing = object([("op", word(&["remove"])), ("path", pointer())]);
    list_up_to(either([with_value, from, removing]), 1000)
}
