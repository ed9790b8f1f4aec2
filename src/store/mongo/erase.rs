//! Erasing an account: mark it, remove its tokens, its documents, then itself. Every step can be repeated.
//!
//! A tombstone stands in `keybin` for an hour: what an erased account has is looked for again until then. Nothing is ever
//! removed because its account was *not found*: collections may be restored one after the other.

use std::sync::Arc;

use bson::{Document as BsonDocument, doc, raw::RawDocumentBuf};
use mongodb::Collection;

use super::super::{Result, StoreError};
use super::client::{Collections, collect};
use super::gate::Gate;
use super::{accounts, failure, ids};
use crate::domain::{AccountId, Timestamp};

/// What the `_id` of a tombstone begins with; the id of the account follows. Nothing else is kept of it.
const TOMBSTONE: &str = "erased/";

/// How long a tombstone stands: longer than any write can be under way, by far.
const GRAVE_SECONDS: u32 = 3600;

/// Documents removed by one command, so that each ends well before its deadline.
const CHUNK: i64 = 2000;

/// Marks a live account; from then on nobody can log in, and its name and address are free. `false` when there is none.
pub(super) async fn mark(db: &Collections, id: AccountId) -> Result<bool> {
    let mark = doc! { "$set": { "erasing": true }, "$unset": { "username": "", "email": "", "password": "" } };
    let marked = db.users.update_one(accounts::live(id), mark).await.map_err(|e| failure::of_write(&e))?;
    Ok(marked.matched_count > 0)
}

/// Removes what belongs to a marked account, and then the account. Whatever fails here is resumed later.
pub(super) async fn finish(db: &Arc<Collections>, gate: &Gate, id: AccountId, now: Timestamp) -> Result<()> {
    let resumed_later = |error: StoreError| StoreError::Unknown(format!("erasing goes on later: {error}"));
    let graves = Arc::clone(db);
    gate.write(async move { bury(&graves, id, now).await }).await.map_err(resumed_later)?;
    clear(db, gate, id).await.map_err(resumed_later)?;
    let account = Arc::clone(db);
    gate.write(async move { remove_marked(&account, id).await }).await.map_err(resumed_later)
}

/// The accounts whose erasure was begun.
pub(super) async fn marked(db: &Collections) -> Result<Vec<AccountId>> {
    let found = collect(db.users.find(doc! { "erasing": true }).projection(doc! { "_id": 1 })).await?;
    Ok(found.iter().filter_map(|user| user.get_str("_id").ok().and_then(AccountId::parse)).collect())
}

/// Removes once more what belongs to erased accounts: a write that was under way when they went takes itself back, but
/// its process may have died before it could. Tombstones that are older than any such write go.
pub(super) async fn sweep(db: &Arc<Collections>, gate: &Gate, now: Timestamp) -> Result<()> {
    let graves = Arc::clone(db);
    for (id, erased_at) in gate.read(async move { tombstones(&graves).await }).await? {
        let grave = Arc::clone(db);
        // Somebody else may have levelled it by now, and from then on the id may be anybody's.
        if !gate.read(async move { is_buried(&grave, id).await }).await? {
            continue;
        }
        clear(db, gate, id).await?;
        if erased_at.plus_seconds(GRAVE_SECONDS) <= now {
            let graves = Arc::clone(db);
            gate.write(async move { level(&graves, id).await }).await?;
        }
    }
    Ok(())
}

/// Whether the tombstone of an account stands.
pub(super) async fn is_buried(db: &Collections, id: AccountId) -> Result<bool> {
    let found = db.meta.find_one(doc! { "_id": format!("{TOMBSTONE}{id}") }).await;
    found.map(|found| found.is_some()).map_err(|e| failure::of_read(&e))
}

async fn tombstones(db: &Collections) -> Result<Vec<(AccountId, Timestamp)>> {
    let found = collect(db.meta.find(doc! { "_id": ids::beginning_with(TOMBSTONE) })).await?;
    let tombstone = |found: &BsonDocument| {
        let id = AccountId::parse(found.get_str("_id").ok()?.strip_prefix(TOMBSTONE)?)?;
        Some((id, Timestamp::from_millis(found.get_datetime("erased_at").ok()?.timestamp_millis())))
    };
    Ok(found.iter().filter_map(tombstone).collect())
}

async fn bury(db: &Collections, id: AccountId, now: Timestamp) -> Result<()> {
    let tombstone = doc! { "$set": { "erased_at": ids::date(now) } };
    let buried = db.meta.update_one(doc! { "_id": format!("{TOMBSTONE}{id}") }, tombstone).upsert(true).await;
    buried.map(drop).map_err(|e| failure::of_write(&e))
}

async fn level(db: &Collections, id: AccountId) -> Result<()> {
    let levelled = db.meta.delete_one(doc! { "_id": format!("{TOMBSTONE}{id}") }).await;
    levelled.map(drop).map_err(|e| failure::of_write(&e))
}

/// Removes the tokens and documents of an account.
async fn clear(db: &Arc<Collections>, gate: &Gate, id: AccountId) -> Result<()> {
    let tokens = Arc::clone(db);
    gate.write(async move { tokens_of(&tokens, id).await }).await?;
    loop {
        let documents = Arc::clone(db);
        if !gate.write(async move { chunk_of(&documents.documents, id).await }).await? {
            return Ok(());
        }
    }
}

async fn tokens_of(db: &Collections, id: AccountId) -> Result<()> {
    let all = doc! { "_id": ids::all_of(id) };
    db.tokens.delete_many(all).await.map(drop).map_err(|e| failure::of_write(&e))
}

/// Removes some of what an account has in a collection; `false` when nothing was left.
async fn chunk_of(collection: &Collection<RawDocumentBuf>, id: AccountId) -> Result<bool> {
    let all = doc! { "_id": ids::all_of(id) };
    let last = collection.find_one(all).sort(doc! { "_id": 1 }).skip(CHUNK as u64 - 1).projection(doc! { "_id": 1 });
    let last = last.await.map_err(|e| failure::of_read(&e))?;
    let mut range = ids::all_of(id);
    if let Some(last) = last.as_ref().and_then(|last| last.get_str("_id").ok()) {
        range.insert("$lte", last);
    }
    let deleted = collection.delete_many(doc! { "_id": range }).await.map_err(|e| failure::of_write(&e))?;
    Ok(deleted.deleted_count > 0)
}

async fn remove_marked(db: &Collections, id: AccountId) -> Result<()> {
    let marked = doc! { "_id": id.to_string(), "erasing": true };
    db.users.delete_one(marked).await.map(drop).map_err(|e| failure::of_write(&e))
}
