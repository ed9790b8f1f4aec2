//! What is there whatever is open: the document, the page, and what a server says of itself.

use rocket::http::Method::Get;
use serde_json::json;

use super::Chapter;
use super::operation::Operation;
use super::shape::{any, by_name, exactly, list, or_null, text, word};
use crate::http::api::keybin::Keybin;
use crate::service::ServiceError;

const NAME: &str = "The server";

/// What there is.
pub(super) fn chapter(tells_metrics: bool) -> Chapter {
    let bare = |path, summary| Operation::bare::<Keybin>(Get, path, summary).of(NAME);
    let mut operations = vec![
        bare("/openapi.json", "This document").answers(
            200,
            "What is open, in OpenAPI 3.1.",
            by_name(any()),
            json!({ "openapi": "3.1.0" }),
        ),
        bare("/docs", "The same as a page").answers_as(200, "The page.", "text/html", None),
        bare("/healthz", "Whether the process lives").answers(
            200,
            "It does.",
            exactly([("status", word(&["alive"]))]),
            json!({ "status": "alive" }),
        ),
        bare("/readyz", "Whether the store answers")
            .answers(200, "It does.", exactly([("status", word(&["ready"]))]), json!({ "status": "ready" }))
            .refuses([ServiceError::Unavailable(String::new()).into()]),
        bare("/version", "Which Keybin this is").answers(
            200,
            "It and what is open.",
            exactly([
                ("version", text()),
                ("commit", or_null(text())),
                ("store", word(&["embedded", "mongodb"])),
                ("apis", list(text())),
            ]),
            json!({ "version": "0.1.0", "commit": null, "store": "embedded", "apis": ["keybin"] }),
        ),
    ];
    if tells_metrics {
        let metrics = bare("/metrics", "What was counted")
            .about("For Prometheus, and for whoever else collects such figures: docs/METRICS.md has the list.")
            .answers_as(200, "As Prometheus has it, or in OpenMetrics where that is asked for.", "text/plain", None)
            .or("application/openmetrics-text", text());
        operations.push(metrics);
    }
    Chapter { name: NAME, about: "Served to everybody, whatever is open.", operations }
}
