//! MongoDB: one node, a replica set or a sharded cluster.
//!
//! * `_id` identifies: `"<user_id>"` in `users`, `"<user_id>/<client id>"` in `tokens`, `"<user_id>/<key>"` in `store`.
//!   One index serves lookups, listings by prefix and erasure, and a cluster can shard on it.
//! * Writes are `w:"majority", j:true`, reads come from the primary with read concern `majority`.
//! * No transaction is needed but for several operations at once: a write that needs a live account looks at the account
//!   *after* it wrote. Had the erasure begun before that look, the write takes itself back; had it not, the erasure,
//!   which removes the data after it marked the account, removes this write as well.
//! * What arrives while others are under way goes out together with others that arrive (`together`): lookups as one
//!   `find`, updates as one `update`.
//! * The database may be away, at the start too: then every answer is `StoreError::Unavailable`, within the
//!   deadline of the `gate`.

mod accounts;
mod adopt;
mod amounts;
mod changes;
mod client;
mod documents;
mod duty;
mod erase;
mod examine;
mod failure;
pub mod filter;
mod finder;
mod gate;
pub mod ids;
mod lease;
mod lines;
mod listing;
mod pause;
mod pool;
mod records;
mod schema;
mod secrets;
mod together;
mod tokens;
mod transaction;
mod updates;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::AbortHandle;
use tokio::time::sleep;

pub use adopt::Adoption;
pub use client::{OpenError, Options};
pub use examine::{Examination, Members, TESTED, Topology, examine};

use self::changes::Changes;
use self::client::Collections;
use self::gate::Gate;
use self::records::Records;
use self::updates::Updates;
use super::{
    Action, Counts, Credentials, Failures, Inside, MongoCounts, Operation, Outcome, PoolCounts, Result, Store, Warrant,
    Write, Written,
};
use crate::domain::{
    Account, AccountChange, AccountId, Amounts, Change, ClientId, Clock, Document, IssuedToken, Key, KeyRange,
    NameRange, NewAccount, Outline, Page, Precondition, Query, Stretch, Timestamp, TokenHash, Usage, Username,
};

/// The ways to the database.
struct Ways {
    db: Arc<Collections>,
    /// Lookups that go out together.
    records: Records,
    /// Updates that go out together.
    updates: Arc<Updates>,
}

/// The store on MongoDB.
pub struct MongoStore {
    db: Arc<Collections>,
    ways: Arc<Ways>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    /// The changes under way.
    changes: Arc<Changes>,
    counts: Counts,
    duty: AbortHandle,
}

impl MongoStore {
    /// Connects in the background: the store answers [`Unavailable`](super::StoreError::Unavailable) until the database is there and its
    /// indexes are made. An existing database of the original Keybin is adopted on the way.
    ///
    /// # Errors
    /// [`OpenError`] when the connection string is wrong; never because the database is away.
    pub async fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let (failures, within) = (Failures::default(), MongoCounts::default());
        let db = Arc::new(Collections::connect(options, within.pool.clone()).await?);
        let gate = Arc::new(Gate::closed(failures.clone()));
        let duty = tokio::spawn(duty::run(Arc::clone(&db), Arc::clone(&gate), Arc::clone(&clock))).abort_handle();
        let records = Records::new(&db, Arc::clone(&gate), &within.lookups);
        let updates = Updates::new(Arc::clone(&db), &within.updates);
        let ways = Arc::new(Ways { db: Arc::clone(&db), records, updates });
        let changes = Arc::new(Changes::new(within.changes.clone()));
        let counts = Counts { failures, inside: Inside::Mongo(within) };
        Ok(Self { db, ways, gate, clock, changes, counts, duty })
    }
}

/// Adopts a database of the original Keybin, or only tells what would be done. [`MongoStore::open`] does it as well.
///
/// # Errors
/// [`OpenError`] when the connection string is wrong or the database is away.
pub async fn migrate(options: &Options, check_only: bool, clock: &dyn Clock) -> Result<Adoption, OpenError> {
    let db = Collections::connect(options, PoolCounts::default()).await?;
    let adoption = if check_only { adopt::look(&db).await } else { schema::prepare(&db, clock).await };
    let adoption = adoption.map_err(OpenError::Store);
    db.client.clone().shutdown().await;
    adoption
}

impl std::fmt::Debug for MongoStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MongoStore").field("database", &self.db.users.namespace().db).finish_non_exhaustive()
    }
}

/// What is asked of the driver is asked by a task of its own, with clones, because the driver does not allow its futures to be dropped on the
/// way (see its manual, "Warning about timeouts / cancellation").
#[async_trait]
impl Store for MongoStore {
    async fn create_account(&self, new: &NewAccount) -> Result<Account> {
        let (db, new) = (Arc::clone(&self.db), new.clone());
        self.gate.write(async move { accounts::create(&db, &new).await }).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        let db = Arc::clone(&self.db);
        self.gate.read(async move { accounts::by_id(&db, id).await }).await
    }

    async fn credentials(&self, name: &Username) -> Result<Option<Credentials>> {
        self.gate.note(self.ways.records.credentials(name).await)
    }

    async fn list_accounts(&self, range: &NameRange) -> Result<Page<Account>> {
        let (db, range) = (Arc::clone(&self.db), range.clone());
        self.gate.read(async move { accounts::list(&db, &range).await }).await
    }

    async fn update_account(&self, id: AccountId, change: &AccountChange) -> Result<Account> {
        let (db, change) = (Arc::clone(&self.db), change.clone());
        self.gate.write(async move { accounts::update(&db, id, &change).await }).await
    }

    async fn erase_account(&self, id: AccountId) -> Result<bool> {
        let db = Arc::clone(&self.db);
        if !self.gate.write(async move { erase::mark(&db, id).await }).await? {
            return Ok(false);
        }
        erase::finish(&self.db, &self.gate, id, self.clock.now()).await.map(|()| true)
    }

    async fn put_token(&self, token: &IssuedToken, warrant: &Warrant) -> Result<()> {
        let (db, token, warrant) = (Arc::clone(&self.db), token.clone(), warrant.clone());
        self.gate.write(async move { tokens::put(&db, &token, &warrant).await }).await
    }

    async fn token(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>> {
        self.gate.note(self.ways.records.token(hash, now).await)
    }

    async fn list_tokens(&self, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>> {
        let db = Arc::clone(&self.db);
        self.gate.read(async move { tokens::list(&db, account, now).await }).await
    }

    async fn delete_token(&self, account: AccountId, client_id: &ClientId) -> Result<bool> {
        let (db, client_id) = (Arc::clone(&self.db), client_id.clone());
        self.gate.write(async move { tokens::delete(&db, account, &client_id).await }).await
    }

    async fn delete_other_tokens(&self, account: AccountId, kept: &ClientId, now: Timestamp) -> Result<u64> {
        let (db, kept) = (Arc::clone(&self.db), kept.clone());
        self.gate.write(async move { tokens::delete_others(&db, account, &kept, now).await }).await
    }

    async fn read_by_token(
        &self,
        hash: &TokenHash,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(IssuedToken, Option<Document>)>> {
        self.gate.note(self.ways.records.token_and_document(hash, key, now).await)
    }

    async fn read_by_name(
        &self,
        name: &Username,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Credentials, Option<Document>)>> {
        self.gate.note(self.ways.records.credentials_and_document(name, key, now).await)
    }

    async fn get(&self, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>> {
        self.gate.note(self.ways.records.document(account, key, now).await)
    }

    async fn put(
        &self,
        account: AccountId,
        key: &Key,
        write: &Write,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Written> {
        let (ways, key, write) = (Arc::clone(&self.ways), key.clone(), write.clone());
        self.gate.write(async move { documents::put(&ways, account, &key, &write, &when, now).await }).await
    }

    async fn delete(&self, account: AccountId, key: &Key, when: Precondition, now: Timestamp) -> Result<bool> {
        let (db, key) = (Arc::clone(&self.db), key.clone());
        self.gate.write(async move { documents::delete(&db, account, &key, &when, now).await }).await
    }

    async fn change(
        &self,
        account: AccountId,
        key: &Key,
        change: &Change,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Document> {
        let (ways, changes) = (Arc::clone(&self.ways), Arc::clone(&self.changes));
        let operation = Operation { key: key.clone(), when, action: Action::Change(change.clone()) };
        self.gate.write(changes::change(ways, changes, account, operation, now)).await
    }

    async fn apply_all(&self, account: AccountId, operations: &[Operation], now: Timestamp) -> Result<Vec<Outcome>> {
        let (ways, changes, operations) = (Arc::clone(&self.ways), Arc::clone(&self.changes), operations.to_vec());
        let all = async move { transaction::apply_all(&ways, &changes, account, &operations, now).await };
        self.gate.write(all).await
    }

    async fn delete_all(&self, account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64> {
        let (db, keys) = (Arc::clone(&self.db), keys.to_vec());
        self.gate.write(async move { documents::delete_all(&db, account, &keys, now).await }).await
    }

    async fn list_keys(&self, account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>> {
        let (db, range) = (Arc::clone(&self.db), range.clone());
        self.gate.read(async move { listing::keys(&db, account, &range, now).await }).await
    }

    async fn list_documents(
        &self,
        account: AccountId,
        query: &Query,
        now: Timestamp,
    ) -> Result<Stretch<Vec<(Key, Document)>>> {
        let (db, query) = (Arc::clone(&self.db), query.clone());
        self.gate.read(async move { listing::documents(&db, account, &query, now).await }).await
    }

    async fn count_documents(&self, account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<u64>> {
        let (db, query) = (Arc::clone(&self.db), query.clone());
        self.gate.read(async move { listing::count(&db, account, &query, now).await }).await
    }

    async fn list_outlines(
        &self,
        account: AccountId,
        range: &KeyRange,
        value_bytes: u64,
        now: Timestamp,
    ) -> Result<Page<(Key, Outline)>> {
        let (db, range) = (Arc::clone(&self.db), range.clone());
        self.gate.read(async move { listing::outlines(&db, account, &range, value_bytes, now).await }).await
    }

    async fn usage(&self, account: AccountId, now: Timestamp) -> Result<Usage> {
        let db = Arc::clone(&self.db);
        self.gate.read(async move { listing::usage(&db, account, now).await }).await
    }

    async fn amounts(&self) -> Result<Amounts> {
        let db = Arc::clone(&self.db);
        self.gate.read(async move { amounts::of(&db).await }).await
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }

    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
        let (db, name, fresh) = (Arc::clone(&self.db), name.to_owned(), fresh.to_vec());
        self.gate.write(async move { secrets::get_or_make(&db, &name, &fresh).await }).await
    }

    async fn ping(&self) -> Result<()> {
        let db = Arc::clone(&self.db);
        self.gate.read(async move { db.ping().await }).await
    }

    async fn close(&self) {
        self.duty.abort();
        // It must not find the gate closed and complain of it.
        while !self.duty.is_finished() {
            sleep(Duration::from_millis(1)).await;
        }
        self.gate.close().await;
        self.db.client.clone().shutdown().immediate(true).await;
    }
}
