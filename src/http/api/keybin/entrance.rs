//! Registering, unregistering, and fetching a token for a device.

use rocket::http::Status;
use rocket::{Route, State, delete, post, routes};
use serde_json::json;

use super::{Keybin, Result, done};
use crate::auth::Proof;
use crate::domain::{ClientId, Grant, Origin, Scope};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Guesser, Registrant};
use crate::http::refusal::Refusal;
use crate::service::{Accounts, Fresh, Limits, Registration, Tokens};

#[post("/register", data = "<body>")]
async fn register(
    _registrant: Registrant<'_, Keybin>,
    body: Members<Keybin>,
    accounts: &State<Accounts>,
) -> Result<Answer, Keybin> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    accounts.register(Registration { username, password, ..Registration::default() }).await?;
    Ok(done())
}

#[delete("/unregister", data = "<body>")]
async fn unregister(body: Members<Keybin>, guesser: Guesser<'_>, accounts: &State<Accounts>) -> Result<Answer, Keybin> {
    let proof = prove(&body, &guesser).await?;
    accounts.unregister(&proof).await?;
    Ok(done())
}

#[post("/token", data = "<body>")]
async fn token(body: Members<Keybin>, guesser: Guesser<'_>, tokens: &State<Tokens>) -> Result<Answer, Keybin> {
    let client_id = body.optional_text("client_id")?.filter(|id| !id.is_empty());
    let client_id = client_id.map(ClientId::parse).transpose().map_err(Refusal::from)?.unwrap_or_default();
    let limits = limits(&body)?;
    let proof = prove(&body, &guesser).await?;
    Ok(issued(&tokens.issue_limited(&proof, client_id, Origin::Keybin, limits).await?))
}

/// What the body asks the token to be.
fn limits(body: &Members<Keybin>) -> std::result::Result<Limits, Refusal> {
    let scope = match body.optional_text("scope")? {
        None => Scope::default(),
        Some(name) => Scope::parse(&name).ok_or(Refusal::Wrong("scope", "must be read or write"))?,
    };
    let grant = Grant::parse(scope, body.optional_text("prefix")?.unwrap_or_default())?;
    Ok(Limits { grant, expires_in: body.optional_whole("expires_in")? })
}

/// The answer to whoever gets a token.
pub(super) fn issued(fresh: &Fresh) -> Answer {
    let token = json!({ "token": fresh.token.expose(), "expire_seconds": fresh.expire_seconds });
    Answer::json(Status::Ok, &json!({ "token": token }))
}

/// Asks the doorkeeper about the name and password of a body.
async fn prove(body: &Members<Keybin>, guesser: &Guesser<'_>) -> Result<Proof, Keybin> {
    let (username, password) = (body.text("username")?, body.text("password")?);
    Ok(guesser.verify(&username, &password).await.map_err(Refusal::from)?)
}

pub(super) fn routes() -> Vec<Route> {
    routes![register, unregister, token]
}
