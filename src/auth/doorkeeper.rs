//! The doorkeeper: judges credentials.

use std::sync::Arc;

use super::remember::Remembered;
use super::{AuthError, Credential, Hasher, Jwts};
use crate::domain::{Account, AccountId, ClientId, Clock, Grant, IssuedToken, PasswordHash, Token, Username};
use crate::store::{Credentials, Store, Warrant};

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct Principal {
    account: AccountId,
    grant: Grant,
    grounds: Grounds,
}

/// On which grounds somebody was let in.
#[derive(Clone, Debug)]
enum Grounds {
    Token(IssuedToken),
    Password(PasswordHash),
}

impl Principal {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// What the principal may do. A password may everything.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The right over the account itself, which only those have whose credential reaches everything.
    ///
    /// # Errors
    /// [`AuthError::NotGranted`].
    pub fn owner(&self) -> Result<Owner<'_>, AuthError> {
        if self.grant.is_full() { Ok(Owner(self)) } else { Err(AuthError::NotGranted) }
    }

    /// The token that opened the door, where it was one.
    #[must_use]
    pub const fn token(&self) -> Option<&IssuedToken> {
        match &self.grounds {
            Grounds::Token(token) => Some(token),
            Grounds::Password(_) => None,
        }
    }

    /// The device or program, where a token opened the door.
    #[must_use]
    pub const fn client_id(&self) -> Option<&ClientId> {
        match &self.grounds {
            Grounds::Token(token) => Some(&token.client_id),
            Grounds::Password(_) => None,
        }
    }

    /// What the store must still find true when it keeps a new token on the word of this principal.
    #[must_use]
    pub fn warrant(&self) -> Warrant {
        match &self.grounds {
            Grounds::Token(token) => Warrant::Token(token.hash),
            Grounds::Password(password) => Warrant::Password(password.clone()),
        }
    }
}

/// Somebody who may do everything that the account may: see it, change it, list and end its tokens, erase it. Holders of
/// a token that only reads, or reaches only some keys, never come by one.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'p>(&'p Principal);

impl Owner<'_> {
    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.0.account
    }

    /// Who it is that was let in.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        self.0
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

    /// The hash of the password that was given.
    pub(crate) const fn password(&self) -> &PasswordHash {
        &self.password
    }

    /// The same after the account was given a new password.
    #[must_use]
    pub fn with_password(self, password: PasswordHash) -> Self {
        Self { password, ..self }
    }

    /// What the store must still find true when it keeps a new token on this proof.
    #[must_use]
    pub fn warrant(&self) -> Warrant {
        Warrant::Password(self.password.clone())
    }
}

/// Judges credentials against the store.
#[derive(Clone, Debug)]
pub struct Doorkeeper {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    clock: Arc<dyn Clock>,
    jwts: Jwts,
    remembered: Arc<Remembered>,
}

impl Doorkeeper {
    /// A doorkeeper of this store, who remembers a right password for so many seconds.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<Hasher>,
        clock: Arc<dyn Clock>,
        jwts: Jwts,
        remember_seconds: u32,
    ) -> Self {
        Self { store, hasher, clock, jwts, remembered: Arc::new(Remembered::new(remember_seconds)) }
    }

    /// Lets the holder of a good credential in.
    ///
    /// # Errors
    /// [`AuthError::Refused`] for a token that is malformed, unknown, replaced, expired or of an erased account, for a JWT
    /// that was not signed here or whose token is not live, for an unknown name and for a wrong password.
    pub async fn admit(&self, credential: &Credential) -> Result<Principal, AuthError> {
        match credential {
            Credential::Token(token) => self.by_token(&Token::parse(token).ok_or(AuthError::Refused)?).await,
            Credential::Jwt(jwt) => self.by_jwt(jwt).await,
            Credential::Basic { username, password } => self.by_basic(username, password).await,
        }
    }

    async fn by_token(&self, token: &Token) -> Result<Principal, AuthError> {
        let issued = self.store.token(&token.hash(), self.clock.now()).await?.ok_or(AuthError::Refused)?;
        Ok(Principal { account: issued.account, grant: issued.grant.clone(), grounds: Grounds::Token(issued) })
    }

    async fn by_jwt(&self, jwt: &str) -> Result<Principal, AuthError> {
        let (account, token) = self.jwts.read(jwt, self.clock.now()).await?;
        let principal = self.by_token(&token).await?;
        if principal.account == account { Ok(principal) } else { Err(AuthError::Refused) }
    }

    async fn by_basic(&self, username: &str, password: &str) -> Result<Principal, AuthError> {
        if let Some(token) = Token::parse(username) {
            match self.by_token(&token).await {
                // Somebody's name may look like a token.
                Err(AuthError::Refused) => {}
                admitted => return admitted,
            }
        }
        let proof = self.verify_remembering(username, password).await?;
        Ok(Principal { account: proof.account.id, grant: Grant::default(), grounds: Grounds::Password(proof.password) })
    }

    /// Verifies a name and its password.
    ///
    /// # Errors
    /// [`AuthError::Refused`], after the same work, for an unknown name and for a wrong password.
    pub async fn verify(&self, username: &str, password: &str) -> Result<Proof, AuthError> {
        let known = self.credentials(username).await?;
        let fits = self.hasher.verify(password, known.as_ref().map(|known| &known.password)).await?;
        match known {
            Some(known) if fits => Ok(Proof { account: known.account, password: known.password }),
            _ => Err(AuthError::Refused),
        }
    }

    /// The same, without bcrypt where this password was verified a moment ago.
    async fn verify_remembering(&self, username: &str, password: &str) -> Result<Proof, AuthError> {
        let (known, now) = (self.credentials(username).await?, self.clock.now());
        let hash = known.as_ref().map(|known| &known.password);
        let fits = match hash {
            Some(hash) if self.remembered.knows(password, hash, now) => true,
            hash => self.hasher.verify_remembering(password, hash, Arc::clone(&self.remembered), now).await?,
        };
        match known {
            Some(known) if fits => Ok(Proof { account: known.account, password: known.password }),
            _ => Err(AuthError::Refused),
        }
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, AuthError> {
        match Username::parse(username) {
            Ok(username) => Ok(self.store.credentials(&username).await?),
            Err(_) => Ok(None),
        }
    }
}
