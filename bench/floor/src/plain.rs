//! The plain handler: the same routes and promises as Keybin's, asked of the driver one by one.

use mongodb::Collection;
use mongodb::bson::{DateTime, doc, serialize_to_bson};
use mongodb::error::Error;
use mongodb::options::{Acknowledgment, WriteConcern};
use rocket::http::Status;
use rocket::response::content::RawJson;
use rocket::{Build, Rocket, State, get, post, routes};
use serde::{Deserialize, Serialize};

use crate::database::{self, Document, Token};

/// Collections, made once: a handle is cheap to use and less so to make.
struct Store {
    tokens: Collection<Token>,
    documents: Collection<Document>,
    /// A write is acknowledged when it is in the journal.
    durable: WriteConcern,
}

#[derive(Deserialize, Serialize)]
struct Value {
    value: serde_json::Value,
}

/// Serves what [`database::seed`] left.
pub(crate) async fn mounted(rocket: Rocket<Build>, uri: &str, name: &str) -> Result<Rocket<Build>, Error> {
    let database = database::open(uri, name).await?;
    let store = Store {
        tokens: database::tokens(&database),
        documents: database::documents(&database),
        durable: WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build(),
    };
    Ok(rocket.manage(store).mount("/user", routes![read, write]))
}

impl Store {
    /// Whose token it is; 403 where it is none, or over.
    async fn account(&self, token: &str) -> Result<String, Status> {
        match self.tokens.find_one(doc! { "token": token }).await.map_err(failed)? {
            Some(token) if token.expires_at > DateTime::now() => Ok(token.user_id),
            _ => Err(Status::Forbidden),
        }
    }
}

#[get("/<token>/store/<key>")]
async fn read(token: &str, key: &str, store: &State<Store>) -> Result<RawJson<String>, Status> {
    let user_id = store.account(token).await?;
    let found = store.documents.find_one(doc! { "user_id": user_id, "key": key }).await.map_err(failed)?;
    let value = found.ok_or(Status::NotFound)?.value;
    serde_json::to_string(&Value { value }).map(RawJson).map_err(|_| Status::InternalServerError)
}

#[post("/<token>/store/<key>", data = "<body>")]
async fn write(token: &str, key: &str, body: &[u8], store: &State<Store>) -> Result<RawJson<&'static str>, Status> {
    let user_id = store.account(token).await?;
    let body: Value = serde_json::from_slice(body).map_err(|_| Status::BadRequest)?;
    let value = serialize_to_bson(&body.value).map_err(|_| Status::UnprocessableEntity)?;
    store
        .documents
        .update_one(doc! { "user_id": user_id, "key": key }, doc! { "$set": { "value": value } })
        .upsert(true)
        .write_concern(store.durable.clone())
        .await
        .map_err(failed)?;
    Ok(RawJson("{\"result\":\"ok\"}"))
}

fn failed(error: Error) -> Status {
    eprintln!("{error}");
    Status::ServiceUnavailable
}
