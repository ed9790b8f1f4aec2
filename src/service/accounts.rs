//! Accounts: registering, finding, changing, erasing.

use std::sync::Arc;

use super::{Result, ServiceError};
use crate::auth::{Hasher, Owner, Principal, Proof};
use crate::domain::{
    Account, AccountChange, AccountId, Clock, Email, NameRange, NewAccount, Page, Password, Profile, TokenHash,
    Username,
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
            number: None,
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
        self.erase_for(proof.account().id).await.map_err(refused)
    }

    /// The owner's account.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn of(&self, owner: Owner<'_>) -> Result<Account> {
        self.store.account(owner.account()).await?.ok_or(ServiceError::AccountGone)
    }

    /// The number of the account of somebody who was let in: all that is to be seen of it where a document names its
    /// owner.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn number_of(&self, caller: &Principal) -> Result<u64> {
        let account = self.store.account(caller.account()).await?;
        Ok(account.ok_or(ServiceError::AccountGone)?.number)
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

    /// Changes the owner's account; a new password ends its tokens.
    ///
    /// # Errors
    /// [`ServiceError::Password`], [`ServiceError::Email`], [`ServiceError::EmailTaken`], [`ServiceError::Profile`],
    /// [`ServiceError::AccountGone`].
    pub async fn change(&self, owner: Owner<'_>, change: Change) -> Result<Account> {
        self.change_for(owner.account(), change).await
    }

    /// The same on the word of the operator, or of an administrator.
    ///
    /// # Errors
    /// As [`Accounts::change`].
    pub(super) async fn change_for(&self, account: AccountId, change: Change) -> Result<Account> {
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
        let Change { profile, admin, .. } = change;
        let change = AccountChange { email, profile, admin, password, under: None, kept: None };
        Ok(self.store.update_account(account, &change).await?)
    }

    /// Gives an account another password, for somebody who just gave the present one, and ends its tokens. Answers the
    /// proof for the new one.
    ///
    /// # Errors
    /// [`ServiceError::Password`], [`ServiceError::AccountGone`], [`ServiceError::Refused`] when the present password is
    /// another one by now.
    pub async fn change_password(&self, proof: Proof, password: String) -> Result<Proof> {
        self.put_password(proof, password, None).await
    }

    /// The same for an owner who goes on with the token that was presented; every other one ends.
    ///
    /// # Errors
    /// As [`Accounts::change_password`], and [`ServiceError::Refused`] when the proof is that of another account.
    pub async fn change_password_keeping(&self, owner: Owner<'_>, proof: Proof, password: String) -> Result<()> {
        if proof.account().id != owner.account() {
            return Err(ServiceError::Refused);
        }
        let kept = owner.principal().token().map(|token| token.hash);
        self.put_password(proof, password, kept).await.map(drop)
    }

    async fn put_password(&self, proof: Proof, password: String, kept: Option<TokenHash>) -> Result<Proof> {
        let hash = self.hasher.hash(&Password::parse(password)?).await?;
        let under = Some(proof.password().clone());
        let change = AccountChange { password: Some(hash.clone()), under, kept, ..AccountChange::default() };
        self.store.update_account(proof.account().id, &change).await?;
        Ok(proof.with_password(hash))
    }

    /// Erases the owner's account with everything it has.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`] when there is no such account any more.
    pub async fn erase(&self, owner: Owner<'_>) -> Result<()> {
        self.erase_for(owner.account()).await
    }

    /// The same on the word of the operator, of an administrator, or of somebody who gave the password.
    ///
    /// # Errors
    /// As [`Accounts::erase`].
    pub(super) async fn erase_for(&self, account: AccountId) -> Result<()> {
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
