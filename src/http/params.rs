//! Path parameters, read from the path as it was sent.
//!
//! Rocket decodes segments lossily, so that `%FF` and `%FE` would name the same key. Here what is not UTF-8 is refused.

use std::ops::Deref;

use rocket::http::RawStr;
use rocket::request::{FromRequest, Outcome, Request};

use super::problem::Problem;
use crate::domain::Key;

/// The raw segments of the path. An empty one at the end counts: `/store/a/` does not name the key `a`.
fn raw_segments<'r>(request: &'r Request<'_>) -> impl Iterator<Item = &'r RawStr> {
    request.uri().path().raw().split('/').skip(1)
}

/// The decoded segment at a position; `None` where there is none, or where it is not UTF-8.
pub(super) fn segment(request: &Request<'_>, position: usize) -> Option<String> {
    let raw = raw_segments(request).nth(position)?;
    raw.percent_decode().ok().map(std::borrow::Cow::into_owned)
}

/// The key in `/user/<token>/store/<key>`, by the rule of the Keybin API.
pub(super) struct PlainKey(Key);

impl Deref for PlainKey {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for PlainKey {
    type Error = Problem;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Problem> {
        const POSITION: usize = 3;
        let only = raw_segments(request).count() == POSITION + 1;
        match segment(request, POSITION).filter(|_| only).and_then(|text| Key::parse_plain(text).ok()) {
            Some(key) => Outcome::Success(Self(key)),
            None => Problem::invalid_key().refuse(request),
        }
    }
}
