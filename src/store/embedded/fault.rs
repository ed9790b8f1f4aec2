//! What can go wrong inside a transaction, and what the caller hears of it.

use crate::store::StoreError;

/// Why an operation did not do its work.
#[derive(Debug)]
pub(super) enum Fault {
    /// The operation itself says no, and has changed nothing. Others in its transaction are not concerned.
    Refused(StoreError),
    /// The database failed: nothing of the transaction can be kept.
    Broken(Box<redb::Error>),
}

impl Fault {
    /// What somebody who was only reading hears.
    pub(super) fn of_a_reading(self) -> StoreError {
        match self {
            Self::Refused(answer) => answer,
            Self::Broken(error) if is_damage(&error) => damaged(error),
            Self::Broken(error) => unavailable(error),
        }
    }

    /// Whether the database itself may be out of order, rather than what was asked of it or what is stored.
    pub(super) fn is_doubtful(&self) -> bool {
        matches!(self, Self::Broken(error) if !is_damage(error))
    }
}

/// Whether opening the file once more would change nothing.
pub(super) fn is_damage(error: &redb::Error) -> bool {
    matches!(
        error,
        redb::Error::Corrupted(_)
            | redb::Error::ValueTooLarge(_)
            | redb::Error::TableDoesNotExist(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
    )
}

/// The answer where a record cannot be read.
pub(super) fn damaged(what: impl ToString) -> StoreError {
    StoreError::Damaged(what.to_string())
}

/// The answer where nothing was done, for a reason that passes.
pub(super) fn unavailable(why: impl ToString) -> StoreError {
    StoreError::Unavailable(why.to_string())
}

impl From<StoreError> for Fault {
    fn from(answer: StoreError) -> Self {
        Self::Refused(answer)
    }
}

impl From<redb::StorageError> for Fault {
    fn from(error: redb::StorageError) -> Self {
        Self::Broken(Box::new(error.into()))
    }
}

impl From<redb::TableError> for Fault {
    fn from(error: redb::TableError) -> Self {
        Self::Broken(Box::new(error.into()))
    }
}

impl From<redb::TransactionError> for Fault {
    fn from(error: redb::TransactionError) -> Self {
        Self::Broken(Box::new(error.into()))
    }
}
