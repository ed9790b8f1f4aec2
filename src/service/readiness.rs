//! Whether Keybin can do what it is there for.

use std::sync::Arc;

use super::Result;
use crate::store::Store;

/// The service that knows it.
#[derive(Clone, Debug)]
pub struct Readiness {
    store: Arc<dyn Store>,
}

impl Readiness {
    pub(super) const fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Asks the store for a sign of life.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](super::ServiceError::Unavailable), with the reason.
    pub async fn check(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }
}
