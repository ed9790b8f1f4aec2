//! Whole documents on the Keybin API: what is known about them, conditions, changes, expiry, and many at once.

mod bulk;
mod conditions;
mod counters;
mod expiry;
mod patches;
mod reach;
mod removal;
mod whole;

use std::fmt::Display;

use reqwest::Method;

use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials};

pub(crate) fn register(trials: &mut Trials) {
    whole::register(trials);
    conditions::register(trials);
    patches::register(trials);
    counters::register(trials);
    expiry::register(trials);
    bulk::register(trials);
    removal::register(trials);
    reach::register(trials);
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MERGE: (&str, &str) = ("Content-Type", "application/merge-patch+json");
const PATCH: (&str, &str) = ("Content-Type", "application/json-patch+json");

/// A client that sends on behalf of one account.
#[derive(Clone)]
struct Ann {
    http: Http,
    token: String,
}

impl Ann {
    async fn of(server: &TestServer<'_>) -> Self {
        server.register("ann", "pw").await;
        Self { http: server.http(), token: server.token("ann", "pw").await }
    }

    async fn send(&self, method: &str, rest: &str, headers: &[(&str, &str)], body: impl Display) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.http.send(method, &format!("/user/{}/{rest}", self.token), headers, body.to_string()).await
    }

    async fn get(&self, key: &str) -> Answer {
        self.send("GET", &format!("store/{key}"), &[], "").await
    }

    /// Writes a value under a key, and whatever follows in the query.
    async fn put(&self, key: &str, value: impl Display) -> Answer {
        self.send("PUT", &format!("store/{key}"), &[JSON], format!("{{\"value\":{value}}}")).await
    }

    async fn bulk(&self, body: impl Display) -> Answer {
        self.send("POST", "bulk", &[JSON], body).await
    }
}

/// The entity tag of an answer, which must be one of 32 hexadecimal digits.
#[track_caller]
fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").unwrap_or_else(|| panic!("no ETag: {answer:?}"));
    let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).expect("a strong entity tag");
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{tag}");
    tag.to_owned()
}
