//! The doorkeeper: judges credentials.

use std::sync::Arc;

use super::remember::Remembered;
use super::throttle::{Guess, Throttle};
use super::{Address, AuthError, Counts, Credential, Hasher, Jwts, ThrottleSettings};
use crate::domain::{
    Account, AccountId, ClientId, Clock, Document, Grant, IssuedToken, Key, PasswordHash, Token, TokenHash, Username,
};
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

/// Somebody who was let in to read under one key, and what is there.
#[derive(Clone, Debug)]
pub struct Lookup {
    principal: Principal,
    key: Key,
    document: Option<Document>,
}

impl Lookup {
    /// Who it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The document, if there is one, and the key.
    ///
    /// # Errors
    /// [`AuthError::NotGranted`] when the principal may not read it.
    pub fn open(self) -> Result<(Key, Option<Document>), AuthError> {
        if self.principal.grant.reads(&self.key) { Ok((self.key, self.document)) } else { Err(AuthError::NotGranted) }
    }
}

/// Who was let in, and what is under the key that was asked about.
type Entered = Result<(Principal, Option<Document>), AuthError>;

/// Judges credentials against the store.
#[derive(Clone, Debug)]
pub struct Doorkeeper {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    clock: Arc<dyn Clock>,
    jwts: Jwts,
    remembered: Arc<Remembered>,
    throttle: Arc<Throttle>,
}

/// What a doorkeeper is set to.
#[derive(Clone, Copy, Debug)]
pub struct DoorkeeperSettings {
    /// For how many seconds a right password is remembered.
    pub remember_seconds: u32,
    /// How often one may try.
    pub throttle: ThrottleSettings,
}

impl Doorkeeper {
    /// A doorkeeper of this store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<Hasher>,
        clock: Arc<dyn Clock>,
        jwts: Jwts,
        settings: DoorkeeperSettings,
    ) -> Self {
        let remembered = Arc::new(Remembered::new(settings.remember_seconds));
        let throttle = Arc::new(Throttle::new(settings.throttle));
        Self { store, hasher, clock, jwts, remembered, throttle }
    }

    /// Lets the holder of a good credential in.
    ///
    /// # Errors
    /// [`AuthError::Refused`] for a token that is malformed, unknown, replaced, expired or of an erased account, for a JWT
    /// that was not signed here or whose token is not live, for an unknown name and for a wrong password.
    /// [`AuthError::Throttled`] for a password after too many wrong ones.
    pub async fn admit(&self, credential: &Credential, from: Address) -> Result<Principal, AuthError> {
        self.enter(credential, from, None).await.map(|(principal, _)| principal)
    }

    /// The same for somebody who wants to read the document under a key, which is looked up while the credential is
    /// judged. It is theirs to see only once it was found good.
    ///
    /// # Errors
    /// Those of [`Doorkeeper::admit`].
    pub async fn admit_to_read(&self, credential: &Credential, from: Address, key: &Key) -> Result<Lookup, AuthError> {
        let (principal, document) = self.enter(credential, from, Some(key)).await?;
        Ok(Lookup { principal, key: key.clone(), document })
    }

    async fn enter(&self, credential: &Credential, from: Address, key: Option<&Key>) -> Entered {
        match credential {
            Credential::Token(token) => {
                self.by_token(&Token::parse(token).ok_or(AuthError::Refused)?.hash(), key).await
            }
            Credential::Jwt(jwt) => self.by_jwt(jwt, key).await,
            Credential::Basic { username, password } => self.by_basic(username, password, from, key).await,
        }
    }

    async fn by_token(&self, hash: &TokenHash, key: Option<&Key>) -> Entered {
        let now = self.clock.now();
        let found = match key {
            Some(key) => self.store.read_by_token(hash, key, now).await?,
            None => self.store.token(hash, now).await?.map(|issued| (issued, None)),
        };
        let (issued, document) = found.ok_or(AuthError::Refused)?;
        let principal =
            Principal { account: issued.account, grant: issued.grant.clone(), grounds: Grounds::Token(issued) };
        Ok((principal, document))
    }

    async fn by_jwt(&self, jwt: &str, key: Option<&Key>) -> Entered {
        let signed = self.jwts.read(jwt, self.clock.now()).await?;
        let entered = self.by_token(&signed.token, key).await?;
        if entered.0.account == signed.account { Ok(entered) } else { Err(AuthError::Refused) }
    }

    async fn by_basic(&self, username: &str, password: &str, from: Address, key: Option<&Key>) -> Entered {
        if let Some(token) = Token::parse(username) {
            match self.by_token(&token.hash(), key).await {
                // Somebody's name may look like a token.
                Err(AuthError::Refused) => {}
                entered => return entered,
            }
        }
        let (proof, document) = self.verify_remembering(username, password, from, key).await?;
        let principal = Principal {
            account: proof.account.id,
            grant: Grant::default(),
            grounds: Grounds::Password(proof.password),
        };
        Ok((principal, document))
    }

    /// Verifies a name and its password.
    ///
    /// # Errors
    /// [`AuthError::Refused`], after the same work, for an unknown name and for a wrong password; without that work
    /// [`AuthError::Throttled`] after too many of either, and for too many right ones.
    pub async fn verify(&self, username: &str, password: &str, from: Address) -> Result<Proof, AuthError> {
        let now = self.clock.now();
        let guess = self.throttle.guess(username, from, now)?;
        let known = self.credentials(username).await?;
        let fits = self.hasher.verify(password, known.as_ref().map(|known| &known.password)).await?;
        match known {
            Some(known) if fits => {
                self.throttle.log_in(known.account.id, now)?;
                Ok(Proof { account: known.account, password: known.password })
            }
            _ => Err(wrong(guess)),
        }
    }

    /// The same, without bcrypt where this password was verified a moment ago, and with the document under a key. Whoever
    /// sends the right password with every request can do so as often as they like.
    async fn verify_remembering(
        &self,
        username: &str,
        password: &str,
        from: Address,
        key: Option<&Key>,
    ) -> Result<(Proof, Option<Document>), AuthError> {
        let now = self.clock.now();
        let found = match (key, Username::parse(username)) {
            (Some(key), Ok(username)) => self.store.read_by_name(&username, key, now).await?,
            _ => self.credentials(username).await?.map(|known| (known, None)),
        };
        let hash = found.as_ref().map(|(known, _)| &known.password);
        if !hash.is_some_and(|hash| self.remembered.knows(password, hash, now)) {
            let guess = self.throttle.guess(username, from, now)?;
            if !self.hasher.verify_remembering(password, hash, Arc::clone(&self.remembered), now).await? {
                return Err(wrong(guess));
            }
        }
        let (Credentials { account, password }, document) = found.ok_or(AuthError::Refused)?;
        Ok((Proof { account, password }, document))
    }

    /// Lets somebody register.
    ///
    /// # Errors
    /// [`AuthError::Throttled`] after too many registrations from there.
    pub fn admit_registration(&self, from: Address) -> Result<(), AuthError> {
        self.throttle.register(from, self.clock.now())
    }

    /// What is counted about passwords and attempts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { passwords: self.hasher.counts().clone(), throttled: self.throttle.counts().clone() }
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>, AuthError> {
        match Username::parse(username) {
            Ok(username) => Ok(self.store.credentials(&username).await?),
            Err(_) => Ok(None),
        }
    }
}

fn wrong(guess: Guess<'_>) -> AuthError {
    guess.was_wrong();
    AuthError::Refused
}
