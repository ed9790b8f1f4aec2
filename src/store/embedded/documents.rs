//! Documents: a head under (account, key), and the value behind it or, where it is large, in a table of its own.
//!
//! * Listing keys and judging conditions read heads only, so that they cost the same whatever the values weigh.
//! * A document that has expired but is not swept yet counts as absent everywhere.

use bytes::Bytes;
use redb::ReadableTable;

use super::codec::Head;
use super::fault::{Fault, damaged};
use super::snapshot::Snapshot;
use super::tables::{Expiring, Tables, expiry, place};
use crate::domain::{AccountId, Document, Key, Precondition, Timestamp, Value};
use crate::store::{StoreError, Write, Written};

/// The largest value that stands behind its head. Some of that size still share a page of 4 KiB.
const INLINE_BYTES: usize = 1024;

/// The largest value of all, as in MongoDB.
pub(super) const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;

pub(super) fn put(
    tables: &mut Tables<'_>,
    account: AccountId,
    key: &Key,
    write: &Write,
    when: &Precondition,
    now: Timestamp,
) -> Result<Written, Fault> {
    if tables.accounts.get(account.as_bytes())?.is_none() {
        return Err(StoreError::AccountGone.into());
    }
    let place = place(account, key.as_str());
    let old = head(&tables.documents, &place)?;
    let present = old.filter(|head| head.is_live(now));
    let written = if present.is_some() { Written::Replaced } else { Written::Created };
    if !when.holds(present.map(|head| (head.revision, head.modified_at))) {
        return match present {
            // The revision is made for one attempt: this is the same attempt again, after an answer that was lost.
            Some(head) if head.revision == write.revision && when.wants_absence() => Ok(Written::Created),
            Some(head) if head.revision == write.revision => Ok(Written::Replaced),
            _ => Err(refusal(tables, &place, present)?.into()),
        };
    }
    if let Some(old) = old {
        forget(tables, &place, &old)?;
    }
    let created_at = write.created_at.unwrap_or_else(|| present.map_or(now, |head| head.created_at));
    let modified_at = write.modified_at.unwrap_or(now);
    let head = Head::new(&write.value, write.revision, created_at, modified_at, write.expires_at);
    let value = &write.value.as_stored()[..];
    if is_inline(&head) {
        tables.documents.insert(&*place, &*head.write(&place, value))?;
    } else {
        tables.documents.insert(&*place, &*head.write(&place, &[]))?;
        tables.values.insert(&*place, value)?;
    }
    if let Some(end) = head.expires_at {
        tables.expiries.insert(&*expiry(end, Expiring::Document, &place), ())?;
    }
    Ok(written)
}

pub(super) fn get(
    snapshot: &Snapshot,
    account: AccountId,
    key: &Key,
    now: Timestamp,
) -> Result<Option<Document>, Fault> {
    if is_erasing(snapshot, account)? {
        return Ok(None);
    }
    let place = place(account, key.as_str());
    let Some(record) = snapshot.documents.get(&*place)? else {
        check_neighbours(&snapshot.documents, &place)?;
        return Ok(None);
    };
    match Head::read(&place, record.value())? {
        (head, _) if !head.is_live(now) => Ok(None),
        (head, value) if is_inline(&head) => Ok(Some(document(head, value)?)),
        (head, _) => load(snapshot, &place, head).map(Some),
    }
}

/// Makes sure that the records before and after a place are what they are said to be. A record whose key is damaged is one of
/// those between which it would be found if it were not; so that what cannot be found is not said to be absent.
fn check_neighbours(documents: &impl ReadableTable<&'static [u8], &'static [u8]>, place: &[u8]) -> Result<(), Fault> {
    let before = documents.range::<&[u8]>(..place)?.next_back();
    let after = documents.range::<&[u8]>(place..)?.next();
    for entry in before.into_iter().chain(after) {
        let (place, record) = entry?;
        Head::read(place.value(), record.value())?;
    }
    Ok(())
}

/// What is known of the document under a key, if it is live.
pub(super) fn live_head(
    documents: &impl ReadableTable<&'static [u8], &'static [u8]>,
    account: AccountId,
    key: &Key,
    now: Timestamp,
) -> Result<Option<Head>, Fault> {
    Ok(head(documents, &place(account, key.as_str()))?.filter(|head| head.is_live(now)))
}

/// The same as [`get`], for whoever writes. The account must be a live one.
pub(super) fn get_to_write(
    tables: &Tables<'_>,
    account: AccountId,
    key: &Key,
    now: Timestamp,
) -> Result<Option<Document>, Fault> {
    let head = live_head(&tables.documents, account, key, now)?;
    head.map(|head| read(tables, &place(account, key.as_str()), head)).transpose()
}

pub(super) fn delete(
    tables: &mut Tables<'_>,
    account: AccountId,
    key: &Key,
    when: &Precondition,
    now: Timestamp,
) -> Result<bool, Fault> {
    let place = place(account, key.as_str());
    let present = match tables.erasing.get(account.as_bytes())? {
        Some(_) => None,
        None => head(&tables.documents, &place)?.filter(|head| head.is_live(now)),
    };
    if !when.holds(present.map(|head| (head.revision, head.modified_at))) {
        return Err(refusal(tables, &place, present)?.into());
    }
    match present {
        Some(head) => {
            remove(tables, &place, &head)?;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Removes the document at `place` if it is the one that expires at `end`, and tells how long its value was.
pub(super) fn expire(tables: &mut Tables<'_>, place: &[u8], end: Timestamp) -> Result<usize, Fault> {
    match head(&tables.documents, place)? {
        Some(head) if head.expires_at == Some(end) => {
            remove(tables, place, &head)?;
            Ok(head.length())
        }
        _ => Ok(0),
    }
}

/// How much there is to remove of the document with this record.
pub(super) fn weight(place: &[u8], record: &[u8]) -> usize {
    Head::read(place, record).map_or(record.len(), |(head, _)| head.length())
}

/// Removes a document and what belongs to it, one that cannot be read too.
pub(super) fn discard(tables: &mut Tables<'_>, place: &[u8]) -> Result<(), Fault> {
    match head(&tables.documents, place) {
        Ok(Some(head)) => remove(tables, place, &head),
        // Its entry in `expiries`, if there is one, leads nowhere and goes when its time has come.
        Ok(None) | Err(Fault::Refused(_)) => {
            tables.documents.remove(place)?;
            tables.values.remove(place)?;
            Ok(())
        }
        Err(broken) => Err(broken),
    }
}

fn remove(tables: &mut Tables<'_>, place: &[u8], head: &Head) -> Result<(), Fault> {
    tables.documents.remove(place)?;
    forget(tables, place, head)
}

/// Removes what belongs to a document but does not stand in its record.
fn forget(tables: &mut Tables<'_>, place: &[u8], head: &Head) -> Result<(), Fault> {
    if !is_inline(head) {
        tables.values.remove(place)?;
    }
    if let Some(end) = head.expires_at {
        tables.expiries.remove(&*expiry(end, Expiring::Document, place))?;
    }
    Ok(())
}

/// Whether the value stands behind its head.
pub(super) const fn is_inline(head: &Head) -> bool {
    head.length() <= INLINE_BYTES
}

pub(super) fn is_erasing(snapshot: &Snapshot, account: AccountId) -> Result<bool, Fault> {
    Ok(snapshot.erasing.get(account.as_bytes())?.is_some())
}

fn head(documents: &impl ReadableTable<&'static [u8], &'static [u8]>, place: &[u8]) -> Result<Option<Head>, Fault> {
    match documents.get(place)? {
        Some(record) => Ok(Some(Head::read(place, record.value())?.0)),
        None => Ok(None),
    }
}

/// The whole document, for whoever reads.
pub(super) fn load(snapshot: &Snapshot, place: &[u8], head: Head) -> Result<Document, Fault> {
    if is_inline(&head) { find(&snapshot.documents, place, head) } else { find(&snapshot.values, place, head) }
}

/// The whole document, from the table in which its value stands.
fn find(table: &impl ReadableTable<&'static [u8], &'static [u8]>, place: &[u8], head: Head) -> Result<Document, Fault> {
    let record = table.get(place)?.ok_or_else(|| damaged("a value is missing"))?;
    let value = if is_inline(&head) { Head::read(place, record.value())?.1 } else { record.value() };
    Ok(document(head, value)?)
}

/// The document with this head, if that is its value.
fn document(head: Head, value: &[u8]) -> Result<Document, StoreError> {
    head.check(value)?;
    Ok(Document {
        value: Value::from_stored(Bytes::copy_from_slice(value)),
        revision: head.revision,
        created_at: head.created_at,
        modified_at: head.modified_at,
        expires_at: head.expires_at,
    })
}

/// The answer where a condition does not hold.
fn refusal(tables: &Tables<'_>, place: &[u8], present: Option<Head>) -> Result<StoreError, Fault> {
    let document = present.map(|head| read(tables, place, head)).transpose()?;
    Ok(StoreError::Precondition(document.map(Box::new)))
}

fn read(tables: &Tables<'_>, place: &[u8], head: Head) -> Result<Document, Fault> {
    if is_inline(&head) { find(&tables.documents, place, head) } else { find(&tables.values, place, head) }
}
