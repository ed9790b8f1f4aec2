//! Listings: the live documents of an account within a range.

use bson::{Document as BsonDocument, RawDocument, RawDocumentBuf, doc};

use super::super::{Result, StoreError};
use super::client::{Collections, collect};
use super::documents::{decode, decode_outline};
use super::{failure, filter, ids};
use crate::domain::{AccountId, Document, Key, KeyRange, Order, Outline, Page, Query, Stretch, Timestamp, Usage};

pub(super) async fn keys(db: &Collections, account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>> {
    let found = find(db, account, range, now, doc! { "_id": 1 }).await?;
    page(range, &found, key_of)
}

pub(super) async fn documents(
    db: &Collections,
    account: AccountId,
    query: &Query,
    now: Timestamp,
) -> Result<Stretch<Vec<(Key, Document)>>> {
    // Without a filter, all that is looked at is found.
    let (last, range) = match query.filter {
        None => (None, KeyRange { limit: query.range.limit.min(query.looks), ..query.range.clone() }),
        Some(_) => (last_look(db, account, query).await?, query.range.clone()),
    };
    let find = db.documents.find(wanted(account, query, last.as_ref(), now)).sort(sort(&range)).limit(limit(&range));
    let batch = u32::try_from(limit(&range)).unwrap_or(u32::MAX);
    let mut cursor = find.batch_size(batch).await.map_err(|e| failure::of_read(&e))?;
    let mut found: Vec<(Key, Document)> = Vec::new();
    let mut bytes = 0;
    // Read one by one, so that no more is kept than is asked for.
    while cursor.advance().await.map_err(|e| failure::of_read(&e))? {
        if found.len() == range.limit || bytes >= query.bytes {
            let next = found.last().map(|(key, _)| key.clone());
            return Ok(Stretch { found, next });
        }
        let (key, document) = (key_of(cursor.current())?, decode(cursor.current())?);
        bytes += document.value.as_stored().len();
        found.push((key, document));
    }
    Ok(Stretch { found, next: last })
}

pub(super) async fn count(db: &Collections, account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<u64>> {
    let last = last_look(db, account, query).await?;
    let count = db.documents.count_documents(wanted(account, query, last.as_ref(), now)).await;
    Ok(Stretch { found: count.map_err(|e| failure::of_read(&e))?, next: last })
}

/// The last key that may be looked at, unless all may. Only the index of the keys is read for it. What has expired counts,
/// so that a look is what MongoDB has to read.
async fn last_look(db: &Collections, account: AccountId, query: &Query) -> Result<Option<Key>> {
    let before = u64::try_from(query.looks).unwrap_or(u64::MAX).saturating_sub(1);
    let Ok(_) = i64::try_from(before) else { return Ok(None) };
    let find = db.documents.find(doc! { "$and": ids_within(account, &query.range) }).sort(sort(&query.range));
    let found = collect(find.skip(before).limit(2).projection(doc! { "_id": 1 })).await?;
    match &found[..] {
        [last, _more] => key_of(last).map(Some),
        _ => Ok(None),
    }
}

/// The condition that what a query wants meets, up to the last key that may be looked at.
fn wanted(account: AccountId, query: &Query, last: Option<&Key>, now: Timestamp) -> BsonDocument {
    let mut all = ids_within(account, &query.range);
    if let Some(last) = last {
        let direction = match query.range.order {
            Order::Ascending => "$lte",
            Order::Descending => "$gte",
        };
        all.push(doc! { "_id": { direction: ids::document(account, last) } });
    }
    all.push(doc! { "expires_at": ids::live(now) });
    all.extend(query.filter.as_ref().map(filter::query));
    doc! { "$and": all }
}

/// The size of a value as Keybin keeps it: a document with the one element `v`.
fn size_of_value() -> BsonDocument {
    doc! { "$bsonSize": { "v": "$value" } }
}

pub(super) async fn outlines(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    value_bytes: u64,
    now: Timestamp,
) -> Result<Page<(Key, Outline)>> {
    let small = doc! { "$lte": ["$bytes", i64::try_from(value_bytes).unwrap_or(i64::MAX)] };
    let pipeline = [
        doc! { "$match": within(account, range, now) },
        doc! { "$sort": sort(range) },
        doc! { "$limit": limit(range) },
        doc! { "$set": { "bytes": size_of_value() } },
        doc! { "$set": { "value": { "$cond": [small, "$value", "$$REMOVE"] } } },
    ];
    let found: Vec<RawDocumentBuf> = collect(db.documents.aggregate(pipeline).with_type()).await?;
    page(range, &found, |found| {
        let bytes = found.get_i32("bytes").map_err(|_| StoreError::Damaged("the size of a document".into()))?;
        Ok((key_of(found)?, decode_outline(found, bytes.unsigned_abs().into())?))
    })
}

pub(super) async fn usage(db: &Collections, account: AccountId, now: Timestamp) -> Result<Usage> {
    let pipeline = [
        doc! { "$match": { "_id": ids::all_of(account), "expires_at": ids::live(now) } },
        doc! { "$group": { "_id": null, "documents": { "$sum": 1_i64 }, "bytes": { "$sum": size_of_value() } } },
    ];
    let found: Vec<BsonDocument> = collect(db.documents.aggregate(pipeline)).await?;
    let Some(sums) = found.first() else { return Ok(Usage::default()) };
    let sum = |name: &str| {
        let sum = sums.get(name).and_then(|sum| sum.as_i64().or_else(|| sum.as_i32().map(i64::from)));
        sum.and_then(|sum| u64::try_from(sum).ok()).ok_or_else(|| StoreError::Damaged("a sum".into()))
    };
    Ok(Usage { documents: sum("documents")?, bytes: sum("bytes")? })
}

/// What `take` makes of the documents that were found: those of a range, and one more where there is more.
fn page<T>(range: &KeyRange, found: &[RawDocumentBuf], take: impl Fn(&RawDocument) -> Result<T>) -> Result<Page<T>> {
    let items = found.iter().map(|found| take(found)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_one_more(items, range.limit))
}

async fn find(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
    fields: BsonDocument,
) -> Result<Vec<RawDocumentBuf>> {
    let find = db.documents.find(within(account, range, now)).sort(sort(range));
    collect(find.limit(limit(range)).projection(fields)).await
}

fn within(account: AccountId, range: &KeyRange, now: Timestamp) -> BsonDocument {
    doc! { "$and": ids_within(account, range), "expires_at": ids::live(now) }
}

/// The conditions that the `_id`s of a range meet.
fn ids_within(account: AccountId, range: &KeyRange) -> Vec<BsonDocument> {
    let within = ids::beginning_with(&format!("{account}/{}", range.prefix));
    let mut ids = vec![doc! { "_id": within }];
    if let Some(after) = &range.after {
        let direction = match range.order {
            Order::Ascending => "$gt",
            Order::Descending => "$lt",
        };
        ids.push(doc! { "_id": { direction: ids::document(account, after) } });
    }
    ids
}

fn sort(range: &KeyRange) -> BsonDocument {
    match range.order {
        Order::Ascending => doc! { "_id": 1 },
        Order::Descending => doc! { "_id": -1 },
    }
}

/// One more than is wanted, so that it shows whether there is more.
fn limit(range: &KeyRange) -> i64 {
    i64::try_from(range.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

fn key_of(document: &RawDocument) -> Result<Key> {
    let id = document.get_str("_id").ok().and_then(ids::rest);
    let key = id.and_then(|(_, key)| Key::parse(key).ok());
    key.ok_or_else(|| StoreError::Damaged("a document's _id".into()))
}
