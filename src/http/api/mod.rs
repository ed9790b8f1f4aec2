//! The APIs: one file each, all of one shape. They translate to the services and back.
//!
//! What differs between them, beside their routes, is said by [`Api`]: through which doors one comes in, which keys are
//! allowed, and how a refusal is worded. Guards and handlers are written against it.

pub(super) mod forms;
pub(super) mod keybin;
pub(super) mod pairs;
pub(super) mod stow;
pub(super) mod users;

use std::marker::PhantomData;

use rocket::Request;
use rocket::http::Status;
use rocket::request::Outcome;
use rocket::response::{Responder, Result as ResponseResult};
use tracing::error;

use super::answer::Answer;
use super::doors::Door;
use super::refusal::{Fault, Refusal};
use super::seldom::Seldom;
use crate::domain::Key;
use crate::service::ServiceError;

/// One API.
pub(super) trait Api: Send + Sync + 'static {
    /// The doors one can come in through.
    const DOORS: &'static [Door];

    /// Whether bodies may be HTML forms as well as JSON.
    const FORMS: bool;

    /// The key that a text names by the rule of this API, if it names one.
    fn key(text: &str) -> Option<Key>;

    /// The status of a refusal.
    fn status(refusal: &Refusal) -> Status;

    /// Puts a refusal into words.
    fn say(refusal: &Refusal, request: &Request<'_>) -> Answer;
}

/// A refusal on its way out through an API.
pub(super) struct Refused<A>(Refusal, PhantomData<A>);

/// What handlers of an API answer.
pub(super) type Result<T, A> = std::result::Result<T, Refused<A>>;

impl<A, E: Into<Refusal>> From<E> for Refused<A> {
    fn from(refusal: E) -> Self {
        Self(refusal.into(), PhantomData)
    }
}

impl<'r, A: Api> Responder<'r, 'static> for Refused<A> {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        say::<A>(&self.0, request).respond_to(request)
    }
}

/// Refuses a request from within a guard.
pub(super) fn refuse<A: Api, T>(refusal: &Refusal, request: &Request<'_>) -> Outcome<T, ()> {
    say::<A>(refusal, request).refuse(request)
}

/// Words for the client; what is the server's fault goes to the log as well.
pub(super) fn say<A: Api>(refusal: &Refusal, request: &Request<'_>) -> Answer {
    if let Refusal::Service(what) = refusal {
        match refusal.fault() {
            Some(Fault::Unavailable) => Seldom::warn(request, what),
            Some(_) => error!("{what}"),
            None => {}
        }
    }
    let answer = A::say(refusal, request);
    match refusal {
        Refusal::Service(ServiceError::Throttled(seconds)) => answer.with("Retry-After", seconds.to_string()),
        _ => answer,
    }
}
