//! Export: every document of an account, in the order of the keys.

use std::collections::VecDeque;

use super::line::{self, Times};
use crate::auth::Principal;
use crate::domain::{Key, KeyRange, Order, Outline};
use crate::service::{Documents, Result, ServiceError};

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
    caller: Principal,
    page: VecDeque<(Key, Outline)>,
    /// The last key that was read, while there are more.
    after: Option<Key>,
}

impl Documents {
    /// Begins an export of all that the caller keeps.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn export(&self, caller: &Principal) -> Result<Export> {
        let mut export = Export { documents: self.clone(), caller: caller.clone(), page: VecDeque::new(), after: None };
        export.turn_over(None).await?;
        Ok(export)
    }
}

impl Export {
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
        let range = KeyRange { prefix: String::new(), after, limit: PAGE, order: Order::Ascending };
        let page = self.documents.outlines(&self.caller, &range, SMALL_BYTES).await?;
        self.after = page.items.last().map(|(key, _)| key.clone()).filter(|_| page.more);
        self.page = page.items.into();
        Ok(())
    }

    async fn write(&self, lines: &mut Vec<u8>, key: &Key, outline: Outline) -> Result<()> {
        let Outline { value, created_at, modified_at, expires_at, .. } = outline;
        let (value, times) = match value {
            Some(value) => (value, Times { created_at, modified_at, expires_at }),
            None => match self.documents.get(&self.caller, key).await {
                Ok(document) => (
                    document.value,
                    Times {
                        created_at: document.created_at,
                        modified_at: document.modified_at,
                        expires_at: document.expires_at,
                    },
                ),
                // Somebody removed it meanwhile.
                Err(ServiceError::NoDocument(_)) => return Ok(()),
                Err(other) => return Err(other),
            },
        };
        Ok(line::write(lines, key, &value, &times)?)
    }
}
