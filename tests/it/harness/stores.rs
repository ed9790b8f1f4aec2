//! A store for one test alone: a file in a directory of its own, or a database of its own on the shared server.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bson::{RawDocumentBuf, doc};
use keybin::domain::{Clock, Timestamp};
use keybin::store::Store;
use keybin::store::embedded::EmbeddedStore;
use keybin::store::mongo::{MongoStore, Options};
use redb::{ReadableDatabase, ReadableTableMetadata};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use super::TestClock;
use super::mongod::Mongod;

/// How long a store may take until it answers a ping.
const PATIENCE: Duration = Duration::from_secs(30);

/// The two implementations of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Embedded,
    Mongo,
}

impl Backend {
    pub(crate) const BOTH: [Self; 2] = [Self::Embedded, Self::Mongo];
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Mongo => "mongo",
        })
    }
}

/// An open store, used like any other, together with the place where its data lies.
pub(crate) struct TestStore {
    /// `None` only while the place is looked at without the store.
    store: Option<Arc<dyn Store>>,
    place: Place,
    clock: Arc<TestClock>,
}

/// Where the data lies.
enum Place {
    File { directory: TempDir },
    Database { database: mongodb::Database, options: Options },
}

impl Deref for TestStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.store.as_deref().expect("the store is open")
    }
}

impl TestStore {
    /// Opens a store with nothing in it.
    pub(crate) async fn open(backend: Backend, mongod: &Mongod, test: &str) -> Self {
        let place = match backend {
            Backend::Embedded => {
                let directory = tempfile::Builder::new().prefix("keybin-store-").tempdir();
                Place::File { directory: directory.expect("a temporary directory") }
            }
            Backend::Mongo => {
                let name = database_name(test);
                let database = mongod.client().database(&name);
                Place::Database { database, options: Options::new(mongod.uri(), name) }
            }
        };
        let clock = Arc::new(TestClock::new());
        let store = Some(place.open(clock.clone()).await);
        Self { store, place, clock }
    }

    /// The store, for tasks of their own. They must be over before [`TestStore::reopen`] or [`TestStore::rows`].
    pub(crate) fn share(&self) -> Arc<dyn Store> {
        self.store.clone().expect("the store is open")
    }

    /// Waits until every share was given back.
    pub(crate) async fn come_back(&self) {
        let start = Instant::now();
        while self.store.as_ref().is_some_and(|store| Arc::strong_count(store) > 1) {
            assert!(start.elapsed() < PATIENCE, "somebody keeps the store for more than {PATIENCE:?}");
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// The clock, for whoever goes by it as well.
    pub(crate) fn share_clock(&self) -> Arc<TestClock> {
        self.clock.clone()
    }

    /// The clock of the store. It starts at [`TestClock::START`].
    pub(crate) fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Sets the clock to `now`, and gives it back to be passed on.
    pub(crate) fn at(&self, now: Timestamp) -> Timestamp {
        self.clock.set(now)
    }

    /// Closes the store and opens it again, as a restart does.
    pub(crate) async fn reopen(&mut self) {
        self.shut().await;
        self.store = Some(self.place.open(self.clock.clone()).await);
    }

    /// How many rows there are in all tables, or documents in all collections, seen past the store.
    pub(crate) async fn rows(&mut self) -> u64 {
        if let Place::Database { database, options } = &self.place {
            return count_documents(database, options).await;
        }
        self.shut().await;
        let rows = self.place.file().map_or(0, |file| count_rows(&file));
        self.store = Some(self.place.open(self.clock.clone()).await);
        rows
    }

    /// The database itself, where the store is on MongoDB.
    pub(crate) fn database(&self) -> Option<&mongodb::Database> {
        match &self.place {
            Place::File { .. } => None,
            Place::Database { database, .. } => Some(database),
        }
    }

    /// Closes the store and removes its data.
    pub(crate) async fn remove(mut self) {
        self.shut().await;
        if let Some(database) = self.database() {
            database.drop().await.expect("drops the database of the test");
        }
    }

    async fn shut(&mut self) {
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }
}

impl Place {
    fn file(&self) -> Option<PathBuf> {
        match self {
            Self::File { directory } => Some(directory.path().join("keybin.redb")),
            Self::Database { .. } => None,
        }
    }

    async fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let store: Arc<dyn Store> = match self {
            Self::File { directory } => {
                let file = directory.path().join("keybin.redb");
                Arc::new(EmbeddedStore::open(&file, clock).expect("the file opens"))
            }
            Self::Database { options, .. } => {
                Arc::new(MongoStore::open(options, clock).await.expect("the database opens"))
            }
        };
        let start = Instant::now();
        while let Err(error) = store.ping().await {
            assert!(start.elapsed() < PATIENCE, "the store is not ready after {PATIENCE:?}: {error}");
            sleep(Duration::from_millis(10)).await;
        }
        store
    }
}

/// A name of at most 63 bytes (MongoDB's limit is 64) that tells which test it was and is taken by no other.
pub(super) fn database_name(test: &str) -> String {
    let test: String = test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let last = &test[test.len().saturating_sub(30)..];
    format!("{last}_{}", Uuid::new_v4().simple())
}

pub(super) async fn count_documents(database: &mongodb::Database, options: &Options) -> u64 {
    let mut total = 0;
    for name in [&options.users, &options.tokens, &options.documents] {
        let collection = database.collection::<RawDocumentBuf>(name);
        total += collection.count_documents(doc! {}).await.expect("counts");
    }
    total
}

pub(super) fn count_rows(file: &Path) -> u64 {
    let database = redb::Database::open(file).expect("nobody has the file open");
    let reading = database.begin_read().expect("reads");
    let tables = reading.list_tables().expect("lists tables");
    let rows = tables.map(|table| reading.open_untyped_table(table).and_then(|table| Ok(table.len()?)));
    let multimaps = reading.list_multimap_tables().expect("lists multimap tables");
    let more = multimaps.map(|table| reading.open_untyped_multimap_table(table).and_then(|table| Ok(table.len()?)));
    rows.chain(more).map(|count| count.expect("counts")).sum()
}
