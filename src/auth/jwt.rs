//! JWTs (RFC 7519): a token in another spelling.
//!
//! * HS256 only. The header of what comes in chooses nothing.
//! * `jti` is the token, `sub` the account, `aud` says `keybin`. A JWT is worth what its token is worth: it is looked up
//!   at every use, so that it dies with it.
//! * What was found to be signed here is remembered by its SHA-256: checking it again would give the same. Whether it is
//!   over is looked at every time.
//! * The key is the one that is configured, or else one that is made on first use and kept in the store, so that
//!   several instances share it.

#[cfg(any(test, fuzzing))]
pub mod fuzzing;

use std::fmt;
use std::sync::Arc;

use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, UntrustedToken};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::AuthError;
use crate::domain::{AccountId, Timestamp, Token, TokenHash};
use crate::store::{Store, StoreError};

const AUDIENCE: &str = "keybin";

/// The longest JWT that is looked at, in bytes.
const MAX_BYTES: usize = 4096;

/// The name under which the store keeps the key.
const SECRET: &str = "jwt";

/// How many JWTs are remembered.
const REMEMBERED: usize = 16 * 1024;

/// The claims beside `iat` and `exp`.
#[derive(Serialize, Deserialize)]
struct Stands {
    sub: String,
    jti: String,
    aud: String,
}

/// What a JWT that was signed here says.
#[derive(Clone, Copy)]
pub(super) struct Signed {
    pub(super) account: AccountId,
    pub(super) token: TokenHash,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    from: Option<i64>,
    until: i64,
}

/// Writes and reads JWTs.
#[derive(Clone)]
pub struct Jwts {
    store: Arc<dyn Store>,
    configured: Option<Arc<[u8]>>,
    key: Arc<OnceCell<Vec<u8>>>,
    remembered: Arc<Cache<[u8; 32], Signed>>,
}

impl Jwts {
    /// With the configured key, or with the one of the store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, configured: Option<Vec<u8>>) -> Self {
        let remembered = Arc::new(Cache::new(REMEMBERED));
        Self { store, configured: configured.map(Into::into), key: Arc::default(), remembered }
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
    pub(super) async fn read(&self, jwt: &str, now: Timestamp) -> Result<Signed, AuthError> {
        if jwt.len() > MAX_BYTES {
            return Err(AuthError::Refused);
        }
        let digest = Sha256::digest(jwt).into();
        let signed = match self.remembered.get(&digest) {
            Some(signed) => signed,
            None => {
                let signed = verify(&self.key().await?, jwt)?;
                self.remembered.insert(digest, signed);
                signed
            }
        };
        // The token's own expiry is judged by the store, to the millisecond; this one has whole seconds.
        let is_over = signed.until.saturating_add(1000) <= now.as_millis();
        let is_early = signed.from.is_some_and(|start| start > now.as_millis());
        if is_over || is_early { Err(AuthError::Refused) } else { Ok(signed) }
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

/// What a JWT says that was signed with the key.
fn verify(key: &Hs256Key, jwt: &str) -> Result<Signed, AuthError> {
    let signed = UntrustedToken::new(jwt).map_err(|_| AuthError::Refused)?;
    let signed = Hs256.validator::<Stands>(key).validate(&signed).map_err(|_| AuthError::Refused)?;
    let Claims { expiration, not_before, custom: Stands { sub, jti, aud }, .. } = signed.claims();
    match (AccountId::parse(sub), Token::parse(jti), expiration) {
        (Some(account), Some(token), Some(end)) if aud == AUDIENCE => Ok(Signed {
            account,
            token: token.hash(),
            from: not_before.map(|start| start.timestamp_millis()),
            until: end.timestamp_millis(),
        }),
        _ => Err(AuthError::Refused),
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
