//! Listings: keys and documents, page by page, and how many there are.

use rocket::http::Method::{self, Get, Head};
use serde_json::{Value as Json, json};
use utoipa::openapi::path::ParameterIn;

use super::inside;
use crate::domain::FilterError;
use crate::domain::filter::FilterFault;
use crate::http::openapi::common::{key, revision, time, value};
use crate::http::openapi::operation::{Operation, Parameter};
use crate::http::openapi::refusals::of_query;
use crate::http::openapi::shape::{
    Shape, any, either, exactly, flag, list, list_up_to, matching, not_empty, some, text, usually, whole_up_to,
    with_names_like, word,
};
use crate::http::refusal::Refusal;

/// At most a hundred paths.
const FIELDS: &str = r"^[^.,]+(\.[^.,]+)*(,[^.,]+(\.[^.,]+)*){0,99}$";

const TOTAL: &str = "How many there are on all pages together.";

pub(super) fn operations() -> Vec<Operation> {
    let (keys, documents) = ("/user/{token}/keys", "/user/{token}/documents");
    vec![
        paged(Get, keys, "Lists keys", 1000)
            .about("Without any parameter, all keys in one list.")
            .answers(200, "A page.", page("keys", key()), json!({ "keys": ["note.1", "note.2"], "next": "note.2" }))
            .telling("Link", "The next page, where there is one."),
        paged(Head, keys, "Counts keys", 1000).answers_bare(200, "Counted.").telling("Keybin-Total", TOTAL),
        selected(paged(Get, documents, "Lists documents", 100))
            .answers(200, "A page.", page("documents", document()), json!({ "documents": [example()] }))
            .telling("Link", "The next page, where there is one."),
        selected(paged(Head, documents, "Counts documents", 100))
            .answers_bare(200, "Counted.")
            .telling("Keybin-Total", TOTAL),
    ]
}

fn paged(method: Method, path: &'static str, summary: &'static str, usual: i64) -> Operation {
    let after = "Only keys that come after this one; empty: from the beginning.";
    inside(method, path, summary)
        .asks_like("prefix", "Only keys that begin with it.", text(), "note.")
        .asks("after", after, either([key(), word(&[""])]))
        .asks_like("limit", "At most so many.", usually(whole_up_to(1, 1000), usual), 2)
        .asks("order", "From the first key to the last, or the other way.", usually(word(&["asc", "desc"]), "asc"))
        .refuses(of_query())
}

fn selected(operation: Operation) -> Operation {
    let fields = "Which parts of the values to show: paths between commas, names of members between dots.";
    let wanted = Parameter {
        place: ParameterIn::Query,
        name: "where",
        is_required: false,
        about: "Which values are wanted: a filter, as in MongoDB.",
        shape: filter(),
        content_type: Some("application/json"),
        example: Some(json!({ "done": false })),
    };
    operation
        .asks_like("fields", fields, matching(FIELDS), "title")
        .parameter(wanted)
        .refuses([Refusal::Filter(FilterError { at: String::new(), what: FilterFault::NotAnObject })])
}

/// A filter: members that are operators, or paths with what must stand there.
fn filter() -> Shape {
    const NAMES: &str = r"^(\$(and|or|eq|ne|gt|gte|lt|lte|in|nin|exists|prefix|not)|[^$.][^.]*(\.[^.]+)*)$";
    const OPERATORS: &str = r"^\$(eq|ne|gt|gte|lt|lte|in|nin|exists|prefix)$";
    let filters = || some(with_names_like(NAMES, []), 100);
    with_names_like(
        NAMES,
        [
            ("$and?", filters()),
            ("$or?", filters()),
            ("$eq?", any()),
            ("$ne?", any()),
            ("$gt?", any()),
            ("$gte?", any()),
            ("$lt?", any()),
            ("$lte?", any()),
            ("$in?", list_up_to(any(), 1000)),
            ("$nin?", list_up_to(any(), 1000)),
            ("$exists?", flag()),
            ("$prefix?", text()),
            ("$not?", not_empty(with_names_like(OPERATORS, []))),
        ],
    )
}

fn page(name: &str, item: Shape) -> Shape {
    exactly([(name, list(item)), ("next?", key())])
}

fn document() -> Shape {
    exactly([
        ("key", key()),
        ("value", value()),
        ("revision", revision()),
        ("created_at", time()),
        ("modified_at", time()),
        ("expires_at?", time()),
    ])
}

fn example() -> Json {
    json!({ "key": "note.1", "value": { "title": "Groceries" }, "revision": "0f5e6a7b8c9d4e1f8a2b3c4d5e6f7a8b",
            "created_at": "2026-11-21T10:42:00.000Z", "modified_at": "2026-11-21T10:42:00.000Z" })
}
