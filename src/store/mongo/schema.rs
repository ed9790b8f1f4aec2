//! The shape of the database: its version, its indexes, its counters.

use std::time::Duration;

use bson::{Document as BsonDocument, doc};
use futures_util::TryStreamExt;
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use super::super::{Result, StoreError};
use super::adopt::{self, Adoption};
use super::client::Collections;
use super::lease::Lease;
use super::{accounts, failure};
use crate::domain::Clock;

/// The version of the shape that this program knows.
const VERSION: u64 = 1;

/// MongoDB removes what expired this long after it did, so that a clock of its own that is ahead cannot remove what is
/// still live by ours. Readers judge the time themselves.
const CLOCK_SLACK: Duration = Duration::from_secs(3600);

/// Brings the database to today's shape. Can be repeated, and broken off at any point.
pub(super) async fn prepare(db: &Collections, clock: &dyn Clock) -> Result<Adoption> {
    db.ping().await?;
    check_version(db).await?;
    raise_counter(db).await?;
    let adoption = if adopt::is_there(db).await? { adopt_alone(db, clock).await? } else { Adoption::default() };
    make_indexes(db).await?;
    let version = doc! { "$set": { "version": VERSION as i64 } };
    let written = db.meta.update_one(doc! { "_id": "schema" }, version).upsert(true).await;
    written.map_err(|e| failure::of_write(&e))?;
    Ok(adoption)
}

/// Several instances may make indexes at the same time, but only one may move data.
async fn adopt_alone(db: &Collections, clock: &dyn Clock) -> Result<Adoption> {
    let lease = Lease::take(db, clock).await?;
    let adopted = adopt::run(db, &lease).await;
    let released = lease.release().await;
    let adoption = adopted?;
    released?;
    Ok(adoption)
}

async fn check_version(db: &Collections) -> Result<()> {
    let schema = db.meta.find_one(doc! { "_id": "schema" }).await.map_err(|e| failure::of_read(&e))?;
    let version = schema.and_then(|schema| accounts::integer(schema.get("version"))).unwrap_or(VERSION);
    if version > VERSION {
        let newer = format!("it was written by a newer Keybin (shape {version}, this program knows {VERSION})");
        return Err(StoreError::Unavailable(newer));
    }
    Ok(())
}

/// The counter of accounts is never behind the accounts, even where only some collections were restored.
async fn raise_counter(db: &Collections) -> Result<()> {
    let highest = db.users.find_one(doc! { "number": { "$type": "number" } }).sort(doc! { "number": -1 });
    let highest = highest.await.map_err(|e| failure::of_read(&e))?;
    let Some(number) = highest.and_then(|user| accounts::integer(user.get("number"))) else { return Ok(()) };
    accounts::raise_counter(db, number).await
}

/// An index over one field.
struct Index {
    collection: Collection<BsonDocument>,
    field: &'static str,
    options: IndexOptions,
}

/// Every index that there must be.
fn indexes(db: &Collections) -> Vec<Index> {
    let plain = IndexOptions::default;
    let sparse = || IndexOptions::builder().sparse(true).build();
    let unique = || IndexOptions::builder().unique(true).sparse(true).build();
    let documents = || db.documents.clone_with_type();
    let index = |collection: Collection<BsonDocument>, field, options| Index { collection, field, options };
    vec![
        index(db.users.clone(), "username", unique()),
        index(db.users.clone(), "email", unique()),
        index(db.users.clone(), "number", unique()),
        index(db.users.clone(), "erasing", sparse()),
        index(db.users.clone(), "ending_tokens", sparse()),
        // Not unique, which a cluster that is sharded on `_id` could not promise: it is the hash of 122 random bits.
        index(db.tokens.clone(), "hash", plain()),
        index(db.tokens.clone(), "expires_at", IndexOptions::builder().expire_after(CLOCK_SLACK).build()),
        index(documents(), "expires_at", IndexOptions::builder().expire_after(CLOCK_SLACK).sparse(true).build()),
    ]
}

async fn make_indexes(db: &Collections) -> Result<()> {
    for Index { collection, field, options } in indexes(db) {
        make_index(&collection, field, options).await?;
    }
    Ok(())
}

/// Whether a Keybin has prepared the database.
pub(super) async fn is_prepared(db: &Collections) -> Result<bool> {
    let schema = db.meta.find_one(doc! { "_id": "schema" }).await.map_err(|e| failure::of_read(&e))?;
    Ok(schema.is_some())
}

/// The indexes that are missing or are not what they must be.
pub(super) async fn wrong_indexes(db: &Collections) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for Index { collection, field, options } in indexes(db) {
        let there = indexes_on(&collection, field).await?;
        let is_right = |index: &IndexModel| {
            index.keys == doc! { field: 1 } && does_the_same(index.options.as_ref().unwrap_or(&options), &options)
        };
        let name = format!("{}.{field}", collection.name());
        if there.is_empty() {
            wrong.push(format!("there is no index on {name}"));
        } else if !there.iter().any(is_right) {
            wrong.push(format!("the index on {name} is not what it should be"));
        }
    }
    Ok(wrong)
}

/// Whether two indexes over one field mean the same.
fn does_the_same(one: &IndexOptions, other: &IndexOptions) -> bool {
    let meaning = |options: &IndexOptions| {
        (options.unique.unwrap_or(false), options.sparse.unwrap_or(false), options.expire_after)
    };
    meaning(one) == meaning(other) && one.partial_filter_expression.is_none()
}

/// Makes an index; one over the same field with other options gives way.
async fn make_index<T: Send + Sync>(collection: &Collection<T>, field: &str, options: IndexOptions) -> Result<()> {
    /// IndexOptionsConflict and IndexKeySpecsConflict.
    const CONFLICTS: [i32; 2] = [85, 86];
    let index = IndexModel::builder().keys(doc! { field: 1 }).options(options).build();
    match collection.create_index(index.clone()).await {
        Ok(_) => return Ok(()),
        Err(error) if failure::code_of(&error).is_some_and(|code| CONFLICTS.contains(&code)) => {}
        Err(error) => return Err(failure::of_write(&error)),
    }
    drop_indexes_on(collection, field).await?;
    collection.create_index(index).await.map(drop).map_err(|e| failure::of_write(&e))
}

/// Drops every index whose first field is this one.
pub(super) async fn drop_indexes_on<T: Send + Sync>(collection: &Collection<T>, field: &str) -> Result<()> {
    for index in indexes_on(collection, field).await? {
        let Some(name) = index.options.as_ref().and_then(|options| options.name.as_deref()) else { continue };
        collection.drop_index(name).await.map_err(|e| failure::of_write(&e))?;
    }
    Ok(())
}

/// Whether there is an index whose first field is this one.
pub(super) async fn has_index_on<T: Send + Sync>(collection: &Collection<T>, field: &str) -> Result<bool> {
    Ok(!indexes_on(collection, field).await?.is_empty())
}

async fn indexes_on<T: Send + Sync>(collection: &Collection<T>, field: &str) -> Result<Vec<IndexModel>> {
    let mut indexes: Vec<IndexModel> = match collection.list_indexes().await {
        Ok(cursor) => cursor.try_collect().await.map_err(|e| failure::of_read(&e))?,
        // A collection that is not there has no indexes (NamespaceNotFound).
        Err(error) if failure::code_of(&error) == Some(26) => Vec::new(),
        Err(error) => return Err(failure::of_read(&error)),
    };
    let first = |keys: &BsonDocument| keys.keys().next().is_some_and(|name| name == field);
    indexes.retain(|index| first(&index.keys));
    Ok(indexes)
}
