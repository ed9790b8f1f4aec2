//! The file while it is open: the one place that holds the database.
//!
//! redb answers every call with an error once an input or output has failed, until the database is dropped and opened
//! again. So the database can be away for a while; whoever comes then is told so and nobody waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use redb::{Database, WriteTransaction};

use super::fault::{Fault, damaged, unavailable};
use super::open::{OpenError, of_redb};
use super::snapshot::Snapshot;

/// Opens the file again.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// The database, unless it is away.
pub(super) struct OpenFile {
    path: PathBuf,
    database: Mutex<Option<Database>>,
    /// What was committed last; there is none while the file is not open.
    latest: ArcSwapOption<Snapshot>,
    opener: Opener,
}

impl OpenFile {
    pub(super) fn new(path: &Path, database: Database, opener: Opener) -> Result<Self, OpenError> {
        let file = Self { path: path.to_owned(), database: Mutex::default(), latest: ArcSwapOption::empty(), opener };
        file.put(database)?;
        Ok(file)
    }

    /// Reads what was committed last. Takes no lock: neither a write nor another reading is waited for.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, Fault> {
        let latest = self.latest.load();
        let snapshot = latest.as_deref().ok_or_else(not_open)?;
        // redb finds most damage and says so; where it does not, it may panic.
        catch_unwind(AssertUnwindSafe(|| look(snapshot)))
            .unwrap_or_else(|_| Err(damaged("the file cannot be read").into()))
    }

    /// What was committed last, to be read for long. While somebody holds it, no page of it is used for anything else, so that
    /// the file grows by what is written meanwhile. `None` while the file is not open.
    pub(super) fn latest(&self) -> Option<Arc<Snapshot>> {
        self.latest.load_full()
    }

    /// Begins the one write transaction. Only the writer may ask, or somebody would wait.
    pub(super) fn begin_write(&self) -> Result<WriteTransaction, Fault> {
        let database = self.database();
        Ok(database.as_ref().ok_or_else(not_open)?.begin_write()?)
    }

    /// Lets readers see what was committed. Until then they see what was there before, so that nobody may be told of the
    /// commit earlier. Where it fails they see nothing, until the file is opened again.
    pub(super) fn show_commit(&self) -> Result<(), Fault> {
        let latest = match self.database().as_ref() {
            Some(database) => Snapshot::take(database),
            None => return Err(not_open()),
        };
        match latest {
            Ok(snapshot) => {
                self.latest.store(Some(Arc::new(snapshot)));
                Ok(())
            }
            Err(error) => {
                self.latest.store(None);
                Err(Fault::Broken(Box::new(error)))
            }
        }
    }

    /// Closes the file and opens it again.
    pub(super) fn reopen(&self) -> Result<(), OpenError> {
        self.close();
        self.put((self.opener)()?)
    }

    /// Closes the file. Readers that are not done do not keep it open: they go on as far as the cache reaches, and then
    /// get an error.
    pub(super) fn close(&self) {
        self.latest.store(None);
        let database = self.database().take();
        // Outside of the lock: closing writes to the disk.
        drop(database);
    }

    fn put(&self, database: Database) -> Result<(), OpenError> {
        let snapshot = Snapshot::take(&database).map_err(|error| of_redb(&self.path, error))?;
        *self.database() = Some(database);
        self.latest.store(Some(Arc::new(snapshot)));
        Ok(())
    }

    fn database(&self) -> MutexGuard<'_, Option<Database>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_open() -> Fault {
    unavailable("the file is not open").into()
}
