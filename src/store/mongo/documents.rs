//! Documents in `store`: `{_id, value, revision, created_at, modified_at, modified_micros?, expires_at?}`.
//!
//! The value is kept as real BSON, so that MongoDB's own tools can query it. It is written through `$literal`, because
//! a pipeline would otherwise read its `$` members as operators.

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document as BsonDocument, RawDocument, RawDocumentBuf, doc};
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
        Precondition::ModifiedBefore(time) => {
            let expired = doc! { "expires_at": { "$lte": ids::date(now) } };
            (doc! { "_id": &id, "$or": [expired, earlier(time), earlier_within(time)] }, true)
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
        let state = present.as_ref().map(|document| (document.revision, document.modified_at));
        match state {
            // The revision is made for one attempt: this is the same attempt again, after an answer that was lost.
            Some((revision, _)) if revision == write.revision => return Ok(repeated(when)),
            state if !when.holds(state) => return Err(StoreError::Precondition(present.map(Box::new))),
            _ => {}
        }
    }
    Err(StoreError::Unavailable("too many writers of one key".into()))
}

/// What an attempt answered whose answer was lost.
const fn repeated(when: Precondition) -> Written {
    if matches!(when, Precondition::Absent) { Written::Created } else { Written::Replaced }
}

/// Matches what was modified in an earlier millisecond than that of `time`.
fn earlier(time: Timestamp) -> BsonDocument {
    doc! { "modified_at": { "$lt": ids::date(time) } }
}

/// Matches what was modified in the millisecond of `time`, but before it.
fn earlier_within(time: Timestamp) -> BsonDocument {
    doc! { "modified_at": ids::date(time), "modified_micros": { "$not": { "$gte": micros(time) } } }
}

/// The microseconds within the millisecond, which BSON dates do not have.
fn micros(time: Timestamp) -> i32 {
    time.as_micros().rem_euclid(1000) as i32
}

/// The stages that bring a document to its new state, whether it is there, expired or new.
fn overwrite(write: &Write, now: Timestamp) -> Result<Vec<BsonDocument>> {
    let value = write
        .value
        .as_bson()
        .and_then(|value| Bson::try_from(value).map_err(|error| crate::domain::ValueError::Damaged(error.to_string())));
    let value = value.map_err(|error| StoreError::Damaged(error.to_string()))?;
    let expires_at = write.expires_at.map_or_else(|| Bson::from("$$REMOVE"), |time| ids::date(time).into());
    let modified_at = write.modified_at.unwrap_or(now);
    let modified_micros = match micros(modified_at) {
        0 => Bson::from("$$REMOVE"),
        micros => micros.into(),
    };
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
        "modified_at": ids::date(modified_at),
        "modified_micros": modified_micros,
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
        Precondition::ModifiedBefore(time) => drop(filter.insert("$or", vec![earlier(time), earlier_within(time)])),
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
    if deleted.deleted_count > 0 {
        return Ok(true);
    }
    match (get(db, account, key, now).await?, when) {
        (_, Precondition::None) | (None, Precondition::ModifiedBefore(_)) => Ok(false),
        (present, _) => Err(StoreError::Precondition(present.map(Box::new))),
    }
}

pub(super) async fn list_keys(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
) -> Result<Page<Key>> {
    let found = find(db, account, range, now, Some(doc! { "_id": 1 })).await?;
    let keys = found.iter().map(|found| key_of(found)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_one_more(keys, range.limit))
}

pub(super) async fn list(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
) -> Result<Page<(Key, Document)>> {
    let found = find(db, account, range, now, None).await?;
    let documents = found.iter().map(|found| Ok((key_of(found)?, decode(found)?))).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_one_more(documents, range.limit))
}

/// The documents of a range, and one more, so that it shows whether there is more.
async fn find(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
    fields: Option<BsonDocument>,
) -> Result<Vec<RawDocumentBuf>> {
    let mut ids = ids::beginning_with(&format!("{account}/{}", range.prefix));
    if let Some(after) = &range.after {
        ids.insert("$gt", ids::document(account, after));
    }
    let find = db.documents.find(doc! { "_id": ids, "expires_at": ids::live(now) }).sort(doc! { "_id": 1 });
    let find = find.limit(range.limit as i64 + 1).projection(fields.unwrap_or_default());
    match find.await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) => Err(error),
    }
    .map_err(|e: Error| failure::of_read(&e))
}

fn key_of(document: &RawDocument) -> Result<Key> {
    let id = document.get_str("_id").ok().and_then(ids::rest);
    let key = id.and_then(|(_, key)| Key::parse(key).ok());
    key.ok_or_else(|| StoreError::Damaged("a document's _id".into()))
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
    let within = document.get_i32("modified_micros").unwrap_or(0);
    Ok(Document {
        value: Value::from_bson(value),
        revision: Revision::from_bytes(revision.ok_or_else(|| damaged("revision"))?),
        created_at: time("created_at")?,
        modified_at: Timestamp::from_micros(time("modified_at")?.as_micros() + i64::from(within)),
        expires_at,
    })
}

/// A revision as BSON: a UUID.
pub(super) fn revision(revision: Revision) -> Binary {
    Binary { subtype: BinarySubtype::Uuid, bytes: revision.as_bytes().to_vec() }
}
