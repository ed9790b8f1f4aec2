//! Requests as values: put together in one line, kept in tables, and sent to whichever server.
//!
//! No redirect is followed, and nothing is added but `Host: keybin` and the length of the body.

use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::http::{Answer, Http};
use super::raw::{End, Socket, request};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub(crate) fn get(path: impl Into<String>) -> Ask {
    Ask::new("GET", path)
}

pub(crate) fn post(path: impl Into<String>) -> Ask {
    Ask::new("POST", path)
}

pub(crate) fn put(path: impl Into<String>) -> Ask {
    Ask::new("PUT", path)
}

pub(crate) fn delete(path: impl Into<String>) -> Ask {
    Ask::new("DELETE", path)
}

impl Ask {
    pub(crate) fn new(method: &str, path: impl Into<String>) -> Self {
        Self { method: method.to_owned(), path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn authorization(self, value: impl Display) -> Self {
        self.header("Authorization", value)
    }

    pub(crate) fn basic(self, name: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{name}:{password}"));
        self.authorization(format!("Basic {pair}"))
    }

    pub(crate) fn bearer(self, token: impl Display) -> Self {
        self.authorization(format!("Bearer {token}"))
    }

    pub(crate) fn jwt(self, jwt: impl Display) -> Self {
        self.authorization(format!("JWT {jwt}"))
    }

    pub(crate) fn session(self, secret: impl Display) -> Self {
        self.header("Cookie", format!("keybin_session={secret}"))
    }

    /// Whoever waits for the answer is a browser that shows pages.
    pub(crate) fn for_a_page(self) -> Self {
        self.header("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    }

    pub(crate) fn json(self, body: impl Display) -> Self {
        self.body("application/json", body.to_string())
    }

    /// The fields as a browser sends them.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", plus(name), plus(value))).collect();
        self.body("application/x-www-form-urlencoded", fields.join("&"))
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Sends it and gives the answer.
    pub(crate) async fn ask(&self, http: &Http) -> Answer {
        let (all_sent, answer) = self.try_ask(http).await;
        assert!(all_sent, "{self}");
        answer.unwrap_or_else(|end| panic!("{self}: no answer, {end:?}"))
    }

    /// The same where the server may have enough of it before all is sent: whether all was, and the answer, or how the
    /// connection ended.
    pub(crate) async fn try_ask(&self, http: &Http) -> (bool, Result<Answer, End>) {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut socket = Socket::open(http.address()).await;
        let all_sent = socket.send(&request(&self.method, &self.path, &headers, &self.body)).await;
        (all_sent, socket.answer(self.method == "HEAD").await)
    }

    /// How many bytes its body has.
    pub(crate) fn body_bytes(&self) -> usize {
        self.body.len()
    }
}

/// What tells it apart in the message of a test that fails.
impl Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{} {} {:?} {body:.300}", self.method, self.path, self.headers)
    }
}

/// A text as one segment of a path or one part of a query: everything but what never needs it is encoded.
pub(crate) fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The same as forms have it.
fn plus(text: &str) -> String {
    percent(text).replace("%20", "+")
}
