//! Export: every document of an account, in the order of the keys.

use std::collections::VecDeque;

use super::Reach;
use super::line::{self, Times};
use crate::auth::Principal;
use crate::domain::{AccountId, Document, Key, KeyRange, Order, Outline};
use crate::service::{Documents, Operator, Result};

/// Documents read from the store at once.
const PAGE: usize = 200;

/// Values of more bytes than this are read one by one.
const SMALL_BYTES: u64 = 64 * 1024;

/// How much is handed out at once, unless a single line is longer.
const CHUNK_BYTES: usize = 64 * 1024;

/// An export under way.
#[derive(Debug)]
pub struct Export {
    documents: Documents,
    reach: Reach,
    page: VecDeque<(Key, Outline)>,
    /// The last key that was read, while there are more.
    after: Option<Key>,
}

impl Documents {
    /// Begins an export of all that the caller may read.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn export(&self, caller: &Principal) -> Result<Export> {
        Export::begin(self, Reach::of(caller)).await
    }
}

impl Operator {
    /// Begins an export of the documents of an account.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn export(&self, account: AccountId) -> Result<Export> {
        Export::begin(&self.documents, Reach::whole(account)).await
    }
}

impl Export {
    pub(super) async fn begin(documents: &Documents, reach: Reach) -> Result<Self> {
        let mut export = Self { documents: documents.clone(), reach, page: VecDeque::new(), after: None };
        export.turn_over(None).await?;
        Ok(export)
    }

    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// Those of the store. What was handed out before is not all.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut lines = Vec::new();
        while lines.len() < CHUNK_BYTES {
            let Some((key, outline)) = self.page.pop_front() else {
                match self.after.take() {
                    Some(after) => self.turn_over(Some(after)).await?,
                    None => break,
                }
                continue;
            };
            self.write(&mut lines, &key, outline).await?;
        }
        Ok(Some(lines).filter(|lines| !lines.is_empty()))
    }

    async fn turn_over(&mut self, after: Option<Key>) -> Result<()> {
        let Documents { store, clock, .. } = &self.documents;
        let Reach { account, grant } = &self.reach;
        let range = KeyRange { prefix: grant.prefix.clone(), after, limit: PAGE, order: Order::Ascending };
        let page = store.list_outlines(*account, &range, SMALL_BYTES, clock.now()).await?;
        self.after = page.items.last().map(|(key, _)| key.clone()).filter(|_| page.more);
        self.page = page.items.into();
        Ok(())
    }

    async fn write(&self, lines: &mut Vec<u8>, key: &Key, outline: Outline) -> Result<()> {
        let Outline { value, created_at, modified_at, expires_at, .. } = outline;
        let (value, times) = match value {
            Some(value) => (value, Times { created_at, modified_at, expires_at }),
            None => match self.whole(key).await? {
                Some(document) => (
                    document.value,
                    Times {
                        created_at: document.created_at,
                        modified_at: document.modified_at,
                        expires_at: document.expires_at,
                    },
                ),
                // Somebody removed it meanwhile.
                None => return Ok(()),
            },
        };
        Ok(line::write(lines, key, &value, &times)?)
    }

    async fn whole(&self, key: &Key) -> Result<Option<Document>> {
        let Documents { store, clock, .. } = &self.documents;
        Ok(store.get(self.reach.account, key, clock.now()).await?)
    }
}
