//! Adopting documents.

use std::collections::{HashMap, HashSet};

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::{Bson, Document as BsonDocument, cstr, doc, oid::ObjectId};
use futures_util::TryStreamExt;
use mongodb::error::{Error, ErrorKind, InsertManyError};

use super::super::super::{Result, StoreError};
use super::super::client::Collections;
use super::super::lease::Lease;
use super::super::{documents, failure, ids};
use super::{Adoption, Owners, account_id, account_id_of, created_at, old};
use crate::domain::{AccountId, Key, Revision};

/// How many documents, and how many bytes of them, are moved at once.
const BATCH: i64 = 500;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Counts what [`run`] would do. The database puts together what has one name, so that only names are read.
pub(super) async fn look(db: &Collections, owners: &Owners, adoption: &mut Adoption) -> Result<()> {
    let has_value = doc! { "$ne": [{ "$type": "$value" }, "missing"] };
    let by_name = doc! {
        "_id": { "user_id": "$user_id", "key": "$key" },
        "all": { "$sum": 1_i64 },
        "with_value": { "$sum": { "$cond": [has_value, 1_i64, 0_i64] } },
    };
    let stages = vec![doc! { "$match": old() }, doc! { "$group": by_name }];
    let groups = db.documents.aggregate(stages).allow_disk_use(true).await;
    let mut groups = groups.map_err(|e| failure::of_read(&e))?;
    while let Some(group) = groups.try_next().await.map_err(|e| failure::of_read(&e))? {
        let count = |field| group.get_i64(field).ok().and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let (all, with_value) = (count("all"), count("with_value"));
        match group.get_document("_id").ok().and_then(owner) {
            None => adoption.unusable_documents += all,
            Some(owner) => {
                adoption.unusable_documents += all - with_value;
                if owners.unusable.contains(&owner) {
                    adoption.unusable_documents += with_value;
                } else if owners.known.contains(&owner) {
                    adoption.documents += with_value.min(1);
                    adoption.duplicate_documents += with_value.saturating_sub(1);
                } else {
                    adoption.ownerless_documents += with_value;
                }
            }
        }
    }
    Ok(())
}

/// The owner, where both the owner and the key can be used.
fn owner(name: &BsonDocument) -> Option<AccountId> {
    Key::parse(name.get_str("key").ok()?).ok()?;
    account_id_of(name.get("user_id")?)
}

/// Brings the documents to today's shape, the youngest first: of several under one key the first that arrives is the
/// last one written, and the others find the place taken.
pub(super) async fn run(db: &Collections, lease: &Lease<'_>, owners: &Owners, adoption: &mut Adoption) -> Result<()> {
    loop {
        lease.renew().await?;
        let batch = next_batch(db).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut sorted = sort(&batch, owners, adoption);
        let refused = insert(db, &sorted.adopted).await?;
        for (index, (id, _)) in sorted.adopted.iter().enumerate() {
            match refused.get(&index) {
                None => adoption.documents += 1,
                Some(Refusal::Taken) => adoption.duplicate_documents += 1,
                Some(Refusal::Unusable) => {
                    sorted.unusable.push(*id);
                    continue;
                }
            }
            sorted.done.push(*id);
        }
        adoption.unusable_documents += sorted.unusable.len() as u64;
        let mark = doc! { "$set": { "unusable": true } };
        let marked = db.documents.update_many(doc! { "_id": { "$in": sorted.unusable } }, mark).await;
        marked.map_err(|e| failure::of_write(&e))?;
        let deleted = db.documents.delete_many(doc! { "_id": { "$in": sorted.done } }).await;
        deleted.map_err(|e| failure::of_write(&e))?;
    }
}

/// Old documents by what becomes of them.
#[derive(Default)]
struct Sorted {
    /// To insert in today's shape.
    adopted: Vec<(ObjectId, RawDocumentBuf)>,
    /// To remove.
    done: Vec<ObjectId>,
    /// To leave alone.
    unusable: Vec<ObjectId>,
}

fn sort(batch: &[RawDocumentBuf], owners: &Owners, adoption: &mut Adoption) -> Sorted {
    let mut sorted = Sorted::default();
    let mut seen = HashSet::new();
    for old in batch {
        let Ok(id) = old.get_object_id("_id") else { continue };
        let Some((owner, name, new)) = convert(old, id) else {
            sorted.unusable.push(id);
            continue;
        };
        if owners.unusable.contains(&owner) {
            sorted.unusable.push(id);
        } else if !owners.known.contains(&owner) {
            adoption.ownerless_documents += 1;
            sorted.done.push(id);
        } else if seen.insert(name) {
            sorted.adopted.push((id, new));
        } else {
            adoption.duplicate_documents += 1;
            sorted.done.push(id);
        }
    }
    sorted
}

async fn next_batch(db: &Collections) -> Result<Vec<RawDocumentBuf>> {
    let cursor = db.documents.find(old()).sort(doc! { "_id": -1 }).limit(BATCH).await;
    let mut cursor = cursor.map_err(|e| failure::of_read(&e))?;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while let Some(document) = cursor.try_next().await.map_err(|e| failure::of_read(&e))? {
        bytes += document.as_bytes().len();
        batch.push(document);
        if bytes > BATCH_BYTES {
            break;
        }
    }
    Ok(batch)
}

/// The document in today's shape, with its owner and its new `_id`; `None` when it has no usable key or value.
fn convert(old: &RawDocument, id: ObjectId) -> Option<(AccountId, String, RawDocumentBuf)> {
    let owner = account_id(old.get("user_id").ok()??)?;
    let key = Key::parse(old.get_str("key").ok()?).ok()?;
    let value = old.get("value").ok()??;
    // Damage deeper inside shows only when everything is looked at.
    Bson::try_from(value).ok()?;
    let name = ids::document(owner, &key);
    let mut new = RawDocumentBuf::new();
    new.append(cstr!("_id"), name.as_str());
    new.append(cstr!("value"), value);
    new.append(cstr!("revision"), documents::revision(Revision::random()));
    new.append(cstr!("created_at"), ids::date(created_at(id)));
    new.append(cstr!("modified_at"), ids::date(created_at(id)));
    Some((owner, name, new))
}

/// Why a document was not inserted.
#[derive(Clone, Copy)]
enum Refusal {
    Taken,
    Unusable,
}

/// Inserts what it can and answers what was refused, by position.
async fn insert(db: &Collections, adopted: &[(ObjectId, RawDocumentBuf)]) -> Result<HashMap<usize, Refusal>> {
    if adopted.is_empty() {
        return Ok(HashMap::new());
    }
    match db.documents.insert_many(adopted.iter().map(|(_, new)| new)).ordered(false).await {
        Ok(_) => Ok(HashMap::new()),
        Err(error) => refusals(&error).ok_or_else(|| StoreError::Unknown(failure::describe(&error))),
    }
}

fn refusals(error: &Error) -> Option<HashMap<usize, Refusal>> {
    let ErrorKind::InsertMany(InsertManyError { write_errors: Some(errors), write_concern_error: None, .. }) =
        &*error.kind
    else {
        return None;
    };
    let refusal = |code| if code == failure::DUPLICATE_KEY { Refusal::Taken } else { Refusal::Unusable };
    Some(errors.iter().map(|error| (error.index, refusal(error.code))).collect())
}
