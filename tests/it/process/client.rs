//! A client of the Keybin API.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// The password of everybody.
pub(super) const PASSWORD: &str = "correct horse";

/// A client, whose connections stay open. Copies share them.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
}

/// What came back, and how long it took.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) took: Duration,
}

impl Answer {
    /// The body of an answer that says yes.
    pub(super) fn good(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// The body.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        // Whatever proxy the machine is set to, this goes to the program itself.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
        Self { http: http.expect("a client"), base: format!("http://{address}") }
    }

    /// Sends a request; an error where no answer came back.
    pub(super) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.try_request(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// A request with whatever the test adds to it.
    pub(super) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request of [`Client::request`].
    pub(super) async fn try_request(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let start = Instant::now();
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        Ok(Answer { status, headers, body, took: start.elapsed() })
    }

    /// Sends a request that must be answered.
    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.try_send(method.clone(), path, body).await;
        answer.unwrap_or_else(|error| panic!("{method} {path} was not answered: {error:?}"))
    }

    pub(super) async fn register(&self, username: &str) -> Answer {
        self.send(Method::POST, "/register", Some(&credentials(username))).await
    }

    pub(super) async fn unregister(&self, username: &str) -> Answer {
        self.send(Method::DELETE, "/unregister", Some(&credentials(username))).await
    }

    pub(super) async fn log_in(&self, username: &str, client_id: &str) -> Answer {
        let body = json!({ "username": username, "password": PASSWORD, "client_id": client_id });
        self.send(Method::POST, "/token", Some(&body)).await
    }

    /// A token of this account.
    pub(super) async fn token(&self, username: &str, client_id: &str) -> String {
        let answer = self.log_in(username, client_id).await.good();
        answer["token"]["token"].as_str().expect("a token").to_owned()
    }

    /// Registers an account and logs in.
    pub(super) async fn newcomer(&self, username: &str) -> String {
        self.register(username).await.good();
        self.token(username, "default").await
    }

    pub(super) async fn try_put(&self, token: &str, key: &str, value: &Value) -> Result<Answer, reqwest::Error> {
        let body = json!({ "value": value });
        self.try_send(Method::POST, &format!("/user/{token}/store/{key}"), Some(&body)).await
    }

    pub(super) async fn put(&self, token: &str, key: &str, value: &Value) -> Answer {
        self.try_put(token, key, value).await.expect("an answer")
    }

    pub(super) async fn get(&self, token: &str, key: &str) -> Answer {
        self.send(Method::GET, &format!("/user/{token}/store/{key}"), None).await
    }

    /// The value under a key that is there.
    pub(super) async fn value(&self, token: &str, key: &str) -> Value {
        self.get(token, key).await.good()["value"].take()
    }

    /// All keys of the account.
    pub(super) async fn keys(&self, token: &str) -> Vec<String> {
        let answer = self.send(Method::GET, &format!("/user/{token}/keys"), None).await.good();
        serde_json::from_value(answer["keys"].clone()).expect("a list of keys")
    }
}

fn credentials(username: &str) -> Value {
    json!({ "username": username, "password": PASSWORD })
}
