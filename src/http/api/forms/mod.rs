//! The Forms API: HTML forms or JSON, with a session cookie or a Bearer JWT.
//!
//! Answers are `{"status":"success","message",…}` or `{"status":"error","code","message"}`. A browser that logs in or
//! out is sent on to the page that comes next.

mod registration;

use rocket::http::Status;
use rocket::{Request, Route, State, get, post, routes};
use serde_json::{Value as Json, json};

use super::{Api, Result};
use crate::auth::Credential;
use crate::domain::{Key, Origin, ValueError};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Door, FormToken, Guesser, LookedUp, OwnPage, Registrant};
use crate::http::params::QueryKey;
use crate::http::reader::Reader;
use crate::http::refusal::Refusal;
use crate::http::session;
use crate::http::status;
use crate::service::{Accounts, Documents, ServiceError, Tokens};

/// This API.
pub(in crate::http) struct Forms;

impl Api for Forms {
    const DOORS: &'static [Door] = &[Door::Session, Door::Bearer];
    const FORMS: bool = true;

    fn key(text: &str) -> Option<Key> {
        Key::parse(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        match status::of(refusal, Status::Unauthorized) {
            // This API knows no 422.
            Status::UnprocessableEntity => Status::BadRequest,
            status => status,
        }
    }

    fn say(refusal: &Refusal, request: &Request<'_>) -> Answer {
        let status = Self::status(refusal);
        let answer = error(status, code(refusal, request.uri().path() == REGISTRATION), &refusal.to_string());
        if status == Status::Unauthorized { answer.with("WWW-Authenticate", "Bearer") } else { answer }
    }
}

/// Where one registers.
pub(in crate::http) const REGISTRATION: &str = "/api/register";

/// The stable word for a refusal.
pub(in crate::http) fn code(refusal: &Refusal, is_registration: bool) -> &'static str {
    match refusal {
        Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => "INVALID_TOKEN",
        Refusal::Service(ServiceError::Refused) => "INVALID_CREDENTIALS",
        Refusal::Service(ServiceError::Throttled(_)) => "TOO_MANY_ATTEMPTS",
        Refusal::Service(ServiceError::NameTaken) => "USERNAME_EXISTS",
        Refusal::Service(ServiceError::EmailTaken) => "EMAIL_EXISTS",
        Refusal::Service(ServiceError::Password(_)) => "INVALID_PASSWORD",
        Refusal::Service(ServiceError::NoDocument(_)) => "KEY_NOT_FOUND",
        Refusal::Service(ServiceError::DocumentExists(_)) => "KEY_EXISTS",
        Refusal::Service(ServiceError::Value(ValueError::Damaged(_)) | ServiceError::Damaged(_)) => "INTERNAL_ERROR",
        Refusal::Service(ServiceError::Unavailable(_)) => "UNAVAILABLE",
        Refusal::Service(ServiceError::Unknown(_)) => "OUTCOME_UNKNOWN",
        Refusal::Service(ServiceError::Value(_) | ServiceError::TooLarge) => "INVALID_VALUE",
        Refusal::Service(ServiceError::NotGranted) => "NOT_GRANTED",
        Refusal::ForeignPage => "FOREIGN_PAGE",
        Refusal::FormToken => "INVALID_FORM_TOKEN",
        Refusal::SeveralCredentials => "SEVERAL_CREDENTIALS",
        Refusal::Key | Refusal::Missing("key") | Refusal::WrongType("key") => "INVALID_KEY",
        Refusal::Missing("value") => "INVALID_VALUE",
        Refusal::Wrong("password", _) | Refusal::Missing("password") if is_registration => "INVALID_PASSWORD",
        Refusal::Wrong("age", _) | Refusal::Missing("age") => "INVALID_AGE",
        Refusal::Wrong("gender", _) | Refusal::Missing("gender") => "GENDER_REQUIRED",
        Refusal::Missing(_) if !is_registration => "MISSING_FIELDS",
        _ => "INVALID_REQUEST",
    }
}

fn error(status: Status, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "status": "error", "code": code, "message": message }))
}

fn success(message: &str, data: Option<&Json>) -> Answer {
    let mut body = json!({ "status": "success", "message": message });
    if let Some(data) = data {
        body["data"] = data.clone();
    }
    Answer::json(Status::Ok, &body)
}

#[post("/api/register", data = "<body>")]
async fn register(
    _registrant: Registrant<'_, Forms>,
    body: Members<Forms>,
    reader: Reader,
    accounts: &State<Accounts>,
) -> Result<Answer, Forms> {
    let account = accounts.register(registration::read(&body)?).await?;
    let data = json!({
        "user_id": account.number,
        "username": account.username.as_str(),
        "email": account.email.as_ref().map(|email| email.as_str()),
        "full_name": account.profile.full_name,
        "age": account.profile.age,
        "gender": account.profile.gender,
    });
    Ok(reader.sent_to("/login").unwrap_or_else(|| success("User successfully registered!", Some(&data))))
}

#[post("/api/token", data = "<body>")]
async fn token(body: Members<Forms>, guesser: Guesser<'_>, tokens: &State<Tokens>) -> Result<Answer, Forms> {
    let (username, password) = (filled_in(&body, "username")?, filled_in(&body, "password")?);
    let proof = guesser.verify(&username, &password).await.map_err(Refusal::from)?;
    let fresh = tokens.log_in_with_jwt(&proof, Origin::Forms).await?;
    let data = json!({ "access_token": fresh.jwt, "expires_in": fresh.expire_seconds });
    Ok(success("Access token generated successfully.", Some(&data)))
}

#[post("/api/login", data = "<body>")]
async fn login(
    _own_page: OwnPage<Forms>,
    body: Members<Forms>,
    reader: Reader,
    guesser: Guesser<'_>,
    tokens: &State<Tokens>,
) -> Result<Answer, Forms> {
    let (username, password) = (filled_in(&body, "username")?, filled_in(&body, "password")?);
    let proof = guesser.verify(&username, &password).await.map_err(Refusal::from)?;
    if let Some(jwt) = body.optional_text("access_token")?.filter(|jwt| !jwt.is_empty()) {
        let holder = guesser.admit(&Credential::Jwt(jwt)).await.map_err(Refusal::from_door)?;
        if holder.account() != proof.account().id {
            return Err(Refusal::NotAdmitted.into());
        }
    }
    let fresh = tokens.log_in(&proof, Origin::Forms).await?;
    let data = json!({ "csrf_token": FormToken::of(&fresh.token.expose()).as_str() });
    let answer = reader.sent_to("/dashboard").unwrap_or_else(|| success("Login successful!", Some(&data)));
    Ok(answer.with("Set-Cookie", session::begin(&fresh, &reader)))
}

#[get("/api/logout")]
async fn logout(
    _own_page: OwnPage<Forms>,
    caller: Caller<Forms>,
    reader: Reader,
    tokens: &State<Tokens>,
) -> Result<Answer, Forms> {
    tokens.log_out(&caller).await?;
    let answer = reader.sent_to("/login").unwrap_or_else(|| success("Logged out successfully.", None));
    Ok(answer.with("Set-Cookie", session::end(&reader)))
}

#[post("/api/data", data = "<body>")]
async fn create(caller: Caller<Forms>, body: Members<Forms>, documents: &State<Documents>) -> Result<Answer, Forms> {
    documents.create(&caller, &body.key()?, body.json("value")?).await?;
    Ok(success("Data stored successfully.", None))
}

#[get("/api/data/retrieve")]
fn retrieve(lookup: LookedUp<Forms, QueryKey<Forms>>, documents: &State<Documents>) -> Result<Answer, Forms> {
    let (key, document) = documents.looked_up(lookup.0)?;
    let mut body = b"{\"status\":\"success\",\"message\":\"Data retrieved successfully.\",\"data\":{\"key\":".to_vec();
    body.extend_from_slice(json!(key.as_str()).to_string().as_bytes());
    body.extend_from_slice(b",\"value\":");
    document.value.write_json(&mut body).map_err(Refusal::from)?;
    body.extend_from_slice(b"}}");
    Ok(Answer::new(Status::Ok, rocket::http::ContentType::JSON, body))
}

#[post("/api/data/update", data = "<body>")]
async fn update(caller: Caller<Forms>, body: Members<Forms>, documents: &State<Documents>) -> Result<Answer, Forms> {
    documents.update(&caller, &body.key()?, body.json("value")?).await?;
    Ok(success("Data updated successfully.", None))
}

#[post("/api/data/delete", data = "<body>")]
async fn delete(caller: Caller<Forms>, body: Members<Forms>, documents: &State<Documents>) -> Result<Answer, Forms> {
    documents.delete(&caller, &body.key()?).await?;
    Ok(success("Data deleted successfully.", None))
}

/// A field that must be there; one of a form that nobody filled in is there, and empty.
fn filled_in(body: &Members<Forms>, name: &'static str) -> std::result::Result<String, Refusal> {
    let text = body.text(name)?;
    if text.is_empty() { Err(Refusal::Missing(name)) } else { Ok(text) }
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, token, login, logout, create, retrieve, update, delete]
}
