//! A database as the original Keybin leaves it, made with the bare driver.
//!
//! `users {user_id, username, password}`, `store {user_id, key, value}`, `tokens {token, user_id, created_at, client_id}`,
//! all under an ObjectId; tokens that MongoDB removes after 300 seconds; nothing that is unique.

use std::time::Duration;

use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, DateTime, Document, doc};
use futures_util::TryStreamExt;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};
use uuid::Uuid;

use super::client::PASSWORD;

/// Documents in one insertion.
const BATCH: usize = 1000;

/// What is going to be in the database.
pub(super) struct Original {
    users: Vec<Document>,
    documents: Vec<Document>,
    tokens: Vec<Document>,
    ids: u64,
    hash: String,
}

impl Original {
    pub(super) fn new() -> Self {
        let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
        Self { users: Vec::new(), documents: Vec::new(), tokens: Vec::new(), ids: 0, hash }
    }

    /// Somebody who logs in with [`PASSWORD`]; gives the `user_id`.
    pub(super) fn user(&mut self, username: &str) -> String {
        let hash = self.hash.clone();
        self.user_with(username, hash)
    }

    /// Somebody with this in place of a password; gives the `user_id`.
    pub(super) fn user_with(&mut self, username: &str, password: impl Into<Bson>) -> String {
        let (id, user_id) = (self.next_id(), Uuid::new_v4().to_string());
        self.users.push(doc! { "_id": id, "user_id": &user_id, "username": username, "password": password.into() });
        user_id
    }

    /// A hash as pymongo writes Python's `bytes`.
    pub(super) fn binary_hash(&self, version: &str) -> Bson {
        let hash = format!("${version}{}", &self.hash[3..]);
        Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: hash.into_bytes() })
    }

    pub(super) fn document(&mut self, user_id: &str, key: &str, value: impl Into<Bson>) {
        let id = self.next_id();
        self.documents.push(doc! { "_id": id, "user_id": user_id, "key": key, "value": value.into() });
    }

    /// A document that is not like the others.
    pub(super) fn odd_document(&mut self, fields: Document) {
        let mut document = doc! { "_id": self.next_id() };
        document.extend(fields);
        self.documents.push(document);
    }

    /// A token, plain as the original keeps it; gives it.
    pub(super) fn token(&mut self, user_id: &str) -> String {
        let (id, token) = (self.next_id(), Uuid::new_v4().to_string());
        let token_of = doc! { "user_id": user_id, "created_at": DateTime::now(), "client_id": "default" };
        self.tokens.push(doc! { "_id": id, "token": &token });
        self.tokens.last_mut().expect("the token").extend(token_of);
        token
    }

    /// Writes it all, and the indexes.
    pub(super) async fn write(self, database: &Database) {
        for (name, documents) in [("users", self.users), ("store", self.documents), ("tokens", self.tokens)] {
            for batch in documents.chunks(BATCH) {
                database.collection::<Document>(name).insert_many(batch).await.expect("inserts");
            }
        }
        let after = IndexOptions::builder().expire_after(Duration::from_secs(300)).build();
        for (collection, field, options) in
            [("tokens", "created_at", after), ("users", "username", IndexOptions::default())]
        {
            let index = IndexModel::builder().keys(doc! { field: 1 }).options(options).build();
            database.collection::<Document>(collection).create_index(index).await.expect("makes an index");
        }
    }

    /// ObjectIds in the order in which they are asked for, as one process of the original makes them.
    fn next_id(&mut self) -> ObjectId {
        self.ids += 1;
        let seconds = 1_520_677_535_u32.to_be_bytes();
        let count = self.ids.to_be_bytes();
        let mut bytes = [7; 12];
        bytes[..4].copy_from_slice(&seconds);
        bytes[9..].copy_from_slice(&count[5..]);
        ObjectId::from_bytes(bytes)
    }
}

/// Everything in a database, indexes too, in an order that is always the same.
pub(super) async fn dump(database: &Database) -> Vec<String> {
    let mut names = database.list_collection_names().await.expect("lists collections");
    names.sort();
    let mut dump = Vec::new();
    for name in names {
        dump.extend(indexes(database, &name).await);
        let all = database.collection::<Document>(&name).find(doc! {}).sort(doc! { "_id": 1 }).await.expect("finds");
        let all: Vec<Document> = all.try_collect().await.expect("reads");
        dump.extend(all.iter().map(|document| format!("{name}: {document}")));
    }
    dump
}

/// The indexes of a collection, a line each.
pub(super) async fn indexes(database: &Database, collection: &str) -> Vec<String> {
    let indexes = database.collection::<Document>(collection).list_indexes().await.expect("lists indexes");
    let indexes: Vec<IndexModel> = indexes.try_collect().await.expect("reads");
    let mut lines: Vec<String> = indexes
        .iter()
        .map(|index| {
            let options = index.options.clone().unwrap_or_default();
            let mut line = format!("{collection}: {}", index.keys);
            for (is_set, word) in [(options.unique, " unique"), (options.sparse, " sparse")] {
                line.push_str(if is_set == Some(true) { word } else { "" });
            }
            if let Some(after) = options.expire_after {
                line.push_str(&format!(" expires after {} s", after.as_secs()));
            }
            line
        })
        .collect();
    lines.sort();
    lines
}
