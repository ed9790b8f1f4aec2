//! Documents in `store`: `{_id, value, revision, created_at, modified_at, modified_micros?, expires_at?}`.
//!
//! The value is kept as real BSON, so that MongoDB's own tools can query it. Documents are written with `update`, never
//! with `findAndModify`: that keeps a copy of what was there before, which doubles the cost of large values.

use std::sync::Arc;

use bson::raw::{CStr, RawArrayBuf, RawDocumentBuf, cstr};
use bson::spec::BinarySubtype;
use bson::{Binary, Document as BsonDocument, RawBsonRef, RawDocument, doc, rawdoc};
use mongodb::results::UpdateResult;

use super::super::{Result, StoreError, Write, Written};
use super::client::Collections;
use super::updates::{self, Updated, Updates};
use super::{Ways, failure, ids, pause};
use crate::domain::{AccountId, Document, Key, Outline, Precondition, Revision, Timestamp, Value};

/// Concurrent upserts of one `_id` can collide, and a condition can change between two looks at it. What somebody else
/// wrote stands in the way before a majority has it and it can be looked at.
const ATTEMPTS: u32 = 12;

pub(super) async fn get(db: &Collections, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>> {
    let filter = doc! { "_id": ids::document(account, key), "expires_at": ids::live(now) };
    let found = db.documents.find_one(filter).await.map_err(|e| failure::of_read(&e))?;
    found.as_deref().map(decode).transpose()
}

pub(super) async fn put(
    ways: &Ways,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: &Precondition,
    now: Timestamp,
) -> Result<Written> {
    let written = match attempt_together(&ways.updates, account, key, write, when, now).await? {
        Some(written) => written,
        None => attempt(&ways.db, account, key, write, when, now).await?,
    };
    let ours = doc! { "_id": ids::document(account, key), "revision": revision(write.revision) };
    stand_or_take_back(ways, account, ours).await.map(|()| written)
}

/// The first attempt of a write that is light and may make a document, together with others. `None` where it was not
/// possible, and is to be attempted by itself.
async fn attempt_together(
    updates: &Arc<Updates>,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: &Precondition,
    now: Timestamp,
) -> Result<Option<Written>> {
    if !when.holds(None) || write.value.as_stored().len() > updates::LIGHT {
        return Ok(None);
    }
    let change = Change::new(account, key, write, now)?;
    let (statement, over_what) = match of_live(when) {
        Some(conditions) if conditions.is_empty() && write.expires_at.is_none() => {
            (change.over_plain(), Written::Replaced)
        }
        Some(conditions) => (change.over_live(&conditions)?, Written::Replaced),
        None => (change.over_expired(), Written::Created),
    };
    match updates.upsert(&change.id, statement.filter, statement.update).await? {
        Updated::Inserted => Ok(Some(Written::Created)),
        Updated::Existing => Ok(Some(over_what)),
        Updated::Refused(failure::DUPLICATE_KEY | failure::TYPE_MISMATCH) => Ok(None),
        Updated::Refused(code) => Err(failure::of_refusal(code)),
    }
}

/// Looks at the account after a write (see the top of the room), and takes back what was written if it is gone.
pub(super) async fn stand_or_take_back(ways: &Ways, account: AccountId, ours: BsonDocument) -> Result<()> {
    let unknown = |error: StoreError| StoreError::Unknown(error.to_string());
    if ways.records.is_live(account).await.map_err(unknown)? {
        return Ok(());
    }
    ways.db.documents.delete_many(ours).await.map_err(|e| failure::of_later_step(&e))?;
    Err(StoreError::AccountGone)
}

/// Two commands can do it. One overwrites a live document, or makes one where there is none at all; it is refused as a
/// duplicate where an expired document is still there. The other overwrites an expired document, or makes one; it is
/// refused where there is a live one. Which comes first follows from the condition, and mostly one is enough.
async fn attempt(
    db: &Collections,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: &Precondition,
    now: Timestamp,
) -> Result<Written> {
    let change = Change::new(account, key, write, now)?;
    let of_live = of_live(when);
    let over_expired = async || Ok::<_, StoreError>(change.over_expired().send(db, true).await?.is_some());
    for attempt in 0..ATTEMPTS {
        pause::before(attempt).await;
        match &of_live {
            Some(of_live) => match change.over_live(of_live)?.send(db, when.holds(None)).await? {
                Some(done) if done.upserted_id.is_some() => return Ok(Written::Created),
                Some(done) if done.matched_count > 0 => return Ok(Written::Replaced),
                _ => {}
            },
            None if when.holds(None) && over_expired().await? => return Ok(Written::Created),
            None => {}
        }
        let present = get(db, account, key, now).await?;
        let state = present.as_ref().map(|document| (document.revision, document.modified_at));
        match state {
            // The revision is made for one attempt: this is the same attempt again, after an answer that was lost.
            Some((revision, _)) if revision == write.revision => return Ok(repeated(when)),
            state if !when.holds(state) => return Err(StoreError::Precondition(present.map(Box::new))),
            None if over_expired().await? => return Ok(Written::Created),
            // Somebody was faster; what they left may be overwritten as well.
            _ => {}
        }
    }
    Err(StoreError::Unavailable("too many writers of one key".into()))
}

/// The new state of a document, and where it goes.
struct Change {
    id: String,
    fields: Fields,
    now: Timestamp,
}

/// What a write sets and what it removes.
pub(super) struct Fields {
    pub(super) set: RawDocumentBuf,
    unset: Vec<&'static CStr>,
    sets_creation: bool,
}

/// A filter and what is to be made of the document that it finds.
struct Statement {
    filter: RawDocumentBuf,
    update: RawDocumentBuf,
}

impl Change {
    fn new(account: AccountId, key: &Key, write: &Write, now: Timestamp) -> Result<Self> {
        Ok(Self { id: ids::document(account, key), fields: fields(write, now)?, now })
    }

    /// Overwrites a live document that meets the conditions. As an upsert, it makes one where there is none at all.
    fn over_live(&self, conditions: &[BsonDocument]) -> Result<Statement> {
        let live = rawdoc! { "$not": { "$lte": ids::date(self.now) } };
        let mut filter = rawdoc! { "_id": self.id.as_str(), "expires_at": live };
        if !conditions.is_empty() {
            let mut all = RawArrayBuf::new();
            for condition in conditions {
                all.push(raw(condition)?);
            }
            filter.append(cstr!("$and"), all);
        }
        let mut update = self.overwriting();
        self.fields.append_unset(&mut update);
        Ok(Statement { filter, update })
    }

    /// Sets the fields, and keeps the time of creation where there is one.
    fn overwriting(&self) -> RawDocumentBuf {
        let mut update = RawDocumentBuf::new();
        update.append(cstr!("$set"), self.fields.set.as_ref());
        if !self.fields.sets_creation {
            update.append(cstr!("$setOnInsert"), rawdoc! { "created_at": ids::date(self.now) });
        }
        update
    }

    /// Overwrites a document that has none of the fields that this write removes, or makes one where there is none. It is
    /// refused where a document has one, an end above all: `$pop` leaves alone what is not there, and refuses what is no
    /// array.
    ///
    /// With nothing but `_id` in the filter MongoDB goes straight to the document; a filter of two fields is planned anew
    /// for each update, which was a third of what the update costs.
    fn over_plain(&self) -> Statement {
        let filter = rawdoc! { "_id": self.id.as_str() };
        let mut update = self.overwriting();
        let mut absent = RawDocumentBuf::new();
        for field in &self.fields.unset {
            absent.append(*field, 1);
        }
        update.append(cstr!("$pop"), absent);
        Statement { filter, update }
    }

    /// Overwrites an expired document. As an upsert, it makes one where there is none.
    fn over_expired(&self) -> Statement {
        let filter = rawdoc! { "_id": self.id.as_str(), "expires_at": { "$lte": ids::date(self.now) } };
        let mut set = self.fields.set.clone();
        if !self.fields.sets_creation {
            set.append(cstr!("created_at"), ids::date(self.now));
        }
        let mut update = rawdoc! { "$set": set };
        self.fields.append_unset(&mut update);
        Statement { filter, update }
    }
}

impl Fields {
    fn append_unset(&self, update: &mut RawDocumentBuf) {
        if self.unset.is_empty() {
            return;
        }
        let mut unset = RawDocumentBuf::new();
        for field in &self.unset {
            unset.append(*field, "");
        }
        update.append(cstr!("$unset"), unset);
    }
}

impl Statement {
    /// `None` when the document would be a duplicate.
    async fn send(&self, db: &Collections, upsert: bool) -> Result<Option<UpdateResult>> {
        match db.documents.update_one(tree(&self.filter)?, tree(&self.update)?).upsert(upsert).await {
            Ok(done) => Ok(Some(done)),
            Err(error) if failure::is_duplicate(&error) => Ok(None),
            Err(error) => Err(failure::of_write(&error)),
        }
    }
}

fn tree(document: &RawDocument) -> Result<BsonDocument> {
    BsonDocument::try_from(document).map_err(|error| StoreError::Damaged(error.to_string()))
}

fn raw(document: &BsonDocument) -> Result<RawDocumentBuf> {
    RawDocumentBuf::try_from(document).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// What an attempt answered whose answer was lost.
fn repeated(when: &Precondition) -> Written {
    if when.wants_absence() { Written::Created } else { Written::Replaced }
}

/// What a live document must be like for the condition to hold. `None` where no live document will do.
fn of_live(when: &Precondition) -> Option<Vec<BsonDocument>> {
    let one_of = |revisions: &[Revision]| revisions.iter().copied().map(revision).collect::<Vec<_>>();
    Some(match when {
        Precondition::None | Precondition::Present => Vec::new(),
        Precondition::Absent => return None,
        Precondition::Revision(wanted) => vec![doc! { "revision": revision(*wanted) }],
        Precondition::OneOf(wanted) => vec![doc! { "revision": { "$in": one_of(wanted) } }],
        Precondition::NoneOf(unwanted) => vec![doc! { "revision": { "$nin": one_of(unwanted) } }],
        Precondition::ModifiedBefore(time) => vec![doc! { "$or": earlier(*time) }],
        Precondition::Both(both) => {
            let [one, other] = &**both;
            [of_live(one)?, of_live(other)?].concat()
        }
    })
}

/// Conditions of which one is met by what was modified before `time`: in an earlier millisecond, or earlier in the same.
fn earlier(time: Timestamp) -> Vec<BsonDocument> {
    let mut earlier = vec![doc! { "modified_at": { "$lt": ids::date(time) } }];
    if micros(time) > 0 {
        // A missing part is zero, and so less.
        let within = doc! { "$not": { "$gte": micros(time) } };
        earlier.push(doc! { "modified_at": ids::date(time), "modified_micros": within });
    }
    earlier
}

/// The microseconds within the millisecond, which BSON dates do not have.
fn micros(time: Timestamp) -> i32 {
    time.as_micros().rem_euclid(1000) as i32
}

/// What a write makes of the fields of a document, `created_at` excepted where the write does not give it.
pub(super) fn fields(write: &Write, now: Timestamp) -> Result<Fields> {
    let value = write.value.as_bson().map_err(|error| StoreError::Damaged(error.to_string()))?;
    let modified_at = write.modified_at.unwrap_or(now);
    let mut set = RawDocumentBuf::new();
    set.append(cstr!("value"), value);
    set.append(cstr!("revision"), revision(write.revision));
    set.append(cstr!("modified_at"), ids::date(modified_at));
    if let Some(created_at) = write.created_at {
        set.append(cstr!("created_at"), ids::date(created_at));
    }
    let mut unset = Vec::new();
    match micros(modified_at) {
        0 => unset.push(cstr!("modified_micros")),
        micros => set.append(cstr!("modified_micros"), micros),
    }
    match write.expires_at {
        None => unset.push(cstr!("expires_at")),
        Some(end) => set.append(cstr!("expires_at"), ids::date(end)),
    }
    Ok(Fields { set, unset, sets_creation: write.created_at.is_some() })
}

pub(super) async fn delete(
    db: &Collections,
    account: AccountId,
    key: &Key,
    when: &Precondition,
    now: Timestamp,
) -> Result<bool> {
    let Some(conditions) = of_live(when) else {
        // Nothing there is what was asked for, and nothing is what can be removed.
        return match get(db, account, key, now).await? {
            None if when.holds(None) => Ok(false),
            present => Err(StoreError::Precondition(present.map(Box::new))),
        };
    };
    let mut filter = doc! { "_id": ids::document(account, key), "expires_at": ids::live(now) };
    if !conditions.is_empty() {
        filter.insert("$and", conditions);
    }
    for attempt in 0..ATTEMPTS {
        pause::before(attempt).await;
        let deleted = db.documents.delete_one(filter.clone()).await.map_err(|e| failure::of_write(&e))?;
        if deleted.deleted_count > 0 {
            return Ok(true);
        }
        if *when == Precondition::None {
            return Ok(false);
        }
        let present = get(db, account, key, now).await?;
        let state = present.as_ref().map(|document| (document.revision, document.modified_at));
        match state {
            state if !when.holds(state) => return Err(StoreError::Precondition(present.map(Box::new))),
            None => return Ok(false),
            // Somebody was faster; what they left may be removed as well.
            Some(_) => {}
        }
    }
    Err(StoreError::Unavailable("too many writers of one key".into()))
}

/// Removes the documents under these keys, and tells how many were live.
pub(super) async fn delete_all(db: &Collections, account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64> {
    let ids: Vec<String> = keys.iter().map(|key| ids::document(account, key)).collect();
    let filter = doc! { "_id": { "$in": ids }, "expires_at": ids::live(now) };
    let deleted = db.documents.delete_many(filter).await.map_err(|e| failure::of_write(&e))?;
    Ok(deleted.deleted_count)
}

pub(super) fn decode(document: &RawDocument) -> Result<Document> {
    let Outline { value, revision, created_at, modified_at, expires_at, .. } = decode_outline(document, 0)?;
    let value = value.ok_or_else(|| damaged("value"))?;
    Ok(Document { value, revision, created_at, modified_at, expires_at })
}

/// The same without what the value weighs, which is given, and perhaps without the value. In one pass: this is done for
/// every request.
pub(super) fn decode_outline(document: &RawDocument, bytes: u64) -> Result<Outline> {
    let (mut value, mut revision, mut created_at, mut modified_at, mut expires_at) = (None, None, None, None, None);
    let mut micros = 0;
    let time = |value: RawBsonRef<'_>, field| value.as_datetime().map(ids::time).ok_or_else(|| damaged(field));
    for field in document {
        let (name, found) = field.map_err(|_| damaged("fields"))?;
        match name.as_str() {
            "value" => value = Some(found),
            "revision" => revision = found.as_binary().and_then(|revision| revision.bytes.try_into().ok()),
            "created_at" => created_at = Some(time(found, "created_at")?),
            "modified_at" => modified_at = Some(time(found, "modified_at")?),
            "modified_micros" => micros = i64::from(found.as_i32().unwrap_or(0)),
            "expires_at" => expires_at = Some(time(found, "expires_at")?),
            _ => {}
        }
    }
    let modified_at = modified_at.ok_or_else(|| damaged("modified_at"))?;
    Ok(Outline {
        bytes,
        value: value.map(Value::from_bson),
        revision: Revision::from_bytes(revision.ok_or_else(|| damaged("revision"))?),
        created_at: created_at.ok_or_else(|| damaged("created_at"))?,
        modified_at: Timestamp::from_micros(modified_at.as_micros() + micros),
        expires_at,
    })
}

fn damaged(field: &str) -> StoreError {
    StoreError::Damaged(format!("the {field} of a document"))
}

/// A revision as BSON: a UUID.
pub(super) fn revision(revision: Revision) -> Binary {
    Binary { subtype: BinarySubtype::Uuid, bytes: revision.as_bytes().to_vec() }
}
