//! The file while it is open: the one place that holds the database.
//!
//! redb answers every call with an error once an input or output has failed, until the database is dropped and opened
//! again. So the database can be away for a while; whoever comes then is told so and nobody waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::fault::{Fault, damaged, unavailable};
use super::open::OpenError;

/// Opens the file again.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// The database, unless it is away.
pub(super) struct OpenFile {
    database: RwLock<Option<Database>>,
    opener: Opener,
}

impl OpenFile {
    pub(super) fn new(database: Database, opener: Opener) -> Self {
        Self { database: RwLock::new(Some(database)), opener }
    }

    /// Reads in one snapshot. Never waits for a write: a commit takes no lock that beginning to read needs.
    pub(super) fn read<T>(&self, look: impl FnOnce(&ReadTransaction) -> Result<T, Fault>) -> Result<T, Fault> {
        let transaction = self.with(|database| Ok(database.begin_read()?))?;
        // redb finds most damage and says so; where it does not, it may panic.
        catch_unwind(AssertUnwindSafe(|| look(&transaction)))
            .unwrap_or_else(|_| Err(damaged("the file cannot be read").into()))
    }

    /// Begins the one write transaction. Only the writer may ask, or somebody would wait.
    pub(super) fn begin_write(&self) -> Result<WriteTransaction, Fault> {
        self.with(|database| Ok(database.begin_write()?))
    }

    /// Closes the file and opens it again.
    pub(super) fn reopen(&self) -> Result<(), OpenError> {
        self.close();
        let database = (self.opener)()?;
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = Some(database);
        Ok(())
    }

    /// Closes the file. Readers that are not done do not keep it open: they go on as far as the cache reaches, and then
    /// get an error.
    pub(super) fn close(&self) {
        let database = self.database.write().unwrap_or_else(PoisonError::into_inner).take();
        // Outside of the lock: closing writes to the disk.
        drop(database);
    }

    fn with<T>(&self, act: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Fault> {
        match &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
            Some(database) => act(database),
            None => Err(unavailable("the file is not open").into()),
        }
    }
}
