//! Listings: the live documents of an account within a range.

use bson::{Document as BsonDocument, RawDocument, RawDocumentBuf, doc};

use super::super::{Result, StoreError};
use super::client::{Collections, collect};
use super::documents::{decode, decode_outline};
use super::ids;
use crate::domain::{AccountId, Document, Key, KeyRange, Order, Outline, Page, Timestamp, Usage};

pub(super) async fn keys(db: &Collections, account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>> {
    let found = find(db, account, range, now, doc! { "_id": 1 }).await?;
    page(range, &found, key_of)
}

pub(super) async fn documents(
    db: &Collections,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
) -> Result<Page<(Key, Document)>> {
    let found = find(db, account, range, now, BsonDocument::new()).await?;
    page(range, &found, |found| Ok((key_of(found)?, decode(found)?)))
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
        doc! { "$match": filter(account, range, now) },
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
    let find = db.documents.find(filter(account, range, now)).sort(sort(range));
    collect(find.limit(limit(range)).projection(fields)).await
}

fn filter(account: AccountId, range: &KeyRange, now: Timestamp) -> BsonDocument {
    let within = ids::beginning_with(&format!("{account}/{}", range.prefix));
    let mut ids = vec![doc! { "_id": within }];
    if let Some(after) = &range.after {
        let direction = match range.order {
            Order::Ascending => "$gt",
            Order::Descending => "$lt",
        };
        ids.push(doc! { "_id": { direction: ids::document(account, after) } });
    }
    doc! { "$and": ids, "expires_at": ids::live(now) }
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
