//! The Keybin API: the contract of the original, as it was.
//!
//! Refusals are problem documents (RFC 9457). Everything under `/user/<token>/` also works as `/user/-/` with
//! `Authorization: Bearer <token>`.

use std::io::Cursor;

use rocket::http::ContentType;
use rocket::response::{Responder, Response, Result as ResponseResult};
use rocket::{Request, Route, State, delete, get, post, routes};
use serde::Serialize;
use serde_json::json;

use crate::auth::{Doorkeeper, Proof};
use crate::domain::{ClientId, Document, Key};
use crate::http::body::Members;
use crate::http::doors::Caller;
use crate::http::params::PlainKey;
use crate::http::problem::Problem;
use crate::service::{Accounts, Documents, Fresh, Registration, ServiceError, Tokens};

type Result<T> = std::result::Result<T, Problem>;

#[post("/register", data = "<body>")]
async fn register(body: Members, accounts: &State<Accounts>) -> Result<Json> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    accounts.register(Registration { username, password, ..Registration::default() }).await?;
    Ok(done())
}

#[delete("/unregister", data = "<body>")]
async fn unregister(body: Members, doorkeeper: &State<Doorkeeper>, accounts: &State<Accounts>) -> Result<Json> {
    let proof = prove(&body, doorkeeper).await?;
    accounts.unregister(&proof).await?;
    Ok(done())
}

#[post("/token", data = "<body>")]
async fn token(body: Members, doorkeeper: &State<Doorkeeper>, tokens: &State<Tokens>) -> Result<Json> {
    let client_id = match body.optional_text("client_id")?.filter(|id| !id.is_empty()) {
        Some(id) => ClientId::parse(id).map_err(ServiceError::from)?,
        None => ClientId::default(),
    };
    let proof = prove(&body, doorkeeper).await?;
    let Fresh { token, expire_seconds } = tokens.issue(&proof, client_id).await?;
    Ok(json_of(&json!({ "token": { "token": token.expose(), "expire_seconds": expire_seconds } })))
}

#[get("/user/<_>/keys")]
async fn keys(caller: Caller, documents: &State<Documents>) -> Result<Json> {
    let keys = documents.keys(&caller).await?;
    let keys: Vec<&str> = keys.iter().map(Key::as_str).collect();
    Ok(json_of(&json!({ "keys": keys })))
}

#[get("/user/<_>/store/<_>")]
async fn get(caller: Caller, key: PlainKey, documents: &State<Documents>) -> Result<Json> {
    value_of(&documents.get(&caller, &key).await?)
}

#[post("/user/<_>/store/<_>", data = "<body>")]
async fn put(caller: Caller, key: PlainKey, body: Members, documents: &State<Documents>) -> Result<Json> {
    documents.put(&caller, &key, body.json("value")?).await?;
    Ok(done())
}

/// A key of no characters, `/user/<token>/store/`, is a key that is not allowed, and no unknown path.
#[get("/user/<_>/store")]
fn get_nothing(_caller: Caller) -> Problem {
    Problem::invalid_key()
}

#[post("/user/<_>/store")]
fn put_nothing(_caller: Caller) -> Problem {
    Problem::invalid_key()
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, unregister, token, keys, get, put, get_nothing, put_nothing]
}

/// Asks the doorkeeper about the name and password of a body.
async fn prove(body: &Members, doorkeeper: &Doorkeeper) -> Result<Proof> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    Ok(doorkeeper.verify(&username, &password).await.map_err(ServiceError::from)?)
}

/// A JSON answer.
struct Json(Vec<u8>);

impl<'r> Responder<'r, 'static> for Json {
    fn respond_to(self, _: &'r Request<'_>) -> ResponseResult<'static> {
        Response::build().header(ContentType::JSON).sized_body(self.0.len(), Cursor::new(self.0)).ok()
    }
}

fn done() -> Json {
    json_of(&json!({ "result": "ok" }))
}

fn json_of(answer: &impl Serialize) -> Json {
    // Strings and numbers under string names always have a JSON form.
    Json(serde_json::to_vec(answer).unwrap_or_default())
}

fn value_of(document: &Document) -> Result<Json> {
    let mut body = b"{\"value\":".to_vec();
    document.value.write_json(&mut body).map_err(ServiceError::from)?;
    body.push(b'}');
    Ok(Json(body))
}
