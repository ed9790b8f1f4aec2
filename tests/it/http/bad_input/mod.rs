//! What must be refused, sent byte by byte, and that it leaves no trace.
//!
//! Each case is a table: what is sent, and with which status and code it is refused. No row may end in a 5xx, every
//! answer that has a body is a problem document, whoever sends everything before reading gets to read it, and once all
//! rows were sent the store holds what it held before.

mod bodies;
mod content_types;
mod everywhere;
mod fields;
mod framing;
mod keys;
mod limits;
mod paths;
mod values;

use serde_json::json;

use super::assert_json;
use crate::harness::raw::{Exchange, request};
use crate::harness::{TestServer, Trials};

pub(crate) fn register(trials: &mut Trials) {
    bodies::register(trials);
    content_types::register(trials);
    everywhere::register(trials);
    fields::register(trials);
    framing::register(trials);
    keys::register(trials);
    limits::register(trials);
    paths::register(trials);
    values::register(trials);
}

/// What is sent, and how it is refused.
struct Row {
    what: String,
    request: Vec<u8>,
    refusal: Refusal,
}

#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// By Keybin: a problem document with this status and code.
    Problem(u16, &'static str),
    /// By hyper, which is below Rocket: the status, no body, and the connection is closed.
    Bare(u16),
}

/// A row that Keybin refuses.
fn row(what: impl Into<String>, request: Vec<u8>, status: u16, code: &'static str) -> Row {
    Row { what: what.into(), request, refusal: Refusal::Problem(status, code) }
}

/// A row that never gets as far as Keybin.
fn bare(what: impl Into<String>, request: Vec<u8>, status: u16) -> Row {
    Row { what: what.into(), request, refusal: Refusal::Bare(status) }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn get(path: &str) -> Vec<u8> {
    request("GET", path, &[], "")
}

fn post(path: &str, json: impl AsRef<[u8]>) -> Vec<u8> {
    request("POST", path, &[JSON], json)
}

/// The requests that take a body, for ann, with the token that is given: method, path, and a body that would be right.
fn with_bodies(token: &str) -> [(&'static str, String, &'static str); 4] {
    [
        ("POST", "/register".to_owned(), r#"{"username":"new","password":"pw"}"#),
        ("POST", "/token".to_owned(), r#"{"username":"ann","password":"pw","client_id":"new"}"#),
        ("DELETE", "/unregister".to_owned(), r#"{"username":"ann","password":"pw"}"#),
        ("POST", format!("/user/{token}/store/new"), r#"{"value":"new"}"#),
    ]
}

/// Sends every row and says which were not refused as they should have been; all of them, so that a table can be read
/// at once. `table` is given a token of ann's.
async fn refused(server: &mut TestServer<'_>, table: impl Fn(&str) -> Vec<Row>) {
    let witness = Witness::place(server).await;
    let mut wrong = Vec::new();
    for row in table(&witness.tokens[0]) {
        let exchange = server.raw(&row.request).await;
        if let Some(why) = objection(&exchange, row.refusal) {
            let sent = String::from_utf8_lossy(&row.request[..row.request.len().min(200)]).into_owned();
            wrong.push(format!("{}: {why}, expected {:?}\n    {sent:?}", row.what, row.refusal));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    witness.check(server).await;
}

/// What is wrong about a refusal.
fn objection(exchange: &Exchange, expected: Refusal) -> Option<String> {
    let Some(answer) = &exchange.answer else { return Some(format!("no answer, {:?}", exchange.end)) };
    let came = (answer.status, answer.code());
    match expected {
        Refusal::Problem(status, code) => {
            if came != (status, Some(code.to_owned())) {
                return Some(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)));
            }
            let is_problem = answer.header("content-type") == Some("application/problem+json");
            if !is_problem || answer.json()["status"] != status {
                return Some(format!("{answer:?} is no problem document"));
            }
            (!exchange.is_in_good_order()).then(|| format!("all sent: {}, {:?}", exchange.all_sent, exchange.end))
        }
        Refusal::Bare(status) if (answer.status, answer.body.len()) == (status, 0) => None,
        Refusal::Bare(_) => Some(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))),
    }
}

/// Two accounts with documents and tokens, which must be as they were in the end.
struct Witness {
    tokens: [String; 3],
    rows: u64,
}

/// The documents of both: under keys that the tables ask for, or that come of such keys when somebody folds them.
const DOCUMENTS: [(&str, &str); 4] = [("one", "\"one\""), ("a", "{\"a\":[1,null]}"), ("a.b", "0"), ("...", "\"\"")];

impl Witness {
    async fn place(server: &mut TestServer<'_>) -> Self {
        server.register("ann", "pw").await;
        server.register("bob", "pw").await;
        let tokens = [
            server.token("ann", "pw").await,
            server.token_for("ann", "pw", "phone").await,
            server.token("bob", "pw").await,
        ];
        for token in &tokens[1..] {
            for (key, value) in DOCUMENTS {
                server.put(token, key, value).await;
            }
        }
        Self { tokens, rows: server.rows().await }
    }

    async fn check(&self, server: &mut TestServer<'_>) {
        // Read first from the server that had it all, and then from one that starts anew.
        self.read(server).await;
        assert_eq!(server.rows().await, self.rows, "rows came or went");
        self.read(server).await;
    }

    async fn read(&self, server: &TestServer<'_>) {
        let mut keys: Vec<&str> = DOCUMENTS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        for token in &self.tokens {
            assert_eq!(server.keys(token).await, keys);
            for (key, value) in DOCUMENTS {
                let answer = server.get(&format!("/user/{token}/store/{key}")).await;
                assert_json(&answer, &format!("{{\"value\":{value}}}"));
            }
        }
        for name in ["ann", "bob"] {
            let answer = server.delete("/unregister", json!({ "username": name, "password": "no" })).await;
            assert_eq!(answer.status, 403, "{name}");
        }
    }
}
