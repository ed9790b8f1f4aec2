//! Documents in `store`: `{_id, value, revision, created_at, modified_at, expires_at?}`.
//!
//! The value is kept as real BSON, so that MongoDB's own tools can query it. It is written through `$literal`, because
//! a pipeline would otherwise read its `$` members as operators.

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document as BsonDocument, RawDocument, doc};
use futures_util::TryStreamExt;
use mongodb::error::Error;
use mongodb::options::ReturnDocument;

use super::super::{Result, StoreError, Write, Written};
use super::client::Collections;
use super::{accounts, failure, ids};
use crate::domain::{AccountId, Document, Key, KeyRange, Page, Precondition, Revision, Timestamp, Value};

/// Concurrent upserts of one `_id` can collide, and a condition can change between two looks at it.
const ATTEMPTS: usize = 8;

pub(super) async fn get(db: &Collections, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>> {
    let filter = doc! { "_id": ids::document(account, key), "expires_at": ids::live(now) };
    let found = db.documents.find_one(filter).await.map_err(|e| failure::of_read(&e))?;
    found.as_deref().map(decode).transpose()
}

pub(super) async fn put(
    db: &Collections,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: Precondition,
    now: Timestamp,
) -> Result<Written> {
    let written = attempt(db, account, key, write, when, now).await?;
    // Looked at after the write: see the top of the room.
    let live = db.users.find_one(accounts::live(account)).projection(doc! { "_id": 1 }).await;
    if live.map_err(|e| failure::of_later_step(&e))?.is_some() {
        return Ok(written);
    }
    let ours = doc! { "_id": ids::document(account, key), "revision": revision(write.revision) };
    db.documents.delete_one(ours).await.map_err(|e| failure::of_later_step(&e))?;
    Err(StoreError::AccountGone)
}

async fn attempt(
    db: &Collections,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: Precondition,
    now: Timestamp,
) -> Result<Written> {
    let id = ids::document(account, key);
    let stages = overwrite(write, now)?;
    // The filter carries the condition. An absent document is one that is not there or has expired: the filter then
    // meets only an expired one, and a live one turns the upsert into a duplicate.
    let (filter, upsert) = match when {
        Precondition::None => (doc! { "_id": &id }, true),
        Precondition::Absent => (doc! { "_id": &id, "expires_at": { "$lte": ids::date(now) } }, true),
        Precondition::Present => (doc! { "_id": &id, "expires_at": ids::live(now) }, false),
        Precondition::Revision(wanted) => {
            (doc! { "_id": &id, "revision": revision(wanted), "expires_at": ids::live(now) }, false)
        }
    };
    for _ in 0..ATTEMPTS {
        let before = db
            .documents
            .find_one_and_update(filter.clone(), stages.clone())
            .upsert(upsert)
            .projection(doc! { "expires_at": 1 })
            .return_document(ReturnDocument::Before)
            .await;
        match before {
            Ok(Some(before)) if expired(&before, now) => return Ok(Written::Created),
            Ok(Some(_)) => return Ok(Written::Replaced),
            Ok(None) if upsert => return Ok(Written::Created),
            Ok(None) => {}
            Err(error) if failure::is_duplicate(&error) => {}
            Err(error) => return Err(failure::of_write(&error)),
        }
        let present = get(db, account, key, now).await?;
        if !when.holds(present.as_ref().map(|document| document.revision)) {
            return Err(StoreError::Precondition(present.map(Box::new)));
        }
    }
    Err(StoreError::Unavailable("too many writers of one key".into()))
}

/// The stages that bring a document to its new state, whether it is there, expired or new.
fn overwrite(write: &Write, now: Timestamp) -> Result<Vec<BsonDocument>> {
    let value = write
        .value
        .as_bson()
        .and_then(|value| Bson::try_from(value).map_err(|error| crate::domain::ValueError::Damaged(error.to_string())));
    let value = value.map_err(|error| StoreError::Damaged(error.to_string()))?;
    let expires_at = write.expires_at.map_or_else(|| Bson::from("$$REMOVE"), |time| ids::date(time).into());
    // A missing field compares less than any date.
    let is_live = doc! { "$or": [
        { "$eq": [{ "$type": "$expires_at" }, "missing"] },
        { "$gt": ["$expires_at", ids::date(now)] },
    ] };
    let keep = doc! { "$and": [{ "$ne": [{ "$type": "$created_at" }, "missing"] }, is_live] };
    Ok(vec![doc! { "$set": {
        "value": { "$literal": value },
        "revision": revision(write.revision),
        "created_at": { "$cond": [keep, "$created_at", ids::date(now)] },
        "modified_at": ids::date(now),
        "expires_at": expires_at,
    } }])
}

fn expired(document: &RawDocument, now: Timestamp) -> bool {
    document.get_datetime("expires_at").is_ok_and(|end| end.timestamp_millis() <= now.as_millis())
}

pub(super) async fn delete(
    db: &Collections,
    account: AccountId,
    key: &Key,
    when: Precondition,
    now: Timestamp,
) -> Result<bool> {
    let mut filter = doc! { "_id": ids::document(account, key), "expires_at": ids::live(now) };
    match when {
        Precondition::None | Precondition::Present => {}
        // Nothing there is what was asked for, and nothing is what can be removed.
        Precondition::Absent => {
            return match get(db, account, key, now).await? {
                None => Ok(false),
                present => Err(StoreError::Precondition(present.map(Box::new))),
            };
        }
        Precondition::Revision(wanted) => drop(filter.insert("revision", revision(wanted))),
    }
    let deleted = db.documents.delete_one(filter).await.map_err(|e| failure::of_write(&e))?;
    match (deleted.deleted_count, when) {
        (0, Precondition::None) => Ok(false),
        (0, _) => Err(StoreError::Precondition(get(db, account, key, now).await?.map(Box::new))),
        _ => Ok(true),
    }
}

pub(super) async fn list_keys(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
) -> Result<Page<Key>> {
    let mut ids = ids::beginning_with(&format!("{account}/{}", range.prefix));
    if let Some(after) = &range.after {
        ids.insert("$gt", ids::document(account, after));
    }
    let find = db
        .documents
        .find(doc! { "_id": ids, "expires_at": ids::live(now) })
        .sort(doc! { "_id": 1 })
        .projection(doc! { "_id": 1 })
        .limit(range.limit as i64 + 1);
    let found: Vec<_> = match find.await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) => Err(error),
    }
    .map_err(|e: Error| failure::of_read(&e))?;
    let keys = found.iter().map(|found| {
        let id = found.get_str("_id").ok().and_then(ids::rest);
        let key = id.and_then(|(_, key)| Key::parse(key).ok());
        key.ok_or_else(|| StoreError::Damaged("a document's _id".into()))
    });
    Ok(Page::from_one_more(keys.collect::<Result<Vec<_>>>()?, range.limit))
}

fn decode(document: &RawDocument) -> Result<Document> {
    let damaged = |field: &str| StoreError::Damaged(format!("the {field} of a document"));
    let time = |field: &str| {
        document
            .get_datetime(field)
            .map(|time| Timestamp::from_millis(time.timestamp_millis()))
            .map_err(|_| damaged(field))
    };
    let value = document.get("value").ok().flatten().ok_or_else(|| damaged("value"))?;
    let revision = document.get_binary("revision").ok().and_then(|revision| revision.bytes.try_into().ok());
    let expires_at = match document.get("expires_at") {
        Ok(None) => None,
        _ => Some(time("expires_at")?),
    };
    Ok(Document {
        value: Value::from_bson(value),
        revision: Revision::from_bytes(revision.ok_or_else(|| damaged("revision"))?),
        created_at: time("created_at")?,
        modified_at: time("modified_at")?,
        expires_at,
    })
}

/// A revision as BSON: a UUID.
pub(super) fn revision(revision: Revision) -> Binary {
    Binary { subtype: BinarySubtype::Uuid, bytes: revision.as_bytes().to_vec() }
}
