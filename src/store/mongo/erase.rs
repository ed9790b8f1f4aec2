//! Erasing an account: mark it, remove its tokens, its documents, then itself. Every step can be repeated.

use bson::{doc, raw::RawDocumentBuf};
use futures_util::TryStreamExt;
use mongodb::Collection;
use std::sync::Arc;

use super::super::{Result, StoreError};
use super::client::Collections;
use super::gate::Gate;
use super::{accounts, failure, ids};
use crate::domain::AccountId;

/// Documents removed by one command, so that each ends well before its deadline.
const CHUNK: i64 = 2000;

/// Marks a live account; from then on nobody can log in, and its name and address are free. `false` when there is none.
pub(super) async fn mark(db: &Collections, id: AccountId) -> Result<bool> {
    let mark = doc! { "$set": { "erasing": true }, "$unset": { "username": "", "email": "", "password": "" } };
    let marked = db.users.update_one(accounts::live(id), mark).await.map_err(|e| failure::of_write(&e))?;
    Ok(marked.matched_count > 0)
}

/// Removes what belongs to a marked account, and then the account. Whatever fails here is resumed later.
pub(super) async fn finish(db: &Arc<Collections>, gate: &Gate, id: AccountId) -> Result<()> {
    let resumed_later = |error: StoreError| StoreError::Unknown(format!("erasing goes on later: {error}"));
    let tokens = Arc::clone(db);
    gate.write(async move { tokens_of(&tokens, id).await }).await.map_err(resumed_later)?;
    loop {
        let documents = Arc::clone(db);
        let more = gate.write(async move { chunk_of(&documents.documents, id).await }).await;
        if !more.map_err(resumed_later)? {
            break;
        }
    }
    let account = Arc::clone(db);
    gate.write(async move { remove_marked(&account, id).await }).await.map_err(resumed_later)
}

/// The accounts whose erasure was begun.
pub(super) async fn marked(db: &Collections) -> Result<Vec<AccountId>> {
    let found: Vec<_> = match db.users.find(doc! { "erasing": true }).projection(doc! { "_id": 1 }).await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) => Err(error),
    }
    .map_err(|e: mongodb::error::Error| failure::of_read(&e))?;
    Ok(found.iter().filter_map(|user| user.get_str("_id").ok().and_then(AccountId::parse)).collect())
}

/// Removes what belongs to no account: the remains of writes whose process died before it could take them back.
/// Jumps from account to account, so that its cost follows their number, not that of the documents.
pub(super) async fn orphans(db: &Arc<Collections>, gate: &Gate) -> Result<usize> {
    let mut removed = 0;
    for collection in [db.tokens.clone_with_type::<RawDocumentBuf>(), db.documents.clone()] {
        let mut last = String::new();
        while let Some(id) = next_id(&collection, gate, last).await? {
            let Some((account, _)) = ids::rest(&id) else {
                last = id;
                continue;
            };
            let owner = Arc::clone(db);
            if gate.read(async move { exists(&owner, account).await }).await? {
                // The digit after the separator: behind everything that this account has.
                last = format!("{account}0");
                continue;
            }
            let theirs = collection.clone();
            gate.write(async move { chunk_of(&theirs, account).await }).await?;
            removed += 1;
            last = String::new();
        }
    }
    Ok(removed)
}

async fn next_id(collection: &Collection<RawDocumentBuf>, gate: &Gate, last: String) -> Result<Option<String>> {
    let collection = collection.clone();
    let find = async move {
        let next = collection.find_one(doc! { "_id": { "$gt": last } });
        let next =
            next.sort(doc! { "_id": 1 }).projection(doc! { "_id": 1 }).await.map_err(|e| failure::of_read(&e))?;
        Ok(next.and_then(|found| found.get_str("_id").ok().map(str::to_owned)))
    };
    gate.read(find).await
}

async fn exists(db: &Collections, account: AccountId) -> Result<bool> {
    let found = db.users.find_one(doc! { "_id": account.to_string() }).projection(doc! { "_id": 1 }).await;
    found.map(|found| found.is_some()).map_err(|e| failure::of_read(&e))
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
