//! The Keybin API: the contract of the original, as it was.
//!
//! Refusals are problem documents (RFC 9457). Everything under `/user/<token>/` also works as `/user/-/` with
//! `Authorization: Bearer <token>`.

use rocket::http::{ContentType, Status};
use rocket::{Request, Route, State, delete, get, post, routes};
use serde_json::json;

use super::{Api, Result};
use crate::auth::{Doorkeeper, Proof};
use crate::domain::{ClientId, Key, Origin};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Door};
use crate::http::params::PathKey;
use crate::http::problem;
use crate::http::refusal::Refusal;
use crate::service::{Accounts, Documents, Registration, Tokens};

/// This API.
pub(in crate::http) struct Keybin;

impl Api for Keybin {
    const DOORS: &'static [Door] = &[Door::Path, Door::Bearer];
    const FORMS: bool = false;

    fn key(text: &str) -> Option<Key> {
        Key::parse_plain(text).ok()
    }

    fn say(refusal: &Refusal, _: &Request<'_>) -> Answer {
        problem::of_refusal(refusal)
    }
}

#[post("/register", data = "<body>")]
async fn register(body: Members<Keybin>, accounts: &State<Accounts>) -> Result<Answer, Keybin> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    accounts.register(Registration { username, password, ..Registration::default() }).await?;
    Ok(done())
}

#[delete("/unregister", data = "<body>")]
async fn unregister(
    body: Members<Keybin>,
    doorkeeper: &State<Doorkeeper>,
    accounts: &State<Accounts>,
) -> Result<Answer, Keybin> {
    let proof = prove(&body, doorkeeper).await?;
    accounts.unregister(&proof).await?;
    Ok(done())
}

#[post("/token", data = "<body>")]
async fn token(
    body: Members<Keybin>,
    doorkeeper: &State<Doorkeeper>,
    tokens: &State<Tokens>,
) -> Result<Answer, Keybin> {
    let client_id = body.optional_text("client_id")?.filter(|id| !id.is_empty());
    let client_id = client_id.map(ClientId::parse).transpose().map_err(Refusal::from)?.unwrap_or_default();
    let proof = prove(&body, doorkeeper).await?;
    let fresh = tokens.issue(&proof, client_id, Origin::Keybin).await?;
    let token = json!({ "token": fresh.token.expose(), "expire_seconds": fresh.expire_seconds });
    Ok(Answer::json(Status::Ok, &json!({ "token": token })))
}

#[get("/user/<_>/keys")]
async fn keys(caller: Caller<Keybin>, documents: &State<Documents>) -> Result<Answer, Keybin> {
    let keys = documents.keys(&caller).await?;
    let keys: Vec<&str> = keys.iter().map(Key::as_str).collect();
    Ok(Answer::json(Status::Ok, &json!({ "keys": keys })))
}

#[get("/user/<_>/store/<_>")]
async fn get(caller: Caller<Keybin>, key: PathKey<Keybin>, documents: &State<Documents>) -> Result<Answer, Keybin> {
    let document = documents.get(&caller, &key).await?;
    let mut body = b"{\"value\":".to_vec();
    document.value.write_json(&mut body).map_err(Refusal::from)?;
    body.push(b'}');
    Ok(Answer::new(Status::Ok, ContentType::JSON, body))
}

#[post("/user/<_>/store/<_>", data = "<body>")]
async fn put(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    body: Members<Keybin>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    documents.put(&caller, &key, body.json("value")?).await?;
    Ok(done())
}

/// A key of no characters, `/user/<token>/store/`, is a key that is not allowed, and no unknown path.
#[get("/user/<_>/store")]
fn get_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

#[post("/user/<_>/store")]
fn put_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, unregister, token, keys, get, put, get_nothing, put_nothing]
}

/// Asks the doorkeeper about the name and password of a body.
async fn prove(body: &Members<Keybin>, doorkeeper: &Doorkeeper) -> Result<Proof, Keybin> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    Ok(doorkeeper.verify(&username, &password).await.map_err(Refusal::from)?)
}

fn done() -> Answer {
    Answer::json(Status::Ok, &json!({ "result": "ok" }))
}
