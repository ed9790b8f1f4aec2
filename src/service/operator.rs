//! The operator: what is done on nobody's word, at the command line. Exports and imports are in `transfer`.
//!
//! HTTP never gets to hold this, so that a handler which needs the right over an account has to ask its caller for it.

use super::{Accounts, Change, Documents, Result, Tokens};
use crate::domain::{Account, AccountId, ClientId, IssuedToken, TokenExpirations, Usage};

/// The service of the operator.
#[derive(Clone, Debug)]
pub struct Operator {
    accounts: Accounts,
    tokens: Tokens,
    pub(super) documents: Documents,
}

impl Operator {
    pub(super) const fn new(accounts: Accounts, tokens: Tokens, documents: Documents) -> Self {
        Self { accounts, tokens, documents }
    }

    /// Lets tokens that are issued from now on live so long; those that were keep their end.
    pub fn set_expirations(&self, expirations: TokenExpirations) {
        self.tokens.set_expirations(expirations);
    }

    /// Changes an account; a new password ends its tokens.
    ///
    /// # Errors
    /// As [`Accounts::change`].
    pub async fn change(&self, account: AccountId, change: Change) -> Result<Account> {
        self.accounts.change_for(account, change).await
    }

    /// Erases an account with everything it has.
    ///
    /// # Errors
    /// As [`Accounts::erase`].
    pub async fn erase(&self, account: AccountId) -> Result<()> {
        self.accounts.erase_for(account).await
    }

    /// How much an account keeps.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn usage(&self, account: AccountId) -> Result<Usage> {
        let Documents { store, clock, .. } = &self.documents;
        Ok(store.usage(account, clock.now()).await?)
    }

    /// The live tokens of an account, by client id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tokens(&self, account: AccountId) -> Result<Vec<IssuedToken>> {
        self.tokens.list_for(account).await
    }

    /// Ends the token of a client id. `false` when there was none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn revoke(&self, account: AccountId, client_id: &ClientId) -> Result<bool> {
        self.tokens.revoke_for(account, client_id).await
    }
}
