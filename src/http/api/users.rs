//! The Users API: `Authorization: JWT <jwt>`, and the list of users.
//!
//! Refusals are `{"status_code", "error", "description"}`.

use rocket::http::Status;
use rocket::{Request, Route, State, get, post, routes};
use serde_json::{Value as Json, json};

use super::{Api, Result};
use crate::domain::{Account, Key, Origin};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Door, Guesser, Registrant};
use crate::http::refusal::Refusal;
use crate::http::status;
use crate::service::{Accounts, Registration, ServiceError, Tokens};

/// This API.
pub(in crate::http) struct Users;

/// Whether everybody may see everybody.
pub(in crate::http) struct OpenDirectory(pub(in crate::http) bool);

impl Api for Users {
    const DOORS: &'static [Door] = &[Door::Jwt];
    const FORMS: bool = false;

    fn key(text: &str) -> Option<Key> {
        Key::parse(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        status::of(refusal, Status::Unauthorized)
    }

    fn say(refusal: &Refusal, request: &Request<'_>) -> Answer {
        let status = Self::status(refusal);
        let (error, description) = match refusal {
            Refusal::NotAdmitted if !request.headers().contains("Authorization") => {
                ("Authorization Required", "Request does not contain an access token".to_owned())
            }
            Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => {
                ("Invalid token", "The access token is not valid".to_owned())
            }
            Refusal::Service(ServiceError::Refused) => ("Bad Request", "Invalid credentials".to_owned()),
            other => (status.reason_lossy(), other.to_string()),
        };
        let body = json!({ "status_code": status.code, "error": error, "description": description });
        let answer = Answer::json(status, &body);
        if status == Status::Unauthorized { answer.with("WWW-Authenticate", "JWT realm=\"keybin\"") } else { answer }
    }
}

#[post("/api/users", data = "<body>")]
async fn register(
    _registrant: Registrant<'_, Users>,
    body: Members<Users>,
    accounts: &State<Accounts>,
) -> Result<Answer, Users> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    let email = Some(body.text("email")?);
    let registration = Registration { username, password, email, ..Registration::default() };
    Ok(Answer::json(Status::Created, &entry(&accounts.register(registration).await?)))
}

#[post("/auth", data = "<body>")]
async fn log_in(body: Members<Users>, guesser: Guesser<'_>, tokens: &State<Tokens>) -> Result<Answer, Users> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    let proof = guesser.verify(&username, &password).await.map_err(Refusal::from)?;
    let fresh = tokens.log_in_with_jwt(&proof, Origin::Users).await?;
    Ok(Answer::json(Status::Ok, &json!({ "access_token": fresh.jwt })))
}

#[get("/api/users")]
async fn list(
    caller: Caller<Users>,
    accounts: &State<Accounts>,
    directory: &State<OpenDirectory>,
) -> Result<Answer, Users> {
    let own = accounts.of(caller.owner()?).await?;
    let visible = if own.admin || directory.0 { accounts.all().await? } else { vec![own] };
    Ok(Answer::json(Status::Ok, &visible.iter().map(entry).collect::<Vec<_>>()))
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, log_in, list]
}

/// `{username, id, email}`.
fn entry(account: &Account) -> Json {
    let email = account.email.as_ref().map(|email| email.as_str());
    json!({ "username": account.username.as_str(), "id": account.number, "email": email })
}
