//! JWTs (RFC 7519): a token in another spelling.
//!
//! * HS256 only. The header of what comes in chooses nothing.
//! * `jti` is the token, `sub` the account, `aud` says `keybin`. A JWT is worth what its token is worth: it is looked up
//!   at every use, so that it dies with it.
//! * The key is the one that is configured, or else one that is made on first use and kept in the store, so that
//!   several instances share it.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    sub: String,
    jti: String,
    iat: u64,
    exp: u64,
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

    /// Spells a token as a JWT.
    ///
    /// # Errors
    /// [`AuthError::Store`] when the key cannot be had.
    pub async fn sign(
        &self,
        account: AccountId,
        token: &Token,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, AuthError> {
        let seconds = |time: Timestamp| u64::try_from(time.as_millis() / 1000).unwrap_or(0);
        let claims = Claims {
            sub: account.to_string(),
            jti: token.expose(),
            iat: seconds(issued_at),
            exp: seconds(expires_at),
            aud: AUDIENCE.to_owned(),
        };
        let key = EncodingKey::from_secret(self.key().await?);
        encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|error| StoreError::Damaged(format!("a JWT cannot be signed: {error}")).into())
    }

    /// The account and the token that a JWT spells. Whether the token lives is for the store to say.
    ///
    /// # Errors
    /// [`AuthError::Refused`] for everything that was not signed here, or is over.
    pub(super) async fn read(&self, jwt: &str, now: Timestamp) -> Result<(AccountId, Token), AuthError> {
        if jwt.len() > MAX_BYTES {
            return Err(AuthError::Refused);
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp", "sub", "aud"]);
        rules.set_audience(&[AUDIENCE]);
        // Judged below, by the clock that judges the token as well.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let key = DecodingKey::from_secret(self.key().await?);
        let claims = decode::<Claims>(jwt, &key, &rules).map_err(|_| AuthError::Refused)?.claims;
        let expires_at = i64::try_from(claims.exp).ok().and_then(|seconds| seconds.checked_mul(1000));
        let is_over = expires_at.is_none_or(|millis| Timestamp::from_millis(millis).plus_seconds(1) <= now);
        match (AccountId::parse(&claims.sub), Token::parse(&claims.jti)) {
            (Some(account), Some(token)) if !is_over => Ok((account, token)),
            _ => Err(AuthError::Refused),
        }
    }

    async fn key(&self) -> Result<&[u8], AuthError> {
        if let Some(configured) = &self.configured {
            return Ok(configured);
        }
        let made = || async {
            let fresh = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
            self.store.secret(SECRET, &fresh).await
        };
        Ok(self.key.get_or_try_init(made).await?)
    }
}

impl fmt::Debug for Jwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwts(***)")
    }
}
