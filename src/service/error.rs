//! What can go wrong when Keybin does something, by what the caller can do about it. Knows no HTTP.

use thiserror::Error;

use crate::auth::AuthError;
use crate::domain::patch::{IncrementError, PatchError};
use crate::domain::{
    ChangeError, ClientId, Document, InvalidClientId, InvalidEmail, InvalidPassword, InvalidPrefix, InvalidUsername,
    Key, Username, ValueError,
};
use crate::store::StoreError;

/// Why something was not done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Name, password or token are not good.
    #[error("the credential is not good")]
    Refused,
    /// Too many attempts; the next one is let through in so many seconds.
    #[error("too many attempts; try again in {0} s")]
    Throttled(u32),
    /// The text is no username.
    #[error(transparent)]
    Username(#[from] InvalidUsername),
    /// The text is no password.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The text is no client id.
    #[error(transparent)]
    ClientId(#[from] InvalidClientId),
    /// The text is no e-mail address.
    #[error(transparent)]
    Email(#[from] InvalidEmail),
    /// Something that somebody told about themselves is too long, or no text to be shown.
    #[error("A name or gender must be at most 255 bytes without control characters")]
    Profile,
    /// The value is not taken.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Somebody else has the name.
    #[error("another account has this name")]
    NameTaken,
    /// Somebody else has the e-mail address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// Another account has the number.
    #[error("another account has this number")]
    NumberTaken,
    /// The text cannot begin a key.
    #[error(transparent)]
    Prefix(#[from] InvalidPrefix),
    /// The token would live for no time, or for longer than so many seconds.
    #[error("a token for this client id lives for 1 to {0} seconds")]
    Lifetime(u32),
    /// There is no token for the client id.
    #[error("there is no token for the client id {0}")]
    NoToken(ClientId),
    /// The account was erased after the caller was let in.
    #[error("the account is gone")]
    AccountGone,
    /// The caller's token does not reach as far as this.
    #[error("the token does not allow this")]
    NotGranted,
    /// The caller may not do this; the text says why.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// There is no account of this name.
    #[error("there is no account named {0}")]
    NoAccount(Username),
    /// There is no document under the key.
    #[error("there is no document under the key {0}")]
    NoDocument(Key),
    /// There is a document under the key already.
    #[error("there is a document under the key {0} already")]
    DocumentExists(Key),
    /// The stored document was modified as late as the one to be written, or later.
    #[error("the stored document is not older")]
    NotNewer,
    /// The condition of a write does not hold; here is the present document.
    #[error("the condition does not hold")]
    Precondition(Option<Box<Document>>),
    /// The present document cannot be changed like this.
    #[error(transparent)]
    Change(ChangeError),
    /// One of several operations failed, so that none of them took effect.
    #[error("operation {index} failed: {reason}")]
    Operation {
        /// The number of the operation, from 0.
        index: usize,
        /// Why it failed.
        reason: Box<Self>,
    },
    /// The store cannot do several things as one.
    #[error("the database has no transactions")]
    NoTransactions,
    /// What was asked for, all together, is too large for one answer.
    #[error("the answer is too large; ask for less at once")]
    AnswerTooLarge,
    /// Larger than a document may be.
    #[error("the document is too large")]
    TooLarge,
    /// Not done; trying again later is safe. The text is for the log.
    #[error("not available: {0}")]
    Unavailable(String),
    /// Done or not, nobody knows. The text is for the log.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// What is stored cannot be read. The text is for the log.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

/// What a service answers.
pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

impl From<AuthError> for ServiceError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Refused => Self::Refused,
            AuthError::NotGranted => Self::NotGranted,
            AuthError::Throttled(seconds) => Self::Throttled(seconds),
            AuthError::Busy => Self::Unavailable(error.to_string()),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeError> for ServiceError {
    /// What would be wrong with a value that was sent is wrong with one that was made as well.
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Patch(PatchError::Value(error)) | ChangeError::Increment(IncrementError::Value(error)) => {
                Self::Value(error)
            }
            other => Self::Change(other),
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken => Self::NameTaken,
            StoreError::EmailTaken => Self::EmailTaken,
            StoreError::NumberTaken => Self::NumberTaken,
            StoreError::AccountGone => Self::AccountGone,
            // It ended after the caller was let in with it.
            StoreError::Warrant => Self::Refused,
            StoreError::Precondition(present) => Self::Precondition(present),
            // Services that ask for what must be there say which key it was.
            StoreError::NoDocument => Self::Precondition(None),
            StoreError::Change(error) => error.into(),
            StoreError::Operation { index, reason } => Self::Operation { index, reason: Box::new((*reason).into()) },
            StoreError::NoTransactions => Self::NoTransactions,
            StoreError::TooLarge => Self::TooLarge,
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Unknown(why) => Self::Unknown(why),
            StoreError::Damaged(what) => Self::Damaged(what),
        }
    }
}
