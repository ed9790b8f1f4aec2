//! Looking records up by what identifies them. Lookups that arrive while others are under way go out as one `find`.
//!
//! * A lookup sees at least what was there when it was asked for: nothing is remembered, and it only ever joins a `find`
//!   that has not been sent.
//! * A record that was found large is asked for alone the next time, so that others do not wait for it.

use std::sync::Arc;
use std::time::Instant;

use bson::raw::{RawBsonRef, RawDocument, RawDocumentBuf};
use bson::{Bson, doc};
use mongodb::Collection;
use quick_cache::sync::Cache;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::super::{Batches, Result, StoreError};
use super::gate::{DEADLINE, Permit};
use super::together::{Together, Worker};
use super::{client, tokens};

/// The most commands under way at once, beside those for large records.
const WORKERS: usize = 4;

/// The most lookups in one command.
const MOST: usize = 256;

/// From so many bytes on, a record is large.
const LARGE: usize = 32 * 1024;

/// How many large records are known as such.
const LARGE_KNOWN: usize = 4096;

/// What identifies a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Name {
    Text(String),
    Bytes([u8; 32]),
}

impl Name {
    /// That of a record which has it in this field.
    fn of(record: &RawDocument, field: &str) -> Option<Self> {
        match record.get(field).ok()?? {
            RawBsonRef::String(text) => Some(Self::Text(text.to_owned())),
            RawBsonRef::Binary(binary) => Some(Self::Bytes(binary.bytes.try_into().ok()?)),
            _ => None,
        }
    }
}

impl From<&Name> for Bson {
    fn from(name: &Name) -> Self {
        match name {
            Name::Text(text) => Self::String(text.clone()),
            Name::Bytes(bytes) => Self::Binary(tokens::binary(bytes)),
        }
    }
}

/// Looks records of one collection up, by one field that is different in each.
pub(super) struct Finder {
    collection: Collection<RawDocumentBuf>,
    field: &'static str,
    lookups: Arc<Together<Lookup>>,
    large: Cache<Name, ()>,
}

/// Somebody who waits for a record.
struct Lookup {
    name: Name,
    caller: oneshot::Sender<Result<Option<RawDocumentBuf>>>,
    came: Instant,
    /// Counts it among what is under way, also when nobody waits for it any more.
    _permit: Option<Permit>,
}

impl Finder {
    pub(super) fn new<T: Send + Sync>(collection: &Collection<T>, field: &'static str, counts: &Batches) -> Arc<Self> {
        let (lookups, large) = (Together::new(WORKERS, counts.clone()), Cache::new(LARGE_KNOWN));
        Arc::new(Self { collection: collection.clone_with_type(), field, lookups, large })
    }

    /// The record of this name. The permit, if the lookup needs one, is given back when it is over.
    pub(super) async fn find(self: &Arc<Self>, permit: Option<Permit>, name: Name) -> Result<Option<RawDocumentBuf>> {
        let (caller, answer) = oneshot::channel();
        let came = Instant::now();
        let lookup = Lookup { name, caller, came, _permit: permit };
        let finder = Arc::clone(self);
        if self.large.get(&lookup.name).is_some() {
            tokio::spawn(async move { finder.serve_alone(lookup).await });
        } else if let Some(worker) = self.lookups.join(lookup, came) {
            tokio::spawn(async move { finder.serve(worker).await });
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the lookup was broken off".into())))
    }

    async fn serve(&self, mut worker: Worker<Lookup>) {
        while let Some(mut asked) = worker.next(MOST, MOST, |_| 1) {
            asked.retain(|lookup| !lookup.caller.is_closed());
            asked.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            let found = if asked.is_empty() { Ok(Vec::new()) } else { self.find_all(&asked).await };
            match found {
                Ok(found) => self.hand_out(asked, found),
                Err(reason) => asked.into_iter().for_each(|lookup| lookup.answer(Err(reason.clone()))),
            }
        }
    }

    async fn serve_alone(&self, lookup: Lookup) {
        let found = self.find_all(std::slice::from_ref(&lookup)).await.map(|mut found| found.pop());
        if let Ok(record) = &found
            && !record.as_ref().is_some_and(|record| is_large(record))
        {
            self.large.remove(&lookup.name);
        }
        lookup.answer(found);
    }

    /// The records of all these, which are sorted, before the first of them has waited too long. Whoever came later has to
    /// wait no longer than that for his turn, so that nobody needs a timer of his own.
    async fn find_all(&self, asked: &[Lookup]) -> Result<Vec<RawDocumentBuf>> {
        let Some(first) = asked.iter().map(|lookup| lookup.came).min() else { return Ok(Vec::new()) };
        let mut names: Vec<&Name> = asked.iter().map(|lookup| &lookup.name).collect();
        names.dedup();
        let filter = match &names[..] {
            [one] => doc! { self.field: *one },
            several => doc! { self.field: { "$in": several.iter().copied().map(Bson::from).collect::<Vec<_>>() } },
        };
        // One more than there can be, so that one answer holds them all and the server keeps no cursor.
        let (collection, size) = (self.collection.clone(), names.len() as u32 + 1);
        // In a task of its own, because the driver does not allow its futures to be dropped.
        let found = tokio::spawn(async move { client::collect(collection.find(filter).batch_size(size)).await });
        match timeout_at((first + DEADLINE).into(), found).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => Err(StoreError::Unavailable("the lookup was broken off".into())),
            Err(_) => Err(StoreError::Unavailable("no answer in time".into())),
        }
    }

    fn hand_out(&self, asked: Vec<Lookup>, found: Vec<RawDocumentBuf>) {
        let mut records: Vec<Option<RawDocumentBuf>> = asked.iter().map(|_| None).collect();
        for record in found {
            let Some(name) = Name::of(&record, self.field) else { continue };
            let from = asked.partition_point(|lookup| lookup.name < name);
            let to = asked.partition_point(|lookup| lookup.name <= name);
            if is_large(&record) {
                self.large.insert(name, ());
            }
            records[from..to].fill(Some(record));
        }
        for (lookup, record) in asked.into_iter().zip(records) {
            lookup.answer(Ok(record));
        }
    }
}

impl Lookup {
    fn answer(self, answer: Result<Option<RawDocumentBuf>>) {
        // The caller may have given up.
        let _ = self.caller.send(answer);
    }
}

fn is_large(record: &RawDocument) -> bool {
    record.as_bytes().len() > LARGE
}
