//! Changes: what becomes of a document, where that depends on what it is.

use thiserror::Error;

use super::patch::{Increment, IncrementError, Patch, PatchError};
use super::{Document, Revision, Timestamp};

/// What is to become of a document, as a function of the present one.
#[derive(Clone, Debug)]
pub struct Change {
    /// What becomes of the value.
    pub edit: Edit,
    /// From when on the document is gone; `None` for what was said before.
    pub expires_at: Option<Timestamp>,
    /// The revision this change makes; made by the caller so that a repeated attempt is recognised.
    pub revision: Revision,
    /// The largest value that may come of it, in bytes of JSON.
    pub max_value_bytes: usize,
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// It is patched.
    Patch(Patch),
    /// It is added to. Where there is none, one is made.
    Increment(Increment),
    /// It stays, and so does the time of its modification.
    Keep,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The patch cannot be applied.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The number cannot be added to.
    #[error(transparent)]
    Increment(#[from] IncrementError),
}

impl Change {
    /// A change of the value that leaves the expiry as it is, as a revision that nobody had before.
    #[must_use]
    pub fn of(edit: Edit, max_value_bytes: usize) -> Self {
        Self { edit, expires_at: None, revision: Revision::random(), max_value_bytes }
    }

    /// Whether there must be a document to be changed.
    #[must_use]
    pub const fn needs_document(&self) -> bool {
        !matches!(self.edit, Edit::Increment(_))
    }

    /// What becomes of the live document at `now`.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn apply(&self, present: Option<&Document>, now: Timestamp) -> Result<Document, ChangeError> {
        let value = present.map(|document| &document.value);
        let (value, modified_at) = match &self.edit {
            Edit::Patch(patch) => (patch.apply(value, self.max_value_bytes)?, now),
            Edit::Increment(increment) => (increment.apply(value)?, now),
            Edit::Keep => {
                let present = present.ok_or(PatchError::Nothing)?;
                (present.value.clone(), present.modified_at)
            }
        };
        Ok(Document {
            value,
            revision: self.revision,
            created_at: present.map_or(now, |document| document.created_at),
            modified_at,
            expires_at: self.expires_at.or(present.and_then(|document| document.expires_at)),
        })
    }

    /// Roughly how much work it is to change a value of so many bytes of BSON, in bytes that are looked at. `None` where
    /// that cannot be told beforehand.
    #[must_use]
    pub fn work(&self, bytes: usize) -> Option<usize> {
        match &self.edit {
            Edit::Patch(patch) => patch.work(bytes),
            Edit::Increment(_) | Edit::Keep => Some(bytes),
        }
    }
}
