//! Doors: the ways to prove who is calling. Each ends at the doorkeeper, who makes the [`Principal`].

use std::ops::Deref;

use rocket::State;
use rocket::request::{FromRequest, Outcome, Request};

use super::params;
use super::problem::Problem;
use crate::auth::{AuthError, Doorkeeper, Principal};
use crate::service::ServiceError;

/// Whoever stands behind `/user/<token>/…`, or behind `/user/-/…` with `Authorization: Bearer <token>`.
pub(super) struct Caller(Principal);

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caller {
    type Error = Problem;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Problem> {
        match admit(request).await {
            Ok(principal) => Outcome::Success(Self(principal)),
            Err(problem) => problem.refuse(request),
        }
    }
}

async fn admit(request: &Request<'_>) -> Result<Principal, Problem> {
    let token = presented(request).ok_or_else(Problem::invalid_token)?;
    let doorkeeper: &State<Doorkeeper> = State::get(request.rocket()).ok_or_else(Problem::invalid_token)?;
    doorkeeper.admit(&token).await.map_err(|error| match error {
        AuthError::Refused => Problem::invalid_token(),
        error => ServiceError::from(error).into(),
    })
}

/// The token that the path or the header presents.
fn presented(request: &Request<'_>) -> Option<String> {
    const POSITION: usize = 1;
    let segment = params::segment(request, POSITION)?;
    if segment == "-" { bearer(request).map(str::to_owned) } else { Some(segment) }
}

/// The token of `Authorization: Bearer <token>` (RFC 6750); the scheme in any case, exactly one header.
fn bearer<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    let mut headers = request.headers().get("Authorization");
    let (header, None) = (headers.next()?, headers.next()) else { return None };
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start_matches(' '))
}
