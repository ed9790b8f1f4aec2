//! The store: the seam behind which accounts, tokens and documents are kept.
//!
//! The contract, which every implementation fulfils and the conformance suite tries on each of them:
//!
//! * A write that returned `Ok` is durable. One that returned an error other than [`StoreError::Unknown`] left nothing
//!   behind.
//! * Writes to one key are atomic; a [`Precondition`] is judged inside the write, and a [`Change`] is worked out inside it.
//! * There is at most one token per (account, client id), under any interleaving; a new one ends the old at once.
//! * Expiry is judged when reading, against the `now` that is passed in: from its `expires_at` on, a token or document
//!   is not there. Removing what expired is housekeeping and is never waited for.
//! * Erasing an account is a tombstone first, then the data; it goes on after a crash. Once it returned, nothing of the
//!   account is left, and no write that was under way brings anything back.
//! * Listings are in bytewise order, and what is there all along is neither missed nor repeated while others come and
//!   go.
//!
//! The store knows no HTTP, checks no password and asks nobody for permission.

mod counts;
pub mod embedded;
mod error;
mod location;
pub mod mongo;
mod plan;
mod traced;

use std::fmt;

use async_trait::async_trait;

pub use counts::{Batches, Counts, EmbeddedCounts, Failures, Inside, MongoCounts, PoolCounts};
pub use error::{Result, StoreError};
pub use location::{InvalidLocation, Location};
pub use plan::{Action, Operation, Outcome};
pub use traced::Traced;

use crate::domain::{
    Account, AccountChange, AccountId, Amounts, Change, ClientId, Document, IssuedToken, Key, KeyRange, NameRange,
    NewAccount, Outline, Page, PasswordHash, Precondition, Query, Revision, Stretch, Timestamp, TokenHash, Usage,
    Username, Value,
};

/// An account with the hash that its password must match; asked for by `auth`, and by `service` for the account alone.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who it is.
    pub account: Account,
    /// What the password must match.
    pub password: PasswordHash,
}

/// A document as somebody wants it to be.
#[derive(Clone, Debug)]
pub struct Write {
    /// The value to keep.
    pub value: Value,
    /// The revision this write makes; made by the caller so that a repeated attempt is recognised.
    pub revision: Revision,
    /// From when on the document is gone; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When the key came into being, where somebody knows better than the store.
    pub created_at: Option<Timestamp>,
    /// When the value was modified, where somebody else than the present knows better.
    pub modified_at: Option<Timestamp>,
}

impl Write {
    /// A write of this value now and for good, as a revision that nobody had before.
    #[must_use]
    pub fn of(value: Value) -> Self {
        Self { value, revision: Revision::random(), expires_at: None, created_at: None, modified_at: None }
    }
}

/// On whose word a token is kept.
#[derive(Clone, Debug)]
pub enum Warrant {
    /// The operator's.
    Operator,
    /// That of somebody who gave the password with this hash; only while it is the account's.
    Password(PasswordHash),
    /// That of the holder of the token with this hash; only while it is live and the account's.
    Token(TokenHash),
}

/// What a successful [`Store::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// There was no live document under the key.
    Created,
    /// A live document was overwritten; its `created_at` stays, unless the write gives another.
    Replaced,
}

/// Keeps accounts, tokens and documents. See the module for the contract that goes beyond single methods.
///
/// Every method may answer [`StoreError::Unavailable`] and [`StoreError::Damaged`], every writing one
/// [`StoreError::Unknown`].
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Registers an account and gives it a number that no account had before, unless it brings one along, which then is
    /// given to no other later.
    /// Of several with one name, one e-mail address or one number, exactly one succeeds.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::EmailTaken`], [`StoreError::NumberTaken`], [`StoreError::AccountGone`]
    /// for an id that is being erased or was a short time ago.
    async fn create_account(&self, new: &NewAccount) -> Result<Account>;

    /// The live account with this identity.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;

    /// The live account with this name, and the hash of its password.
    async fn credentials(&self, name: &Username) -> Result<Option<Credentials>>;

    /// The live accounts within a range, in bytewise order of their names.
    async fn list_accounts(&self, range: &NameRange) -> Result<Page<Account>>;

    /// Changes an account. With a new password, every token that was issued before is ended, except the one to be kept,
    /// which is good all the time.
    ///
    /// # Errors
    /// [`StoreError::AccountGone`], [`StoreError::EmailTaken`], [`StoreError::Warrant`] when the password is not the one
    /// under which the change is to be made.
    async fn update_account(&self, id: AccountId, change: &AccountChange) -> Result<Account>;

    /// Erases an account with its tokens and documents; its name is free again. `false` when there was no live
    /// account. An erasure that was broken off is finished after the next start.
    async fn erase_account(&self, id: AccountId) -> Result<bool>;

    /// Keeps a token in place of the one that its (account, client id) had, if the warrant is good. Of several that are to
    /// follow one token under its own client id, on its own word, exactly one succeeds.
    ///
    /// # Errors
    /// [`StoreError::AccountGone`], [`StoreError::Warrant`].
    async fn put_token(&self, token: &IssuedToken, warrant: &Warrant) -> Result<()>;

    /// The token with this hash, if it is live at `now`.
    async fn token(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>>;

    /// The tokens of an account that are live at `now`, by client id.
    async fn list_tokens(&self, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>>;

    /// Ends the token of (account, client id). `false` when there was none, live or expired and not yet removed.
    async fn delete_token(&self, account: AccountId, client_id: &ClientId) -> Result<bool>;

    /// Ends every token of an account except that of one client id, and tells how many of them were live at `now`.
    async fn delete_other_tokens(&self, account: AccountId, kept: &ClientId, now: Timestamp) -> Result<u64>;

    /// As [`Store::token`], and as [`Store::get`] for the account of the token that was found: both are asked at once.
    async fn read_by_token(
        &self,
        hash: &TokenHash,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(IssuedToken, Option<Document>)>>;

    /// As [`Store::credentials`], and as [`Store::get`] for the account that was found: both are asked at once.
    async fn read_by_name(
        &self,
        name: &Username,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Credentials, Option<Document>)>>;

    /// The document under a key, if it is live at `now`.
    async fn get(&self, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>>;

    /// Creates or overwrites the document under a key, if the condition holds at `now`.
    ///
    /// # Errors
    /// [`StoreError::Precondition`], [`StoreError::AccountGone`], [`StoreError::TooLarge`].
    async fn put(
        &self,
        account: AccountId,
        key: &Key,
        write: &Write,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Written>;

    /// Removes the document under a key, if the condition holds at `now`. `false` when there was none.
    ///
    /// # Errors
    /// [`StoreError::Precondition`].
    async fn delete(&self, account: AccountId, key: &Key, when: Precondition, now: Timestamp) -> Result<bool>;

    /// Makes of the document under a key what the change makes of it, if the condition holds at `now`, and answers what is
    /// there then. No other write comes in between, and none is lost.
    ///
    /// # Errors
    /// [`StoreError::NoDocument`] where the change needs one, whatever the condition; [`StoreError::Precondition`],
    /// [`StoreError::Change`], [`StoreError::AccountGone`], [`StoreError::TooLarge`].
    async fn change(
        &self,
        account: AccountId,
        key: &Key,
        change: &Change,
        when: Precondition,
        now: Timestamp,
    ) -> Result<Document>;

    /// Does all of these at once, one after the other: each sees what those before it did, and nobody sees a part. If one
    /// fails, nothing was changed.
    ///
    /// # Errors
    /// [`StoreError::Operation`] with an error of the single operations, [`StoreError::AccountGone`],
    /// [`StoreError::NoTransactions`].
    async fn apply_all(&self, account: AccountId, operations: &[Operation], now: Timestamp) -> Result<Vec<Outcome>>;

    /// Removes the documents under these keys, one by one, and tells how many of them were live at `now`.
    async fn delete_all(&self, account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64>;

    /// The keys of an account within a range whose documents are live at `now`, in the order of the range.
    async fn list_keys(&self, account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>>;

    /// The documents of an account that a query asks for and that are live at `now`, in the order of its range, as far as
    /// its limits reach. Whoever goes on after `next` until there is none gets each of them once, whatever the limits.
    async fn list_documents(
        &self,
        account: AccountId,
        query: &Query,
        now: Timestamp,
    ) -> Result<Stretch<Vec<(Key, Document)>>>;

    /// How many documents [`Store::list_documents`] would list, on a stretch where it may look at `query.looks` of them;
    /// the other limits do not count.
    async fn count_documents(&self, account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<u64>>;

    /// The documents of an account within a range that are live at `now`, in outline: values of at most `value_bytes` bytes are there, larger ones are not even read.
    async fn list_outlines(
        &self,
        account: AccountId,
        range: &KeyRange,
        value_bytes: u64,
        now: Timestamp,
    ) -> Result<Page<(Key, Outline)>>;

    /// How much an account keeps of what is live at `now`.
    async fn usage(&self, account: AccountId, now: Timestamp) -> Result<Usage>;

    /// Roughly how much there is, found without looking at all of it. What has expired or is being erased counts until it is
    /// removed.
    async fn amounts(&self) -> Result<Amounts>;

    /// What was counted since the store was opened. It goes on counting.
    fn counts(&self) -> &Counts;

    /// The secret of the installation that is kept under this name. When there is none yet, `fresh` is kept and
    /// answered; of several that try at once, all get the same.
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>>;

    /// Answers when the store can be read and written.
    async fn ping(&self) -> Result<()>;

    /// Lets what is under way finish and stops the background work. Afterwards every call is
    /// [`StoreError::Unavailable`].
    async fn close(&self);
}
