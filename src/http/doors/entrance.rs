//! Where passwords are told and accounts are made: both only so often from one place.

use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;

use ipnet::IpNet;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};

use super::super::api::{Api, refuse};
use super::super::log;
use super::super::refusal::Refusal;
use super::doorkeeper;
use crate::auth::{Address, AuthError, Credential, Doorkeeper, Principal, Proof};

/// The proxies that may say for whom they ask.
#[derive(Debug)]
pub(in crate::http) struct TrustedProxies(pub(in crate::http) Vec<IpNet>);

/// Who made the request: whoever sent it, or where that is a trusted proxy, the last one in `X-Forwarded-For` that is none.
/// What stands before that, anybody may have written.
pub(in crate::http) fn address(request: &Request<'_>) -> Address {
    let unspecified = || Ipv4Addr::UNSPECIFIED.into();
    let sender = request.remote().map_or_else(unspecified, |remote| remote.ip()).to_canonical();
    let Some(TrustedProxies(proxies)) = request.rocket().state() else { return Address::new(sender) };
    let is_proxy = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_proxy(&sender) {
        return Address::new(sender);
    }
    let lines: Vec<_> = request.headers().get("X-Forwarded-For").collect();
    let steps = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(|step| step.trim().parse());
    let mut client = sender;
    for step in steps {
        // What is no address comes from somebody who is no proxy of ours.
        let Ok(step) = step else { break };
        client = step;
        if !is_proxy(&client.to_canonical()) {
            break;
        }
    }
    Address::new(client)
}

/// Somebody who may tell a name and a password.
pub(in crate::http) struct Guesser<'r> {
    request: &'r Request<'r>,
    doorkeeper: &'r Doorkeeper,
    from: Address,
}

impl<'r> Guesser<'r> {
    fn of(request: &'r Request<'_>) -> Result<Self, Refusal> {
        Ok(Self { request, doorkeeper: doorkeeper(request)?, from: address(request) })
    }

    /// As [`Doorkeeper::verify`].
    pub(in crate::http) async fn verify(&self, username: &str, password: &str) -> Result<Proof, AuthError> {
        let proof = self.doorkeeper.verify(username, password, self.from).await?;
        log::Whose::is(self.request, proof.account().id);
        Ok(proof)
    }

    /// As [`Doorkeeper::admit`], for a second credential of the same request.
    pub(in crate::http) async fn admit(&self, credential: &Credential) -> Result<Principal, AuthError> {
        self.doorkeeper.admit(credential, self.from).await
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Guesser<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::of(request) {
            Ok(guesser) => Outcome::Success(guesser),
            Err(_) => Outcome::Error((Status::InternalServerError, ())),
        }
    }
}

/// Somebody who may register, and then tell the new name and its password.
pub(in crate::http) struct Registrant<'r, A>(Guesser<'r>, PhantomData<A>);

impl<'r, A> Deref for Registrant<'r, A> {
    type Target = Guesser<'r>;

    fn deref(&self) -> &Guesser<'r> {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for Registrant<'r, A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let admitted = Guesser::of(request)
            .and_then(|guesser| Ok(guesser.doorkeeper.admit_registration(guesser.from).map(|()| guesser)?));
        match admitted {
            Ok(guesser) => Outcome::Success(Self(guesser, PhantomData)),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}
