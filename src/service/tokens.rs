//! Tokens: issuing, listing, ending.

use std::sync::Arc;

use super::Result;
use crate::auth::Proof;
use crate::domain::{AccountId, ClientId, Clock, IssuedToken, PasswordHash, Token, TokenExpirations};
use crate::store::Store;

/// A token that was just issued. This is the only time its secret is seen.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The secret.
    pub token: Token,
    /// Seconds from now on that it lives.
    pub expire_seconds: u32,
}

/// The service of tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    expirations: TokenExpirations,
}

impl Tokens {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, expirations: TokenExpirations) -> Self {
        Self { store, clock, expirations }
    }

    /// Issues a token to somebody who just gave the password; it replaces the one that the client id had.
    ///
    /// # Errors
    /// [`super::ServiceError::Refused`] when the account was erased or its password changed meanwhile.
    pub async fn issue(&self, proof: &Proof, client_id: ClientId) -> Result<Fresh> {
        self.put(proof.account().id, client_id, Some(proof.password())).await
    }

    /// Issues a token on the operator's word.
    ///
    /// # Errors
    /// [`super::ServiceError::Refused`] when there is no such account.
    pub async fn issue_for(&self, account: AccountId, client_id: ClientId) -> Result<Fresh> {
        self.put(account, client_id, None).await
    }

    async fn put(&self, account: AccountId, client_id: ClientId, proof: Option<&PasswordHash>) -> Result<Fresh> {
        let (token, now) = (Token::random(), self.clock.now());
        let expire_seconds = self.expirations.seconds_for(&client_id);
        let issued = IssuedToken {
            account,
            client_id,
            hash: token.hash(),
            created_at: now,
            expires_at: now.plus_seconds(expire_seconds),
        };
        self.store.put_token(&issued, proof).await?;
        Ok(Fresh { token, expire_seconds })
    }

    /// The live tokens of an account, by client id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, account: AccountId) -> Result<Vec<IssuedToken>> {
        Ok(self.store.list_tokens(account, self.clock.now()).await?)
    }

    /// Ends the token of a client id. `false` when there was none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn revoke(&self, account: AccountId, client_id: &ClientId) -> Result<bool> {
        Ok(self.store.delete_token(account, client_id).await?)
    }
}
