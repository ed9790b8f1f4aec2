//! Many documents in one request: several operations, and removing by prefix.

use rocket::http::Method::{Delete, Post};
use serde_json::json;

use super::documents::seconds;
use super::inside;
use crate::http::openapi::common::{plain_key, revision, value};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::of_query;
use crate::http::openapi::shape::{
    Shape, either, exactly, flag, list, list_up_to, meaning, number, object, or_null, text, usually, whole, word,
};
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        inside(Post, "/user/{token}/bulk", "Does several things at once")
            .about(
                "Each is answered in its place like a request of its own, also one that is none. With `atomic` it is \
                 all or nothing.",
            )
            .json(asked(), example())
            .answers(200, "What became of each.", answered(), answers())
            .refuses(of_query())
            .refuses([
                Refusal::Operation(0, Box::new(Refusal::Key)),
                ServiceError::NoTransactions.into(),
                ServiceError::AnswerTooLarge.into(),
            ]),
        inside(Delete, "/user/{token}/documents", "Removes the documents whose keys begin with a prefix")
            .demands("prefix", "How their keys begin; empty for all.", text(), "note.")
            .asks_like("dry_run", "Only counts them.", flag(), true)
            .answers(200, "How many there were.", exactly([("deleted", whole(0))]), json!({ "deleted": 2 }))
            .refuses(of_query())
            .refuses([Refusal::Missing("prefix"), ServiceError::NotGranted.into()]),
    ]
}

fn asked() -> Shape {
    object([("operations", list_up_to(operation(), 1000)), ("atomic?", usually(or_null(flag()), false))])
}

/// One of several operations.
fn operation() -> Shape {
    let get = object([("op", word(&["get"])), ("key", plain_key()), ("if_revision?", or_null(revision()))]);
    let delete = object([("op", word(&["delete"])), ("key", plain_key()), ("if_revision?", or_null(revision()))]);
    let put = object([
        ("op", word(&["put"])),
        ("key", plain_key()),
        ("value", value()),
        ("ttl?", or_null(seconds())),
        ("if_revision?", meaning(or_null(revision()), "`null`: there must be no document.")),
    ]);
    let patch = object([
        ("op", word(&["patch"])),
        ("key", plain_key()),
        ("patch?", meaning(value(), "An object is a merge patch, a list a JSON patch.")),
        ("ttl?", or_null(seconds())),
        ("if_revision?", or_null(revision())),
    ]);
    let increment = object([
        ("op", word(&["increment"])),
        ("key", plain_key()),
        ("by?", or_null(number())),
        ("initial?", or_null(number())),
        ("ttl?", or_null(seconds())),
        ("if_revision?", or_null(revision())),
    ]);
    either([get, put, patch, delete, increment])
}

fn answered() -> Shape {
    let one = exactly([
        ("status", whole(200)),
        ("value?", value()),
        ("revision?", revision()),
        ("code?", text()),
        ("detail?", text()),
    ]);
    exactly([("results", list(one))])
}

fn example() -> serde_json::Value {
    json!({ "operations": [
        { "op": "put", "key": "a", "value": 1, "ttl": 60 },
        { "op": "get", "key": "a" },
        { "op": "increment", "key": "a", "by": 2 },
        { "op": "delete", "key": "b" },
        { "op": "put", "key": "a", "value": 2, "if_revision": null },
    ] })
}

fn answers() -> serde_json::Value {
    json!({ "results": [
        { "status": 201, "revision": "e069475ca7d6475aa5a802402eb2f39b" },
        { "status": 200, "value": 1, "revision": "e069475ca7d6475aa5a802402eb2f39b" },
        { "status": 200, "value": 3, "revision": "bc22b9dc64484510ad9f42e7deb9ec60" },
        { "status": 404, "code": "key_not_found", "detail": "Key 'b' not found" },
        { "status": 412, "code": "precondition_failed", "detail": "The condition does not hold",
          "revision": "bc22b9dc64484510ad9f42e7deb9ec60" },
    ] })
}
