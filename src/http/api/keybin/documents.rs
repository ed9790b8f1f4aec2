//! Documents: reading and writing under keys.

use rocket::http::Status;
use rocket::{Route, State, delete, get, patch, post, put, routes};
use serde_json::json;

use super::{Keybin, Result, done};
use crate::domain::Key;
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::conditions::{Conditions, Reading};
use crate::http::document;
use crate::http::doors::{Caller, LookedUp};
use crate::http::lifetime::Lifetime;
use crate::http::params::PathKey;
use crate::http::refusal::Refusal;
use crate::service::{Documents, Saved, ServiceError};

#[get("/user/<_>/store/<_>")]
fn get(lookup: LookedUp<Keybin>, when: Conditions<Keybin>, documents: &State<Documents>) -> Result<Answer, Keybin> {
    let (_, found) = documents.looked_up(lookup.0)?;
    match when.of_read(&found) {
        Reading::Whole => Ok(document::whole(&found)?),
        Reading::NotModified => Ok(document::not_modified(&found)),
        Reading::Failed => Err(ServiceError::Precondition(Some(Box::new(found))).into()),
    }
}

#[post("/user/<_>/store/<_>", data = "<body>")]
async fn post(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    when: Conditions<Keybin>,
    lifetime: Lifetime<Keybin>,
    body: Members<Keybin>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let saved = save(&caller, &key, when, &lifetime, &body, documents).await?;
    Ok(done().with("ETag", document::tag(saved.revision)))
}

/// The same, and tells by its status whether the key is new.
#[put("/user/<_>/store/<_>", data = "<body>")]
async fn put(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    when: Conditions<Keybin>,
    lifetime: Lifetime<Keybin>,
    body: Members<Keybin>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let Saved { is_new, revision } = save(&caller, &key, when, &lifetime, &body, documents).await?;
    let status = if is_new { Status::Created } else { Status::Ok };
    Ok(Answer::json(status, &json!({ "result": "ok" })).with("ETag", document::tag(revision)))
}

async fn save(
    caller: &Caller<Keybin>,
    key: &Key,
    when: Conditions<Keybin>,
    lifetime: &Lifetime<Keybin>,
    body: &Members<Keybin>,
    documents: &Documents,
) -> Result<Saved, Keybin> {
    let end = lifetime.end(documents.now())?;
    Ok(documents.put_if(caller, key, body.json("value")?, end, when.of_write()).await?)
}

#[delete("/user/<_>/store/<_>")]
async fn delete(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    when: Conditions<Keybin>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    documents.delete_if(&caller, &key, when.of_write()).await?;
    Ok(done())
}

/// A key of no characters, `/user/<token>/store/`, is a key that is not allowed, and no unknown path.
#[get("/user/<_>/store")]
fn get_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

#[post("/user/<_>/store")]
fn post_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

#[put("/user/<_>/store")]
fn put_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

#[patch("/user/<_>/store")]
fn patch_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

#[delete("/user/<_>/store")]
fn delete_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

pub(super) fn routes() -> Vec<Route> {
    routes![get, post, put, delete, get_nothing, post_nothing, put_nothing, patch_nothing, delete_nothing]
}
