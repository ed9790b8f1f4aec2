//! Who looks at a page: somebody with a session, or somebody who is about to begin one.

use rocket::request::{FromRequest, Outcome, Request};
use rocket::{State, async_trait};
use uuid::Uuid;

use super::{Api, Web};
use crate::auth::{AuthError, Owner, Principal};
use crate::domain::Account;
use crate::http::api::refuse;
use crate::http::doors::{FormToken, admit, cookie};
use crate::http::reader::Reader;
use crate::http::refusal::Refusal;
use crate::http::session::{self, SESSION};
use crate::service::Accounts;

/// Somebody with a session. Forms that come with this request must carry its form token.
pub(super) struct Session {
    /// What the services ask for.
    pub(super) principal: Principal,
    /// Whose session it is.
    pub(super) account: Account,
    /// What the forms of this session carry.
    pub(super) form_token: FormToken,
}

impl Session {
    /// The right over the account.
    pub(super) fn owner(&self) -> Result<Owner<'_>, AuthError> {
        self.principal.owner()
    }

    async fn of(request: &Request<'_>) -> Result<Self, Refusal> {
        let principal = admit(request, Web::DOORS).await?;
        // Managed since the server was put together.
        let accounts: &State<Accounts> = State::get(request.rocket()).ok_or(Refusal::NotAdmitted)?;
        // Pages show the account and all it has, so that a token which reaches less opens none of them.
        let account = accounts.of(principal.owner()?).await?;
        let form_token = FormToken::of(cookie(request, SESSION)?.unwrap_or_default());
        Ok(Self { principal, account, form_token })
    }
}

#[async_trait]
impl<'r> FromRequest<'r> for Session {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::of(request).await {
            Ok(session) => {
                session.form_token.clone().expect(request);
                Outcome::Success(session)
            }
            Err(refusal) => refuse::<Web, _>(&refusal, request),
        }
    }
}

/// Anybody, with or without a session.
pub(super) struct Visitor(pub(super) Option<Session>);

#[async_trait]
impl<'r> FromRequest<'r> for Visitor {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Session::of(request).await {
            Ok(session) => Outcome::Success(Self(Some(session))),
            Err(refusal) if refusal.fault().is_some() => refuse::<Web, _>(&refusal, request),
            Err(_) => Outcome::Success(Self(None)),
        }
    }
}

/// The cookie from which the form token of the forms before a session follows.
const VISIT: &str = "keybin_visit";

/// Somebody who is about to begin a session. Forms that come with this request must carry the form token of the visit.
pub(super) struct Visit {
    /// What the forms of this visit carry.
    pub(super) form_token: FormToken,
    /// The cookie, where the browser does not have one yet.
    pub(super) fresh: Option<String>,
}

#[async_trait]
impl<'r> FromRequest<'r> for Visit {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let presented = match cookie(request, VISIT) {
            Ok(presented) => presented.filter(|visit| Uuid::try_parse(visit).is_ok()),
            Err(refusal) => return refuse::<Web, _>(&refusal, request),
        };
        if let Some(visit) = presented {
            let form_token = FormToken::of(visit);
            form_token.clone().expect(request);
            return Outcome::Success(Self { form_token, fresh: None });
        }
        // A form that comes without the cookie cannot carry the token of a visit that begins now.
        let visit = Uuid::new_v4().to_string();
        let form_token = FormToken::of(&visit);
        form_token.clone().expect(request);
        let reader = Reader::of(request);
        Outcome::Success(Self { form_token, fresh: Some(session::cookie(VISIT, visit, None, &reader)) })
    }
}
