//! What tells of all others: the document, and the page.

use rocket::http::Method::Get;
use serde_json::json;

use super::Chapter;
use super::operation::Operation;
use super::shape::{any, by_name};
use crate::http::api::keybin::Keybin;

const NAME: &str = "This document";

/// What there is.
pub(super) fn chapter() -> Chapter {
    let bare = |path, summary| Operation::bare::<Keybin>(Get, path, summary).of(NAME);
    let operations = vec![
        bare("/openapi.json", "This document").answers(
            200,
            "What is open, in OpenAPI 3.1.",
            by_name(any()),
            json!({ "openapi": "3.1.0" }),
        ),
        bare("/docs", "The same as a page").answers_as(200, "The page.", "text/html", None),
    ];
    Chapter { name: NAME, about: "Served to everybody, whatever is open.", operations }
}
