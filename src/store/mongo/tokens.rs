//! Tokens in `tokens`: `{_id, hash, proof, created_at, expires_at}`.
//!
//! One per `_id`, that is per (account, client id): a single upsert replaces the old one. `proof` is a fingerprint of
//! the password hash under which the token was issued; a changed password ends all with another one.

use bson::spec::BinarySubtype;
use bson::{Binary, Document as BsonDocument, doc};
use futures_util::TryStreamExt;
use mongodb::error::Error;
use sha2::{Digest, Sha256};

use super::super::{Result, StoreError};
use super::client::Collections;
use super::{accounts, failure, ids};
use crate::domain::{AccountId, ClientId, IssuedToken, PasswordHash, Timestamp, TokenHash};

/// Concurrent upserts of one `_id` can collide; the loser finds the document at the next try.
const ATTEMPTS: usize = 4;

pub(super) async fn put(db: &Collections, token: &IssuedToken, proof: Option<&PasswordHash>) -> Result<()> {
    let password = match proof {
        Some(proof) => proof.clone(),
        None => current_password(db, token.account).await?.ok_or(StoreError::AccountGone)?,
    };
    upsert(db, token, &password).await?;
    // Looked at after the write: see the top of the room.
    let refusal = match current_password(db, token.account).await {
        Ok(Some(current)) if current == password => return Ok(()),
        Ok(Some(_)) => StoreError::PasswordChanged,
        Ok(None) => StoreError::AccountGone,
        Err(StoreError::Unavailable(why)) => return Err(StoreError::Unknown(why)),
        Err(other) => return Err(other),
    };
    let ours = doc! { "_id": ids::token(token.account, &token.client_id), "hash": binary(token.hash.as_bytes()) };
    db.tokens.delete_one(ours).await.map_err(|e| failure::of_later_step(&e))?;
    Err(refusal)
}

async fn upsert(db: &Collections, token: &IssuedToken, password: &PasswordHash) -> Result<()> {
    let filter = doc! { "_id": ids::token(token.account, &token.client_id) };
    let record = doc! {
        "hash": binary(token.hash.as_bytes()),
        "proof": fingerprint(password),
        "created_at": ids::date(token.created_at),
        "expires_at": ids::date(token.expires_at),
    };
    let mut attempt = 0;
    loop {
        attempt += 1;
        match db.tokens.replace_one(filter.clone(), record.clone()).upsert(true).await {
            Ok(_) => return Ok(()),
            Err(error) if failure::is_duplicate(&error) && attempt < ATTEMPTS => {}
            Err(error) => return Err(failure::of_write(&error)),
        }
    }
}

/// The password hash of a live account.
async fn current_password(db: &Collections, account: AccountId) -> Result<Option<PasswordHash>> {
    let found = db.users.find_one(accounts::live(account)).projection(doc! { "password": 1 }).await;
    found.map_err(|e| failure::of_read(&e))?.as_ref().map(accounts::password).transpose()
}

pub(super) async fn get(db: &Collections, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>> {
    let filter = doc! { "hash": binary(hash.as_bytes()), "expires_at": { "$gt": ids::date(now) } };
    let found = db.tokens.find_one(filter).await.map_err(|e| failure::of_read(&e))?;
    found.as_ref().map(decode).transpose()
}

pub(super) async fn list(db: &Collections, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>> {
    let filter = doc! { "_id": ids::all_of(account), "expires_at": { "$gt": ids::date(now) } };
    let found: Vec<BsonDocument> = match db.tokens.find(filter).sort(doc! { "_id": 1 }).await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) => Err(error),
    }
    .map_err(|e: Error| failure::of_read(&e))?;
    found.iter().map(decode).collect()
}

pub(super) async fn delete(db: &Collections, account: AccountId, client_id: &ClientId) -> Result<bool> {
    let deleted = db.tokens.delete_one(doc! { "_id": ids::token(account, client_id) }).await;
    deleted.map(|deleted| deleted.deleted_count > 0).map_err(|e| failure::of_write(&e))
}

/// Ends every token of an account that was issued under another password than this.
pub(super) async fn end_others(db: &Collections, account: AccountId, password: &PasswordHash) -> Result<()> {
    let filter = doc! { "_id": ids::all_of(account), "proof": { "$ne": fingerprint(password) } };
    db.tokens.delete_many(filter).await.map(drop).map_err(|e| failure::of_later_step(&e))
}

fn decode(token: &BsonDocument) -> Result<IssuedToken> {
    let damaged = || StoreError::Damaged("a token".into());
    let (account, client_id) = token.get_str("_id").ok().and_then(ids::rest).ok_or_else(damaged)?;
    let hash = token.get_binary_generic("hash").ok().and_then(|bytes| bytes.as_slice().try_into().ok());
    let time = |field: &str| {
        token.get_datetime(field).map(|time| Timestamp::from_millis(time.timestamp_millis())).map_err(|_| damaged())
    };
    Ok(IssuedToken {
        account,
        client_id: ClientId::parse(client_id).map_err(|_| damaged())?,
        hash: TokenHash::from_bytes(hash.ok_or_else(damaged)?),
        created_at: time("created_at")?,
        expires_at: time("expires_at")?,
    })
}

fn fingerprint(password: &PasswordHash) -> Binary {
    binary(&Sha256::digest(password.expose()))
}

fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}
