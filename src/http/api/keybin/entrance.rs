//! Registering, unregistering, and fetching a token for a device.

use rocket::http::Status;
use rocket::{Route, State, delete, post, routes};
use serde_json::json;

use super::{Keybin, Result, done};
use crate::auth::{Doorkeeper, Proof};
use crate::domain::{ClientId, Origin};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::refusal::Refusal;
use crate::service::{Accounts, Registration, Tokens};

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

/// Asks the doorkeeper about the name and password of a body.
async fn prove(body: &Members<Keybin>, doorkeeper: &Doorkeeper) -> Result<Proof, Keybin> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    Ok(doorkeeper.verify(&username, &password).await.map_err(Refusal::from)?)
}

pub(super) fn routes() -> Vec<Route> {
    routes![register, unregister, token]
}
