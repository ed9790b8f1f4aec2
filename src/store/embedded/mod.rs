//! The embedded file: a store in one file of this machine, on redb.
//!
//! * Reads look at what was committed last, on the caller's thread, or on a blocking one where they go through many
//!   records. They take no lock.
//! * Writes go through a queue to the one thread that writes; see `writer`.
//! * One process has the file open at a time.
//!
//! ```text
//! open        making, recognising and refusing a file
//! open_file   the database, which may be away and is then opened again
//! tables      the layout             codec       records ⇄ bytes
//! queue       handing over           writer      group commit
//! threads     those of a store       snapshot    what readers look at
//! accounts, tokens, documents, changes, listing, secrets    what is done within a transaction
//! erasure, housekeeping                   what goes on in the background      amounts    how much there is
//! inspect     whether all of it holds together                backup      all of it, taken elsewhere and back
//! examine     the same from outside                           overlay     looking without changing anything
//! ```
//!
//! The file never shrinks; what is removed makes room for what comes.

mod accounts;
mod amounts;
mod at_once;
pub mod backup;
mod changes;
mod codec;
mod documents;
mod erasure;
mod examine;
mod fault;
mod housekeeping;
mod inspect;
mod listing;
mod open;
mod open_file;
mod overlay;
mod queue;
mod secrets;
mod snapshot;
mod tables;
mod threads;
mod tokens;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use redb::{Database, ReadableTable};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore};

pub use examine::{Holder, Soundness, examine, holder};
pub use open::OpenError;

use self::erasure::Burial;
use self::fault::{Fault, unavailable};
use self::housekeeping::Housekeeper;
use self::open_file::{OpenFile, Opener};
use self::queue::Queue;
use self::snapshot::Snapshot;
use self::tables::FORMAT_KEY;
use self::threads::Threads;
use self::writer::Writer;
use super::{
    Action, Counts, Credentials, EmbeddedCounts, Failures, Inside, Operation, Outcome, Result, Store, StoreError,
    Warrant, Write, Written, plan,
};
use crate::domain::{
    Account, AccountChange, AccountId, Amounts, Change, ClientId, Clock, Document, IssuedToken, Key, KeyRange,
    NameRange, NewAccount, Outline, Page, Precondition, Query, Stretch, Timestamp, TokenHash, Usage, Username,
};

/// A store in one file.
pub struct EmbeddedStore {
    path: PathBuf,
    file: Arc<OpenFile>,
    queue: Queue,
    commits: Arc<AtomicU64>,
    counts: Counts,
    /// Who may work out a change that takes long.
    heavy: Semaphore,
    threads: Mutex<Option<Threads>>,
}

impl EmbeddedStore {
    /// Opens the file at `path`, or makes it, and goes on with what was broken off.
    ///
    /// # Errors
    /// [`OpenError`], which names the file.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_with_cache(path, open::CACHE_BYTES, clock)
    }

    /// The same with a limit of one's own for the memory that pages of the file are kept in.
    ///
    /// # Errors
    /// [`OpenError`], which names the file.
    pub fn open_with_cache(path: &Path, cache_bytes: usize, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = open::open_or_create(path, cache_bytes)?;
        let again = path.to_owned();
        let opener = Box::new(move || open::open_existing(&again, cache_bytes));
        let mut store = Self::start(path, database, opener, Arc::clone(&clock))?;
        if let Some(threads) = store.threads.get_mut() {
            threads.open_door(path, &store.file, clock);
        }
        Ok(store)
    }

    /// Starts the threads on a database that `opener` can open again.
    fn start(path: &Path, database: Database, opener: Opener, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let file = Arc::new(OpenFile::new(path, database, opener)?);
        let commits = Arc::new(AtomicU64::new(0));
        let (failures, within) = (Failures::default(), EmbeddedCounts::default());
        let (queue, receiver) = Queue::new(within.writes.waiting.clone(), failures.clone());
        let writer = Writer {
            file: Arc::clone(&file),
            queue: receiver,
            runtime: Handle::try_current().ok(),
            commits: Arc::clone(&commits),
            counts: within.clone(),
        };
        let housekeeper = Housekeeper { file: Arc::clone(&file), queue: queue.clone(), clock };
        let threads = Threads::start(writer, housekeeper).map_err(|error| open::of_io(path, error))?;
        let (heavy, threads) = (at_once::heavy(), Mutex::new(Some(threads)));
        let counts = Counts { failures, inside: Inside::Embedded(within) };
        Ok(Self { path: path.to_owned(), file, queue, commits, counts, heavy, threads })
    }

    /// A look at a few records, on the caller's thread: they are mostly in redb's cache, so that it takes
    /// microseconds, less than handing it to another thread and back.
    fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T> {
        read(&self.file, &self.queue, look)
    }

    /// A look at many records.
    async fn scan<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Snapshot) -> Result<T, Fault> + Send + 'static,
    {
        let (file, queue) = (Arc::clone(&self.file), self.queue.clone());
        let scan = tokio::task::spawn_blocking(move || read(&file, &queue, look));
        scan.await.unwrap_or_else(|error| Err(unavailable(error)))
    }
}

fn read<T>(file: &OpenFile, queue: &Queue, look: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T> {
    let answer = file.read(look).map_err(|fault| {
        if fault.is_doubtful() {
            queue.doubt();
        }
        fault.of_a_reading()
    });
    queue.note(answer)
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn create_account(&self, new: &NewAccount) -> Result<Account> {
        let new = new.clone();
        self.queue.write(0, move |tables| accounts::create(tables, &new)).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        self.read(|snapshot| accounts::get(snapshot, id))
    }

    async fn credentials(&self, name: &Username) -> Result<Option<Credentials>> {
        self.read(|snapshot| accounts::credentials(snapshot, name))
    }

    async fn list_accounts(&self, range: &NameRange) -> Result<Page<Account>> {
        let range = range.clone();
        self.scan(move |snapshot| accounts::list(snapshot, &range)).await
    }

    async fn update_account(&self, id: AccountId, change: &AccountChange) -> Result<Account> {
        let change = change.clone();
        self.queue.write(0, move |tables| accounts::update(tables, id, &change)).await
    }

    async fn erase_account(&self, id: AccountId) -> Result<bool> {
        let burial = self.queue.write(0, move |tables| erasure::bury(tables, id)).await?;
        if burial == Burial::Nobody {
            return Ok(false);
        }
        // If the caller goes away here, housekeeping finishes. Of two that erase, each does what the other left.
        loop {
            match self.queue.write_patiently(move |tables| erasure::clear(tables, id)).await {
                Ok(true) => return Ok(burial == Burial::Buried),
                Ok(false) => {}
                Err(error) => {
                    return Err(StoreError::Unknown(format!(
                        "the account is gone, its documents will follow: {error}"
                    )));
                }
            }
        }
    }

    async fn put_token(&self, token: &IssuedToken, warrant: &Warrant) -> Result<()> {
        let (token, warrant) = (token.clone(), warrant.clone());
        self.queue.write(0, move |tables| tokens::put(tables, &token, &warrant)).await
    }

    async fn token(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>> {
        self.read(|snapshot| tokens::get(snapshot, hash, now))
    }

    async fn list_tokens(&self, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>> {
        self.scan(move |snapshot| tokens::list(snapshot, account, now)).await
    }

    async fn delete_token(&self, account: AccountId, client_id: &ClientId) -> Result<bool> {
        let client_id = client_id.clone();
        self.queue.write(0, move |tables| tokens::delete(tables, account, &client_id)).await
    }

    async fn delete_other_tokens(&self, account: AccountId, kept: &ClientId, now: Timestamp) -> Result<u64> {
        let kept = kept.clone();
        self.queue.write(0, move |tables| tokens::end_others(tables, account, &kept, now)).await
    }

    async fn read_by_token(
        &self,
        hash: &TokenHash,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(IssuedToken, Option<Document>)>> {
        self.read(|snapshot| {
            let Some(token) = tokens::get(snapshot, hash, now)? else { return Ok(None) };
            let document = documents::get(snapshot, token.account, key, now)?;
            Ok(Some((token, document)))
        })
    }

    async fn read_by_name(
        &self,
        name: &Username,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Credentials, Option<Document>)>> {
        self.read(|snapshot| {
            let Some(known) = accounts::credentials(snapshot, name)? else { return Ok(None) };
            let document = documents::get(snapshot, known.account.id, key, now)?;
            Ok(Some((known, document)))
        })
    }

    async fn get(&self, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>> {
        self.read(|snapshot| documents::get(snapshot, account, key, now))
    }

    async fn put(
        &self,
        account: AccountId,
        key: &Key,
        write: &Write,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Written> {
        let bytes = write.value.as_stored().len();
        if bytes > documents::MAX_VALUE_BYTES {
            return Err(StoreError::TooLarge);
        }
        let (key, write) = (key.clone(), write.clone());
        self.queue.write(bytes, move |tables| documents::put(tables, account, &key, &write, &when, now)).await
    }

    async fn delete(&self, account: AccountId, key: &Key, when: Precondition, now: Timestamp) -> Result<bool> {
        let key = key.clone();
        self.queue.write(0, move |tables| documents::delete(tables, account, &key, &when, now)).await
    }

    async fn change(
        &self,
        account: AccountId,
        key: &Key,
        change: &Change,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Document> {
        let operation = Operation { key: key.clone(), when, action: Action::Change(change.clone()) };
        match at_once::apply(self, account, Arc::new([operation]), now).await {
            Ok(outcomes) => plan::one_document(outcomes),
            Err(StoreError::Operation { reason, .. }) => Err(*reason),
            Err(other) => Err(other),
        }
    }

    async fn apply_all(&self, account: AccountId, operations: &[Operation], now: Timestamp) -> Result<Vec<Outcome>> {
        at_once::apply(self, account, operations.into(), now).await
    }

    async fn delete_all(&self, account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64> {
        at_once::delete(self, account, keys, now).await
    }

    async fn list_keys(&self, account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>> {
        let range = range.clone();
        self.scan(move |snapshot| listing::keys(snapshot, account, &range, now)).await
    }

    async fn list_documents(
        &self,
        account: AccountId,
        query: &Query,
        now: Timestamp,
    ) -> Result<Stretch<Vec<(Key, Document)>>> {
        let query = query.clone();
        self.scan(move |snapshot| listing::documents(snapshot, account, &query, now)).await
    }

    async fn count_documents(&self, account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<u64>> {
        let query = query.clone();
        self.scan(move |snapshot| listing::count(snapshot, account, &query, now)).await
    }

    async fn list_outlines(
        &self,
        account: AccountId,
        range: &KeyRange,
        value_bytes: u64,
        now: Timestamp,
    ) -> Result<Page<(Key, Outline)>> {
        let range = range.clone();
        self.scan(move |snapshot| listing::outlines(snapshot, account, &range, value_bytes, now)).await
    }

    async fn usage(&self, account: AccountId, now: Timestamp) -> Result<Usage> {
        self.scan(move |snapshot| listing::usage(snapshot, account, now)).await
    }

    async fn amounts(&self) -> Result<Amounts> {
        let path = self.path.clone();
        self.scan(move |snapshot| amounts::of(snapshot, &path)).await
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }

    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
        let (name, fresh) = (name.to_owned(), fresh.to_vec());
        self.queue.write(0, move |tables| secrets::get_or_make(tables, &name, &fresh)).await
    }

    async fn ping(&self) -> Result<()> {
        self.read(|snapshot| {
            snapshot.meta.get(FORMAT_KEY)?;
            Ok(())
        })?;
        self.queue
            .look(|tables| {
                tables.meta.get(FORMAT_KEY)?;
                Ok(())
            })
            .await
    }

    async fn close(&self) {
        // Held while waiting, so that whoever closes at the same time also waits until it is done.
        let mut threads = self.threads.lock().await;
        if let Some(threads) = threads.take() {
            let queue = self.queue.clone();
            if tokio::task::spawn_blocking(move || threads.end(&queue)).await.is_err() {
                tracing::error!("store: closing was broken off");
            }
            tracing::debug!("store: closed after {} commits", self.commits.load(Ordering::Relaxed));
        }
    }
}

impl Drop for EmbeddedStore {
    /// Finishes what is under way, so that the file is free for the next who opens it.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.get_mut().take() {
            threads.end(&self.queue);
        }
    }
}

/// Shows the path only.
impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("path", &self.path).finish_non_exhaustive()
    }
}
