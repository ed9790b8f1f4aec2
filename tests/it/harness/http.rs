//! A client of a server under test, and the answers it gets.
//!
//! It sends what programs usually send. [`super::raw`] is for what they would not.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::raw::{Exchange, exchange};

/// How long an answer may take. Far more than it needs, for machines that are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of one server. Clones are cheap, for tasks of their own.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    address: SocketAddr,
    client: Client,
}

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { address, client }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, json: impl Display) -> Answer {
        self.send(Method::POST, path, &[("Content-Type", "application/json")], json.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str, json: impl Display) -> Answer {
        self.send(Method::DELETE, path, &[("Content-Type", "application/json")], json.to_string()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let request = if body.is_empty() { request } else { request.body(body) };
        let response = request.send().await.unwrap_or_else(|e| panic!("{path}: {e:?}"));
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("ASCII").to_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = response.bytes().await.unwrap_or_else(|e| panic!("{path}: {e:?}")).to_vec();
        Answer { status, headers, body }
    }

    /// Sends these bytes over a connection of their own.
    pub(crate) async fn raw(&self, request: impl AsRef<[u8]>) -> Exchange {
        exchange(self.address, request.as_ref()).await
    }

    /// Registers an account.
    pub(crate) async fn register(&self, username: &str, password: &str) {
        let answer = self.post("/register", json!({ "username": username, "password": password })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// A new token for the client id `default`.
    pub(crate) async fn token(&self, username: &str, password: &str) -> String {
        self.token_for(username, password, "default").await
    }

    /// A new token for a client id.
    pub(crate) async fn token_for(&self, username: &str, password: &str, client_id: &str) -> String {
        let body = json!({ "username": username, "password": password, "client_id": client_id });
        let answer = self.post("/token", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"]["token"].as_str().expect("a token").to_owned()
    }

    /// Writes a value, given as JSON.
    pub(crate) async fn put(&self, token: &str, key: &str, value: impl Display) {
        let answer = self.post(&format!("/user/{token}/store/{key}"), format!("{{\"value\":{value}}}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// The keys of the account that a token stands for, as they are answered.
    pub(crate) async fn keys(&self, token: &str) -> Vec<String> {
        let answer = self.get(&format!("/user/{token}/keys")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let keys: Vec<String> = serde_json::from_value(answer.json()["keys"].clone()).expect("keys");
        keys
    }
}

/// An answer, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In the order in which they came; the names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header, which must not be there twice.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice: {self:?}");
        value
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The stable name of the refusal that this is.
    pub(crate) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        problem["code"].as_str().map(str::to_owned)
    }

    /// The answer without what is another in each, to be compared with others.
    pub(crate) fn undated(mut self) -> Self {
        self.headers.retain(|(name, _)| !["date", "x-request-id"].contains(&&**name));
        self
    }
}
