//! The Pairs API: a Bearer JWT, and documents as `{id, key_name, value_name, …}`.
//!
//! Refusals are `{"message": …}`. Dates are written as in HTTP headers.

use rocket::http::{ContentType, Status};
use rocket::{Request, Route, State, delete, get, post, put, routes};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Api, Result};
use crate::auth::Principal;
use crate::domain::{AccountId, Document, Key, Origin};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Door, Guesser, LookedUp, Registrant};
use crate::http::params::{PathKey, QueryKey};
use crate::http::refusal::Refusal;
use crate::http::status;
use crate::service::{Accounts, Documents, Registration, ServiceError, Tokens};

/// This API.
pub(in crate::http) struct Pairs;

impl Api for Pairs {
    const DOORS: &'static [Door] = &[Door::Bearer];
    const FORMS: bool = false;

    fn key(text: &str) -> Option<Key> {
        Key::parse(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        status::of(refusal, Status::Unauthorized)
    }

    fn say(refusal: &Refusal, _: &Request<'_>) -> Answer {
        let text = match refusal {
            Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => {
                "Invalid token. Please register or login".to_owned()
            }
            Refusal::Service(ServiceError::Refused) => "Invalid name or password, Please try again.".to_owned(),
            other => other.to_string(),
        };
        let status = Self::status(refusal);
        let answer = message(status, &text);
        if status == Status::Unauthorized { answer.with("WWW-Authenticate", "Bearer") } else { answer }
    }
}

fn message(status: Status, text: &str) -> Answer {
    Answer::json(status, &json!({ "message": text }))
}

#[post("/auth/register", data = "<body>")]
async fn register(
    _registrant: Registrant<'_, Pairs>,
    body: Members<Pairs>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let (username, password) = (body.text("name")?, body.text("password")?);
    match accounts.register(Registration { username, password, ..Registration::default() }).await {
        Ok(_) => Ok(message(Status::Created, "You registered successfully. Please login.")),
        Err(ServiceError::NameTaken) => Ok(message(Status::Accepted, "User already exists. Please login.")),
        Err(other) => Err(other.into()),
    }
}

#[post("/auth/login", data = "<body>")]
async fn login(body: Members<Pairs>, guesser: Guesser<'_>, tokens: &State<Tokens>) -> Result<Answer, Pairs> {
    let (username, password) = (body.text("name")?, body.text("password")?);
    let proof = guesser.verify(&username, &password).await.map_err(Refusal::from)?;
    let fresh = tokens.log_in_with_jwt(&proof, Origin::Pairs).await?;
    Ok(Answer::json(Status::Ok, &json!({ "message": "You logged in successfully.", "access_token": fresh.jwt })))
}

#[post("/auth/logout")]
async fn logout(caller: Caller<Pairs>, tokens: &State<Tokens>) -> Result<Answer, Pairs> {
    tokens.log_out(&caller).await?;
    Ok(message(Status::Ok, "You logged out successfully."))
}

#[post("/keyvaluepairs", data = "<body>")]
async fn create(
    caller: Caller<Pairs>,
    body: Members<Pairs>,
    documents: &State<Documents>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let key = body.key_named("key_name")?;
    let owner = Signature::of(&caller, accounts).await?;
    let document = documents.set(&caller, &key, body.json("value_name")?, false).await?;
    pair(Status::Created, &owner, &key, &document)
}

#[get("/keyvaluepairs/<_>")]
async fn read(
    lookup: LookedUp<Pairs>,
    documents: &State<Documents>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let owner = Signature::of(lookup.0.principal(), accounts).await?;
    let (key, document) = documents.looked_up(lookup.0)?;
    pair(Status::Ok, &owner, &key, &document)
}

#[put("/keyvaluepairs/<_>", data = "<body>")]
async fn update(
    caller: Caller<Pairs>,
    key: PathKey<Pairs>,
    body: Members<Pairs>,
    documents: &State<Documents>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let owner = Signature::of(&caller, accounts).await?;
    let document = documents.set(&caller, &key, body.json("value_name")?, true).await?;
    pair(Status::Ok, &owner, &key, &document)
}

#[delete("/keyvaluepairs/<_>")]
async fn delete(caller: Caller<Pairs>, key: PathKey<Pairs>, documents: &State<Documents>) -> Result<Answer, Pairs> {
    documents.delete(&caller, &key).await?;
    Ok(message(Status::Ok, &format!("Key '{}' deleted successfully.", key.as_str())))
}

#[get("/get")]
async fn get(
    lookup: LookedUp<Pairs, QueryKey<Pairs>>,
    documents: &State<Documents>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let owner = Signature::of(lookup.0.principal(), accounts).await?;
    let (key, document) = documents.looked_up(lookup.0)?;
    pair(Status::Ok, &owner, &key, &document)
}

#[post("/set", data = "<body>")]
async fn set(
    caller: Caller<Pairs>,
    body: Members<Pairs>,
    documents: &State<Documents>,
    accounts: &State<Accounts>,
) -> Result<Answer, Pairs> {
    let key = body.key()?;
    let owner = Signature::of(&caller, accounts).await?;
    let document = documents.set(&caller, &key, body.json("value")?, false).await?;
    pair(Status::Ok, &owner, &key, &document)
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, login, logout, create, read, update, delete, get, set]
}

/// What a pair tells of its owner.
struct Signature {
    account: AccountId,
    number: u64,
}

impl Signature {
    /// Looked up before anything is written, so that nothing can fail after it.
    async fn of(caller: &Principal, accounts: &Accounts) -> Result<Self, Pairs> {
        Ok(Self { account: caller.account(), number: accounts.number_of(caller).await? })
    }
}

/// `{id, key_name, value_name, date_created, date_modified, created_by}`.
fn pair(status: Status, owner: &Signature, key: &Key, document: &Document) -> Result<Answer, Pairs> {
    let (id, name, created_by) = (id(owner, key), json!(key.as_str()), owner.number);
    let mut body = format!("{{\"id\":{id},\"key_name\":{name},\"value_name\":").into_bytes();
    document.value.write_json(&mut body).map_err(Refusal::from)?;
    let (created, modified) = (document.created_at.to_http_date(), document.modified_at.to_http_date());
    let rest =
        format!(",\"date_created\":\"{created}\",\"date_modified\":\"{modified}\",\"created_by\":{created_by}}}");
    body.extend_from_slice(rest.as_bytes());
    Ok(Answer::new(status, ContentType::JSON, body))
}

/// An integer that stays the same for a key of an account. It has 48 bits, so that every JSON parser keeps it exactly.
fn id(owner: &Signature, key: &Key) -> u64 {
    let digest = Sha256::new().chain_update(owner.account.as_bytes()).chain_update(key.as_str()).finalize();
    digest.iter().take(6).fold(0, |id, byte| (id << 8) | u64::from(*byte))
}
