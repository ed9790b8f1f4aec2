//! Documents: reading and writing under keys.

use rocket::http::{ContentType, Status};
use rocket::{Route, State, get, post, routes};

use super::{Keybin, Result, done};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::Caller;
use crate::http::params::PathKey;
use crate::http::refusal::Refusal;
use crate::service::Documents;

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

pub(super) fn routes() -> Vec<Route> {
    routes![get, put, get_nothing, put_nothing]
}
