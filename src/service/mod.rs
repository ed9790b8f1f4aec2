//! What Keybin does. The rules and limits of the product live here; every API and every command goes through here.

mod accounts;
mod administration;
mod bulk;
mod change;
mod documents;
mod error;
mod glance;
mod listing;
mod observer;
mod operator;
mod readiness;
mod tokens;
mod transfer;

use std::sync::Arc;

pub use accounts::{Accounts, Change, Registration};
pub use administration::{Administration, Administrator};
pub use bulk::{Deed, Done, Task};
pub use change::{PatchKind, Wish};
pub use documents::{Documents, Saved};
pub use error::{Result, ServiceError};
pub use glance::{Glance, Share};
pub use listing::{EveryDocument, EveryKey, Wanted};
pub use observer::Observer;
pub use operator::Operator;
pub use readiness::Readiness;
pub use tokens::{Fresh, FreshJwt, Limits, Tokens};
#[cfg(any(test, fuzzing))]
pub use transfer::fuzzing;
pub use transfer::{ArchiveExport, Export, ImportMode, ImportReport, Rejected};

use crate::auth::{Doorkeeper, DoorkeeperSettings, Hasher, Jwts};
use crate::domain::{Clock, TokenExpirations};
use crate::store::Store;

/// The services over one store.
#[derive(Clone, Debug)]
pub struct Services {
    /// Registering, finding, changing and erasing accounts.
    pub accounts: Accounts,
    /// Issuing, listing and ending tokens.
    pub tokens: Tokens,
    /// Reading and writing documents.
    pub documents: Documents,
    /// What administrators do.
    pub administration: Administration,
    /// What the operator does.
    pub operator: Operator,
    /// Whether the store answers.
    pub readiness: Readiness,
    /// How much there is, and what was counted.
    pub observer: Observer,
    /// Who is calling.
    pub doorkeeper: Doorkeeper,
}

/// What the services are set to.
#[derive(Clone)]
pub struct Settings {
    /// How long tokens live.
    pub expirations: TokenExpirations,
    /// The largest value, in bytes of JSON.
    pub max_value_bytes: usize,
    /// The key of the JWTs, if it is not to be the one that the store keeps.
    pub jwt_secret: Option<Vec<u8>>,
    /// What the doorkeeper is set to.
    pub doorkeeper: DoorkeeperSettings,
}

impl Services {
    /// The services over `store`.
    #[must_use]
    pub fn new(store: &Arc<dyn Store>, hasher: &Arc<Hasher>, clock: &Arc<dyn Clock>, settings: Settings) -> Self {
        let jwts = Jwts::new(Arc::clone(store), settings.jwt_secret);
        let clone = || (Arc::clone(store), Arc::clone(clock));
        let (for_accounts, for_tokens, for_documents, for_doorkeeper) = (clone(), clone(), clone(), clone());
        let accounts = Accounts::new(for_accounts.0, Arc::clone(hasher), for_accounts.1);
        let for_administration = clone();
        let tokens = Tokens::new(for_tokens.0, for_tokens.1, jwts.clone(), settings.expirations);
        let documents = Documents::new(for_documents.0, for_documents.1, settings.max_value_bytes);
        let doorkeeper =
            Doorkeeper::new(for_doorkeeper.0, Arc::clone(hasher), for_doorkeeper.1, jwts, settings.doorkeeper);
        Self {
            operator: Operator::new(accounts.clone(), tokens.clone(), documents.clone()),
            administration: Administration::new(accounts.clone(), for_administration.0, for_administration.1),
            accounts,
            tokens,
            documents,
            readiness: Readiness::new(Arc::clone(store)),
            observer: Observer::new(Arc::clone(store), doorkeeper.counts(), clock.as_ref()),
            doorkeeper,
        }
    }
}
