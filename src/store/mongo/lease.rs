//! A lease, so that of several instances that start at once only one changes the shape of the data.

use bson::doc;
use uuid::Uuid;

use super::super::{Result, StoreError};
use super::client::Collections;
use super::{failure, ids};
use crate::domain::Clock;

/// How long a lease holds without being renewed, in seconds. Every step renews it, and takes a fraction of that; whoever
/// comes after a process that died has to wait for so long.
const SECONDS: u32 = 10;

/// The right to change the shape of the data, until it is released or not renewed in time.
pub(super) struct Lease<'a> {
    db: &'a Collections,
    clock: &'a dyn Clock,
    holder: String,
}

impl<'a> Lease<'a> {
    /// Takes the lease if nobody has it.
    pub(super) async fn take(db: &'a Collections, clock: &'a dyn Clock) -> Result<Self> {
        let lease = Self { db, clock, holder: Uuid::new_v4().to_string() };
        lease.renew().await?;
        Ok(lease)
    }

    /// Holds it for another while; an error when it was lost.
    pub(super) async fn renew(&self) -> Result<()> {
        let now = self.clock.now();
        let ours_or_free =
            doc! { "_id": "lease", "$or": [{ "holder": &self.holder }, { "until": { "$lt": ids::date(now) } }] };
        let until = doc! { "$set": { "holder": &self.holder, "until": ids::date(now.plus_seconds(SECONDS)) } };
        match self.db.meta.update_one(ours_or_free, until).upsert(true).await {
            Ok(_) => Ok(()),
            Err(error) if failure::is_duplicate(&error) => {
                Err(StoreError::Unavailable("another instance is preparing the database".into()))
            }
            Err(error) => Err(failure::of_write(&error)),
        }
    }

    /// Gives it back.
    pub(super) async fn release(self) -> Result<()> {
        let ours = doc! { "_id": "lease", "holder": &self.holder };
        self.db.meta.delete_one(ours).await.map(drop).map_err(|e| failure::of_write(&e))
    }
}
