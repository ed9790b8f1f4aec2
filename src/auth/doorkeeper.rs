//! The doorkeeper: judges credentials.

use std::sync::Arc;

use super::{AuthError, Hasher};
use crate::domain::{Account, AccountId, ClientId, Clock, PasswordHash, Token, Username};
use crate::store::Store;

/// Somebody who was let in by a token.
#[derive(Clone, Debug)]
pub struct Principal {
    account: AccountId,
    client_id: ClientId,
}

impl Principal {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The device or program.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }
}

/// Proof that somebody just gave the right password of an account; needed for what a token must not do.
#[derive(Clone, Debug)]
pub struct Proof {
    account: Account,
    password: PasswordHash,
}

impl Proof {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The hash that was met, so that the store can tell whether it still is the account's.
    #[must_use]
    pub const fn password(&self) -> &PasswordHash {
        &self.password
    }
}

/// Judges credentials against the store.
#[derive(Clone, Debug)]
pub struct Doorkeeper {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    clock: Arc<dyn Clock>,
}

impl Doorkeeper {
    /// A doorkeeper of this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, hasher: Arc<Hasher>, clock: Arc<dyn Clock>) -> Self {
        Self { store, hasher, clock }
    }

    /// Lets the holder of a live token in.
    ///
    /// # Errors
    /// [`AuthError::Refused`] for a token that is malformed, unknown, replaced, expired or of an erased account.
    pub async fn admit(&self, token: &str) -> Result<Principal, AuthError> {
        let token = Token::parse(token).ok_or(AuthError::Refused)?;
        let issued = self.store.token(&token.hash(), self.clock.now()).await?.ok_or(AuthError::Refused)?;
        Ok(Principal { account: issued.account, client_id: issued.client_id })
    }

    /// Verifies a name and its password.
    ///
    /// # Errors
    /// [`AuthError::Refused`], after the same work, for an unknown name and for a wrong password.
    pub async fn verify(&self, username: &str, password: &str) -> Result<Proof, AuthError> {
        let known = match Username::parse(username) {
            Ok(username) => self.store.credentials(&username).await?,
            Err(_) => None,
        };
        let fits = self.hasher.verify(password, known.as_ref().map(|known| &known.password)).await?;
        match known {
            Some(known) if fits => Ok(Proof { account: known.account, password: known.password }),
            _ => Err(AuthError::Refused),
        }
    }
}
