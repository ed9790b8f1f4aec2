//! Who reads the answer: a person in a browser, or a program.

use std::convert::Infallible;

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};

use super::answer::Answer;

/// Who reads the answer.
pub(super) struct Reader {
    is_browser: bool,
    is_behind_tls: bool,
}

impl Reader {
    /// Where a browser is sent on to; `None` for a program, which wants an answer of its own.
    pub(super) fn sent_to(&self, page: &'static str) -> Option<Answer> {
        let elsewhere = || Answer::new(Status::Found, rocket::http::ContentType::Plain, Vec::new());
        self.is_browser.then(|| elsewhere().with("Location", page))
    }

    /// Whether it is a browser that asks for a page.
    pub(super) const fn is_browser(&self) -> bool {
        self.is_browser
    }

    /// The reader of the answer to this request.
    pub(super) fn of(request: &Request<'_>) -> Self {
        let accepts_html = request.accept().is_some_and(|accept| accept.media_types().any(|given| given.is_html()));
        let proxy = request.headers().get_one("X-Forwarded-Proto");
        Self { is_browser: accepts_html, is_behind_tls: proxy == Some("https") }
    }

    /// Whether the connection of the browser is encrypted, by the word of a proxy. Nothing but the reader's own cookie
    /// depends on it.
    pub(super) const fn is_behind_tls(&self) -> bool {
        self.is_behind_tls
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Reader {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request))
    }
}
