//! Documents: reading and writing them.

use std::sync::Arc;

use super::{Result, ServiceError};
use crate::auth::Principal;
use crate::domain::{Clock, Document, Key, KeyRange, Precondition, Revision, Value};
use crate::store::{Store, Write};

/// Keys read from the store at once when all of them are wanted.
const BATCH: usize = 1000;

/// The service of documents. Whose documents follows from the [`Principal`] and from nothing else.
#[derive(Clone, Debug)]
pub struct Documents {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    max_value_bytes: usize,
}

impl Documents {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, max_value_bytes: usize) -> Self {
        Self { store, clock, max_value_bytes }
    }

    /// The document under a key.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`].
    pub async fn get(&self, caller: &Principal, key: &Key) -> Result<Document> {
        let found = self.store.get(caller.account(), key, self.clock.now()).await?;
        found.ok_or_else(|| ServiceError::NoDocument(key.clone()))
    }

    /// Creates or overwrites the document under a key with a value, given as JSON.
    ///
    /// # Errors
    /// [`ServiceError::Value`], [`ServiceError::TooLarge`], [`ServiceError::AccountGone`].
    pub async fn put(&self, caller: &Principal, key: &Key, json: &[u8]) -> Result<Revision> {
        let value = Value::from_json(json, self.max_value_bytes)?;
        let write = Write { value, revision: Revision::random(), expires_at: None, modified_at: None };
        self.store.put(caller.account(), key, &write, Precondition::None, self.clock.now()).await?;
        Ok(write.revision)
    }

    /// Every key of the caller, in bytewise order.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keys(&self, caller: &Principal) -> Result<Vec<Key>> {
        let mut keys: Vec<Key> = Vec::new();
        loop {
            let range = KeyRange { prefix: String::new(), after: keys.last().cloned(), limit: BATCH };
            let page = self.store.list_keys(caller.account(), &range, self.clock.now()).await?;
            keys.extend(page.items);
            if !page.more {
                return Ok(keys);
            }
        }
    }
}
