//! Taking documents along, and bringing them back.

use rocket::http::Method::{Get, Post};
use serde_json::json;

use super::inside;
use crate::http::openapi::operation::Operation;
use crate::http::openapi::refusals::of_query;
use crate::http::openapi::shape::{Shape, exactly, flag, list, text, usually, whole, word};
use crate::service::ServiceError;

const LINES: &str = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":{\"n\":2}}\n";

pub(super) fn operations() -> Vec<Operation> {
    let mode = "What becomes of a key that is there: it is left, it is overwritten, or the import ends.";
    vec![
        inside(Get, "/user/{token}/export", "Takes all documents along").answers_as(
            200,
            "A line of JSON for each, by key.",
            "application/x-ndjson",
            Some(LINES),
        ),
        inside(Post, "/user/{token}/import", "Brings documents in")
            .asks_like("mode", mode, usually(word(&["skip", "overwrite", "fail"]), "skip"), "skip")
            .asks("dry_run", "Writes nothing, and tells what would be.", usually(flag(), false))
            .body("application/x-ndjson", text(), LINES)
            .or_no_body()
            .answers(200, "What became of the lines.", report(), json!({ "written": 2, "skipped": 0, "failed": [] }))
            .refuses(of_query())
            .refuses([ServiceError::NotGranted.into()]),
    ]
}

fn report() -> Shape {
    let failed = exactly([("line", whole(1)), ("reason", text())]);
    exactly([("written", whole(0)), ("skipped", whole(0)), ("failed", list(failed)), ("more_failed?", whole(1))])
}
