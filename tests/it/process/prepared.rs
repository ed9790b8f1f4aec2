//! Accounts with many documents, made past the server, which would take long.

use bson::{Binary, Bson, DateTime, Document, doc, spec::BinarySubtype};
use futures_util::stream::{self, StreamExt};
use keybin::domain::{
    AccountId, ClientId, Clock, Grant, IssuedToken, Key, NewAccount, Origin, PasswordHash, Precondition, Profile,
    Revision, SystemClock, Token, Username, Value,
};
use keybin::store::{Store, Warrant, Write};

use super::client::PASSWORD;
use crate::harness::program::Installation;

/// Documents in one insertion.
const BATCH: usize = 1000;

/// The largest value.
const MAX_BYTES: usize = 1 << 20;

/// Registers an account with so many documents and 8 tokens. A server must not run on an embedded file meanwhile.
pub(super) async fn prepare(installation: &Installation, username: &str, documents: usize) -> Vec<String> {
    let documents = prepared_keys(documents).map(|key| (key, r#"{"n":1}"#.to_owned()));
    prepare_with(installation, username, documents).await
}

/// The same with documents of the test's own: keys, and values as JSON.
pub(super) async fn prepare_with(
    installation: &Installation,
    username: &str,
    documents: impl Iterator<Item = (String, String)>,
) -> Vec<String> {
    let store = installation.store().await;
    let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
    let new = NewAccount {
        id: AccountId::random(),
        number: None,
        username: Username::parse(username).expect("a username"),
        email: None,
        profile: Profile::default(),
        admin: false,
        password: PasswordHash::from_stored(hash),
        created_at: SystemClock.now(),
    };
    store.create_account(&new).await.expect("registers");
    let mut tokens = Vec::new();
    for i in 0..8 {
        tokens.push(issue(store.as_ref(), new.id, &format!("writer/{i}")).await);
    }
    match installation.database() {
        None => put_all(store.as_ref(), new.id, documents).await,
        Some(database) => insert_all(database, new.id, documents).await,
    }
    store.close().await;
    tokens
}

/// The keys of a prepared account.
pub(super) fn prepared_keys(documents: usize) -> impl Iterator<Item = String> {
    (0..documents).map(|i| format!("d{i:06}"))
}

async fn issue(store: &dyn Store, account: AccountId, client_id: &str) -> String {
    let (token, now) = (Token::random(), SystemClock.now());
    let issued = IssuedToken {
        account,
        client_id: ClientId::parse(client_id).expect("a client id"),
        hash: token.hash(),
        grant: Grant::default(),
        origin: Origin::Operator,
        created_at: now,
        expires_at: now.plus_seconds(3600),
    };
    store.put_token(&issued, &Warrant::Operator).await.expect("issues a token");
    token.expose()
}

async fn put_all(store: &dyn Store, account: AccountId, documents: impl Iterator<Item = (String, String)>) {
    let puts = documents.map(|(key, json)| async move {
        let write = Write::of(Value::from_json(json.as_bytes(), MAX_BYTES).expect("a value"));
        let key = Key::parse(key).expect("a key");
        store.put(account, &key, &write, Precondition::None, SystemClock.now()).await.expect("writes");
    });
    stream::iter(puts).buffer_unordered(BATCH).for_each(async |()| ()).await;
}

async fn insert_all(
    database: &mongodb::Database,
    account: AccountId,
    documents: impl Iterator<Item = (String, String)>,
) {
    let now = DateTime::now();
    let revision = Binary { subtype: BinarySubtype::Uuid, bytes: Revision::random().as_bytes().to_vec() };
    let mut documents = documents.map(|(key, json)| {
        let value = Value::from_json(json.as_bytes(), MAX_BYTES).expect("a value");
        doc! {
            "_id": format!("{account}/{key}"),
            "value": Bson::try_from(value.as_bson().expect("BSON")).expect("BSON"),
            "revision": Bson::Binary(revision.clone()),
            "created_at": now,
            "modified_at": now,
        }
    });
    loop {
        let batch: Vec<_> = documents.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return;
        }
        database.collection::<Document>("store").insert_many(batch).await.expect("inserts");
    }
}
