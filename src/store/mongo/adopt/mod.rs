//! Adoption of a database of the original Keybin: `users {user_id, username, password}`, `store {user_id, key, value}`
//! and `tokens {token, user_id, created_at, client_id}`, all under an `_id` of type ObjectId.
//!
//! Accounts and documents stay. Where races left several of one kind, the last one wins: of documents with one
//! (user_id, key) the others go; of accounts with one name the others keep their documents under another name, so that
//! nobody's data ends up with somebody else. Tokens are dropped.
//!
//! It can be broken off at any point and repeated: the old is removed only after the new is there.

mod accounts;
mod documents;

use std::collections::{HashMap, HashSet};
use std::fmt;

use bson::spec::BinarySubtype;
use bson::{Bson, Document as BsonDocument, RawBsonRef, doc, oid::ObjectId};
use uuid::Uuid;

use super::super::Result;
use super::client::Collections;
use super::lease::Lease;
use super::{failure, schema};
use crate::domain::{AccountId, Timestamp};

/// What was adopted, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Accounts.
    pub accounts: u64,
    /// Accounts that lost their name to a later one of the same name: the old name and the new.
    pub renamed: Vec<(String, String)>,
    /// Accounts that cannot be used: no usable name, id or password. They stay in the collection, untouched.
    pub unusable_accounts: u64,
    /// Documents.
    pub documents: u64,
    /// Documents that a later one under the same key replaced.
    pub duplicate_documents: u64,
    /// Documents of accounts that are no more; they are removed.
    pub ownerless_documents: u64,
    /// Documents that cannot be kept: no usable key or value. They stay in the collection, untouched.
    pub unusable_documents: u64,
    /// Tokens that were dropped; people log in again.
    pub tokens: u64,
}

impl Adoption {
    /// Whether there was nothing to adopt.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Adoption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} accounts ({} renamed, {} unusable), {} documents ({} duplicates, {} without an account, {} unusable), \
             {} tokens dropped",
            self.accounts,
            self.renamed.len(),
            self.unusable_accounts,
            self.documents,
            self.duplicate_documents,
            self.ownerless_documents,
            self.unusable_documents,
            self.tokens,
        )?;
        self.renamed.iter().try_for_each(|(old, new)| write!(f, "; {old:?} is now {new:?}"))
    }
}

/// Matches what the original Keybin wrote and nobody found unusable yet.
fn old() -> BsonDocument {
    doc! { "_id": { "$type": "objectId" }, "unusable": { "$ne": true } }
}

/// Tells what [`run`] would do.
pub(super) async fn look(db: &Collections) -> Result<Adoption> {
    let mut adoption = Adoption::default();
    let owners = accounts::look(db, &mut adoption).await?;
    documents::look(db, &owners, &mut adoption).await?;
    let tokens = db.tokens.count_documents(old()).await;
    adoption.tokens = tokens.map_err(|e| failure::of_read(&e))?;
    Ok(adoption)
}

/// Adopts what there is to adopt.
pub(super) async fn run(db: &Collections, lease: &Lease<'_>) -> Result<Adoption> {
    let mut adoption = Adoption::default();
    let owners = accounts::run(db, lease, &mut adoption).await?;
    documents::run(db, lease, &owners, &mut adoption).await?;
    let dropped = db.tokens.delete_many(old()).await.map_err(|e| failure::of_write(&e))?;
    adoption.tokens = dropped.deleted_count;
    // The original's index removes tokens 300 seconds after their `created_at`, whatever their own expiry.
    schema::drop_indexes_on(&db.tokens, "created_at").await?;
    Ok(adoption)
}

/// Whether there is anything to adopt, an old index included.
pub(super) async fn is_there(db: &Collections) -> Result<bool> {
    if schema::has_index_on(&db.tokens, "created_at").await? {
        return Ok(true);
    }
    let found = [
        db.users.find_one(old()).await.map(|found| found.is_some()),
        db.documents.find_one(old()).await.map(|found| found.is_some()),
        db.tokens.find_one(old()).await.map(|found| found.is_some()),
    ];
    found.into_iter().try_fold(false, |any, found| Ok(any || found.map_err(|e| failure::of_read(&e))?))
}

/// The account that a `user_id` of the original names. Its ids are UUIDs; any other text gets one of its own, the same
/// each time.
fn account_id(user_id: RawBsonRef<'_>) -> Option<AccountId> {
    match user_id {
        RawBsonRef::String(text) => {
            let id = Uuid::try_parse(text).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()));
            Some(id.into())
        }
        RawBsonRef::Binary(bytes) if matches!(bytes.subtype, BinarySubtype::Uuid | BinarySubtype::UuidOld) => {
            Some(Uuid::from_slice(bytes.bytes).ok()?.into())
        }
        _ => None,
    }
}

/// The same of a value that was read whole.
fn account_id_of(user_id: &Bson) -> Option<AccountId> {
    match user_id {
        Bson::String(text) => account_id(RawBsonRef::String(text)),
        Bson::Binary(bytes) => account_id(RawBsonRef::Binary(bytes.as_raw_binary())),
        _ => None,
    }
}

fn created_at(id: ObjectId) -> Timestamp {
    Timestamp::from_millis(id.timestamp().timestamp_millis())
}

/// The accounts that documents can belong to.
#[derive(Default)]
struct Owners {
    /// In today's shape.
    known: HashSet<AccountId>,
    /// Old ones that cannot be used. Their documents stay as they are, until somebody has mended the account.
    unusable: HashSet<AccountId>,
}

/// Which of several accounts with one name came last.
type Last = HashMap<String, ObjectId>;
