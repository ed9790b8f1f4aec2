//! Tokens: issuing, listing, ending.

use std::sync::Arc;

use uuid::Uuid;

use super::accounts::refused;
use super::{Result, ServiceError};
use crate::auth::{Jwts, Principal, Proof};
use crate::domain::{AccountId, ClientId, Clock, IssuedToken, Origin, Timestamp, Token, TokenExpirations};
use crate::store::{Store, Warrant};

/// A token that was just issued. This is the only time its secret is seen.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// Whom it stands for.
    pub account: AccountId,
    /// The secret.
    pub token: Token,
    /// Seconds that it lives.
    pub expire_seconds: u32,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Fresh {
    /// From when on it is refused.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// The same as a JWT.
#[derive(Clone)]
pub struct FreshJwt {
    /// The JWT.
    pub jwt: String,
    /// Seconds that it lives.
    pub expire_seconds: u32,
}

/// The service of tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    jwts: Jwts,
    expirations: TokenExpirations,
}

impl Tokens {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, jwts: Jwts, expirations: TokenExpirations) -> Self {
        Self { store, clock, jwts, expirations }
    }

    /// Issues a token to somebody who just gave the password; it replaces the one that the client id had.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the account was erased or its password changed meanwhile.
    pub async fn issue(&self, proof: &Proof, client_id: ClientId, origin: Origin) -> Result<Fresh> {
        self.put(proof.account().id, client_id, origin, &proof.warrant()).await.map_err(refused)
    }

    /// Issues a token for a log-in, under a client id of its own within the family of the origin, so that log-ins do not
    /// push one another out.
    ///
    /// # Errors
    /// As [`Tokens::issue`].
    pub async fn log_in(&self, proof: &Proof, origin: Origin) -> Result<Fresh> {
        self.issue(proof, instance_of(origin)?, origin).await
    }

    /// The same, with the token spelled as a JWT.
    ///
    /// # Errors
    /// As [`Tokens::issue`].
    pub async fn log_in_with_jwt(&self, proof: &Proof, origin: Origin) -> Result<FreshJwt> {
        // The key first: without it, no token is kept that its owner never gets to see.
        self.jwts.signer().await?;
        let fresh = self.log_in(proof, origin).await?;
        Ok(FreshJwt { jwt: self.jwt(&fresh).await?, expire_seconds: fresh.expire_seconds })
    }

    /// A token that was just issued, spelled as a JWT.
    ///
    /// # Errors
    /// Those of the store, which keeps the key.
    pub async fn jwt(&self, fresh: &Fresh) -> Result<String> {
        let signer = self.jwts.signer().await?;
        Ok(signer.sign(fresh.account, &fresh.token, fresh.issued_at, fresh.expires_at)?)
    }

    /// Issues a further token to somebody who was let in; it replaces the one that the client id had.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the credential ended meanwhile.
    pub async fn issue_further(&self, caller: &Principal, client_id: ClientId, origin: Origin) -> Result<Fresh> {
        self.put(caller.account(), client_id, origin, &caller.warrant()).await.map_err(refused)
    }

    /// The same under a client id of its own within the family of the origin.
    ///
    /// # Errors
    /// As [`Tokens::issue_further`].
    pub async fn issue_another(&self, caller: &Principal, origin: Origin) -> Result<Fresh> {
        self.issue_further(caller, instance_of(origin)?, origin).await
    }

    /// Issues a token on the operator's word.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn issue_for(&self, account: AccountId, client_id: ClientId) -> Result<Fresh> {
        self.put(account, client_id, Origin::Operator, &Warrant::Operator).await
    }

    async fn put(&self, account: AccountId, client_id: ClientId, origin: Origin, warrant: &Warrant) -> Result<Fresh> {
        let (token, now) = (Token::random(), self.clock.now());
        let expire_seconds = self.expirations.seconds_for(&client_id);
        let expires_at = now.plus_seconds(expire_seconds);
        let issued = IssuedToken { account, client_id, hash: token.hash(), origin, created_at: now, expires_at };
        self.store.put_token(&issued, warrant).await?;
        Ok(Fresh { account, token, expire_seconds, issued_at: now, expires_at })
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

    /// Ends every token of the caller's account but the one that the caller came in with, and tells how many there were.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for a caller who came in without a token.
    pub async fn revoke_others(&self, caller: &Principal) -> Result<u64> {
        let kept = caller.client_id().ok_or(ServiceError::Refused)?;
        Ok(self.store.delete_other_tokens(caller.account(), kept, self.clock.now()).await?)
    }

    /// Ends the token that the caller came in with, if it was one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn log_out(&self, caller: &Principal) -> Result<()> {
        if let Some(client_id) = caller.client_id() {
            self.revoke(caller.account(), client_id).await?;
        }
        Ok(())
    }
}

/// A client id that nobody has: the family, and 64 random bits.
fn instance_of(origin: Origin) -> Result<ClientId> {
    let random = Uuid::new_v4().simple().to_string();
    ClientId::parse(format!("{}/{}", origin.as_str(), &random[..16])).map_err(ServiceError::from)
}
