//! Taking documents along, and bringing them back.

mod export;
mod import;

use reqwest::Method;

use crate::harness::Trials;
use crate::harness::http::{Answer, Http};

pub(crate) fn register(trials: &mut Trials) {
    export::register(trials);
    import::register(trials);
}

/// The answer to an import of these lines.
async fn import(http: &Http, token: &str, query: &str, lines: impl Into<Vec<u8>>) -> Answer {
    let headers = [("Content-Type", "application/x-ndjson")];
    http.send(Method::POST, &format!("/user/{token}/import{query}"), &headers, lines).await
}

/// An export, which must be whole.
async fn export(http: &Http, token: &str) -> String {
    let answer = http.get(&format!("/user/{token}/export")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    answer.text().to_owned()
}
