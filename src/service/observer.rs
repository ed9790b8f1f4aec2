//! What the operator wants to know about a running Keybin: how much there is, and what was counted on the way.

use std::sync::Arc;

use super::Result;
use crate::auth;
use crate::domain::{Amounts, Clock, Timestamp};
use crate::store::{self, Store};

/// The service that knows it.
#[derive(Clone, Debug)]
pub struct Observer {
    store: Arc<dyn Store>,
    auth: auth::Counts,
    since: Timestamp,
}

impl Observer {
    pub(super) fn new(store: Arc<dyn Store>, auth: auth::Counts, clock: &dyn Clock) -> Self {
        Self { store, auth, since: clock.now() }
    }

    /// Since when it observes.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// What the store counts.
    #[must_use]
    pub fn store(&self) -> &store::Counts {
        self.store.counts()
    }

    /// What is counted about passwords and attempts.
    #[must_use]
    pub const fn auth(&self) -> &auth::Counts {
        &self.auth
    }

    /// Roughly how much there is.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](super::ServiceError::Unavailable).
    pub async fn amounts(&self) -> Result<Amounts> {
        Ok(self.store.amounts().await?)
    }
}
