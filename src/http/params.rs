//! Path parameters, read from the path as it was sent.
//!
//! Rocket decodes segments lossily, so that `%FF` and `%FE` would name the same key. Here what is not UTF-8 is refused.

use std::marker::PhantomData;
use std::ops::Deref;

use rocket::http::RawStr;
use rocket::request::{FromRequest, Outcome, Request};

use super::api::{Api, refuse};
use super::doors::Named;
use super::refusal::Refusal;
use crate::domain::{ClientId, InvalidClientId, Key};
use crate::service::ServiceError;

/// The raw segments of the path. An empty one at the end counts: `/store/a/` does not name the key `a`.
fn raw_segments<'r>(request: &'r Request<'_>) -> impl Iterator<Item = &'r RawStr> {
    request.uri().path().raw().split('/').skip(1)
}

/// The decoded segment at a position; `None` where there is none, or where it is not UTF-8.
pub(super) fn segment(request: &Request<'_>, position: usize) -> Option<String> {
    let raw = raw_segments(request).nth(position)?;
    raw.percent_decode().ok().map(std::borrow::Cow::into_owned)
}

/// The key at the end of the path, by the rule of the API.
pub(super) struct PathKey<A>(Key, PhantomData<A>);

impl<A> Deref for PathKey<A> {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.0
    }
}

/// The key in the query, `?key=…`, by the rule of the API.
pub(super) struct QueryKey<A>(Key, PhantomData<A>);

impl<A> Deref for QueryKey<A> {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for QueryKey<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::key(request) {
            Ok(key) => Outcome::Success(Self(key, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

impl<A: Api> Named for QueryKey<A> {
    fn key(request: &Request<'_>) -> Result<Key, Refusal> {
        match query(request, "key") {
            Ok(Some(text)) => A::key(&text).ok_or(Refusal::Key),
            Ok(None) => Err(Refusal::Missing("key")),
            Err(Refusal::Wrong(..)) => Err(Refusal::Key),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Which documents are to be removed: `?prefix=`, which must be there so that nothing is removed by mistake, and
/// `&dry_run=`.
pub(super) struct DeletedPrefix<A> {
    /// How their keys begin.
    pub(super) prefix: String,
    /// Whether they are only counted.
    pub(super) dry_run: bool,
    api: PhantomData<A>,
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for DeletedPrefix<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let read = || -> Result<Self, Refusal> {
            let prefix = query(request, "prefix")?.ok_or(Refusal::Missing("prefix"))?;
            let dry_run = match query(request, "dry_run")?.as_deref() {
                None | Some("false") => false,
                Some("true") => true,
                Some(_) => return Err(Refusal::Wrong("dry_run", "must be true or false")),
            };
            Ok(Self { prefix, dry_run, api: PhantomData })
        };
        match read() {
            Ok(which) => Outcome::Success(which),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

/// The client id at the end of the path, in which a `/` is written as `%2F`.
pub(super) struct PathClientId<A>(ClientId, PhantomData<A>);

impl<A> Deref for PathClientId<A> {
    type Target = ClientId;

    fn deref(&self) -> &ClientId {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for PathClientId<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match last_segment(request).map(ClientId::parse) {
            Some(Ok(client_id)) => Outcome::Success(Self(client_id, PhantomData)),
            _ => refuse::<A, _>(&ServiceError::from(InvalidClientId).into(), request),
        }
    }
}

/// That no empty segment stands at the end of the path: where a variable was empty, what is asked for concerns nothing,
/// and not all there is.
pub(super) struct WholePath<A>(PhantomData<A>);

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for WholePath<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match last_segment(request) {
            Some(_) => Outcome::Success(Self(PhantomData)),
            None => refuse::<A, _>(&ServiceError::from(InvalidClientId).into(), request),
        }
    }
}

/// The decoded parameter of the query, which must not be there twice.
pub(super) fn query(request: &Request<'_>, name: &'static str) -> Result<Option<String>, Refusal> {
    parameter(whole_query(request), name)
}

/// The query as it was sent.
pub(super) fn whole_query<'r>(request: &'r Request<'_>) -> &'r str {
    request.uri().query().map_or("", |query| query.as_str())
}

/// As [`query`], of a query by itself.
pub(super) fn parameter(query: &str, name: &'static str) -> Result<Option<String>, Refusal> {
    let mut values = query.split('&').filter_map(|field| {
        let (given, value) = field.split_once('=').unwrap_or((field, ""));
        (given == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match RawStr::new(value).url_decode() {
            Ok(text) => Ok(Some(text.into_owned())),
            Err(_) => Err(Refusal::Wrong(name, "must be UTF-8")),
        },
        _ => Err(Refusal::Repeated(name.to_owned())),
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for PathKey<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::key(request) {
            Ok(key) => Outcome::Success(Self(key, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

impl<A: Api> Named for PathKey<A> {
    fn key(request: &Request<'_>) -> Result<Key, Refusal> {
        last_segment(request).and_then(|text| A::key(&text)).ok_or(Refusal::Key)
    }
}

/// The decoded last segment of the path of a route; `None` where the path has another number of them.
fn last_segment(request: &Request<'_>) -> Option<String> {
    let last = request.route().map_or(0, |route| route.uri.path().matches('/').count());
    let whole = raw_segments(request).count() == last;
    segment(request, last.saturating_sub(1)).filter(|_| whole)
}
