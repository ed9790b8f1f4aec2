//! The HTTP API as its clients see it, over real sockets; every case on both stores.
//!
//! * [`contract`] — what is promised, word for word
//! * [`documents`] — whole documents, conditions, changes, expiry, many at once
//! * [`concurrency`] — what of it holds when many come at the same moment
//! * [`bad_input`] — what must be refused, and leaves no trace
//! * [`fidelity`] — what was written comes back
//! * [`listing`] — keys and documents, page by page
//! * [`cors`] — pages of other sites
//! * [`headers`] — what every answer carries
//! * [`metrics`] — what is counted of requests
//! * [`throttle`] — how often one may try
//! * [`tokens`] — tokens and the account in the hand of their owner
//! * [`transfer`] — taking documents along, and bringing them back

mod bad_input;
mod bounds;
mod concurrency;
mod contract;
mod cors;
mod documents;
mod fidelity;
mod headers;
mod health;
mod listing;
mod metrics;
mod throttle;
mod tokens;
mod transfer;

use crate::harness::Trials;
use crate::harness::http::Answer;

pub(crate) fn register(trials: &mut Trials) {
    contract::register(trials);
    documents::register(trials);
    concurrency::register(trials);
    bad_input::register(trials);
    bounds::register(trials);
    health::register(trials);
    fidelity::register(trials);
    cors::register(trials);
    headers::register(trials);
    listing::register(trials);
    metrics::register(trials);
    throttle::register(trials);
    tokens::register(trials);
    transfer::register(trials);
}

/// The body of every success that has nothing to tell.
const OK: &str = r#"{"result":"ok"}"#;

/// That an answer is JSON, of these very bytes.
#[track_caller]
fn assert_json(answer: &Answer, body: &str) {
    assert_eq!((answer.status, answer.text()), (200, body));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// That an answer is a problem document (RFC 9457), of these very bytes.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, code: &str, detail: &str) {
    let title = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => panic!("{status} is no status of this API"),
    };
    let body = format!(r#"{{"title":"{title}","status":{status},"detail":"{detail}","code":"{code}"}}"#);
    assert_eq!((answer.status, answer.text()), (status, body.as_str()));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
}
