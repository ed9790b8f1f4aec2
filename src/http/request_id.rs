//! The name of a request, by which a client finds it in the log: the one that it sent, or one that is made.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use rocket::Request;
use uuid::Uuid;

/// Where the name stands, in a request and in its answer.
pub(super) const HEADER: &str = "X-Request-Id";

/// The longest name that is taken, in bytes.
const LONGEST: usize = 64;

/// Makes names. Those of one process differ by a counter, those of two by where they begin.
pub(super) struct RequestIds {
    process: u32,
    next: AtomicU32,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
        Self { process: u32::from_be_bytes([a, b, c, d]), next: AtomicU32::new(0) }
    }

    fn next(&self) -> String {
        format!("{:08x}{:08x}", self.process, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// A name: 1–64 letters, digits, `.`, `_` and `-`, so that nothing in a log can be taken for something else.
#[derive(Clone, Debug)]
pub(super) struct RequestId(String);

impl RequestId {
    /// That of this request.
    pub(super) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| {
            let sent = request.headers().get_one(HEADER).filter(|name| is_name(name)).map(str::to_owned);
            let made = || request.rocket().state().map(RequestIds::next).unwrap_or_default();
            Self(sent.unwrap_or_else(made))
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits)
}
