//! The account in the hand of its owner: what it is, and its password.

use rocket::http::Status;
use rocket::{Route, State, get, post, routes};
use serde_json::json;

use super::{Keybin, Result, done};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Guesser};
use crate::http::refusal::Refusal;
use crate::service::{Accounts, Documents};

#[get("/user/<_>/account")]
async fn show(
    caller: Caller<Keybin>,
    accounts: &State<Accounts>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let owner = caller.owner()?;
    let (account, usage) = (accounts.of(owner).await?, documents.usage(owner).await?);
    let body = json!({
        "username": account.username.as_str(),
        "email": account.email.as_ref().map(|email| email.as_str()),
        "number": account.number,
        "documents": usage.documents,
        "bytes": usage.bytes,
    });
    Ok(Answer::json(Status::Ok, &body))
}

#[post("/user/<_>/password", data = "<body>")]
async fn change_password(
    caller: Caller<Keybin>,
    body: Members<Keybin>,
    guesser: Guesser<'_>,
    accounts: &State<Accounts>,
) -> Result<Answer, Keybin> {
    let owner = caller.owner()?;
    let (present, new) = (body.text("current")?, body.text("new")?);
    let account = accounts.of(owner).await?;
    let proof = guesser.verify(account.username.as_str(), &present).await.map_err(Refusal::from)?;
    accounts.change_password_keeping(owner, proof, new).await?;
    Ok(done())
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, change_password]
}
