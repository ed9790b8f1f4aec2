//! The contract of the Keybin API: its rows, its refusals, and every sentence around them.

mod answers;
mod client_ids;
mod documents;
mod doors;
mod lifetime;
mod methods;

use reqwest::Method;

use crate::harness::Trials;
use crate::harness::http::{Answer, Http};

pub(crate) fn register(trials: &mut Trials) {
    answers::register(trials);
    client_ids::register(trials);
    lifetime::register(trials);
    documents::register(trials);
    doors::register(trials);
    methods::register(trials);
}

/// The answers to each request that needs a token, with this second segment of the path and these headers;
/// without what differs from one write to the next.
async fn each_request(http: &Http, segment: &str, headers: &[(&str, &str)]) -> [Answer; 3] {
    let path = |rest: &str| format!("/user/{segment}/{rest}");
    let json = [headers, &[("Content-Type", "application/json")]].concat();
    [
        http.send(Method::POST, &path("store/one"), &json, r#"{"value":1}"#).await,
        http.send(Method::GET, &path("store/one"), headers, "").await,
        http.send(Method::GET, &path("keys"), headers, "").await,
    ]
    .map(|answer| {
        let mut answer = answer.undated();
        answer.headers.retain(|(name, _)| name != "etag" && name != "last-modified");
        answer
    })
}

async fn by_path(http: &Http, token: &str) -> [Answer; 3] {
    each_request(http, token, &[]).await
}

async fn by_header(http: &Http, authorization: &str) -> [Answer; 3] {
    each_request(http, "-", &[("Authorization", authorization)]).await
}
