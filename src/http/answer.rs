//! Answers: a status, a type, some headers, a body.

use std::borrow::Cow;
use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::request::{Outcome, Request};
use rocket::response::{Responder, Response, Result as ResponseResult};
use serde::Serialize;

use super::headers;

/// The largest piece in which a body goes out. Rocket makes room for one before it knows how much there is.
const PIECE_BYTES: usize = 64 * 1024;

/// What is sent back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: Status,
    content_type: Option<ContentType>,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    body: Vec<u8>,
}

impl Answer {
    /// A body of the given type.
    pub(super) const fn new(status: Status, content_type: ContentType, body: Vec<u8>) -> Self {
        Self { status, content_type: Some(content_type), headers: Vec::new(), body }
    }

    /// No body.
    pub(super) const fn empty(status: Status) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Vec::new() }
    }

    /// A JSON body.
    pub(super) fn json(status: Status, body: &impl Serialize) -> Self {
        // What handlers answer are strings and numbers under names, which always have a JSON form.
        Self::new(status, ContentType::JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends this in place of what a handler would have answered, from within a guard.
    pub(super) fn refuse<T>(self, request: &Request<'_>) -> Outcome<T, ()> {
        let status = self.status;
        request.local_cache(|| Left(Some(self)));
        Outcome::Error((status, ()))
    }

    /// What a guard left with the request.
    pub(super) fn left_with(request: &Request<'_>) -> Option<Self> {
        request.local_cache(|| Left(None)).0.clone()
    }
}

/// Rocket tells a catcher nothing but the status; this is where a guard leaves the rest.
struct Left(Option<Answer>);

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, _: &'r Request<'_>) -> ResponseResult<'static> {
        let mut response = Response::build().status(self.status).finalize();
        if let Some(content_type) = self.content_type {
            response.set_header(content_type);
            // One byte more, for finding that nothing follows.
            let piece_bytes = PIECE_BYTES.min(self.body.len() + 1);
            response.set_sized_body(self.body.len(), Cursor::new(self.body));
            response.set_max_chunk_size(piece_bytes);
        }
        // Rocket runs no fairing over its answer to a request that it cannot parse.
        for (name, value) in headers::SAFE {
            if !self.headers.iter().any(|(given, _)| *given == name) {
                response.set_raw_header(name, value);
            }
        }
        for (name, value) in self.headers {
            response.adjoin_header(Header::new(name, value));
        }
        if self.status == Status::ServiceUnavailable {
            response.set_header(Header::new("Retry-After", "1"));
        }
        Ok(response)
    }
}
