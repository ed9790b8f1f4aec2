//! Documents: reading and writing under keys.

use rocket::http::Method::{self, Delete, Get, Head, Post, Put};
use serde_json::json;

use super::{inside, of_conditions, of_key, of_lifetime};
use crate::http::openapi::common::{done, plain_key, value};
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::{of_absence, of_value};
use crate::http::openapi::shape::{Shape, exactly, formatted, matching, object, whole_up_to};

const PATH: &str = "/user/{token}/store/{key}";
const KEY: &str = "The key of the document.";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        described(reading(Get, "Reads a document").answers(
            200,
            "The value.",
            shown(),
            json!({ "value": ["Paris", "Rome"] }),
        )),
        described(reading(Head, "Tells what is known of a document").answers_bare(200, "It is there.")),
        writing(Post, "Writes a document")
            .answers(200, "Written.", done(), json!({ "result": "ok" }))
            .telling("ETag", "The new revision."),
        writing(Put, "Writes a document, and tells whether it is new")
            .answers(200, "Overwritten.", done(), json!({ "result": "ok" }))
            .telling("ETag", "The new revision.")
            .answers(201, "Created.", done(), json!({ "result": "ok" }))
            .telling("ETag", "The new revision."),
        with_conditions(inside(Delete, PATH, "Removes a document").segment("key", KEY, plain_key(), "cities"))
            .answers(200, "Removed.", done(), json!({ "result": "ok" }))
            .refuses(of_key())
            .refuses(of_absence()),
    ]
}

fn reading(method: Method, summary: &'static str) -> Operation {
    let operation = inside(method, PATH, summary).segment("key", KEY, plain_key(), "cities");
    described(with_conditions(operation).answers_bare(304, "It is what the client has."))
        .refuses(of_key())
        .refuses(of_absence())
}

/// What is known of a document stands in headers of the last answer.
fn described(operation: Operation) -> Operation {
    operation
        .telling("ETag", "The revision, in double quotes.")
        .telling("Last-Modified", "When the value was written.")
        .telling("Keybin-Created", "When it was created.")
        .telling("Keybin-Expires", "When it ends, where it does.")
}

fn writing(method: Method, summary: &'static str) -> Operation {
    let operation = inside(method, PATH, summary).segment("key", KEY, plain_key(), "cities");
    with_lifetime(with_conditions(operation))
        .json(object([("value", value())]), json!({ "value": ["Paris", "Rome"] }))
        .refuses(of_key())
        .refuses(of_value())
}

/// The conditions under which something is done (RFC 9110, 13.1).
pub(super) fn with_conditions(operation: Operation) -> Operation {
    operation
        .header("If-Match", "Only where the document is at one of these revisions, or with `*` at any.", tags(""))
        .header("If-None-Match", "Only where it is at none of these, or with `*` not there.", tags("(W/)?"))
        .refuses(of_conditions())
}

/// Until when the document is to be kept.
pub(super) fn with_lifetime(operation: Operation) -> Operation {
    operation
        .asks("ttl", "It ends after so many seconds. Not together with `expires_at`.", seconds())
        .asks("expires_at", "It ends at this time, which is to come.", formatted("date-time"))
        .refuses(of_lifetime())
}

pub(super) fn seconds() -> Shape {
    whole_up_to(1, u32::MAX.into())
}

/// `{"value":…}`.
pub(super) fn shown() -> Shape {
    exactly([("value", value())])
}

fn tags(weak: &str) -> Shape {
    let tag = format!(r#"{weak}"[!#-~]*""#);
    matching(&format!(r"^(\*|{tag}( *, *{tag})*)$"))
}
