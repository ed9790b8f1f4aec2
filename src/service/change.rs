//! Changes of documents: what becomes of them depends on what they are.

use super::documents::writes;
use super::{Documents, Result, ServiceError};
use crate::auth::Principal;
use crate::domain::patch::{Increment, IncrementError, Patch, PatchError};
use crate::domain::{Change, ChangeError, Document, Edit, Key, Precondition, Timestamp, Value};
use crate::store::StoreError;

/// How a patch is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// JSON merge patch (RFC 7396).
    Merge,
    /// JSON patch (RFC 6902).
    Json,
}

/// What is to become of a value, as it was sent.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'j> {
    /// It is patched, with this JSON.
    Patch(PatchKind, &'j [u8]),
    /// A number is added to; both are JSON numbers.
    Increment {
        /// What is added; 1 if nothing is said.
        by: Option<&'j [u8]>,
        /// What a missing document counts as; 0 if nothing is said.
        initial: Option<&'j [u8]>,
    },
    /// It stays as it is, and only the time of its expiry is another.
    Keep,
}

impl Documents {
    /// Changes the document under a key, if the condition holds, and answers what is there then. The time at which it
    /// expires stays, unless another one is given.
    ///
    /// # Errors
    /// [`ServiceError::NoDocument`] for all but an increment, [`ServiceError::Precondition`] with what is there,
    /// [`ServiceError::Change`], [`ServiceError::Value`], [`ServiceError::TooLarge`], [`ServiceError::AccountGone`].
    pub async fn change(
        &self,
        caller: &Principal,
        key: &Key,
        wish: Wish<'_>,
        expires_at: Option<Timestamp>,
        when: Precondition,
    ) -> Result<Document> {
        writes(caller, key)?;
        let change = self.change_of(wish, expires_at)?;
        match self.store.change(caller.account(), key, &change, when, self.clock.now()).await {
            Err(StoreError::NoDocument) => Err(ServiceError::NoDocument(key.clone())),
            outcome => Ok(outcome?),
        }
    }

    /// Reads what is wished.
    pub(super) fn change_of(&self, wish: Wish<'_>, expires_at: Option<Timestamp>) -> Result<Change> {
        let change = Change::of(edit(wish)?, self.max_value_bytes);
        Ok(Change { expires_at, ..change })
    }
}

/// The size of what is read was limited with the request.
fn edit(wish: Wish<'_>) -> Result<Edit> {
    let of_patch = |error: PatchError| ServiceError::from(ChangeError::Patch(error));
    let of_increment = |error: IncrementError| ServiceError::from(ChangeError::Increment(error));
    let number = |json: Option<&[u8]>| json.map(|json| Value::from_json(json, usize::MAX)).transpose();
    Ok(match wish {
        Wish::Patch(PatchKind::Merge, json) => Edit::Patch(Patch::parse_merge(json, usize::MAX).map_err(of_patch)?),
        Wish::Patch(PatchKind::Json, json) => Edit::Patch(Patch::parse_json(json, usize::MAX).map_err(of_patch)?),
        Wish::Increment { by, initial } => {
            let (by, initial) = (number(by)?, number(initial)?);
            Edit::Increment(Increment::new(by.as_ref(), initial.as_ref()).map_err(of_increment)?)
        }
        Wish::Keep => Edit::Keep,
    })
}
