//! The connection: settings of the driver, with their reasons, and the collections.

use std::time::Duration;

use bson::{Document as BsonDocument, doc, raw::RawDocumentBuf};
use futures_util::TryStreamExt;
use mongodb::options::{
    ClientOptions, CollectionOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection, Cursor, Database};
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::super::{Location, PoolCounts, Result, StoreError};
use super::{failure, pool};

/// Which database to use, and the names of its collections.
#[derive(Clone)]
pub struct Options {
    /// Connection string.
    pub uri: String,
    /// Database.
    pub database: String,
    /// Collection of accounts.
    pub users: String,
    /// Collection of tokens.
    pub tokens: String,
    /// Collection of documents.
    pub documents: String,
}

impl Options {
    /// The options with the usual names of the collections.
    #[must_use]
    pub fn new(uri: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            database: database.into(),
            users: "users".to_owned(),
            tokens: "tokens".to_owned(),
            documents: "store".to_owned(),
        }
    }
}

/// Why a MongoDB cannot be used at all.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The connection string or one of its options is wrong.
    #[error("the MongoDB connection string is wrong: {0}")]
    Uri(String),
    /// The database did not do what was asked at once.
    #[error(transparent)]
    Store(StoreError),
}

/// The name of the collection for what belongs to no account: the schema's version, counters, leases.
const META: &str = "keybin";

/// The collections, with the driver's client behind them.
pub(super) struct Collections {
    pub(super) client: Client,
    pub(super) database: Database,
    pub(super) users: Collection<BsonDocument>,
    pub(super) tokens: Collection<BsonDocument>,
    pub(super) documents: Collection<RawDocumentBuf>,
    pub(super) meta: Collection<BsonDocument>,
}

impl Collections {
    /// Sets the driver up; it connects when it is first asked something.
    pub(super) async fn connect(options: &Options, counts: PoolCounts) -> Result<Self, OpenError> {
        let wrong = |error: mongodb::error::Error| OpenError::Uri(why_wrong(&options.uri, &error));
        let mut settings = ClientOptions::parse(&options.uri).await.map_err(wrong)?;
        settings.app_name.get_or_insert_with(|| "keybin".to_owned());
        // Three seconds without a primary are told as "not available" before our own deadline ends the wait.
        settings.server_selection_timeout = Some(Duration::from_secs(3));
        settings.connect_timeout = Some(Duration::from_secs(2));
        // A primary that stopped answering is noticed after this plus the connect timeout.
        settings.heartbeat_freq = Some(Duration::from_secs(2));
        settings.max_pool_size.get_or_insert(64);
        settings.max_connecting.get_or_insert(8);
        settings.cmap_event_handler = Some(pool::counted(counts));
        settings.retry_reads = Some(true);
        settings.retry_writes = Some(true);
        let client = Client::with_options(settings).map_err(wrong)?;
        let database = client.database(&options.database);
        // Set on each collection, so that weaker settings in the connection string do not count.
        let strict = CollectionOptions::builder()
            .write_concern(durable())
            .read_concern(ReadConcern::majority())
            .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
            .build();
        Ok(Self {
            users: database.collection_with_options(&options.users, strict.clone()),
            tokens: database.collection_with_options(&options.tokens, strict.clone()),
            documents: database.collection_with_options(&options.documents, strict.clone()),
            meta: database.collection_with_options(META, strict),
            database,
            client,
        })
    }

    /// Whether the server is one of a replica set, or the door to a sharded cluster: these have transactions, and number the
    /// commands of a session.
    pub(super) async fn is_replicated(&self) -> Result<bool> {
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let hello = self.database.run_command(doc! { "hello": 1 }).selection_criteria(primary).await;
        let hello = hello.map_err(|e| failure::of_read(&e))?;
        Ok(hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid"))
    }

    /// Asks the primary for a sign of life.
    pub(super) async fn ping(&self) -> Result<()> {
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let ping = self.database.run_command(doc! { "ping": 1 }).selection_criteria(primary);
        ping.await.map(drop).map_err(|e| failure::of_read(&e))
    }
}

/// What the driver says about a connection string, unless it may repeat a password.
fn why_wrong(uri: &str, error: &mongodb::error::Error) -> String {
    if Location::Mongo(uri.to_owned()).to_string() == uri {
        return failure::describe(error);
    }
    "it holds a secret, so that nothing of it is repeated here; in names and passwords, every character that is neither \
     a letter nor a digit is written as %XX"
        .to_owned()
}

/// Everything that a query finds.
pub(super) async fn collect<T, F>(find: F) -> Result<Vec<T>>
where
    T: DeserializeOwned + Unpin + Send + Sync,
    F: IntoFuture<Output = mongodb::error::Result<Cursor<T>>>,
{
    let found = match find.await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) => Err(error),
    };
    found.map_err(|error: mongodb::error::Error| failure::of_read(&error))
}

/// Acknowledged means: in the journal of a majority. The time limit lies before our own deadline, so that a majority
/// that is missing is told by the server.
pub(super) fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(mongodb::options::Acknowledgment::Majority)
        .journal(true)
        .w_timeout(Duration::from_millis(3800))
        .build()
}
