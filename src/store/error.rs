//! What can go wrong in a store, by what the caller can do about it.

use thiserror::Error;

use crate::domain::{ChangeError, Document};

/// The answer of a store that did not do what it was asked.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another live account has this name. Nothing was changed.
    #[error("the username is taken")]
    NameTaken,
    /// Another live account has this e-mail address. Nothing was changed.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another live account has this number. Nothing was changed.
    #[error("the number is taken")]
    NumberTaken,
    /// The account is erased, or being erased, or never was. Nothing is left of the attempt.
    #[error("the account is gone")]
    AccountGone,
    /// What the caller was let in with is good no more: the password was changed, or the token ended. Nothing is left of
    /// the attempt.
    #[error("the credential was changed in the meantime")]
    Warrant,
    /// The condition of the write did not hold; here is the live document, if there is one. Nothing was changed.
    #[error("the condition does not hold")]
    Precondition(Option<Box<Document>>),
    /// There is no live document, and there must be one. Nothing was changed.
    #[error("there is no document")]
    NoDocument,
    /// The present document cannot be changed like this. Nothing was changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// One of several operations failed, so that none of them took effect.
    #[error("operation {index}: {reason}")]
    Operation {
        /// The number of the operation, from 0.
        index: usize,
        /// Why it failed.
        reason: Box<Self>,
    },
    /// This store cannot do several things as one. Nothing was changed.
    #[error("the store has no transactions")]
    NoTransactions,
    /// Larger than the store can keep. Nothing was changed.
    #[error("the document is too large")]
    TooLarge,
    /// The store cannot be reached or is overloaded. Nothing was changed; trying again later is safe.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The answer did not come in time, or the store failed half-way: the write may or may not take effect.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// What is stored cannot be read.
    #[error("the stored data is damaged: {0}")]
    Damaged(String),
}

/// What a store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
