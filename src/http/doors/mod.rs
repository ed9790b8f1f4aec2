//! Doors: the ways to prove who is calling. Each ends at the doorkeeper, who makes the [`Principal`].
//!
//! * A door answers three things: nothing presented, a credential, or something presented that is none.
//! * Exactly one credential counts; two are refused.
//! * Where a browser adds the credential by itself (Basic, the session cookie), a page of another site cannot use it to
//!   change anything.

mod authorization;
mod csrf;
mod entrance;

use std::marker::PhantomData;
use std::ops::Deref;

use rocket::State;
use rocket::request::{FromRequest, Outcome, Request};

pub(super) use csrf::{FORM_TOKEN, FormToken};
pub(super) use entrance::{Guesser, Registrant, TrustedProxies, address};

use super::api::{Api, refuse};
use super::log;
use super::params::{self, PathKey};
use super::refusal::Refusal;
use super::session::SESSION;
use crate::auth::{Credential, Doorkeeper, Lookup, Principal};
use crate::domain::Key;

/// A way to present a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// A token as the second segment of the path; `-` there says that another door is used.
    Path,
    /// `Authorization: Basic`: a name and a password, or a token as the name.
    Basic,
    /// `Authorization: Bearer`: a token or a JWT.
    Bearer,
    /// `Authorization: JWT`: a JWT.
    Jwt,
    /// The session cookie, which holds a token.
    Session,
}

impl Door {
    /// What is presented at this door, if anything.
    fn knock(self, request: &Request<'_>) -> Result<Option<Credential>, Refusal> {
        match self {
            Self::Path => Ok(path(request)),
            Self::Session => session(request),
            Self::Basic => authorization::of_scheme(request, "Basic", authorization::basic),
            Self::Bearer => authorization::of_scheme(request, "Bearer", authorization::bearer),
            Self::Jwt => authorization::of_scheme(request, "JWT", authorization::jwt),
        }
    }

    /// Whether browsers present the credential by themselves.
    pub(super) const fn is_ambient(self) -> bool {
        matches!(self, Self::Basic | Self::Session)
    }
}

fn path(request: &Request<'_>) -> Option<Credential> {
    const POSITION: usize = 1;
    // What is not UTF-8 was presented all the same, and is the token of nobody.
    let segment = params::segment(request, POSITION).unwrap_or_default();
    (segment != "-").then_some(Credential::Token(segment))
}

fn session(request: &Request<'_>) -> Result<Option<Credential>, Refusal> {
    Ok(cookie(request, SESSION)?.map(|secret| Credential::Token(secret.to_owned())))
}

/// A cookie as it was sent. Of two with one name, Rocket would take the last, and decode both names first.
pub(super) fn cookie<'r>(request: &'r Request<'_>, name: &str) -> Result<Option<&'r str>, Refusal> {
    let cookies = request.headers().get("Cookie").flat_map(|header| header.split(';'));
    let pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    let mut values = pairs.filter(|(given, _)| *given == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Refusal::SeveralCredentials),
    }
}

/// That the request does not come from a page of another site: for what gives a credential to a browser, and for what
/// changes something although its method says otherwise.
pub(super) struct OwnPage<A>(PhantomData<A>);

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for OwnPage<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match csrf::refuse_foreign_pages(request) {
            Ok(()) => Outcome::Success(Self(PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

/// Whoever came in through one of the doors of the API.
pub(super) struct Caller<A>(Principal, PhantomData<A>);

impl<A> Deref for Caller<A> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for Caller<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match admit(request, A::DOORS).await {
            Ok(principal) => Outcome::Success(Self(principal, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

/// The key that a request names, by the rule of the API.
pub(super) trait Named {
    /// Reads it.
    fn key(request: &Request<'_>) -> Result<Key, Refusal>;
}

/// Whoever came in through one of the doors of the API to read the document under a key, and what they found there: one
/// question to the store where [`Caller`] and then a service would ask two.
pub(super) struct LookedUp<A, K = PathKey<A>>(pub(super) Lookup, PhantomData<(A, K)>);

#[rocket::async_trait]
impl<'r, A: Api, K: Named + Send + Sync + 'static> FromRequest<'r> for LookedUp<A, K> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match look_up(request, A::DOORS, K::key(request)).await {
            Ok(lookup) => Outcome::Success(Self(lookup, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

async fn look_up(request: &Request<'_>, doors: &[Door], key: Result<Key, Refusal>) -> Result<Lookup, Refusal> {
    match key {
        Ok(key) => {
            let credential = credential(request, doors)?;
            let lookup = doorkeeper(request)?.admit_to_read(&credential, address(request), &key).await;
            let lookup = lookup.map_err(Refusal::from_door)?;
            log::Whose::is(request, lookup.principal().account());
            Ok(lookup)
        }
        // Whoever is not let in is told of that first.
        Err(refusal) => admit(request, doors).await.and(Err(refusal)),
    }
}

/// Whoever comes in through one of these doors.
pub(super) async fn admit(request: &Request<'_>, doors: &[Door]) -> Result<Principal, Refusal> {
    let credential = credential(request, doors)?;
    let principal = doorkeeper(request)?.admit(&credential, address(request)).await.map_err(Refusal::from_door)?;
    log::Whose::is(request, principal.account());
    Ok(principal)
}

/// What is presented at one of these doors, unless a page of another site sent it.
fn credential(request: &Request<'_>, doors: &[Door]) -> Result<Credential, Refusal> {
    let (door, credential) = presented(request, doors)?;
    if door.is_ambient() {
        csrf::refuse_foreign_changes(request)?;
    }
    if let (Door::Session, Credential::Token(token)) = (door, &credential) {
        csrf::expect_form_token(request, token)?;
    }
    Ok(credential)
}

/// Managed since the server was put together.
fn doorkeeper<'r>(request: &'r Request<'_>) -> Result<&'r Doorkeeper, Refusal> {
    State::get(request.rocket()).map(State::inner).ok_or(Refusal::NotAdmitted)
}

/// The one credential of the request.
fn presented(request: &Request<'_>, doors: &[Door]) -> Result<(Door, Credential), Refusal> {
    let mut found = None;
    for &door in doors {
        let Some(credential) = door.knock(request)? else { continue };
        if found.replace((door, credential)).is_some() {
            return Err(Refusal::SeveralCredentials);
        }
    }
    match found {
        // An `Authorization` of a scheme that is no door here is a second credential beside one that is.
        Some((Door::Path | Door::Session, _)) if authorization::is_there(request) => Err(Refusal::SeveralCredentials),
        Some(found) => Ok(found),
        None => Err(Refusal::NotAdmitted),
    }
}
