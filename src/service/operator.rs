//! The operator: what is done to accounts and tokens on nobody's word, at the command line.
//!
//! HTTP never gets to hold this, so that a handler which needs the right over an account has to ask its caller for it.

use super::{Accounts, Change, Result, Tokens};
use crate::domain::{Account, AccountId, ClientId, IssuedToken};

/// The service of the operator.
#[derive(Clone, Debug)]
pub struct Operator {
    accounts: Accounts,
    tokens: Tokens,
}

impl Operator {
    pub(super) const fn new(accounts: Accounts, tokens: Tokens) -> Self {
        Self { accounts, tokens }
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
