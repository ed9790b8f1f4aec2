//! Documents: reading and writing them.

use std::sync::Arc;

use super::{Result, ServiceError};
use crate::auth::{Lookup, Owner, Principal};
use crate::domain::{
    Clock, Document, Key, KeyRange, Order, Outline, Page, Precondition, Revision, Timestamp, Usage, Value,
};
use crate::store::{Store, StoreError, Write, Written};

/// How often a write that looks at what is there begins again when somebody was faster.
const ATTEMPTS: usize = 16;

/// The service of documents. Whose documents follows from the [`Principal`] and from nothing else.
#[derive(Clone, Debug)]
pub struct Documents {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) max_value_bytes: usize,
}

/// What a write left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Whether the key is new.
    pub is_new: bool,
    /// The revision of the document.
    pub revision: Revision,
}

impl Documents {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, max_value_bytes: usize) -> Self {
        Self { store, clock, max_value_bytes }
    }

    /// The largest value, in bytes of JSON.
    #[must_use]
    pub const fn max_value_bytes(&self) -> usize {
        self.max_value_bytes
    }

    /// The present, by which documents expire.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The document under a key.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`].
    pub async fn get(&self, caller: &Principal, key: &Key) -> Result<Document> {
        reads(caller, key)?;
        let found = self.store.get(caller.account(), key, self.clock.now()).await?;
        found.ok_or_else(|| ServiceError::NoDocument(key.clone()))
    }

    /// The document that somebody looked up on the way in, and its key.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`], [`ServiceError::NotGranted`].
    pub fn looked_up(&self, lookup: Lookup) -> Result<(Key, Document)> {
        match lookup.open()? {
            (key, Some(document)) => Ok((key, document)),
            (key, None) => Err(ServiceError::NoDocument(key)),
        }
    }

    /// Creates or overwrites the document under a key with a value, given as JSON.
    ///
    /// # Errors
    /// [`ServiceError::Value`], [`ServiceError::TooLarge`], [`ServiceError::AccountGone`].
    pub async fn put(&self, caller: &Principal, key: &Key, json: &[u8]) -> Result<()> {
        writes(caller, key)?;
        let write = self.write(json, None)?;
        self.store.put(caller.account(), key, &write, Precondition::None, self.clock.now()).await?;
        Ok(())
    }

    /// Creates the document under a key.
    ///
    /// # Errors
    /// [`ServiceError::DocumentExists`], and those of [`Documents::put`].
    pub async fn create(&self, caller: &Principal, key: &Key, json: &[u8]) -> Result<()> {
        writes(caller, key)?;
        let write = self.write(json, None)?;
        match self.store.put(caller.account(), key, &write, Precondition::Absent, self.clock.now()).await {
            Err(StoreError::Precondition(_)) => Err(ServiceError::DocumentExists(key.clone())),
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// Overwrites the document under a key.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`], and those of [`Documents::put`].
    pub async fn update(&self, caller: &Principal, key: &Key, json: &[u8]) -> Result<()> {
        writes(caller, key)?;
        let write = self.write(json, None)?;
        match self.store.put(caller.account(), key, &write, Precondition::Present, self.clock.now()).await {
            Err(StoreError::Precondition(_)) => Err(ServiceError::NoDocument(key.clone())),
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// Creates or overwrites the document under a key, unless the one that is there was modified at the same time or
    /// later.
    ///
    /// # Errors
    /// [`ServiceError::NotNewer`], and those of [`Documents::put`].
    pub async fn put_newer(&self, caller: &Principal, key: &Key, json: &[u8], modified_at: Timestamp) -> Result<()> {
        writes(caller, key)?;
        let write = self.write(json, Some(modified_at))?;
        let when = Precondition::ModifiedBefore(modified_at);
        match self.store.put(caller.account(), key, &write, when, self.clock.now()).await {
            Err(StoreError::Precondition(_)) => Err(ServiceError::NotNewer),
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// Creates or overwrites the document under a key, or with `only_present` just overwrites it, and answers what is
    /// there now.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`], and those of [`Documents::put`].
    pub async fn set(&self, caller: &Principal, key: &Key, json: &[u8], only_present: bool) -> Result<Document> {
        writes(caller, key)?;
        let write = self.write(json, None)?;
        for _ in 0..ATTEMPTS {
            let now = self.clock.now();
            let present = self.store.get(caller.account(), key, now).await?;
            let (when, created_at) = match &present {
                None if only_present => return Err(ServiceError::NoDocument(key.clone())),
                None => (Precondition::Absent, now),
                Some(present) => (Precondition::Revision(present.revision), present.created_at),
            };
            match self.store.put(caller.account(), key, &write, when, now).await {
                Err(StoreError::Precondition(_)) => {}
                outcome => {
                    outcome?;
                    let Write { value, revision, .. } = write;
                    return Ok(Document { value, revision, created_at, modified_at: now, expires_at: None });
                }
            }
        }
        Err(ServiceError::Unavailable("too many writers of one key".to_owned()))
    }

    /// Creates or overwrites the document under a key, until a point in time or for good, if the condition holds, and
    /// answers what that left behind.
    ///
    /// # Errors
    /// [`ServiceError::Precondition`] with what is there, and those of [`Documents::put`].
    pub async fn put_if(
        &self,
        caller: &Principal,
        key: &Key,
        json: &[u8],
        expires_at: Option<Timestamp>,
        when: Precondition,
    ) -> Result<Saved> {
        writes(caller, key)?;
        let write = Write { expires_at, ..self.write(json, None)? };
        let written = self.store.put(caller.account(), key, &write, when, self.clock.now()).await?;
        Ok(Saved { is_new: written == Written::Created, revision: write.revision })
    }

    /// Removes the document under a key.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`].
    pub async fn delete(&self, caller: &Principal, key: &Key) -> Result<()> {
        self.delete_if(caller, key, Precondition::None).await
    }

    /// Removes the document under a key, if the condition holds.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`], [`ServiceError::Precondition`] with what is there.
    pub async fn delete_if(&self, caller: &Principal, key: &Key, when: Precondition) -> Result<()> {
        writes(caller, key)?;
        match self.store.delete(caller.account(), key, when, self.clock.now()).await {
            // Conditions are about what is there (RFC 9110, 13.2.1).
            Ok(false) | Err(StoreError::Precondition(None)) => Err(ServiceError::NoDocument(key.clone())),
            removed => Ok(removed.map(drop)?),
        }
    }

    /// Removes the documents under these keys, and tells how many there were.
    ///
    /// # Errors
    /// Those of the store; then some of them may be removed.
    pub async fn delete_many(&self, caller: &Principal, keys: &[Key]) -> Result<usize> {
        keys.iter().try_for_each(|key| writes(caller, key))?;
        let removed = self.store.delete_all(caller.account(), keys, self.clock.now()).await?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }

    /// A page of the caller's documents in outline, with values of at most so many bytes of BSON.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn outlines(
        &self,
        caller: &Principal,
        range: &KeyRange,
        value_bytes: u64,
    ) -> Result<Page<(Key, Outline)>> {
        let Some(prefix) = caller.grant().narrow(&range.prefix) else {
            return Ok(Page { items: Vec::new(), more: false });
        };
        let range = KeyRange { prefix: prefix.to_owned(), ..range.clone() };
        Ok(self.store.list_outlines(caller.account(), &range, value_bytes, self.clock.now()).await?)
    }

    /// How much the owner keeps.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn usage(&self, owner: Owner<'_>) -> Result<Usage> {
        Ok(self.store.usage(owner.account(), self.clock.now()).await?)
    }

    pub(super) fn write(&self, json: &[u8], modified_at: Option<Timestamp>) -> Result<Write> {
        let value = Value::from_json(json, self.max_value_bytes)?;
        Ok(Write { modified_at, ..Write::of(value) })
    }
}

/// Whether the caller may read under a key.
pub(super) fn reads(caller: &Principal, key: &Key) -> Result<()> {
    if caller.grant().reads(key) { Ok(()) } else { Err(ServiceError::NotGranted) }
}

/// Whether the caller may write under a key.
pub(super) fn writes(caller: &Principal, key: &Key) -> Result<()> {
    if caller.grant().writes(key) { Ok(()) } else { Err(ServiceError::NotGranted) }
}

pub(super) fn all_after(last: Option<&Key>, limit: usize) -> KeyRange {
    KeyRange { prefix: String::new(), after: last.cloned(), limit, order: Order::Ascending }
}
