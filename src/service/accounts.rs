//! Accounts: registering, finding, changing, erasing.

use std::sync::Arc;

use super::{Result, ServiceError};
use crate::auth::{Hasher, Principal, Proof};
use crate::domain::{
    Account, AccountChange, AccountId, Clock, Email, NameRange, NewAccount, Page, Password, Profile, Username,
};
use crate::store::Store;

/// Accounts read from the store at once when all of them are wanted.
const PAGE: usize = 500;

/// What somebody registers with, as it came in.
#[derive(Clone, Default)]
pub struct Registration {
    /// Name to log in with.
    pub username: String,
    /// Password.
    pub password: String,
    /// E-mail address, if it was given.
    pub email: Option<String>,
    /// What the person told about themselves.
    pub profile: Profile,
    /// Whether the account may manage others; never taken from a request.
    pub admin: bool,
}

/// What to change about an account, as it came in; `None` leaves a part as it is.
#[derive(Clone, Default)]
pub struct Change {
    /// New e-mail address; empty removes it.
    pub email: Option<String>,
    /// What the person tells about themselves, whole.
    pub profile: Option<Profile>,
    /// New password.
    pub password: Option<String>,
    /// Administrator or not.
    pub admin: Option<bool>,
}

/// The service of accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: Arc<dyn Store>,
    hasher: Arc<Hasher>,
    clock: Arc<dyn Clock>,
}

impl Accounts {
    pub(super) fn new(store: Arc<dyn Store>, hasher: Arc<Hasher>, clock: Arc<dyn Clock>) -> Self {
        Self { store, hasher, clock }
    }

    /// Registers an account.
    ///
    /// # Errors
    /// [`ServiceError::Username`], [`ServiceError::Password`], [`ServiceError::Email`], [`ServiceError::Profile`],
    /// [`ServiceError::NameTaken`], [`ServiceError::EmailTaken`].
    pub async fn register(&self, registration: Registration) -> Result<Account> {
        let username = Username::parse(registration.username)?;
        let password = Password::parse(registration.password)?;
        let email = registration.email.as_deref().map(Email::parse).transpose()?;
        if !registration.profile.is_allowed() {
            return Err(ServiceError::Profile);
        }
        // Asked before hashing, so that a taken name costs nobody a quarter of a second. The store judges again.
        if self.store.credentials(&username).await?.is_some() {
            return Err(ServiceError::NameTaken);
        }
        let new = NewAccount {
            id: AccountId::random(),
            username,
            email,
            profile: registration.profile,
            admin: registration.admin,
            password: self.hasher.hash(&password).await?,
            created_at: self.clock.now(),
        };
        Ok(self.store.create_account(&new).await?)
    }

    /// Erases the account of somebody who just gave its password.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when somebody else erased it meanwhile.
    pub async fn unregister(&self, proof: &Proof) -> Result<()> {
        // Whoever comes second finds no account, and so no password that is right.
        self.erase(proof.account().id).await.map_err(refused)
    }

    /// The account of somebody who was let in.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn of(&self, caller: &Principal) -> Result<Account> {
        self.store.account(caller.account()).await?.ok_or(ServiceError::AccountGone)
    }

    /// The account with this name.
    ///
    /// # Errors
    /// [`ServiceError::NoAccount`].
    pub async fn find(&self, username: &str) -> Result<Account> {
        let username = Username::parse(username)?;
        match self.store.credentials(&username).await? {
            Some(found) => Ok(found.account),
            None => Err(ServiceError::NoAccount(username)),
        }
    }

    /// A page of accounts, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, range: &NameRange) -> Result<Page<Account>> {
        Ok(self.store.list_accounts(range).await?)
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn all(&self) -> Result<Vec<Account>> {
        let mut accounts: Vec<Account> = Vec::new();
        loop {
            let range = NameRange::after(accounts.last().map(|account| &account.username), PAGE);
            let page = self.list(&range).await?;
            accounts.extend(page.items);
            if !page.more {
                return Ok(accounts);
            }
        }
    }

    /// Changes an account; a new password ends its tokens.
    ///
    /// # Errors
    /// [`ServiceError::Password`], [`ServiceError::Email`], [`ServiceError::EmailTaken`], [`ServiceError::Profile`],
    /// [`ServiceError::AccountGone`].
    pub async fn change(&self, account: AccountId, change: Change) -> Result<Account> {
        let email = match change.email.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(email) => Some(Some(Email::parse(email)?)),
        };
        let password = match change.password {
            None => None,
            Some(password) => Some(self.hasher.hash(&Password::parse(password)?).await?),
        };
        if change.profile.as_ref().is_some_and(|profile| !profile.is_allowed()) {
            return Err(ServiceError::Profile);
        }
        let change = AccountChange { email, profile: change.profile, admin: change.admin, password };
        Ok(self.store.update_account(account, &change).await?)
    }

    /// Gives an account another password, for somebody who just gave the present one, and ends its tokens. Answers the
    /// proof for the new one.
    ///
    /// # Errors
    /// [`ServiceError::Password`], [`ServiceError::AccountGone`].
    pub async fn change_password(&self, proof: Proof, password: String) -> Result<Proof> {
        let hash = self.hasher.hash(&Password::parse(password)?).await?;
        let change = AccountChange { password: Some(hash.clone()), ..AccountChange::default() };
        self.store.update_account(proof.account().id, &change).await?;
        Ok(proof.with_password(hash))
    }

    /// Erases an account with everything it has.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`] when there is no such account any more.
    pub async fn erase(&self, account: AccountId) -> Result<()> {
        if self.store.erase_account(account).await? { Ok(()) } else { Err(ServiceError::AccountGone) }
    }
}

/// For somebody who logs in, an account that just went is one that is not there.
pub(super) fn refused(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::AccountGone => ServiceError::Refused,
        other => other,
    }
}
