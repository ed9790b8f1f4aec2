//! The database of the plain handler: its shape, its indexes and its contents.

use std::time::{Duration, SystemTime};

use mongodb::bson::{DateTime, doc};
use mongodb::error::Result;
use mongodb::options::{ClientOptions, IndexOptions};
use mongodb::{Client, Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

/// Connections that the driver may have: as many as make it fastest with 128 clients.
const POOL: u32 = 128;

/// Documents sent at once while a database is filled.
const BATCH: u32 = 1000;

/// How long to wait for a node to become primary.
const ATTEMPTS: u32 = 600;

/// Who may come in.
#[derive(Deserialize, Serialize)]
pub(crate) struct Token {
    pub(crate) token: String,
    pub(crate) user_id: String,
    pub(crate) expires_at: DateTime,
}

/// What is kept under a key.
#[derive(Deserialize, Serialize)]
pub(crate) struct Document {
    pub(crate) user_id: String,
    pub(crate) key: String,
    pub(crate) value: serde_json::Value,
}

pub(crate) async fn open(uri: &str, name: &str) -> Result<Database> {
    let mut options = ClientOptions::parse(uri).await?;
    options.max_pool_size = Some(POOL);
    Ok(Client::with_options(options)?.database(name))
}

pub(crate) fn tokens(database: &Database) -> Collection<Token> {
    database.collection("tokens")
}

pub(crate) fn documents(database: &Database) -> Collection<Document> {
    database.collection("store")
}

/// Makes a node that was started for it a replica set of its own, and waits until it can be written to.
pub(crate) async fn initiate(address: &str) -> Result<()> {
    let uri = format!("mongodb://{address}/?directConnection=true");
    let admin = Client::with_uri_str(uri).await?.database("admin");
    let config = doc! { "_id": "rs0", "members": [{ "_id": 0, "host": address }] };
    admin.run_command(doc! { "replSetInitiate": config }).await?;
    for _ in 0..ATTEMPTS {
        let hello = admin.run_command(doc! { "hello": 1 }).await?;
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            return Ok(());
        }
        rocket::tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(mongodb::error::Error::custom("mongod does not become primary"))
}

/// Makes accounts with so many documents each, of so many bytes as JSON. Gives a token for each account.
pub(crate) async fn seed(uri: &str, name: &str, accounts: u32, keys: u32, bytes: usize) -> Result<Vec<String>> {
    let database = open(uri, name).await?;
    database.drop().await?;
    let unique = IndexOptions::builder().unique(true).build();
    let index = |keys| IndexModel::builder().keys(keys).options(unique.clone()).build();
    tokens(&database).create_index(index(doc! { "token": 1 })).await?;
    documents(&database).create_index(index(doc! { "user_id": 1, "key": 1 })).await?;

    let expires_at = DateTime::from_system_time(SystemTime::now() + Duration::from_secs(86_400));
    let value = serde_json::Value::String("x".repeat(bytes.saturating_sub(2)));
    let mut issued = Vec::new();
    for account in 0..accounts {
        let user_id = format!("00000000-0000-4000-8000-{account:012}");
        let token = format!("10000000-0000-4000-8000-{account:012}");
        for first in (0..keys).step_by(BATCH as usize) {
            let batch = (first..keys.min(first + BATCH)).map(|key| Document {
                user_id: user_id.clone(),
                key: format!("k{key:07}"),
                value: value.clone(),
            });
            documents(&database).insert_many(batch).await?;
        }
        tokens(&database).insert_one(Token { token: token.clone(), user_id, expires_at }).await?;
        issued.push(token);
    }
    Ok(issued)
}
