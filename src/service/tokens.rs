//! Tokens: issuing, listing, ending.

use std::sync::Arc;

use arc_swap::ArcSwap;
use uuid::Uuid;

use super::accounts::refused;
use super::{Result, ServiceError};
use crate::auth::{Jwts, Owner, Principal, Proof};
use crate::domain::{AccountId, ClientId, Clock, Grant, IssuedToken, Origin, Timestamp, Token, TokenExpirations};
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

/// What somebody asks of a token that is to do less, or live shorter, than it could.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// What its holder may do.
    pub grant: Grant,
    /// Seconds for which it is good; at most, and by default, what is configured for its client id.
    pub expires_in: Option<u32>,
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
    expirations: Arc<ArcSwap<TokenExpirations>>,
}

impl Tokens {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, jwts: Jwts, expirations: TokenExpirations) -> Self {
        Self { store, clock, jwts, expirations: Arc::new(ArcSwap::from_pointee(expirations)) }
    }

    /// From now on new tokens live so long.
    pub(super) fn set_expirations(&self, expirations: TokenExpirations) {
        self.expirations.store(Arc::new(expirations));
    }

    /// Issues a token to somebody who just gave the password; it replaces the one that the client id had.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the account was erased or its password changed meanwhile.
    pub async fn issue(&self, proof: &Proof, client_id: ClientId, origin: Origin) -> Result<Fresh> {
        self.issue_limited(proof, client_id, origin, Limits::default()).await
    }

    /// The same within limits.
    ///
    /// # Errors
    /// [`ServiceError::Lifetime`], and those of [`Tokens::issue`].
    pub async fn issue_limited(
        &self,
        proof: &Proof,
        client_id: ClientId,
        origin: Origin,
        limits: Limits,
    ) -> Result<Fresh> {
        self.put(proof.account().id, client_id, origin, limits, &proof.warrant()).await.map_err(refused)
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

    /// Issues a further token to the owner of an account; it replaces the one that the client id had.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the credential ended meanwhile.
    pub async fn issue_further(&self, owner: Owner<'_>, client_id: ClientId, origin: Origin) -> Result<Fresh> {
        self.pass_on(owner.principal(), client_id, origin).await
    }

    /// Issues a further token to somebody who was let in, under a client id of its own within the family of the origin. It
    /// may do what the caller may, and no more.
    ///
    /// # Errors
    /// As [`Tokens::issue_further`].
    pub async fn issue_another(&self, caller: &Principal, origin: Origin) -> Result<Fresh> {
        self.pass_on(caller, instance_of(origin)?, origin).await
    }

    /// Issues a new secret for the token that the caller came in with, in place of it: for the same client id, with the
    /// same grant, for as long as is configured. The old one is refused at once. Of several at once, one succeeds.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the token ended meanwhile, and for a caller who came in without one.
    pub async fn renew(&self, caller: &Principal) -> Result<Fresh> {
        let token = caller.token().ok_or(ServiceError::Refused)?;
        self.pass_on(caller, token.client_id.clone(), token.origin).await
    }

    /// Nobody passes on more than they have.
    async fn pass_on(&self, caller: &Principal, client_id: ClientId, origin: Origin) -> Result<Fresh> {
        let limits = Limits { grant: caller.grant().clone(), expires_in: None };
        self.put(caller.account(), client_id, origin, limits, &caller.warrant()).await.map_err(refused)
    }

    /// Issues a token on the operator's word.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn issue_for(&self, account: AccountId, client_id: ClientId) -> Result<Fresh> {
        self.put(account, client_id, Origin::Operator, Limits::default(), &Warrant::Operator).await
    }

    async fn put(
        &self,
        account: AccountId,
        client_id: ClientId,
        origin: Origin,
        limits: Limits,
        warrant: &Warrant,
    ) -> Result<Fresh> {
        let most = self.expirations.load().seconds_for(&client_id);
        let expire_seconds = limits.expires_in.unwrap_or(most);
        if !(1..=most).contains(&expire_seconds) {
            return Err(ServiceError::Lifetime(most));
        }
        let (token, now) = (Token::random(), self.clock.now());
        let expires_at = now.plus_seconds(expire_seconds);
        let (hash, grant) = (token.hash(), limits.grant);
        let issued = IssuedToken { account, client_id, hash, grant, origin, created_at: now, expires_at };
        self.store.put_token(&issued, warrant).await?;
        Ok(Fresh { account, token, expire_seconds, issued_at: now, expires_at })
    }

    /// The live tokens of the owner's account, by client id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, owner: Owner<'_>) -> Result<Vec<IssuedToken>> {
        self.list_for(owner.account()).await
    }

    /// The same on the operator's word.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn list_for(&self, account: AccountId) -> Result<Vec<IssuedToken>> {
        Ok(self.store.list_tokens(account, self.clock.now()).await?)
    }

    /// Ends the token of a client id. `false` when there was none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn revoke(&self, owner: Owner<'_>, client_id: &ClientId) -> Result<bool> {
        self.revoke_for(owner.account(), client_id).await
    }

    /// The same on the operator's word.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn revoke_for(&self, account: AccountId, client_id: &ClientId) -> Result<bool> {
        Ok(self.store.delete_token(account, client_id).await?)
    }

    /// Ends every token of the owner's account but the one that the owner came in with, and tells how many there were.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for an owner who came in without a token.
    pub async fn revoke_others(&self, owner: Owner<'_>) -> Result<u64> {
        let kept = owner.principal().client_id().ok_or(ServiceError::Refused)?;
        Ok(self.store.delete_other_tokens(owner.account(), kept, self.clock.now()).await?)
    }

    /// Ends the token that the caller came in with, if it was one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn log_out(&self, caller: &Principal) -> Result<()> {
        if let Some(client_id) = caller.client_id() {
            self.revoke_for(caller.account(), client_id).await?;
        }
        Ok(())
    }
}

/// A client id that nobody has: the family, and 64 random bits.
fn instance_of(origin: Origin) -> Result<ClientId> {
    let random = Uuid::new_v4().simple().to_string();
    ClientId::parse(format!("{}/{}", origin.as_str(), &random[..16])).map_err(ServiceError::from)
}
