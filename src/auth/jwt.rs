//! JWTs (RFC 7519): a token in another spelling.
//!
//! * HS256 only. The header of what comes in chooses nothing.
//! * `jti` is the token, `sub` the account, `aud` says `keybin`. A JWT is worth what its token is worth: it is looked up
//!   at every use, so that it dies with it.
//! * The key is the one that is configured, or else one that is made on first use and kept in the store, so that
//!   several instances share it.

use std::fmt;
use std::sync::Arc;

use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, UntrustedToken};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::AuthError;
use crate::domain::{AccountId, Timestamp, Token};
use crate::store::{Store, StoreError};

const AUDIENCE: &str = "keybin";

/// The longest JWT that is looked at, in bytes.
const MAX_BYTES: usize = 4096;

/// The name under which the store keeps the key.
const SECRET: &str = "jwt";

/// The claims beside `iat` and `exp`.
#[derive(Serialize, Deserialize)]
struct Stands {
    sub: String,
    jti: String,
    aud: String,
}

/// Writes and reads JWTs.
#[derive(Clone)]
pub struct Jwts {
    store: Arc<dyn Store>,
    configured: Option<Arc<[u8]>>,
    key: Arc<OnceCell<Vec<u8>>>,
}

impl Jwts {
    /// With the configured key, or with the one of the store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, configured: Option<Vec<u8>>) -> Self {
        Self { store, configured: configured.map(Into::into), key: Arc::default() }
    }

    /// Whoever spells tokens as JWTs.
    ///
    /// # Errors
    /// [`AuthError::Store`] when the key cannot be had.
    pub async fn signer(&self) -> Result<Signer, AuthError> {
        Ok(Signer(self.key().await?))
    }

    /// The account and the token that a JWT spells. Whether the token lives is for the store to say.
    ///
    /// # Errors
    /// [`AuthError::Refused`] for everything that was not signed here, or is over.
    pub(super) async fn read(&self, jwt: &str, now: Timestamp) -> Result<(AccountId, Token), AuthError> {
        if jwt.len() > MAX_BYTES {
            return Err(AuthError::Refused);
        }
        let key = self.key().await?;
        let signed = UntrustedToken::new(jwt).map_err(|_| AuthError::Refused)?;
        let signed = Hs256.validator::<Stands>(&key).validate(&signed).map_err(|_| AuthError::Refused)?;
        let claims = signed.claims();
        // The token's own expiry is judged by the store, to the millisecond; this one has whole seconds.
        let is_over = claims.expiration.is_none_or(|end| end.timestamp_millis() + 1000 <= now.as_millis());
        let is_early = claims.not_before.is_some_and(|start| start.timestamp_millis() > now.as_millis());
        let Stands { sub, jti, aud } = &claims.custom;
        match (AccountId::parse(sub), Token::parse(jti)) {
            (Some(account), Some(token)) if aud == AUDIENCE && !is_over && !is_early => Ok((account, token)),
            _ => Err(AuthError::Refused),
        }
    }

    async fn key(&self) -> Result<Hs256Key, AuthError> {
        if let Some(configured) = &self.configured {
            return Ok(Hs256Key::new(configured));
        }
        let made = || async {
            let fresh = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
            // Asking again does no harm, so that it does not matter to the caller whether it was made.
            self.store.secret(SECRET, &fresh).await.map_err(|error| match error {
                StoreError::Unknown(why) => StoreError::Unavailable(why),
                other => other,
            })
        };
        Ok(Hs256Key::new(self.key.get_or_try_init(made).await?))
    }
}

/// Spells tokens as JWTs: holds the key.
pub struct Signer(Hs256Key);

impl Signer {
    /// Spells a token as a JWT.
    ///
    /// # Errors
    /// [`AuthError::Store`] when the claims have no JSON form, which those of a token always have.
    pub fn sign(
        &self,
        account: AccountId,
        token: &Token,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, AuthError> {
        let stands = Stands { sub: account.to_string(), jti: token.expose(), aud: AUDIENCE.to_owned() };
        let mut claims = Claims::new(stands);
        claims.issued_at = Some(issued_at.to_datetime());
        claims.expiration = Some(expires_at.to_datetime());
        Hs256
            .token(&Header::empty().with_token_type("JWT"), &claims, &self.0)
            .map_err(|error| StoreError::Damaged(format!("a JWT cannot be signed: {error}")).into())
    }
}

impl fmt::Debug for Jwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwts(***)")
    }
}
