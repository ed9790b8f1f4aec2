//! Until when a document is to be kept: `?ttl=` and `?expires_at=`.

use std::marker::PhantomData;

use rocket::request::{FromRequest, Outcome, Request};

use super::api::{Api, refuse};
use super::params::query;
use super::refusal::Refusal;
use crate::domain::Timestamp;

const TTL: Refusal = Refusal::Wrong("ttl", "must be a whole number of seconds from 1 to 4294967295");
const EXPIRES_AT: Refusal = Refusal::Wrong("expires_at", "must be a time like 2030-01-31T12:00:00Z that is to come");

/// What a request says of it, if anything.
pub(super) struct Lifetime<A>(Option<End>, PhantomData<A>);

/// When a document ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// So many seconds after it was written.
    After(u32),
    /// At this time.
    At(Timestamp),
}

impl<A> Lifetime<A> {
    /// The end of a document that is written now.
    pub(super) fn end(&self, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        match self.0 {
            None => Ok(None),
            Some(End::After(seconds)) => Ok(Some(now.plus_seconds(seconds))),
            // Milliseconds are what can be kept everywhere.
            Some(End::At(time)) => match Timestamp::from_millis(time.as_millis()) {
                end if end > now => Ok(Some(end)),
                _ => Err(EXPIRES_AT),
            },
        }
    }
}

/// So many seconds, at least one.
pub(super) fn seconds(text: &str) -> Result<u32, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|seconds| digits && *seconds > 0).ok_or(TTL)
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for Lifetime<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match read(request) {
            Ok(end) => Outcome::Success(Self(end, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

fn read(request: &Request<'_>) -> Result<Option<End>, Refusal> {
    // What is not UTF-8 is neither.
    let given = |name, wrong: fn() -> Refusal| match query(request, name) {
        Err(Refusal::Key) => Err(wrong()),
        given => given,
    };
    match (given("ttl", || TTL)?, given("expires_at", || EXPIRES_AT)?) {
        (None, None) => Ok(None),
        (Some(text), None) => seconds(&text).map(|seconds| Some(End::After(seconds))),
        (None, Some(text)) => Timestamp::parse(&text).map(|time| Some(End::At(time))).ok_or(EXPIRES_AT),
        (Some(_), Some(_)) => Err(Refusal::Wrong("ttl", "cannot be given together with 'expires_at'")),
    }
}
