//! Tokens in the hand of their owner: which there are, ending them, renewing the presented one.

use rocket::http::Status;
use rocket::{Route, State, delete, get, post, routes};
use serde_json::{Value as Json, json};

use super::{Keybin, Result, done, entrance};
use crate::domain::IssuedToken;
use crate::http::answer::Answer;
use crate::http::doors::Caller;
use crate::http::params::{PathClientId, WholePath};
use crate::http::refusal::Refusal;
use crate::service::{ServiceError, Tokens};

#[get("/user/<_>/tokens")]
async fn list(caller: Caller<Keybin>, tokens: &State<Tokens>) -> Result<Answer, Keybin> {
    let live = tokens.list(caller.owner()?).await?;
    let entries: Vec<Json> = live.iter().map(entry).collect();
    Ok(Answer::json(Status::Ok, &json!({ "tokens": entries })))
}

#[delete("/user/<_>/tokens/<_>")]
async fn end(
    caller: Caller<Keybin>,
    client_id: PathClientId<Keybin>,
    tokens: &State<Tokens>,
) -> Result<Answer, Keybin> {
    let ended = tokens.revoke(caller.owner()?, &client_id).await?;
    if ended { Ok(done()) } else { Err(ServiceError::NoToken(client_id.clone()).into()) }
}

#[delete("/user/<_>/tokens")]
async fn end_others(
    caller: Caller<Keybin>,
    _path: WholePath<Keybin>,
    tokens: &State<Tokens>,
) -> Result<Answer, Keybin> {
    let revoked = tokens.revoke_others(caller.owner()?).await?;
    Ok(Answer::json(Status::Ok, &json!({ "revoked": revoked })))
}

#[post("/user/<_>/token/renew")]
async fn renew(caller: Caller<Keybin>, tokens: &State<Tokens>) -> Result<Answer, Keybin> {
    let fresh = tokens.renew(&caller).await.map_err(|error| match error {
        // It ended after the door was opened.
        ServiceError::Refused => Refusal::NotAdmitted,
        other => other.into(),
    })?;
    Ok(entrance::issued(&fresh))
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, end, end_others, renew]
}

/// `{client_id, scope, prefix, origin, created_at, expires_at}`; never the secret.
fn entry(token: &IssuedToken) -> Json {
    json!({
        "client_id": token.client_id.as_str(),
        "scope": token.grant.scope.as_str(),
        "prefix": token.grant.prefix,
        "origin": token.origin.as_str(),
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.to_string(),
    })
}
